//! Of the command, as a process, which strace kills at the beginning of a chosen call: the call does not happen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::newsletter_killed::{Run, files, in_maildir, message_id, recipient};
use crate::scripted::{Protocol, Scripted, Tls};
use crate::story::Story;
use crate::support::pki::{NOT_AFTER, Pki};
use crate::support::tool;

const LETTERS: usize = 2;
/// What changes files, and what a server hears.
const TO_DISK: [&str; 9] =
    ["mkdir", "openat", "ftruncate", "unlink", "rename", "link", "write", "fsync", "fdatasync"];
const TO_SERVER: [&str; 5] = ["sendto", "sendmsg", "writev", "write", "fdatasync"];

#[test]
fn newsletter_each_step() {
    let Some(pki) = Pki::new() else { return };
    if tool("strace").is_none() {
        return;
    }
    let story = Story::of("newsletter_each_step");
    let end = ["all delivered", "all delivered before"];
    story.row_ends("a Maildir", into_maildir(&pki));
    story.row_ends("a mail server", into_server(&pki));
    story.ends(end);
}

/// What was seen of all moments.
#[derive(Default)]
struct Seen {
    lost: usize,
    twice: usize,
    noted: usize,
    between: bool,
    moments: BTreeMap<&'static str, usize>,
}

impl Seen {
    fn row(&self, some: bool) -> [String; 4] {
        println!("killed before: {:?}", self.moments);
        assert!(self.moments["fdatasync"] > 0, "ends are noted");
        let twice = if some && self.twice > 0 { "some".to_owned() } else { self.twice.to_string() };
        let between = if self.between { "yes" } else { "no" };
        [self.lost.to_string(), twice, self.noted.to_string(), between.to_owned()]
    }
}

/// At each moment: in a new run, until there is none left at which this call is made.
fn at_each(calls: &[&'static str], seen: &mut Seen, mut play: impl FnMut(&mut Seen, &Moment) -> bool) {
    for &call in calls {
        let number = (1..).find(|&number| !play(seen, &Moment { call, number })).unwrap();
        *seen.moments.entry(call).or_default() += number - 1;
    }
}

/// Right before the so manieth call.
struct Moment {
    call: &'static str,
    number: usize,
}

impl Moment {
    /// Whether it was killed, and did not come to its end before.
    fn kill(&self, run: &Run, place: &str) -> bool {
        let Self { call, number } = self;
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={number}"));
        let mut strace = vec!["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        // A program opens a hundred files that are only read.
        let begun = files_if_any(run, "Maildir/tmp");
        let begun = begun.iter().map(|path| path.strip_prefix(run.path("")).unwrap().to_str().unwrap());
        if *call == "openat" {
            strace.extend(begun.chain(["run.journal"]).flat_map(|path| ["-P", path]));
        }
        let output = run.command(&strace, place).output().unwrap();
        assert!(output.status.success() || output.status.code().is_none(), "{call} {number}: {output:?}");
        !output.status.success()
    }
}

/// No journal, or one that was not begun, knows of none.
fn open(run: &Run) -> BTreeSet<String> {
    if run.path("run.journal").exists() { run.open() } else { BTreeSet::new() }
}

fn into_maildir(pki: &Pki) -> [String; 4] {
    let place = "--jobs 1 --maildir Maildir";
    let (mut seen, written) = (Seen::default(), Run::new(pki, LETTERS));
    // Twice at the same call; and where the first kill left a letter that was begun, at each call of the run that goes on.
    for first in [None, Some(Moment { call: "rename", number: 2 * LETTERS })] {
        at_each(&TO_DISK, &mut seen, |seen, moment| {
            let run = written.again();
            fs::create_dir(run.path("taken")).unwrap();
            let before = first.as_ref().unwrap_or(moment).kill(&run, place);
            take(&run, seen);
            let killed = moment.kill(&run, place) || (first.is_none() && before);
            take(&run, seen);
            run.finish(place);
            let copies = in_maildir(&run);
            seen.lost += LETTERS - copies.len();
            seen.twice += copies.values().filter(|count| **count > 1).count();
            killed
        });
    }
    seen.row(false)
}

/// The reader, whenever it was killed.
fn take(run: &Run, seen: &mut Seen) {
    let open = open(run);
    for path in files_if_any(run, "Maildir/new") {
        seen.between |= open.contains(&recipient(&fs::read(&path).unwrap()));
        fs::rename(&path, run.path("taken").join(path.file_name().unwrap())).unwrap();
    }
}

fn files_if_any(run: &Run, folder: &str) -> Vec<std::path::PathBuf> {
    let folder = run.path(folder);
    if folder.exists() { files(&folder) } else { Vec::new() }
}

fn into_server(pki: &Pki) -> [String; 4] {
    let identity = pki.server("localhost", NOT_AFTER);
    let (mut seen, written) = (Seen::default(), Run::new(pki, LETTERS));
    at_each(&TO_SERVER, &mut seen, |seen, moment| {
        let run = written.again();
        let server = Scripted::start(Protocol::Smtp, Tls::First, &identity);
        let place = format!("--jobs 1 --send smtps://localhost:{} --server-ca root.pem", server.port);
        let (mut killed, mut unnoted) = (false, BTreeSet::new());
        for _ in 0..2 {
            killed |= moment.kill(&run, &place);
            unnoted.extend(open(&run));
        }
        run.finish(&place);
        let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for letter in server.letters() {
            copies.entry(recipient(&letter)).or_default().push(message_id(&letter));
        }
        seen.lost += LETTERS - copies.len();
        for (who, ids) in copies.iter().filter(|(_, ids)| ids.len() > 1) {
            assert!(ids.iter().all(|id| *id == ids[0]), "{who}");
            seen.twice += 1;
            seen.noted += usize::from(!unnoted.contains(who));
            seen.between = true;
        }
        killed
    });
    seen.row(true)
}

/// What a power cut leaves is what the disk was told to keep. A letter is on it before it moves, where it moved to before
/// the journal says that it is done, and the journal before the next letter.
#[test]
fn the_disk_keeps_a_letter_before_the_journal_says_so() {
    let Some(pki) = Pki::new() else { return };
    if tool("strace").is_none() {
        return;
    }
    let run = Run::new(&pki, LETTERS);
    let calls = "trace=rename,link,write,fsync,fdatasync";
    let strace = ["strace", "-f", "-qq", "-y", "-o", "calls", "-e", calls];
    let output = run.command(&strace, "--jobs 1 --maildir Maildir").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let calls = fs::read_to_string(run.path("calls")).unwrap();
    let steps: Vec<_> = calls.lines().filter_map(step).skip_while(|step| *step != "write letter").collect();
    let each = [
        "write letter",
        "sync letter",
        "finish letter",
        "sync tmp",
        "write begun",
        "move letter",
        "sync new",
        "write done",
        "sync journal",
    ];
    assert_eq!(steps, each.repeat(LETTERS), "{calls}");
}

fn step(line: &str) -> Option<&'static str> {
    let line = line.split_once(' ')?.1.trim_start();
    let (call, of) = line.split_once('(')?;
    let is = |text: &str| of.contains(text);
    Some(match call {
        "rename" | "link" if is("/new/") => "move letter",
        "rename" | "link" => "finish letter",
        "write" if is(".unfinished>") => "write letter",
        "write" if is(r#"\"note\":\"begun\""#) => "write begun",
        "write" if is(r#"\"note\":\"done\""#) => "write done",
        "fsync" | "fdatasync" if is(".unfinished>") => "sync letter",
        "fsync" | "fdatasync" if is("/Maildir/tmp>") => "sync tmp",
        "fsync" | "fdatasync" if is("/Maildir/new>") => "sync new",
        "fsync" | "fdatasync" if is("/run.journal>") => "sync journal",
        _ => return None,
    })
}
