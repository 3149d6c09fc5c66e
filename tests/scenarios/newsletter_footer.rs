//! The service is Python's `email`, which reads a letter and writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{json, judged, run, run_in, said};
use crate::story::Story;
use crate::support::pki::{KeyType, Pki};
use crate::support::{Program, tool};

const ALICE: &str = "alice@example.org";

const SERVICE: &str = r#"
import email, email.policy, sys
what, sent, received = sys.argv[1:]
letter = email.message_from_bytes(open(sent, 'rb').read(), policy=email.policy.SMTP)
texts = [part for part in letter.walk() if part.get_content_maintype() == 'text']
for part in texts:
    text = part.get_payload()
    if what == 'adds a footer':
        text += '-- \nTo unsubscribe: https://lists.example/leave\n'
    if what == 'leads links through a counter':
        text = text.replace('https://', 'https://click.service.example/?to=https://')
    part.set_payload(text)
if what == 'writes another From':
    letter.replace_header('From', '"Alice via Service" <bounces@service.example>')
    letter['Reply-To'] = 'alice@example.org'
octets = letter.as_bytes() if what != 'adds traces to the header' else open(sent, 'rb').read()
open(received, 'wb').write(b'Received: from a by mx.service.example; Sun, 22 Nov 2026 10:02:00 +0000\r\n' + octets)
"#;

#[test]
fn newsletter_footer() {
    let (Some(pki), Some(python)) = (Pki::new(), tool("python3")) else { return };
    let story = Story::of("newsletter_footer");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let alice = pki.leaf(ALICE, KeyType::P256);
    let key = [&alice.key, &alice.chain].map(|path| fs::read(path).unwrap()).concat();
    fs::write(folder.join("alice.pem"), key).unwrap();
    fs::copy(pki.root(), folder.join("root.pem")).unwrap();
    let text = "Dear reader,\n\nthe parcel leaves on Monday: https://example.org/parcels\n";
    let draft = format!("From: {ALICE}\nTo: Reader <reader@example.net>\nSubject: News\n\n{text}");
    fs::write(folder.join("draft.eml"), draft).unwrap();
    sent(folder, "probe", "");
    let probe = only(&folder.join("probe/new"));

    for row in story.rows() {
        let service = Program::new(&python).folder(folder).arg("-c").arg(SERVICE).arg(row);
        service.arg(&probe).arg("received.eml").ok();
        let words = format!("doctor --sent {} --received received.eml --force", probe.display());
        let compared = run(folder, &format!("{words} --service service.example --profile service.json"));
        assert!(matches!(compared.status.code(), Some(0 | 1)), "{}", said(&compared));
        let sending = run(folder, &words_of("out", "--service service.json --json"));
        if sending.status.success() {
            assert_eq!(fs::read_dir(folder.join("out/new")).unwrap().count(), 1, "{row}");
            story.row_ends(row, ["sent"]);
            continue;
        }
        assert_eq!(sending.status.code(), Some(1), "{}", said(&sending));
        assert!(!folder.join("out").exists() && !folder.join("out.journal").exists(), "{row}");
        let refused = json(&sending)["refused"].as_array().unwrap().clone();
        let first = refused.iter().map(|change| change["kind"].as_str().unwrap().to_owned()).find(|kind| {
            // What is written anew on the way is told as well.
            ["footer_added", "from_rewritten", "links_rewritten"].contains(&kind.as_str())
        });
        story.row_ends(row, ["refused".to_owned(), first.unwrap_or_else(|| format!("{refused:?}"))]);
        if row == "adds a footer" {
            story.says(&said(&run(folder, &words_of("out", "--service service.json"))));
            let japanese = run_in("ja_JP.UTF-8", folder, &words_of("out", "--service service.json"));
            assert!(said(&japanese).contains("フッターが追加されました"), "{}", said(&japanese));
            fs::copy(folder.join("received.eml"), folder.join("footer.eml")).unwrap();
        }
    }

    let letter = "--no-trust-folder --anchor root.pem --json footer.eml";
    let outcome = judged(&json(&run(folder, &format!("verify {letter}")))).remove(0);
    let diagnosis = json(&run(folder, &format!("doctor {letter}")));
    let causes = diagnosis["changes"].as_array().unwrap_or_else(|| panic!("{diagnosis}"));
    let cause =
        causes.iter().map(|change| change["kind"].as_str().unwrap()).find(|kind| *kind == "footer_added");
    story.ends([outcome.as_str(), cause.unwrap_or("another")]);
}

fn words_of(place: &str, more: &str) -> String {
    format!("bulk --key alice.pem --journal {place}.journal --maildir {place} {more} draft.eml")
}

fn sent(folder: &Path, place: &str, more: &str) {
    let output = run(folder, &words_of(place, more));
    assert!(output.status.success(), "{}", said(&output));
}

fn only(folder: &Path) -> PathBuf {
    fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}
