//! Archives that somebody changed.

use std::path::Path;

use mailseal::crypto::{HashAlgorithm, Provider};
use mailseal::outside::{Difference, EvidenceArchive};
use mailseal::x509::RevocationData;
use mailseal::{CertificatePool, Context, Error, Outcome, Policy, UnixTime};

use crate::world::{THEN, World};
use crate::{Kept, keep, outcome, same};

pub(crate) fn sha256(octets: &[u8]) -> String {
    let digest = Provider::default().hash(HashAlgorithm::Sha256, octets).unwrap();
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) type Members = Vec<(String, Vec<u8>)>;

/// One of every kind of member.
fn kept() -> (World, Kept) {
    let world = World::new();
    let known = CertificatePool::new().with(&world.authority).unwrap();
    let given = RevocationData::new().with(&world.clean).unwrap();
    let cx = Context::new(world.trust()).certificates(known).revocations(given);
    let kept = keep(&cx.fetcher(world.network(b"no CRL")), &world.letter, THEN);
    same(&kept.check(), Outcome::Good);
    (world, kept)
}

pub(crate) fn write(path: &Path, members: &Members) {
    let mut tar = tar::Builder::new(std::fs::File::create(path).unwrap());
    for (name, octets) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(octets.len() as u64);
        header.set_mode(0o644);
        // `append_data` refuses some of the names that are wanted here.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, octets.as_slice()).unwrap();
    }
    tar.finish().unwrap();
}

/// What was noticed of these members; an error is noticed too.
fn noticed(members: &Members) -> Option<Vec<Difference>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.tar");
    write(&path, members);
    let checked = match EvidenceArchive::open(&path).and_then(|archive| archive.check(&Policy::standard())) {
        Ok(checked) => checked,
        Err(Error::Malformed { .. }) => return Some(Vec::new()),
        Err(other) => panic!("{other}"),
    };
    assert!(checked.is_same() || checked.verdict.is_none(), "nothing is judged of what was changed");
    (!checked.is_same()).then_some(checked.differences)
}

#[test]
fn every_member_changed_by_one_octet_is_noticed() {
    let (_world, kept) = kept();
    let members = kept.members();
    assert!(noticed(&members).is_none(), "unchanged");
    for wanted in
        ["README.txt", "letter.eml", "report.json", "revocation/0001.crl", "manifest.json", "SHA256SUMS"]
    {
        assert!(members.iter().any(|(name, _)| name == wanted), "{wanted}");
    }
    for (number, (name, octets)) in members.iter().enumerate() {
        // All octets of what is not in the list of digests, some of the others.
        let all = ["manifest.json", "SHA256SUMS"].contains(&name.as_str());
        let step = if all { 1 } else { (octets.len() / 7).max(1) };
        for place in (0..octets.len()).step_by(step).chain([octets.len() - 1]) {
            let mut changed = members.clone();
            changed[number].1[place] ^= 1;
            let found = noticed(&changed).unwrap_or_else(|| panic!("{name} at {place}"));
            if !all {
                assert_eq!(found, [Difference::Member(name.clone())]);
            }
        }
        let mut shorter = members.clone();
        shorter[number].1.pop();
        assert!(noticed(&shorter).is_some(), "{name}, shorter");
        let mut without = members.clone();
        without.remove(number);
        assert!(noticed(&without).is_some(), "without {name}");
        let mut twice = members.clone();
        twice.push((name.clone(), octets.clone()));
        assert!(noticed(&twice).is_some(), "{name} twice");
    }
}

/// Blanks in the manifest, with sums that fit: there is one way to write it.
#[test]
fn the_manifest_has_one_form() {
    let (_world, kept) = kept();
    let mut members = kept.members();
    let manifest = members.iter_mut().find(|(name, _)| name == "manifest.json").unwrap();
    manifest.1.push(b' ');
    assert!(noticed(&refit(members)).is_some());
}

#[test]
fn names_that_lead_elsewhere_lead_nowhere() {
    let (_world, kept) = kept();
    for name in ["../../etc/passwd", "/etc/passwd", "certificates/more.der", "C:\\x", ""] {
        let mut members = kept.members();
        members.push((name.to_owned(), b"x".to_vec()));
        assert!(noticed(&members).is_some(), "{name:?}");
    }
    // Links and what else is no file.
    let octets = std::fs::read(&kept.path).unwrap();
    for kind in [b'1', b'2', b'3', b'5', b'L', b'K', b'x', b'g', b'S'] {
        let mut changed = octets.clone();
        let mut header = tar::Header::from_byte_slice(&octets[..512]).clone();
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_cksum();
        changed[..512].copy_from_slice(header.as_bytes());
        std::fs::write(&kept.path, &changed).unwrap();
        let error = EvidenceArchive::open(&kept.path).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{kind}: {error}");
    }
}

#[test]
fn what_is_cut_off_is_no_archive() {
    let (_world, kept) = kept();
    let octets = std::fs::read(&kept.path).unwrap();
    for length in (0..octets.len() - 1024).step_by(509) {
        std::fs::write(&kept.path, &octets[..length]).unwrap();
        let checked =
            EvidenceArchive::open(&kept.path).and_then(|archive| archive.check(&Policy::standard()));
        assert!(!checked.is_ok_and(|checked| checked.is_same()), "{length} octets");
    }
    // A length of what is not there asks for no memory.
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..1].copy_from_slice(b"x");
    header.set_size(200 << 20);
    header.set_cksum();
    std::fs::write(&kept.path, header.as_bytes()).unwrap();
    assert!(EvidenceArchive::open(&kept.path).is_err());
}

/// With all digests made anew: what can be computed again is, and so noticed; what cannot is the archive's word.
#[test]
fn who_makes_the_digests_anew_changes_words_and_no_facts() {
    let (world, kept) = kept();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("forged.tar");
    let forge = |name: &str, from: &str, to: &str| {
        let mut members = kept.members();
        let member = members.iter_mut().find(|(known, _)| known == name).unwrap();
        let text = String::from_utf8(member.1.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        member.1 = text.replace(from, to).into_bytes();
        write(&path, &refit(members));
        EvidenceArchive::open(&path).unwrap().check(&Policy::standard()).unwrap()
    };
    let letter = forge("letter.eml", "Pay at once", "Pay at most");
    assert_eq!((letter.is_same(), outcome(&letter)), (false, Some(Outcome::Bad)));
    for (from, to) in
        [("\"good\"", "\"bad\""), ("alice@example.org", "mallory@example.org"), ("intact", "altered")]
    {
        let report = forge("report.json", from, to);
        assert_eq!((report.is_same(), outcome(&report)), (false, Some(Outcome::Good)), "{from}");
    }
    let outcome_alone = forge("manifest.json", "\"outcome\": \"good\"", "\"outcome\": \"bad\"");
    assert!(!outcome_alone.is_same());
    // When it is said to have come: the report says it too.
    let later = forge("manifest.json", "2001-06-01", "2001-06-02");
    assert!(!later.is_same());
    assert_eq!(EvidenceArchive::open(&path).unwrap().at(), UnixTime::from_seconds(THEN.seconds() + 86_400));
    // What nobody may mean is not readable, whoever wrote it.
    let mut members = kept.members();
    let manifest = members.iter_mut().find(|(known, _)| known == "manifest.json").unwrap();
    manifest.1 = String::from_utf8(manifest.1.clone()).unwrap().replace("*@example.org", "all").into_bytes();
    write(&path, &refit(members));
    let error = EvidenceArchive::open(&path).unwrap().check(&Policy::standard()).unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    // Trust of one's own is asked only by who brings it.
    let scope = forge("manifest.json", "*@example.org", "any");
    assert!(!scope.is_same(), "{:?}", scope.differences);
    let own = EvidenceArchive::open(&path).unwrap().check_with(&Policy::standard(), world.trust()).unwrap();
    same(&own, Outcome::Good);
}

/// With digests that fit.
fn refit(mut members: Members) -> Members {
    let sums: Vec<(String, String)> =
        members.iter().map(|(name, octets)| (name.clone(), sha256(octets))).collect();
    let place = members.iter().position(|(name, _)| name == "manifest.json").unwrap();
    let mut text = String::from_utf8(members[place].1.clone()).unwrap();
    for (name, sum) in &sums {
        let key = format!("\"{name}\": \"");
        if let Some(at) = text.find(&key) {
            let at = at + key.len();
            text.replace_range(at..at + 64, sum);
        }
    }
    members[place].1 = text.into_bytes();
    let mut lines: Vec<(String, String)> = Vec::new();
    for (name, octets) in members.iter().filter(|(name, _)| name != "SHA256SUMS") {
        lines.push((name.clone(), sha256(octets)));
    }
    lines.sort_by_key(|(name, _)| (name == "manifest.json", name.clone()));
    let list: String = lines.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    let sums = members.iter_mut().find(|(name, _)| name == "SHA256SUMS").unwrap();
    sums.1 = list.into_bytes();
    members
}
