//! Object identifiers by their octets.

use std::borrow::Cow;
use std::fmt;

use crate::cms::malformed;
use crate::error::Error;

/// An OBJECT IDENTIFIER (X.690 §8.19). Shown in dotted form.
///
/// ```
/// use mailseal::cms::Oid;
/// assert_eq!(Oid::DATA.to_string(), "1.2.840.113549.1.7.1");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Oid(Cow<'static, [u8]>);

macro_rules! oids {
    ($($(#[$doc:meta])* $visible:vis $name:ident = $octets:literal;)*) => {
        impl Oid { $($(#[$doc])* $visible const $name: Self = Self(Cow::Borrowed($octets));)* }
    };
}

oids! {
    /// id-data (RFC 5652 §4).
    pub DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
    /// id-signedData (RFC 5652 §5.1).
    pub SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    /// id-envelopedData (RFC 5652 §6.1).
    pub ENVELOPED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
    /// id-ct-authEnvelopedData (RFC 5083 §2.1).
    pub AUTH_ENVELOPED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
    /// id-contentType (RFC 5652 §11.1).
    pub(crate) CONTENT_TYPE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
    /// id-messageDigest (RFC 5652 §11.2).
    pub(crate) MESSAGE_DIGEST = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
    /// id-signingTime (RFC 5652 §11.3).
    pub(crate) SIGNING_TIME = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05";
    /// smimeCapabilities (RFC 8551 §2.5.2).
    pub(crate) SMIME_CAPABILITIES = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f";
    /// id-aa-encrypKeyPref (RFC 8551 §2.5.3).
    pub(crate) ENCRYPTION_KEY_PREFERENCE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0b";
    /// id-aa-signingCertificate (RFC 2634 §5.4).
    pub(crate) SIGNING_CERTIFICATE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c";
    /// id-aa-signingCertificateV2 (RFC 5035 §3).
    pub(crate) SIGNING_CERTIFICATE_V2 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f";
    /// id-aa-CMSAlgorithmProtect (RFC 6211 §2).
    pub(crate) ALGORITHM_PROTECTION = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x34";
    /// id-X25519 (RFC 8410 §3).
    pub(crate) X25519 = b"\x2b\x65\x6e";
    /// id-ecPublicKey (RFC 5480 §2.1.1).
    pub(crate) EC_PUBLIC_KEY = b"\x2a\x86\x48\xce\x3d\x02\x01";
    /// id-ct-compressedData (RFC 3274 §1.1).
    pub COMPRESSED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09";
    /// id-alg-zlibCompress (RFC 3274 §2).
    pub(crate) ZLIB_COMPRESS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08";
}

/// Threats D1.
const MOST_OCTETS: usize = 128;

impl Oid {
    pub(crate) fn read(content: &[u8]) -> Result<Self, Error> {
        let whole = content.last().is_some_and(|last| last & 0x80 == 0);
        if !whole || content.len() > MOST_OCTETS {
            return Err(malformed("an object identifier that is none"));
        }
        Ok(Self(Cow::Owned(content.to_vec())))
    }

    /// The content octets.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut arc, mut first) = (0u128, true);
        for octet in self.octets() {
            // An arc beyond 2^121 is shown cut; nothing is compared in this form.
            arc = (arc << 7) | u128::from(octet & 0x7f);
            if octet & 0x80 == 0 {
                if first {
                    let root = (arc / 40).min(2);
                    write!(f, "{root}.{}", arc - root * 40)?;
                } else {
                    write!(f, ".{arc}")?;
                }
                (arc, first) = (0, false);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
