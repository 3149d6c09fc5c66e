//! Private keys in GnuPG's agent: those of gpg and those of gpgsm, to sign and to decrypt, for both protocols.
//!
//! - [`Agent`]: finds the agent, and keys in it by their keygrip or by the certificate that they belong to.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mailseal::outside::agent::Agent;
//! use mailseal::{Certificate, Composer, Context, TrustStore};
//! let certificates = Certificate::load(&std::fs::read("alice.asc")?)?; // gpg --export, or gpgsm --export
//! let key = Agent::find(None)?.signing_key(&certificates)?;
//! let now = std::time::SystemTime::now();
//! let draft = mailseal::Input::file("draft.eml");
//! Composer::new(&Context::new(TrustStore::new())).sign(&key).save(draft, now, "signed.eml")?;
//! # Ok(())
//! # }
//! ```
//!
//! Schemes: RSA PKCS #1 v1.5, ECDSA, Ed25519 (in S/MIME where the agent is of GnuPG 2.3 or newer); to decrypt, RSA PKCS #1
//! v1.5 and OAEP, ECDH on the NIST curves and X25519. Unix only: elsewhere the agent has no sockets that others can use.

mod assuan;
mod sexp;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use assuan::{Answer, Asked, Connection, Refused};
use sexp::{Sexp, atom, list};

use crate::crypto::{
    Curve, DecryptionKey, HashAlgorithm, KeyAlgorithm, KeyError, PasswordSource, PublicKey, RsaEncryption,
    Secret, SignatureAlgorithm, SignatureScheme, SigningKey, ToSign, WrappedKey, ecdsa, private,
};
use crate::error::Error;
use crate::protocol::{Certificate, Key};

/// Keys of an agent that are looked at for a certificate.
const MOST_KEYS: usize = 1_000;
/// Passwords are asked for that often for one use.
const ATTEMPTS: u32 = 3;

/// A running gpg-agent. Cheap to clone; every use is a conversation of its own.
#[derive(Clone)]
pub struct Agent {
    socket: Arc<PathBuf>,
    passwords: Option<Arc<dyn PasswordSource + Send + Sync>>,
}

impl Agent {
    /// The agent of a GnuPG home, of the user's own where none is given; started if need be. Asks `gpgconf`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::outside::agent::Agent;
    /// let agent = Agent::find(Some("/srv/mail/gnupg".as_ref()))?;
    /// # let _ = agent;
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(home: Option<&Path>) -> Result<Self, KeyError> {
        let gpgconf = |arguments: &[&str]| {
            let mut command = Command::new("gpgconf");
            if let Some(home) = home {
                command.arg("--homedir").arg(home);
            }
            let output = command.args(arguments).stdin(Stdio::null()).output();
            output.map_err(|error| KeyError::Unavailable(format!("gpgconf: {error}")))
        };
        let listed = gpgconf(&["--list-dirs", "agent-socket"])?;
        let path = String::from_utf8(listed.stdout).map_err(KeyError::unavailable)?;
        let agent = Self::at(unescaped(path.trim_end_matches('\n')));
        if Connection::open(&agent.socket).is_err() {
            gpgconf(&["--launch", "gpg-agent"])?;
        }
        Ok(agent)
    }

    /// The agent that listens at this socket.
    ///
    /// ```
    /// use mailseal::crypto::KeyError;
    /// use mailseal::outside::agent::Agent;
    /// let agent = Agent::at("/nowhere/S.gpg-agent");
    /// assert!(matches!(agent.key("00112233445566778899AABBCCDDEEFF00112233"), Err(KeyError::Unavailable(_))));
    /// ```
    pub fn at(socket: impl Into<PathBuf>) -> Self {
        Self { socket: Arc::new(socket.into()), passwords: None }
    }

    /// Passwords come from there instead of from the agent's own window (pinentry). The agent must allow that, which it
    /// does unless `no-allow-loopback-pinentry` is set.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Password, outside::agent::Agent};
    /// let agent = Agent::find(None)?.passwords(Password::from("correct horse"));
    /// # let _ = agent;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn passwords(mut self, source: impl PasswordSource + Send + Sync + 'static) -> Self {
        self.passwords = Some(Arc::new(source));
        self
    }

    /// The key of a keygrip: 40 hexadecimal digits, as `gpg --with-keygrip -K` and `gpgsm --dump-secret-keys` show them.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Certificate, Key, outside::agent::Agent};
    /// let key = Agent::find(None)?.key("9E4B1A1D9D5B0E2B4C4E7E9E0A4C7C1F2B3D4E5F")?;
    /// let key = Key::external(key, &Certificate::load(&std::fs::read("alice.pem")?)?)?;
    /// # let _ = key;
    /// # Ok(())
    /// # }
    /// ```
    pub fn key(&self, keygrip: &str) -> Result<AgentKey, KeyError> {
        if keygrip.len() != 40 || !keygrip.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            return Err(KeyError::Malformed("a keygrip has 40 hexadecimal digits".into()));
        }
        let keygrip = keygrip.to_ascii_uppercase();
        let mut connection = Connection::open(&self.socket).map_err(key_error)?;
        connection.ask(&format!("HAVEKEY {keygrip}"), &Asked::NOTHING).map_err(key_error)?;
        let read = connection.ask(&format!("READKEY {keygrip}"), &Asked::NOTHING).map_err(key_error)?;
        let public = Sexp::read(&read.data).and_then(|sexp| public_key(&sexp));
        let public = public.ok_or_else(|| KeyError::Unsupported("this kind of key of gpg-agent".into()))?;
        // RFC 4056 is not known to the agent.
        let schemes = private::schemes(&public).into_iter().filter(|scheme| !is_pss(*scheme)).collect();
        Ok(AgentKey { agent: self.clone(), keygrip, public, schemes })
    }

    /// The keys that have one of these public halves, by asking for all that the agent has.
    fn keys(&self, wanted: &[PublicKey]) -> Result<Vec<AgentKey>, KeyError> {
        let mut connection = Connection::open(&self.socket).map_err(key_error)?;
        let listed = connection.ask("KEYINFO --list", &Asked::NOTHING).map_err(key_error)?;
        let keygrips = listed.status.iter().filter(|(keyword, _)| keyword == "KEYINFO");
        let keygrips = keygrips.filter_map(|(_, rest)| rest.split(' ').next()).take(MOST_KEYS);
        let keys = keygrips.filter_map(|keygrip| self.key(keygrip).ok());
        let keys: Vec<_> = keys.filter(|key| wanted.contains(&key.public)).collect();
        match keys.is_empty() {
            true => Err(KeyError::Unavailable("gpg-agent has no key of that certificate".into())),
            false => Ok(keys),
        }
    }

    /// The key that signs for the first of the certificates, whichever keygrip it has.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Certificate, outside::agent::Agent};
    /// let key = Agent::find(None)?.signing_key(&Certificate::load(&std::fs::read("alice.pem")?)?)?;
    /// # let _ = key;
    /// # Ok(())
    /// # }
    /// ```
    pub fn signing_key(&self, certificates: &[Certificate]) -> Result<Key, Error> {
        let wanted = certificates.first().map(Certificate::signing_keys).unwrap_or_default();
        let mut problem = Error::from(KeyError::Unavailable("the certificate has no key that signs".into()));
        for key in self.keys(&wanted)? {
            match Key::external(key, certificates) {
                Ok(key) => return Ok(key),
                Err(error) => problem = error,
            }
        }
        Err(problem)
    }

    /// The keys that open letters to the first of the certificates; an OpenPGP certificate may have several.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::outside::agent::Agent;
    /// use mailseal::{Certificate, Context, Opener, TrustStore};
    /// let certificates = Certificate::load(&std::fs::read("alice.asc")?)?;
    /// let mut opener = Opener::new(&Context::new(TrustStore::new()));
    /// for key in Agent::find(None)?.decryption_keys(&certificates)? {
    ///     opener = opener.key(key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn decryption_keys(&self, certificates: &[Certificate]) -> Result<Vec<Key>, Error> {
        let wanted = certificates.first().map(Certificate::encryption_keys).unwrap_or_default();
        let keys = self.keys(&wanted)?;
        keys.into_iter().map(|key| Key::external_decryption(key, certificates)).collect()
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agent({})", self.socket.display())
    }
}

/// One private key of an agent. Cheap to clone.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{crypto::SigningKey, outside::agent::Agent};
/// let key = Agent::find(None)?.key("9E4B1A1D9D5B0E2B4C4E7E9E0A4C7C1F2B3D4E5F")?;
/// println!("{:?} signs with {:?}", key.public(), key.schemes());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AgentKey {
    agent: Agent,
    keygrip: String,
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
}

impl AgentKey {
    /// Some lines, of which the last one is the one that matters; anew with another password while one is wrong.
    fn converse(&self, lines: &[String], octets: &[u8]) -> Result<Answer, KeyError> {
        let subject = format!("the key {} of gpg-agent", self.keygrip);
        let passwords = self.agent.passwords.as_deref();
        let mut attempt = 0;
        loop {
            let asked = Asked { octets, passwords, subject: &subject, attempt };
            match self.once(lines, &asked) {
                Err(Refused::Said(BAD_PASSPHRASE, _)) if passwords.is_some() && attempt + 1 < ATTEMPTS => {
                    attempt += 1
                }
                other => return other.map_err(key_error),
            }
        }
    }

    fn once(&self, lines: &[String], asked: &Asked<'_>) -> Result<Answer, Refused> {
        let mut connection = Connection::open(&self.agent.socket)?;
        for line in options(asked.passwords.is_some()) {
            connection.ask(&line, &Asked::NOTHING)?;
        }
        let mut last = Answer::default();
        for line in lines {
            last = connection.ask(line, asked)?;
        }
        Ok(last)
    }

    fn signature(&self, lines: &[String], octets: &[u8]) -> Result<Sexp, KeyError> {
        let answer = self.converse(lines, octets)?;
        Sexp::read(&answer.data).ok_or_else(|| KeyError::unavailable("gpg-agent: no signature"))
    }

    /// The decrypted value, and whether its padding is still around it.
    fn decrypted(&self, what: Vec<u8>) -> Result<(Zeroizing<Vec<u8>>, bool), KeyError> {
        let lines = [format!("SETKEY {}", self.keygrip), "PKDECRYPT".to_owned()];
        let answer = self.converse(&lines, &what)?;
        let depadded = answer.status.iter().any(|(keyword, value)| keyword == "PADDING" && value == "0");
        let garbled = || KeyError::Malformed("what gpg-agent decrypted".into());
        match Sexp::read(&answer.data).ok_or_else(garbled)? {
            Sexp::Atom(value) => Ok((value, !depadded)),
            whole => {
                let value = whole.value("value").ok_or_else(garbled)?;
                Ok((Zeroizing::new(value.to_vec()), !depadded))
            }
        }
    }

    fn rsa(&self, scheme: RsaEncryption, octets: &[u8]) -> Result<Secret, KeyError> {
        let value = list(&[atom(b"rsa"), list(&[atom(b"a"), atom(octets)])]);
        match scheme {
            RsaEncryption::Pkcs1 => {
                let (value, padded) = self.decrypted(list(&[atom(b"enc-val"), value]))?;
                match padded {
                    true => unpadded(&value, self.public.bits().div_ceil(8)),
                    false => Ok(Secret::from(value.to_vec())),
                }
            }
            RsaEncryption::Oaep { hash, mgf } if hash == mgf => {
                let flags = list(&[atom(b"flags"), atom(b"oaep")]);
                let hash = list(&[atom(b"hash-algo"), atom(hash_name(hash).as_bytes())]);
                let (value, _) = self.decrypted(list(&[atom(b"enc-val"), flags, hash, value]))?;
                Ok(Secret::from(value.to_vec()))
            }
            RsaEncryption::Oaep { .. } => Err(KeyError::Unsupported("OAEP with two hashes".into())),
        }
    }

    /// The x coordinate, or the octets of RFC 7748, of the point that the agent gives.
    fn shared(&self, public: &[u8]) -> Result<Secret, KeyError> {
        let native = *self.public.algorithm() == KeyAlgorithm::X25519;
        let point = if native { [&[0x40], public].concat() } else { public.to_vec() };
        let value =
            list(&[atom(b"ecdh"), list(&[atom(b"s"), atom(b"\0")]), list(&[atom(b"e"), atom(&point)])]);
        let (value, _) = self.decrypted(list(&[atom(b"enc-val"), value]))?;
        let length = self.public.bits().div_ceil(8);
        let shared = match (native, value.split_first()) {
            (true, Some((0x40, rest))) if rest.len() == length => Some(rest),
            (true, _) if value.len() == length => Some(value.as_slice()),
            (false, Some((4, rest))) if rest.len() == 2 * length => rest.get(..length),
            _ => None,
        };
        let shared = shared.filter(|shared| shared.iter().any(|octet| *octet != 0));
        let shared = shared.ok_or_else(|| KeyError::Malformed("the shared secret of gpg-agent".into()))?;
        Ok(Secret::from(shared.to_vec()))
    }
}

impl SigningKey for AgentKey {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        if !self.schemes.contains(&scheme) {
            return Err(KeyError::Unsupported(scheme.to_string()));
        }
        let octets = input.octets(scheme)?;
        let set = match (scheme.algorithm().hash(), octets.len()) {
            (Some(hash), _) => format!("SETHASH --hash={} {}", hash_name(hash), hex(&octets)),
            // A digest of OpenPGP.
            (None, 32) => format!("SETHASH --hash=sha256 {}", hex(&octets)),
            (None, 48) => format!("SETHASH --hash=sha384 {}", hex(&octets)),
            (None, 64) => format!("SETHASH --hash=sha512 {}", hex(&octets)),
            (None, _) => "SETHASH --inquire".to_owned(),
        };
        let lines = [format!("SIGKEY {}", self.keygrip), set, "PKSIGN".to_owned()];
        let value = self.signature(&lines, &octets)?;
        let missing = || KeyError::unavailable("gpg-agent: a signature of another kind");
        let number = |name: &str| value.value(name).ok_or_else(missing);
        match (scheme.algorithm(), self.public.algorithm()) {
            (SignatureAlgorithm::RsaPkcs1(_), _) => {
                fixed(number("s")?, self.public.bits().div_ceil(8)).ok_or_else(missing)
            }
            (SignatureAlgorithm::Ecdsa(_), _) => {
                ecdsa::to_der(number("r")?, number("s")?).ok_or_else(missing)
            }
            (SignatureAlgorithm::Ed25519, _) => {
                let halves = fixed(number("r")?, 32).zip(fixed(number("s")?, 32));
                halves.map(|(r, s)| [r, s].concat()).ok_or_else(missing)
            }
            _ => Err(KeyError::Unsupported(scheme.to_string())),
        }
    }
}

impl DecryptionKey for AgentKey {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        match (wrapped, self.public.algorithm()) {
            (WrappedKey::Rsa { scheme, octets }, KeyAlgorithm::Rsa { .. }) => Some(self.rsa(*scheme, octets)),
            (
                WrappedKey::Agreement { public },
                KeyAlgorithm::Ec(Curve::P256 | Curve::P384 | Curve::P521) | KeyAlgorithm::X25519,
            ) => Some(self.shared(public)),
            _ => None,
        }
    }
}

impl fmt::Debug for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentKey({}, {})", self.keygrip, self.public.algorithm())
    }
}

/// Where a window may be opened; or that passwords come from here.
fn options(loopback: bool) -> Vec<String> {
    if loopback {
        return vec!["OPTION pinentry-mode=loopback".to_owned()];
    }
    let variables =
        [("GPG_TTY", "ttyname"), ("TERM", "ttytype"), ("DISPLAY", "display"), ("XAUTHORITY", "xauthority")];
    let known = |(variable, option)| {
        let value = std::env::var(variable).ok().filter(|value| !value.is_empty())?;
        Some(format!("OPTION {option}={value}"))
    };
    variables.into_iter().filter_map(known).collect()
}

/// `%` escapes of gpgconf.
fn unescaped(path: &str) -> String {
    path.replace("%3a", ":").replace("%2c", ",").replace("%25", "%")
}

/// libgpg-error: GPG_ERR_BAD_PASSPHRASE
const BAD_PASSPHRASE: u32 = 11;

/// Numbers of libgpg-error.
fn key_error(refused: Refused) -> KeyError {
    match refused {
        Refused::Key(error) => error,
        // BAD_PASSPHRASE, CANCELED, NO_PIN_ENTRY, BAD_PIN, FULLY_CANCELED, NO_PASSPHRASE
        Refused::Said(BAD_PASSPHRASE | 99 | 86 | 87 | 198 | 177, _) => KeyError::WrongPassword,
        // PIN_BLOCKED
        Refused::Said(130, _) => KeyError::Locked,
        // NO_SECKEY, NO_AGENT, CARD_REMOVED, CARD_NOT_PRESENT
        Refused::Said(17 | 77 | 110 | 112, words) => KeyError::Unavailable(words),
        // WRONG_KEY_USAGE, UNSUPPORTED_ALGORITHM, NOT_SUPPORTED, NOT_IMPLEMENTED, UNKNOWN_OPTION, ASS_PARAMETER
        Refused::Said(125 | 84 | 60 | 69 | 174 | 280, words) => KeyError::Unsupported(words),
        // BAD_DATA, DECRYPT_FAILED, ENCODING_PROBLEM, INV_DATA, INV_VALUE: of a ciphertext (R-A10)
        Refused::Said(89 | 152 | 155 | 79 | 55, words) => KeyError::Malformed(words),
        Refused::Said(_, words) => KeyError::Unavailable(words),
    }
}

fn is_pss(scheme: SignatureScheme) -> bool {
    matches!(scheme.algorithm(), SignatureAlgorithm::RsaPss { .. })
}

/// libgcrypt's names.
fn hash_name(hash: HashAlgorithm) -> &'static str {
    match hash {
        HashAlgorithm::Sha1 => "sha1",
        HashAlgorithm::Sha224 => "sha224",
        HashAlgorithm::Sha256 => "sha256",
        HashAlgorithm::Sha384 => "sha384",
        HashAlgorithm::Sha512 => "sha512",
        _ => "none",
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

/// A number in that many octets, whatever zeros stood before it.
fn fixed(number: &[u8], octets: usize) -> Option<Vec<u8>> {
    let significant: Vec<u8> = number.iter().copied().skip_while(|octet| *octet == 0).collect();
    let zeros = octets.checked_sub(significant.len())?;
    Some([vec![0; zeros], significant].concat())
}

/// `(public-key (rsa (n …) (e …)))`, `(public-key (ecc (curve …) (flags …) (q …)))`
fn public_key(sexp: &Sexp) -> Option<PublicKey> {
    if sexp.list("rsa").is_some() {
        return PublicKey::rsa(sexp.value("n")?, sexp.value("e")?).ok();
    }
    sexp.list("ecc")?;
    let point = sexp.value("q")?;
    let native = || <&[u8; 32]>::try_from(point.strip_prefix(&[0x40]).unwrap_or(point)).ok();
    let curve = match std::str::from_utf8(sexp.value("curve")?).ok()? {
        "Ed25519" | "1.3.6.1.4.1.11591.15.1" | "1.3.101.112" => return PublicKey::ed25519(native()?).ok(),
        "Curve25519" | "X25519" | "1.3.6.1.4.1.3029.1.5.1" | "1.3.101.110" => {
            return PublicKey::x25519(native()?).ok();
        }
        "NIST P-256" | "nistp256" | "prime256v1" | "secp256r1" | "1.2.840.10045.3.1.7" => Curve::P256,
        "NIST P-384" | "nistp384" | "secp384r1" | "1.3.132.0.34" => Curve::P384,
        "NIST P-521" | "nistp521" | "secp521r1" | "1.3.132.0.35" => Curve::P521,
        _ => return None,
    };
    PublicKey::ec(curve, point).ok()
}

/// Takes PKCS #1 v1.5 padding away (RFC 8017 §7.2.2). The time does not depend on where it is wrong; what is given back
/// on failure is an error like any other of a ciphertext, and whoever asks goes on with a random key (RFC 3218 §2.3.2).
fn unpadded(value: &[u8], length: usize) -> Result<Secret, KeyError> {
    let wrong = || KeyError::Malformed("padding".into());
    let zeros = length.checked_sub(value.len()).ok_or_else(wrong)?;
    let whole = Zeroizing::new([&vec![0; zeros], value].concat());
    let mut start = 0_u32;
    let mut found = Choice::from(0);
    for (index, octet) in whole.iter().enumerate().skip(2) {
        let here = octet.ct_eq(&0) & !found;
        start.conditional_assign(&u32::try_from(index + 1).map_err(|_| wrong())?, here);
        found |= here;
    }
    let first = whole.first().map_or(Choice::from(0), |octet| octet.ct_eq(&0));
    let second = whole.get(1).map_or(Choice::from(0), |octet| octet.ct_eq(&2));
    // At least eight octets of padding.
    let long = Choice::from(u8::from(start >= 11));
    let good = first & second & found & long;
    let start = usize::try_from(start).map_err(|_| wrong())?;
    match bool::from(good) {
        true => Ok(Secret::from(whole.get(start..).unwrap_or_default().to_vec())),
        false => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_a10_padding() {
        let good = [&[2][..], &[7; 8], &[0], b"key"].concat();
        assert_eq!(unpadded(&good, 14).unwrap().expose(), b"key");
        assert_eq!(unpadded(&[&[0][..], &good].concat(), 14).unwrap().expose(), b"key");
        let cases = [
            [&[1][..], &[7; 8], &[0], b"key"].concat(),
            [&[2][..], &[7; 7], &[0], b"key1"].concat(),
            [&[2][..], &[7; 12]].concat(),
            [&[0, 2][..], &[7; 8], &[0], b"long"].concat(),
            Vec::new(),
        ];
        for wrong in cases {
            assert!(unpadded(&wrong, 14).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn sockets_with_a_colon() {
        assert_eq!(unescaped("/tmp/a%3ab%2c%25c"), "/tmp/a:b,%c");
    }
}
