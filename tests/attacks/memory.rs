//! Memory does not grow with the letter (R-D2): the most that was allocated at once, counted.
#![allow(unsafe_code)] // an allocator that counts cannot be written without

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Write;
use std::path::Path;

use mailseal::{
    Composer, Context, Input, Key, Opener, Outcome, Password, Policy, Scope, TrustStore, openpgp,
};

use crate::stage::{AT, stage};

/// Counts for each thread, so that other tests do not disturb.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
    static MOST: Cell<i64> = const { Cell::new(0) };
}

fn count(change: i64) {
    // Gone while the thread ends.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + change);
        let _ = MOST.try_with(|most| most.set(most.get().max(now.get())));
    });
}

fn size(octets: usize) -> i64 {
    i64::try_from(octets).unwrap_or(i64::MAX)
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(size(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-size(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(size(layout.size()));
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        // Both may be there for a moment.
        count(size(new));
        count(-size(layout.size()));
        unsafe { System.realloc(pointer, layout, new) }
    }
}

/// What was allocated at once in this thread, in octets, beyond what there was before.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (T, i64) {
    let before = NOW.get();
    MOST.set(before);
    let result = work();
    (result, MOST.get() - before)
}

const MIB: i64 = 1 << 20;
const LETTER: i64 = 64 * MIB;

#[test]
fn the_counter_counts() {
    let (octets, most) = peak(|| drop(vec![1_u8; 5 << 20]));
    let () = octets;
    assert!((5 * MIB..6 * MIB).contains(&most), "{most}");
}

fn draft(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("draft.eml");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(b"From: alice@example.org\r\nTo: bob@example.com\r\nSubject: big\r\n\r\n").unwrap();
    let line =
        [b"0123456789 abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM\r\n".as_slice(); 1024].concat();
    for _ in 0..LETTER / size(line.len()) {
        file.write_all(&line).unwrap();
    }
    file.flush().unwrap();
    path
}

/// Signs into a file and reads from it; the most memory of each.
fn both(cx: &Context, key: &Key, opaque: bool) -> (i64, i64) {
    let folder = tempfile::tempdir().unwrap();
    let (draft, letter) = (draft(folder.path()), folder.path().join("letter.eml"));
    let composer = Composer::new(cx).sign(key).opaque(opaque);
    let (saved, signing) = peak(|| composer.save(Input::file(&draft), AT, &letter));
    saved.unwrap();
    assert!(letter.metadata().unwrap().len() > u64::try_from(LETTER).unwrap());
    let ((), reading) = peak(|| {
        let opened = Opener::new(cx).open(Input::file(&letter), AT).unwrap();
        assert_eq!(Policy::standard().judge(&opened.report).outcome, Outcome::Good);
        opened.payload().unwrap().write(&mut std::io::sink()).unwrap();
    });
    (signing, reading)
}

/// Twice what is held of one letter by default, so half of this letter.
const MOST_ALLOWED: i64 = 32 * MIB;

fn is_bounded(what: &str, (signing, reading): (i64, i64)) {
    println!("{what}: signing {} KiB, reading {} KiB", signing / 1024, reading / 1024);
    assert!(signing < MOST_ALLOWED, "{what}: signing took {signing} octets");
    assert!(reading < MOST_ALLOWED, "{what}: reading took {reading} octets");
}

#[test]
fn r_d2_a_large_detached_letter() {
    let Some(stage) = stage() else { return };
    is_bounded("detached", both(&stage.cx(), &stage.key(&stage.alice_leaf), false));
}

#[test]
fn r_d2_a_large_opaque_letter() {
    let Some(stage) = stage() else { return };
    is_bounded("opaque", both(&stage.cx(), &stage.key(&stage.alice_leaf), true));
}

#[test]
fn r_d2_a_large_openpgp_letter() {
    let secret = openpgp::generate("Alice <alice@example.org>", AT, openpgp::CipherSuite::Ed25519).unwrap();
    let key = Key::load(secret.expose(), Password::none()).unwrap();
    let cx = Context::new(TrustStore::new().anchor(key.certificate(), Scope::any()));
    is_bounded("OpenPGP", both(&cx, &key, false));
}
