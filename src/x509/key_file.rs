//! Files of private keys, whatever their format: PEM, DER, PKCS#12.

use crate::crypto::{PasswordRequest, PasswordSource};
use crate::error::{Error, KeyError};
use crate::limits::Limits;
use crate::x509::private_key::KeyFile;
use crate::x509::{pkcs12, private_key};

/// Reads a file. A password is asked for when one is needed, again after a wrong one, until the source gives up.
pub(crate) fn load(octets: &[u8], passwords: &dyn PasswordSource, limits: &Limits) -> Result<KeyFile, Error> {
    let plain = private_key::read(octets, None, limits);
    match plain {
        Err(Error::Key(KeyError::WrongPassword)) => {
            ask("the private key", passwords, |password| private_key::read(octets, Some(password), limits))
        }
        Err(Error::Malformed { .. } | Error::Key(KeyError::Malformed(_))) => {
            match pkcs12::read(octets, "", limits).map(from_pfx) {
                Err(Error::Key(KeyError::WrongPassword)) => ask("the PKCS#12 file", passwords, |password| {
                    pkcs12::read(octets, password, limits).map(from_pfx)
                }),
                Err(Error::Malformed { .. }) => {
                    Err(KeyError::Malformed("it is neither PEM, PKCS#8, PKCS#12 nor OpenPGP".into()).into())
                }
                other => other,
            }
        }
        other => other,
    }
}

/// Attempts are bounded: each may cost as much as the file says.
const ATTEMPTS: u32 = 8;

fn ask(
    subject: &str,
    passwords: &dyn PasswordSource,
    read: impl Fn(&str) -> Result<KeyFile, Error>,
) -> Result<KeyFile, Error> {
    for attempt in 0..ATTEMPTS {
        let Some(secret) = passwords.password(&PasswordRequest::new(subject, attempt)) else { break };
        let Ok(password) = std::str::from_utf8(secret.expose()) else { continue };
        match read(password) {
            Err(Error::Key(KeyError::WrongPassword)) => {}
            other => return other,
        }
    }
    Err(KeyError::WrongPassword.into())
}

fn from_pfx(pfx: pkcs12::Pfx) -> KeyFile {
    KeyFile {
        keys: pfx.keys.into_iter().map(|key| key.pkcs8).collect(),
        certificates: pfx.certificates.into_iter().map(|entry| entry.certificate).collect(),
    }
}
