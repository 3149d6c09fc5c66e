//! `mailseal cert show`: what certificates, CRLs and OCSP responses say of themselves.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args as ClapArgs;
use mailseal::report::RevocationSource;
use mailseal::x509::{RevocationData, revocation::Summary};
use mailseal::{Certificate, UnixTime};
use serde_json::{Value, json};

use crate::args::time;
use crate::cert_x509;
use crate::keys::{named, read};
use crate::{GOOD, terminal};

#[derive(ClapArgs)]
pub(crate) struct ShowArgs {
    /// Look at this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixTime>,
    /// Print one line of JSON for each.
    #[arg(long)]
    pub(crate) json: bool,
    /// Certificates (PEM, DER, OpenPGP, a keyring of GnuPG), CRLs, OCSP responses.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// One thing that can be shown: a headline, its rows, and the same as JSON.
pub(crate) struct Shown {
    head: String,
    rows: Vec<(&'static str, Vec<String>)>,
    json: serde_json::Map<String, Value>,
}

impl Shown {
    pub(crate) fn new(kind: &str, head: String) -> Self {
        let json = [("version".to_owned(), 1.into()), ("kind".to_owned(), kind.into())];
        Self { head, rows: Vec::new(), json: json.into_iter().collect() }
    }

    /// Under a label in the language of the person, one line each; nothing where there are none.
    pub(crate) fn row(&mut self, english: &'static str, japanese: &'static str, lines: Vec<String>) {
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            self.rows.push((terminal::say(english, japanese), lines));
        }
    }

    /// Under a name that never changes.
    pub(crate) fn json(&mut self, name: &str, value: impl Into<Value>) {
        self.json.insert(name.to_owned(), value.into());
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", terminal::line(&self.head))?;
        for (label, lines) in &self.rows {
            writeln!(out, "  {label}")?;
            for line in lines {
                writeln!(out, "      {}", terminal::line(line))?;
            }
        }
        Ok(())
    }
}

pub(crate) fn run(args: &ShowArgs) -> Result<u8, Box<dyn Error>> {
    let at = args.at.unwrap_or_else(|| SystemTime::now().into());
    let mut all = Vec::new();
    for path in &args.files {
        all.extend(shown(path, at)?);
    }
    let mut out = io::stdout().lock();
    for (number, one) in all.iter().enumerate() {
        if args.json {
            writeln!(out, "{}", Value::from(one.json.clone()))?;
            continue;
        }
        if number > 0 {
            writeln!(out)?;
        }
        one.text(&mut out)?;
    }
    Ok(GOOD)
}

/// All certificates of a file, then all that says who is revoked.
fn shown(path: &Path, at: UnixTime) -> Result<Vec<Shown>, Box<dyn Error>> {
    let octets = read(path)?;
    let revocations = RevocationData::new().with(&octets);
    let certificates = match load(&octets) {
        Ok(certificates) => certificates,
        Err(_) if revocations.is_ok() => Vec::new(),
        Err(error) => return Err(named(path, error).into()),
    };
    let certificates = certificates.iter().map(|one| match one {
        Certificate::X509(one) => cert_x509::shown(one, at),
        #[cfg(feature = "openpgp")]
        Certificate::Openpgp(one) => crate::cert_openpgp::shown(one, at),
        other => Shown::new("certificate", other.fingerprint()),
    });
    let summaries = revocations.map(|data| data.summaries()).unwrap_or_default();
    Ok(certificates.chain(summaries.iter().map(|one| of_revocations(one, at))).collect())
}

#[cfg(feature = "openpgp")]
fn load(octets: &[u8]) -> Result<Vec<Certificate>, mailseal::Error> {
    mailseal::outside::gnupg::keyring(octets)
}

#[cfg(not(feature = "openpgp"))]
fn load(octets: &[u8]) -> Result<Vec<Certificate>, mailseal::Error> {
    Certificate::load(octets)
}

fn of_revocations(summary: &Summary, at: UnixTime) -> Shown {
    let (kind, name) = match summary.source {
        RevocationSource::Crl => ("crl", "CRL (RFC 5280)"),
        _ => ("ocsp", "OCSP response (RFC 6960)"),
    };
    let mut shown = Shown::new(kind, format!("{name} · {}", summary.by));
    let delta = terminal::say("a delta: it adds to another CRL", "差分 CRL：別の CRL に追加するもの");
    shown.row("Kind", "種類", summary.delta.then(|| delta.to_owned()).into_iter().collect());
    let late = summary.next_update.is_some_and(|next| at > next);
    let mut dates = vec![span(Some(summary.this_update), summary.next_update)];
    dates.extend(late.then(|| terminal::say("a newer one is due", "更新の期限を過ぎています").to_owned()));
    shown.row("Dates", "日付", dates);
    let (all, revoked) = (summary.certificates, summary.revoked);
    let count = match (kind, terminal::language()) {
        ("crl", "ja") => format!("失効した証明書 {revoked} 件"),
        ("crl", _) => format!("revoked certificates: {revoked}"),
        (_, "ja") => format!("証明書 {all} 件、うち失効 {revoked} 件"),
        _ => format!("certificates: {all}, of them revoked: {revoked}"),
    };
    shown.row("Says", "内容", vec![count]);
    shown.json("by", summary.by.as_str());
    shown.json("this_update", json!(summary.this_update));
    shown.json("next_update", json!(summary.next_update));
    shown.json("delta", summary.delta);
    shown.json("certificates", summary.certificates);
    shown.json("revoked", summary.revoked);
    shown
}

/// From when until when a certificate is valid, as far as it says.
pub(crate) fn dates(certificate: &Certificate, at: UnixTime) -> (Option<UnixTime>, Option<UnixTime>) {
    match certificate {
        Certificate::X509(one) => (Some(one.validity().not_before), Some(one.validity().not_after)),
        #[cfg(feature = "openpgp")]
        Certificate::Openpgp(one) => {
            let validity = one.validity(at);
            (validity.map(|one| one.created), validity.and_then(|one| one.expires))
        }
        _ => (None, None),
    }
}

/// `2024-01-01 to 2040-01-01`
pub(crate) fn span(from: Option<UnixTime>, until: Option<UnixTime>) -> String {
    let end = until.map_or_else(|| terminal::say("no end", "期限なし").to_owned(), UnixTime::date);
    let from = from.map_or_else(|| "?".to_owned(), UnixTime::date);
    match terminal::language() {
        "ja" => format!("{from} ～ {end}"),
        _ => format!("{from} to {end}"),
    }
}

/// The same, and whether that is over.
pub(crate) fn validity(from: UnixTime, until: Option<UnixTime>, at: UnixTime) -> Vec<String> {
    let state = match until {
        _ if at < from => terminal::say("not valid yet", "まだ有効ではありません"),
        Some(until) if at > until => terminal::say("expired", "期限切れ"),
        _ => "",
    };
    vec![span(Some(from), until), state.to_owned()]
}
