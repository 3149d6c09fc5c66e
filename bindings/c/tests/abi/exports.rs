//! What the libraries give to a linker.

use std::collections::BTreeSet;

use crate::compiled::{library, root, soname};
use crate::support::{Program, tool};

/// The functions of the header.
fn declared() -> BTreeSet<String> {
    let functions = crate::matrix::functions(&root().join("include/mailseal.h"));
    functions.into_iter().map(|function| function.name).collect()
}

#[test]
fn the_shared_library_exports_the_header_and_nothing_else() {
    let Some(nm) = tool("nm") else { return };
    let list =
        Program::new(nm).words("-D --defined-only --format=posix").arg(library().join("libmailseal.so")).ok();
    let list = String::from_utf8(list).unwrap();
    // Each has the version of the ABI; the version itself is in the list as well.
    let version = soname();
    let names = list.lines().filter_map(|line| line.split(' ').next()).filter(|name| *name != version);
    let unversioned = |name: &str| name.strip_suffix(&format!("@@{version}")).unwrap_or(name).to_owned();
    let (exported, bare): (BTreeSet<String>, Vec<&str>) =
        (names.clone().map(unversioned).collect(), names.filter(|name| !name.contains("@@")).collect());
    assert_eq!(exported, declared());
    if tool("ld.bfd").is_some() {
        assert!(bare.is_empty(), "without a version: {bare:?}");
    }
}

#[test]
fn the_shared_library_is_named_by_its_abi() {
    let Some(readelf) = tool("readelf") else { return };
    let dynamic = Program::new(readelf).words("-d").arg(library().join("libmailseal.so")).ok();
    let dynamic = String::from_utf8(dynamic).unwrap();
    assert!(dynamic.contains(&format!("[{}]", soname())), "{dynamic}");
}

/// A function that is exported and does not go through the boundary lets panics out.
#[test]
fn g3_every_export_goes_through_the_boundary() {
    let mut count = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for export in text.split("#[unsafe(no_mangle)]\npub ").skip(1) {
            let name = export.split('(').next().unwrap();
            let body = export.split_once(" {\n").unwrap().1;
            let body = body.trim_start_matches(|c: char| c.is_whitespace());
            let body =
                if body.starts_with("//") { body.split_once('\n').unwrap().1.trim_start() } else { body };
            let ways = ["status(", "run(", "answer(", "give(|| ", "freed!("];
            assert!(ways.iter().any(|way| body.starts_with(way)), "{name} begins with {body:.60}");
            count += 1;
        }
    }
    assert_eq!(count, declared().len());
}

/// So that none is forgotten where each of them panics.
#[test]
fn g3_all_exports_are_in_the_test_of_panics() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/exports.rs");
    let line = |function: crate::matrix::Function| {
        let kind = match (&*function.name, &*function.returns) {
            // It tells the status of another call.
            ("mailseal_error_status", _) => "other",
            // It is that of the library whatever happens.
            ("mailseal_version_number", _) => "constant",
            // It says no.
            ("mailseal_abi_check", _) => "refuses",
            (_, "mailseal_status") => "status",
            _ => "other",
        };
        format!("{kind}!({}{});\n", function.name, " _".repeat(function.arguments.len()))
    };
    let lines: String =
        crate::matrix::functions(&root().join("include/mailseal.h")).into_iter().map(line).collect();
    let made = format!(
        "// Made of include/mailseal.h: `MAILSEAL_BLESS=1 cargo test -p mailseal-capi exports`.\n{{\n{lines}}}\n"
    );
    if std::env::var_os("MAILSEAL_BLESS").is_some() {
        return std::fs::write(path, made).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == made,
        "{path} is out of date: MAILSEAL_BLESS=1"
    );
}
