//! Keyrings, owner trust and certificate directories as the programs themselves keep them.

use std::fs;

use mailseal::openpgp;
use mailseal::outside::CertD;
use mailseal::outside::gnupg::{Home, OwnerTrust, keyring, owner_trust};
use mailseal::protocol::{CertificateSource, KeyHint};
use mailseal::report::Protocol;

use crate::gpg::People;
use crate::support::Program;

fn found(source: &dyn CertificateSource, address: &str) -> Vec<String> {
    let address = address.parse().unwrap();
    let mut hint = KeyHint::default();
    hint.address = Some(&address);
    source.candidates(&hint).unwrap().iter().map(|one| one.fingerprint()).collect()
}

#[test]
fn keyrings_and_owner_trust_of_gpg() {
    let Some(people) = People::new(4) else { return };
    let text = format!("{}:5:\n{}:4:\n", people.fingerprint(1), people.fingerprint(2));
    people.gpg.words("--import-ownertrust").input(text.as_bytes()).ok();
    people.gpg.words("--check-trustdb").ok();

    let home = Home::open(people.gpg.home()).unwrap();
    for person in 0..4 {
        assert_eq!(found(&home, &format!("p{person}@d{person}.example")), [people.fingerprint(person)]);
    }
    assert!(found(&home, "nobody@d1.example").is_empty());
    let wanted = [
        (people.fingerprint(0), OwnerTrust::Ultimate),
        (people.fingerprint(1), OwnerTrust::Full),
        (people.fingerprint(2), OwnerTrust::Marginal),
    ];
    let by_name = |mut found: Vec<(String, OwnerTrust)>| {
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    };
    let wanted = by_name(wanted.to_vec());
    // The database as gpg keeps it, and the text that gpg makes of it.
    let kept = home.owner_trust().map(|(fingerprint, trust)| (fingerprint.to_owned(), trust)).collect();
    assert_eq!(by_name(kept), wanted);
    let exported = people.gpg.words("--export-ownertrust").run().text();
    let exported: Vec<&str> = exported.lines().filter(|line| !line.starts_with("[GNUPG:]")).collect();
    let exported = owner_trust(exported.join("\n").as_bytes()).unwrap();
    assert_eq!(by_name(exported), wanted);

    let names = |octets: &[u8]| {
        let mut names: Vec<String> = keyring(octets).unwrap().iter().map(|one| one.fingerprint()).collect();
        names.sort();
        names
    };
    let keybox = fs::read(people.gpg.home().join("pubring.kbx")).unwrap();
    let exported = people.export("", "");
    assert_eq!(names(&keybox).len(), 4);
    assert_eq!(names(&keybox), names(&exported));
    // GnuPG 1 and 2.0 kept what is exported as it is.
    let old = tempfile::tempdir().unwrap();
    fs::write(old.path().join("pubring.gpg"), &exported).unwrap();
    assert_eq!(found(&Home::open(old.path()).unwrap(), "p1@d1.example"), [people.fingerprint(1)]);
}

#[test]
#[cfg(feature = "smime")]
fn a_keybox_of_gpgsm_holds_both_kinds() {
    let Some(people) = People::new(1) else { return };
    let Some(gpgsm) = crate::support::tool("gpgsm") else { return };
    let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/letters/openssl-ca.pem");
    let importing = Program::new(gpgsm).arg("--homedir").arg(people.gpg.home());
    importing.words("--batch --disable-dirmngr --import").arg(ca).run();
    let keybox = fs::read(people.gpg.home().join("pubring.kbx")).unwrap();
    let mut kinds: Vec<Protocol> = keyring(&keybox).unwrap().iter().map(|one| one.protocol()).collect();
    kinds.sort_by_key(|kind| *kind == Protocol::Smime);
    assert_eq!(kinds, [Protocol::Openpgp, Protocol::Smime]);
}

#[test]
fn a_certificate_directory() {
    let Some(people) = People::new(3) else { return };
    let folder = tempfile::tempdir().unwrap();
    let octets = |person: usize| people.export("", &people.fingerprint(person));
    let place = |fingerprint: &str| {
        let (head, tail) = fingerprint.split_at(2);
        fs::create_dir_all(folder.path().join(head.to_lowercase())).unwrap();
        folder.path().join(head.to_lowercase()).join(tail.to_lowercase())
    };
    fs::write(place(&people.fingerprint(1)), octets(1)).unwrap();
    fs::write(folder.path().join("trust-root"), octets(0)).unwrap();
    fs::write(folder.path().join("writelock"), b"").unwrap();
    // One that is named after another.
    fs::write(place(&"AB".repeat(20)), octets(2)).unwrap();

    let known = CertD::open(folder.path()).unwrap();
    assert_eq!(known.trust_root().unwrap().fingerprint(), people.fingerprint(0));
    assert_eq!(found(&known, "p1@d1.example"), [people.fingerprint(1)]);
    assert_eq!(found(&known, "p0@d0.example"), [people.fingerprint(0)]);
    assert!(found(&known, "p2@d2.example").is_empty());
    assert_eq!(known.unreadable().len(), 1);
    let one = openpgp::Certificate::load(&octets(1)).unwrap();
    let fingerprint: Vec<u8> = (0..20)
        .map(|at| u8::from_str_radix(&one[0].fingerprint()[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let mut hint = KeyHint::default();
    hint.openpgp = Some(&fingerprint[12..]);
    assert_eq!(known.candidates(&hint).unwrap().len(), 1, "by key ID");
    assert!(CertD::open(folder.path().join("nowhere")).is_err());

    // What is no file is not waited for, and hides no other.
    fs::create_dir_all(place(&"CD".repeat(20))).unwrap();
    fs::write(folder.path().join("ef"), b"").unwrap();
    let pipe = place(&"BC".repeat(20));
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        let known = CertD::open(folder.path()).unwrap();
        assert_eq!((known.unreadable().len(), found(&known, "p1@d1.example").len()), (3, 1));
    }
}
