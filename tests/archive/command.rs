//! `mailseal verify --evidence` and `mailseal evidence check`; and by hand, as the README in the archive says.

use std::path::Path;
use std::process::{Command, Output};

use crate::members;
use crate::support::{Program, tool};

struct Shell(tempfile::TempDir);

impl Shell {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["openssl.eml", "openssl-ca.pem", "gpg.eml", "gpg-carol.asc", "openssl-encrypted.eml", "bob.pem"]
        {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters").join(name);
            std::fs::copy(from, folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
        command
            .current_dir(self.0.path())
            .env("LC_ALL", "C")
            .env("MAILSEAL_TRUST", self.0.path().join("trust"))
            .args(words.split_ascii_whitespace());
        command.output().unwrap()
    }

    #[track_caller]
    fn status(&self, words: &str, status: i32) -> String {
        let output = self.run(words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words}: {said}{complaint}");
        said + &complaint
    }

    fn has(&self, name: &str) -> bool {
        self.0.path().join(name).exists()
    }
}

#[test]
fn the_status_of_verify_stays_and_check_has_its_own() {
    let shell = Shell::new();
    shell.status("verify --at @1800000000 --anchor openssl-ca.pem --evidence good.tar openssl.eml", 0);
    shell.status("verify --at @1800000000 --evidence unknown.tar openssl.eml", 1);
    let said = shell.status("evidence check good.tar", 0);
    assert!(said.contains("the archive's own") && said.contains("same"), "{said}");
    let said = shell.status("evidence check --anchor openssl-ca.pem good.tar", 0);
    assert!(said.contains("yours"), "{said}");
    let said = shell.status("evidence check unknown.tar", 1);
    assert!(said.contains("same"), "not good, and so it was: {said}");
    let said = shell.status("evidence check --anchor gpg-carol.asc good.tar", 1);
    assert!(said.contains("the outcome was good, and is caution"), "{said}");
    let json = shell.status("evidence check --json good.tar", 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["same"], &json["trust"], &json["then"]["outcome"]),
        (&true.into(), &"archive".into(), &"good".into())
    );
    assert_eq!(json["verdict"]["outcome"], "good");
    let said = shell.status("evidence check --anchor openssl-ca.pem=*@example.net good.tar", 1);
    assert!(said.contains("differs"), "{said}");
    shell.status("evidence check --trust nobody good.tar", 1);
    shell.status("evidence check openssl.eml", 2);
    shell.status("evidence check nowhere.tar", 2);
    shell.status(
        "verify --at @1800000000 --policy strict --anchor openssl-ca.pem --evidence strict.tar openssl.eml",
        1,
    );
    assert!(shell.status("evidence check strict.tar", 1).contains("same"));
}

#[test]
fn nothing_is_written_where_not_all_can_be() {
    let shell = Shell::new();
    shell.status("verify --evidence nowhere/x.tar openssl.eml", 2);
    shell.status("verify --evidence x.tar nothing.eml", 2);
    let said = shell.status("verify --evidence x.tar openssl.eml gpg.eml", 2);
    assert!(said.contains("--evidence takes one message"), "{said}");
    // What was decrypted cannot be shown to others without the plaintext or the key.
    shell.status("decrypt --key bob.pem --evidence x.tar openssl-encrypted.eml", 2);
    assert!(!shell.has("x.tar") && !shell.has("nowhere"));
}

#[test]
fn the_report_is_the_one_that_json_prints() {
    // But for what is told to other programs.
    let without_jmap = |line: String| match (line.find("\"jmap\":"), line.find("\"report\":")) {
        (Some(start), Some(end)) => format!("{}{}", &line[..start], &line[end..]),
        _ => line,
    };
    let shell = Shell::new();
    let words = "verify --json --at @1800000000 --anchor openssl-ca.pem";
    let printed = shell.status(&format!("{words} --evidence x.tar openssl.eml"), 0);
    let members = members(&shell.0.path().join("x.tar"));
    let kept = &members.iter().find(|(name, _)| name == "report.json").unwrap().1;
    assert_eq!(String::from_utf8_lossy(kept), without_jmap(printed.clone()));
    assert_eq!(shell.status(&format!("{words} openssl.eml"), 0), printed, "keeping changes nothing");
}

/// Each line of README.txt that other programs run.
#[test]
fn other_programs_check_it_by_hand() {
    if ["tar", "sha256sum", "openssl"].iter().any(|name| tool(name).is_none()) {
        return;
    }
    let shell = Shell::new();
    shell.status("verify --at @1800000000 --anchor openssl-ca.pem --evidence x.tar openssl.eml", 0);
    let folder = shell.0.path().join("out");
    std::fs::create_dir(&folder).unwrap();
    let run = |program: &str, words: &str| Program::new(program).words(words).folder(&folder).run();
    run("tar", "-xf ../x.tar").ok();
    let listed = run("sha256sum", "--check --strict SHA256SUMS").text();
    assert_eq!(listed.matches(": OK").count(), members(&shell.0.path().join("x.tar")).len() - 1, "{listed}");
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let anchor = manifest["trust"]["anchors"][0]["file"].as_str().unwrap();
    run("openssl", &format!("x509 -inform DER -in {anchor} -out anchor.pem")).ok();
    run("openssl", "cms -verify -in letter.eml -CAfile anchor.pem -attime 1800000000 -out signed").ok();
    let signed = std::fs::read_to_string(folder.join("signed")).unwrap();
    assert!(signed.contains("the parcel leaves on Monday"), "{signed}");
}

#[test]
fn gpg_takes_the_certificates_and_the_signature() {
    let Some(gpg) = crate::support::gnupg::Gpg::new() else { return };
    let shell = Shell::new();
    shell.status("verify --at @1800000000 --anchor gpg-carol.asc --evidence x.tar gpg.eml", 0);
    let members = members(&shell.0.path().join("x.tar"));
    for (_, octets) in members.iter().filter(|(name, _)| name.ends_with(".pgp")) {
        gpg.import(octets);
    }
    let letter = &members.iter().find(|(name, _)| name == "letter.eml").unwrap().1;
    let letter = String::from_utf8(letter.clone()).unwrap();
    let parts: Vec<&str> = letter.split("--a-boundary-of-gpg").collect();
    let content = parts[1].strip_prefix("\r\n").unwrap().strip_suffix("\r\n").unwrap();
    let signature = parts[2].split_once("\r\n\r\n").unwrap().1;
    let verified = gpg.verify(signature.as_bytes(), content.as_bytes());
    verified.ok();
}
