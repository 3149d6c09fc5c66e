//! What can be typed.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use mailseal::UnixTime;
use mailseal::mime::Address;

/// Seals and opens mail end to end: S/MIME and PGP/MIME.
#[derive(Parser)]
#[command(name = "mailseal", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Sign a finished letter; what the key is decides the protocol.
    Sign(SignArgs),
    /// Say who signed a letter, what is covered, why that is believed, and what is wrong.
    #[command(after_help = "Exit status: 0 good, 1 any other verdict, 2 could not look. \
                            Of several messages, the worst.")]
    Verify(VerifyArgs),
}

#[derive(ClapArgs)]
pub(crate) struct SignArgs {
    /// Private key: PKCS#12, PEM, or an OpenPGP secret key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Certificates for a key that comes without.
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// File whose first line is the password of the key; otherwise it is asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Put the letter inside the signature (application/pkcs7-mime) instead of beside it. S/MIME only.
    #[arg(long)]
    pub(crate) opaque: bool,
    /// Write there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The letter; `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct VerifyArgs {
    /// Trust these certificates: PEM or DER of certificate authorities, or OpenPGP certificates.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,
    /// Certificates that may be needed and are not in the letter. They are not trusted.
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Vec<PathBuf>,
    /// Judge at this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<UnixTime>,
    /// Succeed only if the letter is good and from this address.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) from: Option<Address>,
    /// How strict to be.
    #[arg(long, value_name = "POLICY", value_enum, default_value_t = PolicyName::Standard)]
    pub(crate) policy: PolicyName,
    /// Open each step of the reasons.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print one line of JSON for each message.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write what was verified there, if it is good; otherwise no file appears.
    #[arg(long, value_name = "PAYLOAD")]
    pub(crate) out: Option<PathBuf>,
    /// Letters; `-` or nothing is standard input. Several give one line of JSON each.
    #[arg(value_name = "MESSAGE")]
    pub(crate) messages: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PolicyName {
    /// The defaults.
    Standard,
    /// Nothing is taken on faith.
    Strict,
}

impl VerifyArgs {
    /// The time to judge at.
    pub(crate) fn time(&self) -> UnixTime {
        self.at.unwrap_or_else(|| SystemTime::now().into())
    }
}

fn time(text: &str) -> Result<UnixTime, String> {
    if let Some(seconds) = text.strip_prefix('@') {
        let seconds = seconds.parse().map_err(|_| "after @ stand seconds since 1970")?;
        return Ok(UnixTime::from_seconds(seconds));
    }
    let time: Timestamp = text.parse().map_err(|_| "a time is 2026-11-22T10:02:00Z or @1795341720")?;
    Ok(UnixTime::from_seconds(time.as_second()))
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error: mailseal::mime::AddressError| error.to_string())
}
