//! A letter with its verdict on top (RFC 8601).

use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::input::Source;
use crate::message::Opened;
use crate::message::opened::save;
use crate::mime::{AuthservId, Field, Headers};
use crate::policy::{FIELD, Verdict};

impl Opened<'_> {
    /// Writes the letter as it was received, with the verdict on top as an Authentication-Results field, and without
    /// fields of that name which speak in ours ([`AuthservId::is_forged`], RFC 8601 §5). A CR alone in front of that name,
    /// which some readers take for the end of a line, becomes a blank; a letter that begins with what is no field gets
    /// an empty line before it. All else is the same octet for octet. The verdict is that of [`report`](Self::report);
    /// `authserv_id` as in [`Verdict::authentication_results`].
    ///
    /// What was opened by [`Opener::verify_detached`](crate::Opener::verify_detached) is no letter, and
    /// [`Error::Misuse`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, Policy, TrustStore};
    /// # let opener = Opener::new(&Context::new(TrustStore::new()));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let letter = b"Authentication-Results: mx.example.org; smime=pass\r\nFrom: a@b.example\r\n\r\nPay me.\r\n";
    /// let opened = opener.open(letter, at)?;
    /// let verdict = Policy::standard().judge(&opened.report);
    /// let mut out = Vec::new();
    /// opened.stamp(&verdict, "mx.example.org", &mut out)?;
    /// let stamped = b"Authentication-Results: mx.example.org; smime=none\r\nFrom: a@b.example\r\n\r\nPay me.\r\n";
    /// assert_eq!(out, stamped);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stamp(&self, verdict: &Verdict, authserv_id: &str, out: &mut dyn Write) -> Result<(), Error> {
        let field = verdict.authentication_results(&self.report, authserv_id)?;
        let name: AuthservId = authserv_id.parse().map_err(|error| Error::misuse(format!("{error}")))?;
        let (source, header) =
            self.letter.as_ref().ok_or_else(|| Error::misuse("there is no letter, only parts of one"))?;
        let octets = source.read(header.clone(), usize::MAX, "header_bytes")?;
        let mut head = Vec::with_capacity(octets.len().saturating_add(field.len()).saturating_add(2));
        put(&mut head, &field, &octets);
        if octets.is_empty() {
            // All is body, and could begin with folds, or with fields further down.
            head.extend_from_slice(b"\r\n");
        }
        without_forged(&mut head, &octets, &name);
        without_hidden(&mut head);
        copy(source, 0..header.start, out)?;
        out.write_all(&head).map_err(Error::io("writing the letter"))?;
        copy(source, header.end..source.len(), out)
    }

    /// The same to a file, which appears with all of its content, or not at all.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, Policy, TrustStore};
    /// # let opener = Opener::new(&Context::new(TrustStore::new()));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("1.eml");
    /// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
    /// let verdict = Policy::standard().judge(&opened.report);
    /// opened.stamp_file(&verdict, "mx.example.org", &path)?;
    /// assert!(std::fs::read(&path)?.starts_with(b"Authentication-Results: mx.example.org;"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stamp_file(
        &self,
        verdict: &Verdict,
        authserv_id: &str,
        path: impl AsRef<Path>,
    ) -> Result<(), Error> {
        save(path.as_ref(), |out| self.stamp(verdict, authserv_id, out))
    }
}

/// Our field, with the line ends of the letter.
fn put(head: &mut Vec<u8>, field: &str, header: &[u8]) {
    let first = memchr::memchr(b'\n', header).and_then(|end| header.get(..end));
    let bare = first.is_some_and(|line| !line.ends_with(b"\r"));
    let end = if bare { "\n" } else { "\r\n" };
    head.extend_from_slice(field.replace("\r\n", end).as_bytes());
    head.extend_from_slice(end.as_bytes());
}

/// A CR alone is the end of a line to some readers.
fn without_hidden(head: &mut [u8]) {
    let is_field = |octets: &[u8]| {
        let rest = octets
            .split_at_checked(FIELD.len())
            .filter(|(name, _)| name.eq_ignore_ascii_case(FIELD.as_bytes()));
        rest.is_some_and(|(_, rest)| rest.trim_ascii_start().starts_with(b":"))
    };
    let hides = |at: &usize| head.get(at.saturating_add(1)..).is_some_and(is_field);
    let hidden: Vec<usize> = memchr::memchr_iter(b'\r', head).filter(hides).collect();
    for at in hidden {
        head.iter_mut().skip(at).take(1).for_each(|octet| *octet = b' ');
    }
}

/// The header without fields that speak in our name.
fn without_forged(head: &mut Vec<u8>, header: &[u8], name: &AuthservId) {
    let ours = |field: &Field<'_>| field.name.eq_ignore_ascii_case(FIELD) && name.is_forged(field.value);
    let mut from = 0;
    for field in Headers::new(header).fields().filter(ours) {
        head.extend_from_slice(header.get(from..field.range.start).unwrap_or_default());
        from = field.range.end;
    }
    head.extend_from_slice(header.get(from..).unwrap_or_default());
}

fn copy(source: &Source<'_>, range: std::ops::Range<u64>, out: &mut dyn Write) -> Result<(), Error> {
    let length = range.end.saturating_sub(range.start);
    let copied = io::copy(&mut source.reader(range)?, out).map_err(Error::io("writing the letter"))?;
    if copied == length { Ok(()) } else { Err(Error::InputChanged) }
}
