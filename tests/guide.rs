//! The guide: its code is that of examples/guide, and that of Rust and the shell runs. C and C++ run in the tests of
//! bindings/c, Python in those of bindings/python. `MAILSEAL_BLESS=1` copies the code into docs/guide.md.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]

#[path = "../examples/guide/guide.rs"]
mod guide;

use std::fs;
use std::path::Path;

const LANGUAGES: [(&str, &str, &str); 5] = [
    ("Rust", "rust,ignore", "guide.rs"),
    ("C", "c", "guide.c"),
    ("C++", "cpp", "guide.cpp"),
    ("Python", "python", "guide.py"),
    ("Shell", "sh", "guide.sh"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pieces of a task, each as far to the left as it goes.
fn pieces(code: &str, task: &str) -> Vec<String> {
    let (begin, end) = (format!("[{task}]"), format!("[/{task}]"));
    let mut pieces: Vec<Vec<&str>> = Vec::new();
    let mut within = false;
    for line in code.lines() {
        match line {
            line if line.contains(&begin) => {
                within = true;
                pieces.push(Vec::new());
            }
            line if line.contains(&end) => within = false,
            line if within => pieces.last_mut().unwrap().push(line),
            _ => {}
        }
    }
    assert!(!within, "{task} does not end");
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let plain = |lines: Vec<&str>| {
        let least = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
        lines.iter().map(|line| line.get(least..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
    };
    pieces.into_iter().map(plain).collect()
}

/// The page with its code.
fn filled(page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        out += &(line.to_owned() + "\n");
        let Some(task) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        if task.starts_with('/') {
            continue;
        }
        let end = format!("<!-- /{task} -->");
        if page.lines().any(|line| line == end) {
            while lines.next_if(|line| *line != end).is_some() {}
            lines.next();
        }
        for (name, fence, file) in LANGUAGES {
            let code = fs::read_to_string(root().join("examples/guide").join(file)).unwrap();
            let pieces = pieces(&code, task);
            assert!(!pieces.is_empty(), "{file} does not show how to {task}");
            out += &format!("\n{name}:\n\n```{fence}\n{}\n```\n", pieces.join("\n\n"));
        }
        out += &format!("\n{end}\n");
    }
    out
}

#[test]
fn its_code_is_that_of_the_examples() {
    let path = root().join("docs/guide.md");
    let page = fs::read_to_string(&path).unwrap();
    let filled = filled(&page);
    if std::env::var_os("MAILSEAL_BLESS").is_some() {
        return fs::write(path, filled).unwrap();
    }
    assert!(page == filled, "docs/guide.md differs from examples/guide: run this with MAILSEAL_BLESS=1");
}

/// The table says of each thing its name in every language: C, Python, co-process, milter, cases.
#[test]
fn what_the_table_names_is_there() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (header, milter) = (read("include/mailseal.h"), read("milter/src/conf.c"));
    let python = read("bindings/python/python/mailseal/_mailseal.pyi")
        + &read("bindings/python/python/mailseal/_headers.py");
    let (serve, cases) = (read("docs/serve.md"), read("tests/cases/cases.json"));
    let page = read("docs/guide.md");
    let rows =
        page.lines().skip_while(|line| *line != "## What is where").filter(|line| line.starts_with("| "));
    let mut seen = 0;
    for row in rows.skip(1) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        assert_eq!(cells.len(), 7, "{row}");
        let words = |cell: usize| cells[cell].split('`').skip(1).step_by(2);
        seen += 1;
        for name in words(1) {
            assert!(header.contains(&format!("{name}(")), "C: {name}");
        }
        for name in words(2) {
            let function = format!("def {}(", name.rsplit('.').next().unwrap());
            let of = name.split_once('.').map_or(python.as_str(), |(class, _)| {
                let begin =
                    python.find(&format!("class {class}:")).unwrap_or_else(|| panic!("Python: {name}"));
                let rest = &python[begin + 1..];
                &rest[..rest.find("\nclass ").unwrap_or(rest.len())]
            });
            assert!(of.contains(&function), "Python: {name}");
        }
        for word in words(4).filter(|word| !word.starts_with("--")) {
            assert!(serve.contains(&format!("`{word}`")), "co-process: {word}");
        }
        for word in words(5) {
            let (line, of_key) = (format!("\"{word}\""), format!("{word} "));
            assert!(milter.contains(&line) || milter.contains(&of_key), "milter: {word}");
        }
        for name in words(6) {
            assert!(cases.contains(&format!("\"name\": \"{name}\"")), "case: {name}");
        }
    }
    assert!(seen > 20, "{seen} rows");
}

/// The letters and a draft.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let letters = root().join("examples/letters");
    let copied =
        std::process::Command::new("cp").arg("-R").arg(letters.join(".")).arg(folder.path()).status();
    assert!(copied.unwrap().success());
    fs::copy(root().join("tests/cases/drafts/to-dave.eml"), folder.path().join("draft.eml")).unwrap();
    folder
}

const IN_FOLDER: &str = "MAILSEAL_GUIDE_IN_FOLDER";
const WRITTEN: [&str; 3] = ["signed.eml", "invoice.eml", "letter.eml"];

/// Alone in its process: it changes the folder that files are named from.
#[test]
fn rust_runs() {
    let run = "rust_runs_in_a_folder";
    let folder = folder();
    let ran = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", run, "--nocapture"])
        .env(IN_FOLDER, "1")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    for name in WRITTEN.into_iter().chain(["encrypted-0.eml", "stamped.eml"]) {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

/// `rust_runs` starts it.
#[test]
fn rust_runs_in_a_folder() {
    if std::env::var_os(IN_FOLDER).is_none() {
        return;
    }
    for (name, task) in [
        ("sign", guide::sign as fn() -> _),
        ("verify", guide::verify),
        ("act", guide::act),
        ("encrypt", guide::encrypt),
        ("decrypt", guide::decrypt),
        ("trust", guide::trust),
        ("fetch", guide::fetch),
        ("gateway", guide::gateway),
    ] {
        task().unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[cfg(all(unix, feature = "cli"))]
#[test]
fn the_shell_runs() {
    let folder = folder();
    let program = Path::new(env!("CARGO_BIN_EXE_mailseal"));
    let path = std::env::var("PATH").unwrap_or_default();
    let ran = std::process::Command::new("sh")
        .arg("-ex")
        .arg(root().join("examples/guide/guide.sh"))
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
        .env("MAILSEAL_TRUST", folder.path().join("trust"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let (page, errors) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{page}\n{errors}");
    for name in WRITTEN {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    assert!(page.contains("revoked") && page.contains("book it"), "{page}");
}
