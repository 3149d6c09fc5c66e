//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use mailseal::crypto::ContentCipher;
use mailseal::mime::{Address, PartPath};
use mailseal::{Composer, UnixTime};

use crate::trust::TrustVerb;
use crate::world::TrustArgs;

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
    Verify(crate::verify::VerifyAndKeepArgs),
    /// Work on archives of evidence, which `verify --evidence` writes.
    #[command(subcommand)]
    Evidence(crate::evidence::EvidenceVerb),
    /// Encrypt a finished letter to its recipients: one letter for those of each protocol, and one for each Bcc.
    #[command(after_help = "Exit status: 0 done, 1 refused or somebody is unreachable, 2 could not. \
                            Where it is not 0, nothing is written.")]
    Encrypt(EncryptArgs),
    /// Open an encrypted letter, and say of what is inside what `verify` says.
    #[command(
        after_help = "Exit status: 0 decrypted, and what is inside is good, or unsigned and the policy lets that \
                            pass; 1 not decrypted, or any other verdict; 2 could not look. Of several messages, the worst."
    )]
    Decrypt(DecryptArgs),
    /// List keys, for whom they are, and whether they may be used.
    #[command(
        after_help = "Exit status: 0 no key ends within --expiring, and with --for, one signs; 1 otherwise; \
                            2 could not look. Keys that ended before are listed, and do not count."
    )]
    Keys(KeysArgs),
    /// Say whom you trust, for whom and how long, and see whom you would believe.
    #[command(subcommand)]
    Trust(TrustVerb),
    /// Look at certificates.
    #[command(subcommand)]
    Cert(CertVerb),
    /// Work on keys and certificates.
    #[cfg(feature = "openpgp")]
    #[command(subcommand)]
    Key(KeyVerb),
}

#[derive(Subcommand)]
pub(crate) enum CertVerb {
    /// Say what certificates, CRLs and OCSP answers say of themselves. Nothing of it is checked.
    #[command(after_help = "Exit status: 0 shown, 2 could not look.")]
    Show(crate::cert::ShowArgs),
}

#[cfg(feature = "openpgp")]
#[derive(Subcommand)]
pub(crate) enum KeyVerb {
    /// Certify whose an OpenPGP certificate is, with one's own key; the certificate comes back with it.
    #[command(
        after_help = "Exit status: 0 done, 1 the certificate does not name the address, or the key may not; \
                            2 could not."
    )]
    Certify(crate::certify::CertifyArgs),
}

#[derive(ClapArgs)]
pub(crate) struct SignArgs {
    /// Private key: a file (PKCS#12, PEM, or an OpenPGP secret key), `pkcs11:URI` (RFC 7512), `gpg-agent:KEYGRIP`, or
    /// `gpg-agent:` for the key of the certificate.
    #[arg(long, value_name = "KEY", required_unless_present = "token")]
    pub(crate) key: Option<OsString>,
    /// Certificates for a key that comes without.
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    #[command(flatten)]
    pub(crate) uses: UseArgs,
    /// Put the letter inside the signature (application/pkcs7-mime) instead of beside it. S/MIME only.
    #[arg(long)]
    pub(crate) opaque: bool,
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
    /// Write there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The letter; `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: Option<PathBuf>,
}

/// What a signature speaks of.
#[derive(ClapArgs)]
pub(crate) struct SigningArgs {
    /// Leave the header fields of the letter unsigned, as older programs do; otherwise they are signed too (RFC 9788).
    #[arg(long)]
    no_protect_headers: bool,
    /// Sign although the key does not name the From of the letter; who receives it is warned.
    #[arg(long)]
    allow_other_from: bool,
}

impl SigningArgs {
    pub(crate) fn of(&self, composer: Composer) -> Composer {
        let composer = composer.protect_headers(!self.no_protect_headers);
        if self.allow_other_from { composer.allow_other_from() } else { composer }
    }
}

/// Where passwords come from.
#[derive(ClapArgs)]
pub(crate) struct PasswordArgs {
    /// File of passwords, one a line, of which each is tried; otherwise they are asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// Private keys that are elsewhere, and who is told of their use.
#[derive(ClapArgs)]
pub(crate) struct UseArgs {
    /// A private key on a token: `pkcs11:URI` (RFC 7512), as --key takes it too.
    #[arg(long, value_name = "URI")]
    pub(crate) token: Vec<OsString>,
    /// Append one line of JSON there for each use of a private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) audit: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct KeysArgs {
    /// Only keys that name this address, the one to take first.
    #[arg(long = "for", value_name = "ADDRESS", value_parser = address)]
    pub(crate) address: Option<Address>,
    /// Whether a key ends within so many days: 30d, or weeks: 4w.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) expiring: Option<i64>,
    /// Look at this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<UnixTime>,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// Print one line of JSON for each key.
    #[arg(long)]
    pub(crate) json: bool,
    /// Keys, as --key of `sign` takes them; certificates alone are listed as keys that are elsewhere.
    #[arg(value_name = "KEY", required = true)]
    pub(crate) keys: Vec<OsString>,
}

#[derive(ClapArgs)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Succeed only if the letter is good and from this address.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) from: Option<Address>,
    /// Learn from the letters what is usual of their senders, into the file of --memory.
    #[arg(long, requires = "memory")]
    pub(crate) remember: bool,
    /// Open each step of the reasons.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print one line of JSON for each message.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write what was verified or decrypted there, if the exit status is 0; otherwise no file appears.
    #[arg(long, value_name = "PAYLOAD")]
    pub(crate) out: Option<PathBuf>,
    /// Letters; `-` or nothing is standard input. Several give one line of JSON each.
    #[arg(value_name = "MESSAGE")]
    pub(crate) messages: Vec<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct DecryptArgs {
    /// Private key of either kind: a file (PKCS#12, PEM, or an OpenPGP secret key), `pkcs11:URI` (RFC 7512), or
    /// `gpg-agent:KEYGRIP`. Give every key that you ever had.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<OsString>,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    #[command(flatten)]
    pub(crate) uses: UseArgs,
    /// Open this part, which is encrypted by itself, apart from all around it; parts are counted as in 2.1.
    #[arg(long, value_name = "PATH", value_parser = part)]
    pub(crate) part: Option<PartPath>,
    /// Let --out write what was decrypted whatever it is worth. The exit status stays.
    #[arg(long, requires = "out")]
    pub(crate) out_any: bool,
    #[command(flatten)]
    pub(crate) look: VerifyArgs,
}

#[derive(ClapArgs)]
pub(crate) struct EncryptArgs {
    /// Encrypt to this certificate, believed or not, instead of to those that are found for the recipients.
    #[arg(long, value_name = "CERT", conflicts_with_all = ["plan", "without", "accept", "copy_to_self"])]
    pub(crate) to: Vec<PathBuf>,
    /// Sign with this private key, inside the encryption; for letters of either protocol, one of each. A file,
    /// `pkcs11:URI` (RFC 7512), or `gpg-agent:KEYGRIP`.
    #[arg(long, value_name = "KEY")]
    pub(crate) sign: Vec<OsString>,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    #[command(flatten)]
    pub(crate) uses: UseArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Only show who gets what, and who gets nothing.
    #[arg(long, conflicts_with_all = ["cipher", "out", "out_dir"])]
    pub(crate) plan: bool,
    /// Leave out this recipient, who gets no letter.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) without: Vec<Address>,
    /// Take a certificate that was found for a recipient and is not believed, by its fingerprint in full.
    #[arg(long, value_name = "ADDRESS=FINGERPRINT", value_parser = accepted)]
    pub(crate) accept: Vec<(Address, String)>,
    /// Encrypt every letter to its sender too, so that the copy that is kept can be read.
    #[arg(long)]
    pub(crate) copy_to_self: bool,
    /// Encrypt S/MIME with this cipher, whatever the recipients are known to read.
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) cipher: Option<CipherName>,
    /// Sign once more around the encryption.
    #[arg(long)]
    pub(crate) triple_wrap: bool,
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
    /// Write the letter there instead of to standard output, if it is one.
    #[arg(long, value_name = "FILE", conflicts_with = "out_dir")]
    pub(crate) out: Option<PathBuf>,
    /// Write the letters into this folder, and print for each its file and its recipients.
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    /// The letter; `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: Option<PathBuf>,
}

/// Ciphers that letters may be written with.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum CipherName {
    #[value(name = "aes-128-gcm")]
    Aes128Gcm,
    #[value(name = "aes-192-gcm")]
    Aes192Gcm,
    #[value(name = "aes-256-gcm")]
    Aes256Gcm,
    #[value(name = "chacha20-poly1305")]
    ChaCha20Poly1305,
    /// Read by all, but nothing tells whether it was changed; so the other AES-CBC.
    #[value(name = "aes-128-cbc")]
    Aes128Cbc,
    #[value(name = "aes-192-cbc")]
    Aes192Cbc,
    #[value(name = "aes-256-cbc")]
    Aes256Cbc,
}

impl From<CipherName> for ContentCipher {
    fn from(name: CipherName) -> Self {
        match name {
            CipherName::Aes128Gcm => Self::Aes128Gcm,
            CipherName::Aes192Gcm => Self::Aes192Gcm,
            CipherName::Aes256Gcm => Self::Aes256Gcm,
            CipherName::ChaCha20Poly1305 => Self::ChaCha20Poly1305,
            CipherName::Aes128Cbc => Self::Aes128Cbc,
            CipherName::Aes192Cbc => Self::Aes192Cbc,
            CipherName::Aes256Cbc => Self::Aes256Cbc,
        }
    }
}

pub(crate) fn time(text: &str) -> Result<UnixTime, String> {
    if let Some(seconds) = text.strip_prefix('@') {
        let seconds = seconds.parse().map_err(|_| "after @ stand seconds since 1970")?;
        return Ok(UnixTime::from_seconds(seconds));
    }
    let time: Timestamp = text.parse().map_err(|_| "a time is 2026-11-22T10:02:00Z or @1795341720")?;
    Ok(UnixTime::from_seconds(time.as_second()))
}

/// Seconds.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || "a duration is 30d or 4w".to_owned();
    let (number, seconds) = match text.strip_suffix('d') {
        Some(days) => (days, 86_400),
        None => (text.strip_suffix('w').ok_or_else(wrong)?, 7 * 86_400),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * seconds)
}

pub(crate) fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error: mailseal::mime::AddressError| error.to_string())
}

pub(crate) fn accepted(text: &str) -> Result<(Address, String), String> {
    let (who, fingerprint) = text.rsplit_once('=').ok_or("say ADDRESS=FINGERPRINT")?;
    Ok((address(who)?, fingerprint.to_owned()))
}

fn part(text: &str) -> Result<PartPath, String> {
    if text == "0" {
        return Ok(PartPath::root());
    }
    let mut numbers = text.split('.').map(|number| number.parse().ok().filter(|number| *number > 0));
    let path = numbers.try_fold(PartPath::root(), |path, number| Some(path.child(number?)));
    path.ok_or_else(|| "a part is 2.1, or 0 for the whole letter".to_owned())
}
