//! Private keys that are named instead of lying in files: on tokens, in an agent.

use std::error::Error;

use mailseal::outside::named_keys;
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
            ("gpg-agent", _) => Some(Self::Agent(name)),
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
            Self::Token(_) if !cfg!(feature = "pkcs11") => Err(crate::words::unbuilt("pkcs11")),
            Self::Agent(_) if !cfg!(all(unix, feature = "gpg-agent")) => {
                Err(crate::words::unbuilt("gpg-agent"))
            }
            Self::Token(uri) => Ok(named_keys(uri, known, purpose, Some(passwords.clone()))?),
            Self::Agent(_) if known.is_empty() => Err(say(
                "gpg-agent has no certificates: name that of the key with --cert FILE",
                "gpg-agent に証明書はありません。鍵の証明書を --cert FILE で指定してください",
            )
            .into()),
            // Without one, the agent asks by itself.
            Self::Agent(name) => {
                let given = passwords.are_given().then(|| passwords.clone());
                Ok(named_keys(name, known, purpose, given)?)
            }
        }
    }
}
