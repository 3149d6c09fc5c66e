//! The file: shared, killed, full, foreign.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use mailseal::Error;
use mailseal::outside::MemoryFile;
use mailseal::trust::{Correspondent, Lesson, Memory};

use crate::{ALICE, Desk, OPENSSL, at, unsigned};

/// What a trusted letter teaches, as if it came from that address.
fn lesson(from: &str) -> Lesson {
    let mut lesson = Lesson::of(&Desk::of_examples().report(OPENSSL, 0)).unwrap();
    lesson.address = from.parse().unwrap();
    lesson
}

fn stranger(from: &str, day: i64) -> Lesson {
    Lesson::of(&Desk::of_examples().report(&unsigned(from), day)).unwrap()
}

/// How a test starts itself again as a program that writes: where, and how often; 0 is until it is killed.
const CHILD: (&str, &str) = ("MAILSEAL_TEST_MEMORY", "MAILSEAL_TEST_LETTERS");

/// Not a test, but the program of the others: learns one letter after the other, and says so.
#[test]
fn child() {
    let Some(path) = std::env::var_os(CHILD.0) else { return };
    let times: u64 = std::env::var(CHILD.1).unwrap().parse().unwrap();
    let memory = MemoryFile::open(path).unwrap().capacity(1 << 20);
    let lesson = lesson(ALICE);
    for learned in 1.. {
        memory.learn(&lesson).unwrap();
        if times == 0 {
            memory.import(&batch(&lesson, learned)).unwrap();
        }
        println!("learned {learned}");
        if learned == times {
            break;
        }
    }
}

/// As many as stand on many pages of the file.
const BATCH: usize = 30;

/// An export with people of whom nobody has heard yet.
fn batch(lesson: &Lesson, number: u64) -> String {
    let people = (0..BATCH).map(|one| {
        let mut lesson = lesson.clone().vouched();
        lesson.address =
            format!("somebody.{one}.{number}@company{}.example", std::process::id()).parse().unwrap();
        Correspondent::after(None, &lesson)
    });
    let people: Vec<Correspondent> = people.collect();
    serde_json::json!({ "mailseal": "memory", "version": 1, "correspondents": people }).to_string()
}

fn write(path: &Path, times: u64) -> Child {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "file::child", "--nocapture"])
        .env(CHILD.0, path)
        .env(CHILD.1, times.to_string());
    program.stdout(Stdio::piped()).spawn().unwrap()
}

/// The number in the last whole line.
fn learned(child: &mut Child) -> u64 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let numbers = lines.filter_map(|line| line.rsplit_once("learned ")?.1.parse().ok());
    numbers.last().unwrap_or_default()
}

fn letters(memory: &MemoryFile, from: &str) -> u64 {
    memory.recall(&from.parse().unwrap()).unwrap().map_or(0, |known| known.letters)
}

#[test]
fn what_was_learned_survives_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    let (mut before, mut batches, mut all_said, mut killed_while_writing) = (0, 0, 0, 0);
    for round in 0..40_u64 {
        let mut child = write(&path, 0);
        thread::sleep(Duration::from_millis(50 + round * 11 % 150));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = learned(&mut child);
        all_said += said;
        killed_while_writing += u64::from(folder.path().join("memory-journal").exists());
        let memory = MemoryFile::open(&path).unwrap();
        let now = letters(&memory, ALICE);
        // What was said to be learned is there, and at most the letter after it.
        assert!((before + said..=before + said + 1).contains(&now), "{before} {said} {now}");
        let known = memory.list().unwrap();
        let alice: Vec<_> = known.iter().filter(|one| one.address.to_string() == ALICE).collect();
        assert!(alice.iter().all(|one| one.letters == one.certain && one.letters == one.signed_in_row));
        // All people of a batch are there, or none.
        let others = known.len() - alice.len();
        assert_eq!(others % BATCH, 0, "round {round}");
        let whole = (others / BATCH) as u64;
        assert!((batches + said..=batches + said + 1).contains(&whole), "{batches} {said} {whole}");
        (before, batches) = (now, whole);
    }
    assert!(all_said > 0 && killed_while_writing > 0);
    println!(
        "40 kills, {killed_while_writing} of them while writing, {before} letters, {all_said} of them told"
    );
}

#[test]
fn eight_programs_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    let children: Vec<Child> = (0..8).map(|_| write(&path, 25)).collect();
    for mut child in children {
        let said = learned(&mut child);
        assert!(child.wait().unwrap().success());
        assert_eq!(said, 25);
    }
    assert_eq!(letters(&MemoryFile::open(&path).unwrap(), ALICE), 200);
}

/// One file, opened once or twice, in one program.
#[test]
fn threads_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    let (one, other) = (MemoryFile::open(&path).unwrap(), MemoryFile::open(&path).unwrap());
    let lesson = lesson(ALICE);
    thread::scope(|scope| {
        for memory in [&one, &one, &other, &other] {
            let lesson = &lesson;
            scope.spawn(move || (0..10).for_each(|_| memory.learn(lesson).unwrap()));
        }
    });
    assert_eq!(letters(&one, ALICE), 40);
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    let mut child = write(&path, 0);
    let (mut seen, mut journals) = (0, 0);
    while seen < 2_000 && journals == 0 {
        seen += 1;
        thread::sleep(Duration::from_millis(1));
        for entry in fs::read_dir(folder.path()).unwrap().flatten() {
            // A journal may be gone by now.
            let Ok(metadata) = entry.metadata() else { continue };
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
            journals += u32::from(entry.file_name() != "memory");
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(journals > 0, "no journal was seen");
}

#[test]
fn strangers_push_out_strangers() {
    let folder = tempfile::tempdir().unwrap();
    let memory = MemoryFile::open(folder.path().join("memory")).unwrap().capacity(6);
    let pinned = "pinned@example.org".parse().unwrap();
    memory.pin(&pinned, &"AB".repeat(20), at(-1_000)).unwrap();
    memory.learn(&stranger("vouched@example.org", -1_000).vouched()).unwrap();
    (0..2).for_each(|_| memory.learn(&lesson("known@example.org")).unwrap());
    memory.learn(&lesson("seen@example.org")).unwrap();
    for number in 0..30 {
        memory.learn(&stranger(&format!("stranger{number}@example.org"), number)).unwrap();
    }
    let names = |memory: &MemoryFile| -> Vec<String> {
        memory.list().unwrap().iter().map(|one| one.address.local().to_owned()).collect()
    };
    assert_eq!(names(&memory), ["known", "pinned", "seen", "stranger28", "stranger29", "vouched"]);
    // Whoever the caller spoke for stays even where there is no room at all.
    let memory = memory.capacity(0);
    memory.learn(&stranger("last@example.org", 99)).unwrap();
    assert_eq!(names(&memory), ["pinned", "vouched"]);
}

#[test]
fn what_is_forgotten_is_gone_from_the_file() {
    let desk = Desk::of_examples();
    desk.learn(OPENSSL, 0);
    desk.learn(OPENSSL, 0);
    let path = desk.folder.path().join("memory");
    let holds = |text: &str| {
        let octets = fs::read(&path).unwrap();
        octets.windows(text.len()).any(|window| window == text.as_bytes())
    };
    assert!(holds("alice") && holds("Liddell"));
    assert!(desk.memory.forget(&"Alice@example.com".parse().unwrap()).unwrap(), "however it is spelled");
    assert_eq!(desk.memory.list().unwrap(), []);
    assert!(!holds("alice") && !holds("lice") && !holds("Liddell"));
}

#[test]
fn exported_and_imported() {
    let desk = Desk::of_examples();
    desk.learn(OPENSSL, 0);
    let alice = ALICE.parse().unwrap();
    desk.memory.pin(&alice, &"CD".repeat(32), at(1)).unwrap();
    desk.memory.learn(&stranger("bob@example.org", 0)).unwrap();
    let json = desk.memory.export().unwrap();
    let other = Desk::of_examples();
    (0..5).for_each(|day| other.learn(OPENSSL, day));
    assert_eq!(other.memory.import(&json).unwrap(), 1);
    assert_eq!(other.memory.import(&json).unwrap(), 0);
    let known: Correspondent = other.memory.recall(&alice).unwrap().unwrap();
    assert_eq!((known.letters, known.pins.len()), (5, 1));
    assert_eq!(other.memory.list().unwrap().len(), 2);
    for wrong in [
        "",
        "{}",
        &json.replace("\"version\": 1", "\"version\": 2"),
        &json.replace("\"memory\"", "\"address book\""),
        &json.replace("alice@example.com", "alice"),
        &json.replace(&"CD".repeat(32), "CD"),
        &json.replace("2027-", "20x7-"),
    ] {
        assert!(matches!(other.memory.import(wrong), Err(Error::Malformed { .. })), "{wrong}");
    }
}

#[test]
fn other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    fs::write(&path, "Dear diary,\n".repeat(1_000)).unwrap();
    assert!(matches!(MemoryFile::open(&path), Err(Error::Malformed { .. })));
    assert!(fs::read(&path).unwrap().starts_with(b"Dear diary"));
    assert!(matches!(MemoryFile::open(folder.path().join("none/memory")), Err(Error::Io { .. })));

    // Of a later version, or another program's: offsets 60 and 68 of the header (SQLite file format §1.3).
    for (offset, number) in [(60, 3_u32), (68, 7)] {
        let path = folder.path().join(format!("memory{offset}"));
        drop(MemoryFile::open(&path).unwrap());
        let mut octets = fs::read(&path).unwrap();
        octets[offset..offset + 4].copy_from_slice(&number.to_be_bytes());
        fs::write(&path, &octets).unwrap();
        assert!(matches!(MemoryFile::open(&path), Err(Error::Malformed { .. })), "{offset}");
        assert_eq!(fs::read(&path).unwrap(), octets);
    }
}

/// What is asked for is found by an index: ten times as many are hardly slower.
#[test]
fn looking_does_not_grow_with_all_who_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let memory = MemoryFile::open(folder.path().join("memory")).unwrap();
    let mut known = serde_json::json!({ "mailseal": "memory", "version": 1, "correspondents": [] });
    let lesson = lesson("one@example.org").vouched();
    let list: Vec<Correspondent> = (0..5_000)
        .map(|number| {
            let mut lesson = lesson.clone();
            lesson.address = format!("somebody.{number}@company{}.example", number % 700).parse().unwrap();
            lesson.name = Some(format!("Some Body {number}"));
            Correspondent::after(None, &lesson)
        })
        .collect();
    known["correspondents"] = serde_json::to_value(list).unwrap();
    assert_eq!(memory.import(&known.to_string()).unwrap(), 5_000);
    let start = std::time::Instant::now();
    let memory = std::sync::Arc::new(memory);
    let cx = mailseal::Context::new(mailseal::TrustStore::new()).memory(memory);
    for number in 0..100 {
        let from = format!("Some Body {number} <somebody.{number}@compny{number}.example>");
        let report = mailseal::Opener::new(&cx).open(unsigned(&from), at(0)).unwrap().report;
        assert!(
            report.findings.iter().any(|finding| finding.code == mailseal::report::Code::LookAlike),
            "{from}"
        );
    }
    let each = start.elapsed() / 100;
    let size = fs::metadata(folder.path().join("memory")).unwrap().len();
    println!("5,000 known, {} KiB: {each:?} for each letter", size >> 10);
    assert!(each < Duration::from_millis(100), "{each:?}");
}
