//! `mailseal key join`: the answer of a certification authority, put with the key into PKCS#12.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use mailseal::crypto::{KeyError, Provider};
use mailseal::x509::{Certificate as X509, pkcs12, private_key};
use mailseal::{Certificate, Error as MailError, Key, Limits, Password, Secret, UnixTime};
use serde_json::json;

use crate::args::PasswordArgs;
use crate::files::{self, NewFile};
use crate::keys::{self, Passwords, named, read};
use crate::{GOOD, cert, terminal};

#[derive(ClapArgs)]
pub(crate) struct JoinArgs {
    /// The private key: PKCS#8, as `key new` wrote it, or any other of PEM.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Its certificate, and those that lead from it towards an anchor.
    #[arg(long, value_name = "FILE", required = true)]
    cert: Vec<PathBuf>,
    #[command(flatten)]
    passwords: PasswordArgs,
    /// No password, where the key has none: whoever reads the file has the key.
    #[arg(long)]
    no_password: bool,
    /// Write there; otherwise beside the key, as .p12.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
    /// Print one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &JoinArgs) -> Result<u8, Box<dyn Error>> {
    let path = args.path();
    files::refuse(&path, args.force)?;
    let certificates = args.certificates()?;
    let (keys, password) = args.unlock()?;
    let text = password.as_ref().map(|password| std::str::from_utf8(password.expose())).transpose()?;
    let provider = Provider::default();
    let mut problem = MailError::Key(KeyError::Malformed("there is no private key in it".into()));
    for pkcs8 in &keys {
        match pkcs12::Writer::new(pkcs8, &certificates).write(text.unwrap_or_default(), &provider) {
            Ok(content) => {
                // As `sign` will read it.
                let again = password.as_ref().map(|password| password.expose().to_vec());
                let key = Key::load(&content, again.map_or_else(Password::none, Password::from))?;
                files::write(&[NewFile { path: path.clone(), content: content.to_vec() }], args.force)?;
                args.say(&path, &key.certificate(), certificates.len())?;
                return Ok(GOOD);
            }
            Err(error) => problem = error,
        }
    }
    Err(named(&args.key, problem).into())
}

impl JoinArgs {
    /// `alice.key.pem` becomes `alice.p12`.
    fn path(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| {
            let plain = self.key.with_extension("");
            let plain =
                if plain.extension().is_some_and(|end| end == "key") { plain } else { self.key.clone() };
            plain.with_extension("p12")
        })
    }

    fn certificates(&self) -> Result<Vec<X509>, Box<dyn Error>> {
        let mut found: Vec<X509> = Vec::new();
        for path in &self.cert {
            for one in keys::certificates(path)? {
                match one {
                    Certificate::X509(one) if !found.contains(&one) => found.push(one),
                    Certificate::X509(_) => {}
                    _ => {
                        let path = path.display();
                        return Err(crate::words::said!(
                            "{path}: is not of S/MIME",
                            "{path}: S/MIME のものではありません"
                        )
                        .into());
                    }
                }
            }
        }
        Ok(found)
    }

    /// The keys, and the password that they had: PKCS#12 gets it too.
    fn unlock(&self) -> Result<(Vec<Pkcs8>, Option<Secret>), Box<dyn Error>> {
        let (octets, limits) = (Secret::from(read(&self.key)?), Limits::default());
        let wrong = |error: &MailError| matches!(error, MailError::Key(KeyError::WrongPassword));
        match private_key::read(octets.expose(), None, &limits) {
            Ok(file) => return Ok((file.keys, self.new_password()?)),
            Err(error) if !wrong(&error) => return Err(named(&self.key, error).into()),
            Err(_) => {}
        }
        let (passwords, subject) = (Passwords::new(&self.passwords)?, self.key.display().to_string());
        for attempt in 0..ATTEMPTS {
            let Some(password) = passwords.get(&subject, attempt) else { break };
            let Ok(text) = std::str::from_utf8(password.expose()) else { continue };
            match private_key::read(octets.expose(), Some(text), &limits) {
                Ok(file) => return Ok((file.keys, Some(password))),
                Err(error) if wrong(&error) => {}
                Err(error) => return Err(named(&self.key, error).into()),
            }
        }
        Err(named(&self.key, KeyError::WrongPassword.into()).into())
    }

    fn new_password(&self) -> Result<Option<Secret>, Box<dyn Error>> {
        match &self.passwords.password_file {
            _ if self.no_password => Ok(None),
            Some(path) => Passwords::first_of(path).map(Some),
            None => Ok(Some(terminal::ask_new()?)),
        }
    }

    fn say(&self, path: &Path, own: &Certificate, count: usize) -> io::Result<()> {
        let (_, until) = cert::dates(own, UnixTime::from_seconds(0));
        let addresses = own.addresses(UnixTime::from_seconds(0));
        let file = path.display().to_string();
        let mut out = io::stdout().lock();
        if self.json {
            let line = json!({
                "version": 1,
                "file": file,
                "addresses": addresses,
                "fingerprint": own.fingerprint(),
                "not_after": until,
                "certificates": count,
            });
            return writeln!(out, "{line}");
        }
        let who = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let until = until.map(UnixTime::date).unwrap_or_default();
        match terminal::language() {
            "ja" => writeln!(out, "{}: {}、{until} まで", terminal::line(&file), terminal::line(&who)),
            _ => writeln!(out, "{}: {}, until {until}", terminal::line(&file), terminal::line(&who)),
        }
    }
}

/// DER PrivateKeyInfo.
type Pkcs8 = zeroize::Zeroizing<Vec<u8>>;

/// Passwords are asked for that often.
const ATTEMPTS: u32 = 8;
