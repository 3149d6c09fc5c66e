//! `mailseal key new`

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{ArgGroup, Args as ClapArgs};
use mailseal::crypto::{NewKeyAlgorithm, Provider};
use mailseal::mime::Address;
use mailseal::protocol::{MadeKey, NewKey};
use mailseal::report::Protocol;
use mailseal::{Secret, UnixTime};
use serde_json::{Value, json};

use crate::args::{address, period};
use crate::files::{self, NewFile};
use crate::keys::Passwords;
use crate::{GOOD, terminal};

#[derive(ClapArgs)]
#[command(group(ArgGroup::new("protocol").required(true).args(["openpgp", "smime"])))]
pub(crate) struct NewArgs {
    /// An OpenPGP key, with its certificate, and a certificate that revokes it.
    #[arg(long)]
    openpgp: bool,
    /// A key for S/MIME, with a request to a certification authority; `key join` takes the answer in.
    #[arg(long)]
    smime: bool,
    /// What its holder is called.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What kind: ed25519 (with X25519; default of OpenPGP), p-256 (default of S/MIME), p-384, p-521, rsa-3072,
    /// rsa-4096.
    #[arg(long, value_name = "KIND")]
    algorithm: Option<NewKeyAlgorithm>,
    /// Version 6 of OpenPGP (RFC 9580), which GnuPG does not read.
    #[arg(long, conflicts_with = "smime")]
    v6: bool,
    /// A certificate that the key signs itself, instead of a request. Others believe it only by its fingerprint.
    #[arg(long, conflicts_with = "openpgp")]
    self_signed: bool,
    /// When it ends: a duration (365d, 52w, 3y), a time (RFC 3339, or @SECONDS since 1970), or `never`. What an
    /// authority certifies ends when the authority says.
    #[arg(long, value_name = "WHEN", default_value = "3y", value_parser = period)]
    expires: Period,
    #[command(flatten)]
    protection: ProtectionArgs,
    /// Begin the names of all files with this; otherwise with the address.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
    /// Print one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Whose it is; the first is the usual one.
    #[arg(value_name = "ADDRESS", required = true, value_parser = address)]
    addresses: Vec<Address>,
}

/// What a new file of a key is protected with.
#[derive(ClapArgs)]
pub(crate) struct ProtectionArgs {
    /// File whose first line is the password; otherwise it is asked for on the terminal, twice.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// No password: whoever reads the file has the key.
    #[arg(long, conflicts_with = "password_file")]
    no_password: bool,
}

/// How long a key is valid.
#[derive(Clone, Copy)]
pub(crate) enum Period {
    Never,
    Until(UnixTime),
    Seconds(i64),
}

impl Period {
    fn end(self, from: UnixTime) -> Option<UnixTime> {
        match self {
            Self::Never => None,
            Self::Until(time) => Some(time),
            Self::Seconds(seconds) => Some(UnixTime::from_seconds(from.seconds().saturating_add(seconds))),
        }
    }
}

impl ProtectionArgs {
    /// `None` where none is wanted; an empty one is a mistake.
    pub(crate) fn password(&self) -> Result<Option<Secret>, Box<dyn Error>> {
        if self.no_password {
            return Ok(None);
        }
        let password = match &self.password_file {
            Some(path) => Passwords::first_of(path)?,
            None => terminal::ask_new()?,
        };
        match password.expose() {
            [] => Err(terminal::say(
                "the password is empty; --no-password says that none is wanted",
                "パスワードが空です。不要なら --no-password を指定してください",
            )
            .into()),
            octets if std::str::from_utf8(octets).is_err() => {
                Err(terminal::say("the password is not UTF-8", "パスワードが UTF-8 ではありません").into())
            }
            _ => Ok(Some(password)),
        }
    }
}

pub(crate) fn run(args: &NewArgs) -> Result<u8, Box<dyn Error>> {
    let now: UnixTime = SystemTime::now().into();
    let new = args.new_key(now)?;
    let stem = args.stem()?;
    let names = args.names();
    for name in &names {
        files::refuse(&with(&stem, name), args.force)?;
    }
    let password = args.protection.password()?;
    let text = password.as_ref().map(|password| std::str::from_utf8(password.expose())).transpose()?;
    let made = new.make(text, now, &Provider::default())?;
    let mut written =
        Written { args, stem: &stem, made: &made, end: args.expires.end(now), files: Vec::new() };
    written.write(&names)?;
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", written.json())?,
        false => written.text(&mut out)?,
    }
    Ok(GOOD)
}

impl NewArgs {
    fn protocol(&self) -> Protocol {
        if self.openpgp { Protocol::Openpgp } else { Protocol::Smime }
    }

    fn new_key(&self, now: UnixTime) -> Result<NewKey, mailseal::Error> {
        let mut new = NewKey::new(self.protocol(), &self.addresses)?.expires(self.expires.end(now));
        if let Some(name) = &self.name {
            new = new.name(name);
        }
        if let Some(algorithm) = self.algorithm {
            new = new.algorithm(algorithm);
        }
        if self.v6 {
            new = new.version_6();
        }
        Ok(if self.self_signed { new.self_signed() } else { new })
    }

    /// What all names begin with.
    fn stem(&self) -> Result<PathBuf, Box<dyn Error>> {
        let plain = |letter: char| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | '+' | '@' => letter,
            _ => '_',
        };
        let first = self.addresses.first().map(ToString::to_string).unwrap_or_default();
        let usual = || PathBuf::from(first.chars().map(plain).collect::<String>());
        let stem = self.out.clone().unwrap_or_else(usual);
        if stem.file_name().is_none() || stem.to_string_lossy().ends_with(std::path::is_separator) {
            return Err(terminal::say(
                "--out is the beginning of a file name, not a folder",
                "--out はフォルダーではなく、ファイル名の始まりを指定します",
            )
            .into());
        }
        Ok(stem)
    }

    /// The key, what is given away, and what is kept safe.
    fn names(&self) -> Vec<&'static str> {
        match (self.openpgp, self.self_signed) {
            (true, _) => vec![".secret.asc", ".asc", ".revocation.asc"],
            (false, true) => vec![".p12", ".pem"],
            (false, false) => vec![".key.pem", ".csr.pem"],
        }
    }
}

/// What was made, on its way into files.
struct Written<'a> {
    args: &'a NewArgs,
    stem: &'a Path,
    made: &'a MadeKey,
    end: Option<UnixTime>,
    /// What each is, and where.
    files: Vec<(&'static str, PathBuf)>,
}

impl Written<'_> {
    fn write(&mut self, names: &[&str]) -> Result<(), Box<dyn Error>> {
        let made = self.made;
        let certificate = made.certificate.as_ref().map(mailseal::Certificate::to_text).transpose()?;
        let all = [
            ("key", Some(made.key.expose().to_vec())),
            ("certificate", certificate),
            ("request", made.request.clone()),
            ("revocation", made.revocation.clone()),
        ];
        let there = all.into_iter().filter_map(|(what, content)| Some((what, content?)));
        let mut files = Vec::new();
        for ((what, content), name) in there.zip(names) {
            let path = with(self.stem, name);
            self.files.push((what, path.clone()));
            files.push(NewFile { path, content });
        }
        files::write(&files, self.args.force)
    }

    fn fingerprint(&self) -> Option<String> {
        self.made.certificate.as_ref().map(mailseal::Certificate::fingerprint)
    }

    fn json(&self) -> Value {
        let files = self.files.iter().map(|(what, path)| ((*what).into(), path.display().to_string().into()));
        json!({
            "version": 1,
            "protocol": self.args.protocol(),
            "addresses": self.args.addresses,
            "fingerprint": self.fingerprint(),
            "not_after": self.made.certificate.as_ref().and(self.end),
            "files": files.collect::<serde_json::Map<String, Value>>(),
        })
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        for (what, path) in &self.files {
            let words = match *what {
                "key" => terminal::say("private key, for you alone", "秘密鍵（本人だけのもの）"),
                "certificate" => terminal::say("certificate, to give away", "証明書（相手に渡すもの）"),
                "request" => terminal::say(
                    "request, for your certification authority",
                    "証明書要求（認証局に送るもの）",
                ),
                _ => terminal::say(
                    "to revoke it, should the key be lost: keep it apart",
                    "失効用（鍵を失くしたときのもの。別に保管）",
                ),
            };
            writeln!(out, "{}: {words}", terminal::line(&path.display().to_string()))?;
        }
        if let Some(fingerprint) = self.fingerprint() {
            for line in terminal::groups(&fingerprint) {
                writeln!(out, "    {line}")?;
            }
        }
        let Some((_, key)) = self.files.first().filter(|_| self.made.request.is_some()) else {
            return Ok(());
        };
        let key = terminal::line(&key.display().to_string());
        match terminal::language() {
            "ja" => writeln!(out, "認証局から証明書が届いたら: mailseal key join --key {key} --cert FILE"),
            _ => writeln!(
                out,
                "when the authority's certificate comes: mailseal key join --key {key} --cert FILE"
            ),
        }
    }
}

fn with(stem: &Path, name: &str) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(name);
    path.into()
}
