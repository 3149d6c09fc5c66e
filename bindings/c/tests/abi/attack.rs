//! Callbacks that do what they must not, by a C program under valgrind or with sanitizers.

use std::path::Path;

use crate::compiled::{Link, compile, ends, root, run, run_checked};

#[test]
fn callbacks_that_attack() {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attack.c");
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    for command in [Some(run(&program)), run_checked(&program)].into_iter().flatten() {
        let mut command = command;
        ends(command.arg(root().join("examples/letters")), None, 0);
    }
}
