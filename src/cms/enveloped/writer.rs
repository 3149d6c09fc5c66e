//! EnvelopedData and AuthEnvelopedData, written in one pass.

use std::io::{self, Write};

use crate::cms::Oid;
use crate::cms::ber::tag;
use crate::cms::der_writer::{element, header, octet_string, oid, sequence, set_of, small_integer};
use crate::cms::enveloped::To;
use crate::crypto::algorithm::derived;
use crate::crypto::{ContentCipher, ContentEncryption, ContentKey, KeyError, Provider, kdf};
use crate::error::Error;

/// Octets of content that are written as DER, in one piece. More is written as BER, in pieces.
const SMALL: usize = 64 << 10;
/// Octets of one piece.
const PIECE: usize = 16 << 10;
const INDEFINITE: u8 = 0x80;
const END: &[u8] = &[0, 0];

/// Content is written to it, and goes encrypted to `out`. Each has its own key and nonce.
pub(crate) struct EnvelopedWriter<W> {
    head: Head,
    encryption: Box<dyn ContentEncryption>,
    /// Ciphertext that is not written yet.
    waiting: Vec<u8>,
    /// Octets of content so far.
    taken: usize,
    streaming: bool,
    out: W,
}

/// What stands before the content.
struct Head {
    authenticated: bool,
    version: u8,
    /// DER SET OF RecipientInfo.
    recipients: Vec<u8>,
    algorithm: Vec<u8>,
}

impl<W: Write> EnvelopedWriter<W> {
    /// `use_derived`: the key of the cipher is derived (RFC 9709).
    pub(crate) fn new(
        to: &[To],
        cipher: ContentCipher,
        use_derived: bool,
        out: W,
        provider: &Provider,
    ) -> Result<Self, Error> {
        let key = ContentKey::random(cipher, provider.random)?;
        let mut nonce = vec![0; cipher.nonce_length()];
        provider.random.fill(&mut nonce)?;
        let unsupported = || KeyError::Unsupported(cipher.to_string());
        let identifier = cipher.identifier(&nonce).ok_or_else(unsupported)?;
        let entries = to.iter().map(|one| one.seal(&key, provider)).collect::<Result<Vec<_>, KeyError>>()?;
        let authenticated = cipher.is_authenticated();
        let version = if authenticated { 0 } else { version(to) };
        let (algorithm, key) = match use_derived {
            true => (derived(&identifier), kdf::content_key(&key, &identifier).ok_or_else(unsupported)?),
            false => (identifier, key),
        };
        let encryption = provider.encrypt(cipher, &key, &nonce, &[])?;
        let head = Head { authenticated, version, recipients: set_of(tag::SET, entries), algorithm };
        Ok(Self { head, encryption, waiting: Vec::new(), taken: 0, streaming: false, out })
    }

    /// The content is complete.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let mac = self.encryption.finish(&mut self.waiting)?;
        let mac = if self.head.authenticated { octet_string(&mac) } else { Vec::new() };
        let written = || Error::io("writing a CMS message");
        if !self.streaming && self.waiting.len() <= SMALL {
            return self.out.write_all(&self.head.whole(&self.waiting, &mac)).map_err(written());
        }
        if !self.streaming {
            self.out.write_all(&self.head.start()).map_err(written())?;
        }
        pieces(&mut self.waiting, 1, &mut self.out).map_err(written())?;
        // The string and encryptedContentInfo end; what is inside, [0] and ContentInfo.
        let end = [&END.repeat(2), &*mac, &END.repeat(3)].concat();
        self.out.write_all(&end).map_err(written())
    }
}

impl<W: Write> Write for EnvelopedWriter<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        // Up to where a piece ends: what is encrypted is hashed and written without a copy between.
        let missing = PIECE.saturating_sub(self.taken % PIECE);
        let taken = octets.get(..missing).unwrap_or(octets);
        self.taken = self.taken.wrapping_add(taken.len());
        self.encryption.update(taken, &mut self.waiting).map_err(Error::from)?;
        if !self.streaming && self.waiting.len() > SMALL {
            self.out.write_all(&self.head.start())?;
            self.streaming = true;
        }
        if self.streaming {
            pieces(&mut self.waiting, PIECE, &mut self.out)?;
        }
        Ok(taken.len())
    }

    /// Does nothing: pieces are written when they are full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes pieces while there are at least so many octets; what is left stays.
fn pieces(waiting: &mut Vec<u8>, least: usize, out: &mut impl Write) -> io::Result<()> {
    let mut rest = waiting.as_slice();
    while rest.len() >= least {
        let (piece, more) = rest.split_at_checked(PIECE).unwrap_or((rest, &[]));
        out.write_all(&header(tag::OCTET_STRING, u64::try_from(piece.len()).unwrap_or(0)))?;
        out.write_all(piece)?;
        rest = more;
    }
    let written = waiting.len() - rest.len();
    waiting.drain(..written);
    Ok(())
}

/// RFC 5652 §6.1, of an EnvelopedData; of an AuthEnvelopedData it is 0 (RFC 5083 §2.1).
fn version(to: &[To]) -> u8 {
    to.iter().map(To::version).max().unwrap_or(0)
}

impl Head {
    fn kind(&self) -> &'static Oid {
        if self.authenticated { &Oid::AUTH_ENVELOPED_DATA } else { &Oid::ENVELOPED_DATA }
    }

    /// DER, all of it.
    fn whole(&self, content: &[u8], mac: &[u8]) -> Vec<u8> {
        let string = element(tag::context_primitive(0), &[content]);
        let info = sequence(&[&oid(&Oid::DATA), &self.algorithm, &string]);
        let data = sequence(&[&small_integer(self.version), &self.recipients, &info, mac]);
        sequence(&[&oid(self.kind()), &element(tag::context(0), &[&data])])
    }

    /// BER, up to the content.
    fn start(&self) -> Vec<u8> {
        [
            vec![tag::SEQUENCE, INDEFINITE],
            oid(self.kind()),
            vec![tag::context(0), INDEFINITE, tag::SEQUENCE, INDEFINITE],
            small_integer(self.version),
            self.recipients.clone(),
            vec![tag::SEQUENCE, INDEFINITE],
            oid(&Oid::DATA),
            self.algorithm.clone(),
            vec![tag::context(0), INDEFINITE],
        ]
        .concat()
    }
}
