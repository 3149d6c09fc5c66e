//! multipart/signed: a content and the signature over it (RFC 1847 §2.1, RFC 8551 §3.5.3, RFC 3156 §5).

use std::io::{self, Write};

use crate::error::Error;
use crate::mime::write::base64::Base64Writer;
use crate::mime::write::boundary::{Boundary, Guarded};
use crate::mime::write::field::{outer_header, parameterized};

/// What kind of signature the second part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureKind {
    /// application/pkcs7-signature: DER, sent in base64.
    Pkcs7,
    /// application/pgp-signature: ASCII armor.
    Pgp,
}

impl SignatureKind {
    fn protocol(self) -> &'static str {
        match self {
            Self::Pkcs7 => "application/pkcs7-signature",
            Self::Pgp => "application/pgp-signature",
        }
    }

    /// The header of the part with the signature, and its empty line.
    fn part_header(self) -> &'static str {
        match self {
            Self::Pkcs7 => concat!(
                "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n",
                "Content-Transfer-Encoding: base64\r\n",
                "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n",
            ),
            Self::Pgp => concat!(
                "Content-Type: application/pgp-signature; name=\"OpenPGP_signature.asc\"\r\n",
                "Content-Description: OpenPGP digital signature\r\n",
                "Content-Disposition: attachment; filename=\"OpenPGP_signature.asc\"\r\n\r\n",
            ),
        }
    }
}

/// Writes the header and the first delimiter, takes the content through [`Write`], closes with the signature.
///
/// What is written to it is, octet by octet, what has to be signed and what is sent.
pub(crate) struct MultipartSigned<W: Write> {
    out: Guarded<W>,
    kind: SignatureKind,
}

/// For readers that know no MIME; before the first delimiter nothing is signed.
const PREAMBLE: &str = "This is a signed message in MIME format.";

impl<W: Write> MultipartSigned<W> {
    /// `outer`: the fields of the letter's header, each with its line end; none where this is a part in another.
    pub(crate) fn begin<'f>(
        out: W,
        outer: impl IntoIterator<Item = &'f [u8]>,
        kind: SignatureKind,
        micalg: &str,
        boundary: Boundary,
    ) -> Result<Self, Error> {
        let parameters = [("protocol", kind.protocol()), ("micalg", micalg), ("boundary", boundary.as_str())];
        let mut header = outer_header(outer)?;
        header.extend(parameterized("Content-Type", "multipart/signed", &parameters)?);
        let start = ["\r\n", PREAMBLE, "\r\n\r\n--", boundary.as_str(), "\r\n"];
        start.iter().for_each(|text| header.extend_from_slice(text.as_bytes()));
        let mut out = Guarded::new(out, boundary);
        out.unguarded(&header).map_err(Error::io("writing the letter"))?;
        Ok(Self { out, kind })
    }

    /// The signature, DER or ASCII armor, and the end.
    pub(crate) fn finish(mut self, signature: &[u8]) -> Result<W, Error> {
        self.signature_part(signature).map_err(Error::io("writing the letter"))?;
        Ok(self.out.into_inner())
    }

    fn signature_part(&mut self, signature: &[u8]) -> io::Result<()> {
        let head = ["\r\n--", self.out.boundary(), "\r\n", self.kind.part_header()].concat();
        self.out.unguarded(head.as_bytes())?;
        match self.kind {
            SignatureKind::Pkcs7 => {
                let mut body = Base64Writer::new(&mut self.out);
                body.write_all(signature)?;
                body.finish()?;
            }
            SignatureKind::Pgp => self.out.write_all(&armor(signature)?)?,
        }
        let end = ["\r\n--", self.out.boundary(), "--\r\n"].concat();
        self.out.unguarded(end.as_bytes())
    }
}

impl<W: Write> Write for MultipartSigned<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.out.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Armor with CR LF. It is ASCII by definition (RFC 9580 §6.2).
fn armor(text: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 32);
    for line in text.split(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().any(|octet| !matches!(octet, b'\t' | b' '..=b'~')) {
            return Err(Error::misuse("the OpenPGP signature is not in ASCII armor"));
        }
        out.extend_from_slice(line.trim_ascii_end());
        out.extend_from_slice(b"\r\n");
    }
    out.truncate(out.trim_ascii_end().len());
    out.extend_from_slice(b"\r\n");
    Ok(out)
}
