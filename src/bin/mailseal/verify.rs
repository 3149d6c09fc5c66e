//! `mailseal verify`

use std::error::Error;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use mailseal::Opener;

use crate::args::VerifyArgs;
use crate::look::{Detached, Looking, Results};
use crate::world::World;

#[derive(ClapArgs)]
pub(crate) struct VerifyAndKeepArgs {
    #[command(flatten)]
    pub(crate) look: VerifyArgs,
    /// Write the letter, what is said of it, and all that was used to say so into one file (tar), whatever the verdict;
    /// `evidence check` judges it again.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Check this signature, the decoded body of a signature part, over MESSAGE: the whole signed part, header and body,
    /// as it was received.
    #[arg(long, value_name = "FILE", conflicts_with = "evidence")]
    signature: Option<PathBuf>,
    /// The header of the letter that the signature was in, of which From, Sender and Date are read.
    #[arg(long, value_name = "FILE", requires = "signature")]
    header: Option<PathBuf>,
    /// Print an Authentication-Results field (RFC 8601) by this name of your system instead of the page.
    #[arg(long, value_name = "ID", conflicts_with_all = ["json", "evidence", "signature"])]
    authentication_results: Option<String>,
    /// Write the letter with that field on top there, whatever the verdict, and without those that claim to be yours.
    #[arg(long, value_name = "FILE", requires = "authentication_results")]
    stamp: Option<PathBuf>,
}

pub(crate) fn run(args: &VerifyAndKeepArgs) -> Result<u8, Box<dyn Error>> {
    let policy = args.look.trust.policy()?;
    let World { cx, memory } = World::new(&args.look.trust, &policy)?;
    let opener = args.look.sending.trusted.of(Opener::new(&cx));
    let sending = args.look.sending.check(args.look.trust.limits()?)?;
    let detached =
        args.signature.as_deref().map(|path| Detached::read(path, args.header.as_deref())).transpose()?;
    let results =
        args.authentication_results.as_deref().map(|id| Results { id, stamp: args.stamp.as_deref() });
    Looking {
        args: &args.look,
        opener,
        policy,
        memory,
        decrypting: None,
        keeping: args.evidence.as_deref(),
        detached,
        results,
        sending,
    }
    .run()
}
