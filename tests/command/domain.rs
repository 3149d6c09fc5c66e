//! The sending domain at the shell, over a DNS server of our own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::knot::{Knot, txt};
use crate::support::{Program, tool};

const LETTER: &str = "From: joe@example.com\r\nTo: a@example.net\r\nSubject: Hi\r\n\r\nHello\r\n";

fn mailseal(folder: &Path, language: &str, words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    command.current_dir(folder).env("LC_ALL", language).args(words.split_ascii_whitespace()).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn signed_published_examined_and_checked() {
    let Some(openssl) = tool("openssl") else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str| mailseal(folder.path(), "C.UTF-8", words);
    let openssl = |words: &str| Program::new(&openssl).folder(folder.path()).words(words).ok();
    openssl("genrsa -out key.pem 2048");
    let public = String::from_utf8(openssl("rsa -in key.pem -pubout")).unwrap();
    let public: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    fs::write(folder.path().join("draft.eml"), LETTER).unwrap();

    let dkim = "--dkim-key key.pem --dkim-domain example.com --dkim-selector s";
    let signed = run(&format!("sign {dkim} --out signed.eml draft.eml"));
    assert!(signed.status.success(), "{}", text(&signed));
    let letter = fs::read_to_string(folder.path().join("signed.eml")).unwrap();
    assert!(letter.starts_with("DKIM-Signature: ") && letter.ends_with(LETTER), "{letter}");

    let zone = txt("s._domainkey.example.com", &format!("v=DKIM1; k=rsa; p={public}"))
        + "example.com. TXT \"v=spf1 ip4:192.0.2.1 ?all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n";
    let Some(knot) = Knot::start(&zone) else { return };
    let check = format!(
        "verify --check-domain --dns {} --client-address 192.0.2.1 --helo h.example.com --envelope-from joe@example.com",
        knot.address
    );
    let page = text(&run(&format!("{check} signed.eml")));
    assert!(page.contains("example.com stands behind it (DMARC pass, DKIM pass, SPF pass);"), "{page}");
    let japanese = text(&mailseal(folder.path(), "ja_JP.UTF-8", &format!("{check} signed.eml")));
    assert!(japanese.contains("送信元"), "{japanese}");
    let json: Value = serde_json::from_slice(&run(&format!("{check} --json signed.eml")).stdout).unwrap();
    assert_eq!(json["report"]["domain"]["dkim"][0]["selector"], "s");
    assert_eq!(json["report"]["domain"]["source"]["kind"], "checked");
    assert_eq!(json["verdict"]["outcome"], "none", "a domain is nobody");

    let examine = format!("doctor --domain example.com --selector s --dns {}", knot.address);
    let examined = run(&examine);
    assert_eq!(examined.status.code(), Some(1));
    for word in ["spf_neutral_all", "set  -all", "dmarc_no_reports", "mta_sts_missing"] {
        assert!(text(&examined).contains(word), "{word}: {}", text(&examined));
    }
    assert!(!text(&examined).contains("dkim_"), "{}", text(&examined));
    let json: Value = serde_json::from_slice(&run(&format!("{examine} --json")).stdout).unwrap();
    assert_eq!(json["findings"][0]["advice"], "spf_neutral_all");
}
