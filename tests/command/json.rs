//! `--json` of the verbs that do something, and of what goes wrong.

use crate::people::{Shell, expect};

#[test]
fn every_error_is_one_line_of_json() {
    let shell = Shell::with_letters();
    shell.file("garbage", b"\0\0\0");
    for (words, status, kind) in [
        ("verify --json nowhere", 2, "io"),
        ("decrypt --json nowhere", 2, "io"),
        ("inspect --json nowhere", 2, "io"),
        ("evidence check --json nowhere", 2, "io"),
        ("keys --json nowhere", 2, "io"),
        ("cert show --json nowhere", 2, "io"),
        ("cert show --json garbage", 2, "malformed"),
        ("sign --json --key bob.pem --out x nowhere", 2, "io"),
        ("sign --json --key bob.pem --out x openssl.eml", 1, "refused"),
        ("sign --json --key garbage --out x openssl.eml", 2, "key"),
        ("encrypt --json --plan nowhere", 2, "io"),
        ("encrypt --json openssl.eml", 2, "misuse"),
        ("trust add --json --scope any nowhere", 2, "io"),
        ("trust pin --json a@b.example 1234", 2, "misuse"),
        ("trust explain --json --anchor nowhere a@b.example", 2, "io"),
        ("key certify --json --out x nowhere nowhere a@b.example", 2, "io"),
        ("key new --json --smime --self-signed --no-password --expires never a@b.example", 2, "misuse"),
        ("key join --json --key nowhere --cert nowhere", 2, "io"),
        ("verify --json --no-such-option", 2, "misuse"),
        ("verify --json --limits 1 openssl.eml", 2, "misuse"),
    ] {
        let lines = shell.json(status, words);
        let [line] = &lines[..] else { panic!("{words}: {lines:?}") };
        assert_eq!(line["version"], 1, "{words}");
        assert_eq!(line["error"]["kind"], kind, "{words}: {line}");
        assert!(line["error"]["message"].is_string(), "{words}: {line}");
        assert_eq!(line["error"]["temporary"], kind == "io", "{words}: {line}");
    }
    assert!(!shell.path("x").exists());
}

#[test]
fn what_was_done_is_said() {
    let shell = Shell::with_letters();
    shell.file("draft", b"From: bob@example.com\r\nTo: dave@example.com\r\nSubject: x\r\n\r\nHello\r\n");
    expect(0, &shell.run("key new --smime --self-signed --no-password --out own bob@example.com"));
    let keys = &shell.json(0, "keys --json own.p12")[0];
    let signed = &shell.json(0, "sign --json --key own.p12 --out signed.eml draft")[0];
    assert_eq!(
        (&signed["file"], &signed["signed_by"][0]["certificate"]),
        (&"signed.eml".into(), &keys["certificate"])
    );
    assert_eq!(signed["signed_by"][0]["protocol"], "smime");

    let plan = &shell.json(1, "encrypt --json --plan --no-trust-folder draft")[0];
    assert_eq!(
        (plan["letters"].as_array().unwrap().len(), &plan["unreachable"][0]["mailbox"]),
        (0, &"dave@example.com".into())
    );
    assert_eq!(plan["unreachable"][0]["reason"]["kind"], "no_certificate");
    let written =
        &shell.json(0, "encrypt --json --no-trust-folder --to openssl-dave.pem --out sealed.eml draft")[0];
    assert_eq!(
        (&written["letters"][0]["file"], &written["letters"][0]["protocol"]),
        (&"sealed.eml".into(), &"smime".into())
    );
    assert!(shell.path("sealed.eml").exists());

    let added = &shell.json(0, "trust add --json --scope any openssl-ca.pem")[0];
    assert_eq!((&added["kind"], &added["scope"]), (&"anchor".into(), &"any".into()));
    let pin = "5BB09E0CFE33A1D25BB09E0CFE33A1D25BB09E0C";
    let pinned = &shell.json(0, &format!("trust pin --json carol@example.net {pin}"))[0];
    assert_eq!((&pinned["kind"], &pinned["fingerprint"]), (&"pin".into(), &pin.into()));
    assert_eq!(shell.json(0, "trust forget --json carol@example.net")[0]["forgotten"], 1);
    assert_eq!(shell.json(1, "trust forget --json carol@example.net")[0]["forgotten"], 0);
    let root = &shell.json(0, &format!("trust add --json --root {pin} --amount 60"))[0];
    assert_eq!((&root["kind"], &root["amount"]), (&"root".into(), &60.into()));
    assert_eq!(shell.json(0, "trust add --json --email-roots --scope any")[0]["kind"], "email_roots");

    let certified = "key certify --json --out carol.asc bob.asc gpg-carol.asc carol@example.net";
    let certified = &shell.json(0, certified)[0];
    assert_eq!((&certified["address"], &certified["amount"]), (&"carol@example.net".into(), &120.into()));
}
