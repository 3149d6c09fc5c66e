//! `mailseal bulk`: as a page, docs/newsletters.md.

mod drafts;
mod pace;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{ArgGroup, Args as ClapArgs};
use mailseal::doctor::preflight;
use mailseal::mime::Address;
use mailseal::outside::domain::DkimSigner;
use mailseal::outside::{JournalFile, MaildirDelivery, Submission};
use mailseal::protocol::Purpose;
use mailseal::report::ServiceProfile;
use mailseal::{
    Became, Bulk, BulkTally, Composer, Context, Delivery, Error as MailError, Handled, Key, TrustStore,
    UnixTime,
};
use serde_json::json;

use crate::args::{PasswordArgs, SigningArgs, UseArgs, address, time};
use crate::keys::{self, Passwords, named};
use crate::policy::PolicyArgs;
use crate::progress::{Progress, paused};
use crate::words::{language, say};
use crate::{GOOD, NOT_GOOD, terminal};
use drafts::Source;
use pace::{Pace, Rate};

/// Within this, nothing that was begun was cleared from a Maildir by others (36 hours, and an hour for clocks).
const RECENT: u64 = 35 * 3600;

#[derive(ClapArgs)]
pub(crate) struct BulkArgs {
    /// Private key, as --key of `sign` takes it.
    #[arg(long, value_name = "KEY", required_unless_present = "token")]
    key: Option<OsString>,
    /// Certificates for a key that comes without.
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    #[command(flatten)]
    passwords: PasswordArgs,
    #[command(flatten)]
    uses: UseArgs,
    /// Put the letter inside the signature (application/pkcs7-mime) instead of beside it. S/MIME only.
    #[arg(long)]
    opaque: bool,
    #[command(flatten)]
    signing: SigningArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Sign as of this time instead of now: RFC 3339, or @SECONDS since 1970. A run that is resumed keeps its own.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixTime>,
    /// Note there what was done, and go on from there when the same is said again; one file for each run.
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    dkim: crate::dkim::DkimArgs,
    /// Letter with places {{name}}, which are filled from --recipients, one letter for each row.
    #[arg(long, value_name = "FILE", requires = "recipients", conflicts_with = "messages")]
    template: Option<PathBuf>,
    /// Table of recipients: CSV whose first row names the columns, or one JSON object a line (.jsonl).
    #[arg(long, value_name = "FILE", requires = "template")]
    recipients: Option<PathBuf>,
    /// Have failures told to this address instead of From.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    bounces: Option<Address>,
    /// Refuse where this service, as `doctor --profile` measured it, would break what is signed; say what to set there.
    #[arg(long, value_name = "PROFILE")]
    service: Vec<PathBuf>,
    /// Deliver so many letters at most: 20/s, 600/m, 10000/h.
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// Sign and deliver so many letters at a time; without it, as many as there are processors.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Print one line of JSON for each letter that is not there, and one about all.
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not show on the terminal how far it is.
    #[arg(long, short)]
    quiet: bool,
    /// Finished letters, mbox files, folders (Maildir, or files that end with .eml); `-` or nothing is standard input, one
    /// letter or an mbox. Each goes to those in its To, Cc and Bcc.
    #[arg(value_name = "MESSAGE")]
    messages: Vec<PathBuf>,
}

/// Where letters go.
#[derive(ClapArgs)]
#[group(skip)]
#[command(group(ArgGroup::new("place").required(true).args(["send", "maildir"])))]
struct PlaceArgs {
    /// Hand them to this mail server: smtps://HOST[:PORT], or smtp://HOST[:PORT] with STARTTLS. Never without TLS.
    #[arg(long, value_name = "URL")]
    send: Option<String>,
    /// Put them into this Maildir, each exactly once.
    #[arg(long, value_name = "DIR")]
    maildir: Option<PathBuf>,
    /// Log in to the mail server as this user.
    #[arg(long, value_name = "NAME", requires = "send", conflicts_with = "maildir")]
    user: Option<String>,
    /// File whose first line is the password for --user; otherwise it is asked for on the terminal.
    #[arg(long, value_name = "FILE", requires = "user")]
    login_file: Option<PathBuf>,
    /// Believe the mail server by these certificates (PEM) instead of the authorities of the web.
    #[arg(long, value_name = "FILE", requires = "send", conflicts_with = "maildir")]
    server_ca: Option<PathBuf>,
}

pub(crate) fn run(args: &BulkArgs) -> Result<u8, Box<dyn Error>> {
    let source = Source::new(args.template.as_deref(), args.recipients.as_deref(), &args.messages)?;
    let passwords = Passwords::new(&args.passwords)?;
    let loaded =
        keys::load(args.key.as_slice(), &args.uses, args.cert.as_slice(), &passwords, Purpose::Sign)?;
    let cx = Context::new(TrustStore::new()).policy(&args.policy.policy()?);
    let composer = loaded.keys.iter().fold(Composer::new(&cx).opaque(args.opaque), Composer::sign);
    let composer = args.signing.of(composer);
    let now = args.at.unwrap_or_else(|| SystemTime::now().into());
    let mut bulk = Bulk::new(&composer, "", now).jobs(jobs(args.jobs));
    if let Some(address) = &args.bounces {
        bulk = bulk.sender(address.clone());
    }
    for path in &args.service {
        if refused(path, args.json)? {
            return Ok(NOT_GOOD);
        }
    }
    let (count, drafts) = source.drafts(&cx)?;
    let dkim = args.dkim.signer()?;
    let server = args.place.server()?;
    let settings = settings(args, &loaded.keys, &source, dkim.as_ref());
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let journal = JournalFile::open(&args.journal, &settings, now)?;
    let recent = journal.last().is_some_and(|last| last.distance(now) < RECENT);
    let place: Box<dyn Delivery> = match (server, &args.place.maildir) {
        (Some(server), _) => Box::new(server),
        (None, Some(folder)) => Box::new(MaildirDelivery::open(folder, recent)?),
        (None, None) => {
            return Err(say("say --send or --maildir", "--send か --maildir を指定してください").into());
        }
    };
    let place = Pace::new(&*place, args.rate);
    let mut bulk = bulk.for_run(journal.run(), journal.at());
    if let Some(signer) = dkim {
        let at = journal.at();
        bulk = bulk.then(move |letter| {
            let mut signed = Vec::with_capacity(letter.len().saturating_add(1 << 10));
            signer.sign(&letter, at, &mut signed).map(|()| signed)
        });
    }
    let progress = Progress::start(&done(0), count, args.quiet);
    let mut seen = 0;
    let tally = bulk.run(drafts, &journal, &place, |handled| {
        seen += 1;
        progress.advance(1, &done(seen));
        paused(|| tell(handled, args.json));
    });
    drop(progress);
    loaded.audit.finish()?;
    finish(tally, &journal, args)
}

fn finish(
    tally: Result<BulkTally, MailError>,
    journal: &JournalFile,
    args: &BulkArgs,
) -> Result<u8, Box<dyn Error>> {
    let tally = tally.inspect_err(|_| go_on(args))?;
    if args.json {
        let mut line = serde_json::to_value(tally)?;
        let more = [("version", json!(1)), ("run", journal.run().into()), ("at", json!(journal.at()))];
        if let Some(fields) = line.as_object_mut() {
            fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
        }
        writeln!(io::stdout(), "{line}")?;
    } else {
        writeln!(io::stdout(), "{}", counted(&tally))?;
    }
    if tally.deferred > 0 {
        go_on(args);
    }
    Ok(if tally.is_complete() { GOOD } else { NOT_GOOD })
}

/// What became of all, without what became of none.
fn counted(tally: &BulkTally) -> String {
    let counts = [
        (tally.delivered, say("delivered", "配送済み")),
        (tally.before, say("delivered before", "前回までに配送済み")),
        (tally.refused, say("refused", "拒否")),
        (tally.deferred, say("deferred", "保留")),
        (tally.unsigned, say("not signed", "署名できず")),
    ];
    let some = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = some.map(|(count, word)| format!("{count} {word}")).collect();
    if words.is_empty() {
        say("no letters", "メールがありません").to_owned()
    } else {
        words.join(", ")
    }
}

fn go_on(args: &BulkArgs) {
    terminal::tell(
        Some(&args.journal),
        say("say the same again to go on", "同じコマンドをもう一度実行すると続きから始めます"),
    );
}

fn jobs(said: Option<u16>) -> NonZeroUsize {
    let said = said.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    said.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// What has to be the same when a run is resumed.
fn settings(
    args: &BulkArgs,
    keys: &[Key],
    source: &Source,
    dkim: Option<&DkimSigner>,
) -> Vec<(&'static str, String)> {
    let fingerprints: Vec<String> =
        keys.iter().map(|key| key.certificate().fingerprint().to_string()).collect();
    let place = match (&args.place.send, &args.place.maildir) {
        (Some(url), _) => url.clone(),
        (None, folder) => folder.as_deref().unwrap_or(Path::new("")).display().to_string(),
    };
    let mut settings = vec![("keys", fingerprints.join(" ")), ("to", place)];
    settings.extend(source.template_digest().map(|digest| ("template", digest)));
    settings.extend(dkim.map(|signer| ("dkim", signer.record())));
    settings.extend(args.bounces.as_ref().map(|address| ("bounces", address.to_string())));
    settings
}

/// Says what the service would do, and what to set.
fn refused(path: &Path, json: bool) -> Result<bool, Box<dyn Error>> {
    let text = String::from_utf8(keys::read(path)?)?;
    let service = ServiceProfile::from_json(&text).map_err(|error| named(path, error))?;
    let found = preflight(&service);
    if found.passes() {
        return Ok(false);
    }
    if json {
        writeln!(io::stdout(), "{}", serde_json::to_string(&found)?)?;
    }
    let nothing = say("nothing is signed or sent", "署名も送信も行いません");
    terminal::tell(Some(path), nothing);
    // A terminal that went away is no reason to fail.
    let _ = write!(io::stderr(), "{}", found.text(language()));
    Ok(true)
}

fn tell(handled: &Handled, json: bool) {
    let (word, spoken, why) = match &handled.became {
        Became::Refused(why) => ("refused", say("refused", "拒否されました"), why.as_str()),
        Became::Deferred(why) => ("deferred", say("not now", "今は受け付けられません"), why.as_str()),
        Became::Unsigned(why) => ("unsigned", say("not signed", "署名できません"), why.as_str()),
        _ => return,
    };
    if json {
        let line = json!({ "version": 1, "letter": handled.id, "became": word, "why": why });
        let _ = writeln!(io::stdout(), "{line}");
    } else {
        terminal::tell(None, &format!("{}: {spoken}: {why}", handled.id));
    }
}

fn done(count: u64) -> String {
    match language() {
        "ja" => format!("{count} 通"),
        _ => format!("{count} letters"),
    }
}

impl PlaceArgs {
    /// It is asked before anything is signed.
    fn server(&self) -> Result<Option<Submission>, Box<dyn Error>> {
        let Some(url) = &self.send else { return Ok(None) };
        let mut server = Submission::to(url)?;
        if let Some(path) = &self.server_ca {
            server = server.roots(&keys::read(path)?).map_err(|error| named(path, error))?;
        }
        if let Some(user) = &self.user {
            let password = match &self.login_file {
                Some(path) => Passwords::first_of(path)?,
                None => {
                    terminal::ask(user, 0).ok_or(say("there is no password", "パスワードがありません"))?
                }
            };
            server = server.login(user, password);
        }
        server.check().map_err(|error| error.to_string())?;
        Ok(Some(server))
    }
}
