//! The page of demands names tests that are there.

use std::fs;
use std::path::Path;

fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_demand_names_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    ["src", "tests"].iter().for_each(|folder| sources(&root.join(folder), &mut all));
    let page = fs::read_to_string(root.join("docs/rfc9788.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| § "));
    let mut demands = 0;
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<&str> = cell.split(", ").map(|name| name.trim_matches('`')).collect();
        for name in names {
            assert!(all.contains(&format!("#[test]\nfn {name}() {{")), "{name}: {row}");
        }
        demands += 1;
    }
    println!("RFC 9788: {demands} demands, each with tests");
    assert!(demands >= 30);
}
