//! `mailseal key certify`

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args as ClapArgs;
use mailseal::crypto::Provider;
use mailseal::mime::Address;
use mailseal::openpgp::{Certificate, Certification, SigningIdentity, certify};
use mailseal::{Error as MailError, UnixTime};
use serde_json::json;

use crate::GOOD;
use crate::args::{PasswordArgs, address, time};
use crate::keys::{Passwords, read};
use crate::words::say;

#[derive(ClapArgs)]
pub(crate) struct CertifyArgs {
    /// How sure it is: 120 is without doubt, 60 is half.
    #[arg(long, value_name = "N", default_value_t = 120)]
    amount: u8,
    /// How many introducers in a row it makes: with 1 its holder is believed about others; 255 is without end.
    #[arg(long, value_name = "N", default_value_t = 0)]
    depth: u8,
    /// As an introducer, for addresses of this domain and those below it alone.
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// When it ends: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires: Option<UnixTime>,
    /// For oneself alone: it is not to be passed on.
    #[arg(long)]
    local: bool,
    #[command(flatten)]
    passwords: PasswordArgs,
    /// Write the certificate there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one line of JSON about it.
    #[arg(long, requires = "out")]
    pub(crate) json: bool,
    /// One's own OpenPGP secret key, with its primary key.
    #[arg(value_name = "KEY")]
    key: PathBuf,
    /// The OpenPGP certificate.
    #[arg(value_name = "CERT")]
    certificate: PathBuf,
    /// Whose it is.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: Address,
}

pub(crate) fn run(args: &CertifyArgs) -> Result<u8, Box<dyn Error>> {
    let provider = Provider::default();
    let passwords = Passwords::new(&args.passwords)?;
    let keys = SigningIdentity::load(&read(&args.key)?, passwords, &provider)?;
    let certificates = Certificate::load(&read(&args.certificate)?)?;
    let ([key], [certificate]) = (&keys[..], &certificates[..]) else {
        return Err(say(
            "one key certifies one certificate: there are several in a file",
            "1 つの鍵で 1 枚の証明書を認証します。ファイルに複数あります",
        )
        .into());
    };
    let mut certification = Certification::of(args.amount)?.depth(args.depth);
    if let Some(domain) = &args.domain {
        certification = certification.domain(domain)?;
    }
    if let Some(expires) = args.expires {
        certification = certification.expires(expires);
    }
    if args.local {
        certification = certification.local();
    }
    let now = SystemTime::now().into();
    let certified = certify(key, certificate, &args.address, &certification, now, &provider)?;
    let Some(path) = &args.out else {
        io::stdout().lock().write_all(&certified)?;
        return Ok(GOOD);
    };
    std::fs::write(path, certified)
        .map_err(|source| MailError::Io { what: path.display().to_string(), source })?;
    if args.json {
        let line = json!({
            "version": 1,
            "file": path.display().to_string(),
            "certificate": certificate.fingerprint(),
            "by": key.certificate().fingerprint(),
            "address": args.address,
            "amount": args.amount,
            "depth": args.depth,
            "expires": args.expires,
        });
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(GOOD)
}
