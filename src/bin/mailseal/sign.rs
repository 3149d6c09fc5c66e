//! `mailseal sign`

use std::error::Error;
use std::io;
use std::slice;
use std::time::SystemTime;

use mailseal::{Composer, Context, TrustStore};

use crate::args::SignArgs;
use crate::keys::{self, Passwords};
use crate::{GOOD, look};

pub(crate) fn run(args: &SignArgs) -> Result<u8, Box<dyn Error>> {
    let passwords = Passwords::new(&args.passwords)?;
    let certificates = args.cert.as_slice();
    let keys = keys::load(slice::from_ref(&args.key), certificates, &passwords)?;
    let cx = Context::new(TrustStore::new());
    let composer =
        keys.iter().fold(Composer::new(&cx).opaque(args.opaque), |composer, key| composer.sign(key));
    let draft = look::input(args.message.as_deref());
    let now = SystemTime::now();
    match &args.out {
        Some(path) => composer.save(draft, now, path)?,
        None => composer.compose(draft, now, &mut io::stdout().lock())?,
    }
    Ok(GOOD)
}
