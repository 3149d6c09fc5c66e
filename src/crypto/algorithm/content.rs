//! Content-encryption algorithms: which cipher, for which container, with which parameters (R-A4, R-A5).

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierRef;

use super::write::identifier as identifier_of;
use super::{AlgorithmError, der_octets, oid, table};
use crate::crypto::ContentCipher;

/// What the ciphertext stands in. Each takes its own ciphers and no other: whoever changes one container into another
/// gets nothing out (R-A4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// EnvelopedData and EncryptedData (RFC 5652 §6, §8), and the key encryption of RFC 3211: CBC only.
    Plain,
    /// AuthEnvelopedData (RFC 5083): AEAD only.
    Authenticated,
}

/// A cipher and its nonce, as a contentEncryptionAlgorithm gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentAlgorithm {
    pub(crate) cipher: ContentCipher,
    pub(crate) nonce: Vec<u8>,
    /// RFC 9709: the key of the recipients is not the content's, but what HKDF makes of it with this info.
    pub(crate) derived_with: Option<Vec<u8>>,
}

/// How parameters look.
#[derive(Clone, Copy)]
enum Form {
    /// GCMParameters (RFC 5084 §3.2).
    Gcm,
    /// OCTET STRING: the nonce (RFC 8103 §3) or the initialization vector (RFC 3565 §4.1, RFC 3370 §5.1).
    Octets,
    /// RC2-CBCParameter (RFC 3370 §5.2).
    Rc2,
}

struct Row(ObjectIdentifier, ContentCipher, Form);

/// All content ciphers.
const CIPHERS: &[Row] = &[
    Row(oid::new("2.16.840.1.101.3.4.1.6"), ContentCipher::Aes128Gcm, Form::Gcm),
    Row(oid::new("2.16.840.1.101.3.4.1.26"), ContentCipher::Aes192Gcm, Form::Gcm),
    Row(oid::new("2.16.840.1.101.3.4.1.46"), ContentCipher::Aes256Gcm, Form::Gcm),
    Row(oid::new("1.2.840.113549.1.9.16.3.18"), ContentCipher::ChaCha20Poly1305, Form::Octets),
    Row(oid::new("2.16.840.1.101.3.4.1.2"), ContentCipher::Aes128Cbc, Form::Octets),
    Row(oid::new("2.16.840.1.101.3.4.1.22"), ContentCipher::Aes192Cbc, Form::Octets),
    Row(oid::new("2.16.840.1.101.3.4.1.42"), ContentCipher::Aes256Cbc, Form::Octets),
    Row(oid::new("1.2.840.113549.3.7"), ContentCipher::TripleDesCbc, Form::Octets),
    Row(RC2_CBC, ContentCipher::Rc2Cbc { bits: 128 }, Form::Rc2),
];

const RC2_CBC: ObjectIdentifier = oid::new("1.2.840.113549.3.2");
/// id-alg-cek-hkdf-sha256 (RFC 9709 §3).
const CEK_HKDF_SHA256: ObjectIdentifier = oid::new("1.2.840.113549.1.9.16.3.31");
/// rc2ParameterVersion and the effective bits that it stands for (RFC 3370 §5.2).
const RC2_VERSIONS: [(u16, u16); 3] = [(160, 40), (120, 64), (58, 128)];
/// Octets of a GCM tag. The default of aes-ICVlen, 12, is not taken (R-A5).
const ICV_LENGTH: u8 = 16;

/// ```text
/// GCMParameters ::= SEQUENCE { aes-nonce OCTET STRING, aes-ICVlen AES-GCM-ICVlen DEFAULT 12 }
/// ```
#[derive(Sequence)]
struct GcmParameters<'a> {
    nonce: &'a OctetStringRef,
    #[asn1(optional = "true")]
    icv_length: Option<u8>,
}

/// ```text
/// RC2-CBCParameter ::= SEQUENCE { rc2ParameterVersion INTEGER, iv OCTET STRING }
/// ```
#[derive(Sequence)]
struct Rc2Parameters<'a> {
    version: u16,
    iv: &'a OctetStringRef,
}

/// Reads a contentEncryptionAlgorithm.
pub(crate) fn content_cipher(der: &[u8], container: Container) -> Result<ContentAlgorithm, AlgorithmError> {
    let identifier = AlgorithmIdentifierRef::from_der(der).map_err(|_| AlgorithmError::Malformed)?;
    if identifier.oid != CEK_HKDF_SHA256 {
        return read(&identifier, container);
    }
    let wrong = || AlgorithmError::Parameters { name: table::name(CEK_HKDF_SHA256) };
    let inner = identifier.parameters.ok_or_else(wrong)?;
    let info = inner.to_der().map_err(|_| wrong())?;
    let inner = inner.decode_as::<AlgorithmIdentifierRef<'_>>().map_err(|_| wrong())?;
    Ok(ContentAlgorithm { derived_with: Some(info), ..read(&inner, container)? })
}

fn read(
    identifier: &AlgorithmIdentifierRef<'_>,
    container: Container,
) -> Result<ContentAlgorithm, AlgorithmError> {
    let fits = |row: &&Row| {
        row.0 == identifier.oid && row.1.is_authenticated() == (container == Container::Authenticated)
    };
    let Some(Row(_, cipher, form)) = CIPHERS.iter().find(fits) else {
        return Err(AlgorithmError::Unsupported { name: table::name(identifier.oid) });
    };
    parameters(*cipher, *form, identifier.parameters)
        .filter(|read| read.nonce.len() == cipher.nonce_length())
        .ok_or_else(|| AlgorithmError::Parameters { name: table::name(identifier.oid) })
}

fn parameters(
    mut cipher: ContentCipher,
    form: Form,
    parameters: Option<AnyRef<'_>>,
) -> Option<ContentAlgorithm> {
    let any = parameters?;
    let nonce = match form {
        Form::Gcm => {
            let read = any.decode_as::<GcmParameters<'_>>().ok()?;
            Some(read.nonce).filter(|_| read.icv_length == Some(ICV_LENGTH))?
        }
        Form::Octets => any.decode_as::<&OctetStringRef>().ok()?,
        Form::Rc2 => {
            let read = any.decode_as::<Rc2Parameters<'_>>().ok()?;
            let (_, bits) = RC2_VERSIONS.iter().find(|row| row.0 == read.version)?;
            cipher = ContentCipher::Rc2Cbc { bits: *bits };
            read.iv
        }
    };
    Some(ContentAlgorithm { cipher, nonce: nonce.as_bytes().to_vec(), derived_with: None })
}

impl ContentCipher {
    /// The DER AlgorithmIdentifier with this nonce; none for RC2, which is not written.
    pub(crate) fn identifier(self, nonce: &[u8]) -> Option<Vec<u8>> {
        let Row(named, _, form) = CIPHERS.iter().find(|row| row.1 == self)?;
        let nonce = der_octets(0x04, nonce);
        let parameters = match form {
            Form::Gcm => der_octets(0x30, &[nonce, der_octets(0x02, &[ICV_LENGTH])].concat()),
            Form::Octets => nonce,
            Form::Rc2 => return None,
        };
        Some(identifier_of(*named, &parameters))
    }
}

/// The identifier of RFC 9709 around that of a cipher, which is also the info of the derivation.
pub(crate) fn derived(cipher: &[u8]) -> Vec<u8> {
    identifier_of(CEK_HKDF_SHA256, cipher)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gcm(nonce: &[u8], icv: &[u8]) -> Vec<u8> {
        let parameters = der_octets(0x30, &[&der_octets(4, nonce), icv].concat());
        identifier_of(oid::new("2.16.840.1.101.3.4.1.46"), &parameters)
    }

    fn parameters_error(result: Result<ContentAlgorithm, AlgorithmError>) {
        assert!(matches!(result, Err(AlgorithmError::Parameters { .. })), "{result:?}");
    }

    #[test]
    fn r_a5_gcm_parameters() {
        let read = |nonce: &[u8], icv: &[u8]| content_cipher(&gcm(nonce, icv), Container::Authenticated);
        let good = read(&[7; 12], &[2, 1, 16]).unwrap();
        assert_eq!((good.cipher, good.nonce), (ContentCipher::Aes256Gcm, vec![7; 12]));
        for icv in (0..=32).filter(|icv| *icv != 16) {
            parameters_error(read(&[7; 12], &[2, 1, icv]));
        }
        // Absent means 12; then negative ones, large ones, one not minimal, none, another type.
        for icv in [
            &[][..],
            &[2, 1, 0xf0],
            &[2, 1, 0x80],
            &[2, 2, 0, 0x90],
            &[2, 2, 1, 16],
            &[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 16],
            &[2, 2, 0, 16],
            &[2, 0],
            &[5, 0],
            &[4, 1, 16],
            &[2, 1, 16, 2, 1, 16],
        ] {
            parameters_error(read(&[7; 12], icv));
        }
        for length in (0..=64).chain([65_536]).filter(|length| *length != 12) {
            parameters_error(read(&vec![7; length], &[2, 1, 16]));
        }
        let bare = der_octets(0x30, &der_octets(6, oid::new("2.16.840.1.101.3.4.1.46").as_bytes()));
        parameters_error(content_cipher(&bare, Container::Authenticated));
    }

    #[test]
    fn r_a4_a_container_takes_its_own_ciphers_only() {
        for Row(named, cipher, form) in CIPHERS {
            let nonce = vec![1; cipher.nonce_length()];
            let Some(der) = cipher.identifier(&nonce) else {
                assert!(matches!(form, Form::Rc2));
                continue;
            };
            let (right, wrong) = match cipher.is_authenticated() {
                true => (Container::Authenticated, Container::Plain),
                false => (Container::Plain, Container::Authenticated),
            };
            let read = content_cipher(&der, right).unwrap();
            assert_eq!((read.cipher, &read.nonce, &read.derived_with), (*cipher, &nonce, &None));
            let refused = content_cipher(&der, wrong).unwrap_err();
            assert_eq!(refused, AlgorithmError::Unsupported { name: cipher.to_string() }, "{named}");
            // The same under RFC 9709, but not twice.
            let outer = derived(&der);
            let read = content_cipher(&outer, right).unwrap();
            assert_eq!((read.cipher, read.derived_with), (*cipher, Some(der)));
            assert!(content_cipher(&outer, wrong).is_err());
            assert!(content_cipher(&derived(&outer), right).is_err());
            for length in (0..=64).filter(|length| *length != nonce.len()) {
                parameters_error(content_cipher(&cipher.identifier(&vec![1; length]).unwrap(), right));
            }
        }
        // ECB, OFB, CFB, key wrap, CCM, key wrap with padding; DES; RC4.
        let aes = [1, 3, 4, 5, 7, 8].map(|last| format!("2.16.840.1.101.3.4.1.{}", last + 40));
        for dotted in aes.iter().map(|dotted| &**dotted).chain(["1.3.14.3.2.7", "1.2.840.113549.3.4"]) {
            let der = identifier_of(ObjectIdentifier::new_unwrap(dotted), &der_octets(4, &[1; 16]));
            for container in [Container::Plain, Container::Authenticated] {
                let refused = content_cipher(&der, container);
                assert!(matches!(refused, Err(AlgorithmError::Unsupported { .. })), "{dotted}");
            }
        }
        assert_eq!(content_cipher(b"", Container::Plain), Err(AlgorithmError::Malformed));
        parameters_error(content_cipher(&derived(&[]), Container::Plain));
        parameters_error(content_cipher(&derived(&[5, 0]), Container::Plain));
    }

    #[test]
    fn rc2_versions() {
        let read = |version: &[u8], iv: usize| {
            let parameters = [der_octets(2, version), der_octets(4, &vec![1; iv])].concat();
            content_cipher(&identifier_of(RC2_CBC, &der_octets(0x30, &parameters)), Container::Plain)
        };
        for (version, bits) in [(&[0, 160][..], 40), (&[120], 64), (&[58], 128)] {
            assert_eq!(read(version, 8).unwrap().cipher, ContentCipher::Rc2Cbc { bits });
            parameters_error(read(version, 7));
        }
        for version in [&[160][..], &[32], &[0], &[1, 0], &[56]] {
            parameters_error(read(version, 8));
        }
    }
}
