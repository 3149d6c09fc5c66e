//! The table of cases, given to its drivers in C and C++.

use std::process::Command;

use crate::compiled::{Link, SANITIZED, compile_with, root, run, run_checked};
use crate::table;

struct Driver {
    /// Its name in the table, and its suffix.
    name: &'static str,
    compiler: &'static str,
    standard: &'static str,
}

const C: Driver = Driver { name: "c", compiler: "cc", standard: "c99" };
const CPP: Driver = Driver { name: "cpp", compiler: "c++", standard: "c++17" };

impl Driver {
    fn answers(&self, words: &str, command: impl FnOnce(&std::path::Path) -> Option<Command>) {
        let folder = tempfile::tempdir().unwrap();
        let source = root().join("tests/cases").join(format!("{0}.{0}", self.name));
        let (compiler, standard) = (self.compiler, self.standard);
        let Some(program) = compile_with(words, &source, folder.path(), compiler, standard, Link::Shared)
        else {
            return;
        };
        if let Some(mut command) = command(&program) {
            table::run(self.name, &mut command, folder.path());
        }
    }
}

#[test]
fn c() {
    C.answers(SANITIZED, |program| Some(run(program)));
}

#[test]
fn cpp() {
    CPP.answers(SANITIZED, |program| Some(run(program)));
}

#[test]
fn g2_c_under_valgrind() {
    C.answers("", run_checked);
}

#[test]
fn g2_cpp_under_valgrind() {
    CPP.answers("", run_checked);
}
