//! GHASH (NIST SP 800-38D §6.4) in pieces, by AWS-LC, which has it only within one-shot AES-GCM.
//!
//! The tag of no content and `n` blocks of associated data is, with the hash key `H` and a mask that is known,
//! `(Y + lengths) H + mask`, where `Y` is the GHASH of the blocks. So `Y H` is known, and over two pieces it is
//! `Y₁ H Hⁿ + Y₂ H`, with `n` the blocks of the second. None of these tags leaves this place.

use aws_lc_rs::aead::{Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use zeroize::Zeroizing;

use crate::crypto::backend::content::Mac;

type Block = [u8; 16];

pub(super) struct PiecewiseGhash {
    key: LessSafeKey,
    /// What is added to each tag under [`NONCE`].
    mask: Zeroizing<Block>,
    /// Of nothing so far.
    hash: GHash,
    /// Blocks that do not fill a piece yet.
    pending: Vec<u8>,
    /// The GHASH so far, times `H`.
    sum: Option<Zeroizing<Block>>,
    /// Multiplies by the power of `H` for a whole piece.
    step: Option<GHash>,
}

/// Octets for which a call of AWS-LC is worth the while, and that stay in the nearest cache.
const PIECE: usize = 16 << 10;
/// For tags that nobody sees.
const NONCE: [u8; 12] = [0; 12];
/// The block that [`NONCE`] is masked with, encrypted (NIST SP 800-38D §7.1).
pub(super) const MASKED: Block = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
/// The factor that changes nothing.
const ONE: Block = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

impl PiecewiseGhash {
    /// `hash_key` is the block cipher of zeros, `mask` that of [`MASKED`].
    pub(super) fn new(
        algorithm: &'static Algorithm,
        key: &[u8],
        hash_key: Block,
        mask: Block,
    ) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
        let (mask, hash) = (Zeroizing::new(mask), GHash::new(&hash_key.into()));
        Some(Self { key, mask, hash, pending: Vec::new(), sum: None, step: None })
    }

    /// Whole blocks, at least one.
    fn piece(&mut self, octets: &[u8]) {
        let own = Zeroizing::new(self.times_hash_key(octets));
        let Some(before) = self.sum.take() else {
            self.sum = Some(own);
            return;
        };
        let mut sum = Zeroizing::new(match octets.len() {
            PIECE => {
                let step = self.step.get_or_insert_with(|| multiplier(&self.hash, PIECE));
                times(step, *before)
            }
            length => times(&multiplier(&self.hash, length), *before),
        });
        add(&mut sum, &*own);
        self.sum = Some(sum);
    }

    /// The GHASH of these blocks alone, times `H`.
    fn times_hash_key(&self, octets: &[u8]) -> Block {
        let nonce = Nonce::assume_unique_for_key(NONCE);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(octets), &mut []);
        let tag = tag.ok().and_then(|tag| Block::try_from(tag.as_ref()).ok());
        let Some(mut product) = tag else {
            let mut hash = self.hash.clone();
            hash.blocks(octets);
            return times(&self.hash, hash.finalize().into());
        };
        add(&mut product, &*self.mask);
        let bits = u64::try_from(octets.len()).unwrap_or(0).wrapping_mul(8);
        let mut lengths = [0; 16];
        add(&mut lengths, &bits.to_be_bytes());
        add(&mut product, &times(&self.hash, lengths));
        product
    }
}

/// Multiplies by the power of the hash key for so many octets.
fn multiplier(hash: &GHash, octets: usize) -> GHash {
    let mut power = hash.clone();
    power.blocks(&ONE);
    let zeros = [0; 1024];
    let mut left = octets.saturating_sub(ONE.len());
    while left > 0 {
        let count = left.min(zeros.len());
        power.blocks(zeros.get(..count).unwrap_or_default());
        left -= count;
    }
    GHash::new(&power.finalize())
}

fn times(hash: &GHash, factor: Block) -> Block {
    hash.clone().end(factor)
}

fn add(sum: &mut Block, other: &[u8]) {
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum ^= other);
}

impl Mac for PiecewiseGhash {
    fn blocks(&mut self, octets: &[u8]) {
        let mut rest = octets;
        if !self.pending.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(PIECE - self.pending.len()));
            self.pending.extend_from_slice(head);
            rest = tail;
            if self.pending.len() < PIECE {
                return;
            }
            let mut pending = std::mem::take(&mut self.pending);
            self.piece(&pending);
            pending.clear();
            self.pending = pending;
        }
        while let Some((piece, tail)) = rest.split_at_checked(PIECE) {
            self.piece(piece);
            rest = tail;
        }
        self.pending.extend_from_slice(rest);
    }

    fn end(mut self, block: Block) -> Block {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            self.piece(&pending);
        }
        let mut end = times(&self.hash, block);
        if let Some(sum) = self.sum {
            add(&mut end, &*sum);
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes_kw::KeyInit as _;
    use aws_lc_rs::aead::AES_128_GCM;
    use cbc::cipher::BlockCipherEncrypt;

    #[test]
    fn as_ghash_at_every_length_and_in_pieces() {
        let key = [9; 16];
        let block = |block: Block| {
            let mut block = block.into();
            aes::Aes128::new(&key.into()).encrypt_block(&mut block);
            Block::from(block)
        };
        let (hash_key, mask) = (block([0; 16]), block(MASKED));
        let octets: Vec<u8> =
            (0..100_000_u32).map(|number| (number.wrapping_mul(number) >> 5).to_le_bytes()[0]).collect();
        for length in [0, 16, 160, PIECE - 16, PIECE, PIECE + 16, 2 * PIECE, 3 * PIECE + 48, 99_200] {
            for size in [16, 48, 4096, PIECE - 16, PIECE, PIECE + 16, 70_000] {
                let size = size / 16 * 16;
                let mut expected = GHash::new(&hash_key.into());
                expected.blocks(&octets[..length]);
                let mut found = PiecewiseGhash::new(&AES_128_GCM, &key, hash_key, mask).unwrap();
                octets[..length].chunks(size).for_each(|piece| found.blocks(piece));
                assert_eq!(found.end([5; 16]), expected.end([5; 16]), "{length} {size}");
            }
        }
    }
}
