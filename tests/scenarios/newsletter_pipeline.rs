//! From Alice's Maildir by SMTP to Postfix, and from there into another Maildir.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::command::{json, judged, run, said};
use crate::postfix::{Postfix, is_there};
use crate::smtp::Smtp;
use crate::story::Story;
use crate::support::pki::{KeyType, Leaf, Pki};

const ALICE: &str = "alice@example.org";
const BOX: &str =
    "virtual_mailbox_domains = box.test\nvirtual_mailbox_maps = inline:{ { @box.test = bob/ } }\n";
const LINKS: &str = "/^(.*)https:\\/\\/(.*)$/ REPLACE ${1}https://click.example/?to=$2\n";

#[test]
fn newsletter_pipeline() {
    let Some(pki) = Pki::new() else { return };
    if !is_there() {
        return;
    }
    let story = Story::of("newsletter_pipeline");
    let alice = pki.leaf(ALICE, KeyType::P256);
    let mut outcomes = Vec::new();
    for row in story.rows() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (seen, outcome) = through(folder.path(), &pki, &alice, row.contains("links"));
        story.row_ends(row, seen);
        outcomes.push(outcome);
    }
    story.ends(outcomes);
}

/// What is told of what is signed and of the next letter, and the outcome of the one that went through.
fn through(folder: &Path, pki: &Pki, alice: &Leaf, links: bool) -> (Vec<String>, String) {
    let key = [&alice.key, &alice.chain].map(|path| fs::read(path).unwrap()).concat();
    fs::write(folder.join("alice.pem"), key).unwrap();
    fs::copy(pki.root(), folder.join("root.pem")).unwrap();
    let text = "Gr\u{fc}\u{df}e  \nFrom here on: https://example.org/parcels\n.\n-- \nAlice";
    let draft = format!("From: {ALICE}\nTo: Reader <reader@box.test>\nSubject: News\n\n{text}\n");
    fs::write(folder.join("draft.eml"), draft).unwrap();
    let probe = run(folder, &words_of("probe", ""));
    assert!(probe.status.success(), "{}", said(&probe));
    let sent = fs::read_dir(folder.join("probe/new")).unwrap().next().unwrap().unwrap().path();
    let letter = fs::read(&sent).unwrap();

    let rules = folder.join("links");
    fs::write(&rules, LINKS).unwrap();
    let checks = if links { format!("body_checks = regexp:{}\n", rules.display()) } else { String::new() };
    let postfix = Postfix::start(folder, "pipeline", &[], &format!("{BOX}{checks}"));
    assert_eq!(Smtp::connect(postfix.port, None).send(ALICE, "reader@box.test", &letter).code, 250);
    let arrived = postfix.wait_for(1, Duration::from_secs(60)).remove(0);
    fs::write(folder.join("arrived.eml"), &arrived).unwrap();

    let compare = format!("doctor --sent {} --received arrived.eml --service pipeline", sent.display());
    let compared = run(folder, &format!("{compare} --profile profile.json"));
    assert!(matches!(compared.status.code(), Some(0 | 1)), "{}", said(&compared));
    let profile: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("profile.json")).unwrap()).unwrap();
    assert_eq!(profile["signed"], true);
    let same = if profile["content_unchanged"] == true { "the same" } else { "another" };
    let verify = pki.openssl("cms -verify -CAfile root.pem -out /dev/null").input(&arrived).run();
    assert_eq!(verify.succeeded, !links, "{}", verify.stderr);

    let sending = run(folder, &words_of("next", "--service profile.json --json"));
    let mut seen = vec![same.to_owned()];
    if sending.status.success() {
        seen.push("sent".to_owned());
    } else {
        assert!(!folder.join("next").exists() && !folder.join("next.journal").exists());
        let refused = json(&sending)["refused"].as_array().unwrap().clone();
        seen.push("refused".to_owned());
        seen.extend(refused.iter().map(|change| change["kind"].as_str().unwrap().to_owned()));
    }
    let verdict = json(&run(folder, "verify --no-trust-folder --anchor root.pem --json arrived.eml"));
    (seen, judged(&verdict).remove(0))
}

fn words_of(place: &str, more: &str) -> String {
    format!("bulk --key alice.pem --journal {place}.journal --maildir {place} {more} draft.eml")
}
