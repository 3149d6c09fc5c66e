//! The content of encrypted data (RFC 9580 §5.13), decrypted while it is read, and whether it is what was encrypted.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::crypto::aead::{DecryptionContext, SEIPv2Schedule, Schedule};
use sequoia_openpgp::crypto::symmetric::{BlockCipherMode, Decryptor, UnpaddingMode};
use sequoia_openpgp::parse::Cookie;
use sequoia_openpgp::parse::buffered_reader::Generic;
use sequoia_openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};

use super::dearmor::unreadable;
use crate::crypto::{Digest, HashAlgorithm, Provider};
use crate::limits::Limits;

/// A source of octets that threads may share.
pub(super) type Octets<'b> = Box<dyn Read + Send + Sync + 'b>;

/// Plaintext that is read from several places: by the parser of packets, and to its end by who asks for the check.
#[derive(Clone)]
pub(crate) struct Plain<'b>(Arc<Shared<'b>>);

struct Shared<'b> {
    reader: Mutex<Checked<'b>>,
    budget: Budget,
}

/// How much came out, for the bound on what compressed data may become (R-D3).
#[derive(Debug, Default)]
pub(super) struct Budget {
    pub(super) consumed: AtomicU64,
    pub(super) over: AtomicBool,
}

impl Budget {
    /// What compressed data may have become by now.
    pub(super) fn bound(&self, limits: &Limits) -> u64 {
        limits.expanded(usize::try_from(self.consumed.load(Ordering::Relaxed)).unwrap_or(usize::MAX))
    }
}

struct Checked<'b> {
    inner: Octets<'b>,
    /// Known at the end.
    good: Option<bool>,
}

impl<'b> Plain<'b> {
    fn new(inner: Octets<'b>) -> Self {
        let reader = Mutex::new(Checked { inner, good: None });
        Self(Arc::new(Shared { reader, budget: Budget::default() }))
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// Reads to the end; true if all of it was what was encrypted.
    pub(crate) fn holds(&self) -> bool {
        let mut reader = self.clone();
        let copied = io::copy(&mut reader, &mut io::sink());
        copied.is_ok() && self.0.reader.lock().is_ok_and(|reader| reader.good == Some(true))
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut reader = self.0.reader.lock().map_err(|_| unreadable("a thread panicked"))?;
        if reader.good == Some(false) {
            return Err(unreadable("not decrypted"));
        }
        let read = reader.inner.read(out);
        match &read {
            Ok(0) if !out.is_empty() => reader.good = Some(true),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => reader.good = Some(false),
            _ => {}
        }
        let count = u64::try_from(*read.as_ref().unwrap_or(&0)).unwrap_or(0);
        self.0.budget.consumed.fetch_add(count, Ordering::Relaxed);
        read
    }
}

/// Version 1 (RFC 9580 §5.13.1): CFB, and a SHA-1 over all of it at its end.
pub(super) fn version1<'b>(
    body: Octets<'b>,
    cipher: SymmetricAlgorithm,
    key: &SessionKey,
    provider: &Provider,
) -> io::Result<Plain<'b>> {
    let failed = |_| unreadable("not decrypted");
    let source = Generic::with_cookie(body, Some(CHUNK), Cookie::default());
    let digest = provider.digest(HashAlgorithm::Sha1).ok_or_else(|| unreadable("no SHA-1"))?;
    let prefix = cipher.block_size().map_err(failed)? + 2;
    let inner = Decryptor::new(cipher, BlockCipherMode::CFB, UnpaddingMode::None, key, None, source);
    let inner = inner.map_err(failed)?;
    let digest = Mutex::new(Some(digest));
    let reader = Version1 { inner, digest, buffer: vec![0; CHUNK], from: 0, free: 0, to: 0, prefix };
    Ok(Plain::new(Box::new(reader)))
}

struct Version1<'b> {
    inner: Decryptor<'b>,
    digest: Mutex<Option<Box<dyn Digest>>>,
    /// `from..free` may be read, `free..to` may be the end of it.
    buffer: Vec<u8>,
    from: usize,
    free: usize,
    to: usize,
    /// Random octets in front. The two that are there twice are not compared: that would be an oracle (R-A12).
    prefix: usize,
}

/// A Modification Detection Code packet: two octets of header and the digest.
const MDC: usize = 22;
const CHUNK: usize = 64 << 10;

impl Version1<'_> {
    /// Keeps back what may be the end, hashes the rest; false where that was all.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.free..self.to, 0);
        (self.from, self.to) = (0, self.to - self.free);
        while self.to <= MDC + self.prefix {
            let count = self.inner.read(self.buffer.get_mut(self.to..).unwrap_or_default())?;
            if count == 0 {
                return self.end().map(|()| false);
            }
            self.to += count;
        }
        self.free = self.to - MDC;
        let freed = self.buffer.get(..self.free).unwrap_or_default();
        if let Ok(Some(digest)) = self.digest.get_mut() {
            digest.update(freed);
        }
        self.from = std::mem::take(&mut self.prefix);
        Ok(true)
    }

    fn end(&mut self) -> io::Result<()> {
        let bad = || unreadable("not decrypted");
        let last = self.buffer.get(..self.to).unwrap_or_default();
        let (head, stated) = last.split_at_checked(2).ok_or_else(bad)?;
        let digest = self.digest.get_mut().ok().and_then(Option::take).ok_or_else(bad)?;
        let mut digest = digest;
        digest.update(head);
        let right = self.prefix == 0 && head == b"\xd3\x14" && digest.finish() == stated;
        (self.from, self.free) = (self.to, self.to);
        if right { Ok(()) } else { Err(bad()) }
    }
}

impl Read for Version1<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.from >= self.free {
            if self.digest.get_mut().is_ok_and(|digest| digest.is_none()) || !self.fill()? {
                return Ok(0);
            }
        }
        let count = taken(self.buffer.get(self.from..self.free), out);
        self.from += count;
        Ok(count)
    }
}

/// What a SEIPDv2 packet says in front of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameters2 {
    pub(super) cipher: SymmetricAlgorithm,
    pub(super) aead: AEADAlgorithm,
    pub(super) chunk: usize,
    pub(super) salt: [u8; 32],
}

/// Version 2 (RFC 9580 §5.13.2): chunks with a tag each, and one over the length at the end.
pub(super) fn version2<'b>(
    body: Octets<'b>,
    parameters: &Parameters2,
    key: &SessionKey,
) -> io::Result<Plain<'b>> {
    let Parameters2 { cipher, aead, chunk, salt } = *parameters;
    let schedule = SEIPv2Schedule::new(key, cipher, aead, chunk, &salt);
    let schedule = schedule.map_err(|_| unreadable("not decrypted"))?;
    let (sealed, plain) = (Vec::new(), Vec::new());
    let reader = Version2 {
        inner: body,
        schedule,
        cipher,
        aead,
        chunk,
        index: 0,
        total: 0,
        sealed,
        plain,
        at: 0,
        ended: false,
    };
    Ok(Plain::new(Box::new(reader)))
}

struct Version2<'b> {
    inner: Octets<'b>,
    schedule: SEIPv2Schedule,
    cipher: SymmetricAlgorithm,
    aead: AEADAlgorithm,
    chunk: usize,
    index: u64,
    total: u64,
    sealed: Vec<u8>,
    plain: Vec<u8>,
    at: usize,
    ended: bool,
}

/// Of every AEAD algorithm that OpenPGP has.
const TAG: usize = 16;

impl Version2<'_> {
    /// Decrypts the next chunk, which may be the last, into `plain`.
    fn next(&mut self) -> io::Result<()> {
        let bad = || unreadable("not decrypted");
        let whole = self.chunk + 2 * TAG;
        let missing = u64::try_from(whole.saturating_sub(self.sealed.len())).unwrap_or(u64::MAX);
        (&mut self.inner).take(missing).read_to_end(&mut self.sealed)?;
        // Where a whole chunk and more is there, the last octets may belong to the next.
        let last = self.sealed.len() < whole;
        let end = self.sealed.len().checked_sub(TAG).ok_or_else(bad)?;
        self.plain.clear();
        self.at = 0;
        if end > 0 {
            let chunk = self.sealed.get(..end).ok_or_else(bad)?;
            let length = chunk.len().checked_sub(TAG).filter(|length| *length > 0).ok_or_else(bad)?;
            self.plain.resize(length, 0);
            let (aead, cipher) = (self.aead, self.cipher);
            let mut context: DecryptionContext = self
                .schedule
                .chunk(self.index, &mut |key, nonce, ad| {
                    aead.context(cipher, key, ad, nonce)?.for_decryption()
                })
                .map_err(|_| bad())?;
            context.decrypt_verify(&mut self.plain, chunk).map_err(|_| {
                self.plain.clear();
                bad()
            })?;
            self.index += 1;
            self.total += u64::try_from(length).unwrap_or(u64::MAX);
            self.sealed.drain(..end);
        }
        if last {
            self.ended = true;
            let (aead, cipher) = (self.aead, self.cipher);
            let mut context: DecryptionContext = self
                .schedule
                .finalizer(self.index, self.total, &mut |key, nonce, ad| {
                    aead.context(cipher, key, ad, nonce)?.for_decryption()
                })
                .map_err(|_| bad())?;
            context.decrypt_verify(&mut [], &self.sealed).map_err(|_| bad())?;
        }
        Ok(())
    }
}

impl Read for Version2<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.plain.len() && !out.is_empty() {
            if self.ended {
                return Ok(0);
            }
            self.next()?;
        }
        let count = taken(self.plain.get(self.at..), out);
        self.at += count;
        Ok(count)
    }
}

fn taken(ready: Option<&[u8]>, out: &mut [u8]) -> usize {
    let ready = ready.unwrap_or_default();
    let count = ready.len().min(out.len());
    if let (Some(out), Some(ready)) = (out.get_mut(..count), ready.get(..count)) {
        out.copy_from_slice(ready);
    }
    count
}
