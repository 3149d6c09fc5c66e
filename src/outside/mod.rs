//! What a program may want and a library must not do by itself: the network, files of a store, tokens, agents.
//!
//! Everything here implements a trait of the house or fills one of its types; nothing in the house names it.
//!
//! - [`CertD`]: the certificate directory that sq and others share.
//! - [`gnupg`]: keyrings and owner trust of GnuPG.

#[cfg(feature = "openpgp")]
mod certd;
#[cfg(feature = "openpgp")]
pub mod gnupg;

#[cfg(feature = "openpgp")]
pub use certd::CertD;

/// A file of keys or certificates, and no more of it than the limit.
#[cfg(feature = "openpgp")]
fn read_bounded(
    path: &std::path::Path,
    limits: &crate::limits::Limits,
) -> Result<Vec<u8>, crate::error::Error> {
    use std::io::Read;
    let failed = || crate::error::Error::io(path.display().to_string());
    let limit = u64::try_from(limits.key_file_bytes).unwrap_or(u64::MAX);
    let mut octets = Vec::new();
    let file = std::fs::File::open(path).map_err(failed())?;
    file.take(limit.saturating_add(1)).read_to_end(&mut octets).map_err(failed())?;
    if octets.len() > limits.key_file_bytes {
        return Err(crate::error::Error::Limit { name: "key_file_bytes", limit });
    }
    Ok(octets)
}
