//! OCSP (RFC 6960, RFC 5019): answers read with exact octets, requests written.

use std::ops::Range;
use std::sync::Arc;

use crate::crypto::{HashAlgorithm, Provider, algorithm};
use crate::error::Error;
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::der_reader::{
    DerError, ENUMERATED, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, Reader, Result, SEQUENCE, Value,
    constructed, context, encode,
};
use crate::x509::extensions::Extension;
use crate::x509::revocation::Reason;
use crate::x509::revocation::crl::{integer, reason};
use crate::x509::signed::{Pieces, Signed};
use crate::x509::validity::time;
use crate::x509::{Certificate, Name, oid};

/// One answer of a responder about one or more certificates. Clones share it.
///
/// ```text
/// OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT SEQUENCE {
///     responseType OBJECT IDENTIFIER, response OCTET STRING } OPTIONAL }
/// BasicOCSPResponse ::= SEQUENCE { tbsResponseData ResponseData, signatureAlgorithm AlgorithmIdentifier,
///     signature BIT STRING, certs [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
/// ResponseData ::= SEQUENCE { version [0] DEFAULT v1, responderID ResponderID, producedAt GeneralizedTime,
///     responses SEQUENCE OF SingleResponse, responseExtensions [1] EXPLICIT OPTIONAL }
/// ```
#[derive(Clone)]
pub(crate) struct Ocsp(Arc<Inner>);

struct Inner {
    /// The OCSPResponse around it.
    #[cfg(feature = "archive")]
    whole: Vec<u8>,
    /// The BasicOCSPResponse.
    der: Vec<u8>,
    pieces: Pieces,
    responder: Responder,
    produced_at: UnixTime,
    responses: Range<usize>,
    certificates: Vec<Certificate>,
    unknown_critical: bool,
}

enum Responder {
    Name(Name),
    /// SHA-1 of its key.
    Key(Vec<u8>),
}

/// What a responder says of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Single {
    pub(crate) status: CertStatus,
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: Option<UnixTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertStatus {
    Good,
    Revoked { at: UnixTime, reason: Option<Reason> },
    Unknown,
}

impl Ocsp {
    /// Reads a whole OCSPResponse. One that says only why there is no answer is an error.
    pub(crate) fn from_der(der: &[u8], limits: &Limits) -> std::result::Result<Self, Error> {
        let malformed = |error: DerError| Error::malformed("an OCSP answer", error.to_string());
        let basic = basic(der).map_err(malformed)?;
        let inner = read(basic, limits).map_err(malformed)?;
        let responses = Reader::new(basic.get(inner.responses.clone()).unwrap_or_default());
        for (index, response) in responses.enumerate() {
            if index >= limits.revocations {
                let limit = u64::try_from(limits.revocations).unwrap_or(u64::MAX);
                return Err(Error::Limit { name: "revocations", limit });
            }
            response.and_then(|response| RawSingle::read(&response)).map_err(malformed)?;
        }
        Ok(Self(Arc::new(Inner {
            #[cfg(feature = "archive")]
            whole: der.to_vec(),
            der: basic.to_vec(),
            ..inner
        })))
    }

    #[cfg(feature = "archive")]
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0.whole
    }

    pub(crate) fn signed(&self) -> Signed<'_> {
        self.0.pieces.of(&self.0.der)
    }

    pub(crate) fn produced_at(&self) -> UnixTime {
        self.0.produced_at
    }

    /// Certificates that came along: candidates for the responder's.
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// Whether a certificate is the one that signed, by its own words.
    pub(crate) fn is_by(&self, certificate: &Certificate, provider: &Provider) -> bool {
        match &self.0.responder {
            Responder::Name(name) => name == certificate.subject(),
            Responder::Key(hash) => {
                key_hash(certificate, HashAlgorithm::Sha1, provider).as_ref() == Some(hash)
            }
        }
    }

    /// A critical extension that is not understood.
    pub(crate) fn is_beyond_us(&self) -> bool {
        self.0.unknown_critical
    }

    /// Who signed, by its own words.
    pub(crate) fn responder(&self) -> String {
        match &self.0.responder {
            Responder::Name(name) => name.to_string(),
            Responder::Key(hash) => crate::report::hex(hash),
        }
    }

    /// All that it says.
    pub(crate) fn all(&self) -> Vec<Single> {
        self.singles().map(|raw| raw.single).collect()
    }

    fn singles(&self) -> impl Iterator<Item = RawSingle<'_>> {
        let responses = Reader::new(self.0.der.get(self.0.responses.clone()).unwrap_or_default());
        responses.map_while(|response| RawSingle::read(&response.ok()?).ok())
    }

    /// What it says about this very certificate of this very issuer: name, key and serial number have to fit.
    pub(crate) fn find(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        provider: &Provider,
    ) -> Vec<Single> {
        self.singles()
            .filter(|single| !single.unknown_critical && single.is_about(certificate, issuer, provider))
            .map(|single| single.single)
            .collect()
    }
}

/// ```text
/// SingleResponse ::= SEQUENCE { certID CertID, certStatus CertStatus, thisUpdate GeneralizedTime,
///     nextUpdate [0] EXPLICIT GeneralizedTime OPTIONAL, singleExtensions [1] EXPLICIT Extensions OPTIONAL }
/// CertID ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, issuerNameHash OCTET STRING, issuerKeyHash OCTET STRING,
///     serialNumber INTEGER }
/// ```
struct RawSingle<'a> {
    hash: &'a [u8],
    issuer_name: &'a [u8],
    issuer_key: &'a [u8],
    serial: &'a [u8],
    single: Single,
    unknown_critical: bool,
}

impl<'a> RawSingle<'a> {
    fn read(value: &Value<'a>) -> Result<Self> {
        if value.tag != SEQUENCE {
            return Err(DerError("not a SingleResponse"));
        }
        let mut reader = value.reader();
        let mut id = reader.sequence()?;
        let hash = id.expect(SEQUENCE)?.octets;
        let issuer_name = id.expect(OCTET_STRING)?.content;
        let issuer_key = id.expect(OCTET_STRING)?.content;
        let serial = id.expect(INTEGER)?.content;
        id.finish()?;
        let status = cert_status(&Reader::next(&mut reader)?)?;
        let this_update = time(&reader.expect(GENERALIZED_TIME)?)?;
        let next_update = reader.optional(constructed(0))?.map(|next| time(&next.inner()?)).transpose()?;
        let unknown_critical = any_critical(reader.optional(constructed(1))?)?;
        reader.finish()?;
        let single = Single { status, this_update, next_update };
        Ok(Self { hash, issuer_name, issuer_key, serial, single, unknown_critical })
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate, provider: &Provider) -> bool {
        let Ok(hash) = algorithm::digest(self.hash) else { return false };
        let strong = !matches!(hash, HashAlgorithm::Md5);
        strong
            && integer(self.serial) == integer(certificate.serial())
            && provider.hash(hash, certificate.issuer().as_der()).as_deref() == Some(self.issuer_name)
            && key_hash(issuer, hash, provider).as_deref() == Some(self.issuer_key)
    }
}

/// The hash of the key's BIT STRING, without tag, length and unused bits (RFC 6960 §4.1.1).
fn key_hash(certificate: &Certificate, hash: HashAlgorithm, provider: &Provider) -> Option<Vec<u8>> {
    let mut spki = Reader::new(certificate.spki()).sequence().ok()?;
    spki.expect(SEQUENCE).ok()?;
    let key = Reader::next(&mut spki).ok()?.octets_of_bit_string().ok()?;
    provider.hash(hash, key)
}

/// ```text
/// CertStatus ::= CHOICE { good [0] NULL, revoked [1] SEQUENCE { revocationTime GeneralizedTime,
///     revocationReason [0] EXPLICIT CRLReason OPTIONAL }, unknown [2] NULL }
/// ```
fn cert_status(value: &Value<'_>) -> Result<CertStatus> {
    const GOOD: u8 = context(0);
    const REVOKED: u8 = constructed(1);
    const UNKNOWN: u8 = context(2);
    match value.tag {
        GOOD => Ok(CertStatus::Good),
        REVOKED => {
            let mut reader = value.reader();
            let at = time(&reader.expect(GENERALIZED_TIME)?)?;
            let why = reader.optional(constructed(0))?.map(|why| why.inner()).transpose()?;
            reader.finish()?;
            let why = why.filter(|why| why.tag == ENUMERATED).map(|why| reason(&why));
            Ok(CertStatus::Revoked { at, reason: why })
        }
        UNKNOWN => Ok(CertStatus::Unknown),
        _ => Err(DerError("not a CertStatus")),
    }
}

/// Nothing critical is understood here: what is known (nonce, archive cutoff, CRL references) must not be critical.
fn any_critical(explicit: Option<Value<'_>>) -> Result<bool> {
    let Some(explicit) = explicit else { return Ok(false) };
    let list = explicit.inner()?;
    if list.tag != SEQUENCE {
        return Err(DerError("extensions misplaced"));
    }
    let mut critical = false;
    for value in list.reader() {
        critical |= Extension::read(&value?)?.critical;
    }
    Ok(critical)
}

/// The BasicOCSPResponse in an OCSPResponse.
fn basic(der: &[u8]) -> Result<&[u8]> {
    let mut whole = Reader::new(der);
    let mut response = whole.sequence()?;
    whole.finish()?;
    let status = response.expect(ENUMERATED)?.u32()?;
    let Some(explicit) = response.optional(constructed(0))? else {
        return Err(DerError(refusal(status)));
    };
    response.finish()?;
    let bytes = explicit.inner()?;
    let mut bytes =
        if bytes.tag == SEQUENCE { bytes.reader() } else { return Err(DerError("not ResponseBytes")) };
    let kind = bytes.expect(OID)?.content;
    let basic = bytes.expect(OCTET_STRING)?.content;
    bytes.finish()?;
    match (status, kind == oid::OCSP_BASIC.as_bytes()) {
        (0, true) => Ok(basic),
        (0, false) => Err(DerError("an answer of another type")),
        (status, _) => Err(DerError(refusal(status))),
    }
}

/// RFC 6960 §4.2.1.
fn refusal(status: u32) -> &'static str {
    match status {
        0 => "an answer without content",
        1 => "the responder says: malformedRequest",
        2 => "the responder says: internalError",
        3 => "the responder says: tryLater",
        5 => "the responder says: sigRequired",
        6 => "the responder says: unauthorized",
        _ => "the responder says something unknown",
    }
}

fn read(basic: &[u8], limits: &Limits) -> Result<Inner> {
    let mut whole = Reader::new(basic);
    let mut response = whole.sequence()?;
    whole.finish()?;
    let (pieces, tbs) = Pieces::read(&mut response)?;
    let certificates = response.optional(constructed(0))?.map(|explicit| explicit.inner()).transpose()?;
    response.finish()?;
    let mut reader = tbs.reader();
    let version = reader.optional(constructed(0))?.map_or(Ok(0), |version| version.inner()?.u32())?;
    if version != 0 {
        return Err(DerError("unknown version"));
    }
    let responder = responder(&Reader::next(&mut reader)?)?;
    let produced_at = time(&reader.expect(GENERALIZED_TIME)?)?;
    let responses = reader.expect(SEQUENCE)?;
    let unknown_critical = any_critical(reader.optional(constructed(1))?)?;
    reader.finish()?;
    let end = responses.offset + responses.octets.len();
    // An odd certificate is no candidate, nothing worse.
    let certificates = certificates.map(|list| list.reader()).into_iter().flatten().take(limits.certificates);
    let certificates = certificates.filter_map(|value| Certificate::from_der(value.ok()?.octets).ok());
    Ok(Inner {
        #[cfg(feature = "archive")]
        whole: Vec::new(),
        der: Vec::new(),
        pieces,
        responder,
        produced_at,
        responses: end - responses.content.len()..end,
        certificates: certificates.collect(),
        unknown_critical,
    })
}

/// `CHOICE { byName [1] EXPLICIT Name, byKey [2] EXPLICIT OCTET STRING }`
fn responder(value: &Value<'_>) -> Result<Responder> {
    const NAME: u8 = constructed(1);
    const KEY: u8 = constructed(2);
    match value.tag {
        NAME => Ok(Responder::Name(Name::new(value.inner()?.octets))),
        KEY => match value.inner()? {
            hash if hash.tag == OCTET_STRING => Ok(Responder::Key(hash.content.to_vec())),
            _ => Err(DerError("not a KeyHash")),
        },
        _ => Err(DerError("not a ResponderID")),
    }
}

/// A request about one certificate, as RFC 5019 §2.1.1 wants it: SHA-1 only names the issuer here, it protects nothing.
/// No nonce, so that answers can be kept; no name of who asks.
pub(crate) fn request(
    certificate: &Certificate,
    issuer: &Certificate,
    provider: &Provider,
) -> Option<Vec<u8>> {
    let hash = HashAlgorithm::Sha1;
    let name = provider.hash(hash, certificate.issuer().as_der())?;
    let id = encode(
        SEQUENCE,
        &[
            &encode(SEQUENCE, &[&encode(OID, &[oid::SHA_1.as_bytes()]), &[5, 0]]),
            &encode(OCTET_STRING, &[&name]),
            &encode(OCTET_STRING, &[&key_hash(issuer, hash, provider)?]),
            &encode(INTEGER, &[certificate.serial()]),
        ],
    );
    let list = encode(SEQUENCE, &[&encode(SEQUENCE, &[&id])]);
    Some(encode(SEQUENCE, &[&encode(SEQUENCE, &[&list])]))
}
