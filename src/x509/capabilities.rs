//! SMIMECapabilities (RFC 8551 §2.5.2, RFC 4262): what its owner says to read.

use const_oid::ObjectIdentifier;

use crate::crypto::ContentCipher;
use crate::error::Error;
use crate::report::Reads;
use crate::x509::der_reader::{OID, Reader, Result as DerResult, SEQUENCE, encode};

/// What the owner of a certificate says to read, as far as it is known here.
///
/// ```
/// use mailseal::crypto::ContentCipher;
/// use mailseal::x509::Capabilities;
/// // SEQUENCE { SEQUENCE { id-aes256-GCM } }
/// let der = b"\x30\x0d\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e";
/// assert_eq!(Capabilities::from_der(der)?.ciphers, [ContentCipher::Aes256Gcm]);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Ciphers for content, the preferred first; not the weak ones.
    pub ciphers: Vec<ContentCipher>,
    /// RSAES-OAEP (RFC 3560 §4).
    pub oaep: bool,
    /// Content keys that are derived (RFC 9709 §4).
    pub derived_keys: bool,
}

impl Capabilities {
    /// Reads the DER SMIMECapabilities of a certificate or of a signature
    /// ([`SignerInfo::smime_capabilities`](crate::cms::SignerInfo::smime_capabilities)).
    ///
    /// ```text
    /// SMIMECapabilities ::= SEQUENCE OF SEQUENCE { capabilityID OBJECT IDENTIFIER, parameters ANY OPTIONAL }
    /// ```
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let read = || {
            let mut whole = Reader::new(der);
            let list = whole.sequence()?;
            whole.finish()?;
            Self::read(list)
        };
        read().map_err(|error| Error::malformed("capabilities", error.to_string()))
    }

    /// SMIMECapabilities that name these ciphers, the preferred first. Those that are read only are left out.
    pub(crate) fn der_of(ciphers: &[ContentCipher]) -> Vec<u8> {
        let identifier = |cipher: &ContentCipher| CIPHERS.iter().find(|(_, known)| known == cipher);
        let named = ciphers.iter().filter_map(identifier);
        let each: Vec<Vec<u8>> =
            named.map(|(id, _)| encode(SEQUENCE, &[&encode(OID, &[id.as_bytes()])])).collect();
        encode(SEQUENCE, &each.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// What this program reads, the preferred first: what notices changes before what does not (RFC 8551 §2.7).
    pub(crate) const OWN: [ContentCipher; 5] = [
        ContentCipher::Aes256Gcm,
        ContentCipher::Aes128Gcm,
        ContentCipher::Aes256Cbc,
        ContentCipher::Aes192Cbc,
        ContentCipher::Aes128Cbc,
    ];

    /// The same in plain words.
    pub(crate) fn reads(&self) -> Reads {
        let Self { ciphers, oaep, derived_keys } = self;
        let ciphers = ciphers.iter().map(ToString::to_string).collect();
        Reads { ciphers, oaep: *oaep, derived_keys: *derived_keys, encrypt_to: None }
    }

    /// What was kept in plain words. A name that is not known here says nothing.
    pub(crate) fn of(reads: &Reads) -> Self {
        let ciphers = reads.ciphers.iter().filter_map(|name| name.parse().ok()).collect();
        Self { ciphers, oaep: reads.oaep, derived_keys: reads.derived_keys }
    }

    /// The strongest cipher that all of several people read; each of whom something is known, or nothing. Where that is
    /// not known of everybody, none that notices changes is taken, but AES-CBC, which every program reads: of 256 bits,
    /// or of those that the lists have (RFC 8551 §2.7). Nothing that anybody says leads below that.
    pub(crate) fn strongest<'c>(lists: impl Iterator<Item = Option<&'c Self>> + Clone) -> ContentCipher {
        let all = |cipher: &ContentCipher| lists.clone().all(|list| Self::takes(list, *cipher));
        STRONGEST_FIRST.into_iter().find(all).unwrap_or(ContentCipher::Aes256Cbc)
    }

    /// Whether somebody who says this reads a cipher, as far as one can rely on it.
    pub(crate) fn takes(list: Option<&Self>, cipher: ContentCipher) -> bool {
        let said = |cipher| list.is_some_and(|list| list.ciphers.contains(&cipher));
        let silent = !CBC.into_iter().any(said);
        said(cipher) || silent && matches!(cipher, ContentCipher::Aes256Cbc | ContentCipher::Aes128Cbc)
    }

    fn read(list: Reader<'_>) -> DerResult<Self> {
        let mut capabilities = Self::default();
        for one in list {
            let one = one?;
            if one.tag != SEQUENCE {
                continue;
            }
            let id = one.reader().expect(OID)?.content;
            let is = |known: &ObjectIdentifier| known.as_bytes() == id;
            let known = CIPHERS.iter().find(|(known, _)| is(known)).map(|(_, cipher)| *cipher);
            if let Some(cipher) = known.filter(|cipher| !capabilities.ciphers.contains(cipher)) {
                capabilities.ciphers.push(cipher);
            }
            capabilities.oaep |= is(&OAEP);
            capabilities.derived_keys |= is(&DERIVED_KEYS);
        }
        Ok(capabilities)
    }
}

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

const OAEP: ObjectIdentifier = oid("1.2.840.113549.1.1.7");
const DERIVED_KEYS: ObjectIdentifier = oid("1.2.840.113549.1.9.16.3.31");

/// Those that notice changes before those that do not.
const STRONGEST_FIRST: [ContentCipher; 7] = [
    ContentCipher::Aes256Gcm,
    ContentCipher::ChaCha20Poly1305,
    ContentCipher::Aes192Gcm,
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes256Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes128Cbc,
];

const CBC: [ContentCipher; 3] =
    [ContentCipher::Aes128Cbc, ContentCipher::Aes192Cbc, ContentCipher::Aes256Cbc];

/// RFC 3565, RFC 5084, RFC 8103.
const CIPHERS: [(ObjectIdentifier, ContentCipher); 7] = [
    (oid("2.16.840.1.101.3.4.1.6"), ContentCipher::Aes128Gcm),
    (oid("2.16.840.1.101.3.4.1.26"), ContentCipher::Aes192Gcm),
    (oid("2.16.840.1.101.3.4.1.46"), ContentCipher::Aes256Gcm),
    (oid("1.2.840.113549.1.9.16.3.18"), ContentCipher::ChaCha20Poly1305),
    (oid("2.16.840.1.101.3.4.1.2"), ContentCipher::Aes128Cbc),
    (oid("2.16.840.1.101.3.4.1.22"), ContentCipher::Aes192Cbc),
    (oid("2.16.840.1.101.3.4.1.42"), ContentCipher::Aes256Cbc),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der_reader::INTEGER;
    use crate::x509::oid::SMIME_CAPABILITIES;
    use crate::x509::testing::make;

    fn capability(dotted: &str, parameters: &[u8]) -> Vec<u8> {
        encode(SEQUENCE, &[&encode(OID, &[oid(dotted).as_bytes()]), parameters])
    }

    #[test]
    fn of_certificates() {
        let rc2 = capability("1.2.840.113549.3.2", &encode(INTEGER, &[&[0, 0x80]]));
        let all = [
            capability("2.16.840.1.101.3.4.1.42", &[]),
            capability("2.16.840.1.101.3.4.1.46", &[]),
            rc2,
            capability("2.16.840.1.101.3.4.1.42", &[]),
            capability("1.2.840.113549.1.1.7", &encode(SEQUENCE, &[])),
            capability("1.2.840.113549.1.9.16.3.31", &[]),
        ];
        let value = encode(SEQUENCE, &[&all.concat()]);
        let certificate = make("Bob").with(SMIME_CAPABILITIES, false, value).signed_by("CA");
        let capabilities = certificate.capabilities().unwrap();
        assert_eq!(capabilities.ciphers, [ContentCipher::Aes256Cbc, ContentCipher::Aes256Gcm]);
        assert!(capabilities.oaep && capabilities.derived_keys);
        assert_eq!(make("Bob").signed_by("CA").capabilities(), None);
    }

    #[test]
    fn the_strongest_that_all_read_and_never_less_than_aes() {
        use ContentCipher::{Aes128Cbc, Aes128Gcm, Aes256Cbc, Aes256Gcm, ChaCha20Poly1305};
        let list = |ciphers: &[ContentCipher]| {
            Some(Capabilities { ciphers: ciphers.to_vec(), ..Capabilities::default() })
        };
        let of = |lists: &[Option<Capabilities>]| Capabilities::strongest(lists.iter().map(Option::as_ref));
        let modern = list(&[Aes256Gcm, Aes128Gcm, Aes256Cbc, Aes128Cbc]);
        assert_eq!(of(std::slice::from_ref(&modern)), Aes256Gcm);
        assert_eq!(of(&[modern.clone(), None]), Aes256Cbc, "nothing is known of one");
        assert_eq!(of(&[modern.clone(), list(&[Aes128Gcm, Aes128Cbc])]), Aes128Gcm);
        assert_eq!(of(&[modern.clone(), list(&[Aes128Cbc])]), Aes128Cbc);
        assert_eq!(of(&[list(&[ChaCha20Poly1305]), list(&[ChaCha20Poly1305, Aes256Cbc])]), ChaCha20Poly1305);
        assert_eq!(of(&[list(&[Aes256Gcm]), None]), Aes256Cbc, "a list need not be complete (§2.5.2)");
        assert_eq!(of(&[list(&[])]), Aes256Cbc, "3DES and RC2 alone lead nowhere lower");
        assert_eq!(of(&[list(&[Aes128Cbc]), list(&[ContentCipher::Aes192Cbc])]), Aes256Cbc);
        assert_eq!(of(&[]), Aes256Gcm, "passwords alone: by this program");
    }

    #[test]
    fn what_cannot_be_read_says_nothing_and_breaks_nothing() {
        for value in [&b""[..], b"\x30", b"\x04\x00", b"\x30\x02\x30\x00", b"\x30\x00\x00"] {
            let certificate = make("Bob").with(SMIME_CAPABILITIES, false, value.to_vec()).signed_by("CA");
            assert_eq!(certificate.capabilities(), None, "{value:x?}");
            assert!(certificate.extensions().defects.is_empty());
        }
        let critical = make("Bob").with(SMIME_CAPABILITIES, true, b"\x30\x00".to_vec()).signed_by("CA");
        assert_eq!(critical.extensions().unknown_critical, ["1.2.840.113549.1.9.15"]);
    }
}
