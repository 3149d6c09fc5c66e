//! `mailseal policy`: the file of a policy, and what would become of mail by it. The words that other commands take.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args as ClapArgs, Subcommand};
use mailseal::mime::Address;
use mailseal::outside::{MemoryFile, policy_from_file};
use mailseal::policy::Action;
use mailseal::{Composer, Context, Dispatch, Plan, Policy, TrustStore, UnixTime};
use serde_json::{Value, json};

use crate::args::{address, time};
use crate::words::{said, say};
use crate::{GOOD, NOT_GOOD, look, terminal};

/// By which rules.
#[derive(ClapArgs)]
pub(crate) struct PolicyArgs {
    /// How strict to be: `standard`, `strict`, or the file of a policy (docs/policy.md).
    #[arg(long, value_name = "POLICY", value_parser = policy_name(), default_value = "standard")]
    policy: PolicyName,
}

impl PolicyArgs {
    pub(crate) fn policy(&self) -> Result<Policy, Box<dyn Error>> {
        self.policy.policy()
    }
}

#[derive(Clone, Debug)]
pub(crate) enum PolicyName {
    Standard,
    Strict,
    File(PathBuf),
}

/// A file of such a name is `./standard`.
pub(crate) fn policy_name() -> impl TypedValueParser<Value = PolicyName> {
    OsStringValueParser::new().map(|name: OsString| {
        let preset = name.to_str().and_then(PolicyName::preset);
        preset.unwrap_or_else(|| PolicyName::File(name.into()))
    })
}

impl PolicyName {
    pub(crate) fn preset(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::Standard),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }

    pub(crate) fn policy(&self) -> Result<Policy, Box<dyn Error>> {
        Ok(match self {
            Self::Standard => Policy::standard(),
            Self::Strict => Policy::strict(),
            Self::File(path) if !path.exists() => {
                let name = path.display();
                return Err(said!(
                    "--policy {name}: not `standard`, not `strict`, and there is no such file",
                    "--policy {name}: standard でも strict でもなく、そのようなファイルもありません"
                )
                .into());
            }
            Self::File(path) => policy_from_file(path)?,
        })
    }
}

/// What somebody says to a policy that asks or holds.
#[derive(ClapArgs)]
pub(crate) struct ConsentArgs {
    /// Say yes to the first letter to this domain, where the policy asks; the file of --memory keeps it.
    #[arg(long, value_name = "DOMAIN")]
    confirm: Vec<String>,
    /// Write what the policy holds: keep it until somebody lets it go.
    #[arg(long)]
    hold: bool,
}

impl ConsentArgs {
    pub(crate) fn of(&self, composer: Composer) -> Composer {
        self.confirm.iter().fold(composer.hold(self.hold), |composer, domain| composer.confirm(domain))
    }

    pub(crate) fn plan(&self, plan: &mut Plan) {
        self.confirm.iter().for_each(|domain| plan.confirm(domain));
        plan.hold(self.hold);
    }
}

#[derive(Subcommand)]
pub(crate) enum PolicyVerb {
    /// Say whether the file of a policy is understood; otherwise what is wrong, in which line.
    #[command(after_help = "Exit status: 0 understood, 2 not.")]
    Check(CheckArgs),
    /// Say for every recipient what would become of mail, and by which line.
    #[command(after_help = "Exit status: 0 all of it would be sent, 1 not all, 2 could not look.")]
    Explain(ExplainArgs),
}

impl PolicyVerb {
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Check(args) => args.json,
            Self::Explain(args) => args.json,
        }
    }
}

#[derive(ClapArgs)]
pub(crate) struct CheckArgs {
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// The file of a policy.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    /// From whom.
    #[arg(long, value_name = "ADDRESS", value_parser = address, required_unless_present = "message")]
    from: Option<Address>,
    /// To whom; without it, those of the letter.
    #[arg(long, value_name = "ADDRESS", value_parser = address, num_args = 1.., required_unless_present = "message")]
    to: Vec<Address>,
    /// The file that remembers which domains were confirmed.
    #[arg(long, value_name = "FILE")]
    memory: Option<PathBuf>,
    /// Look at this time instead of now: RFC 3339, or @SECONDS since 1970.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixTime>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// A finished letter, for what would become of it as it is; `-` is standard input.
    #[arg(long, value_name = "MESSAGE", conflicts_with = "from")]
    message: Option<PathBuf>,
}

pub(crate) fn run(verb: &PolicyVerb) -> Result<u8, Box<dyn Error>> {
    match verb {
        PolicyVerb::Check(args) => check(args),
        PolicyVerb::Explain(args) => explain(args),
    }
}

fn check(args: &CheckArgs) -> Result<u8, Box<dyn Error>> {
    let policy = policy_from_file(&args.file)?;
    let name = policy.name();
    let line = match args.json {
        true => json!({ "version": 1, "policy": name }).to_string(),
        false => said!("understood: {name}", "読み取れました: {name}"),
    };
    writeln!(io::stdout(), "{}", if args.json { line } else { terminal::line(&line) })?;
    Ok(GOOD)
}

fn explain(args: &ExplainArgs) -> Result<u8, Box<dyn Error>> {
    let policy = args.policy.policy()?;
    let mut cx = Context::new(TrustStore::new()).policy(&policy);
    if let Some(memory) = &args.memory {
        cx = cx.memory(MemoryFile::open(memory)?);
    }
    let at = args.at.unwrap_or_else(|| SystemTime::now().into());
    let dispatch = match &args.message {
        Some(path) => {
            let to = Some(args.to.as_slice()).filter(|to| !to.is_empty());
            cx.check_sending(look::input(Some(path)), to, at)?
        }
        None => cx.decide_sending(args.from.as_ref(), &args.to)?,
    };
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", whole(&policy, &dispatch))?,
        false => out.write_all(shown(&dispatch).as_bytes())?,
    }
    Ok(if dispatch.action == Action::Pass { GOOD } else { NOT_GOOD })
}

fn whole(policy: &Policy, dispatch: &Dispatch) -> Value {
    let mut whole = json!(dispatch);
    if let Value::Object(fields) = &mut whole {
        fields.insert("version".into(), 1.into());
        fields.insert("policy".into(), policy.name().into());
    }
    whole
}

fn shown(dispatch: &Dispatch) -> String {
    let text = dispatch.text(terminal::language());
    let nothing = text.lines().count() == dispatch.recipients.len();
    let rest = if nothing && !dispatch.recipients.is_empty() {
        say("no rule is about this mail\n", "このメールについての規則はありません\n")
    } else {
        ""
    };
    text + rest
}
