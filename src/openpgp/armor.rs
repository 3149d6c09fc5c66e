//! Armor (RFC 9580 §6): where blocks begin and end. The decoding and the writing are sequoia-openpgp's.

use std::io::Write;

use memchr::memmem;
use sequoia_openpgp::armor::{Kind, Writer};

use crate::error::Error;

/// One block of packets.
pub(super) fn enclosed(kind: Kind, packets: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = || Error::io("writing armor");
    let mut writer = Writer::new(Vec::new(), kind).map_err(failed())?;
    writer.write_all(packets).map_err(failed())?;
    writer.finalize().map_err(failed())
}

/// A block of armor, its lines included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// `PUBLIC KEY BLOCK` of `-----BEGIN PGP PUBLIC KEY BLOCK-----`.
    pub(crate) label: String,
    /// First octet of its first line.
    pub(crate) start: usize,
    /// The octet after its last line.
    pub(crate) end: usize,
}

/// Blocks, in order. A block without an end reaches to the end of the text; a cleartext signed message
/// (RFC 9580 §7) reaches to the end of its signature.
pub(crate) fn blocks(text: &[u8]) -> impl Iterator<Item = Block> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let block = next_block(text, from)?;
        from = block.end;
        Some(block)
    })
}

fn next_block(text: &[u8], from: usize) -> Option<Block> {
    let (start, label) = line_with(text, from, BEGIN)?;
    let closing = if label == "SIGNED MESSAGE" { "SIGNATURE" } else { label };
    let mut at = start;
    let end = loop {
        match line_with(text, at, END) {
            Some((line, ended)) if ended == closing => break line_end(text, line),
            Some((line, _)) => at = line_end(text, line),
            None => break text.len(),
        }
    };
    Some(Block { label: label.to_owned(), start, end })
}

/// The next line that is `prefix`, a label and five dashes, and where it starts.
fn line_with<'a>(text: &'a [u8], from: usize, prefix: &[u8]) -> Option<(usize, &'a str)> {
    let mut at = from;
    loop {
        let found = at + memmem::find(text.get(at..)?, prefix)?;
        at = found + prefix.len();
        // Before the line is looked at: a line may be long and full of prefixes (threats D7).
        if found > 0 && text.get(found - 1) != Some(&b'\n') {
            continue;
        }
        let line = text.get(at..line_end(text, at))?.trim_ascii_end();
        let label = line.strip_suffix(b"-----").and_then(|label| std::str::from_utf8(label).ok());
        if let Some(label) = label {
            return Some((found, label));
        }
    }
}

/// The octet after the line that `at` is in.
fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |end| at + end + 1)
}

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_start_at_line_starts_and_end_with_their_own_label() {
        let text = b"x -----BEGIN PGP MESSAGE-----\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n-----END PGP \
                     MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\nafter\n\
                     -----BEGIN PGP SIGNATURE-----\nopen";
        let found: Vec<_> = blocks(text).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].label, "SIGNED MESSAGE");
        assert_eq!(found[0].start, 30);
        assert!(text[found[0].end..].starts_with(b"after"));
        assert_eq!((found[1].label.as_str(), found[1].end), ("SIGNATURE", text.len()));
    }

    /// Threats D7: one long line full of beginnings takes linear time.
    #[test]
    fn d7_a_line_full_of_beginnings() {
        let text = [BEGIN.repeat(300_000), b"-----\n".to_vec()].concat();
        let start = std::time::Instant::now();
        assert_eq!(blocks(&text).count(), 1);
        assert_eq!(blocks(&[b" ".to_vec(), text].concat()).count(), 0);
        assert!(start.elapsed().as_secs() < 20);
    }
}
