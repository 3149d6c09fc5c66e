//! CompressedData (RFC 3274), read and written in one pass.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::cms::ber::{Elements, Pieces, Reader, tag};
use crate::cms::der_writer::{header, oid, sequence, small_integer};
use crate::cms::{Oid, malformed};
use crate::error::Error;
use crate::limits::Limits;

/// Compressed octets that are read at once.
const PIECE: usize = 16 << 10;
const INDEFINITE: u8 = 0x80;
const END: &[u8] = &[0, 0];

/// Reads the content of a CompressedData: zlib, within [`Limits::expanded_bytes`] and [`Limits::expanded_ratio`]
/// (threats D3). Nothing tells who compressed it.
///
/// ```text
/// CompressedData ::= SEQUENCE {
///   version CMSVersion,
///   compressionAlgorithm CompressionAlgorithmIdentifier,
///   encapContentInfo EncapsulatedContentInfo }
/// ```
///
/// ```
/// use std::io::{Read, Write};
/// use mailseal::{Limits, cms::{CompressedReader, CompressedWriter}};
/// let mut writer = CompressedWriter::new(Vec::new())?;
/// writer.write_all(&[b'x'; 1000]).unwrap();
/// let message = writer.finish()?;
/// assert!(message.len() < 100);
/// let mut content = Vec::new();
/// CompressedReader::new(message.as_slice(), &Limits::default())?.read_to_end(&mut content).unwrap();
/// assert_eq!(content, [b'x'; 1000]);
/// # Ok::<(), mailseal::Error>(())
/// ```
pub struct CompressedReader<R> {
    decoder: ZlibDecoder<BufReader<Ciphered<R>>>,
    limits: Limits,
    content_type: Oid,
    done: bool,
}

/// The octets of eContent, as they come.
struct Ciphered<R> {
    reader: Reader<R>,
    pieces: Pieces,
}

impl<R: BufRead> Read for Ciphered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.reader.read_pieces(&mut self.pieces, out)?)
    }
}

impl<R: BufRead> CompressedReader<R> {
    /// Reads up to the content.
    pub fn new(inner: R, limits: &Limits) -> Result<Self, Error> {
        let (mut reader, depth) = (Reader::new(inner, limits), limits.asn1_depth);
        reader.enter(tag::SEQUENCE, "ContentInfo")?;
        let kind = crate::cms::signed_data::oid(&mut reader, depth, "contentType")?;
        if kind != Oid::COMPRESSED_DATA {
            return Err(malformed(format!("the content type is {kind}, not CompressedData")));
        }
        reader.enter(tag::context(0), "content")?;
        reader.enter(tag::SEQUENCE, "CompressedData")?;
        let raw = reader.capture()?;
        Elements::single(&raw, tag::INTEGER, depth, "version")?;
        let raw = reader.capture()?;
        let mut algorithm =
            Elements::single(&raw, tag::SEQUENCE, depth, "compressionAlgorithm")?.children()?;
        let algorithm = Oid::read(algorithm.expect(tag::OID, "algorithm")?.content)?;
        if algorithm != Oid::ZLIB_COMPRESS {
            return Err(malformed(format!("compressed with {algorithm}, which is not zlib")));
        }
        reader.enter(tag::SEQUENCE, "encapContentInfo")?;
        let content_type = crate::cms::signed_data::oid(&mut reader, depth, "eContentType")?;
        reader.enter(tag::context(0), "eContent")?;
        let compressed = Ciphered { reader, pieces: Pieces::default() };
        let decoder = ZlibDecoder::new(BufReader::with_capacity(PIECE, compressed));
        Ok(Self { decoder, limits: limits.clone(), content_type, done: false })
    }

    /// What the content claims to be.
    pub fn content_type(&self) -> &Oid {
        &self.content_type
    }

    /// Reads the rest; true where octets follow after the end. Content that was not read is passed over.
    pub fn finish(mut self) -> Result<bool, Error> {
        io::copy(&mut self, &mut io::sink()).map_err(Error::io("reading a CMS message"))?;
        let mut compressed = self.decoder.into_inner();
        if io::copy(&mut compressed, &mut io::sink()).map_err(Error::io("reading a CMS message"))? > 0 {
            return Err(malformed("more follows what was compressed"));
        }
        let mut reader = compressed.into_inner().reader;
        for _ in 0..5 {
            reader.leave()?;
        }
        reader.has_more()
    }
}

impl<R: BufRead> Read for CompressedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.done || out.is_empty() {
            return Ok(0);
        }
        let count = self.decoder.read(out).map_err(unreadable)?;
        self.done = count == 0;
        let compressed = usize::try_from(self.decoder.total_in()).unwrap_or(usize::MAX);
        if self.decoder.total_out() <= self.limits.expanded(compressed) {
            return Ok(count);
        }
        let (name, limit) = match self.decoder.total_out() > self.limits.expanded_bytes {
            true => ("expanded_bytes", self.limits.expanded_bytes),
            false => ("expanded_ratio", self.limits.expanded_ratio),
        };
        Err(Error::Limit { name, limit }.into())
    }
}

/// An error of ours comes through; one of the decoder says that it is no zlib.
fn unreadable(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            malformed("what is compressed cannot be read").into()
        }
        _ => error,
    }
}

impl<R> fmt::Debug for CompressedReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressedReader").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// Writes a CompressedData. Content that is encrypted afterwards should not be compressed where others can choose
/// parts of it: its length then says what the rest is like.
///
/// ```
/// use std::io::Write;
/// use mailseal::{Limits, cms::{self, CompressedWriter, Oid}};
/// let mut writer = CompressedWriter::new(Vec::new())?;
/// writer.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n").unwrap();
/// let message = writer.finish()?;
/// assert_eq!(cms::content_type(message.as_slice(), &Limits::default())?, Oid::COMPRESSED_DATA);
/// # Ok::<(), mailseal::Error>(())
/// ```
pub struct CompressedWriter<W: Write> {
    encoder: ZlibEncoder<InPieces<W>>,
}

/// Writes what it is given as pieces of an OCTET STRING.
struct InPieces<W> {
    out: W,
}

impl<W: Write> Write for InPieces<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if !octets.is_empty() {
            let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
            self.out.write_all(&header(tag::OCTET_STRING, length))?;
            self.out.write_all(octets)?;
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> CompressedWriter<W> {
    /// Writes what stands before the content.
    pub fn new(mut out: W) -> Result<Self, Error> {
        let head = [
            vec![tag::SEQUENCE, INDEFINITE],
            oid(&Oid::COMPRESSED_DATA),
            vec![tag::context(0), INDEFINITE, tag::SEQUENCE, INDEFINITE],
            small_integer(0),
            sequence(&[&oid(&Oid::ZLIB_COMPRESS)]),
            vec![tag::SEQUENCE, INDEFINITE],
            oid(&Oid::DATA),
            vec![tag::context(0), INDEFINITE, tag::OCTET_STRING_PIECES, INDEFINITE],
        ];
        out.write_all(&head.concat()).map_err(Error::io("writing a CMS message"))?;
        Ok(Self { encoder: ZlibEncoder::new(InPieces { out }, Compression::default()) })
    }

    /// The content is complete.
    pub fn finish(self) -> Result<W, Error> {
        let written = || Error::io("writing a CMS message");
        let mut out = self.encoder.finish().map_err(written())?.out;
        // The string, [0], encapContentInfo, CompressedData, [0] and ContentInfo end.
        out.write_all(&END.repeat(6)).map_err(written())?;
        Ok(out)
    }
}

impl<W: Write> Write for CompressedWriter<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.encoder.write(octets)
    }

    /// Does nothing: pieces are written when they are full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> fmt::Debug for CompressedWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompressedWriter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(content: &[u8]) -> Vec<u8> {
        let mut writer = CompressedWriter::new(Vec::new()).unwrap();
        content.chunks(5_000).for_each(|piece| writer.write_all(piece).unwrap());
        writer.finish().unwrap()
    }

    fn read(message: &[u8], limits: &Limits) -> Result<(Vec<u8>, bool), Error> {
        let mut reader = CompressedReader::new(message, limits)?;
        let mut content = Vec::new();
        reader.read_to_end(&mut content).map_err(Error::io("content"))?;
        Ok((content, reader.finish()?))
    }

    #[test]
    fn what_is_written_is_read() {
        let mixed: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
        for content in [&b""[..], b"Hello\r\n", &mixed] {
            let message = written(content);
            assert_eq!(read(&message, &Limits::default()).unwrap(), (content.to_vec(), false));
            let more = [&message, &b"x"[..]].concat();
            assert_eq!(read(&more, &Limits::default()).unwrap(), (content.to_vec(), true));
        }
    }

    #[test]
    fn r_d3_zeros_stop_at_the_ratio_and_at_the_most() {
        let bomb = written(&vec![0; 2 << 20]);
        assert!(bomb.len() < 4_000, "{}", bomb.len());
        let error = read(&bomb, &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Limit { name: "expanded_ratio", limit: 100 }), "{error}");
        // The first 64 KiB are free.
        assert!(read(&written(&vec![0; 60_000]), &Limits::default()).is_ok());
        let limits = Limits::default().expanded_bytes(1000);
        let error = read(&written(&vec![0; 60_000]), &limits).unwrap_err();
        assert!(matches!(error, Error::Limit { name: "expanded_bytes", limit: 1000 }), "{error}");
    }

    #[test]
    fn cut_off_and_bent() {
        let message = written(b"Content-Type: text/plain\r\n\r\nHello, hello, hello\r\n");
        let (content, _) = read(&message, &Limits::default()).unwrap();
        for length in 0..message.len() {
            let error = read(&message[..length], &Limits::default()).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }), "{length}: {error}");
        }
        for bit in 0..message.len() * 8 {
            let mut bent = message.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            match read(&bent, &Limits::default()) {
                // Adler-32 tells a single bit; version, content type and what no reader looks at remain.
                Ok((same, _)) => assert_eq!(same, content, "{bit}"),
                Err(Error::Malformed { .. } | Error::Limit { .. }) => {}
                Err(error) => panic!("{bit}: {error}"),
            }
        }
    }

    #[test]
    fn written_by_openssl() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"Hello\r\n".repeat(3000);
        std::fs::write(folder.path().join("text"), &text).unwrap();
        std::fs::write(folder.path().join("ours"), written(&text)).unwrap();
        let run = |line: &str| {
            let mut command = std::process::Command::new("openssl");
            command.args(line.split_whitespace()).current_dir(folder.path()).output()
        };
        let Ok(theirs) = run("cms -compress -binary -in text -outform DER") else {
            println!("skipped: there is no openssl");
            return;
        };
        if !theirs.status.success() {
            println!("not asked: this openssl has no zlib");
            return;
        }
        assert_eq!(read(&theirs.stdout, &Limits::default()).unwrap(), (text.clone(), false));
        assert_eq!(run("cms -uncompress -binary -in ours -inform DER").unwrap().stdout, text);
    }
}
