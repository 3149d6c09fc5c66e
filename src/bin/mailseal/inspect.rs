//! `mailseal inspect`: the parts of a letter, and the layers around them.

mod layers;
mod tree;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use mailseal::mime::PartPath;
use mailseal::outside::Reading;
use mailseal::protocol::Purpose;
use mailseal::{Context, Key, Opened, Opener, Policy, TrustStore, Verdict};
use serde_json::{Map, Value};

use crate::args::{PasswordArgs, UseArgs, part};
use crate::batch::{self, BatchArgs, Counted, Said};
use crate::keys::{self, Loaded, Passwords};
use crate::letters::{Letter, Letters, Named};
use crate::progress::Progress;
use crate::world::{TrustArgs, World};
use crate::{GOOD, terminal};
use tree::Tree;

#[derive(ClapArgs)]
pub(crate) struct InspectArgs {
    /// Private key of either kind, to open encrypted layers with: a file (PKCS#12, PEM, or an OpenPGP secret key),
    /// `pkcs11:URI` (RFC 7512), or `gpg-agent:KEYGRIP`.
    #[arg(long, value_name = "KEY")]
    key: Vec<OsString>,
    #[command(flatten)]
    passwords: PasswordArgs,
    #[command(flatten)]
    uses: UseArgs,
    /// Open this part, which is encrypted by itself, apart from all around it; parts are counted as in 2.1.
    #[arg(long, value_name = "PATH", value_parser = part)]
    part: Option<PartPath>,
    /// Verify too, and say whom you believe; the options of `verify` say whom you trust.
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    trust: TrustArgs,
    /// Say of each part and layer where its octets lie.
    #[arg(long)]
    ranges: bool,
    /// Print one line of JSON for each message.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    batch: BatchArgs,
    /// Letters, mbox files, folders (Maildir, or files that end with .eml); `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    messages: Vec<PathBuf>,
}

pub(crate) fn run(args: &InspectArgs) -> Result<u8, Box<dyn Error>> {
    let policy = args.trust.policy()?;
    let passwords = Passwords::new(&args.passwords)?;
    let Loaded { keys, audit } =
        keys::load(&args.key, &args.uses, &args.trust.cert, &passwords, Purpose::Encrypt)?;
    let cx = match args.verify {
        true => World::new(&args.trust, &policy)?.cx,
        false => {
            let cx = Context::new(TrustStore::new()).certificates(args.trust.pool()?);
            cx.limits(args.trust.limits()?).algorithms(policy.algorithms().clone())
        }
    };
    let opener = Opener::new(&cx).password(passwords);
    let opener = keys.into_iter().fold(opener, |opener: Opener, key: Key| opener.key(key));
    let inspecting = Inspecting { args, opener, policy };
    let status = inspecting.run()?;
    audit.finish()?;
    Ok(status)
}

struct Inspecting<'a> {
    args: &'a InspectArgs,
    opener: Opener,
    policy: Policy,
}

impl Inspecting<'_> {
    fn run(&self) -> Result<u8, Box<dyn Error>> {
        let args = self.args;
        match Letters::named(&args.messages) {
            Named::One(letter) => {
                let progress = Progress::start(&terminal::line(&letter.to_string()), 0, args.batch.quiet);
                let said = self.look(&letter, true)?;
                drop(progress);
                io::stdout().write_all(said.text.as_bytes())?;
                Ok(said.status)
            }
            Named::Many(letters) => {
                let look = |letter: &Letter| self.look(letter, false);
                batch::run(&args.messages, letters, &args.batch, args.json, look)
            }
        }
    }

    fn look(&self, letter: &Letter, alone: bool) -> Result<Said, Box<dyn Error>> {
        let at = self.args.trust.time();
        let (opened, reading) = match &self.args.part {
            Some(part) => (self.opener.open_part(letter.input()?, part, at)?, Reading::AsItLies),
            None => letter.open(&self.opener, at)?,
        };
        let verdict = self.args.verify.then(|| self.policy.judge(&opened.report));
        let text = match self.args.json {
            true => self.json(letter, alone, reading, &opened, verdict.as_ref())?,
            false => self.text(letter, alone, &opened, verdict.as_ref()),
        };
        let counted = verdict.map(|verdict| Counted {
            outcome: verdict.outcome,
            reasons: verdict.reasons.iter().map(|reason| reason.code.as_str()).collect(),
        });
        Ok(Said { text, note: None, status: GOOD, outcome: counted })
    }

    /// As `verify` prints it; a verdict only where it was asked for.
    fn json(
        &self,
        letter: &Letter,
        alone: bool,
        reading: Reading,
        opened: &Opened<'_>,
        verdict: Option<&Verdict>,
    ) -> Result<String, Box<dyn Error>> {
        let mut line = if alone { Map::new() } else { letter.json() };
        line.extend(letter.in_mbox(reading));
        line.insert("version".into(), 1.into());
        line.insert("verified".into(), verdict.is_some().into());
        if let Some(verdict) = verdict {
            line.insert("verdict".into(), serde_json::to_value(verdict)?);
        }
        line.insert("report".into(), serde_json::to_value(&opened.report)?);
        Ok(Value::from(line).to_string() + "\n")
    }

    fn text(&self, letter: &Letter, alone: bool, opened: &Opened<'_>, verdict: Option<&Verdict>) -> String {
        let report = &opened.report;
        let mut text = if alone { String::new() } else { terminal::line(&letter.to_string()) + "\n" };
        text.push_str(&Tree { report, verified: self.args.verify, ranges: self.args.ranges }.text());
        let last = match verdict {
            Some(verdict) => {
                let page = verdict.text(report).language(terminal::language()).colour(terminal::colour());
                page.to_string().lines().next().unwrap_or_default().to_owned()
            }
            None if report.layers.is_empty() => {
                terminal::say("neither signed nor encrypted", "署名も暗号化もありません").to_owned()
            }
            None => terminal::say(
                "nothing was verified: names are what the letter claims; --verify asks those you trust",
                "検証はしていません。名前はメールが称しているものです。検証するには --verify",
            )
            .to_owned(),
        };
        text + &last + if alone { "\n" } else { "\n\n" }
    }
}
