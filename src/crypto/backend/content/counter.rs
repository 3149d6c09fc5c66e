//! The key stream of GCM (NIST SP 800-38D §6.5).

use aes::Block;
use cbc::cipher::BlockCipherEncrypt;
use cbc::cipher::common::array::Array;
use cbc::cipher::consts::U16;
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
    /// For a nonce of 12 octets, from the first counter block on (NIST SP 800-38D §7.1).
    pub(in crate::crypto::backend) fn new(cipher: C, nonce: &[u8]) -> Option<Self> {
        let nonce: &[u8; 12] = nonce.try_into().ok()?;
        let mut block = Block::default();
        block.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
        let stream = Zeroizing::new(vec![0; size_of::<Block>() * BLOCKS]);
        let used = stream.len();
        Some(Self { cipher, next: 1, blocks: vec![block; BLOCKS], stream, used })
    }

    fn refill(&mut self) -> Result<(), Undecryptable> {
        for block in &mut self.blocks {
            let [.., a, b, c, d] = &mut block.0;
            [*a, *b, *c, *d] = self.next.to_be_bytes();
            self.next = self.next.wrapping_add(1);
        }
        let (stream, _) = Array::slice_as_chunks_mut(&mut self.stream);
        self.cipher.encrypt_blocks_b2b(&self.blocks, stream).map_err(|_| Undecryptable)?;
        self.used = 0;
        Ok(())
    }
}

impl<C: BlockCipherEncrypt<BlockSize = U16> + Send> Stream for Counter<C> {
    fn apply(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        out.reserve(octets.len());
        let mut rest = octets;
        while !rest.is_empty() {
            if self.used == self.stream.len() {
                self.refill()?;
            }
            let stream = self.stream.get(self.used..).unwrap_or_default();
            let (piece, more) = rest.split_at(rest.len().min(stream.len()));
            out.extend(piece.iter().zip(stream).map(|(octet, key)| octet ^ key));
            self.used += piece.len();
            rest = more;
        }
        Ok(())
    }
}
