//! The code of docs/guide.md in C and C++ runs, on letters of others.

use std::fs;
use std::process::Command;

use crate::compiled::{Link, compile, ends, root, run, run_checked};

fn guide(source: &str, compiler: &str, standard: &str) {
    let folder = tempfile::tempdir().unwrap();
    let letters = root().join("examples/letters/.");
    let copied = Command::new("cp").arg("-R").arg(letters).arg(folder.path()).status().unwrap();
    assert!(copied.success());
    fs::copy(root().join("tests/cases/drafts/to-dave.eml"), folder.path().join("draft.eml")).unwrap();
    let source = root().join("examples/guide").join(source);
    let Some(program) = compile(&source, folder.path(), compiler, standard, Link::Shared) else { return };
    ends(run(&program).current_dir(folder.path()), None, 0);
    for name in ["signed.eml", "invoice.eml", "encrypted-0.eml", "letter.eml", "stamped.eml"] {
        fs::remove_file(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    if let Some(mut checked) = run_checked(&program) {
        ends(checked.current_dir(folder.path()), None, 0);
    }
}

#[test]
fn in_c() {
    guide("guide.c", "gcc", "c99");
}

#[test]
fn in_cpp() {
    guide("guide.cpp", "g++", "c++17");
}
