//! The matrix: cells, the tables of them, and the number that may only rise.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What a cell has come to, if it did not fail.
pub enum Seen {
    /// Both sides accepted the letter and refused the altered one.
    Accepted,
    /// The other program says that it does not know this; its words.
    NotKnown(String),
}

pub type Outcome = Result<Seen, String>;

/// All cells, from all threads.
pub struct Cells {
    words: Vec<String>,
    seen: Mutex<BTreeMap<Name, Outcome>>,
    missing: Mutex<Vec<String>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    table: &'static str,
    row: String,
    column: String,
}

impl Cells {
    pub fn new(words: Vec<String>) -> Self {
        Self { words, seen: Mutex::default(), missing: Mutex::default() }
    }

    /// Runs one cell. A panic in it is its failure.
    pub fn cell(&self, table: &'static str, row: &str, column: &str, run: impl FnOnce() -> Outcome) {
        let name = Name { table, row: row.to_owned(), column: column.to_owned() };
        let full = format!("{table}: {row}: {column}");
        if !self.words.iter().all(|word| full.contains(word.as_str())) {
            return;
        }
        let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let words = panic.downcast_ref::<String>().cloned();
            Err(words
                .or_else(|| panic.downcast_ref::<&str>().map(|word| (*word).to_owned()))
                .unwrap_or_default())
        });
        let twice = self.seen.lock().unwrap().insert(name, outcome).is_some();
        assert!(!twice, "two cells are named {full}");
    }

    /// Something that cells need is not there: said once.
    pub fn missing(&self, what: &str) {
        let mut missing = self.missing.lock().unwrap();
        if !missing.iter().any(|known| known == what) {
            println!("skipped: all cells with {what}");
            missing.push(what.to_owned());
        }
    }

    /// Prints all tables, then what failed. False if anything did, or if fewer cells ran than before.
    pub fn conclude(self) -> bool {
        let seen = self.seen.into_inner().unwrap();
        let mut tables: Vec<&str> = seen.keys().map(|name| name.table).collect();
        tables.dedup();
        for table in tables {
            print_table(table, &seen);
        }
        print_words("not known to the other side", &seen, |outcome| match outcome {
            Ok(Seen::NotKnown(words)) => words.lines().find(|line| !line.contains("WARNING")),
            _ => None,
        });
        let failed = print_words("FAILED", &seen, |outcome| outcome.as_ref().err().map(String::as_str));
        let ran = seen.values().filter(|outcome| !matches!(outcome, Ok(Seen::NotKnown(_)))).count();
        let complete = self.words.is_empty() && self.missing.into_inner().unwrap().is_empty();
        failed == 0 && enough(ran, complete)
    }
}

/// The first cell with a column decides where the column stands.
fn print_table(table: &str, seen: &BTreeMap<Name, Outcome>) {
    let of_table = || seen.iter().filter(|(name, _)| name.table == table);
    let mut columns: Vec<&str> = of_table().map(|(name, _)| name.column.as_str()).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut rows: Vec<&str> = of_table().map(|(name, _)| name.row.as_str()).collect();
    rows.dedup(); // sorted already
    let first = rows.iter().map(|row| row.len()).max().unwrap_or_default();
    println!("\n{table}");
    if let [column] = columns[..] {
        let count = of_table().filter(|(_, outcome)| matches!(outcome, Ok(Seen::Accepted))).count();
        return println!("  {column}: {count} of {}", rows.len());
    }
    for (number, column) in columns.iter().enumerate() {
        println!("  {}{} {column}", " ".repeat(first + 2), "  | ".repeat(number));
    }
    for row in rows {
        print!("  {row:first$}  ");
        for column in &columns {
            let name = of_table().find(|(name, _)| name.row == row && name.column == *column);
            print!(
                " {:<3}",
                match name.map(|(_, outcome)| outcome) {
                    None => ".",
                    Some(Ok(Seen::Accepted)) => "ok",
                    Some(Ok(Seen::NotKnown(_))) => "?",
                    Some(Err(_)) => "NO",
                }
            );
        }
        println!();
    }
}

fn print_words<'s>(
    title: &str,
    seen: &'s BTreeMap<Name, Outcome>,
    words: impl Fn(&'s Outcome) -> Option<&'s str>,
) -> usize {
    let found: Vec<_> = seen.iter().filter_map(|(name, outcome)| Some((name, words(outcome)?))).collect();
    if !found.is_empty() {
        println!("\n{title}");
    }
    for (Name { table, row, column }, words) in &found {
        println!("  {table}: {row}: {column}: {}", words.trim().replace('\n', "\n      "));
    }
    found.len()
}

fn enough(ran: usize, complete: bool) -> bool {
    let file = record();
    let before: usize = std::fs::read_to_string(&file).unwrap_or_default().trim().parse().unwrap_or_default();
    println!("\n{ran} cells ran; before: {before}");
    if !complete {
        println!("not compared: not everything was asked for or at hand");
        return true;
    }
    if ran > before {
        println!("write {ran} into {}", file.display());
        if std::env::var_os("MAILSEAL_RECORD_CELLS").is_some() {
            std::fs::write(&file, format!("{ran}\n")).unwrap();
        }
    }
    if ran < before {
        println!("fewer cells ran than before");
    }
    ran >= before
}

fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/cells.txt")
}

/// A condition of a cell, with the words of its failure.
pub fn must(holds: bool, words: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(words()) }
}
