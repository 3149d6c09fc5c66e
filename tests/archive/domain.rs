//! What the DNS said is kept: keys rotate, policies change.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mailseal::outside::domain::{Connection, DkimSigner, DnsError, DomainCheck, RecordKind, Resolver};
use mailseal::outside::{Difference, EvidenceArchive, EvidenceRecord};
use mailseal::report::{DomainResult, DomainSource};
use mailseal::{Context, Error, Limits, Opener, Outcome, Policy, Scope, TrustStore, UnixTime};

use crate::changed::write;
use crate::{AT, CA, LETTER, members, same};

const KEY: &[u8] = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";

/// Records that change; what is `None` never answers.
#[derive(Clone, Default)]
struct Zone {
    records: Arc<Mutex<BTreeMap<String, Option<Vec<u8>>>>>,
    asked: Arc<AtomicUsize>,
}

impl Zone {
    fn set(&self, name: &str, text: Option<&[u8]>) {
        self.records.lock().unwrap().insert(name.into(), text.map(<[u8]>::to_vec));
    }
}

impl Resolver for Zone {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.records.lock().unwrap().get(name) {
            None => Err(DnsError::NoSuchName),
            Some(None) => Err(DnsError::Temporary),
            Some(Some(text)) if kind == RecordKind::Txt => Ok(vec![text.clone()]),
            Some(Some(_)) => Ok(Vec::new()),
        }
    }
}

/// Of one's own servers, the letter signed by its domain, and what that says.
fn stage() -> (Zone, Vec<u8>, Context, Connection) {
    let signer = DkimSigner::load(KEY, "example.com", "s2027").unwrap();
    let mut letter = b"Received: from a.example by mx.box.test with ESMTPS\r\n".to_vec();
    signer.sign(LETTER, AT, &mut letter).unwrap();
    let zone = Zone::default();
    zone.set("s2027._domainkey.example.com", Some(signer.record().as_bytes()));
    zone.set("_dmarc.example.com", Some(b"v=DMARC1; p=reject"));
    zone.set("example.com", Some(b"v=spf1 ip4:192.0.2.1 -all\xff\\"));
    zone.set("late.example", None);
    let cx = Context::new(TrustStore::new().anchors(CA, Scope::any()).unwrap());
    (zone, letter, cx, Connection::new("192.0.2.1".parse().unwrap(), "late.example", "a@example.com"))
}

#[test]
fn what_the_dns_said_then_counts_when_it_says_something_else() {
    let (zone, letter, cx, connection) = stage();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    let opener = Opener::new(&cx).trusted_hops(1);
    let mut record = EvidenceRecord::open_as(&opener, letter.as_slice(), AT).unwrap();
    let asked = UnixTime::from_seconds(1_800_000_060);
    record.check_domain(&DomainCheck::new(zone.clone()), Some(&connection), asked).unwrap();
    record.save(&Policy::standard(), &path).unwrap();
    let questions = zone.asked.load(Ordering::Relaxed);

    // The key is revoked, the policy gone.
    zone.set("s2027._domainkey.example.com", Some(b"v=DKIM1; p="));
    zone.set("_dmarc.example.com", Some(b""));
    let archive = EvidenceArchive::open(&path).unwrap();
    assert_eq!(archive.asked(), Some((asked, questions)));
    let checked = archive.check(&Policy::standard()).unwrap();
    same(&checked, Outcome::Good);
    let domain = checked.report.as_ref().unwrap().domain.as_ref().unwrap();
    assert_eq!(domain.dkim[0].result, DomainResult::Pass);
    assert_eq!(domain.dmarc.as_ref().unwrap().policy.as_deref(), Some("reject"));
    assert_eq!(domain.spf[0].result, DomainResult::Temperror, "what did not answer then");
    assert_eq!(domain.spf[1].result, DomainResult::Permerror, "octets that are no text");
    assert_eq!(checked.report.unwrap().transport.unwrap().hops.len(), 1);
    assert_eq!(zone.asked.load(Ordering::Relaxed), questions, "nobody is asked");
    // Also by whom one trusts oneself.
    let mine = TrustStore::new().anchors(CA, Scope::any()).unwrap();
    same(&archive.check_with(&Policy::standard(), mine).unwrap(), Outcome::Good);
}

/// What was not asked then, because enough was, is not known now either.
#[test]
fn questions_that_were_too_many_then() {
    let (zone, letter, cx, connection) = stage();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    let mut record = EvidenceRecord::open(&cx, letter.as_slice(), AT).unwrap();
    let few = DomainCheck::new(zone).limits(Limits::default().dns_lookups(1));
    record.check_domain(&few, Some(&connection), AT).unwrap();
    record.save(&Policy::standard(), &path).unwrap();
    let archive = EvidenceArchive::open(&path).unwrap();
    assert_eq!(archive.asked(), Some((AT, 1)));
    let checked = archive.check(&Policy::standard()).unwrap();
    same(&checked, Outcome::Good);
    let domain = checked.report.unwrap().domain.unwrap();
    assert_eq!(domain.dkim[0].result, DomainResult::Pass);
    assert_eq!(domain.spf[1].result, DomainResult::Temperror);
}

#[test]
fn whose_results_were_trusted_is_kept() {
    let (_, letter, cx, _) = stage();
    let said = b"Authentication-Results: mx.box.test; dmarc=fail header.from=example.com\r\n".as_slice();
    let letter = [said, &letter].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    let opener = Opener::new(&cx).trusted_results("mx.box.test".parse().unwrap());
    let record = EvidenceRecord::open_as(&opener, letter.as_slice(), AT).unwrap();
    record.save(&Policy::standard(), &path).unwrap();
    let archive = EvidenceArchive::open(&path).unwrap();
    assert_eq!(archive.asked(), None);
    let checked = archive.check(&Policy::standard()).unwrap();
    assert!(checked.is_same(), "{:?}", checked.differences);
    let domain = checked.report.unwrap().domain.unwrap();
    assert_eq!(domain.source, DomainSource::Trusted { authserv_id: "mx.box.test".into() });
    assert_eq!(domain.dmarc.unwrap().result, DomainResult::Fail);
}

/// What was looked at without keeping the answers could never be looked at again.
#[test]
fn answers_that_are_not_there_are_no_evidence() {
    let (zone, letter, cx, _) = stage();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    let mut record = EvidenceRecord::open(&cx, letter.as_slice(), AT).unwrap();
    DomainCheck::new(zone).add_to(&mut record.opened, None).unwrap();
    assert!(matches!(record.save(&Policy::standard(), &path), Err(Error::Misuse(_))));
    assert!(!path.exists());
}

#[test]
fn answers_that_somebody_changed() {
    let (zone, letter, cx, connection) = stage();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    let mut record = EvidenceRecord::open(&cx, letter.as_slice(), AT).unwrap();
    record.check_domain(&DomainCheck::new(zone), Some(&connection), AT).unwrap();
    record.save(&Policy::standard(), &path).unwrap();
    for (from, to) in [("p=reject", "p=none!!"), ("\"TXT\"", "\"XXX\""), ("\\\\255", "\\\\999"), ("{", "[")] {
        let mut all = members(&path);
        let (_, octets) = all.iter_mut().find(|(name, _)| name == "domain.json").unwrap();
        let text = String::from_utf8(octets.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        *octets = text.replacen(from, to, 1).into_bytes();
        let changed = folder.path().join("changed.tar");
        write(&changed, &all);
        match EvidenceArchive::open(&changed).and_then(|archive| archive.check(&Policy::standard())) {
            Ok(checked) => {
                assert_eq!(checked.differences, [Difference::Member("domain.json".into())], "{from}");
                assert!(checked.verdict.is_none());
            }
            Err(error) => assert!(matches!(error, Error::Malformed { .. }) && from == "{", "{error}"),
        }
    }
}
