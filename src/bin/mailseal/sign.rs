//! `mailseal sign`

use std::error::Error;
use std::fs;
use std::io;
use std::time::SystemTime;

use mailseal::{Certificate, Composer, Context, Key, Password, PasswordSource, Secret, TrustStore};

use crate::args::SignArgs;
use crate::{GOOD, terminal, verify};

pub(crate) fn run(args: &SignArgs) -> Result<u8, Box<dyn Error>> {
    let key = key(args)?;
    let cx = Context::new(TrustStore::new());
    let composer = Composer::new(&cx).sign(&key).opaque(args.opaque);
    let draft = verify::input(args.message.as_deref());
    let now = SystemTime::now();
    match &args.out {
        Some(path) => composer.save(draft, now, path)?,
        None => composer.compose(draft, now, &mut io::stdout().lock())?,
    }
    Ok(GOOD)
}

fn key(args: &SignArgs) -> Result<Key, Box<dyn Error>> {
    let octets = verify::read(&args.key)?;
    let certificates = match &args.cert {
        Some(path) => Certificate::load(&verify::read(path)?)?,
        None => Vec::new(),
    };
    Ok(match &args.password_file {
        Some(path) => {
            let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let line = text.split(|octet| *octet == b'\n').next().unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            load(&octets, &certificates, Password::from(Secret::from(line.to_vec())))?
        }
        None => load(&octets, &certificates, terminal::ask)?,
    })
}

fn load(
    octets: &[u8],
    certificates: &[Certificate],
    password: impl PasswordSource + Send + Sync + 'static,
) -> Result<Key, mailseal::Error> {
    Key::load_with(octets, certificates, password)
}
