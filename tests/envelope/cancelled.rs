//! Somebody cancels: whenever it is, the call ends, and nothing comes out.

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use mailseal::{Cancel, Composer, Input, Key};

use super::*;

const BODY: usize = 3 << 20;

fn entity() -> Vec<u8> {
    let line = [[b'x'; 70].as_slice(), b"\r\n"].concat();
    [b"Content-Type: text/plain\r\n\r\n".as_slice(), &line.repeat(BODY / line.len())].concat()
}

fn opener() -> Opener {
    Opener::new(&Context::new(TrustStore::new()).limits(Limits::default().memory_bytes(1 << 20)))
}

/// Counts reports, and cancels at one of them.
fn at_report<'a>(input: Input<'a>, number: usize, seen: &'a mut usize) -> Input<'a> {
    let cancel = Cancel::new();
    input.cancel(&cancel).progress(move |_, _| {
        *seen += 1;
        if *seen == number {
            cancel.cancel();
        }
    })
}

#[test]
fn at_whatever_point_of_opening() {
    let letter = Person::new("Alice <alice@example.org>").signs(&entity(), "b");
    let mut all = 0;
    let opened = opener().open(at_report(Input::pipe(letter.as_slice()), usize::MAX, &mut all), AT).unwrap();
    assert_eq!(opened.report.signatures().count(), 1);
    drop(opened);
    assert!(all > 8, "spooled, indexed, cut into parts, verified: {all}");
    for number in 1..=all {
        let mut seen = 0;
        let input = at_report(Input::pipe(letter.as_slice()), number, &mut seen);
        assert!(matches!(opener().open(input, AT), Err(Error::Cancelled)), "at report {number}");
        assert_eq!(seen, number, "and nothing is read after it");
    }
}

#[test]
fn while_the_payload_is_written_there_is_no_file() {
    let letter = Person::new("Alice <alice@example.org>").signs(&entity(), "b");
    let (cancel, folder) = (Cancel::new(), tempfile::tempdir().unwrap());
    let opened = opener().open(Input::pipe(letter.as_slice()).cancel(&cancel), AT).unwrap();
    let path = folder.path().join("payload.eml");
    opened.payload().unwrap().save(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    cancel.cancel();
    assert!(matches!(opened.payload().unwrap().save(&path), Err(Error::Cancelled)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn at_whatever_point_of_signing_there_is_no_file() {
    let secret = openpgp::generate("Alice <alice@example.org>", AT, openpgp::CipherSuite::Ed25519).unwrap();
    let key = Key::load(secret.expose(), Password::none()).unwrap();
    let cx = Context::new(TrustStore::new()).limits(Limits::default().memory_bytes(1 << 20));
    let composer = Composer::new(&cx).sign(&key);
    let draft = [b"From: alice@example.org\r\n".as_slice(), &entity()].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signed.eml");
    let mut all = 0;
    composer.save(at_report(Input::pipe(draft.as_slice()), usize::MAX, &mut all), AT, &path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for number in 1..=all {
        let mut seen = 0;
        let draft = at_report(Input::pipe(draft.as_slice()), number, &mut seen);
        assert!(matches!(composer.save(draft, AT, &path), Err(Error::Cancelled)), "at report {number}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// The letter never ends, and another thread says so.
#[test]
fn from_another_thread() {
    let cancel = Cancel::new();
    let letter = Input::pipe(std::io::repeat(b'\n').take(200 << 30)).cancel(&cancel);
    let begin = Instant::now();
    let opened = thread::scope(|scope| {
        let looking = scope.spawn(|| opener().open(letter, AT).map(|_| ()));
        thread::sleep(Duration::from_millis(100));
        cancel.cancel();
        looking.join().unwrap()
    });
    assert!(matches!(opened, Err(Error::Cancelled)));
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}
