//! Ending calls early, progress, and letters that come in pieces.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::compiled::{Link, compile, ends, run};

#[test]
fn who_cancels_ends_a_call_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cancel.c");
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    let begin = Instant::now();
    ends(run(&program).arg(folder.path().join("out.eml")), None, 0);
    assert!(begin.elapsed() < Duration::from_secs(120), "{:?}", begin.elapsed());
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "the program and nothing else");
}
