//! `mailseal trust`: whom one trusts, in a folder.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args as ClapArgs, Subcommand};
use mailseal::mime::Address;
use mailseal::outside::TrustFolder;
use mailseal::{Certificate, Error as MailError, Scope, UnixTime};
use serde_json::{Value, json};

use crate::args::address;
use crate::keys::{named, read};
use crate::world::FolderArgs;
use crate::{GOOD, NOT_GOOD, terminal, trust_explain, trust_list};

#[derive(Subcommand)]
pub(crate) enum TrustVerb {
    /// Trust certificates for a scope, the e-mail authorities of Mozilla, or a root of the Web of Trust.
    #[command(
        after_help = "A scope is `any`, or addresses and domains (*@partner.example), then as far as wanted \
                            until=2027-12-31, for=sign, for=encrypt, assurance=organization. There is no default.\n\n\
                            Exit status: 0 done, 2 could not; then nothing is changed."
    )]
    Add(AddArgs),
    /// List whom you trust.
    #[command(after_help = "Exit status: 0 listed, 2 could not look.")]
    List(trust_list::ListArgs),
    /// Tie an address to one certificate and no other, by the fingerprint that its owner read out to you.
    #[command(after_help = "Exit status: 0 done, 2 could not; then nothing is changed.")]
    Pin(PinArgs),
    /// Trust no longer.
    #[command(after_help = "Exit status: 0 done, 1 there was nothing to forget, 2 could not.")]
    Forget(ForgetArgs),
    /// Say, without any letter, whom you would believe to be the holder of an address, and why.
    #[command(after_help = "Exit status: 0 somebody is believed, 1 nobody is, 2 could not look.")]
    Explain(Box<trust_explain::ExplainArgs>),
}

#[derive(ClapArgs)]
#[command(group(clap::ArgGroup::new("whom").required(true).args(["file", "email_roots", "root"])))]
pub(crate) struct AddArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// For whom, for what and how long they count.
    #[arg(long, value_name = "SCOPE", required_unless_present = "root", conflicts_with = "root")]
    scope: Option<Scope>,
    /// The certificate authorities that Mozilla trusts for e-mail.
    #[arg(long)]
    email_roots: bool,
    /// An OpenPGP key that says who others are (Web of Trust), by its fingerprint in full.
    #[arg(long, value_name = "FINGERPRINT")]
    root: Option<String>,
    /// How far, of 120, which is without doubt.
    #[arg(long, value_name = "N", default_value_t = 120, conflicts_with_all = ["file", "email_roots"])]
    amount: u8,
    /// Print one line of JSON for each certificate or root.
    #[arg(long)]
    json: bool,
    /// Certificates: PEM or DER of certificate authorities, or a person's own, X.509 or OpenPGP.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct PinArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// Whose it is.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: Address,
    /// All of the fingerprint; blanks and colons may stand in it.
    #[arg(value_name = "FINGERPRINT", required = true)]
    fingerprint: Vec<String>,
}

#[derive(ClapArgs)]
pub(crate) struct ForgetArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// An address, a fingerprint, a file of the folder, or `email-roots`.
    #[arg(value_name = "WHAT")]
    what: String,
}

impl TrustVerb {
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Add(args) => args.json,
            Self::List(args) => args.json,
            Self::Pin(args) => args.json,
            Self::Forget(args) => args.json,
            Self::Explain(args) => args.json,
        }
    }
}

pub(crate) fn run(verb: &TrustVerb) -> Result<u8, Box<dyn Error>> {
    match verb {
        TrustVerb::Add(args) => add(args),
        TrustVerb::List(args) => trust_list::run(args),
        TrustVerb::Pin(args) => pin(args),
        TrustVerb::Forget(args) => forget(args),
        TrustVerb::Explain(args) => trust_explain::run(args),
    }
}

fn add(args: &AddArgs) -> Result<u8, Box<dyn Error>> {
    let path = args.folder.path()?;
    if let Some(fingerprint) = &args.root {
        TrustFolder::change(path, |trust| add_root(trust, fingerprint, args.amount))?;
        if args.json {
            let (fingerprint, amount) = (plain(fingerprint), args.amount);
            return printed([json!({ "kind": "root", "fingerprint": fingerprint, "amount": amount })]);
        }
        let what = terminal::say("root of the Web of Trust", "信頼の輪の起点");
        return said(&[format!("{what}, {}/120:\n    {}", args.amount, grouped(fingerprint))]);
    }
    let scope = args
        .scope
        .as_ref()
        .ok_or(terminal::say("say for whom, with --scope", "範囲を --scope で指定してください"))?;
    let Some(file) = &args.file else {
        TrustFolder::change(path, |trust| trust.add_email_roots(scope))?;
        if args.json {
            return printed([json!({ "kind": "email_roots", "scope": scope.to_string() })]);
        }
        let what = terminal::say("the e-mail authorities of Mozilla", "Mozilla のメール用認証局");
        return said(&[format!("{what}: {scope}")]);
    };
    let octets = read(file)?;
    TrustFolder::change(path, |trust| trust.add_anchors(&octets, scope))
        .map_err(|error| named(file, error))?;
    let at = UnixTime::from(SystemTime::now());
    if args.json {
        let scope = scope.to_string();
        return printed(Certificate::load(&octets)?.iter().map(|one| {
            let (name, fingerprint) = (one.name(at), one.fingerprint());
            json!({ "kind": "anchor", "name": name, "fingerprint": fingerprint, "scope": scope })
        }));
    }
    let about = |one: Certificate| {
        let name = one.name(at).unwrap_or_default();
        format!("{}: {scope}\n    {}", terminal::line(&name), terminal::groups(&one.fingerprint()).join(" "))
    };
    said(&Certificate::load(&octets)?.into_iter().map(about).collect::<Vec<_>>())
}

#[cfg(feature = "web-of-trust")]
fn add_root(trust: &mut TrustFolder, fingerprint: &str, amount: u8) -> Result<(), MailError> {
    trust.add_root(fingerprint, amount)
}

#[cfg(not(feature = "web-of-trust"))]
fn add_root(_: &mut TrustFolder, _: &str, _: u8) -> Result<(), MailError> {
    Err(MailError::Misuse(crate::words::unbuilt("web-of-trust").to_string()))
}

fn pin(args: &PinArgs) -> Result<u8, Box<dyn Error>> {
    let fingerprint = args.fingerprint.concat();
    TrustFolder::change(args.folder.path()?, |trust| trust.pin(&args.address, &fingerprint))?;
    if args.json {
        let (address, fingerprint) = (args.address.to_string(), plain(&fingerprint));
        return printed([json!({ "kind": "pin", "address": address, "fingerprint": fingerprint })]);
    }
    let plain = grouped(&fingerprint);
    let who = terminal::line(&args.address.to_string());
    said(&[match terminal::language() {
        "ja" => format!("{who} の証明書はこれだけです:\n    {plain}"),
        _ => format!("{who} has this certificate, and no other:\n    {plain}"),
    }])
}

fn forget(args: &ForgetArgs) -> Result<u8, Box<dyn Error>> {
    let path = args.folder.path()?;
    // Pins are kept with the domain in one form.
    let what = args.what.parse().map_or_else(|_| args.what.clone(), |one: Address| one.to_string());
    // Where nothing is trusted, no folder is made.
    let none = TrustFolder::open(&path)?.forget(&what) == 0;
    let forgotten = match none {
        true => 0,
        false => TrustFolder::change(&path, |trust| Ok(trust.forget(&what)))?,
    };
    if args.json {
        printed([json!({ "forgotten": forgotten })])?;
    }
    if forgotten == 0 {
        terminal::tell(None, terminal::say("there was nothing to forget", "取り消すものがありません"));
        return Ok(NOT_GOOD);
    }
    Ok(GOOD)
}

/// As it is read aloud, however it was typed.
fn grouped(fingerprint: &str) -> String {
    terminal::groups(&plain(fingerprint)).join(" ")
}

fn plain(fingerprint: &str) -> String {
    let digits: String = fingerprint.chars().filter(char::is_ascii_hexdigit).collect();
    digits.to_ascii_uppercase()
}

/// One line for each.
fn printed(values: impl IntoIterator<Item = Value>) -> Result<u8, Box<dyn Error>> {
    for mut value in values {
        if let Value::Object(fields) = &mut value {
            fields.insert("version".into(), 1.into());
        }
        writeln!(io::stdout(), "{value}")?;
    }
    Ok(GOOD)
}

fn said(lines: &[String]) -> Result<u8, Box<dyn Error>> {
    for line in lines {
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(GOOD)
}
