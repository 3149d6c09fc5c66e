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
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
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
