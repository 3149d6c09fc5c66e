//! DKIM signatures of one's own (RFC 6376, RFC 8463), made by the keys of the house.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use base64_simd::STANDARD;
use mail_auth::common::crypto::{HashContext, HashImpl, Sha256};
use mail_auth::dkim::Canonicalization;
use mail_auth::dkim::canonicalize::BodyHasher;

use super::check::a_label;
use super::dkim::is_blank;
use crate::crypto::{HashAlgorithm, KeyAlgorithm, Provider, SignatureScheme, SigningKey, ToSign, sha256};
use crate::error::{Error, KeyError};
use crate::input::{Input, Source};
use crate::limits::Limits;
use crate::message::save;
use crate::mime::{Field, Headers};
use crate::time::UnixTime;
use crate::x509::private_key;

/// Fields that are signed once more than they stand there, so that nobody adds another (RFC 6376 §5.4.2, §8.15).
const SEALED: &[&str] = &[
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "To",
    "Cc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];
/// Those of them that a server puts in where they are missing (RFC 6409 §8): only what is there is sealed.
const ADDED: &[&str] = &["Date", "Message-ID"];
/// Fields that are signed as often as they stand there: lists add some of them with good reason (RFC 6376 §5.4.1).
const SIGNED: &[&str] = &[
    "Sender",
    "Content-ID",
    "Content-Description",
    "Autocrypt",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
];
/// RSA keys below are for nobody (RFC 8301 §3.2).
const RSA_BITS: usize = 1024;
/// Octets of a line of ours (RFC 5322 §2.1.1).
const LINE: usize = 76;

/// Signs letters for a domain, after all else was done to them: `relaxed/relaxed`, rsa-sha256 or ed25519-sha256, never
/// a part of the body only. Set up once, shared by all threads.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// # let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
/// use mailseal::outside::domain::DkimSigner;
/// let signer = DkimSigner::load(pem.as_bytes(), "example.com", "s2027")?;
/// println!("s2027._domainkey.example.com TXT {}", signer.record());
/// let mut mail = Vec::new();
/// signer.sign(b"From: a@example.com\r\n\r\nHello\r\n", std::time::SystemTime::now(), &mut mail)?;
/// assert!(mail.starts_with(b"DKIM-Signature: v=1; a=ed25519-sha256;"));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DkimSigner {
    key: Arc<dyn SigningKey>,
    scheme: SignatureScheme,
    domain: String,
    selector: String,
    limits: Limits,
}

impl fmt::Debug for DkimSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimSigner")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .finish_non_exhaustive()
    }
}

impl DkimSigner {
    /// With a key of the house, in memory or elsewhere: RSA of 1024 bits or more, or Ed25519. The domain may be given in
    /// Unicode; a selector is one name or several, with dots.
    pub fn new(key: Arc<dyn SigningKey>, domain: &str, selector: &str) -> Result<Self, Error> {
        let scheme = match key.public().algorithm() {
            KeyAlgorithm::Rsa { bits, pss_only: false } if *bits >= RSA_BITS => {
                SignatureScheme::RsaPkcs1Sha256
            }
            KeyAlgorithm::Ed25519 => SignatureScheme::Ed25519,
            _ => {
                return Err(KeyError::Unsupported(String::from(
                    "DKIM takes RSA from 1024 bits, and Ed25519",
                ))
                .into());
            }
        };
        let (domain, selector) = (a_label(domain), a_label(selector));
        if !is_domain(&domain) || !is_domain(&selector) || !domain.contains('.') {
            return Err(Error::misuse("not a domain name and a selector"));
        }
        Ok(Self { key, scheme, domain, selector, limits: Limits::default() })
    }

    /// With the private key of a file, PEM or DER: PKCS #8, or PKCS #1 as OpenSSL writes it.
    pub fn load(octets: &[u8], domain: &str, selector: &str) -> Result<Self, Error> {
        let file = private_key::read(octets, None, &Limits::default())?;
        let [key] = file.keys.as_slice() else {
            return Err(Error::misuse("not one private key, but none or several"));
        };
        Self::new(Provider::default().key_loader.signing_key(key)?, domain, selector)
    }

    /// What has to stand in the DNS, as TXT of `SELECTOR._domainkey.DOMAIN` (RFC 6376 §3.6.1).
    pub fn record(&self) -> String {
        let spki = self.key.public().spki();
        match self.scheme {
            // The 32 octets themselves, the last ones of the structure (RFC 8463 §4, RFC 8410 §4).
            SignatureScheme::Ed25519 => {
                let raw = spki.get(spki.len().saturating_sub(32)..).unwrap_or_default();
                format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode_to_string(raw))
            }
            _ => format!("v=DKIM1; k=rsa; p={}", STANDARD.encode_to_string(spki)),
        }
    }

    /// The letter with a signature on top.
    pub fn sign<'a>(
        &self,
        letter: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let source = letter.into().load(&self.limits)?;
        let field = self.field(&source, at.into())?;
        out.write_all(field.as_bytes()).map_err(Error::io("writing the letter"))?;
        let mut reader = source.reader(0..source.len())?;
        let copied = io::copy(&mut reader, out).map_err(Error::io("writing the letter"))?;
        if copied == source.len() { Ok(()) } else { Err(Error::InputChanged) }
    }

    /// The same to a file, which appears with all of its content, or not at all.
    pub fn save<'a>(
        &self,
        letter: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
        path: impl AsRef<Path>,
    ) -> Result<(), Error> {
        let (letter, at) = (letter.into(), at.into());
        save(path.as_ref(), |out| self.sign(letter, at, out))
    }

    /// The field with its line end, as the letter has them.
    fn field(&self, source: &Source<'_>, at: UnixTime) -> Result<String, Error> {
        let (header, body) = self.header(source)?;
        let headers = Headers::new(&header);
        if headers.count("From") == 0 {
            return Err(Error::misuse("a letter without From cannot be signed (RFC 6376 §5.4)"));
        }
        let digest = self.body_hash(source, body)?;
        let names = names(&headers);
        let algorithm = if self.scheme == SignatureScheme::Ed25519 { "ed25519-sha256" } else { "rsa-sha256" };
        let mut value = format!(
            " v=1; a={algorithm}; c=relaxed/relaxed;\r\n\td={}; s={}; t={};\r\n\th=",
            self.domain,
            self.selector,
            at.seconds().max(0),
        );
        fold(&mut value, &names.join(":"), ':');
        value.push_str(&format!(";\r\n\tbh={};\r\n\tb=", STANDARD.encode_to_string(digest)));
        let mut signed = Vec::new();
        let fields = in_order(&headers, &names);
        Canonicalization::Relaxed.canonicalize_headers(
            fields.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())),
            &mut signed,
        );
        let own = std::iter::once((&b"DKIM-Signature"[..], value.as_bytes()));
        Canonicalization::Relaxed.canonicalize_headers(own, &mut signed);
        let digest = sha256(&signed);
        let input = match self.scheme {
            SignatureScheme::Ed25519 => ToSign::Message(&digest),
            _ => ToSign::Digest { algorithm: HashAlgorithm::Sha256, value: &digest },
        };
        let signature = self.key.sign(self.scheme, input)?;
        fold(&mut value, &STANDARD.encode_to_string(signature), '\0');
        let field = format!("DKIM-Signature:{value}\r\n");
        let first = memchr::memchr(b'\n', &header).and_then(|end| header.get(..end));
        let bare = first.is_some_and(|line| !line.ends_with(b"\r"));
        Ok(if bare { field.replace("\r\n", "\n") } else { field })
    }

    /// The header, and where the body begins.
    fn header(&self, source: &Source<'_>) -> Result<(Vec<u8>, u64), Error> {
        let limit = u64::try_from(self.limits.header_bytes).unwrap_or(u64::MAX);
        let mut octets = source.read(0..source.len().min(limit), self.limits.header_bytes, "header_bytes")?;
        let mut end = None;
        let mut line = 0;
        for at in memchr::memchr_iter(b'\n', &octets) {
            let text = octets.get(line..at).unwrap_or_default();
            line = at.saturating_add(1);
            if text.is_empty() || text == b"\r" {
                end = Some(line);
                break;
            }
        }
        match end {
            Some(end) => {
                octets.truncate(end);
                Ok((octets, u64::try_from(end).unwrap_or(u64::MAX)))
            }
            None if source.len() <= limit => Ok((octets, source.len())),
            None => Err(Error::Limit { name: "header_bytes", limit }),
        }
    }

    fn body_hash(&self, source: &Source<'_>, from: u64) -> Result<Vec<u8>, Error> {
        let mut hasher = BodyHasher::new(Sha256::hasher(), Canonicalization::Relaxed, 0);
        let mut reader = source.reader(from..source.len())?;
        let mut octets = vec![0; 64 << 10];
        let mut blank = true;
        loop {
            let read = reader.read(&mut octets).map_err(Error::io("reading the letter"))?;
            let Some(piece) = octets.get(..read).filter(|piece| !piece.is_empty()) else { break };
            blank &= piece.iter().all(is_blank);
            hasher.write(piece);
        }
        // Blanks alone are nothing (RFC 6376 §3.4.4).
        if blank {
            return Ok(sha256(b"").to_vec());
        }
        Ok(hasher.finish().0.complete().as_ref().to_vec())
    }
}

/// Names for `h=`.
fn names(headers: &Headers<'_>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in SEALED {
        let count = headers.count(name);
        if count > 0 || !ADDED.contains(name) {
            names.extend(std::iter::repeat_n(*name, count.saturating_add(1)));
        }
    }
    for name in SIGNED {
        names.extend(std::iter::repeat_n(*name, headers.count(name)));
    }
    names
}

/// The fields of these names, of several the last first (RFC 6376 §5.4.2), each with the end of its last line.
fn in_order<'a>(headers: &Headers<'a>, names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut fields: Vec<Field<'a>> = headers.fields().collect();
    let mut found = Vec::new();
    for name in names {
        let Some(at) = fields.iter().rposition(|field| field.name.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let field = fields.remove(at);
        found.push((field.name.to_owned(), [field.value, b"\r\n"].concat()));
    }
    found
}

/// Text in lines, broken after `at`, or anywhere.
fn fold(value: &mut String, text: &str, at: char) {
    let mut column = value
        .len()
        .saturating_sub(value.rfind('\n').map_or(0, |line| line.saturating_add(1)))
        .saturating_add(8);
    let pieces: Vec<&str> = match at {
        '\0' => text.split_inclusive(|_| true).collect(),
        at => text.split_inclusive(at).collect(),
    };
    for piece in pieces {
        if column.saturating_add(piece.len()) > LINE {
            value.push_str("\r\n\t ");
            column = 9;
        }
        value.push_str(piece);
        column = column.saturating_add(piece.len());
    }
}

/// Letters, digits, hyphens and underscores between dots.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(label)
}
