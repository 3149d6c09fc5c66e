//! Hashes in Rust, present in every build.

use sha2::Digest as _;

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(octets).into()
}
