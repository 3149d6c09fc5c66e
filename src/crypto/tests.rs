//! Encryption by every provider, each against the other ones. Foreign vectors: `tests/wycheproof*`, openssl.

mod content;
mod recipients;

use super::{KeyError, Provider, SecureRandom, portable};

pub(super) fn providers() -> Vec<Provider> {
    vec![
        #[cfg(feature = "aws-lc")]
        super::aws_lc(),
        #[cfg(feature = "rust-crypto")]
        super::rust_crypto(),
        portable(),
    ]
}

/// The same octets at every start.
#[derive(Debug)]
pub(super) struct Fixed(pub(super) u8);

impl SecureRandom for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError> {
        out.iter_mut().zip(0_u8..=255).for_each(|(octet, count)| *octet = self.0.wrapping_add(count));
        Ok(())
    }
}
