//! CBC with the padding of RFC 5652 §6.3, in pieces.

use cbc::cipher::common::array::Array;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt};
use subtle::{Choice, ConstantTimeEq, ConstantTimeLess};
use zeroize::Zeroizing;

use crate::crypto::{ContentDecryption, ContentEncryption, KeyError, Undecryptable};

/// Encryption, and what does not fill a block yet.
pub(in crate::crypto::backend) struct Encrypting<M>(M, Zeroizing<Vec<u8>>);

/// Decryption, and the ciphertext of what may be the last block.
pub(in crate::crypto::backend) struct Decrypting<M>(M, Vec<u8>);

impl<M: BlockModeEncrypt> Encrypting<M> {
    pub(in crate::crypto::backend) fn new(mode: M) -> Self {
        Self(mode, Zeroizing::default())
    }
}

impl<M: BlockModeDecrypt> Decrypting<M> {
    pub(in crate::crypto::backend) fn new(mode: M) -> Self {
        Self(mode, Vec::new())
    }
}

/// Appends what is pending and what is new, keeps back what does not belong to the first `whole` octets.
fn gather(pending: &mut Vec<u8>, new: &[u8], out: &mut Vec<u8>, whole: impl Fn(usize) -> usize) -> usize {
    let start = out.len();
    out.extend_from_slice(pending);
    out.extend_from_slice(new);
    let end = start + whole(out.len() - start);
    pending.clear();
    pending.extend_from_slice(out.get(end..).unwrap_or_default());
    out.truncate(end);
    start
}

impl<M: BlockModeEncrypt + Send> ContentEncryption for Encrypting<M> {
    fn update(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        let block = M::block_size();
        let start = gather(&mut self.1, content, out, |total| total / block * block);
        let (blocks, _) = Array::slice_as_chunks_mut(out.get_mut(start..).unwrap_or_default());
        self.0.encrypt_blocks(blocks);
        Ok(())
    }

    fn finish(mut self: Box<Self>, out: &mut Vec<u8>) -> Result<Vec<u8>, KeyError> {
        let missing = M::block_size() - self.1.len();
        let octet = u8::try_from(missing).map_err(KeyError::unavailable)?;
        self.update(&vec![octet; missing], out)?;
        Ok(Vec::new())
    }
}

impl<M: BlockModeDecrypt + Send> ContentDecryption for Decrypting<M> {
    fn update(&mut self, ciphertext: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        let block = M::block_size();
        let start = gather(&mut self.1, ciphertext, out, |total| total.saturating_sub(1) / block * block);
        let (blocks, _) = Array::slice_as_chunks_mut(out.get_mut(start..).unwrap_or_default());
        self.0.decrypt_blocks(blocks);
        Ok(())
    }

    fn finish(mut self: Box<Self>, tag: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        if self.1.len() != M::block_size() || !tag.is_empty() {
            return Err(Undecryptable);
        }
        let mut last = Zeroizing::new(std::mem::take(&mut self.1));
        let (blocks, _) = Array::slice_as_chunks_mut(&mut last);
        self.0.decrypt_blocks(blocks);
        let length = content_length(&last).ok_or(Undecryptable)?;
        out.extend_from_slice(last.get(..length).ok_or(Undecryptable)?);
        Ok(())
    }
}

/// Octets before the padding of the last block. Which octet is wrong does not show in the time.
fn content_length(block: &[u8]) -> Option<usize> {
    let padding = *block.last()?;
    let most = u8::try_from(block.len()).ok()?;
    let mut good = !padding.ct_eq(&0) & padding.ct_lt(&most.checked_add(1)?);
    for (index, octet) in (0_u8..).zip(block.iter().rev()) {
        let is_content: Choice = !index.ct_lt(&padding);
        good &= is_content | octet.ct_eq(&padding);
    }
    block.len().checked_sub(usize::from(padding)).filter(|_| bool::from(good))
}
