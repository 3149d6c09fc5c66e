//! With a resolver of the caller, nothing here opens a socket.

use std::process::Command;

use crate::support::tool;

/// Tests above, which check letters over records in memory.
const WATCHED: [&str; 3] = [
    "rfc::rfc_8463_both_signatures_pass",
    "rfc::rfc_8617_appendix_b_is_a_chain_without_keys",
    "hostile::records_that_never_end",
];

#[test]
fn no_socket_is_opened() {
    let Some(strace) = tool("strace") else { return };
    let folder = tempfile::tempdir().unwrap();
    let calls = folder.path().join("calls");
    let watched = Command::new(strace)
        .args(["-f", "-qq", "-e", "trace=%network,openat", "-o"])
        .arg(&calls)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--test-threads", "2"])
        .args(WATCHED)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&watched.stdout);
    assert!(watched.status.success() && said.contains("3 passed"), "{said}");
    let calls = std::fs::read_to_string(calls).unwrap();
    assert!(calls.contains("openat("), "{calls}");
    // The caller of the test and its main thread speak over none either.
    for call in ["socket(", "connect(", "sendto(", "/etc/resolv.conf", "/etc/hosts"] {
        assert!(!calls.contains(call), "{call}: {calls}");
    }
}
