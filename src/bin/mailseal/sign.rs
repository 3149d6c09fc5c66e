//! `mailseal sign`

use std::error::Error;
use std::io::{self, Write};
use std::time::SystemTime;

use mailseal::outside::MemoryFile;
use mailseal::protocol::Purpose;
use mailseal::{Composer, Context, Key, TrustStore, UnixTime};
use serde_json::{Value, json};

use crate::args::SignArgs;
use crate::keys::{self, Passwords};
use crate::{GOOD, look, reply};

pub(crate) fn run(args: &SignArgs) -> Result<u8, Box<dyn Error>> {
    let now = args.at.unwrap_or_else(|| SystemTime::now().into());
    let dkim = args.dkim.signer()?;
    let no_key = args.key.is_none() && args.uses.token.is_empty() && args.reply_to.is_none();
    if let (Some(dkim), true) = (&dkim, no_key) {
        let letter = look::input(args.message.as_deref());
        match &args.out {
            Some(path) => dkim.save(letter, now, path)?,
            None => dkim.sign(letter, now, &mut io::stdout().lock())?,
        }
        return told(args, &[], now);
    }
    let passwords = Passwords::new(&args.passwords)?;
    let certificates = args.cert.as_slice();
    let loaded = keys::load(args.key.as_slice(), &args.uses, certificates, &passwords, Purpose::Sign)?;
    let mut cx = Context::new(TrustStore::new()).policy(&args.policy.policy()?);
    if let Some(memory) = &args.memory {
        cx = cx.memory(MemoryFile::open(memory)?);
    }
    let answered = args.reply_to.as_ref().map(|path| {
        let names: Vec<_> = args.reply_key.iter().chain(&args.key).cloned().collect();
        reply::answered(path, &names, &args.uses, certificates, &passwords, &cx, now)
    });
    let answered = answered.transpose()?;
    let composer =
        loaded.keys.iter().fold(Composer::new(&cx).opaque(args.opaque), |composer, key| composer.sign(key));
    let composer = args.consent.of(args.signing.of(composer));
    let composer = args.recipient.iter().fold(composer, Composer::recipient);
    let composer = answered.iter().fold(composer, Composer::reply_to);
    let draft = look::input(args.message.as_deref());
    match (&dkim, &args.out) {
        (None, Some(path)) => composer.save(draft, now, path)?,
        (None, None) => composer.compose(draft, now, &mut io::stdout().lock())?,
        (Some(dkim), out) => {
            let mut mail = Vec::new();
            composer.compose(draft, now, &mut mail)?;
            match out {
                Some(path) => dkim.save(mail, now, path)?,
                None => dkim.sign(mail, now, &mut io::stdout().lock())?,
            }
        }
    }
    loaded.audit.finish()?;
    told(args, &loaded.keys, now)
}

/// With --json, what was written and by whom it is signed.
fn told(args: &SignArgs, keys: &[Key], now: UnixTime) -> Result<u8, Box<dyn Error>> {
    if let Some(path) = args.out.as_ref().filter(|_| args.json) {
        let keys = keys.iter().map(|key| made_by(key, now)).collect::<Vec<_>>();
        let file = path.display().to_string();
        writeln!(io::stdout(), "{}", json!({ "version": 1, "file": file, "signed_by": keys }))?;
    }
    Ok(GOOD)
}

/// Whose signature it is.
pub(crate) fn made_by(key: &Key, at: UnixTime) -> Value {
    json!({
        "protocol": key.protocol(),
        "certificate": key.certificate().fingerprint(),
        "addresses": key.addresses(at),
    })
}
