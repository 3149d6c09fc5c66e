//! Hashing content as received and, from its first bare LF on, in its CRLF form as well, in one pass.

use std::io::{self, BufRead};

use memchr::memchr_iter;

use crate::error::Error;

/// A running hash that can be split in two.
pub(crate) trait Forkable {
    fn update(&mut self, octets: &[u8]);
    fn fork(&self) -> Self;
}

/// The content as received, and its canonical form (RFC 8551 §3.1.1) where that is another.
pub(crate) struct BothForms<D> {
    received: D,
    canonical: Option<D>,
    after_cr: bool,
}

impl<D: Forkable> BothForms<D> {
    pub(crate) fn new(digest: D) -> Self {
        Self { received: digest, canonical: None, after_cr: false }
    }

    pub(crate) fn update(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while let Some(at) = self.bare_lf(rest) {
            let (head, tail) = rest.split_at(at);
            self.pass(head);
            let canonical = self.canonical.get_or_insert_with(|| self.received.fork());
            canonical.update(b"\r\n");
            self.received.update(b"\n");
            self.after_cr = false;
            rest = tail.get(1..).unwrap_or_default();
        }
        self.pass(rest);
    }

    /// The digest as received, and that of the canonical form if it is another.
    pub(crate) fn finish(self) -> (D, Option<D>) {
        (self.received, self.canonical)
    }

    fn pass(&mut self, octets: &[u8]) {
        if let Some(last) = octets.last() {
            self.received.update(octets);
            if let Some(canonical) = &mut self.canonical {
                canonical.update(octets);
            }
            self.after_cr = *last == b'\r';
        }
    }

    fn bare_lf(&self, octets: &[u8]) -> Option<usize> {
        memchr_iter(b'\n', octets).find(|at| match at.checked_sub(1) {
            Some(before) => octets.get(before) != Some(&b'\r'),
            None => !self.after_cr,
        })
    }
}

/// All octets of a reader, without a buffer between where they are in memory already.
pub(crate) fn each_piece(
    reader: &mut dyn BufRead,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Error> {
    loop {
        let count = match reader.fill_buf() {
            Ok([]) => return Ok(()),
            Ok(octets) => {
                let piece = octets.get(..PIECE).unwrap_or(octets);
                take(piece).map_err(Error::io("passing on signed content"))?;
                piece.len()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("reading signed content")(error)),
        };
        reader.consume(count);
    }
}

/// They are looked at more than once: few enough for the processor's cache.
const PIECE: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Text(Vec<u8>);

    impl Forkable for Text {
        fn update(&mut self, octets: &[u8]) {
            self.0.extend_from_slice(octets);
        }
        fn fork(&self) -> Self {
            Self(self.0.clone())
        }
    }

    fn forms(content: &[u8], size: usize) -> (Vec<u8>, Option<Vec<u8>>) {
        let mut forms = BothForms::new(Text::default());
        content.chunks(size).for_each(|chunk| forms.update(chunk));
        let (received, canonical) = forms.finish();
        (received.0, canonical.map(|text| text.0))
    }

    #[test]
    fn one_form_while_all_line_ends_are_canonical() {
        for size in 1..9 {
            assert_eq!(forms(b"a\r\nb\r\n\rc", size), (b"a\r\nb\r\n\rc".to_vec(), None));
        }
    }

    #[test]
    fn two_forms_from_the_first_bare_lf_on() {
        for size in 1..12 {
            let (received, canonical) = forms(b"a\r\nb\nc\n\nd\r\n\re\n", size);
            assert_eq!(received, b"a\r\nb\nc\n\nd\r\n\re\n");
            assert_eq!(canonical.unwrap(), b"a\r\nb\r\nc\r\n\r\nd\r\n\re\r\n");
        }
    }
}
