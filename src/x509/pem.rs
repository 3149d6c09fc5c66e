//! PEM (RFC 7468), read with patience: any text between blocks, any length of lines.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::Limits;

/// One block. The octets may be a private key, so they are wiped.
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) der: Zeroizing<Vec<u8>>,
    /// It has RFC 1421 headers: encrypted in the way of OpenSSL before PKCS#8.
    pub(crate) has_headers: bool,
}

impl Block {
    pub(crate) fn is_certificate(&self) -> bool {
        matches!(self.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE" | "X.509 CERTIFICATE")
    }
}

pub(crate) fn check_size(octets: &[u8], limits: &Limits) -> Result<(), Error> {
    if octets.len() <= limits.key_file_bytes {
        return Ok(());
    }
    Err(Error::Limit {
        name: "key_file_bytes",
        limit: u64::try_from(limits.key_file_bytes).unwrap_or(u64::MAX),
    })
}

/// DER starts with SEQUENCE; anything else with a BEGIN line in it is PEM.
pub(crate) fn is_pem(octets: &[u8]) -> bool {
    octets.first() != Some(&0x30) && memchr::memmem::find(octets, BEGIN).is_some()
}

/// All blocks but those of OpenPGP, which are armor (RFC 9580 §6); an error where one has no end or is not base64.
pub(crate) fn blocks(octets: &[u8]) -> Result<Vec<Block>, Error> {
    let mut blocks = Vec::new();
    let mut lines = octets.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if let Some(label) = line.strip_prefix(BEGIN).and_then(|line| line.strip_suffix(b"-----")) {
            if label.starts_with(b"PGP ") {
                continue;
            }
            blocks.push(block(label, &mut lines)?);
        }
    }
    Ok(blocks)
}

fn block<'a>(label: &[u8], lines: &mut impl Iterator<Item = &'a [u8]>) -> Result<Block, Error> {
    let malformed = |why: &str| Error::malformed("PEM", why);
    let label = String::from_utf8_lossy(label).into_owned();
    let end = format!("-----END {label}-----");
    let (mut text, mut has_headers, mut length) = (Vec::new(), false, 0);
    for line in lines {
        if line == end.as_bytes() {
            let der = decode(&text, length).ok_or_else(|| malformed("not base64"))?;
            return Ok(Block { label, der, has_headers });
        }
        if line.starts_with(b"-----") {
            break;
        }
        if line.contains(&b':') {
            has_headers = true;
        } else {
            length += line.len();
            text.push(line);
        }
    }
    Err(malformed("a block has no end"))
}

fn decode(lines: &[&[u8]], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    // Never grown, so that no copy of a key is left behind.
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    lines.iter().for_each(|line| text.extend_from_slice(line));
    base64_simd::forgiving_decode_to_vec(&text).ok().map(Zeroizing::new)
}

/// One block, in lines of 64 (RFC 7468 §3).
pub(crate) fn write(label: &str, der: &[u8]) -> String {
    // Never grown, and each line wiped, so that no copy of a key is left behind.
    let mut out = String::with_capacity(2 * (label.len() + 32) + der.len() * 4 / 3 + der.len() / 48 + 8);
    out.push_str(&format!("-----BEGIN {label}-----\n"));
    for octets in der.chunks(48) {
        out.push_str(&Zeroizing::new(base64_simd::STANDARD.encode_to_string(octets)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

const BEGIN: &[u8] = b"-----BEGIN ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_between() {
        let text = b"Bag\r\n-----BEGIN A-----\r\nAQ\r\n ID\r\n-----END A-----\r\nmore\n-----BEGIN B C-----\nBA==\n-----END B C-----";
        let blocks = blocks(text).unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!((blocks[0].label.as_str(), &blocks[0].der[..]), ("A", &[1, 2, 3][..]));
        assert_eq!((blocks[1].label.as_str(), &blocks[1].der[..]), ("B C", &[4][..]));
    }

    #[test]
    fn broken() {
        for text in [
            "-----BEGIN A-----\nAQID\n",
            "-----BEGIN A-----\n!\n-----END A-----",
            "-----BEGIN A-----\n-----END B-----",
        ] {
            assert!(blocks(text.as_bytes()).is_err(), "{text}");
        }
    }
}
