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
    let visible =
        |octets: &[u8]| octets.iter().fold(true, |all, octet| all & (octet.wrapping_sub(0x21) < 0x5e));
    // In sizes that suit a vector.
    let (Some(first), Some(text)) = (line.first_chunk::<64>(), line.first_chunk::<76>()) else {
        return false;
    };
    let last = text.last_chunk::<16>();
    let ends = line.ends_with(b"\r\n") && !line.starts_with(b"-");
    ends && visible(first) && last.is_some_and(|last| visible(last))
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
