//! `mailseal keys`, keys that are named, and `--audit`.

use crate::people::{AT, CONTENT, Shell, error, expect, people};

#[test]
fn keys_are_listed_and_chosen() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    let text = expect(0, &shell.run(&format!("keys --at {AT} alice.asc bob.pem")));
    assert!(text.contains("PGP/MIME") || text.contains("OpenPGP"), "{text}");
    let all = "--password-file password bob.pem alice.p12 alice.key";
    let lines = expect(0, &shell.run(&format!("keys --json --at {AT} --for alice@example.org {all}")));
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "Bob's is not hers");
    assert_eq!((&lines[0]["chosen"], &lines[1]["chosen"]), (&true.into(), &false.into()));
    assert!(lines.iter().all(|line| line["sign"] == "fits" && line["open"] == "fits"), "{lines:?}");
    // The certificates end in 2040.
    let expiring = |window: &str| shell.run(&format!("keys --at {AT} --expiring {window} --json {all}"));
    let text = expect(1, &expiring("9000d"));
    assert_eq!(text.matches("\"expiring\":true").count(), 2, "{text}");
    assert_eq!(expect(0, &expiring("4w")).matches("\"expiring\":true").count(), 0);
    expect(1, &shell.run("keys --at @9000000000 --for alice@example.org --password-file password alice.p12"));
    expect(1, &shell.run(&format!("keys --at {AT} --for nobody@example.org alice.asc")));
    expect(2, &shell.run("keys missing.pem"));
}

#[test]
fn uses_are_written_down() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    shell.file("draft", b"From: alice@example.org\r\n\r\nHello\r\n");
    expect(0, &shell.run("sign --key alice.p12 --password-file password --audit audit --out signed draft"));
    shell.file("sealed", &people.openssl("-aes-256-cbc", &[&people.alice], CONTENT));
    shell.run("decrypt --key alice.p12 --password-file password --audit audit sealed");
    let lines = String::from_utf8(shell.read("audit")).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> =
        lines.iter().map(|line| [&line["operation"], &line["method"], &line["result"]]).collect();
    assert_eq!(seen, [["sign", "ecdsa-p256-sha256", "signed"], ["decrypt", "ecdh", "tried"]]);
    assert!(lines.iter().all(|line| line["key"] == line["certificate"] && line["at"].is_string()));
    let output = shell.run("sign --key alice.p12 --password-file password --audit /nowhere/audit draft");
    expect(2, &output);
    assert!(output.stdout.is_empty());
}

#[test]
fn keys_elsewhere_are_named() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    shell.file("draft", b"From: alice@example.org\r\n\r\nHello\r\n");
    let said = |words: &str| {
        let output = shell.run(words);
        expect(2, &output);
        error(&output)
    };
    let token = said("sign --key pkcs11:token=none?module-path=/nowhere.so draft");
    let agent = said("sign --key gpg-agent:0011 --cert alice.pem draft");
    match cfg!(feature = "pkcs11") {
        true => assert!(token.contains("/nowhere.so"), "{token}"),
        false => assert!(token.contains("--features pkcs11"), "{token}"),
    }
    match cfg!(all(unix, feature = "gpg-agent")) {
        true => assert!(agent.contains("40 hexadecimal digits"), "{agent}"),
        false => assert!(agent.contains("--features gpg-agent"), "{agent}"),
    }
    assert_eq!(said("sign --token pkcs11:token=none?module-path=/nowhere.so draft"), token);
    assert!(said("sign --token alice.p12 draft").contains("pkcs11:"));
    // By the agent of a home.
    #[cfg(all(unix, feature = "gpg-agent"))]
    {
        let mut command =
            shell.command("sign --key gpg-agent: --cert alice.asc --audit audit --out signed draft");
        let output = command.env("GNUPGHOME", people.gpg.home()).output().unwrap();
        expect(0, &output);
        expect(0, &shell.run("verify --anchor alice.asc --from alice@example.org signed"));
        assert!(String::from_utf8(shell.read("audit")).unwrap().contains("\"method\":\"ed25519\""));
    }
}
