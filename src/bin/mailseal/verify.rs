//! `mailseal verify`

use std::error::Error;

use mailseal::Opener;

use crate::args::VerifyArgs;
use crate::keys;
use crate::look::Looking;

pub(crate) fn run(args: &VerifyArgs) -> Result<u8, Box<dyn Error>> {
    let policy = args.trust.policy();
    let opener = Opener::new(&keys::context(&args.trust, &policy)?);
    Looking { args, opener, policy, decrypting: None }.run()
}
