//! A footer that a list server adds outside of what is signed, so that the signature stays verifiable.
//!
//! - [`Context::append_footer`].
//!
//! ```text
//!  multipart/signed ─┬─ content           multipart/mixed ─┬─ multipart/signed ─┬─ content     octet for octet
//!                    └─ signature    ──►                   │                    └─ signature
//!                                                          └─ the footer
//! ```

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::input::{Input, Source};
use crate::message::Context;
use crate::message::classify::{Kind, kind};
use crate::message::opened::save;
use crate::mime::write::field::{self, parameterized};
use crate::mime::write::{Boundary, QuotedPrintableWriter};
use crate::mime::{Defect, Part, Structure};

/// What became of a letter that should get a footer.
///
/// ```
/// assert_eq!(mailseal::Footer::Wrapped.name(), "wrapped");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Footer {
    /// `wrapped`: the letter, as it was, and the footer are the two parts of a new multipart/mixed.
    Wrapped,
    /// `appended`: the letter was a multipart/mixed, which has one part more.
    Appended,
    /// `left`: the letter is encrypted and stays as it was. Readers open only what is encrypted as a whole.
    Left,
}

impl Footer {
    /// Its name, which does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrapped => "wrapped",
            Self::Appended => "appended",
            Self::Left => "left",
        }
    }
}

impl Context {
    /// Writes a letter with a footer below it, as a list server may add one: outside of what is signed, of which no octet
    /// changes. Receivers see the footer as a part that nobody signed, and the signature still holds for its part. An
    /// encrypted letter is written as it was.
    ///
    /// A letter that is a multipart/mixed gets one part more. Any other becomes the first part of a new one, with its
    /// Content fields; the other fields of its header stay. Line ends are as those of the letter.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// # let draft = b"From: alice@example.org\r\nTo: list@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// use mailseal::{Composer, Context, Footer, Opener, TrustStore};
    /// let cx = Context::new(TrustStore::new());
    /// let (mut letter, mut listed) = (Vec::new(), Vec::new());
    /// Composer::new(&cx).sign(&key).compose(draft, at, &mut letter)?;
    /// let footer = "To unsubscribe: https://lists.example.org/leave\n";
    /// assert_eq!(cx.append_footer(&letter, footer, &mut listed)?, Footer::Wrapped);
    /// let report = Opener::new(&cx).open(&listed, at)?.report;
    /// assert!(report.signatures().all(|signature| signature.integrity.holds()));
    /// assert_eq!(report.uncovered.len(), 1, "the footer");
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn append_footer<'a>(
        &self,
        letter: impl Into<Input<'a>>,
        footer: &str,
        out: &mut dyn Write,
    ) -> Result<Footer, Error> {
        if footer.chars().any(|letter| letter.is_control() && !matches!(letter, '\r' | '\n' | '\t')) {
            return Err(Error::misuse("the footer holds a control character"));
        }
        let source = letter.into().load(self.bounds())?;
        source.unless_cancelled(|| {
            let structure = Structure::read(&mut *source.reader(0..source.len())?, self.bounds())?;
            let root = structure.root().ok_or_else(|| Error::malformed("a letter", "it is empty"))?;
            let letter = Letter { source: &source, root, end: line_end(root) };
            if is_encrypted(&structure, root) {
                letter.copy(0..source.len(), out)?;
                return Ok(Footer::Left);
            }
            if let Some((boundary, at)) = open_end(&structure, root)
                && !footer.contains(&boundary)
            {
                letter.copy(0..at, out)?;
                letter.footer(&boundary, footer, out)?;
                letter.copy(at..source.len(), out)?;
                return Ok(Footer::Appended);
            }
            letter.wrap(self, footer, out)?;
            Ok(Footer::Wrapped)
        })
    }

    /// The same to a file, which appears when all of it is there, or not at all.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("listed.eml");
    /// use mailseal::{Context, TrustStore};
    /// let letter = b"From: alice@example.org\r\nTo: list@example.org\r\n\r\nHello\r\n";
    /// Context::new(TrustStore::new()).append_footer_file(letter, "From the list\n", &path)?;
    /// assert!(std::fs::read_to_string(&path).unwrap().contains("multipart/mixed"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn append_footer_file<'a>(
        &self,
        letter: impl Into<Input<'a>>,
        footer: &str,
        path: impl AsRef<Path>,
    ) -> Result<Footer, Error> {
        let mut became = Footer::Left;
        save(path.as_ref(), |out| {
            became = self.append_footer(letter, footer, out)?;
            Ok(())
        })?;
        Ok(became)
    }
}

struct Letter<'l, 's> {
    source: &'l Source<'s>,
    root: &'l Part,
    end: &'static str,
}

impl Letter<'_, '_> {
    fn copy(&self, range: Range<u64>, out: &mut dyn Write) -> Result<(), Error> {
        let length = range.end.saturating_sub(range.start);
        let copied = io::copy(&mut self.source.reader(range)?, out).map_err(failed())?;
        if copied == length { Ok(()) } else { Err(Error::InputChanged) }
    }

    fn put(&self, octets: &[u8], out: &mut dyn Write) -> Result<(), Error> {
        let mut lines = octets.split_inclusive(|octet| *octet == b'\n');
        lines.try_for_each(|line| {
            let text = line.strip_suffix(b"\r\n").unwrap_or(line);
            let end = if text.len() < line.len() { self.end.as_bytes() } else { b"" };
            out.write_all(text).and_then(|()| out.write_all(end)).map_err(failed())
        })
    }

    /// A delimiter and the part.
    fn footer(&self, boundary: &str, footer: &str, out: &mut dyn Write) -> Result<(), Error> {
        let mut part = format!("\r\n--{boundary}\r\n").into_bytes();
        part.extend(parameterized("Content-Type", "text/plain", &[("charset", "utf-8")])?);
        part.extend_from_slice(
            b"Content-Disposition: inline\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        );
        let text = footer.replace("\r\n", "\n").replace('\r', "\n");
        let mut writer = QuotedPrintableWriter::new(&mut part);
        let written = writer.write_all(text.trim_end_matches('\n').replace('\n', "\r\n").as_bytes());
        written.and_then(|()| writer.finish().map(drop)).map_err(failed())?;
        self.put(&part, out)
    }

    /// Both as parts of a new multipart.
    fn wrap(&self, cx: &Context, footer: &str, out: &mut dyn Write) -> Result<(), Error> {
        let mut random = [0; 16];
        cx.crypto().random.fill(&mut random)?;
        let boundary = Boundary::new(random);
        let boundary = boundary.as_str();
        let fields = field::split(without_mbox_line(&self.root.header_octets), cx.bounds())?;
        let moves = |field: &&field::Field<'_>| field.starts_with("Content-");
        let (mut stay, mut inner) = (Vec::new(), Vec::new());
        let has_version = fields.iter().any(|field| field.is("MIME-Version"));
        for field in &fields {
            let to = if moves(&field) { &mut inner } else { &mut stay };
            to.extend_from_slice(field.octets);
        }
        let mbox = self.root.header_octets.len() - without_mbox_line(&self.root.header_octets).len();
        let mbox = self.root.header_octets.get(..mbox).unwrap_or_default();
        let mut head = Vec::new();
        if !has_version {
            head.extend_from_slice(b"MIME-Version: 1.0\r\n");
        }
        head.extend(parameterized("Content-Type", "multipart/mixed", &[("boundary", boundary)])?);
        head.extend(format!("\r\n--{boundary}\r\n").into_bytes());
        [mbox, &stay].iter().try_for_each(|octets| out.write_all(octets)).map_err(failed())?;
        self.put(&head, out)?;
        out.write_all(&inner).map_err(failed())?;
        self.put(b"\r\n", out)?;
        self.copy(self.root.body.clone(), out)?;
        self.footer(boundary, footer, out)?;
        self.put(format!("\r\n--{boundary}--\r\n").as_bytes(), out)
    }
}

fn failed() -> impl FnOnce(io::Error) -> Error {
    Error::io("writing the letter")
}

fn line_end(root: &Part) -> &'static str {
    let first = memchr::memchr(b'\n', &root.header_octets).and_then(|end| root.header_octets.get(..end));
    if first.is_some_and(|line| !line.ends_with(b"\r")) { "\n" } else { "\r\n" }
}

fn without_mbox_line(header: &[u8]) -> &[u8] {
    if !header.starts_with(b"From ") {
        return header;
    }
    memchr::memchr(b'\n', header).and_then(|end| header.get(end + 1..)).unwrap_or_default()
}

/// Whatever may be: what is no signature for sure is taken for encrypted.
fn is_encrypted(structure: &Structure, root: &Part) -> bool {
    match kind(structure, root) {
        Kind::Encrypted(_) => true,
        Kind::Cms => {
            let kind = root.media_type.parameter("smime-type").unwrap_or_default();
            !kind.eq_ignore_ascii_case("signed-data")
        }
        _ => false,
    }
}

/// Of a multipart/mixed that is plain to read: its boundary, and where one more part fits.
fn open_end(structure: &Structure, root: &Part) -> Option<(String, u64)> {
    let doubtful = [
        Defect::NotClosed,
        Defect::NoBoundary,
        Defect::AmbiguousBoundary,
        Defect::UnreadableContentType,
        Defect::DuplicateField,
        Defect::EncodedComposite,
    ];
    if !root.media_type.is("multipart", "mixed") || doubtful.iter().any(|defect| root.has(*defect)) {
        return None;
    }
    let last = structure.children(root).last()?;
    Some((root.media_type.parameter("boundary")?.to_owned(), last.entity().end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::TrustStore;

    fn listed(letter: &str, footer: &str) -> (String, Footer) {
        let mut out = Vec::new();
        let cx = Context::new(TrustStore::new());
        let became = cx.append_footer(letter.as_bytes(), footer, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), became)
    }

    const SIGNED: &str = "From: a@b.example\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\";\r\n\
        \tmicalg=pgp-sha256; boundary=x\r\nSubject:  odd  \r\n\r\npreamble\r\n--x\r\n\r\n Hi \r\n--x\r\n\
        Content-Type: application/pgp-signature\r\n\r\nabc\r\n--x--\r\nepilogue";

    #[test]
    fn what_is_signed_stays_octet_for_octet() {
        for letter in [
            SIGNED.to_owned(),
            SIGNED.replace("\r\n", "\n"),
            format!("From a@b Sun Nov 22 10:02:00 2026\r\n{SIGNED}"),
        ] {
            let (once, became) = listed(&letter, "Leave: https://lists.example/\n");
            assert_eq!(became, Footer::Wrapped);
            let end = if letter.contains("\r\n") { "\r\n" } else { "\n" };
            let body = letter.split_once(&format!("{end}{end}")).unwrap().1;
            assert!(once.contains(body), "{once}");
            let lines = once.matches(end).count();
            assert!(once.matches('\n').count() == lines, "{once}");
            assert!(once.contains(&format!("From: a@b.example{end}Subject:  odd  {end}")));
            let (twice, became) = listed(&once, "Another list\u{fc}");
            assert_eq!(became, Footer::Appended);
            assert!(twice.contains(body) && twice.ends_with("--\r\n") == once.ends_with("--\r\n"));
            let structure =
                Structure::read(&mut twice.as_bytes(), &crate::limits::Limits::default()).unwrap();
            let types: Vec<_> = structure
                .children(structure.root().unwrap())
                .map(|part| part.media_type.to_string())
                .collect();
            assert_eq!(types, ["multipart/signed", "text/plain", "text/plain"]);
        }
    }

    #[test]
    fn what_is_encrypted_stays_as_it_is() {
        for head in [
            "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x",
            "application/pkcs7-mime; smime-type=enveloped-data",
            "application/x-pkcs7-mime",
        ] {
            let letter =
                format!("From: a@b.example\r\nContent-Type: {head}\r\n\r\n--x\r\n\r\nabc\r\n--x--\r\n");
            assert_eq!(listed(&letter, "x"), (letter, Footer::Left));
        }
    }

    #[test]
    fn a_footer_is_text_and_no_more() {
        let (out, _) = listed(
            "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHi\r\n--x--\r\n",
            "--x--\n\nz",
        );
        let structure = Structure::read(&mut out.as_bytes(), &crate::limits::Limits::default()).unwrap();
        assert_eq!(structure.parts.len(), 4);
        let refused = Context::new(TrustStore::new()).append_footer(
            b"From: a@b.example\r\n\r\nHi",
            "\u{1b}[2J",
            &mut Vec::new(),
        );
        assert!(matches!(refused, Err(Error::Misuse(_))));
        // A letter whose parts are not plain to read is not cut open.
        let (out, became) = listed(
            "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHi\r\n",
            "y",
        );
        assert_eq!(became, Footer::Wrapped);
        assert!(out.ends_with("y\r\n--".to_owned().as_str()) || out.ends_with("--\r\n"), "{out}");
    }
}
