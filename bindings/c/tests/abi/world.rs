//! What a mail program keeps beside its letters, by a C program.

use std::path::Path;

use crate::compiled::{Link, compile, ends, root, run, run_checked};
use crate::support::pki::{KeyType, PASSWORD, Pki};

#[test]
fn certificates_memory_archives_audit_and_parts() {
    let Some(pki) = Pki::new() else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/world.c");
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    for command in [Some(run(&program)), run_checked(&program)].into_iter().flatten() {
        let mut command = command;
        let place = tempfile::tempdir().unwrap();
        command.arg(root().join("examples/letters")).arg(&alice.pkcs12).arg(PASSWORD).arg(place.path());
        ends(&mut command, None, 0);
    }
}
