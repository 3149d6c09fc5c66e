//! SignedData with the content inside, written in one pass, as BER: no length has to be known beforehand.

use std::fmt;
use std::io::{self, Write};

use crate::cms::ber::tag;
use crate::cms::der_writer::{header, push_element};
use crate::cms::{ContentHasher, Oid, PreparedSignedData, SignedDataBuilder};
use crate::crypto::Provider;
use crate::error::Error;

/// Octets of one piece of the content.
const PIECE: usize = 16 << 10;
const INDEFINITE: u8 = 0x80;
const END: &[u8] = &[0, 0];

/// Content is written to it and passed on at once; the signatures come after it.
///
/// ```
/// use std::io::Write;
/// use mailseal::{cms::{SignedDataBuilder, StreamedSignedData}, crypto::Provider};
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// let mut streamed = StreamedSignedData::new(SignedDataBuilder::new(), Vec::new(), &Provider::default())?;
/// streamed.write_all(b"Hello\r\n").unwrap();
/// assert!(streamed.prepare(&Provider::default()).is_err(), "no signers");
/// # }
/// # Ok::<(), mailseal::Error>(())
/// ```
pub struct StreamedSignedData<W> {
    builder: SignedDataBuilder,
    hasher: ContentHasher,
    piece: Vec<u8>,
    out: W,
}

impl<W: Write> StreamedSignedData<W> {
    /// Writes what stands before the content.
    pub fn new(builder: SignedDataBuilder, mut out: W, provider: &Provider) -> Result<Self, Error> {
        let hasher = ContentHasher::new(provider, &builder.hash_algorithms());
        let mut head = vec![tag::SEQUENCE, INDEFINITE];
        push_element(&mut head, tag::OID, &[Oid::SIGNED_DATA.octets()]);
        head.extend([tag::context(0), INDEFINITE, tag::SEQUENCE, INDEFINITE]);
        builder.start(&mut head);
        head.extend([tag::SEQUENCE, INDEFINITE]);
        head.extend(builder.content_type_octets());
        head.extend([tag::context(0), INDEFINITE, tag::OCTET_STRING_PIECES, INDEFINITE]);
        out.write_all(&head).map_err(Error::io("writing a CMS message"))?;
        Ok(Self { builder, hasher, piece: Vec::with_capacity(PIECE), out })
    }

    /// The content is complete: says what has to be signed. The writer has to be given back to [`complete_streamed`].
    ///
    /// [`complete_streamed`]: PreparedSignedData::complete_streamed
    pub fn prepare(mut self, provider: &Provider) -> Result<(PreparedSignedData, W), Error> {
        let failed = || Error::io("writing a CMS message");
        self.flush_piece().map_err(failed())?;
        // The string, [0] and encapContentInfo end.
        self.out.write_all(&END.repeat(3)).map_err(failed())?;
        Ok((self.builder.prepare_with(self.hasher.finish(), provider)?, self.out))
    }

    fn flush_piece(&mut self) -> io::Result<()> {
        if !self.piece.is_empty() {
            let length = u64::try_from(self.piece.len()).unwrap_or(0);
            self.out.write_all(&header(tag::OCTET_STRING, length))?;
            self.out.write_all(&self.piece)?;
            self.piece.clear();
        }
        Ok(())
    }
}

impl PreparedSignedData {
    /// Writes what stands after content that went through a [`StreamedSignedData`].
    pub fn complete_streamed(self, signatures: Vec<Vec<u8>>, out: &mut dyn Write) -> Result<(), Error> {
        // SignedData, [0] and ContentInfo end.
        let mut end = Vec::new();
        self.end(&signatures, &mut end)?;
        end.extend(END.repeat(3));
        out.write_all(&end).map_err(Error::io("writing a CMS message"))
    }
}

impl<W: Write> Write for StreamedSignedData<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let taken = octets.get(..PIECE.saturating_sub(self.piece.len())).unwrap_or(octets);
        self.piece.extend_from_slice(taken);
        self.hasher.update(taken);
        if self.piece.len() == PIECE {
            self.flush_piece()?;
        }
        Ok(taken.len())
    }

    /// Does nothing: pieces are written when they are full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W> fmt::Debug for StreamedSignedData<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamedSignedData").field("builder", &self.builder).finish_non_exhaustive()
    }
}
