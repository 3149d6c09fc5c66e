//! CertificateList (RFC 5280 §5): exact octets; its entries are walked where somebody is looked for, and copied never.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use const_oid::ObjectIdentifier;

use crate::error::Error;
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::Name;
use crate::x509::der_reader::{
    DerError, ENUMERATED, GENERALIZED_TIME, INTEGER, Reader, Result, SEQUENCE, UTC_TIME, Value, constructed,
};
use crate::x509::extensions::Extension;
use crate::x509::oid;
use crate::x509::revocation::Reason;
use crate::x509::revocation::scope::IssuingDistributionPoint;
use crate::x509::signed::{Pieces, Signed};
use crate::x509::validity::time;

/// One CRL. Clones share it.
///
/// ```text
/// CertificateList ::= SEQUENCE { tbsCertList TBSCertList, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
/// TBSCertList ::= SEQUENCE { version INTEGER OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time,
///     nextUpdate Time OPTIONAL, revokedCertificates SEQUENCE OF Entry OPTIONAL, crlExtensions [0] EXPLICIT OPTIONAL }
/// ```
#[derive(Clone)]
pub(crate) struct Crl(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    pieces: Pieces,
    entries: Range<usize>,
    issuer: Name,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    extensions: Extensions,
    /// An entry has a critical extension that is not understood.
    odd_entry: bool,
}

/// What the CRL says of itself (RFC 5280 §5.2).
#[derive(Default)]
struct Extensions {
    number: Option<Vec<u8>>,
    /// deltaCRLIndicator: the number of the CRL that it adds to.
    base: Option<Vec<u8>>,
    scope: Option<IssuingDistributionPoint>,
    scope_octets: Option<Vec<u8>>,
    authority_key_identifier: Option<Vec<u8>>,
    unknown_critical: bool,
}

/// What a CRL says of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: UnixTime,
    pub(crate) reason: Option<Reason>,
}

impl Crl {
    /// Reads all of it once, entries too.
    pub(crate) fn from_der(der: &[u8], limits: &Limits) -> std::result::Result<Self, Error> {
        let malformed = |error: DerError| Error::malformed("a CRL", error.to_string());
        let mut inner = read(der).map_err(malformed)?;
        let entries = Reader::new(der.get(inner.entries.clone()).unwrap_or_default());
        for (index, entry) in entries.enumerate() {
            if index >= limits.crl_entries {
                let limit = u64::try_from(limits.crl_entries).unwrap_or(u64::MAX);
                return Err(Error::Limit { name: "crl_entries", limit });
            }
            let entry = entry.and_then(|entry| RawEntry::read(&entry)).map_err(malformed)?;
            if let Some(extensions) = &entry.extensions {
                inner.odd_entry |= EntryExtensions::read(extensions).map_err(malformed)?.unknown_critical;
            }
        }
        Ok(Self(Arc::new(Inner { der: der.to_vec(), ..inner })))
    }

    #[cfg(feature = "archive")]
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0.der
    }

    pub(crate) fn signed(&self) -> Signed<'_> {
        self.0.pieces.of(&self.0.der)
    }

    pub(crate) fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// How many certificates it lists.
    pub(crate) fn len(&self) -> usize {
        Reader::new(self.0.der.get(self.0.entries.clone()).unwrap_or_default()).count()
    }

    pub(crate) fn this_update(&self) -> UnixTime {
        self.0.this_update
    }

    pub(crate) fn next_update(&self) -> Option<UnixTime> {
        self.0.next_update
    }

    pub(crate) fn scope(&self) -> Option<&IssuingDistributionPoint> {
        self.0.extensions.scope.as_ref()
    }

    pub(crate) fn is_delta(&self) -> bool {
        self.0.extensions.base.is_some()
    }

    /// keyIdentifier of the authorityKeyIdentifier and all that is with it.
    pub(crate) fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key_identifier.as_deref()
    }

    /// A critical extension, of the CRL or of an entry, that is not understood: it says nothing (§5.2, §5.3).
    pub(crate) fn is_beyond_us(&self) -> bool {
        self.0.odd_entry || self.0.extensions.unknown_critical
    }

    /// The very same, not one that reads the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The same issuer and the same scope, octet by octet.
    pub(crate) fn has_scope_of(&self, other: &Self) -> bool {
        self.issuer() == other.issuer() && self.0.extensions.scope_octets == other.0.extensions.scope_octets
    }

    /// The later of two of one scope is greater: by cRLNumber, else by thisUpdate.
    pub(crate) fn age(&self) -> (usize, &[u8], UnixTime) {
        let number = self.0.extensions.number.as_deref().map(magnitude).unwrap_or_default();
        (number.len(), number, self.this_update())
    }

    /// Whether the delta adds to this complete CRL (§5.2.4, §6.3.3 (c)).
    pub(crate) fn is_completed_by(&self, delta: &Self) -> bool {
        let number = |number: &Option<Vec<u8>>| {
            number.as_deref().map(|number| (magnitude(number).len(), magnitude(number).to_vec()))
        };
        let own = number(&self.0.extensions.number);
        let of_delta = number(&delta.0.extensions.number);
        let base = number(&delta.0.extensions.base);
        !self.is_delta()
            && self.has_scope_of(delta)
            && self.authority_key_identifier() == delta.authority_key_identifier()
            && own.is_some()
            && base.is_some_and(|base| own.as_ref().is_some_and(|own| base <= *own))
            && of_delta.is_some_and(|delta| own.is_some_and(|own| own < delta))
    }

    /// Looks for a certificate; the last entry about it counts.
    pub(crate) fn find(&self, issuer: &Name, serial: &[u8]) -> Option<Entry> {
        let wanted = integer(serial);
        let mut found = None;
        // An entry without certificateIssuer is about the issuer of the one before (§5.3.3).
        let mut is_issuer = issuer == self.issuer();
        for entry in Reader::new(self.0.der.get(self.0.entries.clone()).unwrap_or_default()) {
            let Ok(entry) = entry.and_then(|entry| RawEntry::read(&entry)) else { break };
            let extensions = entry.extensions.as_ref().map(EntryExtensions::read).transpose();
            let extensions = extensions.ok().flatten().unwrap_or_default();
            if let Some(named) = extensions.issuer {
                is_issuer = names_directory(&named, issuer);
            }
            if is_issuer && integer(entry.serial) == wanted {
                found = Some(Entry { at: entry.date, reason: extensions.reason });
            }
        }
        found
    }
}

/// ```text
/// Entry ::= SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
/// ```
struct RawEntry<'a> {
    serial: &'a [u8],
    date: UnixTime,
    extensions: Option<Value<'a>>,
}

impl<'a> RawEntry<'a> {
    fn read(value: &Value<'a>) -> Result<Self> {
        if value.tag != SEQUENCE {
            return Err(DerError("not an entry"));
        }
        let mut reader = value.reader();
        let serial = reader.expect(INTEGER)?.content;
        let date = time(&Reader::next(&mut reader)?)?;
        let extensions = reader.optional(SEQUENCE)?;
        reader.finish()?;
        Ok(Self { serial, date, extensions })
    }
}

/// What an entry says beyond its date (§5.3). invalidityDate is a hint for people.
#[derive(Default)]
struct EntryExtensions<'a> {
    reason: Option<Reason>,
    issuer: Option<Value<'a>>,
    unknown_critical: bool,
}

impl<'a> EntryExtensions<'a> {
    fn read(list: &Value<'a>) -> Result<Self> {
        let mut found = Self::default();
        for value in list.reader() {
            let extension = Extension::read(&value?)?;
            let mut reader = Reader::new(extension.value);
            if extension.id == oid::REASON_CODE.as_bytes() {
                found.reason = Some(reason(&reader.expect(ENUMERATED)?));
            } else if extension.id == oid::CERTIFICATE_ISSUER.as_bytes() {
                found.issuer = Some(reader.expect(SEQUENCE)?);
            } else {
                let known = extension.id == oid::INVALIDITY_DATE.as_bytes();
                found.unknown_critical |= extension.critical && !known;
            }
        }
        Ok(found)
    }
}

/// The code of a reason; what no standard names is `unspecified`.
pub(crate) fn reason(value: &Value<'_>) -> Reason {
    value.u32().map_or(Reason::Unspecified, Reason::from_code)
}

/// Whether GeneralNames hold this name of an authority.
fn names_directory(names: &Value<'_>, issuer: &Name) -> bool {
    names.reader().flatten().filter(|name| name.tag == constructed(4)).any(|name| {
        name.inner().is_ok_and(|name| name.octets == issuer.as_der() || Name::new(name.octets) == *issuer)
    })
}

/// Without octets that say nothing; the sign stays.
pub(crate) fn integer(mut content: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = content
        && rest.first().is_some_and(|next| next & 0x80 == 0)
    {
        content = rest;
    }
    content
}

/// The octets of a number that is not negative, without zeros before it.
fn magnitude(content: &[u8]) -> &[u8] {
    let zeros = content.iter().take_while(|octet| **octet == 0).count();
    content.get(zeros..).unwrap_or_default()
}

/// Everything but the octets themselves and what the entries say.
fn read(der: &[u8]) -> Result<Inner> {
    let mut whole = Reader::new(der);
    let mut list = whole.sequence()?;
    whole.finish()?;
    let (pieces, tbs) = Pieces::read(&mut list)?;
    list.finish()?;
    let mut reader = tbs.reader();
    let version = reader.optional(INTEGER)?.map_or(Ok(0), |version| version.u32())?;
    pieces.agrees(der, &reader.expect(SEQUENCE)?)?;
    let issuer = Name::new(reader.expect(SEQUENCE)?.octets);
    let this_update = time(&Reader::next(&mut reader)?)?;
    let next_update = match reader.peek() {
        Some(UTC_TIME | GENERALIZED_TIME) => Some(time(&Reader::next(&mut reader)?)?),
        _ => None,
    };
    let entries = reader.optional(SEQUENCE)?;
    let entries = entries.map_or(0..0, |entries| {
        let end = entries.offset + entries.octets.len();
        end - entries.content.len()..end
    });
    let extensions = match reader.optional(constructed(0))? {
        Some(explicit) if version == 1 => Extensions::read(&explicit.inner()?)?,
        Some(_) => return Err(DerError("extensions misplaced")),
        None => Extensions::default(),
    };
    reader.finish()?;
    Ok(Inner {
        der: Vec::new(),
        pieces,
        entries,
        issuer,
        this_update,
        next_update,
        extensions,
        odd_entry: false,
    })
}

impl Extensions {
    fn read(list: &Value<'_>) -> Result<Self> {
        let (mut found, mut seen) = (Self::default(), BTreeSet::new());
        if list.tag != SEQUENCE {
            return Err(DerError("extensions misplaced"));
        }
        for value in list.reader() {
            let extension = Extension::read(&value?)?;
            if !seen.insert(extension.id) {
                return Err(DerError("an extension comes twice"));
            }
            found.take(&extension)?;
        }
        Ok(found)
    }

    fn take(&mut self, extension: &Extension<'_>) -> Result<()> {
        let mut reader = Reader::new(extension.value);
        let is = |id: ObjectIdentifier| extension.id == id.as_bytes();
        if is(oid::CRL_NUMBER) {
            self.number = Some(number(&reader.expect(INTEGER)?)?);
        } else if is(oid::DELTA_CRL_INDICATOR) {
            self.base = Some(number(&reader.expect(INTEGER)?)?);
        } else if is(oid::ISSUING_DISTRIBUTION_POINT) {
            self.scope = Some(IssuingDistributionPoint::read(&reader.expect(SEQUENCE)?)?);
            self.scope_octets = Some(extension.value.to_vec());
        } else if is(oid::AUTHORITY_KEY_IDENTIFIER) {
            reader.expect(SEQUENCE)?;
            self.authority_key_identifier = Some(extension.value.to_vec());
        } else {
            self.unknown_critical |= extension.critical;
            return Ok(());
        }
        reader.finish()
    }
}

/// A number that is not negative (§5.2.3).
fn number(value: &Value<'_>) -> Result<Vec<u8>> {
    match value.content {
        [first, ..] if first & 0x80 == 0 && value.content.len() <= LONGEST_NUMBER => {
            Ok(value.content.to_vec())
        }
        _ => Err(DerError("a CRL number of a wrong length")),
    }
}

/// §5.2.3 says 20; some authorities write more.
const LONGEST_NUMBER: usize = 64;
