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
use crate::{GOOD, look};

pub(crate) fn run(args: &SignArgs) -> Result<u8, Box<dyn Error>> {
    let passwords = Passwords::new(&args.passwords)?;
    let certificates = args.cert.as_slice();
    let loaded = keys::load(args.key.as_slice(), &args.uses, certificates, &passwords, Purpose::Sign)?;
    let mut cx = Context::new(TrustStore::new()).policy(&args.policy.policy()?);
    if let Some(memory) = &args.memory {
        cx = cx.memory(MemoryFile::open(memory)?);
    }
    let composer =
        loaded.keys.iter().fold(Composer::new(&cx).opaque(args.opaque), |composer, key| composer.sign(key));
    let composer = args.consent.of(args.signing.of(composer));
    let composer = args.recipient.iter().fold(composer, Composer::recipient);
    let draft = look::input(args.message.as_deref());
    let now = args.at.unwrap_or_else(|| SystemTime::now().into());
    match &args.out {
        Some(path) => {
            composer.save(draft, now, path)?;
            if args.json {
                let keys = loaded.keys.iter().map(|key| made_by(key, now)).collect::<Vec<_>>();
                let file = path.display().to_string();
                writeln!(io::stdout(), "{}", json!({ "version": 1, "file": file, "signed_by": keys }))?;
            }
        }
        None => composer.compose(draft, now, &mut io::stdout().lock())?,
    }
    loaded.audit.finish()?;
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
