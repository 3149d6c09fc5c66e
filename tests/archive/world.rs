//! An authority of the year 2001 with a CRL, and Alice below it: all of it ended long ago.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mailseal::trust::{FetchError, FetchRequest, Fetcher};
use mailseal::{Composer, Context, Key, Password, Scope, TrustStore, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevocationReason, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};

/// 2001-06-01.
pub(crate) const THEN: UnixTime = UnixTime::from_seconds(991_353_600);

pub(crate) const CRL: &str = "http://crl.example/ca.crl";
pub(crate) const AIA: &str = "http://ca.example/ca.cer";

pub(crate) struct World {
    pub(crate) root: Vec<u8>,
    pub(crate) authority: Vec<u8>,
    pub(crate) clean: Vec<u8>,
    pub(crate) listed: Vec<u8>,
    pub(crate) letter: Vec<u8>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn alice() -> CertificateParams {
    let mut params = params("Alice");
    params.subject_alt_names = vec![SanType::Rfc822Name("alice@example.org".try_into().unwrap())];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    params.serial_number = Some(SerialNumber::from(7));
    params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![CRL.into()] }];
    // SEQUENCE { SEQUENCE { id-ad-caIssuers, [6] } }
    let mut place = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, AIA.len() as u8];
    place.extend(AIA.as_bytes());
    let mut aia = vec![0x30, place.len() as u8 + 2, 0x30, place.len() as u8];
    aia.extend(place);
    let aia = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], aia);
    params.custom_extensions.push(aia);
    params
}

fn crl(issuer: &Issuer<'_, &KeyPair>, revoked: Vec<RevokedCertParams>) -> Vec<u8> {
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2001, 5, 30),
        next_update: date_time_ymd(2001, 6, 30),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked,
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}

impl World {
    pub(crate) fn new() -> Self {
        let keys = [0; 3].map(|_| KeyPair::generate().unwrap());
        let root = ca("Root").self_signed(&keys[0]).unwrap();
        let by_root = Issuer::new(ca("Root"), &keys[0]);
        let authority = ca("CA").signed_by(&keys[1], &by_root).unwrap();
        let by_authority = Issuer::new(ca("CA"), &keys[1]);
        let leaf = alice().signed_by(&keys[2], &by_authority).unwrap();
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from(7),
            revocation_time: date_time_ymd(2001, 5, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let key =
            Key::load(format!("{}{}", keys[2].serialize_pem(), leaf.pem()).as_bytes(), Password::none());
        let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nDate: Fri, 01 Jun 2001 00:00:00 +0000\r\n\r\nPay at once.\r\n";
        let mut letter = Vec::new();
        let cx = Context::new(TrustStore::new());
        Composer::new(&cx).sign(&key.unwrap()).compose(draft, THEN, &mut letter).unwrap();
        Self {
            root: root.der().to_vec(),
            authority: authority.der().to_vec(),
            clean: crl(&by_authority, Vec::new()),
            listed: crl(&by_authority, vec![revoked]),
            letter,
        }
    }

    pub(crate) fn trust(&self) -> TrustStore {
        TrustStore::new().anchors(&self.root, Scope::domain("example.org").unwrap()).unwrap()
    }

    /// A network with the authority and this CRL in it.
    pub(crate) fn network(&self, crl: &[u8]) -> Network {
        let pages = [(AIA, self.authority.clone()), (CRL, crl.to_vec())];
        Network { pages: BTreeMap::from(pages), asked: Arc::default() }
    }
}

pub(crate) struct Network {
    pages: BTreeMap<&'static str, Vec<u8>>,
    pub(crate) asked: Arc<AtomicUsize>,
}

impl Fetcher for Network {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.pages.get(request.url).cloned().ok_or(FetchError::Unavailable)
    }
}
