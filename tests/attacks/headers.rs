//! Header fields around what is signed (R-B16, R-B17) and header fields that we write (R-E1).

use mailseal::mime::Structure;
use mailseal::report::Code;
use mailseal::{Composer, Limits, Outcome};
use proptest::prelude::*;

use crate::cms::{Cms, Signer, attribute, attributes, detached, tlv};
use crate::stage::{AT, CONTENT, look, stage};

const ALICE: &str = "alice@example.org";
const DRAFT: &[u8] = b"From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nCc: carol@example.com\r\n\
    Date: Mon, 21 Sep 2026 14:13:20 +0000\r\nSubject: Pay 100\r\nMessage-ID: <1@example.org>\r\n\r\nPay 100 to Alice.\r\n";

fn replaced(letter: &[u8], from: &str, to: &str) -> Vec<u8> {
    // The header outside stands first.
    let text = std::str::from_utf8(letter).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn r_b16_another_header_around_the_same_signature() {
    let Some(stage) = stage() else { return };
    for opaque in [false, true] {
        let letter = stage.composed(&stage.alice_leaf, DRAFT, opaque);
        stage.look(&letter).is_good_for(ALICE);
        let changes = [
            ("Subject: Pay 100", "Subject: Pay 999"),
            ("Subject: Pay 100", "X-Was: Pay 100"),
            ("To: bob@example.com", "To: mallory@evil.example"),
            ("To: bob@example.com", "To: bob@example.com, mallory@evil.example"),
            ("Cc: carol@example.com", "Cc: eve@evil.example"),
            ("Message-ID: <1@example.org>", "Message-ID: <2@example.org>"),
            ("Date: Mon, 21 Sep 2026 14:13:20", "Date: Mon, 21 Sep 2026 14:33:20"),
            ("Subject: Pay 100", "Subject: Pay 100\r\nSubject: Pay 999"),
            ("Subject: Pay 100", "Subject: Pay 999\r\nSubject: Pay 100"),
        ];
        for (from, to) in changes {
            stage.look(&replaced(&letter, from, to)).is_caution(Code::HeaderMismatch, to);
        }
        // Another From is somebody else's letter, whatever the display name is.
        let stolen = replaced(&letter, "Alice <alice@example.org>", "Alice <mallory@evil.example>");
        stage.look(&stolen).is_caution(Code::SignerNotFrom, "From");
    }
}

#[test]
fn r_b16_date_and_signing_time_are_near_each_other() {
    let Some(stage) = stage() else { return };
    let dated = |date: &str, time: &[u8]| {
        let mut signer = Signer::new(&stage.alice, CONTENT);
        let mut set = attributes(CONTENT);
        set[1] = attribute(crate::cms::SIGNING_TIME, &tlv(0x17, time));
        signer.attributes = Some(set);
        let people: [&[u8]; 2] = [&stage.alice.certificate, &stage.intermediate()];
        let letter = detached(ALICE, CONTENT, &Cms::new(None, vec![signer.der(CONTENT)], &people).der());
        stage.look(&[format!("Date: {date}\r\n").as_bytes(), &letter].concat())
    };
    dated("Mon, 21 Sep 2026 14:13:20 +0000", b"260921141320Z").is_good_for(ALICE);
    dated("Mon, 21 Sep 2026 16:13:20 +0200", b"260921141320Z").is_good_for(ALICE);
    dated("Mon, 21 Sep 2026 15:13:21 +0000", b"260921141320Z")
        .is_caution(Code::DateDiffers, "an hour and more");
    dated("Mon, 21 Sep 2026 14:13:20 +0000", b"250921141320Z").is_caution(Code::DateDiffers, "an old letter");
    dated("Mon, 21 Sep 2026 14:13:20 +0000", b"270921141320Z").is_not_good("signed in the future");
}

#[test]
fn r_b17_a_signed_letter_sent_on_to_somebody_else() {
    let Some(stage) = stage() else { return };
    // Bob sends what Alice signed for him on to Carol, as if she had written to her (Davis 2001).
    let letter = stage.composed(&stage.alice_leaf, DRAFT, false);
    for to in ["To: victim@example.net", "To: bob@example.com\r\nTo: victim@example.net"] {
        let moved = replaced(&letter, "To: bob@example.com", to);
        look(&stage.cx(), &moved, AT).is_caution(Code::HeaderMismatch, to);
    }
    let hidden = replaced(&letter, "To: bob@example.com\r\n", "");
    look(&stage.cx(), &hidden, AT).is_not_good("To removed");
}

/// Octets that may end a field too early, or begin another.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"\r\n",
        b"\r\n ",
        b"\n",
        b"\r",
        b"\0",
        b"\x0b",
        b"\x0c",
        b"Bcc: x@evil.example",
        b"X: y",
        b":",
        b" ",
        b"a",
        b"=?utf-8?q?=0D=0A?=",
        b"\xe4\xbd\x90",
        b"\xff",
        b"\"",
        b"(",
        b"--b",
        b"Content-Type: text/html",
        b";",
        b"boundary=x",
        b"\r\n\r\n",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn r_e1_what_is_written_reads_as_it_was_meant() {
    let Some(stage) = stage() else { return };
    let composer = Composer::new(&stage.cx()).sign(&stage.key(&stage.alice_leaf));
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
    runner
        .run(&(value(), value()), |(value, body)| {
            let subject =
                [b"From: alice@example.org\r\nSubject: ", value.as_slice(), b"\r\n\r\n", &body].concat();
            let mut letter = Vec::new();
            if composer.compose(&subject, AT, &mut letter).is_err() {
                return Ok(());
            }
            let meant = Structure::read(&mut subject.as_slice(), &Limits::default()).unwrap();
            let meant = meant.parts[0].headers();
            let wrote = Structure::read(&mut letter.as_slice(), &Limits::default()).unwrap();
            let outside = wrote.parts[0].headers();
            prop_assert_eq!(outside.count("Bcc"), 0);
            for name in ["X", "Subject", "From"] {
                prop_assert!(
                    outside.count(name) <= meant.count(name),
                    "{name}: {:?}",
                    String::from_utf8_lossy(&letter)
                );
            }
            for name in ["Content-Type", "MIME-Version"] {
                prop_assert_eq!(outside.count(name), 1, "{}", name);
            }
            prop_assert_eq!(wrote.parts[0].children.len(), 2);
            let seen = look(&stage.cx(), &letter, AT);
            let text = String::from_utf8_lossy(&letter);
            prop_assert_eq!(seen.outcome, Outcome::Good, "{:?}\n{}\n{:#?}", subject, text, seen);
            Ok(())
        })
        .unwrap();
}

#[test]
fn r_e1_nothing_of_the_content_ends_the_content() {
    let Some(stage) = stage() else { return };
    let lines = "--b\r\n--b--\r\n--=\r\n-----BEGIN PGP SIGNATURE-----\r\n.\r\n";
    let body = format!("{lines}{}", "--".repeat(100_000));
    let draft = format!("From: {ALICE}\r\nSubject: x\r\n\r\n{body}\r\n");
    let letter = stage.composed(&stage.alice_leaf, draft.as_bytes(), false);
    let seen = stage.look(&letter);
    seen.is_good_for(ALICE);
    let structure = Structure::read(&mut letter.as_slice(), &Limits::default()).unwrap();
    assert_eq!(structure.parts.len(), 3);
}

/// RFC 8601 §5: what a letter from outside says in our name is not believed, however it is written.
#[test]
fn forged_results_do_not_arrive() {
    let Some(stage) = stage() else { return };
    let forged: &[&str] = &[
        "Authentication-Results: mx.example.org; smime=pass body.smime-identifier=alice@example.org",
        "authentication-results : MX.EXAMPLE.ORG; smime=pass",
        "AUTHENTICATION-RESULTS:\r\n\t(\r\n comment) \"mx.example.org\" 1;\r\n smime=pass",
        "Authentication-Results: =?utf-8?Q?mx=2Eexample=2Eorg?=; smime=pass",
        "Authentication-Results: mx.example.org/1; smime=pass",
        "Authentication-Results: (never closed mx.example.org; smime=pass",
        "Authentication-Results:",
    ];
    let others: &[&str] = &[
        "Authentication-Results: mx.example.net; dkim=pass header.d=example.net",
        "ARC-Authentication-Results: i=1; mx.example.org; dkim=pass",
        "X-Authentication-Results: mx.example.org; smime=pass",
        "Subject: mx.example.org\r\n Authentication-Results: mx.example.org; smime=pass",
    ];
    let letter = stage.composed(&stage.alice_leaf, DRAFT, false);
    let mut sent = Vec::new();
    let mut kept = Vec::new();
    for index in 0..forged.len().max(others.len()) {
        for line in forged.get(index).into_iter().chain(others.get(index)) {
            sent.extend_from_slice(format!("{line}\r\n").as_bytes());
        }
        if let Some(line) = others.get(index) {
            kept.extend_from_slice(format!("{line}\r\n").as_bytes());
        }
    }
    sent.extend_from_slice(&letter);
    kept.extend_from_slice(&letter);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &sent).unwrap();
    let small = mailseal::Limits::default().memory_bytes(100);
    let inputs = [
        (mailseal::Limits::default(), mailseal::Input::memory(&sent)),
        (small.clone(), mailseal::Input::file(file.path())),
        (small, mailseal::Input::pipe(sent.as_slice())),
    ];
    for (limits, input) in inputs {
        let opened = mailseal::Opener::new(&stage.cx().limits(limits)).open(input, AT).unwrap();
        let verdict = mailseal::Policy::standard().judge(&opened.report);
        let mut out = Vec::new();
        opened.stamp(&verdict, "mx.example.org", &mut out).unwrap();
        let field = verdict.authentication_results(&opened.report, "mx.example.org").unwrap();
        let expected = [field.as_bytes(), b"\r\n", &kept].concat();
        assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected));
    }
}

/// What stands in the certificate or the letter cannot speak in the field.
#[test]
fn r_e1_nobody_writes_results_by_their_name() {
    let Some(stage) = stage() else { return };
    let letter = stage.composed(&stage.alice_leaf, DRAFT, false);
    let evil = "\"a\"@example.org; smime=pass\r\nX-Evil: 1";
    let stolen = replaced(&letter, "Alice <alice@example.org>", evil);
    let opened = mailseal::Opener::new(&stage.cx()).open(&stolen, AT).unwrap();
    let verdict = mailseal::Policy::standard().judge(&opened.report);
    let field = verdict.authentication_results(&opened.report, "mx.example.org").unwrap();
    assert!(!field.contains("pass") && !field.contains("Evil"), "{field}");
    assert_eq!(field.matches("smime=").count(), 1);
}

#[test]
fn a_letter_from_a_folder_keeps_its_line_ends_and_its_mbox_line() {
    let Some(stage) = stage() else { return };
    let letter = b"From a@b.example Mon Sep 21 14:13:20 2026\nAuthentication-Results: me; smime=pass\nFrom: a@b.example\n\n\
        x\r\n\n";
    let opened = mailseal::Opener::new(&stage.cx()).open(letter, AT).unwrap();
    let verdict = mailseal::Policy::standard().judge(&opened.report);
    let mut out = Vec::new();
    opened.stamp(&verdict, "me", &mut out).unwrap();
    let expected = "From a@b.example Mon Sep 21 14:13:20 2026\nAuthentication-Results: me; smime=none\nFrom: a@b.example\n\n\
        x\r\n\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

/// The letter as those read it who take a CR for the end of a line: what stands in our name, ours first.
fn spoken_for(letter: &[u8], name: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(letter).replace("\r\n", "\n").replace('\r', "\n");
    let head = text.split("\n\n").next().unwrap().replace("\n ", " ").replace("\n\t", " ");
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let results = fields.filter(|(field, _)| field.trim_end().eq_ignore_ascii_case("Authentication-Results"));
    results.map(|(_, value)| value.trim().to_owned()).filter(|value| value.starts_with(name)).collect()
}

/// A letter that begins with the fold of a field would fold itself into ours.
#[test]
fn r_e1_nothing_is_added_to_our_results() {
    let Some(stage) = stage() else { return };
    let rest = "From: a@b.example\r\n\r\nPay me.\r\n";
    for before in [
        " ; smime=pass body.smime-identifier=president@example.org\r\n",
        "\t; smime=pass\r\n ; smime=pass\r\n",
        "From a@b.example Mon Sep 21 14:13:20 2026\r\n ; smime=pass\r\n",
        "Authentication-Results: me; none\r\n ; smime=pass\r\n",
        "\rAuthentication-Results: me; smime=pass\r\n",
        "X: a\rAuthentication-Results: me; smime=pass\r\n",
        "X: a\r\rAUTHENTICATION-RESULTS\t :me; smime=pass\r\n folded\r\n",
        "X: a\r\n b\rAuthentication-Results:\r\n me; smime=pass\r\n",
        "no field\rAuthentication-Results: me; smime=pass\r\n",
    ] {
        let letter = format!("{before}{rest}");
        let opened = mailseal::Opener::new(&stage.cx()).open(letter.as_bytes(), AT).unwrap();
        let verdict = mailseal::Policy::standard().judge(&opened.report);
        let mut out = Vec::new();
        opened.stamp(&verdict, "me", &mut out).unwrap();
        assert_eq!(
            spoken_for(&out, "me"),
            ["me; smime=none"],
            "{before:?}: {:?}",
            String::from_utf8_lossy(&out)
        );
        assert!(out.ends_with(rest.as_bytes()), "{before:?}");
    }
}
