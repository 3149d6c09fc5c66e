//! quoted-printable for text, safe on every way a mail takes (RFC 2045 §6.7, RFC 3156 §3, RFC 8551 §3.1.2).

use std::io::{self, Write};

/// Encodes the text that is written to it.
///
/// CR LF and a bare LF are line ends, written as CR LF. Encoded are, beyond what must be: blanks at the end of a
/// line (gateways strip them), `From ` and a dot at its start (mailboxes and SMTP change them), and `--` at its
/// start, so that no line can be taken for a delimiter (RFC 2046 §5.1.1).
pub(crate) struct QuotedPrintableWriter<W: Write> {
    out: W,
    /// The line under way. It leaves when it is whole: its first octets may still change.
    line: Vec<u8>,
    /// A blank whose place, in the line or at its end, is not known yet; and a CR after it.
    blank: Option<u8>,
    cr: bool,
    lines: Vec<u8>,
}

/// Characters of a line before the `=` of a soft break (RFC 2045 §6.7 rule 5).
const WIDTH: usize = 75;
/// Octets taken between two writes.
const BLOCK: usize = 8 << 10;

impl<W: Write> QuotedPrintableWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, line: Vec::with_capacity(80), blank: None, cr: false, lines: Vec::new() }
    }

    /// Writes what is left; adds no line end of its own.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if self.cr {
            self.lone_cr();
        }
        self.end_blank();
        self.lines.append(&mut self.line);
        self.out.write_all(&self.lines)?;
        Ok(self.out)
    }

    fn octet(&mut self, octet: u8) {
        if octet == b'\n' {
            self.cr = false;
            self.end_blank();
            return self.break_line(b"\r\n");
        }
        if self.cr {
            self.lone_cr();
        }
        match octet {
            b'\r' => self.cr = true,
            b' ' | b'\t' => {
                self.inner_blank();
                self.blank = Some(octet);
            }
            _ => {
                self.inner_blank();
                self.visible(octet);
            }
        }
    }

    fn visible(&mut self, octet: u8) {
        if octet == b'-' && self.line == b"-" {
            self.line.clear();
            self.encoded(b'-');
        }
        match octet {
            b'.' if self.line.is_empty() || self.line.len() >= WIDTH => self.encoded(octet),
            b'!'..=b'<' | b'>'..=b'~' => self.token(&[octet]),
            _ => self.encoded(octet),
        }
    }

    fn lone_cr(&mut self) {
        self.cr = false;
        self.inner_blank();
        self.encoded(b'\r');
    }

    /// The blank stands between other characters: as it is.
    fn inner_blank(&mut self) {
        let Some(blank) = self.blank.take() else { return };
        if blank == b' ' && self.line == b"From" {
            self.line.clear();
            self.line.extend_from_slice(b"=46rom");
        }
        self.token(&[blank]);
    }

    /// The blank ends its line (rule 3).
    fn end_blank(&mut self) {
        if let Some(blank) = self.blank.take() {
            self.encoded(blank);
        }
    }

    fn encoded(&mut self, octet: u8) {
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 };
        self.token(&[b'=', digit(octet >> 4), digit(octet & 15)]);
    }

    fn token(&mut self, token: &[u8]) {
        if self.line.len() + token.len() > WIDTH {
            self.break_line(b"=\r\n");
        }
        self.line.extend_from_slice(token);
    }

    fn break_line(&mut self, end: &[u8]) {
        self.lines.append(&mut self.line);
        self.lines.extend_from_slice(end);
    }
}

impl<W: Write> Write for QuotedPrintableWriter<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        for block in octets.chunks(BLOCK) {
            block.iter().for_each(|octet| self.octet(*octet));
            self.out.write_all(&self.lines)?;
            self.lines.clear();
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(text: &[u8]) -> String {
        let mut writer = QuotedPrintableWriter::new(Vec::new());
        writer.write_all(text).unwrap();
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    /// RFC 2045 §6.7, for well-formed text only.
    fn decode(text: &str) -> Vec<u8> {
        let joined = text.replace("=\r\n", "");
        let (mut out, mut octets) = (Vec::new(), joined.bytes());
        while let Some(octet) = octets.next() {
            if octet == b'=' {
                let digits = [octets.next().unwrap(), octets.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                out.push(octet);
            }
        }
        out
    }

    fn canonical(text: &[u8]) -> Vec<u8> {
        let (mut out, mut last) = (Vec::new(), 0);
        for octet in text {
            if *octet == b'\n' && last != b'\r' {
                out.push(b'\r');
            }
            out.push(*octet);
            last = *octet;
        }
        out
    }

    #[test]
    fn what_must_be_encoded_is() {
        assert_eq!(encode("a=b \u{e9}\0\r\n".as_bytes()), "a=3Db =C3=A9=00\r\n");
        assert_eq!(encode(b"a\rb\n"), "a=0Db\r\n");
        assert_eq!(encode(b"a \r\n\t\n"), "a=20\r\n=09\r\n");
        assert_eq!(encode(b"a \r"), "a =0D");
    }

    #[test]
    fn r_e2_lines_that_carriers_change_are_encoded() {
        assert_eq!(
            encode(b"From me\n>From me\nFrom\nFromage\n"),
            "=46rom me\r\n>From me\r\nFrom\r\nFromage\r\n"
        );
        assert_eq!(encode(b".\n..a\na.\n"), "=2E\r\n=2E.a\r\na.\r\n");
        assert_eq!(encode(b"-- \n--=_x\n- a\n"), "=2D-=20\r\n=2D-=3D_x\r\n- a\r\n");
    }

    #[test]
    fn r_e2_a_soft_break_makes_no_such_line() {
        for text in ["From me", ".", "--=_x"] {
            let line = encode(format!("{}{text}\r\n", "x".repeat(WIDTH)).as_bytes());
            let second = line.split("=\r\n").nth(1).unwrap();
            assert!(second.starts_with('='), "{second}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in proptest::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(b' '), 1 => Just(b'\r'), 1 => Just(b'\n'), 1 => Just(b'-'), 1 => Just(b'.')], 0..600)) {
            let encoded = encode(&text);
            prop_assert_eq!(decode(&encoded), canonical(&text));
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= 76);
                prop_assert!(line.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\t')));
                prop_assert!(!line.ends_with([' ', '\t']) && !line.starts_with('.') && !line.starts_with("--") && !line.starts_with("From "));
            }
        }
    }
}
