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

pub(super) fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
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
