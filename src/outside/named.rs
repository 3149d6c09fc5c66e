//! Private keys by a name instead of a file: on tokens, in an agent.

use crate::crypto::PasswordSource;
use crate::error::Error;
use crate::protocol::{Certificate, Key};
use crate::trust::Purpose;

/// The keys that a name means: `pkcs11:token=office;object=alice` (RFC 7512, feature `pkcs11`), `gpg-agent:KEYGRIP` or
/// `gpg-agent:` for what the certificates say (feature `gpg-agent`, on Unix). One to sign; to encrypt, which here means to
/// open letters, all that are meant, at least one.
///
/// `certificates` are those of the key, besides those on the token; the agent has none. Without `passwords` a token is
/// used without a PIN, and the agent asks by itself.
///
/// ```
/// use mailseal::outside::named_keys;
/// use mailseal::trust::Purpose;
/// use mailseal::{Error, Password};
/// let keys = named_keys("smart-card:1", &[], Purpose::Sign, Some(Password::from("123456")));
/// assert!(matches!(keys, Err(Error::Misuse(_))), "no such kind of name");
/// ```
pub fn named_keys(
    name: &str,
    certificates: &[Certificate],
    purpose: Purpose,
    passwords: Option<impl PasswordSource + Send + Sync + 'static>,
) -> Result<Vec<Key>, Error> {
    match name.split_once(':') {
        Some(("pkcs11", _)) => token(name, certificates, purpose, passwords),
        Some(("gpg-agent", keygrip)) => agent(keygrip, certificates, purpose, passwords),
        _ => Err(Error::misuse(format!("`{name}` names no key: pkcs11:… or gpg-agent:…"))),
    }
}

/// The certificates to join a key with: an OpenPGP certificate of it, or those of X.509, of which one may be of it.
#[cfg(any(feature = "pkcs11", all(unix, feature = "gpg-agent")))]
fn of_key(public: &crate::crypto::PublicKey, known: &[Certificate], purpose: Purpose) -> Vec<Certificate> {
    use crate::report::Protocol;
    let fits = |one: &&Certificate| match purpose {
        Purpose::Encrypt => one.encryption_keys().contains(public),
        _ => one.signing_keys().contains(public),
    };
    match known.iter().find(fits) {
        Some(own) if own.protocol() == Protocol::Openpgp => vec![own.clone()],
        _ => known.iter().filter(|one| one.protocol() == Protocol::Smime).cloned().collect(),
    }
}

#[cfg(feature = "pkcs11")]
fn token(
    uri: &str,
    known: &[Certificate],
    purpose: Purpose,
    passwords: Option<impl PasswordSource>,
) -> Result<Vec<Key>, Error> {
    use crate::crypto::{KeyError, Password, SigningKey};
    use crate::outside::tokens::Token;
    let none = Password::none();
    let pin: &dyn PasswordSource = match &passwords {
        Some(passwords) => passwords,
        None => &none,
    };
    let join = |token: &Token| {
        let known: Vec<_> = known.iter().chain(token.certificates()).cloned().collect();
        let certificates = of_key(token.public(), &known, purpose);
        match purpose {
            Purpose::Encrypt => token.decryption_key(&certificates),
            _ => token.signing_key(&certificates),
        }
    };
    if purpose != Purpose::Encrypt {
        return Ok(vec![join(&Token::open(uri, pin)?)?]);
    }
    let mut problem = KeyError::unavailable("the token has no such private key").into();
    let mut keys = Vec::new();
    for token in Token::all(uri, pin)? {
        match join(&token) {
            Ok(key) => keys.push(key),
            Err(error) => problem = error,
        }
    }
    if keys.is_empty() { Err(problem) } else { Ok(keys) }
}

#[cfg(not(feature = "pkcs11"))]
fn token(_: &str, _: &[Certificate], _: Purpose, _: Option<impl PasswordSource>) -> Result<Vec<Key>, Error> {
    Err(Error::misuse("this mailseal was built without keys on tokens (feature `pkcs11`)"))
}

#[cfg(all(unix, feature = "gpg-agent"))]
fn agent(
    keygrip: &str,
    known: &[Certificate],
    purpose: Purpose,
    passwords: Option<impl PasswordSource + Send + Sync + 'static>,
) -> Result<Vec<Key>, Error> {
    use crate::crypto::SigningKey;
    use crate::outside::agent::Agent;
    if known.is_empty() {
        return Err(Error::misuse("gpg-agent has no certificates: that of the key is needed"));
    }
    let agent = Agent::find(None)?;
    let agent = match passwords {
        Some(passwords) => agent.passwords(passwords),
        None => agent,
    };
    match (keygrip, purpose) {
        ("", Purpose::Encrypt) => return agent.decryption_keys(known),
        ("", _) => return Ok(vec![agent.signing_key(known)?]),
        _ => {}
    }
    let key = agent.key(keygrip)?;
    let certificates = of_key(key.public(), known, purpose);
    Ok(vec![match purpose {
        Purpose::Encrypt => Key::external_decryption(key, &certificates)?,
        _ => Key::external(key, &certificates)?,
    }])
}

#[cfg(not(all(unix, feature = "gpg-agent")))]
fn agent(_: &str, _: &[Certificate], _: Purpose, _: Option<impl PasswordSource>) -> Result<Vec<Key>, Error> {
    Err(Error::misuse("this mailseal was built without keys of gpg-agent (feature `gpg-agent`, on Unix)"))
}
