//! What the milter says to a configuration that it does not understand.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use crate::compiled::library;
use crate::daemon::{USER, checked, program};
use crate::support::Program;
use crate::support::pki::{KeyType, PASSWORD, Pki};

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
        ("trusted-results \"a b\"", ":4: trusted-results: "),
        ("trusted-hops 0", ":4: the Received lines of your own systems"),
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
    open_to_all(&folder);
    if let Some(pki) = Pki::new() {
        let key = folder.path().join("key.p12");
        std::fs::write(&key, std::fs::read(pki.leaf("alice@example.org", KeyType::P256).pkcs12).unwrap())
            .unwrap();
        std::fs::write(folder.path().join("password"), PASSWORD).unwrap();
        for from in ["alice@example.org", "bob@example.org"] {
            let (key, password) = (key.display(), folder.path().join("password"));
            let lines =
                format!("key a {key} password-file {}\nsign login a from {from} key a\n", password.display());
            std::fs::write(&path, format!("{base}{lines}")).unwrap();
            let (good, said) = checked(program, &path);
            assert!(good, "{said}");
            let useless =
                ":5: mail from bob@example.org will wait: refused: the key does not name bob@example.org";
            assert_eq!(said.contains(useless), from.starts_with("bob"), "{said}");
        }
    }
    std::fs::write(&path, base).unwrap();
    assert_eq!(checked(program, &path), (true, "the configuration is good\n".to_owned()));
    assert!(!checked(program, &folder.path().join("none")).0);
}

fn open_to_all(folder: &tempfile::TempDir) {
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn in_the_background_with_a_socket_in_a_folder() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = format!(
        "socket unix:{}\nsocket-mode 600\nuser {USER}\npid-file {}\nauthserv-id x\n",
        at("socket").display(),
        at("pid").display()
    );
    std::fs::write(at("x.conf"), text).unwrap();
    open_to_all(&folder);
    Program::new("chown").arg(USER).arg(folder.path()).run();
    let start = Program::new(program).arg("-c").arg(at("x.conf"));
    start.env("LD_LIBRARY_PATH", library()).ok();
    let until = |what: &str, there: bool| {
        let start = Instant::now();
        while at(what).exists() != there {
            assert!(start.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    until("pid", true);
    let mode = std::fs::metadata(at("socket")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::os::unix::net::UnixStream::connect(at("socket")).unwrap();
    let pid = std::fs::read_to_string(at("pid")).unwrap();
    Program::new("kill").arg("-TERM").arg(pid.trim()).ok();
    until("pid", false);
    until("socket", false);
}
