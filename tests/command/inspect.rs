//! `mailseal inspect`: the tree of parts with the layers drawn.

use crate::people::{Shell, expect};

#[test]
fn parts_and_layers_are_drawn() {
    let shell = Shell::with_letters();
    let expected = "\
0 multipart/signed · 7bit · 2697 octets
╞═ layer 1 · signed · S/MIME · covers the whole body: 1
│    claims to be by Alice Liddell <alice@example.com> · the octets fit
│    rsassa-pkcs1-v1_5 · 2048 bits · sha-256 · claims 2026-11-22T07:21:14Z
├─ 1 text/plain · us-ascii · 7bit · 52 octets
└─ 2 application/pkcs7-signature · base64 · 2282 octets · \"smime.p7s\"
nothing was verified: names are what the letter claims; --verify asks those you trust
";
    assert_eq!(expect(0, &shell.run("inspect openssl.eml")), expected);
    let ascii = shell.command("inspect openssl.eml").env("LC_ALL", "C").output().unwrap();
    let ascii = expect(0, &ascii);
    assert!(
        ascii.is_ascii() && ascii.contains("\n|= layer 1, signed") && ascii.contains("\n`- 2 "),
        "{ascii}"
    );
    let japanese = expect(0, &shell.in_japanese("inspect openssl.eml"));
    assert!(japanese.contains("╞═ 層 1 · 署名 · S/MIME · 本文全体: 1"), "{japanese}");

    let verified =
        expect(0, &shell.run("inspect --verify --anchor openssl-ca.pem --at @1800000000 openssl.eml"));
    assert!(
        verified.contains("whom you have reason to believe") && verified.contains("✓ GOOD"),
        "{verified}"
    );
    // The same without those one trusts says so.
    let unknown = expect(0, &shell.run("inspect --verify openssl.eml"));
    assert!(unknown.contains("claims to be by") && unknown.contains("! CAUTION"), "{unknown}");
    let carol = expect(0, &shell.run("inspect --cert gpg-carol.asc gpg.eml"));
    assert!(carol.contains("claims to be by Carol Jones <carol@example.net> · the octets fit"), "{carol}");
}

#[test]
fn a_key_shows_what_is_inside() {
    let shell = Shell::with_letters();
    let closed = expect(0, &shell.run("inspect openssl-encrypted.eml"));
    assert!(
        closed.contains("not opened: no key for it") && closed.contains("CN=Bob · RSAES-PKCS1-v1_5"),
        "{closed}"
    );
    assert!(!closed.contains("text/plain"), "{closed}");
    for (key, letter, inside) in [
        ("bob.pem", "openssl-encrypted.eml", "1.1 text/plain"),
        ("bob.asc", "gpg-encrypted.eml", "2.1 text/plain"),
    ] {
        let open = expect(0, &shell.run(&format!("inspect --ranges --key {key} {letter}")));
        assert!(open.contains("· opened") && open.contains(inside), "{open}");
        assert!(open.contains("layer 2 · signed") && open.contains("of what is in "), "{open}");
    }
}

#[test]
fn ranges_are_octets_of_the_letter() {
    let shell = Shell::with_letters();
    let letter = shell.read("openssl.eml");
    let line = &shell.json(0, "inspect --json openssl.eml")[0];
    assert_eq!((&line["verified"], line.get("verdict")), (&false.into(), None));
    let part = &line["report"]["parts"][1];
    let at = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    assert!(letter[at(&part["body"])..at(&part["range"][1])].starts_with(b"Dear Bob"));
    let text = expect(0, &shell.run("inspect --ranges openssl.eml"));
    let said = format!("octets {}..{} · body from {}", part["range"][0], part["range"][1], part["body"]);
    assert!(text.contains(&said), "{text}");
    let verified = &shell.json(0, "inspect --json --verify openssl.eml")[0];
    assert_eq!(verified["verdict"]["outcome"], "caution");
}

#[test]
fn text_from_the_letter_is_escaped() {
    let shell = Shell::with_letters();
    shell.file("evil.eml", b"From: a@b.example\r\nContent-Type: text/plain; charset=\"\x1b[31m\"; name=\"\x1b]0;x\x07\xe2\x80\xae.txt\"\r\n\r\nx\r\n");
    let text = expect(0, &shell.run("inspect evil.eml"));
    assert!(!text.contains('\x1b') && !text.contains('\x07') && !text.contains('\u{202e}'), "{text:?}");
    assert!(text.contains("neither signed nor encrypted"), "{text}");
    expect(2, &shell.run("inspect nowhere.eml"));
}

#[test]
fn several_letters() {
    let shell = Shell::with_letters();
    let text = expect(2, &shell.run("inspect openssl.eml nowhere.eml gpg.eml"));
    assert!(
        text.contains("openssl.eml\n0 multipart/signed") && text.contains("? UNSEEN    nowhere.eml"),
        "{text}"
    );
    assert!(text.ends_with("3 messages\n        1  could not be looked at\n"), "{text}");
    let lines = shell.json(2, "inspect --json openssl.eml nowhere.eml");
    assert_eq!((&lines[0]["file"], &lines[1]["error"]["kind"]), (&"openssl.eml".into(), &"io".into()));
}
