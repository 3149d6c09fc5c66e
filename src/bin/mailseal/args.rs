//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use mailseal::crypto::ContentCipher;
use mailseal::mime::{Address, PartPath};
use mailseal::{Composer, HeaderConfidentiality, UnixTime};

use crate::batch::BatchArgs;
use crate::key_new::Period;
use crate::policy::{ConsentArgs, PolicyArgs};
use crate::trust::TrustVerb;
use crate::words::{Language, say};
use crate::world::TrustArgs;

/// Seals and opens mail end to end: S/MIME and PGP/MIME.
#[derive(Parser)]
#[command(name = "mailseal", version, arg_required_else_help = true)]
pub(crate) struct Args {
    /// Speak this language; without it, that of the locale (LC_ALL, LC_MESSAGES, LANG).
    #[arg(long, global = true, value_name = "LANGUAGE", value_enum, display_order = 1000)]
    lang: Option<Language>,
    /// Use colours, which only repeat what words say; auto, as without it: on a terminal, if NO_COLOR and CLICOLOR do not
    /// say otherwise.
    #[arg(long, global = true, value_name = "WHEN", value_enum, display_order = 1000)]
    pub(crate) color: Option<Color>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
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
    /// Sign many letters, of a template and a table or finished ones, and deliver each of them once.
    #[command(
        after_help = "Exit status: 0 all are delivered, 1 some are not, or it was refused; 2 could not. \
                            What was done is noted: say the same again to go on. As a page: docs/newsletters.md."
    )]
    Bulk(Box<crate::bulk::BulkArgs>),
    /// Add a footer to a letter outside of what is signed, as a mailing list may: the signature stays verifiable.
    #[command(after_help = "Exit status: 0 done, 2 could not. An encrypted letter stays as it is.")]
    Footer(crate::footer::FooterArgs),
    /// Answer requests to sign, encrypt, and open letters, one by one, with the keys and the trust that are named here.
    #[command(
        after_help = "Exit status: 0 the input ended, 2 it is not made of frames, or it could not begin. \
                            Frames and requests: docs/serve.md."
    )]
    Serve(Box<crate::serve::ServeArgs>),
    /// Draw the parts of a letter and the layers around them. Nothing is verified.
    #[command(after_help = "Exit status: 0 shown, 2 could not look. Of several messages, the worst.")]
    Inspect(Box<crate::inspect::InspectArgs>),
    /// Say what was done to a letter on its way: why its signature broke, or how two copies differ. Never a verdict.
    #[command(
        after_help = "Exit status: 0 the signature holds, or the copies are the same; 1 anything else that was found, \
                            or nothing that explains it; 2 could not look."
    )]
    Doctor(Box<crate::doctor::DoctorArgs>),
    /// List keys, for whom they are, and whether they may be used.
    #[command(
        after_help = "Exit status: 0 no key ends within --expiring, and with --for, one signs; 1 otherwise; \
                            2 could not look. Keys that ended before are listed, and do not count."
    )]
    Keys(KeysArgs),
    /// Say whom you trust, for whom and how long, and see whom you would believe.
    #[command(subcommand)]
    Trust(TrustVerb),
    /// Check the file of a policy, and say what would become of mail by it.
    #[command(subcommand)]
    Policy(crate::policy::PolicyVerb),
    /// Look at certificates.
    #[command(subcommand)]
    Cert(CertVerb),
    /// Print what completes words in a shell.
    #[command(after_help = "Exit status: 0 printed, 2 could not.")]
    Completions(crate::manual::CompletionsArgs),
    /// Print the manual page (roff).
    #[command(after_help = "Exit status: 0 printed, 2 could not.")]
    Man,
    /// Make keys, and work on keys and certificates.
    #[command(subcommand)]
    Key(KeyVerb),
}

impl Verb {
    /// Whether a program reads what is printed.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Sign(args) => args.json,
            Self::Verify(args) => args.look.json,
            Self::Encrypt(args) => args.json,
            Self::Decrypt(args) => args.look.json,
            Self::Inspect(args) => args.json,
            Self::Doctor(args) => args.json,
            Self::Evidence(crate::evidence::EvidenceVerb::Check(args)) => args.json,
            Self::Bulk(args) => args.json,
            Self::Footer(args) => args.json,
            Self::Serve(_) | Self::Completions(_) | Self::Man => false,
            Self::Keys(args) => args.json,
            Self::Trust(verb) => verb.json(),
            Self::Policy(verb) => verb.json(),
            Self::Cert(CertVerb::Show(args)) => args.json,
            Self::Key(KeyVerb::New(args)) => args.json,
            Self::Key(KeyVerb::Join(args)) => args.json,
            #[cfg(feature = "openpgp")]
            Self::Key(KeyVerb::Certify(args)) => args.json,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum CertVerb {
    /// Say what certificates, CRLs and OCSP answers say of themselves. Nothing of it is checked.
    #[command(after_help = "Exit status: 0 shown, 2 could not look.")]
    Show(crate::cert::ShowArgs),
}

#[derive(Subcommand)]
pub(crate) enum KeyVerb {
    /// Make a key for an address: an OpenPGP key, or one for S/MIME with a request to a certification authority.
    #[command(after_help = "Exit status: 0 done, 2 could not; then no file is written.")]
    New(crate::key_new::NewArgs),
    /// Put the certificate that an authority gave together with its key, into PKCS#12.
    #[command(after_help = "Exit status: 0 done, 2 could not; then no file is written.")]
    Join(crate::key_join::JoinArgs),
    /// Certify whose an OpenPGP certificate is, with one's own key; the certificate comes back with it.
    #[cfg(feature = "openpgp")]
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
    #[arg(long, value_name = "KEY", required_unless_present_any = ["token", "dkim_key"])]
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
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
    /// The letter that this one answers: an encrypted one is not answered in clear. Opened with the keys of --key and
    /// --reply-key.
    #[arg(long, value_name = "FILE")]
    pub(crate) reply_to: Option<PathBuf>,
    /// Private key to open the letter of --reply-to with.
    #[arg(long, value_name = "KEY", requires = "reply_to")]
    pub(crate) reply_key: Vec<OsString>,
    /// Ask the policy about this recipient; without it, about those of To, Cc, Bcc, Resent-To, -Cc and -Bcc.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) recipient: Vec<Address>,
    /// Remember in this file which domains were confirmed.
    #[arg(long, value_name = "FILE")]
    pub(crate) memory: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) dkim: crate::dkim::DkimArgs,
    /// Sign as of this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<UnixTime>,
    /// Write there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print one line of JSON about it.
    #[arg(long, requires = "out")]
    pub(crate) json: bool,
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
    /// Add an Autocrypt header field with the OpenPGP certificate of a signing key that names the From of the letter, so
    /// that others can write to it in secret; `mutual` says that you would have them do so. A letter that is encrypted
    /// to several people carries their certificates inside.
    #[arg(long, value_name = "PREFERENCE", num_args = 0..=1, require_equals = true, default_missing_value = "nopreference", value_enum)]
    autocrypt: Option<Preference>,
    /// Say in S/MIME signatures that who signs reads these ciphers, the preferred first, instead of those that this program
    /// reads: where the answers are read with another program.
    #[arg(long, value_name = "NAME", value_enum, value_delimiter = ',')]
    reads: Vec<CipherName>,
}

/// As Autocrypt calls them.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Preference {
    Nopreference,
    Mutual,
}

impl SigningArgs {
    pub(crate) fn of(&self, composer: Composer) -> Composer {
        let composer = composer.protect_headers(!self.no_protect_headers);
        let composer = if self.allow_other_from { composer.allow_other_from() } else { composer };
        let composer = match self.reads.as_slice() {
            [] => composer,
            names => composer.reads(&names.iter().map(|name| (*name).into()).collect::<Vec<_>>()),
        };
        match self.autocrypt {
            Some(preference) => composer.autocrypt(preference == Preference::Mutual),
            None => composer,
        }
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
    #[command(flatten)]
    pub(crate) sending: crate::sending::SendingArgs,
    /// Succeed only if the letter is good and from this address.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) from: Option<Address>,
    /// Learn from the letters what is usual of their senders, into the file of --memory.
    #[arg(long, requires = "memory", conflicts_with = "jobs")]
    pub(crate) remember: bool,
    /// Open each step of the reasons.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print one line of JSON for each message.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) batch: BatchArgs,
    /// Write what was verified or decrypted there, if the exit status is 0; otherwise no file appears.
    #[arg(long, value_name = "PAYLOAD")]
    pub(crate) out: Option<PathBuf>,
    /// Letters, mbox files, folders (Maildir, or files that end with .eml); `-` or nothing is standard input. Several
    /// letters give one line each, and a table at the end.
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
    /// What stands outside of the header (RFC 9788); baseline, as without it: no subject. shy: no names, no time zone either.
    #[arg(long, value_name = "POLICY", value_parser = confidentiality, conflicts_with = "no_protect_headers")]
    pub(crate) header_confidentiality: Option<HeaderConfidentiality>,
    /// Repeat what does not stand outside at the head of the text, for programs that do not know RFC 9788.
    #[arg(long, conflicts_with = "no_protect_headers")]
    pub(crate) legacy_display: bool,
    /// The letter that this one answers: what that one hides in its header stays hidden. Opened with the keys of --sign and
    /// --reply-key.
    #[arg(long, value_name = "FILE", conflicts_with = "no_protect_headers")]
    pub(crate) reply_to: Option<PathBuf>,
    /// Private key to open the letter of --reply-to with.
    #[arg(long, value_name = "KEY", requires = "reply_to")]
    pub(crate) reply_key: Vec<OsString>,
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
    /// Write the letter there instead of to standard output, if it is one.
    #[arg(long, value_name = "FILE", conflicts_with = "out_dir")]
    pub(crate) out: Option<PathBuf>,
    /// Write the letters into this folder, and print for each its file and its recipients.
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Print one line of JSON about it: with --plan, --out or --out-dir.
    #[arg(long)]
    pub(crate) json: bool,
    /// The letter; `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: Option<PathBuf>,
}

fn confidentiality(text: &str) -> Result<HeaderConfidentiality, String> {
    text.parse().map_err(|error: mailseal::Error| error.to_string())
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
        let seconds = seconds
            .parse()
            .map_err(|_| say("after @ stand seconds since 1970", "@ の後には 1970 年からの秒数を書きます"))?;
        return Ok(UnixTime::from_seconds(seconds));
    }
    let time: Timestamp = text.parse().map_err(|_| {
        say(
            "a time is 2026-11-22T10:02:00Z or @1795341720",
            "時刻は 2026-11-22T10:02:00Z または @1795341720 のように書きます",
        )
    })?;
    Ok(UnixTime::from_seconds(time.as_second()))
}

/// When a key ends.
pub(crate) fn period(text: &str) -> Result<Period, String> {
    if text == "never" {
        return Ok(Period::Never);
    }
    let wrong = |_| {
        say(
            "it ends after 365d, 52w or 3y, at 2028-11-22T10:02:00Z, or never",
            "期限は 365d、52w、3y、2028-11-22T10:02:00Z、または never と書きます",
        )
        .to_owned()
    };
    duration(text).map(Period::Seconds).or_else(|_| time(text).map(Period::Until)).map_err(wrong)
}

/// Seconds.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || say("a duration is 30d, 4w or 1y", "期間は 30d、4w、1y のように書きます").to_owned();
    let (number, seconds) = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((days, "d")) => (days, 86_400),
        Some((weeks, "w")) => (weeks, 7 * 86_400),
        Some((years, "y")) => (years, 365 * 86_400),
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * seconds)
}

pub(crate) fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error: mailseal::mime::AddressError| error.to_string())
}

pub(crate) fn accepted(text: &str) -> Result<(Address, String), String> {
    let (who, fingerprint) =
        text.rsplit_once('=').ok_or(say("say ADDRESS=FINGERPRINT", "ADDRESS=FINGERPRINT の形で書きます"))?;
    Ok((address(who)?, fingerprint.to_owned()))
}

pub(crate) fn part(text: &str) -> Result<PartPath, String> {
    if text == "0" {
        return Ok(PartPath::root());
    }
    let mut numbers = text.split('.').map(|number| number.parse().ok().filter(|number| *number > 0));
    let path = numbers.try_fold(PartPath::root(), |path, number| Some(path.child(number?)));
    path.ok_or_else(|| {
        say("a part is 2.1, or 0 for the whole letter", "パートは 2.1 のように、メール全体は 0 と書きます")
            .to_owned()
    })
}
