//! `mailseal verify`

use std::error::Error;

use mailseal::Opener;

use crate::args::VerifyArgs;
use crate::look::Looking;
use crate::world::World;

pub(crate) fn run(args: &VerifyArgs) -> Result<u8, Box<dyn Error>> {
    let policy = args.trust.policy();
    let World { cx, memory } = World::new(&args.trust, &policy)?;
    Looking { args, opener: Opener::new(&cx), policy, memory, decrypting: None }.run()
}
