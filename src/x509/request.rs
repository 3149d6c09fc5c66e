//! Certificates to be: certification requests (PKCS#10, RFC 2986), and certificates that a key signs for itself.
//!
//! - [`Request`]: whose the key is; signed with the key.
//! - [`pkcs8_pem`]: the key itself, until its certificate comes.

use crate::crypto::pbe::{self, Form, Password};
use crate::crypto::{
    HashAlgorithm, KeyAlgorithm, KeyError, Provider, Secret, SignatureScheme, SigningKey, ToSign,
};
use crate::error::Error;
use crate::mime::Address;
use crate::time::UnixTime;
use crate::x509::der_reader::{
    BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTC_TIME, UTF8_STRING,
    constructed, context, encode,
};
use crate::x509::{Certificate, oid, pem};

/// What OWASP recommends for PBKDF2 with HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;

/// Whose a key is: what a certificate for it will say. For keys here, on tokens, in agents.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use mailseal::crypto::{NewKeyAlgorithm, Provider};
/// use mailseal::{UnixTime, x509::Request};
/// let provider = Provider::default();
/// let pkcs8 = provider.key_loader.generate(NewKeyAlgorithm::P256)?;
/// let key = provider.key_loader.signing_key(pkcs8.expose())?;
///
/// let request = Request::new(&["alice@example.org".parse()?])?.name("Alice");
/// let for_the_authority = request.sign(&*key, &provider)?;
/// assert!(for_the_authority.starts_with(b"-----BEGIN CERTIFICATE REQUEST-----"));
///
/// let (from, until) = (UnixTime::from_seconds(1_800_000_000), UnixTime::from_seconds(1_830_000_000));
/// let certificate = request.self_signed(&*key, from, until, &provider)?;
/// assert_eq!(certificate.mailboxes(), ["alice@example.org"]);
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    addresses: Vec<Address>,
    name: Option<String>,
}

impl Request {
    /// For these addresses; an error where there are none.
    pub fn new(addresses: &[Address]) -> Result<Self, Error> {
        match addresses {
            [] => Err(Error::misuse("a certificate without an address")),
            addresses => Ok(Self { addresses: addresses.to_vec(), name: None }),
        }
    }

    /// What its holder is called (commonName); otherwise the first address is.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// PEM CertificationRequest (RFC 2986, RFC 7468 §7), which asks for the key usages of S/MIME (RFC 8550 §4.4) by
    /// extensionRequest (RFC 2985 §5.4.2).
    ///
    /// ```text
    /// CertificationRequestInfo ::= SEQUENCE { version INTEGER 0, subject Name, SubjectPublicKeyInfo,
    ///   attributes [0] IMPLICIT SET OF Attribute }
    /// ```
    pub fn sign(&self, key: &dyn SigningKey, provider: &Provider) -> Result<Vec<u8>, Error> {
        let extensions = self.extensions(key)?;
        let attribute = [
            encode(OID, &[oid::EXTENSION_REQUEST.as_bytes()]),
            encode(SET, &[&encode(SEQUENCE, &[&extensions.concat()])]),
        ];
        let attributes = encode(constructed(0), &[&encode(SEQUENCE, &[&attribute.concat()])]);
        let version = encode(INTEGER, &[&[0]]);
        let info = encode(SEQUENCE, &[&version, &self.subject()?, key.public().spki(), &attributes]);
        let whole = signed(&info, scheme(key)?, key, provider)?;
        Ok(pem::write("CERTIFICATE REQUEST", &whole).into_bytes())
    }

    /// A certificate that vouches for itself (RFC 5280 §3.2, self-signed): who takes it trusts it by its fingerprint.
    /// Valid from one time to the other.
    pub fn self_signed(
        &self,
        key: &dyn SigningKey,
        from: UnixTime,
        until: UnixTime,
        provider: &Provider,
    ) -> Result<Certificate, Error> {
        if until <= from {
            return Err(Error::misuse("a certificate ends after it begins"));
        }
        let scheme = scheme(key)?;
        let mut serial = [0; 16];
        provider.random.fill(&mut serial)?;
        // Positive, and of that length (RFC 5280 §4.1.2.2).
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x3f | 0x40;
        }
        let subject = self.subject()?;
        let mut extensions = self.extensions(key)?;
        extensions.push(extension(oid::BASIC_CONSTRAINTS.as_bytes(), true, &encode(SEQUENCE, &[])));
        let octets = key.public().bit_string().unwrap_or_default();
        let identifier = provider.hash(HashAlgorithm::Sha256, octets).unwrap_or_default();
        // RFC 7093 §2: the leftmost 160 bits of SHA-256.
        let identifier = encode(OCTET_STRING, &[identifier.get(..20).unwrap_or_default()]);
        extensions.push(extension(oid::SUBJECT_KEY_IDENTIFIER.as_bytes(), false, &identifier));
        let tbs = [
            encode(constructed(0), &[&encode(INTEGER, &[&[2]])]),
            encode(INTEGER, &[&serial]),
            scheme.certificate_identifier(),
            subject.clone(),
            encode(SEQUENCE, &[&time(from)?, &time(until)?]),
            subject,
            key.public().spki().to_vec(),
            encode(constructed(3), &[&encode(SEQUENCE, &[&extensions.concat()])]),
        ];
        let tbs = encode(SEQUENCE, &[&tbs.concat()]);
        Certificate::from_der(&signed(&tbs, scheme, key, provider)?)
    }

    /// Name with one commonName (RFC 5280 appendix A).
    fn subject(&self) -> Result<Vec<u8>, Error> {
        let first = self.addresses.first().map(ToString::to_string).unwrap_or_default();
        let name = self.name.clone().unwrap_or(first);
        if name.is_empty() || name.chars().count() > COMMON_NAME_MOST || name.contains(char::is_control) {
            return Err(Error::misuse("a name has 1 to 64 characters, of which none controls anything"));
        }
        let value = encode(UTF8_STRING, &[name.as_bytes()]);
        let attribute = encode(SEQUENCE, &[&encode(OID, &[oid::COMMON_NAME.as_bytes()]), &value]);
        Ok(encode(SEQUENCE, &[&encode(SET, &[&attribute])]))
    }

    /// subjectAltName, keyUsage and extKeyUsage.
    fn extensions(&self, key: &dyn SigningKey) -> Result<Vec<Vec<u8>>, Error> {
        // RFC 5280 §4.2.1.3: digitalSignature, then how content keys come to it.
        let (unused, usage) = match key.public().algorithm() {
            KeyAlgorithm::Rsa { pss_only: false, .. } => (5, 0xa0),
            KeyAlgorithm::Ec(_) => (3, 0x88),
            _ => (7, 0x80),
        };
        let email = encode(SEQUENCE, &[&encode(OID, &[oid::EMAIL_PROTECTION.as_bytes()])]);
        let names: Vec<u8> = self.addresses.iter().flat_map(general_name).collect();
        Ok(vec![
            extension(oid::SUBJECT_ALT_NAME.as_bytes(), false, &encode(SEQUENCE, &[&names])),
            extension(oid::KEY_USAGE.as_bytes(), true, &encode(BIT_STRING, &[&[unused, usage]])),
            extension(oid::EXT_KEY_USAGE.as_bytes(), false, &email),
        ])
    }
}

/// rfc822Name; SmtpUTF8Mailbox where the local part is not ASCII (RFC 9598 §3).
fn general_name(address: &Address) -> Vec<u8> {
    let text = address.to_string();
    if text.is_ascii() {
        return encode(context(1), &[text.as_bytes()]);
    }
    let value = encode(constructed(0), &[&encode(UTF8_STRING, &[text.as_bytes()])]);
    encode(constructed(0), &[&encode(OID, &[oid::SMTP_UTF8_MAILBOX.as_bytes()]), &value])
}

/// `Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { encode(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    encode(SEQUENCE, &[&encode(OID, &[id]), &critical, &encode(OCTET_STRING, &[value])])
}

/// UTCTime up to 2049, then GeneralizedTime (RFC 5280 §4.1.2.5).
fn time(time: UnixTime) -> Result<Vec<u8>, Error> {
    let text = time.to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).chain(['Z']).collect();
    match (digits.len(), digits.get(2..)) {
        (15, Some(short)) if ("1950".."2050").contains(&text.as_str()) => {
            Ok(encode(UTC_TIME, &[short.as_bytes()]))
        }
        (15, _) => Ok(encode(GENERALIZED_TIME, &[digits.as_bytes()])),
        _ => Err(Error::misuse(format!("{text} is no time of a certificate"))),
    }
}

fn scheme(key: &dyn SigningKey) -> Result<SignatureScheme, KeyError> {
    let scheme = key.schemes().first().copied();
    scheme.ok_or_else(|| KeyError::Unsupported("signing".into()))
}

/// `SEQUENCE { what is signed, AlgorithmIdentifier, BIT STRING }`, the signature checked.
fn signed(
    octets: &[u8],
    scheme: SignatureScheme,
    key: &dyn SigningKey,
    provider: &Provider,
) -> Result<Vec<u8>, Error> {
    let digest = match scheme.algorithm().hash() {
        Some(hash) => provider.hash(hash, octets).map(|value| (hash, value)),
        None => None,
    };
    let input = match &digest {
        Some((algorithm, value)) => ToSign::Digest { algorithm: *algorithm, value },
        None => ToSign::Message(octets),
    };
    let signature = key.sign(scheme, input)?;
    provider
        .verify(scheme.algorithm(), key.public(), input, &signature)
        .map_err(|_| KeyError::Malformed("the key made a signature that does not fit".into()))?;
    let signature = encode(BIT_STRING, &[&[0], &signature]);
    Ok(encode(SEQUENCE, &[octets, &scheme.certificate_identifier(), &signature]))
}

/// A private key as PEM, wiped when dropped: EncryptedPrivateKeyInfo (RFC 5958 §3) by PBES2 with PBKDF2-HMAC-SHA-256,
/// 600,000 iterations, and AES-256-CBC; without a password, PrivateKeyInfo.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use mailseal::crypto::{NewKeyAlgorithm, Provider};
/// use mailseal::{Limits, x509};
/// let provider = Provider::default();
/// let pkcs8 = provider.key_loader.generate(NewKeyAlgorithm::P256)?;
/// let pem = x509::pkcs8_pem(pkcs8.expose(), Some("correct horse"), &provider)?;
/// let file = x509::private_key::read(pem.expose(), Some("correct horse"), &Limits::default())?;
/// assert_eq!(file.keys[0].as_slice(), pkcs8.expose());
/// # }
/// # Ok(())
/// # }
/// ```
pub fn pkcs8_pem(pkcs8: &[u8], password: Option<&str>, provider: &Provider) -> Result<Secret, Error> {
    let Some(password) = password else { return Ok(pem::write("PRIVATE KEY", pkcs8).into()) };
    let password = Password::new(password);
    let (algorithm, ciphertext) = pbe::encrypt(Form::Pbes2, &password, pkcs8, ITERATIONS, provider.random)?;
    let whole = encode(SEQUENCE, &[&algorithm, &encode(OCTET_STRING, &[&ciphertext])]);
    Ok(pem::write("ENCRYPTED PRIVATE KEY", &whole).into())
}

/// ub-common-name (RFC 5280 appendix A.1).
const COMMON_NAME_MOST: usize = 64;
