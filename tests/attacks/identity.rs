//! Who a letter is from (R-B15): exactly one readable address, or nobody.

use mailseal::report::Code;
use mailseal::{Context, Outcome, TrustStore};
use proptest::prelude::*;

use crate::cms::{Cms, Signer, detached};
use crate::stage::{AT, CONTENT, Stage, look, stage, try_look};

const ALICE: &str = "alice@example.org";
const CHIEF: &str = "ceo@bank.example";

/// A letter with any header fields above what Mallory signed; she is certified, as herself.
fn by_mallory(stage: &Stage, fields: &[u8]) -> Vec<u8> {
    by(stage, &stage.mallory, fields)
}

fn by(stage: &Stage, person: &crate::cms::Person, fields: &[u8]) -> Vec<u8> {
    let signer = Signer::new(person, CONTENT).der(CONTENT);
    let cms = Cms::new(None, vec![signer], &[&person.certificate, &stage.intermediate()]).der();
    let letter = detached("x", CONTENT, &cms);
    let rest = letter.strip_prefix(b"From: x\r\n".as_slice()).unwrap();
    [fields, rest].concat()
}

/// Fields by which one reader takes the letter for the CHIEF's (or Alice's), another for Mallory's.
fn tricks() -> Vec<(&'static str, Vec<u8>)> {
    let text: Vec<(&str, &str)> = vec![
        ("hers, but from the CHIEF", "From: ceo@bank.example\r\n"),
        ("address as a name", "From: \"ceo@bank.example\" <ceo@bank.example>\r\n"),
        ("two fields", "From: ceo@bank.example\r\nFrom: mallory@evil.example\r\n"),
        ("two fields, hers first", "From: mallory@evil.example\r\nFrom: ceo@bank.example\r\n"),
        ("two fields, the same", "From: mallory@evil.example\r\nFrom: mallory@evil.example\r\n"),
        ("two addresses", "From: ceo@bank.example, mallory@evil.example\r\n"),
        ("two addresses, hers first", "From: mallory@evil.example, ceo@bank.example\r\n"),
        ("group", "From: friends: ceo@bank.example, mallory@evil.example;\r\n"),
        ("group of one", "From: friends: mallory@evil.example;\r\n"),
        ("empty group", "From: undisclosed:;\r\n"),
        ("group and address", "From: mallory@evil.example, x: ceo@bank.example;\r\n"),
        ("no field", "Sender: mallory@evil.example\r\n"),
        ("empty", "From: \r\n"),
        ("empty brackets", "From: mallory@evil.example <>\r\n"),
        ("Sender instead", "From: ceo@bank.example\r\nSender: mallory@evil.example\r\n"),
        ("Reply-To instead", "From: ceo@bank.example\r\nReply-To: mallory@evil.example\r\n"),
        ("Resent", "From: ceo@bank.example\r\nResent-From: mallory@evil.example\r\n"),
        ("brackets twice", "From: <ceo@bank.example> <mallory@evil.example>\r\n"),
        ("brackets in brackets", "From: <mallory@evil.example<ceo@bank.example>>\r\n"),
        ("address beside brackets", "From: ceo@bank.example <mallory@evil.example>\r\n"),
        ("address behind brackets", "From: <mallory@evil.example> ceo@bank.example\r\n"),
        ("comment in the address", "From: mallory@evil.example(ceo@bank.example)x\r\n"),
        ("comment in the domain", "From: mallory@(bank.example)evil.example, x\r\n"),
        ("open comment", "From: mallory@evil.example (\r\n"),
        ("open string", "From: \"mallory@evil.example <ceo@bank.example>\r\n"),
        ("quoted local part with an at", "From: \"mallory@evil.example\"@bank.example\r\n"),
        ("quoted local part with brackets", "From: \"<mallory@evil.example>\"@bank.example\r\n"),
        ("route", "From: <@evil.example:ceo@bank.example>\r\n"),
        ("route of two", "From: <@mallory@evil.example,@b:ceo@bank.example>\r\n"),
        ("percent", "From: mallory%evil.example@bank.example\r\n"),
        ("two ats", "From: mallory@evil.example@bank.example\r\n"),
        ("bang", "From: evil.example!mallory@bank.example\r\n"),
        ("encoded address", "From: =?utf-8?b?bWFsbG9yeUBldmlsLmV4YW1wbGU=?= <ceo@bank.example>\r\n"),
        ("encoded address alone", "From: =?utf-8?b?bWFsbG9yeUBldmlsLmV4YW1wbGU=?=\r\n"),
        (
            "mailsploit",
            "From: =?utf-8?b?Y2VvQGJhbmsuZXhhbXBsZQ==?==?utf-8?Q?=00?==?utf-8?b?KG1hbGxvcnlAZXZpbC5leGFtcGxlKQ==?=@evil.example\r\n",
        ),
        ("mailsploit, in the local part", "From: =?utf-8?Q?ceo=40bank.example=0A=00?=@evil.example\r\n"),
        ("encoded word as the whole local part", "From: =?utf-8?Q?mallory?=@evil.example\r\n"),
        ("another domain", "From: mallory@evil.example.bank.example\r\n"),
        ("subdomain", "From: mallory@mail.evil.example\r\n"),
        ("dot at the end", "From: mallory@evil.example..\r\n"),
        ("dot in front", "From: .mallory@evil.example\r\n"),
        ("two dots", "From: mall..ory@evil.example\r\n"),
        ("capital in the local part", "From: Mallory@evil.example\r\n"),
        ("plus", "From: mallory+ceo@evil.example\r\n"),
        ("address literal", "From: mallory@[192.0.2.1]\r\n"),
        ("homograph", "From: mallory@ev\u{456}l.example\r\n"),
        ("homograph in ACE", "From: mallory@xn--evl-uid.example\r\n"),
        ("full width", "From: mallory@\u{ff45}vil.example, x\r\n"),
        ("soft hyphen", "From: mall\u{ad}ory@evil.example\r\n"),
        ("zero width", "From: mallory\u{200b}@evil.example\r\n"),
        ("right to left", "From: mallory@evil.example\u{202e}\r\n"),
        ("bad ACE", "From: mallory@xn--\u{fe0f}.example\r\n"),
        ("ACE that is no domain", "From: mallory@xn--ls8h=.evil.example\r\n"),
        ("folded in the address", "From: mallory@evil.\r\n example.bank.example\r\n"),
        ("blank before the colon, and a second", "From : ceo@bank.example\r\nFrom: mallory@evil.example\r\n"),
        ("blank line in front", "\r\nFrom: ceo@bank.example\r\n"),
        (
            "a field that is none between",
            "From: mallory@evil.example\r\nno field\r\nFrom: ceo@bank.example\r\n",
        ),
        ("bare CR", "From: ceo@bank.example\rFrom: mallory@evil.example\r\n"),
        ("bare LF", "From: ceo@bank.example\nFrom: mallory@evil.example\r\n"),
        ("NUL", "From: mallory@evil.example\0ceo@bank.example\r\n"),
        (
            "NUL in the field name",
            "Fr\0om: ceo@bank.example\r\nFrom: mallory@evil.example\r\nFROM: ceo@bank.example\r\n",
        ),
        ("backspaces", "From: mallory@evil.example\u{8}\u{8}x\r\n"),
        ("form feed", "From: mallory@evil.example\u{c}ceo@bank.example\r\n"),
        ("escape", "From: \u{1b}[2Kmallory@evil.example, ceo@bank.example\r\n"),
        ("semicolon", "From: mallory@evil.example; ceo@bank.example\r\n"),
        ("list of nothing", "From: ,mallory@evil.example, ,ceo@bank.example\r\n"),
        ("as long as a letter", "From: mallory@evil.example, \r\n ceo@bank.example\r\n"),
    ];
    let mut all: Vec<(&str, Vec<u8>)> =
        text.into_iter().map(|(what, fields)| (what, fields.as_bytes().to_vec())).collect();
    all.push(("latin1", b"From: mallory@evil\xE9.example\r\n".to_vec()));
    all.push(("broken UTF-8", b"From: mallory\xFF@evil.example, \xC0\xAF\r\n".to_vec()));
    let many = (0..5000).map(|number| format!("p{number}@evil.example, ")).collect::<String>();
    all.push(("thousands", format!("From: {many}mallory@evil.example\r\n").into_bytes()));
    all
}

#[test]
fn r_b15_nobody_becomes_somebody_else() {
    let Some(stage) = stage() else { return };
    look(&stage.cx(), &by_mallory(&stage, b"From: mallory@evil.example\r\n"), AT)
        .is_good_for("mallory@evil.example");
    for (what, fields) in tricks() {
        let letter = by_mallory(&stage, &fields);
        match try_look(&stage.cx(), &letter, AT) {
            Ok(seen) => seen.is_not_good(what),
            Err(error) => assert!(matches!(error, mailseal::Error::Limit { .. }), "{what}: {error}"),
        }
    }
}

#[test]
fn r_b15_spellings_of_one_address_are_one() {
    let Some(stage) = stage() else { return };
    let good = [
        "From: <mallory@evil.example>",
        "From: Mallory <mallory@evil.example>",
        "From: \"Mallory, M.\" <mallory@evil.example>",
        "FROM: mallory@EVIL.example",
        "From: \"mallory\"@evil.example",
        "From: =?utf-8?q?M=C3=A4llory?= <mallory@evil.example>",
        "From: Mallory\r\n <mallory@evil.example>",
        "From: Mallory (me) <mallory@evil.example> (at home)",
        // A name is only a name: it is shown apart, and the address is hers.
        "From: \"ceo@bank.example\" <mallory@evil.example>",
        "From: =?utf-8?b?Y2VvQGJhbmsuZXhhbXBsZQ==?= <mallory@evil.example>",
    ];
    for fields in good {
        let seen = look(&stage.cx(), &by_mallory(&stage, format!("{fields}\r\n").as_bytes()), AT);
        assert_eq!(seen.outcome, Outcome::Good, "{fields}: {seen:#?}");
        assert_eq!(seen.verified_for, ["mallory@evil.example"], "{fields}");
        assert_eq!(seen.from.len(), 1, "{fields}");
    }
}

#[test]
fn r_b15_sender_is_reported_apart() {
    let Some(stage) = stage() else { return };
    let fields = b"From: mallory@evil.example\r\nSender: ceo@bank.example\r\n";
    look(&stage.cx(), &by_mallory(&stage, fields), AT).is_caution(Code::SenderDiffers, "Sender");
    let fields = b"From: mallory@evil.example\r\nSender: mallory@evil.example\r\n";
    look(&stage.cx(), &by_mallory(&stage, fields), AT).is_good_for("mallory@evil.example");
}

#[test]
fn r_b15_a_name_in_a_certificate_is_no_address() {
    let Some(stage) = stage() else { return };
    // The common name says that it is the CHIEF; the address is Mallory's.
    let words = "req -new -config ca.cnf -utf8 -out cn.csr -key intermediate.key -subj";
    let folder = stage.pki.folder();
    stage.pki.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out cn.key").ok();
    let words = words.replace("intermediate.key", "cn.key");
    stage.pki.openssl(&words).arg("/CN=ceo@bank.example").ok();
    std::fs::write(
        folder.join("cn.cnf"),
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n\
         subjectAltName=email:mallory@evil.example\n",
    )
    .unwrap();
    let words = "x509 -req -CA intermediate.pem -CAkey intermediate.key -days 3000 -extfile cn.cnf -in cn.csr -out cn.pem";
    stage.pki.openssl(words).ok();
    let sign = "cms -sign -binary -outform DER -signer cn.pem -inkey cn.key -certfile intermediate.pem";
    let cms = stage.pki.openssl(sign).input(CONTENT).ok();
    let at = crate::stage::now();
    look(&stage.cx(), &detached(CHIEF, CONTENT, &cms), at).is_caution(Code::SignerNotFrom, "common name");
    look(&stage.cx(), &detached("mallory@evil.example", CONTENT, &cms), at)
        .is_good_for("mallory@evil.example");
}

/// Pieces of which attackers make header fields.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"From: ",
        b"Sender: ",
        b"from:",
        b"From :",
        b"Subject: ",
        b"Reply-To: ",
        b"\r\n",
        b"\r\n ",
        b"\n",
        b"\r",
        b"\r\n\t",
        b"ceo@bank.example",
        b"mallory@evil.example",
        b"<",
        b">",
        b",",
        b";",
        b":",
        b"\"",
        b"(",
        b")",
        b"@",
        b"\\",
        b" ",
        b"=?utf-8?q?",
        b"?=",
        b"=?utf-8?b?Y2VvQGJhbmsuZXhhbXBsZQ==?=",
        b"friends",
        b".",
        b"\0",
        b"\x1b",
        b"\xc3\xa9",
        b"xn--",
        b"Content-Type: text/html",
        b"MIME-Version: 1.0",
        b"x",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..14).prop_map(|pieces| pieces.concat())
}

#[test]
fn r_b15_noise_makes_nothing_good_for_anybody_else() {
    let Some(stage) = stage() else { return };
    let (cx, nobody) = (stage.cx(), Context::new(TrustStore::new()));
    let hers = by_mallory(&stage, b"");
    let alices = by(&stage, &stage.alice, b"");
    let config = ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
    let fields = (noise(), prop_oneof![Just("From: mallory@evil.example\r\n"), Just("")], noise());
    runner
        .run(&fields, |(above, from, below)| {
            for letter in [&hers, &alices] {
                let letter = [&above, b"\r\n".as_slice(), from.as_bytes(), &below, b"\r\n", letter].concat();
                let Ok(seen) = try_look(&cx, &letter, AT) else { continue };
                prop_assert!(!seen.verified_for.iter().any(|one| one == CHIEF), "{seen:#?}");
                for sender in &seen.verified_for {
                    prop_assert!(seen.signers.contains(sender), "{sender} {seen:#?}");
                    prop_assert_eq!(&seen.from, std::slice::from_ref(sender));
                }
                if seen.outcome == Outcome::Good {
                    prop_assert_eq!(&seen.from, &seen.signers);
                }
                if let Ok(seen) = try_look(&nobody, &letter, AT) {
                    prop_assert_ne!(seen.outcome, Outcome::Good, "nobody is trusted");
                }
            }
            Ok(())
        })
        .unwrap();
    let _ = ALICE;
}
