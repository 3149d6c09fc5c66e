//! application/pkcs7-mime: one CMS object that holds its content (RFC 8551 §3.2).

use std::io::{self, Write};

use crate::error::Error;
use crate::mime::write::base64::Base64Writer;
use crate::mime::write::field::{outer_header, parameterized};

/// RFC 8551 §3.2.1, §3.2.2.
const FILE: &str = "smime.p7m";

/// Writes the header, then in base64 the CMS object that is written to it.
pub(crate) struct Pkcs7Mime<W: Write> {
    body: Base64Writer<W>,
}

impl<W: Write> Pkcs7Mime<W> {
    /// `outer`: the fields of the letter's header, each with its line end; none where this is a part in another.
    /// `smime_type`: `signed-data`, `enveloped-data` (RFC 8551 §3.2.2).
    pub(crate) fn begin<'f>(
        mut out: W,
        outer: impl IntoIterator<Item = &'f [u8]>,
        smime_type: &str,
    ) -> Result<Self, Error> {
        let parameters = [("smime-type", smime_type), ("name", FILE)];
        let mut header = outer_header(outer)?;
        header.extend(parameterized("Content-Type", "application/pkcs7-mime", &parameters)?);
        header.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n");
        header.extend(parameterized("Content-Disposition", "attachment", &[("filename", FILE)])?);
        header.extend_from_slice(b"\r\n");
        out.write_all(&header).map_err(Error::io("writing the letter"))?;
        Ok(Self { body: Base64Writer::new(out) })
    }

    /// Writes the last line.
    pub(crate) fn finish(self) -> Result<W, Error> {
        self.body.finish().map_err(Error::io("writing the letter"))
    }
}

impl<W: Write> Write for Pkcs7Mime<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.body.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.body.flush()
    }
}
