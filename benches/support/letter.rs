//! Letters to sign: as a newsletter (text and HTML) up to 4 KiB, with an attachment in base64 above.

use std::fmt::Write;

/// The sizes that are measured, with their names.
pub(crate) const SIZES: [(&str, usize); 3] =
    [("2 KiB", 2 << 10), ("100 KiB", 100 << 10), ("10 MiB", 10 << 20)];

/// Drafts of one size; each has its own number, so that no signature is like another.
pub(crate) struct Drafts {
    draft: Vec<u8>,
    number_at: usize,
    number: u64,
}

const DIGITS: usize = 12;
const HEAD: &str = "From: Alice Archer <alice@bench.example>\r\nTo: bob@bench.example\r\nSubject: The news of this week\r\n\
    Date: Fri, 15 Jan 2027 08:00:00 +0000\r\nMessage-ID: <000000000000@bench.example>\r\nMIME-Version: 1.0\r\n";
const NEWSLETTER: &str = "Content-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n--b1\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    Dear reader,\r\n\r\nthis week: three articles, one event and a caf=C3=A9.\r\n\r\n--b1\r\n\
    Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><body>\r\n";
const ATTACHMENT: &str = "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nsee the attachment\r\n--b1\r\n\
    Content-Type: application/octet-stream; name=\"a.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
const END: &str = "\r\n--b1--\r\n";

impl Drafts {
    pub(crate) fn new(size: usize) -> Self {
        let small = size <= 4096;
        let mut text = [HEAD, if small { NEWSLETTER } else { ATTACHMENT }].concat();
        let number_at = text.find("<000000000000@").unwrap() + 1;
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        while text.len() + END.len() + 78 <= size {
            let line: String = (0..76).map(|_| char::from(random.letter())).collect();
            write!(text, "{line}\r\n").unwrap();
        }
        text.push_str(END.trim_start_matches("\r\n"));
        Self { draft: text.into_bytes(), number_at, number: 0 }
    }

    pub(crate) fn next(&mut self) -> Vec<u8> {
        self.number += 1;
        let mut draft = self.draft.clone();
        let digits = format!("{:0DIGITS$}", self.number);
        draft[self.number_at..self.number_at + DIGITS].copy_from_slice(digits.as_bytes());
        draft
    }
}

/// The same octets in every run (xorshift).
struct Random(u64);

impl Random {
    fn letter(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(self.0 >> 58) as usize]
    }
}
