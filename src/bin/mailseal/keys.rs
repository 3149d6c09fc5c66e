//! Files of keys and certificates, and their passwords.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mailseal::protocol::Purpose;
use mailseal::{Certificate, Error as MailError, Key, PasswordRequest, PasswordSource, Secret};

use crate::args::{PasswordArgs, UseArgs};
use crate::audit::Audit;
use crate::elsewhere::Named;
use crate::failure::InFile;
use crate::terminal;

/// Passwords of a file, each tried in turn, or of somebody at the terminal.
#[derive(Clone)]
pub(crate) struct Passwords(Option<Arc<Vec<Secret>>>);

impl Passwords {
    pub(crate) fn new(args: &PasswordArgs) -> Result<Self, Box<dyn Error>> {
        let Some(path) = &args.password_file else { return Ok(Self(None)) };
        let text = Secret::from(read(path)?);
        let lines = text.expose().split(|octet| *octet == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        // An empty password is one, an empty line at the end is none.
        let lines = lines.enumerate().filter(|(number, line)| *number == 0 || !line.is_empty());
        Ok(Self(Some(Arc::new(lines.map(|(_, line)| Secret::from(line.to_vec())).collect()))))
    }
}

impl Passwords {
    /// Whether they stand in a file: then nobody else is asked.
    pub(crate) fn are_given(&self) -> bool {
        self.0.is_some()
    }
}

impl Passwords {
    /// The next to try.
    pub(crate) fn get(&self, subject: &str, attempt: u32) -> Option<Secret> {
        let Some(known) = &self.0 else { return terminal::ask(subject, attempt) };
        let secret = known.get(usize::try_from(attempt).ok()?)?;
        Some(Secret::from(secret.expose().to_vec()))
    }

    /// The first of a file: the one that a new key gets.
    pub(crate) fn first_of(path: &Path) -> Result<Secret, Box<dyn Error>> {
        let all = Self::new(&PasswordArgs { password_file: Some(path.to_owned()) })?;
        Ok(all.get("", 0).unwrap_or_else(|| Secret::from("")))
    }
}

impl PasswordSource for Passwords {
    fn password(&self, request: &PasswordRequest) -> Option<Secret> {
        self.get(&request.subject, request.attempt)
    }
}

/// Loads keys of either kind, wherever they are; those that come without certificates find them among `certificates`.
pub(crate) fn load(
    names: &[OsString],
    uses: &UseArgs,
    certificates: &[PathBuf],
    passwords: &Passwords,
    purpose: Purpose,
) -> Result<Loaded, Box<dyn Error>> {
    let mut known = Vec::new();
    for path in certificates {
        known.extend(self::certificates(path)?);
    }
    let audit = Audit::open(uses.audit.as_deref())?;
    let mut keys = Vec::new();
    for name in names {
        match name.to_str().and_then(Named::read) {
            Some(elsewhere) => keys.extend(elsewhere.keys(&known, passwords, purpose)?),
            None => {
                let octets = read(Path::new(name))?;
                let key = Key::load_with(&octets, &known, passwords.clone());
                keys.push(key.map_err(|error| named(Path::new(name), error))?);
            }
        }
    }
    for name in &uses.token {
        match name.to_str().and_then(Named::read) {
            Some(token @ Named::Token(_)) => keys.extend(token.keys(&known, passwords, purpose)?),
            _ => {
                return Err(crate::words::say(
                    "--token takes a URI that begins with pkcs11:",
                    "--token には pkcs11: で始まる URI を指定してください",
                )
                .into());
            }
        }
    }
    Ok(Loaded { keys: keys.into_iter().map(|key| audit.of(key)).collect(), audit })
}

/// Keys, and where their uses are written down.
pub(crate) struct Loaded {
    pub(crate) keys: Vec<Key>,
    pub(crate) audit: Audit,
}

pub(crate) fn certificates(path: &Path) -> Result<Vec<Certificate>, Box<dyn Error>> {
    Ok(Certificate::load(&read(path)?).map_err(|error| named(path, error))?)
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, MailError> {
    fs::read(path).map_err(|source| MailError::Io { what: path.display().to_string(), source })
}

pub(crate) fn named(path: &Path, error: MailError) -> InFile {
    InFile::new(path, error)
}
