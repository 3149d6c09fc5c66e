//! The lines that most of a large letter consists of, passed over together.

/// Octets of the lines that these begin with and that are as base64 writes them: 76 that are visible, CR LF. None of
/// them can be a delimiter.
pub(super) fn usual_lines(octets: &[u8]) -> usize {
    let mut rest = octets;
    while let Some((line, more)) = rest.split_first_chunk()
        && is_usual(line)
    {
        rest = more;
    }
    octets.len() - rest.len()
}

pub(super) const USUAL: usize = 78;

fn is_usual(line: &[u8; USUAL]) -> bool {
    // In sizes that suit a vector: of the 76, the last 16, and 64 octets.
    let (blocks, _) = line.as_chunks::<16>();
    let Some((_, [last @ .., b'\r', b'\n'])) = line.split_last_chunk::<18>() else { return false };
    // Begun with octets and not with zeros: only so does the compiler undo the loop.
    let mut most = last.map(above_space);
    for block in blocks {
        most.iter_mut().zip(block).for_each(|(most, octet)| *most = above_space(*octet).max(*most));
    }
    !line.starts_with(b"-") && most.iter().all(|most| *most < 0x5e)
}

/// Below 0x5e for what is visible.
fn above_space(octet: u8) -> u8 {
    octet.wrapping_sub(0x21)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_there_are_and_no_others() {
        let line = [&[b'x'; 76][..], b"\r\n"].concat();
        let lines = line.repeat(3);
        assert_eq!(usual_lines(&lines), 3 * USUAL);
        assert_eq!(usual_lines(&lines[..lines.len() - 1]), 2 * USUAL);
        for at in 0..USUAL {
            for octet in 0..=255_u8 {
                let mut other = lines.clone();
                other[USUAL + at] = octet;
                let usual = other == lines || at < 76 && octet.is_ascii_graphic() && (at, octet) != (0, b'-');
                assert_eq!(usual_lines(&other), if usual { 3 } else { 1 } * USUAL, "{octet} at {at}");
            }
        }
    }
}
