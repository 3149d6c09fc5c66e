//! `mailseal encrypt`: openssl and gpg read what it writes, and it writes all or nothing.

use std::fs;
use std::process::Output;

use crate::people::{AT, BOB, CAROL, ERIN, People, Shell, error, expect, people};

const WORD: &str = "The parcel leaves on Monday.";

/// Everybody's certificates, and who vouches for them.
const KNOWN: &str = "--anchor root.pem --anchor carol.asc --cert bob.pem --cert erin.pem --cert alice.pem";

fn shell(people: &People) -> Shell {
    let shell = Shell::new(people);
    let draft = |name: &str, recipients: &str| {
        let letter =
            format!("From: alice@example.org\r\n{recipients}\r\nSubject: secret subject\r\n\r\n{WORD}\r\n");
        shell.file(name, letter.as_bytes());
    };
    draft("to-bob", "To: bob@example.org");
    draft("to-carol", "To: carol@example.net");
    draft("to-all", "To: bob@example.org, carol@example.net\r\nBcc: erin@example.org");
    draft("to-dave", "To: bob@example.org, dave@example.net");
    draft("to-both", "To: bob@example.org\r\nCc: erin@example.org");
    shell
}

fn encrypt(shell: &Shell, words: &str) -> Output {
    shell.run(&format!("encrypt --at {AT} {words}"))
}

/// What openssl reads with the key of somebody.
fn by_openssl(people: &People, leaf: &crate::support::pki::Leaf, letter: &[u8]) -> String {
    let program =
        people.pki.openssl("cms -decrypt -inkey").arg(&leaf.key).arg("-recip").arg(&leaf.certificate);
    String::from_utf8(program.input(letter).ok()).unwrap()
}

/// What gpg reads with the keys of its home.
fn by_gpg(people: &People, letter: &[u8]) -> String {
    let text = std::str::from_utf8(letter).unwrap();
    const END: &str = "-----END PGP MESSAGE-----";
    let (start, end) = (text.find("-----BEGIN PGP MESSAGE").unwrap(), text.find(END).unwrap() + END.len());
    let opened = people
        .gpg
        .words("--faked-system-time 1900000000! --status-fd 2 --decrypt")
        .input(&text.as_bytes()[start..end]);
    String::from_utf8(opened.ok()).unwrap()
}

#[test]
fn openssl_and_gpg_read_it() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    expect(0, &encrypt(&shell, &format!("{KNOWN} --out bob.eml to-bob")));
    let letter = shell.read("bob.eml");
    let text = String::from_utf8(letter.clone()).unwrap();
    assert!(!text.contains("secret subject") && !text.contains(WORD), "{text}");
    let read = by_openssl(&people, &people.bob, &letter);
    assert!(read.contains(WORD) && read.contains("secret subject"), "{read}");

    // With and without padding in the last line of the armor.
    for length in 0..4 {
        shell.file("draft", &[shell.read("to-carol"), b"x".repeat(length), b"\r\n".to_vec()].concat());
        let output = encrypt(&shell, &format!("{KNOWN} draft"));
        assert_eq!(output.status.code(), Some(0), "{}", error(&output));
        let read = by_gpg(&people, &output.stdout);
        assert!(read.contains(WORD) && read.contains("secret subject"), "{read}");
    }
}

#[test]
fn each_group_gets_its_file_and_each_bcc_one_alone() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let sign = "--sign alice.p12 --sign alice.key --password-file password";
    let said = expect(0, &encrypt(&shell, &format!("{KNOWN} {sign} --out-dir out to-all")));
    let names =
        ["01-smime-bob@example.org.eml", "02-pgp-carol@example.net.eml", "03-smime-erin@example.org.eml"];
    assert_eq!(shell.names("out"), names);
    let lines: Vec<String> =
        names.iter().zip([BOB, CAROL, ERIN]).map(|(name, who)| format!("out/{name}\t{who}")).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), lines);
    for name in names {
        assert!(!String::from_utf8(shell.read(&format!("out/{name}"))).unwrap().contains("\nBcc:"), "{name}");
    }
    for (name, key) in names.iter().zip(["bob.p12", "carol.key", "erin.p12"]) {
        let words = "--password-file password --anchor root.pem --anchor alice.asc --from alice@example.org";
        let said =
            expect(0, &shell.run(&format!("decrypt --at {AT} --key {key} {words} --out read out/{name}")));
        assert!(said.contains("GOOD"), "{said}");
        assert!(String::from_utf8(shell.read("read")).unwrap().contains(WORD));
    }
    let read = by_openssl(&people, &people.bob, &shell.read("out/01-smime-bob@example.org.eml"));
    assert!(read.contains("multipart/signed"), "{read}");
    assert!(by_gpg(&people, &shell.read("out/02-pgp-carol@example.net.eml")).contains(WORD));
}

#[test]
fn two_of_one_protocol_share_a_letter() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let said = expect(0, &encrypt(&shell, &format!("{KNOWN} --out-dir out to-both")));
    assert_eq!(said, format!("out/01-smime-bob@example.org-and-1-more.eml\t{BOB}\t{ERIN}\n"));
    let letter = shell.read("out/01-smime-bob@example.org-and-1-more.eml");
    for leaf in [&people.bob, &people.erin] {
        assert!(by_openssl(&people, leaf, &letter).contains(WORD));
    }
}

#[test]
fn nobody_is_dropped_silently() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let output = encrypt(&shell, &format!("{KNOWN} --out out.eml to-dave"));
    assert!(expect(1, &output).is_empty() && !shell.path("out.eml").exists());
    let said = error(&output);
    assert!(
        said.contains("no certificate is known") && said.contains("--without dave@example.net"),
        "{said}"
    );
    expect(0, &encrypt(&shell, &format!("{KNOWN} --without dave@example.net --out out.eml to-dave")));
    assert!(by_openssl(&people, &people.bob, &shell.read("out.eml")).contains(WORD));
    let output = encrypt(&shell, &format!("{KNOWN} --without eve@example.net --out other.eml to-dave"));
    expect(2, &output);
    assert!(!shell.path("other.eml").exists());
}

#[test]
fn the_plan_is_shown_in_the_language_of_the_locale() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let plan = |locale: &str, draft: &str| {
        let words = format!("encrypt --at {AT} {KNOWN} --plan {draft}");
        shell.command(&words).env("LC_ALL", locale).output().unwrap()
    };
    let said = expect(0, &plan("C", "to-all"));
    assert!(said.contains("S/MIME") && said.contains("PGP/MIME") && said.contains("alone"), "{said}");
    let said = expect(1, &plan("C", "to-dave"));
    assert!(said.contains("nobody    dave@example.net"), "{said}");
    let said = expect(1, &plan("ja_JP.UTF-8", "to-dave"));
    assert!(said.contains("証明書が見つかりません"), "{said}");
}

#[test]
fn r_b12_addresses_of_a_draft_are_escaped() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let hostile = "From: alice@example.org\r\nTo: \"x\u{202e}\u{9b}31m\"@example.org, d\u{200f}@example.net\r\n\r\nHello\r\n";
    shell.file("hostile", hostile.as_bytes());
    for words in ["--plan", "", "--to bob.pem --out letter.eml"] {
        let output = encrypt(&shell, &format!("{words} hostile"));
        let said = String::from_utf8(output.stdout.clone()).unwrap() + &error(&output);
        assert!(!said.contains(['\u{202e}', '\u{9b}', '\u{200f}']), "{said:?}");
    }
}

#[test]
fn a_certificate_is_accepted_by_its_fingerprint() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let output = encrypt(&shell, "--cert bob.pem to-bob");
    expect(1, &output);
    let said = error(&output);
    let way = said.lines().find_map(|line| line.split_once("--accept ")).unwrap().1;
    let accepted = way.split(';').next().unwrap().to_owned();
    assert!(accepted.starts_with("bob@example.org="), "{said}");
    expect(0, &encrypt(&shell, &format!("--cert bob.pem --accept {accepted} --out out.eml to-bob")));
    assert!(by_openssl(&people, &people.bob, &shell.read("out.eml")).contains(WORD));
    expect(2, &encrypt(&shell, "--cert bob.pem --accept bob@example.org=00 --out other.eml to-bob"));
    expect(2, &encrypt(&shell, "--cert bob.pem --accept bob@example.org --out other.eml to-bob"));
}

#[test]
fn certificates_that_are_named_are_taken_outright() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let said = expect(0, &encrypt(&shell, "--to bob.pem --to carol.asc --to erin.pem --out-dir out to-all"));
    assert_eq!(said.lines().count(), 3, "Erin is in Bcc, so alone: {said}");
    assert!(said.lines().last().unwrap().ends_with(ERIN), "{said}");
    let output = encrypt(&shell, "--to erin.pem --out other.eml to-both");
    expect(0, &output);
    assert!(error(&output).contains("not encrypted to bob@example.org"), "{}", error(&output));
    // Somebody who cannot even be named here would be dropped without a word.
    shell.file("two", b"From: alice@example.org\r\nTo: bob@example.org carol@example.net\r\n\r\nHello\r\n");
    expect(1, &encrypt(&shell, "--to bob.pem --out two.eml two"));
    assert_eq!(encrypt(&shell, "--to bob.pem --without bob@example.org to-bob").status.code(), Some(2));
}

#[test]
fn out_is_all_or_nothing() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let before = shell.names(".");
    // There is no key of the second letter's protocol.
    let sign = "--sign alice.p12 --password-file password";
    expect(1, &encrypt(&shell, &format!("{KNOWN} {sign} --out-dir out to-all")));
    assert_eq!(shell.names("."), before, "not even the folder");
    // Something is there already.
    fs::create_dir(shell.path("full")).unwrap();
    shell.file("full/03-smime-erin@example.org.eml", b"as it was");
    let output = encrypt(&shell, &format!("{KNOWN} --out-dir full to-all"));
    expect(2, &output);
    assert!(error(&output).contains("is there already"), "{}", error(&output));
    assert_eq!(shell.names("full"), ["03-smime-erin@example.org.eml"]);
    assert_eq!(shell.read("full/03-smime-erin@example.org.eml"), b"as it was");
    // Three letters do not go into one file.
    for out in ["--out one.eml", ""] {
        let output = encrypt(&shell, &format!("{KNOWN} {out} to-all"));
        assert!(expect(2, &output).is_empty() && error(&output).contains("--out-dir"), "{}", error(&output));
    }
    // A key that does not name the sender.
    expect(
        1,
        &encrypt(&shell, &format!("{KNOWN} --sign bob.p12 --password-file password --out one.eml to-bob")),
    );
    assert!(!shell.path("one.eml").exists());
}

#[test]
fn the_cipher_is_chosen_for_smime() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    for (name, shown) in [("aes-256-cbc", "AES-256-CBC"), ("aes-128-gcm", "AES-128-GCM")] {
        expect(0, &encrypt(&shell, &format!("{KNOWN} --cipher {name} --out {name} to-bob")));
        let words = format!("decrypt --at {AT} --key bob.p12 --password-file password {name}");
        assert!(expect(0, &shell.run(&words)).contains(shown));
    }
    expect(2, &encrypt(&shell, &format!("{KNOWN} --cipher aes-256-gcm to-carol")));
    expect(2, &encrypt(&shell, &format!("{KNOWN} --cipher 3des-cbc to-bob")));
}

#[test]
fn the_sender_keeps_a_copy_that_can_be_read() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    expect(0, &encrypt(&shell, &format!("{KNOWN} --copy-to-self --out out.eml to-bob")));
    for leaf in [&people.alice, &people.bob] {
        assert!(by_openssl(&people, leaf, &shell.read("out.eml")).contains(WORD));
    }
    let nobody = "--anchor root.pem --cert bob.pem";
    expect(1, &encrypt(&shell, &format!("{nobody} --copy-to-self --out other.eml to-bob")));
    assert!(!shell.path("other.eml").exists());
}

#[test]
fn a_triple_wrap_is_signed_outside_too() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let sign = "--sign alice.p12 --password-file password --triple-wrap";
    expect(0, &encrypt(&shell, &format!("{KNOWN} {sign} --out out.eml to-bob")));
    let words =
        format!("decrypt --json --at {AT} --anchor root.pem --key bob.p12 --password-file password out.eml");
    let line: serde_json::Value = serde_json::from_str(&expect(0, &shell.run(&words))).unwrap();
    let kinds: Vec<&str> = line["report"]["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["signed", "encrypted", "signed"]);
    expect(2, &encrypt(&shell, &format!("{KNOWN} --triple-wrap to-bob")));
}

#[test]
fn a_draft_comes_from_standard_input() {
    let Some(people) = people() else { return };
    let shell = shell(&people);
    let words = format!("encrypt --at {AT} {KNOWN} --out out.eml");
    let output = shell.piped(&words, &shell.path("to-bob"));
    expect(0, &output);
    assert!(by_openssl(&people, &people.bob, &shell.read("out.eml")).contains(WORD));
    // Larger than what is kept in memory.
    let draft = [&shell.read("to-bob")[..], &b"and so on\r\n".repeat(900_000)].concat();
    let large = shell.file("large", &draft);
    expect(0, &shell.piped(&words, &large));
    assert!(by_openssl(&people, &people.bob, &shell.read("out.eml")).len() > 9_000_000);
}
