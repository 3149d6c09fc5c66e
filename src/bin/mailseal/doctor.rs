//! `mailseal doctor`: what was done to a message on its way.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use mailseal::doctor::{self, Comparison, Diagnosis, Outcome};
use serde::Serialize;

use crate::doctor_domain::DomainArgs;
use crate::files::{self, NewFile};
use crate::world::{TrustArgs, World};
use crate::{GOOD, NOT_GOOD, keys, look, terminal};

#[derive(ClapArgs)]
pub(crate) struct DoctorArgs {
    /// Compare: the message as it was sent.
    #[arg(long, value_name = "FILE", requires = "received", conflicts_with = "message")]
    sent: Option<PathBuf>,
    /// Compare: the message as it arrived.
    #[arg(long, value_name = "FILE", requires = "sent")]
    received: Option<PathBuf>,
    /// Write what the service does there, for a preflight (JSON).
    #[arg(long, value_name = "FILE", requires_all = ["sent", "service"])]
    profile: Option<PathBuf>,
    /// What the service is called in the profile.
    #[arg(long, value_name = "NAME", requires = "profile")]
    service: Option<String>,
    /// Replace the profile that is there.
    #[arg(long, requires = "profile")]
    force: bool,
    #[command(flatten)]
    domain: DomainArgs,
    #[command(flatten)]
    trust: TrustArgs,
    /// Print one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The letter whose signature broke; `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    message: Option<PathBuf>,
}

pub(crate) fn run(args: &DoctorArgs) -> Result<u8, Box<dyn Error>> {
    if let Some(domain) = &args.domain.domain {
        return args.domain.run(domain, args.json);
    }
    match (&args.sent, &args.received) {
        (Some(sent), Some(received)) => compare(args, sent, received),
        _ => diagnose(args),
    }
}

fn compare(args: &DoctorArgs, sent: &Path, received: &Path) -> Result<u8, Box<dyn Error>> {
    let limits = args.trust.limits()?;
    let seen: Comparison = doctor::compare(&keys::read(sent)?, &keys::read(received)?, &limits)?;
    if let (Some(path), Some(service)) = (&args.profile, &args.service) {
        let content = seen.profile(service).to_json()?.into_bytes();
        files::write(&[NewFile { path: path.clone(), content }], args.force)?;
    }
    show(args, &seen, || seen.text(terminal::language()))?;
    Ok(if seen.changes.is_empty() { GOOD } else { NOT_GOOD })
}

fn diagnose(args: &DoctorArgs) -> Result<u8, Box<dyn Error>> {
    let World { cx, .. } = World::new(&args.trust, &args.trust.policy()?)?;
    let input = look::input(args.message.as_deref());
    let seen: Diagnosis = doctor::diagnose(&cx, input, args.trust.time())?;
    show(args, &seen, || seen.text(terminal::language()))?;
    Ok(if seen.outcome == Outcome::Intact { GOOD } else { NOT_GOOD })
}

fn show(args: &DoctorArgs, seen: &impl Serialize, text: impl Fn() -> String) -> Result<(), Box<dyn Error>> {
    let said = if args.json { serde_json::to_string(seen)? + "\n" } else { text() };
    Ok(io::stdout().write_all(said.as_bytes())?)
}
