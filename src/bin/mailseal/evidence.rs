//! `mailseal evidence check`

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use mailseal::outside::{Checked, EvidenceArchive, TrustFolder, WhoseTrust};
use mailseal::policy::in_language;
use mailseal::{Outcome, Policy, TrustStore};
use serde_json::json;

use crate::policy::{PolicyName, policy_name};
use crate::words::{said, say};
use crate::world::WhomArgs;
use crate::{GOOD, NOT_GOOD, terminal};

#[derive(Subcommand)]
pub(crate) enum EvidenceVerb {
    /// Judge the letter in an archive again, as of then and from what is in it, and compare.
    ///
    /// The archive is not signed: when the letter came, and whom to trust, is its word. Bring anchors of your own.
    #[command(
        after_help = "Exit status: 0 the same as then, and good; 1 the same but not good, not the same, or \
                            changed; 2 could not look."
    )]
    Check(CheckArgs),
}

#[derive(ClapArgs)]
pub(crate) struct CheckArgs {
    /// Trust whom this folder names, and not whom the archive says; so with everybody who is named here.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    #[command(flatten)]
    whom: WhomArgs,
    /// How strict to be, instead of as strict as then.
    #[arg(long, value_name = "POLICY", value_parser = policy_name())]
    policy: Option<PolicyName>,
    /// Open each step of the reasons.
    #[arg(long)]
    explain: bool,
    /// Print one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// What `verify --evidence` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn check(args: &CheckArgs) -> Result<u8, Box<dyn Error>> {
    let archive = EvidenceArchive::open(&args.file)?;
    let policy = args.policy(&archive)?;
    let checked = match args.trust()? {
        Some(trust) => archive.check_with(&policy, trust)?,
        None => archive.check(&policy)?,
    };
    if args.json {
        print_json(&archive, &checked)?;
    } else {
        args.print(&archive, &checked)?;
    }
    let good = checked.verdict.as_ref().is_some_and(|verdict| verdict.outcome == Outcome::Good);
    Ok(if checked.is_same() && good { GOOD } else { NOT_GOOD })
}

impl CheckArgs {
    fn trust(&self) -> Result<Option<TrustStore>, Box<dyn Error>> {
        let trust = match &self.trust {
            None if self.whom.is_empty() => return Ok(None),
            None => TrustStore::new(),
            Some(folder) => TrustFolder::open(folder)?.store()?,
        };
        Ok(Some(self.whom.with(trust)?))
    }

    /// The one that was asked for, or the present one of the name that it had then.
    fn policy(&self, archive: &EvidenceArchive) -> Result<Policy, Box<dyn Error>> {
        let name = archive.policy();
        // Who had rules in a file brings the file.
        let named = name.split('-').next().filter(|_| !name.contains('+'));
        let policy = self.policy.clone().or_else(|| named.and_then(PolicyName::preset));
        let policy = policy.ok_or_else(|| {
            said!(
                "{name} is not known here; say --policy",
                "{name} というポリシーはありません。--policy で指定してください"
            )
        })?;
        policy.policy()
    }

    fn print(&self, archive: &EvidenceArchive, checked: &Checked) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if let (Some(report), Some(verdict)) = (&checked.report, &checked.verdict) {
            let text = verdict.text(report).language(terminal::language()).explain(self.explain);
            write!(out, "{}", text.colour(terminal::colour()))?;
        }
        let (outcome, at, policy) = (archive.outcome(), archive.at(), archive.policy());
        let then = said!("archive   {outcome} at {at}, by {policy}", "当時      {outcome}（{at}、{policy}）");
        writeln!(out, "  {}", terminal::line(&then))?;
        let whose = match checked.whose {
            WhoseTrust::Archive => say(
                "trust     the archive's own; bring yours with --anchor",
                "信頼      書庫のもの。自分のものは --anchor で指定",
            ),
            WhoseTrust::Yours => say("trust     yours", "信頼      あなたのもの"),
        };
        writeln!(out, "  {whose}")?;
        if let Some((asked, count)) = archive.asked() {
            let dns = said!(
                "dns       {count} answers of {asked}, by its word",
                "DNS       {asked} の回答 {count} 件（書庫による）"
            );
            writeln!(out, "  {}", terminal::line(&dns))?;
        }
        for difference in &checked.differences {
            let label = say("differs  ", "相違     ");
            writeln!(
                out,
                "  {label} {}",
                terminal::line(&in_language(&difference.to_string(), terminal::language()))
            )?;
        }
        let same = say("same      as then, for the same reasons", "同一      当時と同じ判定、同じ理由");
        if checked.is_same() { writeln!(out, "  {same}") } else { Ok(()) }
    }
}

fn print_json(archive: &EvidenceArchive, checked: &Checked) -> io::Result<()> {
    let mut then = json!({ "at": archive.at(), "outcome": archive.outcome(), "policy": archive.policy() });
    if let (Some((asked, _)), Some(then)) = (archive.asked(), then.as_object_mut()) {
        then.insert("asked".to_owned(), json!(asked));
    }
    let line = json!({
        "version": 1,
        "same": checked.is_same(),
        "trust": match checked.whose {
            WhoseTrust::Archive => "archive",
            WhoseTrust::Yours => "yours",
        },
        "differences": checked.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "then": then,
        "verdict": checked.verdict,
        "report": checked.report,
    });
    writeln!(io::stdout(), "{line}")
}
