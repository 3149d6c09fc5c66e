//! Files of private keys, PEM or DER: PKCS#8 (RFC 5958) plain and encrypted, PKCS#1 (RFC 8017), SEC 1 (RFC 5915).
//!
//! - [`read`]: keys, all turned to PKCS#8, and the certificates that stand beside them.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mailseal::{Limits, crypto::Provider, x509::private_key};
//! let file = private_key::read(&std::fs::read("alice.key")?, Some("secret"), &Limits::default())?;
//! let key = Provider::default().key_loader.signing_key(file.keys.first().ok_or("no key in it")?)?;
//! println!("{:?}", key.schemes());
//! # Ok(())
//! # }
//! ```

use zeroize::Zeroizing;

use crate::crypto::pbe::{self, Budget, Password};
use crate::crypto::{KeyError, PublicKey};
use crate::error::Error;
use crate::limits::Limits;
use crate::x509::der_reader::{
    DerError, INTEGER, OCTET_STRING, OID, Reader, Result as DerResult, SEQUENCE, Value, constructed, encode,
};
use crate::x509::pkcs12::encrypted_private_key;
use crate::x509::{Certificate, oid, pem};

/// What a file held.
///
/// ```
/// use mailseal::x509::private_key::KeyFile;
/// fn describe(file: &KeyFile) -> String {
///     let holders: Vec<String> = file.certificates.iter().map(|certificate| certificate.name()).collect();
///     format!("{} keys; certificates of {}", file.keys.len(), holders.join(", "))
/// }
/// assert_eq!(describe(&KeyFile::default()), "0 keys; certificates of ");
/// ```
#[derive(Default)]
pub struct KeyFile {
    /// DER PrivateKeyInfo (RFC 5958), wiped when dropped.
    pub keys: Vec<Zeroizing<Vec<u8>>>,
    /// Certificates between them.
    pub certificates: Vec<Certificate>,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile")
            .field("keys", &self.keys.len())
            .field("certificates", &self.certificates)
            .finish()
    }
}

/// Reads a file. No password where one is needed is [`KeyError::WrongPassword`].
///
/// ```
/// use mailseal::{Limits, x509::private_key};
/// let ed25519 = "-----BEGIN PRIVATE KEY-----
/// MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
/// -----END PRIVATE KEY-----";
/// let file = private_key::read(ed25519.as_bytes(), None, &Limits::default()).unwrap();
/// assert_eq!(file.keys[0].len(), 48);
/// ```
pub fn read(octets: &[u8], password: Option<&str>, limits: &Limits) -> Result<KeyFile, Error> {
    pem::check_size(octets, limits)?;
    let mut reading = Reading {
        password: password.map(Password::new),
        budget: Budget::new(limits),
        file: KeyFile::default(),
    };
    if pem::is_pem(octets) {
        for block in pem::blocks(octets)? {
            reading.block(&block)?;
        }
    } else {
        reading.der(octets)?;
    }
    Ok(reading.file)
}

struct Reading {
    password: Option<Password>,
    budget: Budget,
    file: KeyFile,
}

impl Reading {
    fn block(&mut self, block: &pem::Block) -> Result<(), Error> {
        if block.is_certificate() {
            self.file.certificates.push(Certificate::from_der(&block.der)?);
            return Ok(());
        }
        if !block.label.ends_with("PRIVATE KEY") {
            return Ok(());
        }
        if block.has_headers {
            // MD5 of the password, once; no key should be kept like that.
            return Err(KeyError::Unsupported("a PEM key encrypted in the way before PKCS#8".into()).into());
        }
        self.der(&block.der)
    }

    fn der(&mut self, der: &[u8]) -> Result<(), Error> {
        let form = Form::of(der).map_err(|error| KeyError::Malformed(error.to_string()))?;
        let key = match form {
            Form::Pkcs8 => Zeroizing::new(der.to_vec()),
            Form::Encrypted(algorithm, ciphertext) => {
                let password = self.password.as_ref().ok_or(KeyError::WrongPassword)?;
                let key = pbe::decrypt(algorithm, password, ciphertext, &mut self.budget)?;
                if !matches!(Form::of(&key), Ok(Form::Pkcs8)) {
                    return Err(KeyError::WrongPassword.into());
                }
                key
            }
            Form::Rsa => wrap(&[&object_identifier(oid::RSA_ENCRYPTION.as_bytes()), &[0x05, 0x00]], der),
            Form::Ec(curve) => wrap(&[&object_identifier(oid::EC_PUBLIC_KEY.as_bytes()), curve], der),
            Form::Certificate => {
                self.file.certificates.push(Certificate::from_der(der)?);
                return Ok(());
            }
        };
        self.file.keys.push(key);
        Ok(())
    }
}

/// What a DER SEQUENCE is, told by how it begins.
enum Form<'a> {
    /// `SEQUENCE { version, AlgorithmIdentifier, OCTET STRING, … }`
    Pkcs8,
    /// `SEQUENCE { AlgorithmIdentifier, OCTET STRING }`
    Encrypted(&'a [u8], &'a [u8]),
    /// `RSAPrivateKey ::= SEQUENCE { version, modulus, publicExponent, … }`
    Rsa,
    /// `ECPrivateKey ::= SEQUENCE { version, privateKey OCTET STRING, parameters [0] EXPLICIT, … }`: with the curve.
    Ec(&'a [u8]),
    /// `SEQUENCE { TBSCertificate, AlgorithmIdentifier, BIT STRING }`
    Certificate,
}

impl<'a> Form<'a> {
    fn of(der: &'a [u8]) -> DerResult<Self> {
        let mut whole = Reader::new(der);
        let value = whole.expect(SEQUENCE)?;
        whole.finish()?;
        let mut reader = value.reader();
        if reader.peek() == Some(SEQUENCE) {
            return Ok(match encrypted_private_key(&value) {
                Ok((algorithm, ciphertext)) => Self::Encrypted(algorithm, ciphertext),
                Err(_) => Self::Certificate,
            });
        }
        reader.expect(INTEGER)?;
        match reader.peek() {
            Some(SEQUENCE) => Self::pkcs8(reader),
            Some(INTEGER) => Ok(Self::Rsa),
            Some(OCTET_STRING) => Self::ec(reader),
            _ => Err(DerError("not a private key")),
        }
    }

    /// PKCS#12 also begins with a number and a SEQUENCE (RFC 7292 §4); no OCTET STRING follows there.
    fn pkcs8(mut reader: Reader<'a>) -> DerResult<Self> {
        reader.expect(SEQUENCE)?;
        if reader.peek() == Some(OCTET_STRING) { Ok(Self::Pkcs8) } else { Err(DerError("not PKCS#8")) }
    }

    /// Named curves only (R-C9).
    fn ec(mut reader: Reader<'a>) -> DerResult<Self> {
        reader.expect(OCTET_STRING)?;
        let parameters = reader.optional(constructed(0))?.ok_or(DerError("an EC key without its curve"))?;
        let curve: Value<'a> = parameters.inner()?;
        if curve.tag == OID {
            Ok(Self::Ec(curve.octets))
        } else {
            Err(DerError("an EC key without a named curve"))
        }
    }
}

/// The public half of an RSA key that nobody here computes with, by the numbers beside it.
pub(crate) fn rsa_public(pkcs8: &[u8]) -> Option<PublicKey> {
    let mut info = Reader::new(pkcs8).sequence().ok()?;
    info.expect(INTEGER).ok()?;
    let algorithm = info.expect(SEQUENCE).ok()?.reader().expect(OID).ok()?;
    let key = info.expect(OCTET_STRING).ok()?.content;
    let mut numbers = Reader::new(key).sequence().ok()?;
    numbers.expect(INTEGER).ok()?;
    let (modulus, exponent) = (numbers.expect(INTEGER).ok()?, numbers.expect(INTEGER).ok()?);
    let is_rsa = algorithm.content == oid::RSA_ENCRYPTION.as_bytes();
    PublicKey::rsa(modulus.content, exponent.content).ok().filter(|_| is_rsa)
}

fn object_identifier(content: &[u8]) -> Vec<u8> {
    encode(OID, &[content])
}

/// `PrivateKeyInfo ::= SEQUENCE { version INTEGER 0, AlgorithmIdentifier, OCTET STRING }`
fn wrap(algorithm: &[&[u8]], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let algorithm = encode(SEQUENCE, algorithm);
    let key = Zeroizing::new(encode(OCTET_STRING, &[key]));
    Zeroizing::new(encode(SEQUENCE, &[&encode(INTEGER, &[&[0]]), &algorithm, &key]))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::crypto::Provider;
    use crate::x509::testing::{corpora, files};

    #[test]
    fn r_c9_named_curves_only() {
        let key = |parameters: &[u8]| {
            let parameters = encode(constructed(0), &[parameters]);
            encode(SEQUENCE, &[&encode(INTEGER, &[&[1]]), &encode(OCTET_STRING, &[&[1; 32]]), &parameters])
        };
        let read = |der: &[u8]| read(der, None, &Limits::default());
        assert_eq!(
            read(&key(&object_identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]))).unwrap().keys.len(),
            1
        );
        assert!(read(&key(&encode(SEQUENCE, &[&encode(INTEGER, &[&[1]])]))).is_err());
    }

    #[test]
    fn nothing_in_it() {
        assert!(read(b"", None, &Limits::default()).is_err());
        assert!(read(b"\x30\x00", None, &Limits::default()).is_err());
        let other = b"-----BEGIN CRL-----\nAQID\n-----END CRL-----";
        assert!(read(other, None, &Limits::default()).unwrap().keys.is_empty());
    }

    #[test]
    fn pkcs12_is_not_pkcs8() {
        // PFX ::= SEQUENCE { version 3, authSafe SEQUENCE { data }, MacData SEQUENCE }
        let info = encode(SEQUENCE, &[&object_identifier(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1])]);
        let version = encode(INTEGER, &[&[3]]);
        for mac in [encode(SEQUENCE, &[]), Vec::new()] {
            let pfx = encode(SEQUENCE, &[&version, &info, &mac]);
            assert!(matches!(read(&pfx, None, &Limits::default()), Err(Error::Key(KeyError::Malformed(_)))));
        }
    }

    #[test]
    fn of_rfc_9216() {
        let Some(folder) = corpora("rfc9216") else { return };
        let certificates: Vec<_> =
            files(&folder, &[".certificate.pem"]).iter().map(|file| spki_of(file)).collect();
        let keys = files(&folder, &[".private-key.pem"]);
        assert!(!keys.is_empty());
        for file in keys {
            let mut keys =
                super::read(&std::fs::read(&file).unwrap(), None, &Limits::default()).unwrap().keys;
            // X25519 keys do not sign.
            let Ok(key) = Provider::default().key_loader.signing_key(&keys.remove(0)) else { continue };
            assert!(certificates.iter().any(|spki| spki == key.public().spki()), "{}", file.display());
        }
    }

    fn spki_of(file: &std::path::Path) -> Vec<u8> {
        Certificate::load_pem_or_der(&std::fs::read(file).unwrap()).unwrap()[0].spki().to_vec()
    }

    #[test]
    fn written_by_openssl() {
        let folder = tempfile::tempdir().unwrap();
        let run = |line: &str| {
            let output = Command::new("sh").args(["-c", line]).current_dir(folder.path()).output();
            output.is_ok_and(|output| output.status.success())
        };
        if !run(
            "openssl genrsa -traditional -out rsa.pem 2048 && openssl ecparam -name secp384r1 -genkey -out ec.pem",
        ) {
            println!("skipped: no openssl");
            return;
        }
        for name in ["rsa", "ec"] {
            let pkcs8 = format!("openssl pkcs8 -topk8 -in {name}.pem -out");
            assert!(run(&format!("{pkcs8} plain-{name}.pem -nocrypt")));
            assert!(run(&format!("{pkcs8} new-{name}.pem -v2prf hmacWithSHA512 -passout pass:secret")));
            assert!(run(&format!("{pkcs8} scrypt-{name}.der -outform DER -scrypt -passout pass:secret")));
            assert!(run(&format!("{pkcs8} old-{name}.pem -v1 PBE-SHA1-3DES -passout pass:secret")));
            let get = |file: String, password| {
                let octets = std::fs::read(folder.path().join(&file)).unwrap();
                let key =
                    super::read(&octets, password, &Limits::default()).map(|mut file| file.keys.remove(0))?;
                Ok::<_, Error>(Provider::default().key_loader.signing_key(&key).unwrap().public().clone())
            };
            let public = get(format!("{name}.pem"), None).unwrap();
            assert_eq!(get(format!("plain-{name}.pem"), None).unwrap(), public);
            for form in ["new-NAME.pem", "scrypt-NAME.der", "old-NAME.pem"] {
                let file = form.replace("NAME", name);
                assert_eq!(get(file.clone(), Some("secret")).unwrap(), public);
                for wrong in [None, Some("other")] {
                    assert!(matches!(get(file.clone(), wrong), Err(Error::Key(KeyError::WrongPassword))));
                }
            }
        }
    }

    #[test]
    fn d6_iterations_are_bounded() {
        let parameters = |iterations: &[u8]| {
            let salt = encode(OCTET_STRING, &[&[0; 8]]);
            let parameters = encode(SEQUENCE, &[&salt, &encode(INTEGER, &[iterations])]);
            let algorithm = object_identifier(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3]);
            let algorithm = encode(SEQUENCE, &[&algorithm, &parameters]);
            encode(SEQUENCE, &[&algorithm, &encode(OCTET_STRING, &[&[0; 16]])])
        };
        let result = super::read(&parameters(&[0x7f, 0xff, 0xff, 0xff]), Some("x"), &Limits::default());
        assert!(matches!(result, Err(Error::Limit { name: "kdf_iterations", .. })), "{result:?}");
        let result = super::read(&parameters(&[3, 0xe8]), Some("x"), &Limits::default());
        assert!(matches!(result, Err(Error::Key(KeyError::WrongPassword))), "{result:?}");
    }
}
