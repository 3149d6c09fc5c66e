//! `mailseal verify`

use std::error::Error;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use mailseal::Opener;

use crate::args::VerifyArgs;
use crate::look::{Keeping, Looking};
use crate::world::World;

#[derive(ClapArgs)]
pub(crate) struct VerifyAndKeepArgs {
    #[command(flatten)]
    pub(crate) look: VerifyArgs,
    /// Write the letter, what is said of it, and all that was used to say so into one file (tar), whatever the verdict;
    /// `evidence check` judges it again.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

pub(crate) fn run(args: &VerifyAndKeepArgs) -> Result<u8, Box<dyn Error>> {
    let policy = args.look.trust.policy();
    let World { cx, memory } = World::new(&args.look.trust, &policy)?;
    let opener = Opener::new(&cx);
    let keeping = args.evidence.as_deref().map(|path| Keeping { cx, path });
    Looking { args: &args.look, opener, policy, memory, decrypting: None, keeping }.run()
}
