//! multipart/encrypted with an OpenPGP message (RFC 1847 §2.2, RFC 3156 §4).

use std::io::{self, Write};

use crate::error::Error;
use crate::mime::write::boundary::{Boundary, Guarded};
use crate::mime::write::field::{outer_header, parameterized};

/// Writes the header, the control part and the head of the second part, takes the armored message through [`Write`].
///
/// The message is ASCII in short lines, so it is sent as it is.
pub(crate) struct MultipartEncrypted<W: Write> {
    out: Guarded<W>,
}

const PROTOCOL: &str = "application/pgp-encrypted";
/// For readers that know no MIME.
const PREAMBLE: &str = "This is an encrypted message in MIME format.";
const CONTROL: &str = concat!(
    "Content-Type: application/pgp-encrypted\r\n",
    "Content-Description: PGP/MIME version identification\r\n\r\n",
    "Version: 1\r\n",
);
const MESSAGE: &str = concat!(
    "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n",
    "Content-Description: OpenPGP encrypted message\r\n",
    "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
);

impl<W: Write> MultipartEncrypted<W> {
    /// `outer`: the fields of the letter's header, each with its line end; none where this is a part in another.
    pub(crate) fn begin<'f>(
        out: W,
        outer: impl IntoIterator<Item = &'f [u8]>,
        boundary: Boundary,
    ) -> Result<Self, Error> {
        let parameters = [("protocol", PROTOCOL), ("boundary", boundary.as_str())];
        let mut header = outer_header(outer)?;
        header.extend(parameterized("Content-Type", "multipart/encrypted", &parameters)?);
        let delimiter = ["\r\n--", boundary.as_str(), "\r\n"].concat();
        let start = ["\r\n", PREAMBLE, "\r\n", &delimiter, CONTROL, &delimiter, MESSAGE];
        start.iter().for_each(|text| header.extend_from_slice(text.as_bytes()));
        let mut out = Guarded::new(out, boundary);
        out.unguarded(&header).map_err(Error::io("writing the letter"))?;
        Ok(Self { out })
    }

    /// The end.
    pub(crate) fn finish(mut self) -> Result<W, Error> {
        let end = ["\r\n--", self.out.boundary(), "--\r\n"].concat();
        self.out.unguarded(end.as_bytes()).map_err(Error::io("writing the letter"))?;
        Ok(self.out.into_inner())
    }
}

impl<W: Write> Write for MultipartEncrypted<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.out.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_rfc_3156() {
        let outer: [&[u8]; 2] = [b"From: a@example.org\r\n", b"Subject: ...\r\n"];
        let boundary = Boundary::new([7; 16]);
        let delimiter = format!("--{}", boundary.as_str());
        let mut writer = MultipartEncrypted::begin(Vec::new(), outer, boundary).unwrap();
        writer
            .write_all(b"-----BEGIN PGP MESSAGE-----\r\n\r\nQUJD\r\n-----END PGP MESSAGE-----\r\n")
            .unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        let parts: Vec<&str> = text.split(&delimiter).collect();
        assert_eq!(parts.len(), 4);
        assert!(parts[0].contains("multipart/encrypted;") && parts[0].contains(PROTOCOL), "{text}");
        assert!(parts[1].ends_with("\r\n\r\nVersion: 1\r\n\r\n"));
        assert!(parts[2].ends_with("-----END PGP MESSAGE-----\r\n\r\n"));
        assert_eq!(parts[3], "--\r\n");
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    }
}
