//! The outermost structure, and content alone (RFC 5652 §3).

use std::io::{self, BufRead, BufReader, Read};

use crate::cms::ber::{Reader, tag};
use crate::cms::signed_data::SignedDataReader;
use crate::cms::{Oid, malformed};
use crate::error::Error;
use crate::limits::Limits;

/// What a CMS structure says it is. Reads no further than that.
///
/// ```
/// use mailseal::{Limits, cms::{self, Oid}};
/// let message = cms::certs_only(&[]);
/// assert_eq!(cms::content_type(message.as_slice(), &Limits::default())?, Oid::SIGNED_DATA);
/// # Ok::<(), mailseal::Error>(())
/// ```
pub fn content_type(reader: impl Read, limits: &Limits) -> Result<Oid, Error> {
    let mut reader = Reader::new(BufReader::with_capacity(512, reader), limits);
    reader.enter(tag::SEQUENCE, "ContentInfo")?;
    match reader.peek()? {
        // A SignedData that stands without a ContentInfo starts with its version.
        Some(tag::INTEGER) => Ok(Oid::SIGNED_DATA),
        Some(tag::OID) => crate::cms::signed_data::oid(&mut reader, limits.asn1_depth, "contentType"),
        _ => Err(malformed("it does not start with a content type")),
    }
}

/// The content of a SignedData, nothing checked: for reading again what was checked before.
pub(crate) fn content<R: BufRead>(reader: R, limits: &Limits) -> Result<impl Read + use<R>, Error> {
    Ok(Owned { reader: SignedDataReader::new(reader, limits)?, done: false })
}

struct Owned<R> {
    reader: SignedDataReader<R>,
    done: bool,
}

impl<R: BufRead> Read for Owned<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.done {
            return Ok(0);
        }
        let count = match self.reader.content()? {
            Some(mut content) => content.read(out)?,
            None => 0,
        };
        self.done = count == 0 && !out.is_empty();
        Ok(count)
    }
}
