//! Whether the time of opening an RSA PKCS #1 v1.5 entry tells good padding from bad (R-A10).
//!
//! Three kinds of entries in random order: a good key, octets without padding, a good padding around a key of another
//! length. The whole way is measured: opening, the random key in place of what failed, content that is decrypted. Welch's
//! t between good ones and each other kind, the slowest samples cropped; beyond 4.5 the difference is there. Below it the
//! same for a leaky way, which stops at the first error: it shows that the measurement bites.
//!
//! `cargo bench --bench decryption_timing -- SECONDS`; 60 by default.

#![allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use mailseal::crypto::{ContentCipher, ContentKey, DecryptionKey, Provider, RsaEncryption, WrappedKey};

const CIPHER: ContentCipher = ContentCipher::Aes256Gcm;
const KINDS: [&str; 3] = ["good", "no padding", "other length"];
/// Different entries of each kind.
const ENTRIES: usize = 2048;

struct Bench {
    provider: Provider,
    key: std::sync::Arc<dyn DecryptionKey>,
    entries: [Vec<Vec<u8>>; 3],
    content: Vec<u8>,
}

fn main() {
    let seconds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(60);
    let bench = Bench::new();
    report("as it is", &bench.samples(seconds, Bench::open));
    report("leaky: stops at the first error", &bench.samples(seconds.div_ceil(10), Bench::leak));
}

impl Bench {
    fn new() -> Self {
        let provider = mailseal::crypto::aws_lc();
        let pem = include_str!("../tests/keys/rsa2048.pem");
        let (_, der) = pkcs8::SecretDocument::from_pem(pem).expect("PEM");
        let key = provider.key_loader.decryption_key(der.as_bytes()).expect("key");
        let random = |length| {
            let mut octets = vec![0; length];
            provider.random.fill(&mut octets).expect("randomness");
            octets
        };
        let wrap =
            |octets: &[u8]| provider.encrypt_to(RsaEncryption::Pkcs1, key.public(), octets).expect("entry");
        let entries = [0, 1, 2].map(|kind| {
            let entry = |_| match kind {
                0 => wrap(&random(32)),
                // Below the modulus.
                1 => [vec![0x3f], random(255)].concat(),
                _ => wrap(&random(24)),
            };
            (0..ENTRIES).map(entry).collect()
        });
        Self { content: random(4096), provider, key, entries }
    }

    fn unwrap(&self, octets: &[u8]) -> Option<Result<mailseal::Secret, mailseal::crypto::KeyError>> {
        self.key.unwrap(&WrappedKey::Rsa { scheme: RsaEncryption::Pkcs1, octets })
    }

    fn decrypt(&self, key: &ContentKey) {
        let mut decryption = self.provider.decrypt(CIPHER, key, &[1; 12], &[]).expect("cipher").expect("key");
        let mut out = Vec::with_capacity(self.content.len() + 64);
        decryption.update(&self.content, &mut out).expect("content");
        let _ = black_box(decryption.finish(&[0; 16], &mut out));
    }

    fn open(&self, octets: &[u8]) {
        let random = ContentKey::random(CIPHER, self.provider.random).expect("randomness");
        self.decrypt(&random.replaced_by(self.unwrap(octets)).expect("key"));
    }

    fn leak(&self, octets: &[u8]) {
        let random = ContentKey::random(CIPHER, self.provider.random).expect("randomness");
        let Some(Ok(secret)) = self.unwrap(octets) else { return };
        if secret.expose().len() == 32 {
            self.decrypt(&random.replaced_by(Some(Ok(secret))).expect("key"));
        }
    }

    /// Nanoseconds by kind, the kinds in random order.
    fn samples(&self, seconds: u64, way: fn(&Self, &[u8])) -> [Vec<f64>; 3] {
        let mut samples = [const { Vec::new() }; 3];
        let (began, mut order) = (Instant::now(), vec![0; 4096]);
        while began.elapsed() < Duration::from_secs(seconds) {
            self.provider.random.fill(&mut order).expect("randomness");
            for (kind, entry) in order.iter().map(|octet| usize::from(octet % 3)).zip(0..) {
                let entry: usize = entry;
                let octets = &self.entries[kind][(entry + samples[kind].len()) % ENTRIES];
                let start = Instant::now();
                way(self, black_box(octets));
                samples[kind].push(start.elapsed().as_nanos() as f64);
            }
        }
        samples
    }
}

/// Mean, variance and number.
fn moments(samples: &[f64], limit: f64) -> (f64, f64, f64) {
    let kept: Vec<f64> = samples.iter().copied().filter(|sample| *sample <= limit).collect();
    let count = kept.len() as f64;
    let mean = kept.iter().sum::<f64>() / count;
    let variance = kept.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, variance, count)
}

fn report(title: &str, samples: &[Vec<f64>; 3]) {
    let total: usize = samples.iter().map(Vec::len).sum();
    println!("{title}: {total} samples");
    let mut all: Vec<f64> = samples.concat();
    all.sort_by(f64::total_cmp);
    for percent in [50, 75, 90, 99] {
        let limit = all[(all.len() - 1) * percent / 100];
        let good = moments(&samples[0], limit);
        let columns = (1..3).map(|kind| {
            let other = moments(&samples[kind], limit);
            let t = (good.0 - other.0) / (good.1 / good.2 + other.1 / other.2).sqrt();
            format!("{}: t = {t:+.2}, {:+.0} ns", KINDS[kind], other.0 - good.0)
        });
        println!("  fastest {percent} %, {:.0} ns: {}", good.0, columns.collect::<Vec<_>>().join("; "));
    }
}
