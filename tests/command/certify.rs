//! `mailseal key certify`, checked by gpg.

use std::fs;
use std::process::Command;

use crate::support::gnupg::Gpg;

#[test]
fn gpg_takes_what_key_certify_wrote() {
    let Some(gpg) = Gpg::new() else { return };
    let alice = gpg.make_key("Alice <alice@example.org>", "rsa3072");
    let bob = gpg.make_key("Bob <bob@example.net>", "ed25519");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("alice.key"), gpg.secret_key(&alice)).unwrap();
    fs::write(folder.path().join("bob.asc"), gpg.certificate(&bob)).unwrap();
    let run = |words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
        command.current_dir(folder.path()).args(words.split_ascii_whitespace()).output().unwrap()
    };
    let certified =
        run("key certify --depth 1 --domain example.net --out new.asc alice.key bob.asc bob@example.net");
    assert_eq!(certified.status.code(), Some(0), "{}", String::from_utf8_lossy(&certified.stderr));
    gpg.import(&fs::read(folder.path().join("new.asc")).unwrap());
    let listed = gpg.words("--with-colons --check-sigs").words(&bob).run().text();
    let by_alice = format!(":{}:", &alice[24..]);
    let line = listed.lines().find(|line| line.starts_with("sig:!:") && line.contains(&by_alice));
    let line = line.unwrap_or_else(|| panic!("{listed}"));
    assert!(line.contains(":1 120:") && line.contains("example"), "depth, amount and domain: {line}");

    // To standard output; and nothing for an address that is not there, or numbers that are none.
    let plain = run("key certify alice.key bob.asc bob@example.net");
    assert!(plain.stdout.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    for (words, status) in [
        ("key certify alice.key bob.asc mallory@example.net", 1),
        ("key certify --amount 0 alice.key bob.asc bob@example.net", 2),
        ("key certify --domain example.net alice.key bob.asc bob@example.net", 2),
        ("key certify --expires @1 alice.key bob.asc bob@example.net", 2),
        ("key certify bob.asc bob.asc bob@example.net", 2),
    ] {
        let refused = run(words);
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(status), 0), "{words}");
    }
}
