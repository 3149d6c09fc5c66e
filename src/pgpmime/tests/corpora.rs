//! Signatures and keys made by others.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::inline::{self, Kind};
use super::*;
use crate::input::Input;
use crate::mime::{Structure, decode};

const FOLDERS: [&str; 10] = [
    "thunderbird-openpgp",
    "kde-mimetreeparser",
    "gopenpgp",
    "mimekit/TestData/openpgp",
    "gmime",
    "autocrypt-protected-headers",
    "sequoia-openpgp",
    "rnp",
    "gnupg-openpgp",
    "rub-johnny",
];

/// Files of up to that size; `find` order, so that runs are alike.
pub(super) fn files(folder: &Path, most: u64) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.len() <= most {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn certificates() -> Vec<openpgp::Certificate> {
    let mut found = Vec::new();
    for folder in FOLDERS.iter().filter_map(|folder| corpus(folder)) {
        for file in files(&folder, 200 << 10) {
            let octets = fs::read(file).unwrap();
            found.extend(openpgp::Certificate::load(&octets).into_iter().flatten());
        }
    }
    found
}

#[test]
fn nothing_of_the_corpora_makes_a_reader_panic() {
    let (ring, provider, fixed) = (Ring(Vec::new()), Provider::default(), Fixed::default());
    let fixed = Fixed { limits: fixed.limits.clone().message_bytes(4 << 20), ..fixed };
    let inputs = inputs(&ring, &provider, &fixed, AT);
    let (mut read, mut certs) = (0, 0);
    for folder in FOLDERS.iter().filter_map(|folder| corpus(folder)) {
        for file in files(&folder, 300 << 10) {
            let octets = fs::read(&file).unwrap();
            openpgp::looks_like_openpgp(&octets);
            for certificate in openpgp::Certificate::load(&octets).into_iter().flatten() {
                let _ = (certificate.mailboxes(AT), certificate.name(AT), certificate.validity(AT));
                certs += 1;
            }
            let checked = Verifier.verify_detached(&mut &*CONTENT, &mut &*octets, &inputs);
            assert!(
                !checked.map(|checked| integrity(&checked)).unwrap_or_default().contains(&Integrity::Intact)
            );
            let _ = Verifier.verify_opaque(&mut &*octets, &mut std::io::sink(), &inputs);
            let _ = inline::read(&octets, &inputs);
            read += 1;
        }
    }
    println!("{read} files, {certs} certificates");
}

#[test]
fn detached_signatures_of_sequoia_and_gopenpgp() {
    let Some(folder) = corpus("sequoia-openpgp") else { return };
    let certs: Vec<_> = certificates();
    let content = fs::read(folder.join("messages/a-cypherpunks-manifesto.txt")).unwrap();
    let checked =
        |name: &str| check(&content, &fs::read(folder.join("messages").join(name)).unwrap(), &certs, AT);
    let manifesto = checked("a-cypherpunks-manifesto.txt.ed25519.sig");
    assert_eq!(integrity(&manifesto), [Integrity::Intact], "{manifesto:#?}");
    let twice = checked("a-cypherpunks-manifesto.txt.ed25519.sig.two-keys");
    assert_eq!(integrity(&twice).len(), 2, "{twice:#?}");
    let old = checked("a-cypherpunks-manifesto.txt.dennis-simon-anton-v3.sig");
    assert_eq!(integrity(&old), [Integrity::Unverified]);
    assert_eq!(codes(&old), [Code::UnsupportedAlgorithm]);
    let text = fs::read(folder.join("messages/crlf-straddles-chunks.txt")).unwrap();
    let straddling = fs::read(folder.join("messages/crlf-straddles-chunks.txt.sig")).unwrap();
    let (ring, provider, fixed) = (Ring(certs.clone()), Provider::default(), Fixed::default());
    let found = inline::read(&straddling, &inputs(&ring, &provider, &fixed, AT)).unwrap();
    assert!(matches!(integrity(&found[0].checked)[..], [Integrity::Intact | Integrity::Weak]), "{found:#?}");
    assert_eq!(found[0].text, text);
    // R-B14: the collision of SHAttered is not intact for either file.
    for name in ["shattered-1.pdf", "shattered-2.pdf"] {
        let content = fs::read(folder.join("messages").join(name)).unwrap();
        let signature = fs::read(folder.join("messages").join(format!("{name}.sig"))).unwrap();
        assert!(!integrity(&check(&content, &signature, &certs, AT)).contains(&Integrity::Intact));
    }
}

#[test]
fn version_6_of_rfc_9580() {
    let Some(folder) = corpus("sequoia-openpgp/crypto-refresh") else { return };
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let certs = openpgp::Certificate::load(&read("v6-minimal-cert.key")).unwrap();
    let (ring, provider, fixed) = (Ring(certs.clone()), Provider::default(), Fixed::default());
    let inputs = inputs(&ring, &provider, &fixed, AT);
    let found = inline::read(&read("cleartext-signed-message.txt"), &inputs).unwrap();
    assert_eq!(integrity(&found[0].checked), [Integrity::Intact], "{found:#?}");
    assert!(String::from_utf8_lossy(&found[0].text).contains("- tofu\r\n- vegetables"));
    let alice = identity(&read("v6-minimal-secret.key"));
    let first = sign(vec![Arc::clone(&alice)], AT, CONTENT);
    let checked = check(CONTENT, &first, &certs, AT);
    assert_eq!((integrity(&checked), codes(&checked)), (vec![Integrity::Intact], vec![]), "{checked:#?}");
    assert_ne!(first, sign(vec![alice], AT, CONTENT), "salted");
    let locked = read("v6-minimal-secret-locked-for-constrained-envs.key");
    let unlocked = SigningIdentity::load(&locked, Password::from("correct horse battery staple"), &provider);
    assert!(unlocked.is_ok(), "{unlocked:?}");
}

#[test]
fn inline_messages_of_gnupg_and_sequoia() {
    let (Some(gnupg), Some(sequoia)) =
        (corpus("gnupg-openpgp/tests/openpgp"), corpus("sequoia-openpgp/messages"))
    else {
        return;
    };
    let (ring, provider, fixed) = (Ring(certificates()), Provider::default(), Fixed::default());
    let inputs = inputs(&ring, &provider, &fixed, AT);
    for (path, kind, count) in [
        (gnupg.join("samplemsgs/clearsig-1-key-1.asc"), Kind::Cleartext, 1),
        (gnupg.join("samplemsgs/clearsig-2-keys-1.asc"), Kind::Cleartext, 2),
        (gnupg.join("samplemsgs/signed-1-key-1.asc"), Kind::Message, 1),
        (gnupg.join("samplemsgs/enc-1-key-1.asc"), Kind::Encrypted, 0),
    ] {
        let found = inline::read(&fs::read(&path).unwrap(), &inputs).unwrap();
        assert_eq!((found[0].kind, found[0].checked.signatures.len()), (kind, count), "{}", path.display());
        let fits = |integrity: Integrity| {
            matches!(integrity, Integrity::Intact | Integrity::Weak | Integrity::Unverified)
        };
        assert!(integrity(&found[0].checked).into_iter().all(fits), "{found:#?}");
    }
    let opaque = |name: &str| {
        let octets = fs::read(sequoia.join(name)).unwrap();
        let mut out = Vec::new();
        let checked = Verifier.verify_opaque(&mut &*octets, &mut out, &inputs).unwrap();
        (integrity(&checked), out, checked)
    };
    for name in [
        "signed-1-ecdsa-nistp256.pgp",
        "signed-1-ecdsa-nistp384.pgp",
        "signed-1-ecdsa-nistp521.pgp",
        "signed-1-eddsa-ed25519.pgp",
        "signed-1-sha256-testy.pgp",
        "signed-2-partial-body.pgp",
    ] {
        let (integrity, out, checked) = opaque(name);
        assert!(matches!(integrity[..], [Integrity::Intact | Integrity::Weak]), "{name} {checked:#?}");
        assert!(!out.is_empty());
    }
    // A signature over a signature is refused, not guessed at.
    assert!(!opaque("signed-1-notarized-by-ed25519.pgp").0.contains(&Integrity::Intact));
}

/// Every multipart/signed with a protocol of application/pgp-signature in a letter, checked.
fn letter(octets: &[u8], ring: &Ring, at: UnixTime) -> Vec<Checked> {
    let (provider, fixed) = (Provider::default(), Fixed::default());
    let source = Input::memory(octets).load(&fixed.limits).unwrap();
    let structure = Structure::read(&mut *source.reader(0..source.len()).unwrap(), &fixed.limits).unwrap();
    let mut found = Vec::new();
    for part in &structure.parts {
        let pgp = part
            .media_type
            .parameter("protocol")
            .is_some_and(|name| name.eq_ignore_ascii_case("application/pgp-signature"));
        let children: Vec<_> = structure.children(part).collect();
        if let ([content, signature], true) = (&children[..], pgp) {
            let mut content = source.reader(content.entity()).unwrap();
            let body = source.reader(signature.body.clone()).unwrap();
            let mut signature = decode::reader(signature.encoding, body);
            let inputs = inputs(ring, &provider, &fixed, at);
            found.push(Verifier.verify_detached(&mut content, &mut signature, &inputs).unwrap());
        }
    }
    found
}

#[test]
fn letters_of_thunderbird_kde_mimekit_and_autocrypt() {
    let ring = Ring(certificates());
    let mut counts = std::collections::BTreeMap::new();
    let mut bad = Vec::new();
    for folder in FOLDERS.iter().filter_map(|folder| corpus(folder)) {
        for file in files(&folder, 1 << 20) {
            let Ok(octets) = fs::read(&file) else { continue };
            if memchr::memmem::find(&octets, b"application/pgp-signature").is_none() {
                continue;
            }
            for integrity in letter(&octets, &ring, AT).iter().flat_map(integrity) {
                *counts.entry(format!("{integrity:?}")).or_insert(0) += 1;
                if !matches!(integrity, Integrity::Intact | Integrity::Weak) {
                    bad.push(format!("{integrity:?} {}", file.display()));
                }
            }
        }
    }
    println!("{counts:?}\n{}", bad.join("\n"));
    let Some(mails) = corpus("thunderbird-openpgp/mail/test/browser/openpgp/data/eml") else { return };
    let one = |name: &str| {
        letter(&fs::read(mails.join(name)).unwrap(), &ring, AT).iter().flat_map(integrity).collect::<Vec<_>>()
    };
    assert_eq!(
        one("signed-by-0xfbfcc82a015e7330-to-0xf231550c4f47e38e-unencrypted.eml"),
        [Integrity::Intact]
    );
    let (provider, fixed) = (Provider::default(), Fixed::default());
    let text = fs::read(mails.join("alice-signed.eml")).unwrap();
    let alice = inline::read(&text, &inputs(&ring, &provider, &fixed, AT)).unwrap();
    assert_eq!(integrity(&alice[0].checked), [Integrity::Intact]);
    assert!(inline::has_text_outside(&text, &alice), "the header");
    assert!(!one("bob-to-alice-signed-damaged-signature.eml").contains(&Integrity::Intact));
}
