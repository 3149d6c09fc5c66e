//! quoted-printable as others write it (RFC 2045 §6.7): the rule leaves much open, and signatures cover every octet.

/// What a writer does where the rule leaves it open.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Octets of a line, with the `=` of a soft break.
    pub(super) width: usize,
    /// A soft break stands after a blank where there is one.
    pub(super) words: bool,
    /// `From ` and a dot at the start of a line are encoded.
    pub(super) careful: bool,
    /// And a dash there, which armour escapes.
    pub(super) dashes: bool,
    /// Tabs are encoded.
    pub(super) tabs: bool,
    /// Digits are in lower case.
    pub(super) lower: bool,
}

/// Those that are in use: Python, Perl, Java and most others 76; mutt, Thunderbird, Outlook, nodemailer; then the rest.
pub(super) fn styles() -> Vec<Style> {
    let mut styles = Vec::new();
    for width in [76, 75, 74, 73, 72, 78, 77, 71, 70, 64] {
        for (words, careful) in [(false, false), (false, true), (true, false), (true, true)] {
            styles.push(Style { width, words, careful, dashes: false, tabs: false, lower: false });
        }
    }
    for width in [76, 75, 73, 72] {
        styles.push(Style { width, words: false, careful: false, dashes: false, tabs: true, lower: false });
        styles.push(Style { width, words: false, careful: false, dashes: false, tabs: false, lower: true });
        for words in [false, true] {
            styles.push(Style { width, words, careful: true, dashes: true, tabs: false, lower: false });
        }
    }
    styles
}

/// `text` has CRLF line ends, which stay.
pub(super) fn encoded(text: &[u8], style: Style) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().saturating_mul(5) / 4);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let (content, ending) = match line.strip_suffix(b"\r\n") {
            Some(content) => (content, &b"\r\n"[..]),
            None => (line, &b""[..]),
        };
        broken(&tokens(content, style), style, &mut out);
        out.extend_from_slice(ending);
    }
    out
}

fn tokens(content: &[u8], style: Style) -> Vec<Vec<u8>> {
    let last = content.len().saturating_sub(1);
    let token = |(at, octet): (usize, &u8)| {
        let plain = match octet {
            b' ' => at != last,
            b'\t' => at != last && !style.tabs,
            b'.' if style.careful && at == 0 => false,
            b'F' if style.careful && at == 0 => !content.starts_with(b"From "),
            b'-' if style.dashes && at == 0 => false,
            b'=' => false,
            b'!'..=b'~' => true,
            _ => false,
        };
        match (plain, style.lower) {
            (true, _) => vec![*octet],
            (false, true) => format!("={octet:02x}").into_bytes(),
            (false, false) => format!("={octet:02X}").into_bytes(),
        }
    };
    content.iter().enumerate().map(token).collect()
}

/// Soft breaks (RFC 2045 §6.7, rule 5).
fn broken(tokens: &[Vec<u8>], style: Style, out: &mut Vec<u8>) {
    let mut rest = tokens;
    loop {
        let total: usize = rest.iter().map(Vec::len).sum();
        if total <= style.width.saturating_sub(usize::from(style.words)) || rest.is_empty() {
            out.extend(rest.iter().flatten());
            return;
        }
        let mut used = 0_usize;
        let fits = |token: &&Vec<u8>| {
            used = used.saturating_add(token.len());
            used < style.width
        };
        let mut count = rest.iter().take_while(fits).count().max(1);
        if style.words {
            let blank = |token: &Vec<u8>| token == b" " || token == b"\t";
            let head = rest.get(..count).unwrap_or_default();
            count = head.iter().rposition(blank).map_or(count, |at| at.saturating_add(1));
        }
        let (line, more) = rest.split_at(count.min(rest.len()));
        out.extend(line.iter().flatten());
        out.extend_from_slice(b"=\r\n");
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_python_writes_it() {
        let style = styles().remove(0);
        let text = format!("Gr\u{fc}\u{df}e = {} \r\nFrom x\r\n", "a".repeat(70));
        let python = "Gr=C3=BC=C3=9Fe =3D aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\naaaaaaaaaaaaaaa=20\r\nFrom x\r\n";
        assert_eq!(String::from_utf8(encoded(text.as_bytes(), style)).unwrap(), python);
    }
}
