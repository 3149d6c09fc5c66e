//! `mailseal doctor`: one letter, two copies, and what it refuses.

use std::fs;
use std::path::Path;

use crate::people::{Shell, error, expect};

fn shell() -> Shell {
    let shell = Shell::with_letters();
    let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/letters");
    for name in ["doctor-field.eml", "doctor-footer.eml", "smime-altered.eml", "unsigned.eml"] {
        shell.file(name, &fs::read(letters.join(name)).unwrap());
    }
    shell
}

#[test]
fn one_letter() {
    let shell = shell();
    let page = expect(1, &shell.run("doctor --at @1800000000 doctor-field.eml"));
    assert!(page.contains("X-Inspected") && page.contains("verdict stays BAD"), "{page}");
    let page = expect(1, &shell.in_japanese("doctor --at @1800000000 doctor-field.eml"));
    assert!(page.contains("X-Inspected") && page.contains("これは診断です"), "{page}");
    for (letter, status, outcome) in [
        ("openssl.eml", 0, "intact"),
        ("doctor-field.eml", 1, "explained"),
        ("--cert gpg-carol.asc doctor-footer.eml", 1, "mixed"),
        ("smime-altered.eml", 1, "unexplained"),
        ("doctor-footer.eml", 1, "untested"),
        ("unsigned.eml", 1, "not_signed"),
    ] {
        let lines = shell.json(status, &format!("doctor --json --at @1800000000 {letter}"));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["outcome"], outcome, "{letter}");
    }
    let piped = shell.piped("doctor --json --at @1800000000", &shell.path("openssl.eml"));
    assert!(expect(0, &piped).contains("intact"));
    // A diagnosis is no verdict: what verify says stays.
    expect(1, &shell.run("verify --anchor openssl-ca.pem --at @1800000000 doctor-field.eml"));
}

#[test]
fn two_copies_and_a_profile() {
    let shell = shell();
    let page = expect(1, &shell.run("doctor --sent openssl.eml --received doctor-field.eml"));
    assert!(page.contains("X-Inspected"), "{page}");
    expect(0, &shell.run("doctor --sent openssl.eml --received openssl.eml"));

    let measure =
        "doctor --sent openssl.eml --received doctor-field.eml --profile p.json --service relay.example";
    expect(1, &shell.run(measure));
    let profile: serde_json::Value = serde_json::from_slice(&shell.read("p.json")).unwrap();
    assert_eq!(profile["service"], "relay.example");
    assert_eq!(profile["changes"][0]["kind"], "part_header_added");
    // What is there is replaced on demand alone.
    fs::write(shell.path("p.json"), "mine").unwrap();
    assert_eq!(shell.run(measure).status.code(), Some(2));
    assert_eq!(shell.read("p.json"), b"mine");
    expect(1, &shell.run(&format!("{measure} --force")));
    assert_ne!(shell.read("p.json"), b"mine");
}

#[test]
fn what_is_refused() {
    let shell = shell();
    for words in [
        "doctor missing.eml",
        "doctor --sent openssl.eml",
        "doctor --received openssl.eml",
        "doctor --sent openssl.eml --received missing.eml",
        "doctor --sent openssl.eml --received gpg.eml openssl.eml",
        "doctor --profile p.json --service x openssl.eml",
        "doctor --sent openssl.eml --received gpg.eml --profile p.json",
    ] {
        let output = shell.run(words);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(!error(&output).is_empty() && output.stdout.is_empty(), "{words}");
    }
    assert!(!shell.path("p.json").exists());
}
