//! The key stream of GCM (NIST SP 800-38D §6.5).

use aes::Block;
use cbc::cipher::array::Array;
use cbc::cipher::consts::U16;
use cbc::cipher::inout::InOutBuf;
use cbc::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser};
use zeroize::Zeroizing;

use super::Stream;
use crate::crypto::Undecryptable;

/// A block cipher over a counter of 32 bits.
pub(in crate::crypto::backend) struct Counter<C> {
    cipher: C,
    next: u32,
    /// Blocks that differ in the counter alone: only that is written anew.
    blocks: Vec<Block>,
    stream: Zeroizing<Vec<u8>>,
    /// Octets of the stream that are used up.
    used: usize,
}

/// Blocks encrypted at once: with their stream they stay in the nearest cache.
const BLOCKS: usize = 256;

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
        let stream = Zeroizing::new(vec![0; size_of::<Block>() * BLOCKS]);
        let used = stream.len();
        Some((Self { cipher, next: 2, blocks: vec![block; BLOCKS], stream, used }, mask.into()))
    }
}

impl<C: BlockCipherEncrypt<BlockSize = U16> + Send> Stream for Counter<C> {
    fn apply(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        out.reserve(octets.len());
        let left = self.stream.get(self.used..).unwrap_or_default();
        let content = combine(octets, left, out);
        self.used += octets.len() - content.len();
        if let Some(last) = content.chunks(self.stream.len()).next_back() {
            let (blocks, stream) = (self.blocks.as_mut_slice(), self.stream.as_mut_slice());
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

/// Content under new octets of the stream. In the cipher's own backend: there the compiler may use all that the
/// processor has, for counting and combining too, and the round keys are loaded once.
struct Run<'r> {
    next: &'r mut u32,
    blocks: &'r mut [Block],
    stream: &'r mut [u8],
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
            for block in &mut *blocks {
                let [.., a, b, c, d] = &mut block.0;
                [*a, *b, *c, *d] = next.to_be_bytes();
                *next = next.wrapping_add(1);
            }
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
