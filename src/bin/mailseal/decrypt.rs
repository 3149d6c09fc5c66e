//! `mailseal decrypt`

use std::error::Error;

use mailseal::protocol::Purpose;
use mailseal::{Key, Opener};

use crate::args::DecryptArgs;
use crate::keys::{self, Loaded, Passwords};
use crate::look::{Decrypting, Looking};
use crate::world::World;

pub(crate) fn run(args: &DecryptArgs) -> Result<u8, Box<dyn Error>> {
    let trust = &args.look.trust;
    let policy = trust.policy()?;
    let passwords = Passwords::new(&args.passwords)?;
    let Loaded { keys, audit } =
        keys::load(&args.key, &args.uses, &trust.cert, &passwords, Purpose::Encrypt)?;
    let World { cx, memory } = World::new(trust, &policy)?;
    let opener = args.look.sending.trusted.of(Opener::new(&cx).password(passwords));
    let opener = keys.into_iter().fold(opener, |opener: Opener, key: Key| opener.key(key));
    let decrypting = Decrypting { part: args.part.as_ref(), out_any: args.out_any };
    let looking = Looking {
        args: &args.look,
        opener,
        policy,
        memory,
        decrypting: Some(decrypting),
        keeping: None,
        detached: None,
        results: None,
        sending: args.look.sending.check(trust.limits()?)?,
    };
    let status = looking.run()?;
    audit.finish()?;
    Ok(status)
}
