//! The keybox of GnuPG 2.1 and later: blobs one after the other (GnuPG, kbx/keybox-blob.c).

use crate::error::Error;
use crate::limits::Limits;
use crate::protocol::Certificate;

const HEADER: u8 = 1;
const OPENPGP: u8 = 2;
const X509: u8 = 3;

/// Looked up once, and not part of the box (bit 1 of the flags).
const EPHEMERAL: u16 = 2;

pub(super) fn is_keybox(octets: &[u8]) -> bool {
    octets.get(4) == Some(&HEADER) && octets.get(8..12) == Some(b"KBXf")
}

/// Certificates that cannot be read are left out, as GnuPG leaves them out; a box that is cut off is an error.
pub(super) fn read(octets: &[u8], limits: &Limits) -> Result<Vec<Certificate>, Error> {
    if octets.len() > limits.key_file_bytes {
        let limit = u64::try_from(limits.key_file_bytes).unwrap_or(u64::MAX);
        return Err(Error::Limit { name: "key_file_bytes", limit });
    }
    let mut found = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let (blob, behind) = next(rest).ok_or_else(|| Error::malformed("a keybox", "a blob is cut off"))?;
        found.extend(certificates(blob));
        rest = behind;
    }
    Ok(found)
}

/// A blob starts with its length.
fn next(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = number(octets, 0)?;
    // Its length, kind, version and flags.
    if length < 8 {
        return None;
    }
    octets.split_at_checked(length)
}

fn certificates(blob: &[u8]) -> Vec<Certificate> {
    let Some(kind @ (OPENPGP | X509)) = blob.get(4).copied() else { return Vec::new() };
    let flags = blob.get(6..8).and_then(|flags| Some(u16::from_be_bytes(flags.try_into().ok()?)));
    if flags.is_none_or(|flags| flags & EPHEMERAL != 0) {
        return Vec::new();
    }
    let content = number(blob, 8)
        .zip(number(blob, 12))
        .and_then(|(start, length)| blob.get(start..start.checked_add(length)?));
    let Some(content) = content else { return Vec::new() };
    match kind {
        #[cfg(feature = "openpgp")]
        OPENPGP => {
            let found = crate::openpgp::Certificate::load(content).unwrap_or_default();
            found.into_iter().map(Certificate::Openpgp).collect()
        }
        #[cfg(feature = "smime")]
        X509 => {
            let found = crate::x509::Certificate::load_pem_or_der(content).unwrap_or_default();
            found.into_iter().map(Certificate::X509).collect()
        }
        _ => Vec::new(),
    }
}

fn number(octets: &[u8], at: usize) -> Option<usize> {
    let four = octets.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}
