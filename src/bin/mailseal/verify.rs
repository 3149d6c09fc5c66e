//! `mailseal verify`

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use mailseal::{
    CertificatePool, Context, Error as MailError, Input, Opened, Opener, Outcome, Policy, Report, Scope,
    TrustStore, Verdict,
};
use serde::Serialize;
use serde_json::json;

use crate::args::{PolicyName, VerifyArgs};
use crate::{COULD_NOT_LOOK, GOOD, NOT_GOOD, terminal};

pub(crate) fn run(args: &VerifyArgs) -> Result<u8, Box<dyn Error>> {
    let policy = match args.policy {
        PolicyName::Standard => Policy::standard(),
        PolicyName::Strict => Policy::strict(),
    };
    let looking = Looking { args, opener: opener(args, &policy)?, policy };
    match args.messages.as_slice() {
        [] => looking.look(None, args.json),
        [one] => looking.look(Some(one), args.json),
        many if args.out.is_some() => Err(format!("--out takes one message, not {}", many.len()).into()),
        many => Ok(many.iter().map(|path| looking.one_of_many(path)).max().unwrap_or(COULD_NOT_LOOK)),
    }
}

/// What `--json` prints for one message.
#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    verdict: &'a Verdict,
    report: &'a Report,
}

/// What is given to every message.
struct Looking<'a> {
    args: &'a VerifyArgs,
    opener: Opener,
    policy: Policy,
}

impl Looking<'_> {
    fn look(&self, path: Option<&Path>, json: bool) -> Result<u8, Box<dyn Error>> {
        let opened = self.opener.open(input(path), self.args.time())?;
        let verdict = self.policy.judge(&opened.report);
        let good = self.is_good(&opened, &verdict);
        if let Some(out) = self.args.out.as_deref().filter(|_| good) {
            opened.payload().map_or(Ok(()), |payload| payload.save(out))?;
        }
        if json {
            self.json(path, &opened, &verdict)?;
        } else {
            self.text(&opened, &verdict)?;
        }
        Ok(if good { GOOD } else { NOT_GOOD })
    }

    /// One line of JSON, also where it could not be looked at.
    fn one_of_many(&self, path: &Path) -> u8 {
        self.look(Some(path), true).unwrap_or_else(|error| {
            let line =
                json!({ "version": 1, "file": path.display().to_string(), "error": error.to_string() });
            let _ = writeln!(io::stdout(), "{line}");
            COULD_NOT_LOOK
        })
    }

    fn is_good(&self, opened: &Opened<'_>, verdict: &Verdict) -> bool {
        match &self.args.from {
            Some(sender) => opened.require(&self.policy, sender).is_some(),
            None => verdict.outcome == Outcome::Good,
        }
    }

    fn json(
        &self,
        path: Option<&Path>,
        opened: &Opened<'_>,
        verdict: &Verdict,
    ) -> Result<(), Box<dyn Error>> {
        let file = path.filter(|_| self.args.messages.len() > 1).map(|path| path.display().to_string());
        let line = serde_json::to_string(&Line { version: 1, file, verdict, report: &opened.report })?;
        Ok(writeln!(io::stdout(), "{line}")?)
    }

    fn text(&self, opened: &Opened<'_>, verdict: &Verdict) -> Result<(), Box<dyn Error>> {
        let text = verdict
            .text(&opened.report)
            .language(terminal::language())
            .explain(self.args.explain)
            .colour(terminal::colour());
        // Its last line ends like the others.
        write!(io::stdout(), "{text}")?;
        match &self.args.from {
            Some(sender)
                if verdict.outcome == Outcome::Good && opened.require(&self.policy, sender).is_none() =>
            {
                Ok(writeln!(io::stdout(), "  --from    it is not from {sender}")?)
            }
            _ => Ok(()),
        }
    }
}

fn opener(args: &VerifyArgs, policy: &Policy) -> Result<Opener, Box<dyn Error>> {
    let mut trust = TrustStore::new();
    for path in &args.anchor {
        trust = trust.anchors(&read(path)?, Scope::any()).map_err(|error| named(path, error))?;
    }
    let mut pool = CertificatePool::new();
    for path in &args.cert {
        pool = pool.with(&read(path)?).map_err(|error| named(path, error))?;
    }
    Ok(Opener::new(&Context::new(trust).certificates(pool).algorithms(policy.algorithms().clone())))
}

/// A file, or standard input.
pub(crate) fn input(path: Option<&Path>) -> Input<'static> {
    match path {
        Some(path) if path != Path::new("-") => Input::file(path),
        _ => Input::pipe(io::stdin()),
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, MailError> {
    fs::read(path).map_err(|source| MailError::Io { what: path.display().to_string(), source })
}

fn named(path: &Path, error: MailError) -> String {
    format!("{}: {error}", path.display())
}
