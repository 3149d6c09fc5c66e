//! Paths of other people's certificates.

use std::path::{Path as File, PathBuf};
use std::process::Command;

use crate::x509::path::*;
use crate::x509::pkcs12;
use crate::x509::testing::{corpora, files};

pub(super) fn certificates(files: &[PathBuf]) -> Vec<Certificate> {
    files
        .iter()
        .flat_map(|file| Certificate::load_pem_or_der(&std::fs::read(file).unwrap()).unwrap())
        .collect()
}

pub(super) fn certificate(file: &File) -> Certificate {
    certificates(&[file.to_owned()]).remove(0)
}

fn find_at(leaf: &Certificate, between: &[Certificate], anchor: &Certificate, at: UnixTime) -> PathOutcome {
    find(
        &PathRequest::new(
            leaf,
            std::slice::from_ref(anchor),
            Purpose::EmailSigning,
            at,
            &Provider::default(),
            &Limits::default(),
        )
        .intermediates(between),
    )
}

#[test]
fn r_c1_rub_johnny() {
    let Some(folder) = corpora("rub-johnny/assets/certificates") else { return };
    let anchor = certificate(&folder.join("intermediate_ca.crt"));
    for (file, mailbox) in [("eve", "eve@bigcorporation.de"), ("manager", "manager@bigcorporation.de")] {
        let leaf = certificate(&folder.join(format!("{file}@bigcorporation.crt")));
        assert_eq!(leaf.mailboxes(), [mailbox]);
        let outcome = find_at(&leaf, &[], &anchor, UnixTime::from_seconds(1_560_000_000));
        assert_eq!(outcome.valid.unwrap().weak, []);
        let later = find_at(&leaf, &[], &anchor, UnixTime::from_seconds(1_660_000_000));
        assert!(later.valid.is_none() && later.rejected[0].anchored);
        assert!(matches!(later.rejected[0].reason, PathError::Expired { .. }));
    }
}

#[test]
fn r_c1_thunderbird() {
    let Some(folder) = corpora("thunderbird-smime/mailnews/test/data/smime") else { return };
    let anchor = certificate(&folder.join("TestCA.pem"));
    for (file, mailbox) in
        [("Alice", "Alice@example.com"), ("Bob", "Bob@example.com"), ("Dave", "Dave@example.com")]
    {
        let octets = std::fs::read(folder.join(format!("{file}.p12"))).unwrap();
        let pfx = pkcs12::read(&octets, "nss", &Limits::default()).unwrap();
        let all: Vec<_> = pfx.certificates.into_iter().map(|one| one.certificate).collect();
        let leaf = all.iter().find(|one| **one != anchor).unwrap();
        assert_eq!(leaf.mailboxes(), [mailbox]);
        let outcome = find_at(leaf, &all, &anchor, UnixTime::from_seconds(1_780_000_000));
        assert!(outcome.valid.is_some(), "{file}: {:?}", outcome.rejected);
    }
}

#[test]
fn r_c1_rfc_9216() {
    let Some(folder) = corpora("rfc9216") else { return };
    let all = certificates(&files(&folder, &[".certificate.pem"]));
    let at = UnixTime::from_seconds(1_700_000_000);
    for anchor in all.iter().filter(|one| one.is_self_issued()) {
        let leaves = all.iter().filter(|one| !one.mailboxes().is_empty());
        // Both roots are cross-signed: from either, everybody's signing certificate is reached.
        let signers = leaves.filter(|leaf| leaf.extensions().key_usage.unwrap().digital_signature());
        assert_eq!(signers.filter(|leaf| find_at(leaf, &all, anchor, at).valid.is_some()).count(), 4);
    }
}

/// Extensions of the authority, of the leaf, days from now.
const GENERATED: [(&str, &str, u32); 17] = [
    (
        CA,
        "keyUsage=digitalSignature\nextendedKeyUsage=emailProtection\nsubjectAltName=email:a@example.org",
        1,
    ),
    (CA, "", 1),
    (CA, "", 200),
    (CA, "keyUsage=keyEncipherment", 1),
    (CA, "keyUsage=nonRepudiation", 1),
    (CA, "extendedKeyUsage=serverAuth", 1),
    (CA, "1.2.3.4=critical,DER:0500", 1),
    (CA, "1.2.3.4=DER:0500", 1),
    ("", "", 1),
    ("basicConstraints=critical,CA:FALSE", "", 1),
    ("basicConstraints=CA:TRUE,pathlen:0", "", 1),
    ("basicConstraints=CA:TRUE\nkeyUsage=digitalSignature", "", 1),
    ("basicConstraints=CA:TRUE\nextendedKeyUsage=serverAuth", "", 1),
    ("basicConstraints=CA:TRUE\nextendedKeyUsage=emailProtection", "", 1),
    (
        "basicConstraints=CA:TRUE\nnameConstraints=permitted;email:example.org",
        "subjectAltName=email:a@example.org",
        1,
    ),
    (
        "basicConstraints=CA:TRUE\nnameConstraints=permitted;email:example.org",
        "subjectAltName=email:a@evil.example",
        1,
    ),
    (
        "basicConstraints=CA:TRUE\nnameConstraints=excluded;email:.example.org",
        "subjectAltName=email:a@b.example.org",
        1,
    ),
];
const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign";

#[test]
fn r_c1_agrees_with_openssl() {
    let Ok(folder) = tempfile::tempdir() else { return };
    let folder = folder.path();
    let openssl = |words: &str| {
        let output = Command::new("openssl").args(words.split(' ')).current_dir(folder).output();
        output.map(|output| output.status.success())
    };
    if openssl("version").is_err() {
        println!("skipped: no openssl");
        return;
    }
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch";
    let run = |words: &str| assert!(openssl(words).unwrap(), "openssl {words}");
    run(&format!("req -x509 {key} -keyout root.key -out root.pem -subj /CN=Root -days 1000"));
    run(&format!("req {key} -keyout ca.key -out ca.csr -subj /CN=CA"));
    run(&format!("req {key} -keyout leaf.key -out leaf.csr -subj /CN=Leaf"));
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    for (ca, leaf, days) in GENERATED {
        write("ca.ext", &format!("subjectKeyIdentifier=hash\n{ca}\n"));
        write("leaf.ext", &format!("subjectKeyIdentifier=hash\n{leaf}\n"));
        run(
            "x509 -req -in ca.csr -CA root.pem -CAkey root.key -set_serial 2 -days 500 -extfile ca.ext -out ca.pem",
        );
        run(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 3 -days 100 -extfile leaf.ext -out leaf.pem",
        );
        let read = |name: &str| certificate(&folder.join(name));
        let at = read("leaf.pem").validity().not_before.seconds() + i64::from(days) * 86_400;
        let verify =
            format!("verify -attime {at} -purpose smimesign -CAfile root.pem -untrusted ca.pem leaf.pem");
        let outcome =
            find_at(&read("leaf.pem"), &[read("ca.pem")], &read("root.pem"), UnixTime::from_seconds(at));
        assert_eq!(
            outcome.valid.is_some(),
            openssl(&verify).unwrap(),
            "{ca}/{leaf}: {:?}",
            outcome.rejected.first()
        );
    }
}

#[test]
fn r_b14_weak_hashes_and_keys_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |line: &str| {
        let output = Command::new("openssl").args(line.split(' ')).current_dir(folder.path()).output();
        output.is_ok_and(|output| output.status.success())
    };
    let ec = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
    if !run(&format!("req -x509 {ec} -sha1 -nodes -batch -keyout root.key -out root.pem -subj /CN=Root")) {
        println!("skipped: no openssl");
        return;
    }
    let signed = |hash: &str, key: &str| {
        assert!(run(&format!("req {key} -nodes -batch -keyout leaf.key -out leaf.csr -subj /CN=Leaf")));
        let sign = "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -set_serial 3 -out leaf.pem";
        assert!(run(&format!("{sign} {hash}")));
        let leaf = certificate(&folder.path().join("leaf.pem"));
        let at = leaf.validity().not_before;
        find_at(&leaf, &[], &certificate(&folder.path().join("root.pem")), at)
    };
    // The anchor's signature on itself does not count.
    assert_eq!(signed("-sha256", ec).valid.unwrap().weak, []);
    let subject = || "Leaf".to_owned();
    let sha1 = Weakness::Hash { subject: subject(), hash: crate::crypto::HashAlgorithm::Sha1 };
    assert_eq!(signed("-sha1", ec).valid.unwrap().weak, [sha1]);
    let short = Weakness::ShortKey { subject: subject(), bits: 1024 };
    assert_eq!(signed("-sha256", "-newkey rsa:1024").valid.unwrap().weak, [short]);
}
