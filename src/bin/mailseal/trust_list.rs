//! `mailseal trust list`

use std::error::Error;
use std::io::{self, Write};
use std::time::SystemTime;

use clap::Args as ClapArgs;
use mailseal::outside::{TrustEntry, TrustFolder};
use mailseal::{Certificate, Scope, UnixTime};
use serde_json::{Value, json};

use crate::args::time;
use crate::world::FolderArgs;
use crate::{GOOD, terminal};

#[derive(ClapArgs)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Look at this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixTime>,
    /// Print one line of JSON for each entry.
    #[arg(long)]
    pub(crate) json: bool,
}

/// One entry, with what is known of it.
struct Line {
    entry: TrustEntry,
    certificates: Vec<Held>,
    /// Nothing of it counts any more.
    expired: bool,
}

struct Held {
    name: String,
    fingerprint: String,
    from: Option<UnixTime>,
    until: Option<UnixTime>,
    expired: bool,
}

pub(crate) fn run(args: &ListArgs) -> Result<u8, Box<dyn Error>> {
    let at = args.at.unwrap_or_else(|| SystemTime::now().into());
    let path = args.folder.path()?;
    let folder = TrustFolder::open(&path)?;
    let entries = folder.entries();
    if entries.is_empty() {
        terminal::tell(Some(&path), terminal::say("you trust nobody yet", "まだ誰も信頼していません"));
    }
    let mut out = io::stdout().lock();
    for entry in entries {
        let line = Line::new(&folder, entry, at)?;
        match args.json {
            true => writeln!(out, "{}", line.json()?)?,
            false => line.text(&mut out)?,
        }
    }
    Ok(GOOD)
}

impl Line {
    fn new(folder: &TrustFolder, entry: TrustEntry, at: UnixTime) -> Result<Self, Box<dyn Error>> {
        let over = |scope: &str| scope.parse().is_ok_and(|scope: Scope| scope.is_over(at));
        let (certificates, expired) = match &entry {
            TrustEntry::Anchor { file, scope } => {
                let held: Vec<Held> =
                    folder.certificates(file)?.iter().map(|one| Held::new(one, at)).collect();
                let all = held.iter().all(|one| one.expired);
                (held, all || over(scope))
            }
            TrustEntry::EmailRoots { scope } => (Vec::new(), over(scope)),
            _ => (Vec::new(), false),
        };
        Ok(Self { entry, certificates, expired })
    }

    fn json(&self) -> Result<Value, Box<dyn Error>> {
        let mut line = serde_json::to_value(&self.entry)?;
        if let Value::Object(line) = &mut line {
            line.insert("version".into(), 1.into());
            line.insert("expired".into(), self.expired.into());
            if matches!(self.entry, TrustEntry::Anchor { .. }) {
                line.insert("certificates".into(), self.certificates.iter().map(Held::json).collect());
            }
        }
        Ok(line)
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        let ended = if self.expired { terminal::say("  (expired)", "（期限切れ）") } else { "" };
        let (what, about) = match &self.entry {
            TrustEntry::Anchor { scope, .. } => {
                (terminal::say("anchor", "認証局など"), terminal::line(scope))
            }
            TrustEntry::EmailRoots { scope } => (
                terminal::say("e-mail authorities of Mozilla", "Mozilla のメール用認証局"),
                terminal::line(scope),
            ),
            TrustEntry::Root { fingerprint, amount } => {
                let root = terminal::say("root of the Web of Trust", "信頼の輪の起点");
                (root, format!("{amount}/120\n    {}", terminal::groups(fingerprint).join(" ")))
            }
            TrustEntry::Pin { address, fingerprint } => {
                let fingerprint = terminal::groups(fingerprint).join(" ");
                (terminal::say("pin", "固定"), format!("{}\n    {fingerprint}", terminal::line(address)))
            }
            _ => return Ok(()),
        };
        writeln!(out, "{what}: {about}{ended}")?;
        self.certificates.iter().try_for_each(|one| one.text(out))
    }
}

impl Held {
    fn new(certificate: &Certificate, at: UnixTime) -> Self {
        let (from, until) = crate::cert::dates(certificate, at);
        Self {
            name: certificate.name(at).unwrap_or_default(),
            fingerprint: certificate.fingerprint(),
            from,
            until,
            expired: until.is_some_and(|until| at > until),
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "fingerprint": self.fingerprint,
            "not_before": self.from,
            "not_after": self.until,
            "expired": self.expired,
        })
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "    {}, {}", terminal::line(&self.name), crate::cert::span(self.from, self.until))?;
        let ended = if self.expired { terminal::say("  (expired)", "（期限切れ）") } else { "" };
        writeln!(out, "    {}{ended}", terminal::groups(&self.fingerprint).join(" "))
    }
}
