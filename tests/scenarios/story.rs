//! A story in words, held against what was seen.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// Its words, and which of its ends are still to be compared.
pub(crate) struct Story {
    name: String,
    words: Words,
    open: RefCell<BTreeSet<String>>,
}

/// What stands for the result among the names of the rows.
const RESULT: &str = "Result";

impl Story {
    /// The story of `NAME.md`.
    pub(crate) fn of(name: &str) -> Self {
        let text = fs::read_to_string(folder().join(format!("{name}.md"))).unwrap();
        let words = Words::read(&text).unwrap_or_else(|why| panic!("{name}.md: {why}"));
        let rows = words.rows.iter().map(|row| row[0].clone());
        let open = RefCell::new(rows.chain([RESULT.to_owned()]).collect());
        Self { name: name.to_owned(), words, open }
    }

    /// The first cells of its table: the cases to be played.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &str> {
        self.words.rows.iter().map(|row| row[0].as_str())
    }

    /// What was seen in the case of a row is what stands in backquotes in its other cells.
    #[track_caller]
    pub(crate) fn row_ends<S: AsRef<str>>(&self, row: &str, seen: impl IntoIterator<Item = S>) {
        let told = self.words.rows.iter().find(|one| one[0] == row);
        let told = told.unwrap_or_else(|| panic!("{}.md has no row for {row}", self.name));
        self.compare(row, &told[1..].join(" "), seen);
    }

    /// What was shown has every “…” of the story in it. Blanks and line breaks do not count: Japanese breaks anywhere.
    #[track_caller]
    pub(crate) fn says(&self, shown: &str) {
        let shown = without_blanks(shown);
        for quoted in &self.words.quotations {
            assert!(
                shown.contains(&without_blanks(quoted)),
                "{}.md tells “{quoted}”, shown was: {shown}",
                self.name
            );
        }
    }

    /// What was seen in the end is what stands in backquotes in the result.
    #[track_caller]
    pub(crate) fn ends<S: AsRef<str>>(&self, seen: impl IntoIterator<Item = S>) {
        self.compare(RESULT, &self.words.result, seen);
    }

    #[track_caller]
    fn compare<S: AsRef<str>>(&self, what: &str, told: &str, seen: impl IntoIterator<Item = S>) {
        let seen: Vec<String> = seen.into_iter().map(|one| one.as_ref().to_owned()).collect();
        assert_eq!(seen, spans(told), "seen, and told in {}.md: {what}", self.name);
        self.open.borrow_mut().remove(what);
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        let open = self.open.borrow();
        assert!(
            open.is_empty() || std::thread::panicking(),
            "{}: nobody compared what came of {open:?}",
            self.name
        );
    }
}

/// A story, taken apart.
#[derive(Debug)]
struct Words {
    quotations: Vec<String>,
    rows: Vec<Vec<String>>,
    result: String,
}

impl Words {
    /// A title, then paragraphs: Given, When, Then, perhaps a table, Result.
    fn read(text: &str) -> Result<Self, String> {
        let mut blocks: Vec<&str> = text.trim_end().split("\n\n").collect();
        let result = blocks.pop().unwrap_or_default();
        let Some(result) = result.strip_prefix("Result: ").filter(|one| !one.contains('\n')) else {
            return Err("its last line is not `Result: …`".into());
        };
        if spans(result).is_empty() {
            return Err("nothing in its result stands in backquotes".into());
        }
        if !blocks.first().is_some_and(|title| title.starts_with("# ")) {
            return Err("it has no title".into());
        }
        let begins =
            ["Given ", "When ", "Then "].map(|word| blocks.iter().position(|one| one.starts_with(word)));
        if begins.contains(&None) || !begins.is_sorted() {
            return Err("it has not Given, When, Then in this order".into());
        }
        let rows: Vec<Vec<String>> =
            blocks.iter().filter(|one| one.starts_with('|')).flat_map(|table| cells(table)).collect();
        if rows.iter().any(|row| spans(&row[1..].join(" ")).is_empty()) {
            return Err("a row has no backquotes".into());
        }
        let quotations = text.split('“').skip(1).filter_map(|rest| rest.split_once('”'));
        let quotations = quotations.map(|(quoted, _)| quoted.to_owned()).collect();
        Ok(Self { quotations, rows, result: result.to_owned() })
    }
}

/// The rows below the heads.
fn cells(table: &str) -> impl Iterator<Item = Vec<String>> {
    table
        .lines()
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
}

/// What stands in backquotes.
fn spans(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace().collect()
}

fn names(extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|found| found == extension));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_story_has_its_words_and_its_test() {
    let (stories, sources) = (names("md"), names("rs"));
    let main = fs::read_to_string(folder().join("main.rs")).unwrap();
    for name in stories.iter().filter(|name| *name != "README") {
        let text = fs::read_to_string(folder().join(format!("{name}.md"))).unwrap();
        Words::read(&text).unwrap_or_else(|why| panic!("{name}.md: {why}"));
        assert!(sources.contains(name), "{name}.md has no {name}.rs");
        assert!(main.contains(&format!("\nmod {name};")), "{name} is not in main.rs");
        let test = fs::read_to_string(folder().join(format!("{name}.rs"))).unwrap();
        let plays = test.contains("#[test]") && test.contains(&format!("Story::of(\"{name}\")"));
        assert!(plays, "{name}.rs does not play {name}.md");
    }
    for name in sources {
        let test = fs::read_to_string(folder().join(format!("{name}.rs"))).unwrap();
        let of_one = test.contains(&format!("Story::of(\"{name}\")"));
        assert_eq!(of_one, stories.contains(&name), "{name}.rs");
    }
}

const TOLD: &str = "# A\n\nGiven a.\n\nWhen b.\n\nThen it says “c\nd”.\n\n| x | y |\n|---|---|\n| one | `e` |\n\nResult: `f`, `g`.\n";

fn told() -> Story {
    let open = RefCell::new([RESULT.to_owned(), "one".to_owned()].into());
    Story { name: "told".into(), words: Words::read(TOLD).unwrap(), open }
}

#[test]
fn a_story_is_compared() {
    let story = told();
    assert_eq!(story.rows().collect::<Vec<_>>(), ["one"]);
    story.says("and cd, too");
    story.row_ends("one", ["e"]);
    story.ends(["f", "g"]);
}

#[test]
fn what_differs_from_the_words_fails() {
    let fails = |play: fn(Story)| std::panic::catch_unwind(|| play(told())).is_err();
    assert!(fails(|story| story.says("c")), "not said");
    assert!(fails(|story| story.ends(["f"])), "less");
    assert!(fails(|story| story.ends(["g", "f"])), "in another order");
    assert!(fails(|story| story.row_ends("two", ["e"])), "of no row");
    assert!(fails(|story| story.ends(["f", "g"])), "a row was not played");
    assert!(fails(|story| story.row_ends("one", ["e"])), "the end was not compared");
}

#[test]
fn a_story_without_an_end_is_none() {
    for (from, to) in [
        ("Result: `f`, `g`.", "The end."),
        ("Result: `f`, `g`.", "Result: fine."),
        ("# A\n\n", ""),
        ("When b.", "Later b."),
        ("`e`", "e"),
    ] {
        assert!(Words::read(&TOLD.replace(from, to)).is_err(), "{to}");
    }
}
