//! `mailseal keys`

use std::error::Error;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use mailseal::mime::Address;
use mailseal::protocol::{Fit, Purpose, keys_for};
use mailseal::report::Protocol;
use mailseal::{Certificate, Key, UnixTime};
use serde_json::{Value, json};

use crate::args::KeysArgs;
use crate::elsewhere::Named;
use crate::keys::{self, Passwords};
use crate::{GOOD, NOT_GOOD, terminal};

/// A key and where it was found.
struct Entry {
    name: String,
    /// To sign, and to open where that is another one.
    keys: Vec<Key>,
}

/// What is said of one key.
struct Line {
    name: String,
    protocol: Protocol,
    fingerprint: String,
    addresses: Vec<Address>,
    fits: [Fit; 2],
    /// It does something now that it does not when the time is over.
    expiring: bool,
    /// It is the one to take.
    chosen: bool,
}

const PURPOSES: [Purpose; 2] = [Purpose::Sign, Purpose::Encrypt];

pub(crate) fn run(args: &KeysArgs) -> Result<u8, Box<dyn Error>> {
    let at = args.at.unwrap_or_else(|| SystemTime::now().into());
    let passwords = Passwords::new(&args.passwords)?;
    let mut entries = Vec::new();
    for name in &args.keys {
        entries.push(entry(name, &passwords)?);
    }
    let lines = lines(&entries, args, at);
    let mut out = io::stdout().lock();
    for line in &lines {
        match args.json {
            true => writeln!(out, "{}", line.json())?,
            false => line.text(&mut out)?,
        }
    }
    let signs = args.address.is_none() || lines.iter().any(|line| line.fits.first() == Some(&Fit::Fits));
    Ok(if signs && !lines.iter().any(|line| line.expiring) { GOOD } else { NOT_GOOD })
}

fn entry(name: &OsStr, passwords: &Passwords) -> Result<Entry, Box<dyn Error>> {
    let text = name.to_string_lossy().into_owned();
    if let Some(Named::Token(uri)) = name.to_str().and_then(Named::read) {
        let named = Named::Token(uri);
        let mut keys = named.keys(&[], passwords, Purpose::Sign)?;
        keys.extend(named.keys(&[], passwords, Purpose::Encrypt).unwrap_or_default());
        // With a PIN in it, the name is a secret.
        let shown = text.split('?').next().unwrap_or_default().to_owned();
        return Ok(Entry { name: shown, keys });
    }
    let path = Path::new(name);
    let octets = keys::read(path)?;
    let key = match Key::load(&octets, passwords.clone()) {
        Ok(key) => key,
        // Certificates alone.
        Err(error) => {
            match Certificate::load(&octets).and_then(|certificates| Key::deferred(&certificates)) {
                Ok(key) => key,
                Err(_) => return Err(format!("{}: {error}", path.display()).into()),
            }
        }
    };
    Ok(Entry { name: text, keys: vec![key] })
}

/// In the order of the command line; for an address, in that of the rules.
fn lines(entries: &[Entry], args: &KeysArgs, at: UnixTime) -> Vec<Line> {
    let flat: Vec<(&Entry, &Key)> =
        entries.iter().filter_map(|entry| entry.keys.first().map(|key| (entry, key))).collect();
    let line = |index: usize, chosen: bool| {
        let (entry, key) = flat.get(index)?;
        Some(line(entry, key, args, at, chosen))
    };
    let Some(address) = &args.address else {
        return (0..flat.len()).filter_map(|index| line(index, false)).collect();
    };
    let keys: Vec<Key> = flat.iter().map(|(_, key)| (*key).clone()).collect();
    let choices = keys_for(&keys, address, Purpose::Sign, at);
    let numbered = choices.iter().enumerate();
    numbered.filter_map(|(place, choice)| line(choice.index, place == 0 && choice.fit == Fit::Fits)).collect()
}

fn line(entry: &Entry, key: &Key, args: &KeysArgs, at: UnixTime, chosen: bool) -> Line {
    let best = |purpose: Purpose, at: UnixTime| {
        let fits = entry.keys.iter().map(|key| key.fit(purpose, at));
        fits.min_by_key(|fit| match fit {
            Fit::Fits => 0,
            Fit::NotForThis => 2,
            _ => 1,
        })
    };
    let fits = PURPOSES.map(|purpose| best(purpose, at).unwrap_or(Fit::NotForThis));
    let expiring = args.expiring.is_some_and(|seconds| {
        let then = UnixTime::from_seconds(at.seconds().saturating_add(seconds));
        PURPOSES
            .iter()
            .zip(fits)
            .any(|(purpose, now)| now == Fit::Fits && best(*purpose, then) != Some(Fit::Fits))
    });
    Line {
        name: entry.name.clone(),
        protocol: key.protocol(),
        fingerprint: key.certificate().fingerprint(),
        addresses: key.addresses(at),
        fits,
        expiring,
        chosen,
    }
}

impl Line {
    fn json(&self) -> Value {
        let [sign, open] = self.fits.map(Fit::name);
        json!({
            "version": 1,
            "name": self.name,
            "protocol": self.protocol,
            "certificate": self.fingerprint,
            "addresses": self.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "sign": sign,
            "open": open,
            "expiring": self.expiring,
            "chosen": self.chosen,
        })
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        let japanese = terminal::language() == "ja";
        let addresses: Vec<_> = self.addresses.iter().map(ToString::to_string).collect();
        let mark = if self.chosen { "* " } else { "  " };
        writeln!(out, "{mark}{} {}", self.protocol.name(), terminal::line(&self.name))?;
        writeln!(out, "    {}", self.fingerprint)?;
        if !addresses.is_empty() {
            writeln!(out, "    {}", terminal::line(&addresses.join(", ")))?;
        }
        let [sign, open] = self.fits.map(|fit| words(fit, japanese));
        match japanese {
            false => writeln!(out, "    to sign: {sign}; to open: {open}")?,
            true => writeln!(out, "    署名: {sign}、復号: {open}")?,
        }
        match (self.expiring, japanese) {
            (false, _) => Ok(()),
            (true, false) => writeln!(out, "    it ends soon"),
            (true, true) => writeln!(out, "    まもなく期限が切れます"),
        }
    }
}

fn words(fit: Fit, japanese: bool) -> String {
    let (english, own) = match fit {
        Fit::Fits => ("yes".into(), "可".into()),
        Fit::Expired(Some(end)) => (format!("expired {}", end.date()), format!("{} に期限切れ", end.date())),
        Fit::Expired(None) => ("expired".into(), "期限切れ".into()),
        Fit::NotYet(from) => (format!("not before {}", from.date()), format!("{} から有効", from.date())),
        Fit::Revoked => ("revoked".into(), "失効".into()),
        _ => ("no".to_owned(), "不可".to_owned()),
    };
    if japanese { own } else { english }
}
