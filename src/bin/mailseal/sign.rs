//! `mailseal sign`

use std::error::Error;
use std::io;
use std::time::SystemTime;

use mailseal::protocol::Purpose;
use mailseal::{Composer, Context, TrustStore};

use crate::args::SignArgs;
use crate::keys::{self, Passwords};
use crate::{GOOD, look};

pub(crate) fn run(args: &SignArgs) -> Result<u8, Box<dyn Error>> {
    let passwords = Passwords::new(&args.passwords)?;
    let certificates = args.cert.as_slice();
    let loaded = keys::load(args.key.as_slice(), &args.uses, certificates, &passwords, Purpose::Sign)?;
    let cx = Context::new(TrustStore::new());
    let composer =
        loaded.keys.iter().fold(Composer::new(&cx).opaque(args.opaque), |composer, key| composer.sign(key));
    let composer = args.signing.of(composer);
    let draft = look::input(args.message.as_deref());
    let now = SystemTime::now();
    match &args.out {
        Some(path) => composer.save(draft, now, path)?,
        None => composer.compose(draft, now, &mut io::stdout().lock())?,
    }
    loaded.audit.finish()?;
    Ok(GOOD)
}
