//! Private keys that are named instead of lying in files: on tokens, in an agent.

use std::error::Error;

use mailseal::crypto::PublicKey;
use mailseal::protocol::Purpose;
use mailseal::{Certificate, Key};

use crate::keys::Passwords;
use crate::words::say;

/// What a name says, if it is one.
pub(crate) enum Named<'a> {
    Token(&'a str),
    Agent(&'a str),
}

impl<'a> Named<'a> {
    pub(crate) fn read(name: &'a str) -> Option<Self> {
        match name.split_once(':')? {
            ("pkcs11", _) => Some(Self::Token(name)),
            ("gpg-agent", keygrip) => Some(Self::Agent(keygrip)),
            _ => None,
        }
    }

    /// One key to sign; to open, all that are meant.
    pub(crate) fn keys(
        &self,
        known: &[Certificate],
        passwords: &Passwords,
        purpose: Purpose,
    ) -> Result<Vec<Key>, Box<dyn Error>> {
        match self {
            Self::Token(uri) => token(uri, known, passwords, purpose),
            Self::Agent(keygrip) => agent(keygrip, known, passwords, purpose),
        }
    }
}

/// The certificates to join a key with: an OpenPGP certificate of it, or those of X.509, of which one may be of it.
#[cfg_attr(not(any(feature = "pkcs11", feature = "gpg-agent")), allow(dead_code))]
fn of_key(public: &PublicKey, known: &[Certificate], purpose: Purpose) -> Vec<Certificate> {
    let fits = |one: &&Certificate| {
        let keys = match purpose {
            Purpose::Encrypt => one.encryption_keys(),
            _ => one.signing_keys(),
        };
        keys.contains(public)
    };
    match known.iter().find(fits) {
        Some(own) if own.protocol() == mailseal::report::Protocol::Openpgp => vec![own.clone()],
        _ => {
            let x509 = known.iter().filter(|one| one.protocol() == mailseal::report::Protocol::Smime);
            x509.cloned().collect()
        }
    }
}

#[cfg(feature = "pkcs11")]
fn token(
    uri: &str,
    known: &[Certificate],
    passwords: &Passwords,
    purpose: Purpose,
) -> Result<Vec<Key>, Box<dyn Error>> {
    use mailseal::crypto::SigningKey;
    use mailseal::outside::tokens::Token;
    let join = |token: &Token| {
        let known: Vec<_> = known.iter().chain(token.certificates()).cloned().collect();
        let certificates = of_key(token.public(), &known, purpose);
        match purpose {
            Purpose::Encrypt => token.decryption_key(&certificates),
            _ => token.signing_key(&certificates),
        }
    };
    if purpose != Purpose::Encrypt {
        return Ok(vec![join(&Token::open(uri, passwords)?)?]);
    }
    let mut problem = None;
    let mut keys = Vec::new();
    for token in Token::all(uri, passwords)? {
        match join(&token) {
            Ok(key) => keys.push(key),
            Err(error) => problem = Some(error),
        }
    }
    match problem.filter(|_| keys.is_empty()) {
        Some(error) => Err(error.into()),
        None if keys.is_empty() => {
            Err(say("the token has no such private key", "トークンにその秘密鍵がありません").into())
        }
        None => Ok(keys),
    }
}

#[cfg(not(feature = "pkcs11"))]
fn token(_: &str, _: &[Certificate], _: &Passwords, _: Purpose) -> Result<Vec<Key>, Box<dyn Error>> {
    Err(crate::words::unbuilt("pkcs11"))
}

#[cfg(all(unix, feature = "gpg-agent"))]
fn agent(
    keygrip: &str,
    known: &[Certificate],
    passwords: &Passwords,
    purpose: Purpose,
) -> Result<Vec<Key>, Box<dyn Error>> {
    use mailseal::crypto::SigningKey;
    use mailseal::outside::agent::Agent;
    if known.is_empty() {
        return Err(say(
            "gpg-agent has no certificates: name that of the key with --cert FILE",
            "gpg-agent に証明書はありません。鍵の証明書を --cert FILE で指定してください",
        )
        .into());
    }
    let agent = Agent::find(None)?;
    let agent = if passwords.are_given() { agent.passwords(passwords.clone()) } else { agent };
    if keygrip.is_empty() {
        return Ok(match purpose {
            Purpose::Encrypt => agent.decryption_keys(known)?,
            _ => vec![agent.signing_key(known)?],
        });
    }
    let key = agent.key(keygrip)?;
    let certificates = of_key(key.public(), known, purpose);
    Ok(vec![match purpose {
        Purpose::Encrypt => Key::external_decryption(key, &certificates)?,
        _ => Key::external(key, &certificates)?,
    }])
}

#[cfg(not(all(unix, feature = "gpg-agent")))]
fn agent(_: &str, _: &[Certificate], _: &Passwords, _: Purpose) -> Result<Vec<Key>, Box<dyn Error>> {
    Err(crate::words::unbuilt("gpg-agent"))
}
