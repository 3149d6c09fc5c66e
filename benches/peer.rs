//! One line of figures, as programs that compare mail libraries print it: `cargo bench --bench peer -- WORKLOAD`
//!
//! `WORKLOAD` is `smime-enc-10m-rsa2048-r1-gcm`, `smime-dec-…`, `pgp-encsign-10m-ed25519-r1` or `pgp-decver-…`: of the
//! body `$PB_DATA/body/10m.eml`, keys in `pki/` and `pgp/`, letters to open in `in/WORKLOAD`. Prints
//! `peer workload messages/s MB/s KiB µs`: the wall rate of the median of seven batches, peak memory, processor time of
//! one message. Whole letters: composed, or opened and their payload written.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, clippy::panic)]

use std::io;
use std::time::{Instant, SystemTime};

use mailseal::crypto::ContentCipher;
use mailseal::{Certificate, Composer, Context, Group, Key, Opener, Password, Scope, TrustStore, UnixTime};

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let (Some(name), Ok(folder)) = (words.next(), std::env::var("PB_DATA")) else {
        println!("peer: no workload, or no PB_DATA with its files");
        return;
    };
    let part: Vec<&str> = name.split('-').collect();
    let workload = Workload { folder, name: &name, part: &part };
    match (part[0], part[1]) {
        ("smime" | "pgp", "enc" | "encsign") => workload.seal(),
        ("smime" | "pgp", "dec" | "decver") => workload.open(),
        _ => println!("mailseal {name} unsupported: not among these"),
    }
}

struct Workload<'n> {
    folder: String,
    name: &'n str,
    part: &'n [&'n str],
}

impl Workload<'_> {
    fn file(&self, path: &str) -> Vec<u8> {
        let path = format!("{}/{path}", self.folder);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn is_smime(&self) -> bool {
        self.part[0] == "smime"
    }

    fn body(&self) -> Vec<u8> {
        self.file(&format!("body/{}.eml", self.part[2]))
    }

    fn key(&self) -> Key {
        let kind = self.part[3];
        let octets = match self.is_smime() {
            true => [self.file(&format!("pki/{kind}.leaf.key")), self.file(&format!("pki/{kind}.leaf.crt"))]
                .concat(),
            false => self.file(&format!("pgp/{kind}.sec.asc")),
        };
        Key::load(&octets, Password::none()).unwrap()
    }

    fn certificates(&self) -> Vec<Certificate> {
        let (kind, many) = (self.part[3], self.part[4]);
        let octets = match (self.is_smime(), many) {
            (true, "r1") => self.file(&format!("pki/{kind}.leaf.crt")),
            (true, many) => self.file(&format!("pki/{kind}.{many}.pem")),
            (false, "r1") => self.file(&format!("pgp/{kind}.pub.asc")),
            (false, many) => self.file(&format!("pgp/{kind}.{many}.asc")),
        };
        Certificate::load(&octets).unwrap()
    }

    fn seal(&self) {
        let at = UnixTime::from(SystemTime::now());
        let (mut group, key) = (Group::to(&self.certificates(), at).unwrap(), self.key());
        if self.is_smime() {
            let gcm = self.part[5] == "gcm";
            group = group.cipher(if gcm { ContentCipher::Aes256Gcm } else { ContentCipher::Aes256Cbc });
        }
        let composer = Composer::new(&Context::new(TrustStore::new()));
        let composer = if self.part[1] == "encsign" { composer.sign(&key) } else { composer };
        let composer = composer.encrypt(&group);
        let from = format!("{}-{}@example.org", if self.is_smime() { "leaf" } else { "pgp" }, self.part[3]);
        let head = format!("From: {from}\r\nTo: {from}\r\nMIME-Version: 1.0\r\n").into_bytes();
        let mut draft = [head, self.body()].concat();
        let number = draft.windows(7).position(|octets| octets == b"X-Seq: ").unwrap() + 7;
        self.measure(draft.len(), |turn| {
            draft[number..number + 10].copy_from_slice(format!("{turn:010}").as_bytes());
            composer.compose(&draft, at, &mut io::sink()).unwrap();
        });
    }

    fn open(&self) {
        let mut letter = self.file(&format!("in/{}", self.name));
        let mut trust = TrustStore::new();
        if !self.is_smime() {
            // RFC 3156 §4 around what a command wrote.
            let head = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=e\r\n\r\n--e\r\n\
                Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n\
                Content-Type: application/octet-stream\r\n\r\n";
            letter = [
                format!("From: pgp-{}@example.org\r\n", self.part[3]).as_bytes(),
                head.as_bytes(),
                &letter,
                b"\r\n--e--\r\n",
            ]
            .concat();
            trust =
                trust.anchors(&self.file(&format!("pgp/{}.pub.asc", self.part[3])), Scope::any()).unwrap();
        }
        let opener = Opener::new(&Context::new(trust)).key(self.key());
        let (at, body) = (UnixTime::from(SystemTime::now()), self.body());
        let signatures = usize::from(self.part[1] == "decver");
        self.measure(body.len(), |turn| {
            let opened = opener.open(&letter, at).unwrap();
            let held = opened.report.signatures().filter(|one| one.integrity.holds()).count();
            assert_eq!(held, signatures);
            let payload = opened.payload().unwrap();
            if turn == 0 {
                assert!(payload.octets(1 << 30).unwrap() == body);
            }
            payload.write(&mut io::sink()).unwrap();
        });
    }

    fn measure(&self, length: usize, mut turn: impl FnMut(u64)) {
        let seconds: f64 = std::env::var("PB_SECS").ok().and_then(|text| text.parse().ok()).unwrap_or(2.1);
        turn(0);
        let (start, mut number) = (Instant::now(), 0);
        while number == 0 || start.elapsed().as_secs_f64() < seconds / 14.0 {
            number += 1;
            turn(number);
        }
        let rate = number as f64 / start.elapsed().as_secs_f64();
        let count = ((rate * seconds / 7.0) as u64).max(1);
        let before = processor();
        let mut rates: Vec<f64> = (0..7)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..count {
                    number += 1;
                    turn(number);
                }
                count as f64 / start.elapsed().as_secs_f64()
            })
            .collect();
        let micros = (processor() - before) * 1e6 / (7 * count) as f64;
        rates.sort_by(f64::total_cmp);
        let (rate, name) = (rates[3], self.name);
        println!("mailseal {name} {rate:.2} {:.1} {} {micros:.1}", rate * length as f64 / 1e6, peak());
    }
}

/// Seconds of this process on processors.
#[cfg(unix)]
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn processor() -> f64 {
    0.0
}

/// KiB, where the system says so.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
