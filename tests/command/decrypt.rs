//! `mailseal decrypt` on letters that openssl and gpg encrypted.

use serde_json::Value;

use crate::people::{ALICE, AT, BOB, CAROL, CONTENT, People, Shell, error, expect, people, with_der};

const BOBS: &str = "decrypt --anchor root.pem --key bob.p12 --password-file password";
const CAROLS: &str = "decrypt --anchor alice.asc --key carol.key";

fn shell(people: &People) -> Shell {
    let shell = Shell::new(people);
    shell.file("cbc", &people.openssl("-aes-256-cbc", &[&people.bob], CONTENT));
    shell.file("gcm", &people.openssl("-aes-256-gcm", &[&people.bob, &people.erin], CONTENT));
    let signed = people.signed(&people.alice, CONTENT);
    shell.file("good", &people.openssl("-aes-256-gcm", &[&people.bob], &signed));
    shell.file("signed-cbc", &people.openssl("-aes-256-cbc", &[&people.bob], &signed));
    shell.file("pgp", &people.gpg(ALICE, "--recipient carol@example.net", CONTENT));
    let sign = "--sign --local-user alice@example.org --recipient carol@example.net";
    shell.file("pgp-good", &people.gpg(ALICE, sign, CONTENT));
    shell.file("plain", b"From: alice@example.org\r\n\r\nHello\r\n");
    shell
}

fn look(shell: &Shell, verb: &str, words: &str) -> std::process::Output {
    shell.run(&format!("{verb} --at {AT} {words}"))
}

#[test]
fn letters_of_openssl_and_gpg_are_decrypted() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    for (verb, letter, word) in [
        (BOBS, "cbc", "NONE"),
        (BOBS, "gcm", "NONE"),
        (BOBS, "good", "GOOD"),
        (BOBS, "signed-cbc", "GOOD"),
        (CAROLS, "pgp", "NONE"),
        (CAROLS, "pgp-good", "GOOD"),
        ("decrypt --key erin.p12 --password-file password", "gcm", "NONE"),
    ] {
        let out = format!("{letter}.out");
        let said = expect(0, &look(&shell, verb, &format!("--out {out} {letter}")));
        assert!(said.contains(word) && said.contains("opened with the key of"), "{letter}: {said}");
        assert_eq!(shell.read(&out), CONTENT, "{letter}");
    }
}

#[test]
fn the_status_says_what_it_is_worth() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    for (words, status) in [
        ("--from alice@example.org good", 0),
        ("--from mallory@example.org good", 1),
        ("--from alice@example.org gcm", 1),
        ("--policy strict gcm", 1),
        ("--policy strict cbc", 1),
        ("good gcm", 0),
        ("good plain", 1),
        ("good absent", 2),
    ] {
        expect(status, &look(&shell, BOBS, words));
    }
    // Signed by somebody whom nobody here knows.
    let unknown = "decrypt --key bob.p12 --password-file password";
    expect(1, &look(&shell, unknown, "--out kept good"));
    assert!(!shell.path("kept").exists());
    expect(1, &look(&shell, unknown, "--out kept --out-any good"));
    assert_eq!(shell.read("kept"), CONTENT);
}

#[test]
fn r_a10_a_failure_has_one_face() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let letter = shell.read("gcm");
    let mut faces = Vec::new();
    // From the end: the tag, the content, the wrapped key of one recipient.
    for (name, back) in [("tag", 3), ("content", 24), ("near", 40)] {
        let flip = |der: &mut Vec<u8>| {
            let at = der.len() - back;
            der[at] ^= 1;
        };
        shell.file("changed", &with_der(&letter, flip));
        let output = look(&shell, BOBS, "--out plain.out --out-any changed");
        expect(1, &output);
        assert!(!shell.path("plain.out").exists(), "{name}");
        faces.push(output);
    }
    let key = |der: &mut Vec<u8>| {
        let wrapped = der.windows(4).position(|octets| octets == [0x04, 0x82, 0x01, 0x00]).unwrap();
        der[wrapped + 100] ^= 1;
    };
    shell.file("changed", &with_der(&letter, key));
    faces.push(look(&shell, BOBS, "--out plain.out --out-any changed"));
    assert!(!shell.path("plain.out").exists());
    for face in &faces {
        assert_eq!(
            (&face.stdout, &face.stderr, face.status),
            (&faces[0].stdout, &faces[0].stderr, faces[0].status)
        );
        assert!(String::from_utf8_lossy(&face.stdout).contains("(not_decrypted)"), "{face:?}");
    }
}

#[test]
fn r_a10_a_wrong_key_looks_like_a_changed_letter() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    // It names nobody, so every key is tried.
    let letter = people.gpg(ALICE, "--hidden-recipient carol@example.net", CONTENT);
    shell.file("letter", &letter);
    expect(0, &look(&shell, CAROLS, "letter"));
    let text = String::from_utf8(letter).unwrap();
    let at = text.find("-----END PGP").unwrap() - 40;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    shell.file("changed", format!("{}{other}{}", &text[..at], &text[at + 1..]).as_bytes());
    let changed = look(&shell, CAROLS, "changed");
    let wrong = look(&shell, "decrypt --anchor alice.asc --key alice.key", "letter");
    for face in [&changed, &wrong] {
        assert!(expect(1, face).contains("(not_decrypted)"));
    }
    assert_eq!((&changed.stdout, &changed.stderr), (&wrong.stdout, &wrong.stderr));
}

#[test]
fn nobody_elses_letter_is_opened() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    for (verb, letter) in
        [("decrypt --key alice.p12 --password-file password", "good"), ("decrypt --key alice.key", "pgp")]
    {
        let said = expect(1, &look(&shell, verb, &format!("--out out --out-any {letter}")));
        assert!(
            said.contains("Encrypted and not opened") && said.contains("mailseal decrypt --key FILE"),
            "{said}"
        );
        assert!(!shell.path("out").exists());
        let said = expect(1, &look(&shell, "verify", letter));
        assert!(said.contains("mailseal decrypt --key FILE"), "{said}");
    }
}

#[test]
fn nothing_to_decrypt_is_said_in_one_sentence() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let output = look(&shell, BOBS, "--out out --out-any plain");
    expect(1, &output);
    assert_eq!(error(&output), "mailseal: plain: nothing to decrypt: the letter is not encrypted\n");
    assert!(!shell.path("out").exists());
}

#[test]
fn r_a2_strict_does_not_open_what_nothing_protects() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    for letter in ["cbc", "signed-cbc"] {
        let said = expect(1, &look(&shell, BOBS, &format!("--policy strict --out out --out-any {letter}")));
        assert!(said.contains("encryption_withheld") && !shell.path("out").exists(), "{said}");
    }
}

#[test]
fn r_a1_a_part_is_opened_by_its_place_only() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let inner = String::from_utf8(shell.read("gcm")).unwrap();
    let inner = &inner[inner.find("Content-Type").unwrap()..];
    let letter = format!(
        "From: alice@example.org\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nSee below.\r\n\
         --m\r\n{inner}\r\n--m--\r\n"
    );
    shell.file("mixed", letter.as_bytes());
    let output = look(&shell, BOBS, "--out out --out-any mixed");
    expect(1, &output);
    assert!(error(&output).contains("--part 2"), "{}", error(&output));
    assert!(!shell.path("out").exists());
    expect(0, &look(&shell, BOBS, "--part 2 --out out mixed"));
    assert_eq!(shell.read("out"), CONTENT);
    expect(2, &look(&shell, BOBS, "--part 1 --out other mixed"));
    expect(2, &look(&shell, BOBS, "--part 2.x --out other mixed"));
    assert!(!shell.path("other").exists());
}

#[test]
fn passwords_open_letters() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let words = "-aes-256-cbc -pwri_password secret";
    shell.file("cms", &people.openssl(words, &[], CONTENT));
    let symmetric = "--symmetric --cipher-algo AES256 --s2k-count 65536 --passphrase secret";
    shell.file("pgp", &people.gpg(CAROL, symmetric, CONTENT));
    for letter in ["cms", "pgp"] {
        let said =
            expect(0, &look(&shell, "decrypt --password-file password", &format!("--out out {letter}")));
        assert!(said.contains("opened with a password"), "{said}");
        assert_eq!(shell.read("out"), CONTENT, "{letter}");
        shell.file("wrong", b"another\n");
        expect(1, &look(&shell, "decrypt --password-file wrong", letter));
    }
    // Of a key it is the key's password, of which all are tried.
    expect(2, &look(&shell, "decrypt --key bob.p12 --password-file wrong", "gcm"));
}

#[test]
fn json_says_what_opened_it() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let line = |words: &str, status| -> Value {
        serde_json::from_str(&expect(status, &look(&shell, BOBS, &format!("--json {words}")))).unwrap()
    };
    let good = line("good", 0);
    let layers = &good["report"]["layers"];
    assert_eq!((&layers[0]["kind"], &layers[1]["kind"]), (&"encrypted".into(), &"signed".into()));
    assert_eq!(layers[0]["decryption"], "opened");
    assert_eq!(layers[0]["cipher"], "AES-256-GCM");
    assert_eq!(layers[0]["authenticated"], true);
    assert_eq!(layers[0]["opened_by"]["mailboxes"][0], BOB);
    assert_eq!(good["verdict"]["outcome"], "good");
    let cbc = line("cbc", 0);
    assert_eq!(
        (&cbc["verdict"]["outcome"], &cbc["verdict"]["may_load_remote"]),
        (&"none".into(), &false.into())
    );
    let lines = expect(1, &look(&shell, BOBS, "--json good plain"));
    assert_eq!(lines.lines().count(), 2);
}
