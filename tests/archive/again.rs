//! Judged again, by the archive's trust and by one's own.

use std::sync::atomic::Ordering;

use mailseal::crypto::Provider;
use mailseal::openpgp::{self, Certification, CipherSuite, SigningIdentity};
use mailseal::outside::{Difference, EvidenceRecord, WhoseTrust};
use mailseal::report::{Code, Evidence, Trust};
use mailseal::trust::{Belief, EvidenceRequest, TrustModel};
use mailseal::x509::RevocationData;
use mailseal::{
    Certificate, CertificatePool, Context, Error, Limits, Opener, Outcome, Password, Policy, Scope,
    TrustStore,
};

use crate::world::{THEN, World};
use crate::{AT, CA, CAROL, CAROLS, LETTER, keep, outcome, same};

fn alices() -> Context {
    Context::new(TrustStore::new().anchors(CA, Scope::domain("example.com").unwrap()).unwrap())
}

#[test]
fn letters_of_both_protocols_are_judged_again() {
    let carols = TrustStore::new().anchors(CAROL, Scope::any()).unwrap();
    for (cx, letter) in [(alices(), LETTER), (Context::new(carols), CAROLS)] {
        let kept = keep(&cx, letter, AT);
        assert_eq!(kept.member("letter.eml"), letter, "octet for octet");
        let checked = kept.check();
        same(&checked, Outcome::Good);
        assert_eq!(checked.whose, WhoseTrust::Archive);
        let before = Opener::new(&cx).open(letter, AT).unwrap().report;
        let json = |report| serde_json::to_value(report).unwrap();
        assert_eq!(json(checked.report.unwrap()), json(before), "also in all that has no weight");
    }
}

#[test]
fn what_was_bad_stays_bad_and_what_was_unknown_stays_unknown() {
    let altered = String::from_utf8_lossy(LETTER).replace("Monday", "Sunday").into_bytes();
    same(&keep(&alices(), &altered, AT).check(), Outcome::Bad);
    let unknown = keep(&Context::new(TrustStore::new()), LETTER, AT);
    same(&unknown.check(), Outcome::Caution);
    same(&keep(&alices(), b"From: a@b.example\r\n\r\nHello\r\n", AT).check(), Outcome::None);
    // By other anchors than those it came with it is worth something else, and that is said.
    let mine = TrustStore::new().anchors(CA, Scope::any()).unwrap();
    let checked = unknown.open().check_with(&Policy::standard(), mine).unwrap();
    assert_eq!((checked.is_same(), outcome(&checked)), (false, Some(Outcome::Good)));
    let then_and_now = Difference::Outcome { then: "caution".into(), now: "good".into() };
    assert!(checked.differences.contains(&then_and_now), "{:?}", checked.differences);
}

/// Whoever writes an archive can put any trust into it: only one's own tells.
#[test]
fn the_trust_of_the_archive_is_not_that_of_who_checks_it() {
    let world = World::new();
    let forged = keep(&alices(), LETTER, AT);
    let theirs = forged.open().check_with(&Policy::standard(), world.trust()).unwrap();
    assert_eq!((theirs.whose, theirs.is_same()), (WhoseTrust::Yours, false));
    assert_ne!(outcome(&theirs), Some(Outcome::Good));
    let mine = TrustStore::new().anchors(CA, Scope::any()).unwrap();
    let mine = forged.open().check_with(&Policy::standard(), mine).unwrap();
    same(&mine, Outcome::Good);
    assert_eq!(mine.whose, WhoseTrust::Yours);
    let nobody = forged.open().check_with(&Policy::standard(), TrustStore::new()).unwrap();
    assert_eq!((nobody.is_same(), outcome(&nobody)), (false, Some(Outcome::Caution)));
}

/// All certificates ended in 2002, and today is later.
#[test]
fn a_crl_that_was_given_counts_again_long_after_all_ended() {
    let world = World::new();
    for (crl, expected) in [(&world.clean, Outcome::Good), (&world.listed, Outcome::Bad)] {
        let known = CertificatePool::new().with(&world.authority).unwrap();
        let given = RevocationData::new().with(crl).unwrap();
        let cx = Context::new(world.trust()).certificates(known).revocations(given);
        let kept = keep(&cx, &world.letter, THEN);
        assert_eq!(kept.member("revocation/0001.crl"), *crl);
        same(&kept.check(), expected);
        let today = Opener::new(&cx).open(&world.letter, std::time::SystemTime::now()).unwrap();
        assert_ne!(Policy::standard().judge(&today.report).outcome, Outcome::Good);
        let own = kept.open().check_with(&Policy::standard(), world.trust()).unwrap();
        same(&own, expected);
    }
}

/// Issuer and CRL came from a network that is gone.
#[test]
fn what_was_fetched_is_not_fetched_again() {
    let world = World::new();
    for (crl, expected) in [(&world.clean, Outcome::Good), (&world.listed, Outcome::Bad)] {
        let network = world.network(crl);
        let asked = network.asked.clone();
        let kept = keep(&Context::new(world.trust()).fetcher(network), &world.letter, THEN);
        let before = asked.load(Ordering::Relaxed);
        assert!(before >= 2, "{before}");
        assert!(kept.names().contains(&"fetched/0001.aia".to_owned()), "{:?}", kept.names());
        let checked = kept.check();
        same(&checked, expected);
        assert_eq!(asked.load(Ordering::Relaxed), before);
        let index = String::from_utf8(kept.member("fetched/index.json")).unwrap();
        assert!(index.contains(crate::world::AIA) && index.contains(crate::world::CRL), "{index}");
    }
}

/// What did not answer then is noted as wanted, and does not answer now.
#[test]
fn a_network_that_did_not_answer_is_silent_again() {
    struct Dead;
    impl mailseal::trust::Fetcher for Dead {
        fn fetch(
            &self,
            _: &mailseal::trust::FetchRequest<'_>,
        ) -> Result<Vec<u8>, mailseal::trust::FetchError> {
            Err(mailseal::trust::FetchError::Unavailable)
        }
    }
    let world = World::new();
    let known = CertificatePool::new().with(&world.authority).unwrap();
    let kept = keep(&Context::new(world.trust()).certificates(known).fetcher(Dead), &world.letter, THEN);
    let checked = kept.check();
    assert!(checked.is_same(), "{:?}", checked.differences);
    assert!(!checked.report.unwrap().wants.is_empty());
}

#[test]
fn a_web_of_trust_is_walked_again() {
    let provider = Provider::default();
    let secret = openpgp::generate("Bob <bob@example.org>", AT, CipherSuite::Ed25519).unwrap();
    let bob = SigningIdentity::load(secret.expose(), Password::none(), &provider).unwrap().remove(0);
    let carol = openpgp::Certificate::load(CAROL).unwrap().remove(0);
    // For himself alone: an archive keeps that too.
    let local = Certification::full().local();
    let address = "carol@example.net".parse().unwrap();
    let carol = openpgp::certify(&bob, &carol, &address, &local, AT, &provider).unwrap();
    let mut pool = CertificatePool::new().with(&carol).unwrap();
    pool.add(Certificate::Openpgp(bob.certificate().clone()));
    let root = || TrustStore::new().web_of_trust_root(&bob.certificate().fingerprint(), 120).unwrap();
    let kept = keep(&Context::new(root()).certificates(pool), CAROLS, AT);
    let checked = kept.check();
    same(&checked, Outcome::Good);
    let report = checked.report.unwrap();
    let evidence = &report.signatures().next().unwrap().evidence;
    assert!(matches!(evidence.first(), Some(Evidence::WebOfTrust { .. })), "{evidence:?}");
    let files = kept.names().into_iter().filter(|name| name.ends_with(".pgp")).count();
    assert_eq!(files, 2, "{:?}", kept.names());
    same(&kept.open().check_with(&Policy::standard(), root()).unwrap(), Outcome::Good);
    let nobody = kept.open().check_with(&Policy::standard(), TrustStore::new()).unwrap();
    assert_ne!(outcome(&nobody), Some(Outcome::Good));
}

/// Pins of others are nobody's business.
#[test]
fn pins_of_the_sender_are_kept_and_no_others() {
    let opened = Opener::new(&alices()).open(LETTER, AT).unwrap();
    let fingerprint = opened.report.signatures().next().unwrap().signer.as_ref().unwrap();
    let fingerprint = fingerprint.certificate.fingerprint.clone();
    let trust = TrustStore::new().pin(&"alice@example.com".parse().unwrap(), &fingerprint).unwrap();
    let trust = trust.pin(&"secret-friend@example.org".parse().unwrap(), &fingerprint).unwrap();
    let kept = keep(&Context::new(trust), LETTER, AT);
    same(&kept.check(), Outcome::Good);
    let text = String::from_utf8(kept.member("manifest.json")).unwrap();
    assert!(text.contains("alice@example.com") && !text.contains("secret-friend"), "{text}");
}

/// The memory is gone; what it said is not. Its pins are trust, and not that of who brings their own.
#[cfg(feature = "memory")]
#[test]
fn a_memory_that_is_gone_is_asked_again() {
    use mailseal::outside::MemoryFile;
    let folder = tempfile::tempdir().unwrap();
    let memory = std::sync::Arc::new(MemoryFile::open(folder.path().join("memory")).unwrap());
    let cx = Context::new(TrustStore::new()).memory(memory.clone());
    let opened = Opener::new(&cx).open(LETTER, AT).unwrap();
    opened.remember(&memory).unwrap();
    let signer = opened.report.signatures().next().unwrap().signer.clone().unwrap();
    memory.pin(&"alice@example.com".parse().unwrap(), &signer.certificate.fingerprint, AT).unwrap();
    memory.pin(&"alicia@example.com".parse().unwrap(), &signer.certificate.fingerprint, AT).unwrap();
    let kept = keep(&cx, LETTER, AT);
    drop((cx, memory, folder));
    assert!(kept.names().contains(&"memory.json".to_owned()));
    let checked = kept.check();
    same(&checked, Outcome::Good);
    let mine = kept.open().check_with(&Policy::standard(), TrustStore::new()).unwrap();
    assert_eq!(outcome(&mine), Some(Outcome::Caution), "a pin of the archive counts for nobody else");
    let own = TrustStore::new().anchors(CA, Scope::any()).unwrap();
    assert_eq!(outcome(&kept.open().check_with(&Policy::standard(), own).unwrap()), Some(Outcome::Good));
}

#[test]
fn encrypted_letters_are_kept_as_they_are() {
    for letter in [
        include_bytes!("../../examples/letters/openssl-encrypted.eml").as_slice(),
        include_bytes!("../../examples/letters/gpg-encrypted.eml"),
    ] {
        let kept = keep(&alices(), letter, AT);
        let checked = kept.check();
        assert!(checked.is_same(), "{:?}", checked.differences);
        assert_ne!(outcome(&checked), Some(Outcome::Good));
        let codes = checked.verdict.unwrap().reasons.into_iter().map(|reason| reason.code);
        assert!(codes.into_iter().any(|code| code == Code::NoDecryptionKey));
    }
}

/// A certificate that a letter only offers is a candidate for nothing (R-A9): not now, and not later.
#[test]
fn r_a9_what_came_with_the_letter_is_not_known_by_being_kept() {
    let armored = String::from_utf8_lossy(CAROL).replace('\r', "");
    let body: String = armored
        .split("\n\n")
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| !line.starts_with(['=', '-']))
        .collect();
    let field = format!("Autocrypt: addr=carol@example.net; keydata=\r\n {body}\r\n");
    let letter = [field.as_bytes(), CAROLS].concat();
    let kept = keep(&Context::new(TrustStore::new()), &letter, AT);
    let manifest: serde_json::Value = serde_json::from_slice(&kept.member("manifest.json")).unwrap();
    assert_eq!(manifest["certificates"]["letter"].as_array().unwrap().len(), 1, "for people");
    let checked = kept.check();
    assert!(checked.is_same(), "{:?}", checked.differences);
    let report = checked.report.unwrap();
    assert!(report.signatures().all(|one| one.signer.is_none()));
}

/// Read from a file and from a pipe, with little memory.
#[test]
fn large_letters_are_streamed() {
    let limits = Limits::default().memory_bytes(64 << 10);
    let text = "All work and no play makes Jack a dull boy.\r\n".repeat(100_000);
    let letter = format!("From: jack@example.org\r\n\r\n{text}").into_bytes();
    let folder = tempfile::tempdir().unwrap();
    let [from, first, second] = ["in.eml", "first.tar", "second.tar"].map(|name| folder.path().join(name));
    std::fs::write(&from, &letter).unwrap();
    let cx = Context::new(TrustStore::new()).limits(limits.clone());
    let policy = Policy::standard();
    EvidenceRecord::open(&cx, mailseal::Input::file(&from), AT).unwrap().save(&policy, &first).unwrap();
    let piped = mailseal::Input::pipe(letter.as_slice());
    EvidenceRecord::open(&cx, piped, AT).unwrap().save(&policy, &second).unwrap();
    assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
    let archive = mailseal::outside::EvidenceArchive::open_within(&first, limits).unwrap();
    same(&archive.check(&policy).unwrap(), Outcome::None);
}

#[test]
fn trust_that_cannot_be_written_down_is_refused() {
    struct Everybody;
    impl TrustModel for Everybody {
        fn evidence(&self, _: &EvidenceRequest<'_>) -> Result<Belief, Error> {
            let mut belief = Belief::default();
            belief.trust = Trust::Trusted;
            Ok(belief)
        }
    }
    let cx = alices().trust_model(Everybody);
    assert!(matches!(EvidenceRecord::open(&cx, LETTER, AT), Err(Error::Misuse(_))));
}

/// What could not be read again is not written: no file, or all of it.
#[test]
fn all_or_nothing_and_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evidence.tar");
    for limits in [Limits::default().archive_bytes(1000), Limits::default().archive_members(4)] {
        let record = EvidenceRecord::open(&alices().limits(limits), LETTER, AT).unwrap();
        assert!(matches!(record.save(&Policy::standard(), &path), Err(Error::Limit { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let kept = keep(&alices(), LETTER, AT);
    let count = kept.names().len();
    let open = |limits| mailseal::outside::EvidenceArchive::open_within(&kept.path, limits);
    assert!(open(Limits::default().archive_members(count)).is_ok());
    assert!(matches!(open(Limits::default().archive_members(count - 2)), Err(Error::Limit { .. })));
    assert!(matches!(open(Limits::default().archive_bytes(1000)), Err(Error::Limit { .. })));
    let small = open(Limits::default().message_bytes(100)).unwrap();
    assert!(matches!(small.check(&Policy::standard()), Err(Error::Limit { .. })));
}
