//! base64 in lines of 76 (RFC 2045 §6.8).

use std::io::{self, Write};

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16, u8x64, u32x16};

/// Encodes what is written to it; each line, the last too, ends in CR LF.
pub(crate) struct Base64Writer<W: Write> {
    out: W,
    pending: Vec<u8>,
    lines: Vec<Lines>,
    level: Level,
}

/// Octets of one line: 76 characters (RFC 2045 §6.8).
const LINE: usize = 57;
const CHARACTERS: usize = 76;
/// With the line end.
const ENDED: usize = CHARACTERS + 2;
/// Lines that are encoded together, each where it is written.
type Lines = [[u8; ENDED]; TOGETHER];
const TOGETHER: usize = 4;
/// What is read for them: after the last one seven octets more.
const READ: usize = TOGETHER * LINE + 7;
/// So often before they are written: they stay in the processor's cache.
const TIMES: usize = 64;

impl<W: Write> Base64Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, pending: Vec::with_capacity(LINE), lines: Vec::new(), level: Level::new() }
    }

    /// Writes the last line.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let rest = std::mem::take(&mut self.pending);
        self.encode(&rest)?;
        Ok(self.out)
    }

    fn encode(&mut self, octets: &[u8]) -> io::Result<()> {
        let mut rest = octets;
        while rest.len() >= READ && cfg!(target_endian = "little") {
            let most = (rest.len() / (TOGETHER * LINE)).min(TIMES);
            // What the last ones left is written over.
            if self.lines.len() < most {
                self.lines.resize(most, [[0; ENDED]; TOGETHER]);
            }
            let (lines, level) = (self.lines.get_mut(..most).unwrap_or_default(), self.level);
            let times = dispatch!(level, simd => encode_lines(simd, rest, lines));
            self.out.write_all(lines.get(..times).unwrap_or_default().as_flattened().as_flattened())?;
            rest = rest.get(times * TOGETHER * LINE..).unwrap_or_default();
        }
        for line in rest.chunks(LINE) {
            let mut text = [0; ENDED];
            let (room, _) = text.split_at_mut(CHARACTERS);
            let length = base64_simd::STANDARD.encode(line, base64_simd::Out::from_slice(room)).len();
            text.iter_mut().skip(length).zip(b"\r\n").for_each(|(to, end)| *to = *end);
            self.out.write_all(text.get(..length + 2).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl<W: Write> Write for Base64Writer<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut rest = octets;
        if !self.pending.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(LINE.saturating_sub(self.pending.len())));
            self.pending.extend_from_slice(head);
            if self.pending.len() < LINE {
                return Ok(octets.len());
            }
            let line = std::mem::take(&mut self.pending);
            self.encode(&line)?;
            rest = tail;
        }
        let (lines, tail) = rest.split_at(rest.len() - rest.len() % LINE);
        self.encode(lines)?;
        self.pending.extend_from_slice(tail);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// While there are octets and room; how often.
#[inline(always)]
fn encode_lines<S: Simd>(simd: S, octets: &[u8], out: &mut [Lines]) -> usize {
    let (mut rest, mut times) = (octets, 0);
    for lines in out {
        let Some(read) = rest.first_chunk() else { break };
        encode_four(simd, read, lines);
        rest = rest.get(TOGETHER * LINE..).unwrap_or_default();
        times += 1;
    }
    times
}

/// Of each line first 48 octets; then of all four the last nine, in one go.
#[inline(always)]
fn encode_four<S: Simd>(simd: S, octets: &[u8; READ], lines: &mut Lines) {
    let starts = [0, LINE, 2 * LINE, 3 * LINE];
    for (start, line) in starts.into_iter().zip(&mut *lines) {
        let text = encode(simd, [start, start + 12, start + 24, start + 36].map(|at| block(octets, at)));
        line.iter_mut().zip(text).for_each(|(to, from)| *to = from);
    }
    let ends = encode(simd, starts.map(|start| block(octets, start + 48)));
    let (ends, _) = ends.as_chunks::<16>();
    for (line, [a, b, c, d, e, f, g, h, i, j, k, l, ..]) in lines.iter_mut().zip(ends) {
        if let Some(end) = line.last_chunk_mut() {
            *end = [*a, *b, *c, *d, *e, *f, *g, *h, *i, *j, *k, *l, b'\r', b'\n'];
        }
    }
}

#[inline(always)]
fn block(octets: &[u8; READ], at: usize) -> [u8; 16] {
    octets.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
}

/// Of each block the first 12 octets (W. Muła, D. Lemire: Faster Base64 Encoding and Decoding Using AVX2 Instructions).
#[inline(always)]
fn encode<S: Simd>(simd: S, blocks: [[u8; 16]; 4]) -> [u8; 64] {
    let [a, b, c, d] = blocks.map(|block| u8x16::load_array(simd, block));
    let all = |block: [u8; 16]| u8x64::block_splat(u8x16::load_array(simd, block));
    let octets = a.combine(b).combine(c.combine(d));
    let groups: u32x16<S> = octets.swizzle_dyn_within_blocks(all(GROUPS)).bitcast();
    let digits = ((groups >> 10) & 0x3f)
        | ((groups << 4) & 0x3f00)
        | ((groups >> 6) & 0x3f_0000)
        | ((groups << 8) & 0x3f00_0000);
    let digits: u8x64<S> = digits.bitcast();
    let row = digits.simd_lt(26).select(u8x64::splat(simd, UPPER), digits.saturating_sub(51));
    (all(SHIFTS).swizzle_dyn_within_blocks(row) + digits).to_array()
}

/// Three octets as four whose bits overlap, as a little-endian number.
const GROUPS: [u8; 16] = [1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10];
/// What is added to a digit: of lower case, 0 to 9, `+`, `/`, upper case.
const SHIFTS: [u8; 16] = [71, 252, 252, 252, 252, 252, 252, 252, 252, 252, 252, 237, 240, 65, 0, 0];
const UPPER: u8 = 13;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(pieces: &[&[u8]]) -> Vec<u8> {
        let mut writer = Base64Writer::new(Vec::new());
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn vectors_of_rfc_4648() {
        assert_eq!(encode(&[b""]), b"");
        assert_eq!(encode(&[b"f"]), b"Zg==\r\n");
        assert_eq!(encode(&[b"fo", b"obar"]), b"Zm9vYmFy\r\n");
    }

    #[test]
    fn full_last_line_is_ended_once() {
        let text = encode(&[&[0; 114]]);
        assert_eq!(text.len(), 2 * 78);
        assert!(text.split(|octet| *octet == b'\n').all(|line| line.len() <= 77));
    }

    proptest! {
        #[test]
        fn any_pieces_decode_to_the_whole(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..8)) {
            let borrowed: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let mut text = encode(&borrowed);
            prop_assert!(text.is_empty() || text.ends_with(b"\r\n"));
            text.retain(|octet| !matches!(octet, b'\r' | b'\n'));
            prop_assert_eq!(base64_simd::STANDARD.decode_to_vec(&text).unwrap(), pieces.concat());
        }
    }

    #[test]
    fn each_kind_of_processor_writes_the_same() {
        let octets: Vec<u8> = (0..40_000_u32)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()[0])
            .collect();
        #[cfg(target_arch = "x86_64")]
        let levels = [
            Level::new().as_sse2().map(Level::Sse2),
            Level::new().as_sse4_2().map(Level::Sse4_2),
            Level::new().as_avx2().map(Level::Avx2),
            Some(Level::new()),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let levels = [Some(Level::new())];
        let text = base64_simd::STANDARD.encode_to_string(&octets);
        let expected: String =
            text.as_bytes().chunks(76).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap())).collect();
        for level in levels.into_iter().flatten() {
            let mut writer = Base64Writer { level, ..Base64Writer::new(Vec::new()) };
            writer.write_all(&octets).unwrap();
            assert_eq!(str::from_utf8(&writer.finish().unwrap()).unwrap(), expected, "{level:?}");
        }
    }
}
