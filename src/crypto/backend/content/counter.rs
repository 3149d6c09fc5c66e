//! The key stream of GCM (NIST SP 800-38D §6.5).

use aes::Block;
use cbc::cipher::array::Array;
use cbc::cipher::consts::U16;
use cbc::cipher::inout::InOutBuf;
use cbc::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser};
use zeroize::{Zeroize, Zeroizing};

use super::Stream;
use crate::crypto::Undecryptable;

/// A block cipher over a counter of 32 bits.
pub(in crate::crypto::backend) struct Counter<C> {
    cipher: C,
    next: u32,
    /// Those of the last run.
    blocks: Box<Aligned<[Block; BLOCKS]>>,
    stream: Box<Zeroizing<Aligned<[u8; STREAM]>>>,
    /// Octets of the stream that are used up.
    used: usize,
}

/// Where a cache line begins: no vector lies in two of them.
#[repr(align(64))]
struct Aligned<T>(T);

impl<T: Zeroize> Zeroize for Aligned<T> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Blocks of a run, encrypted at once: with their stream they stay in the nearest cache. From run to run the last octet of
/// each is the same.
const BLOCKS: usize = 256;
const STREAM: usize = BLOCKS * size_of::<Block>();
/// Where the counter is for the first block of content.
const FIRST: u32 = 2;
const RUN: u32 = 256;

impl<C: BlockCipherEncrypt<BlockSize = U16>> Counter<C> {
    /// For a nonce of 12 octets. The first block of the stream masks the tag, the content is under those after it (NIST
    /// SP 800-38D §7.1).
    pub(in crate::crypto::backend) fn new(cipher: C, nonce: &[u8]) -> Option<(Self, [u8; 16])> {
        let nonce: &[u8; 12] = nonce.try_into().ok()?;
        let mut block = Block::default();
        block.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
        let mut mask = block;
        if let Some(last) = mask.last_mut() {
            *last = 1;
        }
        cipher.encrypt_block(&mut mask);
        let mut blocks = Box::new(Aligned([block; BLOCKS]));
        for (block, number) in blocks.0.iter_mut().zip(FIRST..) {
            xor(block, number.wrapping_sub(RUN));
        }
        let stream = Box::new(Zeroizing::new(Aligned([0; STREAM])));
        Some((Self { cipher, next: FIRST, blocks, stream, used: STREAM }, mask.into()))
    }
}

impl<C: BlockCipherEncrypt<BlockSize = U16> + Send> Stream for Counter<C> {
    fn apply(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        out.reserve(octets.len());
        let left = self.stream.0.get(self.used..).unwrap_or_default();
        let content = combine(octets, left, out);
        self.used += octets.len() - content.len();
        if let Some(last) = content.chunks(STREAM).next_back() {
            let (blocks, stream) = (&mut self.blocks.0, &mut self.stream.0);
            self.cipher.encrypt_with_backend(Run { next: &mut self.next, blocks, stream, content, out });
            self.used = last.len();
        }
        Ok(())
    }
}

/// Those octets for which there is stream; returns the others.
#[inline(always)]
fn combine<'o>(octets: &'o [u8], stream: &[u8], out: &mut Vec<u8>) -> &'o [u8] {
    let (octets, rest) = octets.split_at(octets.len().min(stream.len()));
    out.extend(octets.iter().zip(stream).map(|(octet, key)| octet ^ key));
    rest
}

/// From the blocks of one run to those of the next, many at a time.
#[inline(always)]
fn count(blocks: &mut [Block; BLOCKS], next: &mut u32) {
    let (before, after) = (next.wrapping_sub(RUN), next.wrapping_add(RUN));
    let mut change = [Block::default(); 4];
    change.iter_mut().for_each(|block| xor(block, *next ^ before));
    let change = Array::cast_slice_to_core(&change).as_flattened();
    for blocks in Array::cast_slice_to_core_mut(blocks).as_flattened_mut().chunks_exact_mut(change.len()) {
        blocks.iter_mut().zip(change).for_each(|(octet, change)| *octet ^= change);
    }
    // The last two counters have carried: the run begins at 2.
    if let Some(carried) = blocks.last_chunk_mut::<2>() {
        carried.iter_mut().for_each(|block| xor(block, before ^ after));
    }
    *next = after;
}

#[inline(always)]
fn xor(block: &mut Block, counter: u32) {
    block.iter_mut().skip(12).zip(counter.to_be_bytes()).for_each(|(octet, other)| *octet ^= other);
}

/// Content under new octets of the stream. In the cipher's own backend: there the compiler may use all that the
/// processor has, for counting and combining too, and the round keys are loaded once.
struct Run<'r> {
    next: &'r mut u32,
    blocks: &'r mut [Block; BLOCKS],
    stream: &'r mut [u8; STREAM],
    content: &'r [u8],
    out: &'r mut Vec<u8>,
}

impl BlockSizeUser for Run<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Run<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { next, blocks, stream, content, out } = self;
        for piece in content.chunks(stream.len()) {
            count(blocks, next);
            let (encrypted, _) = Array::slice_as_chunks_mut(stream);
            let (counted, counted_rest) = Array::<Block, B::ParBlocksSize>::slice_as_chunks(blocks);
            let (together, rest) = Array::<Block, B::ParBlocksSize>::slice_as_chunks_mut(encrypted);
            let mut left = piece;
            for (counted, encrypted) in counted.iter().zip(together) {
                backend.encrypt_par_blocks((counted, &mut *encrypted).into());
                left = combine(left, Array::cast_slice_to_core(encrypted).as_flattened(), out);
            }
            if let Ok(rest) = InOutBuf::new(counted_rest, &mut *rest) {
                backend.encrypt_tail_blocks(rest);
            }
            combine(left, Array::cast_slice_to_core(rest).as_flattened(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes_kw::KeyInit as _;

    #[test]
    fn runs_count_on_with_every_carry() {
        let (mut counter, _) = Counter::new(aes::Aes128::new(&[0; 16].into()), &[7; 12]).unwrap();
        for start in [2, 258, 0xff02, 0x1_0002, 0xff_ff02, 0x7fff_ff02, 0xffff_fe02, 0xffff_ff02, 2] {
            // From the run before it.
            let before = u32::wrapping_sub(start, RUN);
            for (number, block) in (0..).zip(counter.blocks.0.iter_mut()) {
                block[12..].copy_from_slice(&before.wrapping_add(number).to_be_bytes());
            }
            let mut next = start;
            count(&mut counter.blocks.0, &mut next);
            assert_eq!(next, start.wrapping_add(RUN));
            for (number, block) in (0..).zip(&counter.blocks.0) {
                assert_eq!(block[..12], [7; 12]);
                assert_eq!(block[12..], start.wrapping_add(number).to_be_bytes(), "{start:x} {number}");
            }
        }
    }

    #[test]
    fn the_first_run_is_as_nist_has_it() {
        let aes = aes::Aes128::new(&[9; 16].into());
        let (mut counter, mask) = Counter::new(aes.clone(), &[7; 12]).unwrap();
        let expected = |number: u32| {
            let mut block = Block::try_from(&[&[7; 12][..], &number.to_be_bytes()].concat()[..]).unwrap();
            aes.encrypt_block(&mut block);
            block
        };
        assert_eq!(mask[..], expected(1)[..]);
        let mut out = Vec::new();
        for length in [1, 15, 4080, 4096, 5000, 9000] {
            counter.apply(&vec![0; length], &mut out).unwrap();
        }
        for (number, block) in (FIRST..).zip(out.chunks(16)) {
            assert_eq!(*block, expected(number)[..block.len()], "{number}");
        }
    }
}
