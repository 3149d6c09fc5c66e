//! draft-autocrypt-lamps-protected-headers: the letters of its appendix, by another program, in both protocols.

use std::fs;

use mailseal::report::{Code, FieldProtection, HeaderForm};
use mailseal::{Certificate, CertificatePool, Context, Key, Opener, Password, Scope, TrustStore};

use crate::support::corpora;
use crate::{AT, field, has, payload, state};

const SECRET: &str = "BarCorp contract signed, let's go!";
const SIGNED: &str = "The FooCorp contract";

/// PKCS#12 between lines of dashes.
fn armored(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let lines: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    base64_simd::STANDARD.decode_to_vec(lines).unwrap()
}

#[test]
fn the_letters_of_the_draft() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("autocrypt-protected-headers");
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let alice = Certificate::load(&read("alice@openpgp.example.pub.asc")).unwrap();
    let mut pool = CertificatePool::new();
    alice.into_iter().for_each(|certificate| drop(pool.add(certificate)));
    let trust = TrustStore::new().anchors(&read("sample-ca.pem"), Scope::any()).unwrap();
    let cx = Context::new(trust).certificates(pool);
    let opener = Opener::new(&cx)
        .key(Key::load(&read("bob@openpgp.example.sec.asc"), Password::none()).unwrap())
        .key(Key::load(&armored(&read("bob.p12")), Password::from("bob")).unwrap());
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|kind| kind != "eml") {
            continue;
        }
        let letter = fs::read(&path).unwrap();
        let opened = opener.open(&letter, AT).unwrap();
        let report = &opened.report;
        assert_eq!(report.headers.form, Some(HeaderForm::ProtectedHeaders), "{name}: {report:#?}");
        assert!(
            !has(report, Code::HeaderMismatch) && !has(report, Code::FromDiffers),
            "{name}: {:#?}",
            report.headers
        );
        let encrypted =
            report.layers.iter().any(|layer| matches!(layer, mailseal::report::Layer::Encrypted(_)));
        let signed = report.signatures().any(|one| one.integrity == mailseal::report::Integrity::Intact);
        let subject = if encrypted { SECRET } else { SIGNED };
        assert_eq!(report.headers.show("subject").collect::<Vec<_>>(), [subject], "{name}");
        let wanted = match (signed, encrypted) {
            (true, true) => FieldProtection::SignedAndEncrypted,
            (false, true) => FieldProtection::Encrypted,
            _ => FieldProtection::Signed,
        };
        assert_eq!(state(report, "Subject"), wanted, "{name}");
        assert_eq!(
            field(report, "Subject").outer.as_deref(),
            Some(if encrypted { "..." } else { SIGNED }),
            "{name}"
        );
        let wanted = if signed { FieldProtection::Signed } else { FieldProtection::Unprotected };
        assert_eq!(state(report, "From"), wanted, "{name}");
        let displays = report.parts.iter().filter(|part| !part.legacy_display.is_empty()).count();
        let inside = payload(&opened);
        let wanted = encrypted && inside.contains("text/plain; protected-headers=\"v1\"");
        assert_eq!(displays, usize::from(wanted), "{name}: {inside}");
        seen += 1;
    }
    println!("autocrypt-protected-headers: {seen} letters, the header of each as the draft says");
    assert_eq!(seen, 12);
}
