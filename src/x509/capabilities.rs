//! SMIMECapabilities (RFC 8551 §2.5.2, RFC 4262): what its owner says to read.

use const_oid::ObjectIdentifier;

use crate::crypto::ContentCipher;
use crate::error::Error;
use crate::x509::der_reader::{OID, Reader, Result as DerResult, SEQUENCE};

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
    use crate::x509::der_reader::{INTEGER, encode};
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
