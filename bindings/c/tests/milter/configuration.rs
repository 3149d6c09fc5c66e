//! What the milter says to a configuration that it does not understand.

use crate::daemon::{checked, program};

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.conf");
    let base = "socket inet:1@127.0.0.1 # loopback\nuser nobody\nauthserv-id mx.example.org\n";
    for (lines, expected) in [
        ("sing login a from b@c key d", ":4: there is no setting `sing`"),
        ("verify maybe", ":4: `maybe` is neither `no` nor `yes`"),
        ("anchors /x", ":4: written as: anchors FILE SCOPE"),
        ("anchors \"/no/such file\" any", ":4: anchors: /no/such file"),
        ("sign login a from b@c.example key d", ":4: no line above says which file the key `d` is in"),
        ("key d /no/such", ":4: /no/such"),
        ("key d /x password-file", ":4: after the file of a key"),
        ("sign network 10.0.0.0/33 from * key d", ":4: a network is"),
        ("limit parts 12k", ":4: a limit is a number"),
        ("limit nothing 1", ":4: limit: "),
        ("socket-mode 9", ":4: a mode is"),
        ("user nobody", ":4: this was said before"),
        ("log \"stderr", ":4: a quote without end"),
        ("verify no", "neither what to sign nor to verify"),
    ] {
        std::fs::write(&path, format!("{base}{lines}\n")).unwrap();
        let (good, said) = checked(program, &path);
        assert!(!good && said.contains(expected), "{lines}: {said}");
    }
    for (text, expected) in [
        ("authserv-id x\n", "it does not say where the mail server connects"),
        ("socket inet:1@127.0.0.1\n", "it does not say by which name"),
        ("socket inet:1@127.0.0.1\nauthserv-id \"a b\"\nuser nobody\n", "authserv-id"),
        ("socket inet:1@127.0.0.1\nauthserv-id x\nuser nobody-of-that-name\n", "no user"),
    ] {
        std::fs::write(&path, text).unwrap();
        let (good, said) = checked(program, &path);
        assert!(!good && said.contains(expected), "{text}: {said}");
    }
    std::fs::write(&path, base).unwrap();
    open_to_all(&folder);
    assert_eq!(checked(program, &path), (true, "the configuration is good\n".to_owned()));
    assert!(!checked(program, &folder.path().join("none")).0);
}

fn open_to_all(folder: &tempfile::TempDir) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}
