//! Many letters: looked at by several threads, told of in their order, counted at the end.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::iter::Enumerate;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::Args as ClapArgs;
use serde_json::Value;

use crate::letters::{Letter, Letters};
use crate::progress::{Progress, paused};
use crate::tally::Tally;
use crate::words::said;
use crate::{COULD_NOT_LOOK, failure, terminal};

#[derive(ClapArgs)]
pub(crate) struct BatchArgs {
    /// Look at so many letters at a time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
    /// Do not show on the terminal how far it is.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What is said of one letter.
pub(crate) struct Said {
    /// For standard output; whole lines.
    pub(crate) text: String,
    /// For standard error.
    pub(crate) note: Option<String>,
    pub(crate) status: u8,
    /// `good`, and why; `None` where it was not looked at, or not judged.
    pub(crate) outcome: Option<Counted>,
}

pub(crate) struct Counted {
    pub(crate) outcome: mailseal::Outcome,
    pub(crate) reasons: Vec<&'static str>,
}

/// Results that wait for an earlier one are bounded: for each thread so many.
const AHEAD: usize = 16;

/// Each of them by `look`. The worst status comes back.
pub(crate) fn run(
    paths: &[PathBuf],
    letters: Letters<'_>,
    args: &BatchArgs,
    json: bool,
    look: impl Fn(&Letter) -> Result<Said, Box<dyn Error>> + Sync,
) -> Result<u8, Box<dyn Error>> {
    let progress = Progress::start(&done(0), Letters::octets(paths), args.quiet);
    let source = Mutex::new(letters.enumerate());
    let (ticket, tickets) = mpsc::channel();
    let (result, results) = mpsc::channel();
    let tickets = Mutex::new(tickets);
    for _ in 0..usize::from(args.jobs) * AHEAD {
        let _ = ticket.send(());
    }
    let mut tally = Tally::default();
    thread::scope(|scope| -> io::Result<()> {
        for _ in 0..args.jobs {
            let (source, tickets, look, result) = (&source, &tickets, &look, result.clone());
            scope.spawn(move || work(source, tickets, &result, |letter| one(letter, json, look)));
        }
        drop(result);
        tell(&results, ticket, &progress, &mut tally)
    })?;
    drop(progress);
    if tally.is_empty() {
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let names = names.join(", ");
        return Err(said!("{names}: there is no message in it", "{names}: メールがありません").into());
    }
    if !json {
        io::stdout().write_all(tally.text().as_bytes())?;
    }
    Ok(tally.worst())
}

/// Which letter, how many octets it has, and what was said.
type Told = (usize, u64, Said);

/// Takes one letter after the other, each with a ticket. Ends when there are no more of either.
fn work(
    source: &Mutex<Enumerate<Letters<'_>>>,
    tickets: &Mutex<Receiver<()>>,
    result: &Sender<Told>,
    look: impl Fn(&Letter) -> Said,
) {
    loop {
        let ticket = tickets.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let next = source.lock().unwrap_or_else(PoisonError::into_inner).next();
        let (Ok(()), Some((index, letter))) = (ticket, next) else { return };
        if result.send((index, letter.octets(), look(&letter))).is_err() {
            return;
        }
    }
}

/// In the order of the letters. Who reads no more ends it all.
fn tell(
    results: &Receiver<Told>,
    ticket: Sender<()>,
    progress: &Progress,
    tally: &mut Tally,
) -> io::Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0_usize;
    for (index, octets, said) in results {
        waiting.insert(index, (octets, said));
        while let Some((octets, said)) = waiting.remove(&next) {
            next = next.saturating_add(1);
            paused(|| -> io::Result<()> {
                io::stdout().write_all(said.text.as_bytes())?;
                if let Some(note) = &said.note {
                    terminal::tell(None, note);
                }
                Ok(())
            })?;
            tally.count(&said);
            progress.advance(octets, &done(next));
            let _ = ticket.send(());
        }
    }
    Ok(())
}

fn one(
    letter: &Letter,
    json: bool,
    look: &(impl Fn(&Letter) -> Result<Said, Box<dyn Error>> + Sync),
) -> Said {
    let said = match letter {
        Letter::Unreadable(_, error) => return unseen(letter, json, error),
        letter => look(letter),
    };
    said.unwrap_or_else(|error| unseen(letter, json, &*error))
}

/// It could not be looked at.
fn unseen(letter: &Letter, json: bool, error: &(dyn Error + 'static)) -> Said {
    let text = if json {
        let mut line = letter.json();
        line.insert("version".into(), 1.into());
        line.insert("error".into(), failure::json(error));
        Value::from(line).to_string()
    } else {
        let word = terminal::say("? UNSEEN    ", "? 未確認    ");
        let name = terminal::line(&letter.to_string());
        let why = terminal::line(&error.to_string());
        // Most errors name their file.
        format!("{word}{name}: {}", why.strip_prefix(&format!("{name}: ")).unwrap_or(&why))
    };
    Said { text: text + "\n", note: None, status: COULD_NOT_LOOK, outcome: None }
}

fn done(count: usize) -> String {
    match terminal::language() {
        "ja" => format!("{count} 通"),
        _ => format!("{count} messages"),
    }
}
