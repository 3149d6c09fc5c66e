//! Content ciphers in pieces, put together of what the backends have: stream ciphers and block ciphers.
//!
//! - [`Authenticated`]: a stream cipher and a polynomial [`Mac`] over its ciphertext: GCM and ChaCha20-Poly1305.
//! - [`cbc`]: CBC with the padding of RFC 5652 §6.3.

pub(super) mod cbc;
mod counter;

use ::cbc::cipher::BlockCipherEncrypt;
use ghash::universal_hash::UniversalHash;
use ghash::universal_hash::common::array::Array;
use ghash::universal_hash::consts::U16;
use subtle::ConstantTimeEq;

use crate::crypto::{ContentDecryption, ContentEncryption, KeyError, Undecryptable};

pub(super) use counter::Counter;

/// Pieces that stay in the nearest cache while they are encrypted and hashed.
const PIECE: usize = 16 * 1024;
/// What GCM encrypts under one nonce: 2^32 - 2 blocks (NIST SP 800-38D §5.2.1.1). ChaCha20 has more.
const MOST: u64 = ((1 << 32) - 2) * 16;

/// A key stream.
pub(super) trait Stream: Send {
    /// Appends as many octets as there are, combined with the key stream.
    fn apply(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable>;
}

/// A MAC over blocks of 16 octets.
pub(super) trait Mac: Send {
    /// Takes whole blocks; what does not fill one at the end is not looked at.
    fn blocks(&mut self, octets: &[u8]);
    /// Takes the last block.
    fn end(self, block: [u8; 16]) -> [u8; 16];
}

impl<H: UniversalHash<BlockSize = U16> + Send> Mac for H {
    fn blocks(&mut self, octets: &[u8]) {
        let (blocks, _) = Array::slice_as_chunks(octets);
        self.update(blocks);
    }

    fn end(mut self, block: [u8; 16]) -> [u8; 16] {
        self.update(&[block.into()]);
        self.finalize().into()
    }
}

/// How the MAC ends.
pub(super) enum Last {
    /// Lengths in bits, big-endian, and a mask over the tag (NIST SP 800-38D §7.1).
    Gcm([u8; 16]),
    /// Lengths in octets, little-endian (RFC 8439 §2.8).
    Poly1305,
}

/// Authenticated encryption in pieces. The MAC is over blocks of 16 octets, the last one filled with zeros.
pub(super) struct Authenticated<S, M> {
    stream: S,
    mac: M,
    last: Last,
    pending: [u8; 16],
    filled: usize,
    associated: u64,
    content: u64,
}

impl<S: Stream, M: Mac> Authenticated<S, M> {
    pub(super) fn new(stream: S, mac: M, last: Last, associated: &[u8]) -> Option<Self> {
        let length = u64::try_from(associated.len()).ok()?;
        let mut new = Self { stream, mac, last, pending: [0; 16], filled: 0, associated: length, content: 0 };
        new.absorb(associated);
        new.pad();
        Some(new)
    }

    fn absorb(&mut self, mut octets: &[u8]) {
        if self.filled > 0 {
            let missing = octets.len().min(16 - self.filled);
            let Some((head, rest)) = octets.split_at_checked(missing) else { return };
            self.pending.iter_mut().skip(self.filled).zip(head).for_each(|(to, from)| *to = *from);
            self.filled += missing;
            octets = rest;
            if self.filled < 16 {
                return;
            }
            self.pad();
        }
        let (blocks, rest) = octets.split_at(octets.len() - octets.len() % 16);
        self.mac.blocks(blocks);
        self.pending.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.filled = rest.len();
    }

    /// Ends a block that has begun.
    fn pad(&mut self) {
        if self.filled > 0 {
            self.pending.iter_mut().skip(self.filled).for_each(|octet| *octet = 0);
            self.mac.blocks(&self.pending);
            self.filled = 0;
        }
    }

    fn count(&mut self, octets: &[u8]) -> Result<(), Undecryptable> {
        let total = u64::try_from(octets.len()).ok().and_then(|length| self.content.checked_add(length));
        self.content = total.filter(|total| *total <= MOST).ok_or(Undecryptable)?;
        Ok(())
    }

    fn tag(mut self) -> [u8; 16] {
        self.pad();
        let lengths = match self.last {
            Last::Gcm(_) => {
                [self.associated.wrapping_mul(8).to_be_bytes(), self.content.wrapping_mul(8).to_be_bytes()]
            }
            Last::Poly1305 => [self.associated.to_le_bytes(), self.content.to_le_bytes()],
        };
        let mut last = [0; 16];
        last.iter_mut().zip(lengths.as_flattened()).for_each(|(to, from)| *to = *from);
        let mut tag = self.mac.end(last);
        if let Last::Gcm(mask) = self.last {
            tag.iter_mut().zip(mask).for_each(|(tag, mask)| *tag ^= mask);
        }
        tag
    }
}

impl<S: Stream, M: Mac> ContentEncryption for Authenticated<S, M> {
    fn update(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        for piece in content.chunks(PIECE) {
            let too_long = |_| KeyError::Unsupported("content of more than 64 GiB".to_owned());
            self.count(piece).map_err(too_long)?;
            let start = out.len();
            self.stream.apply(piece, out).map_err(too_long)?;
            self.absorb(out.get(start..).unwrap_or_default());
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _out: &mut Vec<u8>) -> Result<Vec<u8>, KeyError> {
        Ok(self.tag().to_vec())
    }
}

impl<S: Stream, M: Mac> ContentDecryption for Authenticated<S, M> {
    fn update(&mut self, ciphertext: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        for piece in ciphertext.chunks(PIECE) {
            self.count(piece)?;
            self.absorb(piece);
            self.stream.apply(piece, out)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, tag: &[u8], _out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        // A tag of any other length is not equal (R-A5).
        match bool::from(self.tag().ct_eq(tag)) {
            true => Ok(()),
            false => Err(Undecryptable),
        }
    }
}

/// GCM (NIST SP 800-38D): `mac` is GHASH.
pub(super) fn gcm<C, M: Mac>(
    mac: M,
    cipher: C,
    nonce: &[u8],
    associated: &[u8],
) -> Option<Authenticated<Counter<C>, M>>
where
    Counter<C>: Stream,
    C: BlockCipherEncrypt<BlockSize = U16>,
{
    let (stream, mask) = Counter::new(cipher, nonce)?;
    Authenticated::new(stream, mac, Last::Gcm(mask), associated)
}
