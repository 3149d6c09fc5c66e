//! Every file of every corpus is opened: no panic, little heap, soon done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use mailseal::policy::Outcome;
use mailseal::report::{Decryption, Layer};
use mailseal::{Error, Limits, Opener, Password, Policy};

use crate::encrypted::wrapped;
use crate::heap;
use crate::keys::Keys;
use crate::letters::{Given, files, noon};
use crate::splitter::to_base64;
use crate::support;

#[path = "../support/schema.rs"]
mod schema;

thread_local! {
    static SCHEMA: schema::Schema = schema::Schema::new();
}

/// What one letter may take of the heap.
const HEAP: usize = 64 << 20;
/// Far more than any takes; what takes longer does not end, or will not with a larger file.
const PATIENCE: Duration = Duration::from_secs(10);
/// Larger files are passed over. There is none.
const LARGEST: u64 = 8 << 20;

#[test]
fn r_d2_every_file_is_looked_at_within_bounds() {
    let Some(folder) = support::corpora() else { return };
    let mut names: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.is_dir());
    names.sort();
    let mut total = Seen::default();
    for corpus in names {
        let name = corpus.file_name().unwrap().to_str().unwrap().to_owned();
        let seen = corpus_of(&corpus);
        println!("{name}: {}", seen.summary());
        assert!(seen.heap < HEAP, "{name}: {} KiB for {}", seen.heap >> 10, seen.heaviest);
        assert!(seen.longest < PATIENCE, "{name}: {:?} for {}", seen.longest, seen.slowest);
        total.add(seen);
    }
    println!("every file: {}; most heap: {}; longest: {}", total.summary(), total.heaviest, total.slowest);
    assert!(total.files > 11_000 && total.passed_over == 0, "{}", total.summary());
}

#[derive(Debug, Default)]
struct Seen {
    files: usize,
    passed_over: usize,
    opened: usize,
    /// By the limit that they ran into.
    refused: BTreeMap<&'static str, usize>,
    signatures: usize,
    encrypted: usize,
    decrypted: usize,
    heap: usize,
    heaviest: String,
    longest: Duration,
    slowest: String,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.passed_over += other.passed_over;
        self.opened += other.opened;
        for (limit, count) in other.refused {
            *self.refused.entry(limit).or_default() += count;
        }
        self.signatures += other.signatures;
        self.encrypted += other.encrypted;
        self.decrypted += other.decrypted;
        if other.heap > self.heap {
            (self.heap, self.heaviest) = (other.heap, other.heaviest);
        }
        if other.longest > self.longest {
            (self.longest, self.slowest) = (other.longest, other.slowest);
        }
    }

    fn summary(&self) -> String {
        format!(
            "{} files ({} passed over), {} letters opened, refused {:?}, {} signatures, {} encrypted ({} \
             read), most heap {} KiB, longest {} ms",
            self.files,
            self.passed_over,
            self.opened,
            self.refused,
            self.signatures,
            self.encrypted,
            self.decrypted,
            self.heap >> 10,
            self.longest.as_millis()
        )
    }
}

/// By two threads: the count of the heap is each thread's own.
fn corpus_of(corpus: &Path) -> Seen {
    let all = files(corpus);
    let taken: Vec<&PathBuf> =
        all.iter().filter(|path| fs::metadata(path).unwrap().len() <= LARGEST).collect();
    let (next, total) = (AtomicUsize::new(0), Mutex::new(Seen::default()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // Whoever holds a key can be made to work with it.
                let keys = Keys::get().map(|keys| keys.all.iter().map(|(_, key)| key.clone()).collect());
                // Argon2 may take 2 GiB (RFC 9106 §4), which is asked for by name.
                let limits = Limits::default().kdf_memory_kib(16 << 10);
                let given = Given { limits, ..Given::default() };
                let opener = given.keys(keys.unwrap_or_default()).opener();
                let opener = opener.password(Password::from("password"));
                while let Some(file) = taken.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = file.strip_prefix(corpus).unwrap().display().to_string();
                    let seen = file_of(&opener, &name, &fs::read(file).unwrap());
                    total.lock().unwrap().add(seen);
                }
            });
        }
    });
    let mut seen = total.into_inner().unwrap();
    (seen.files, seen.passed_over) = (all.len(), all.len() - taken.len());
    seen
}

fn file_of(opener: &Opener, name: &str, octets: &[u8]) -> Seen {
    let mut seen = letter(opener, name, octets);
    if let Some(wrapped) = wrapped(octets) {
        seen.add(letter(opener, name, &wrapped));
    }
    if let Some(der) = structure(octets) {
        for head in [
            "application/pkcs7-mime; smime-type=signed-data",
            "application/pkcs7-mime; smime-type=enveloped-data",
            "application/octet-stream; name=smime.p7m",
        ] {
            let wrapped = format!(
                "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: {head}\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
                to_base64(&der)
            );
            seen.add(letter(opener, name, wrapped.as_bytes()));
        }
    }
    seen
}

fn letter(opener: &Opener, name: &str, letter: &[u8]) -> Seen {
    let start = Instant::now();
    let (opened, heap) = heap::peak(|| match opener.open(letter, noon("2026-06-01")) {
        Ok(opened) => {
            let sealed = opened.report.layers.iter().filter_map(|layer| match layer {
                Layer::Encrypted(sealed) => Some(sealed.decryption == Decryption::Opened),
                _ => None,
            });
            let sealed: Vec<bool> = sealed.collect();
            // What was in the envelope is there as it was found, or there is no payload at all.
            let read = opened.payload().map(|payload| payload.write(&mut std::io::sink())).transpose();
            assert!(read.is_ok(), "{name}: {read:?}");
            let verdict = Policy::standard().judge(&opened.report);
            assert!(!verdict.text(&opened.report).to_string().is_empty(), "{name}");
            // Nobody is trusted.
            assert_ne!(verdict.outcome, Outcome::Good, "{name}");
            Ok((opened.report, verdict, sealed))
        }
        Err(Error::Limit { name, .. }) => Err(name),
        Err(error) => panic!("{name}: {error}"),
    });
    if let Ok((report, verdict, _)) = &opened {
        let line = serde_json::json!({ "version": 1, "verdict": verdict, "report": report });
        SCHEMA.with(|schema| assert_eq!(schema.complaints(&line), Vec::<String>::new(), "{name}"));
    }
    Seen {
        opened: usize::from(opened.is_ok()),
        refused: opened.as_ref().err().map(|limit| (*limit, 1)).into_iter().collect(),
        signatures: opened.as_ref().map_or(0, |(report, ..)| report.signatures().count()),
        encrypted: opened.as_ref().map_or(0, |(.., sealed)| sealed.len()),
        decrypted: opened.as_ref().map_or(0, |(.., sealed)| sealed.iter().filter(|opened| **opened).count()),
        heap,
        heaviest: name.to_owned(),
        longest: start.elapsed(),
        slowest: name.to_owned(),
        ..Seen::default()
    }
}

/// DER or PEM of any structure, CMS or not: others are as good a test.
fn structure(octets: &[u8]) -> Option<Vec<u8>> {
    if octets.starts_with(b"-----BEGIN ") && !octets.starts_with(b"-----BEGIN PGP") {
        let text = String::from_utf8_lossy(octets);
        let body = text.lines().skip(1).take_while(|line| !line.starts_with("-----")).collect::<String>();
        return Some(crate::splitter::decode(body.as_bytes(), "base64"));
    }
    (octets.first() == Some(&0x30) && octets.len() < 1 << 20).then(|| octets.to_vec())
}
