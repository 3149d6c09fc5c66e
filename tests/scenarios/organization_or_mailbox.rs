use std::fs;

use crate::command::{json, run, run_in, said};
use crate::story::Story;
use crate::support::pki::{KeyType, Pki, Profile};

const NOTICE: &str = "notice@bank.example";

#[test]
fn organization_or_mailbox() {
    let Some(pki) = Pki::new() else { return };
    let story = Story::of("organization_or_mailbox");
    let folder = tempfile::tempdir().unwrap();
    fs::copy(pki.root(), folder.path().join("root.pem")).unwrap();
    let profiles = [("the organization", Profile::Organization), ("the mailbox", Profile::Mailbox)];
    let (mut shown, mut texts) = (String::new(), Vec::new());
    for (row, profile) in profiles {
        let leaf = pki.leaf_with(NOTICE, KeyType::P256, profile);
        let signing = pki.openssl("cms -sign -binary -md sha256 -certfile intermediate.pem -signer");
        let signing = signing.arg(&leaf.certificate).words("-inkey").arg(&leaf.key);
        let content = b"Content-Type: text/plain\r\n\r\nYour statement.\r\n";
        let signed = String::from_utf8(signing.input(content).ok()).unwrap();
        fs::write(folder.path().join("letter.eml"), format!("From: {NOTICE}\n{signed}")).unwrap();

        let verify = "verify --anchor root.pem letter.eml";
        let english = said(&run(folder.path(), verify));
        shown.push_str(&english);
        shown.push_str(&said(&run_in("ja_JP.UTF-8", folder.path(), verify)));
        let seen = json(&run(folder.path(), "verify --json --anchor root.pem letter.eml"));
        let signer = &seen["report"]["layers"][0]["signatures"][0]["signer"];
        let seen = [&seen["verdict"]["outcome"], &signer["assurance"]];
        story.row_ends(row, seen.map(|word| word.as_str().unwrap_or("none")));
        texts.push(english);
    }
    story.says(&shown);
    let who = |text: &str| -> Vec<String> {
        let of_signer = |line: &&str| line.contains("Signed by") || line.contains("validated");
        text.lines().filter(of_signer).map(str::to_owned).collect()
    };
    let (one, other) = (who(&texts[0]), who(&texts[1]));
    assert_eq!((one.len(), other.len()), (2, 2), "{texts:?}");
    let good = if texts.iter().all(|text| text.contains("GOOD")) { "good" } else { "not good" };
    let same = one.iter().filter(|line| other.contains(line)).count();
    story.ends([good.to_owned(), same.to_string()]);
}
