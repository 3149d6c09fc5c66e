//! Writing a PKCS#12 file.

use zeroize::Zeroizing;

use crate::crypto::algorithm::hash_identifier;
use crate::crypto::pbe::{self, Form, Password, number};
use crate::crypto::{HashAlgorithm, KeyError, Provider, PublicKey};
use crate::error::Error;
use crate::x509::der_reader::{
    BMP_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, constructed, context, encode,
};
use crate::x509::{Certificate, oid};

/// What OWASP recommends for PBKDF2 with HMAC-SHA-256; key, certificates and MAC take as many each.
const ITERATIONS: u32 = 600_000;
/// What programs of that time wrote.
const OLD_ITERATIONS: u32 = 2_048;

/// Writes a private key with its certificates into one file, under a password.
///
/// PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018), 600,000 iterations; the MAC is that of RFC 7292 appendix B
/// with SHA-256 and as many. OpenSSL, NSS and Java read it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// # let pem: String = include!("../../../examples/letters/alice.rs");
/// use mailseal::crypto::Provider;
/// use mailseal::{Key, Limits, Password, x509::pkcs12, x509::private_key};
/// let file = private_key::read(pem.as_bytes(), None, &Limits::default())?;
/// let written = pkcs12::Writer::new(&file.keys[0], &file.certificates)
///     .friendly_name("Alice, 2027")
///     .iterations(1_000) // for this example: so few do not protect a password that a person can remember
///     .write("correct horse", &Provider::default())?;
/// let key = Key::load(&written, Password::from("correct horse"))?;
/// assert_eq!(key.addresses(mailseal::UnixTime::from_seconds(1_800_000_000)), ["alice@example.org".parse()?]);
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Writer<'a> {
    pkcs8: &'a [u8],
    certificates: &'a [Certificate],
    friendly_name: Option<String>,
    iterations: u32,
    old: bool,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("friendly_name", &self.friendly_name).finish_non_exhaustive()
    }
}

impl<'a> Writer<'a> {
    /// Of a DER PrivateKeyInfo (RFC 5958), its certificate, and those that lead from it towards an anchor.
    pub fn new(pkcs8: &'a [u8], certificates: &'a [Certificate]) -> Self {
        Self { pkcs8, certificates, friendly_name: None, iterations: ITERATIONS, old: false }
    }

    /// What programs call the key.
    #[must_use]
    pub fn friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// How often the password is hashed.
    #[must_use]
    pub fn iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations;
        self
    }

    /// For programs that read nothing newer, as gpgsm 2.2: Triple DES, RC2 with 40 bits, SHA-1, 2,048 iterations. Who
    /// gets hold of the file reads the certificates, and the key if the password is one that a person chose.
    #[must_use]
    pub fn insecurely_old_form(mut self) -> Self {
        self.old = true;
        self.iterations = OLD_ITERATIONS;
        self
    }

    /// The file: DER, wiped when dropped. An error where no certificate is that of the key.
    pub fn write(&self, password: &str, provider: &Provider) -> Result<Zeroizing<Vec<u8>>, Error> {
        if self.iterations == 0 {
            return Err(Error::misuse("a password is hashed once at least"));
        }
        let password = Password::new(password);
        let public = self.public(provider)?;
        let fits = |one: &&Certificate| one.public_key().is_ok_and(|key| same(key, &public));
        let own = self.certificates.iter().find(fits);
        let own = own.ok_or_else(|| KeyError::Malformed("no certificate fits the private key".into()))?;
        let attributes = self.attributes(&own.fingerprint());

        let bags: Vec<_> = self
            .certificates
            .iter()
            .map(|one| certificate_bag(one, if one == own { &attributes } else { &[] }))
            .collect();
        let bags = encode(SEQUENCE, &[&bags.concat()]);
        let (key_form, certificate_form) = match self.old {
            true => (Form::TripleDes, Form::Rc2),
            false => (Form::Pbes2, Form::Pbes2),
        };
        let encrypt =
            |form, octets: &[u8]| pbe::encrypt(form, &password, octets, self.iterations, provider.random);
        let (algorithm, ciphertext) = encrypt(certificate_form, &bags)?;
        let certificates = encrypted_data(&algorithm, &ciphertext);
        let (algorithm, ciphertext) = encrypt(key_form, self.pkcs8)?;
        let shrouded = encode(SEQUENCE, &[&algorithm, &encode(OCTET_STRING, &[&ciphertext])]);
        let key = bag(oid::SHROUDED_KEY_BAG.as_bytes(), &shrouded, &attributes);
        let key = content_info(oid::DATA.as_bytes(), &encode(OCTET_STRING, &[&encode(SEQUENCE, &[&key])]));
        let safe = encode(SEQUENCE, &[&certificates, &key]);

        let hash = if self.old { HashAlgorithm::Sha1 } else { HashAlgorithm::Sha256 };
        let (salt, mac) = pbe::mac(hash, &password, &safe, self.iterations, provider.random)?;
        let mac = encode(SEQUENCE, &[&hash_identifier(hash, &[5, 0]), &encode(OCTET_STRING, &[&mac])]);
        let mac = encode(SEQUENCE, &[&mac, &encode(OCTET_STRING, &[&salt]), &number(self.iterations)]);
        let safe = content_info(oid::DATA.as_bytes(), &encode(OCTET_STRING, &[&safe]));
        Ok(Zeroizing::new(encode(SEQUENCE, &[&encode(INTEGER, &[&[3]]), &safe, &mac])))
    }

    /// The public half, which was checked against the private one (R-C12).
    fn public(&self, provider: &Provider) -> Result<PublicKey, KeyError> {
        let signing = provider.key_loader.signing_key(self.pkcs8).map(|key| key.public().clone());
        signing.or_else(|error| match provider.key_loader.decryption_key(self.pkcs8) {
            Ok(key) => Ok(key.public().clone()),
            Err(_) => Err(error),
        })
    }

    /// `SET OF SEQUENCE { attrId, attrValues SET }`, in the order of DER.
    fn attributes(&self, key_id: &[u8]) -> Vec<u8> {
        let attribute =
            |id: &[u8], value: &[u8]| encode(SEQUENCE, &[&encode(OID, &[id]), &encode(SET, &[value])]);
        let id = encode(OCTET_STRING, &[key_id.get(..20).unwrap_or(key_id)]);
        let mut all = vec![attribute(oid::LOCAL_KEY_ID.as_bytes(), &id)];
        all.extend(self.friendly_name.as_ref().map(|name| {
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
            attribute(oid::FRIENDLY_NAME.as_bytes(), &encode(BMP_STRING, &[&units]))
        }));
        all.sort();
        encode(SET, &[&all.concat()])
    }
}

fn same(one: &PublicKey, other: &PublicKey) -> bool {
    one == other || (one.algorithm() == other.algorithm() && one.bit_string() == other.bit_string())
}

/// `SafeBag ::= SEQUENCE { bagId, bagValue [0] EXPLICIT, bagAttributes SET OPTIONAL }`
fn bag(id: &[u8], value: &[u8], attributes: &[u8]) -> Vec<u8> {
    encode(SEQUENCE, &[&encode(OID, &[id]), &encode(constructed(0), &[value]), attributes])
}

/// `CertBag ::= SEQUENCE { certId, certValue [0] EXPLICIT OCTET STRING }`
fn certificate_bag(certificate: &Certificate, attributes: &[u8]) -> Vec<u8> {
    let der = encode(constructed(0), &[&encode(OCTET_STRING, &[certificate.as_der()])]);
    let value = encode(SEQUENCE, &[&encode(OID, &[oid::X509_CERTIFICATE.as_bytes()]), &der]);
    bag(oid::CERT_BAG.as_bytes(), &value, attributes)
}

fn content_info(id: &[u8], content: &[u8]) -> Vec<u8> {
    encode(SEQUENCE, &[&encode(OID, &[id]), &encode(constructed(0), &[content])])
}

fn encrypted_data(algorithm: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let data = encode(OID, &[oid::DATA.as_bytes()]);
    let info = encode(SEQUENCE, &[&data, algorithm, &encode(context(0), &[ciphertext])]);
    let value = encode(SEQUENCE, &[&encode(INTEGER, &[&[0]]), &info]);
    content_info(oid::ENCRYPTED_DATA.as_bytes(), &value)
}
