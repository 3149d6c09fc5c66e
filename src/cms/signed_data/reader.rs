//! SignedData from a stream.

use std::io::{self, BufRead, Read};

use crate::cms::ber::{Elements, Pieces, Reader, normalise, tag};
use crate::cms::signed_data::SignerInfo;
use crate::cms::{Oid, malformed, within};
use crate::crypto::{HashAlgorithm, algorithm};
use crate::error::Error;
use crate::limits::Limits;

/// Reads a SignedData (RFC 5652 §5.1) up to its content, then the content, then the rest. BER or DER, in a ContentInfo
/// or bare; content of PKCS #7 1.5 too (RFC 5652 §5.2.1). Memory does not grow with the content.
///
/// ```
/// use std::io::Read;
/// use mailseal::{Limits, cms::{Oid, SignedDataReader, certs_only}};
/// let message = certs_only(&[]);
/// let mut reader = SignedDataReader::new(message.as_slice(), &Limits::default())?;
/// assert_eq!(reader.content_type(), &Oid::DATA);
/// assert!(reader.content()?.is_none());
/// assert!(reader.finish()?.signers.is_empty());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug)]
pub struct SignedDataReader<R> {
    reader: Reader<R>,
    limits: Limits,
    bare: bool,
    version: Vec<u8>,
    digest_algorithms: Vec<Vec<u8>>,
    content_type: Oid,
    content: State,
}

/// ```text
/// SignedData ::= SEQUENCE {
///   version CMSVersion,
///   digestAlgorithms DigestAlgorithmIdentifiers,
///   encapContentInfo EncapsulatedContentInfo,
///   certificates [0] IMPLICIT CertificateSet OPTIONAL,
///   crls [1] IMPLICIT RevocationInfoChoices OPTIONAL,
///   signerInfos SignerInfos }
/// ```
///
/// ```
/// # let letter = include_str!("../../../examples/letters/openssl.eml");
/// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
/// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
/// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
/// use mailseal::{Limits, cms::SignedDataReader};
/// let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
/// use mailseal::x509::Certificate;
/// let enclosed: Vec<_> = data.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
/// assert_eq!(enclosed[0].name(), "Alice Liddell");
/// assert!(data.detached);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedData {
    /// Content octets of the version.
    pub version: Vec<u8>,
    /// What the content claims to be. The signers' attributes must say the same.
    pub content_type: Oid,
    /// The content is somewhere else.
    pub detached: bool,
    /// DER AlgorithmIdentifiers.
    pub digest_algorithms: Vec<Vec<u8>>,
    /// Each X.509 certificate as received (from an indefinite length into DER); not looked at. Candidates, never
    /// trusted by standing here.
    pub certificates: Vec<Vec<u8>>,
    /// Attribute certificates and other kinds, which are not kept.
    pub other_certificates: usize,
    /// Each CRL or other revocation information as received.
    pub crls: Vec<Vec<u8>>,
    /// The signers, in their order. None at all is "not signed" (R-B2).
    pub signers: Vec<SignerInfo>,
    /// Octets follow after the end.
    pub trailing: bool,
    /// It stood without a ContentInfo around it.
    pub bare: bool,
}

#[derive(Debug)]
enum State {
    Absent,
    /// In its `[0]`, at the start or somewhere in it.
    Octets(Pieces),
    /// PKCS #7 1.5: some other element, of which the content octets count (RFC 2315 §9.3).
    Other(io::Cursor<Vec<u8>>),
    Done,
}

/// The content of a SignedData, as it comes.
///
/// ```
/// use mailseal::{Error, Limits, cms::SignedDataReader};
/// /// Unpacks a signed file. What comes out is not yet verified.
/// fn unpack(message: impl std::io::BufRead, out: &mut dyn std::io::Write) -> Result<(), Error> {
///     let mut reader = SignedDataReader::new(message, &Limits::default())?;
///     if let Some(mut content) = reader.content()? {
///         std::io::copy(&mut content, out).map_err(|source| Error::Io { what: "unpacking".into(), source })?;
///     }
///     reader.finish()?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Content<'a, R> {
    reader: &'a mut Reader<R>,
    state: &'a mut State,
}

impl<R: BufRead> SignedDataReader<R> {
    /// Reads up to the content.
    pub fn new(inner: R, limits: &Limits) -> Result<Self, Error> {
        let mut reader = Reader::new(inner, limits);
        let depth = limits.asn1_depth;
        reader.enter(tag::SEQUENCE, "ContentInfo")?;
        let bare = reader.peek()? == Some(tag::INTEGER);
        if !bare {
            let kind = oid(&mut reader, depth, "contentType")?;
            if kind != Oid::SIGNED_DATA {
                return Err(malformed(format!("the content type is {kind}, not SignedData")));
            }
            reader.enter(tag::context(0), "content")?;
            reader.enter(tag::SEQUENCE, "SignedData")?;
        }
        let raw = reader.capture()?;
        let version = Elements::single(&raw, tag::INTEGER, depth, "version")?.content.to_vec();
        let mut digest_algorithms = Vec::new();
        reader.enter(tag::SET, "digestAlgorithms")?;
        while reader.peek()?.is_some() {
            within(digest_algorithms.len(), limits.signatures, "signatures")?;
            digest_algorithms.push(normalise(&reader.capture()?, depth)?.into_owned());
        }
        reader.leave()?;
        reader.enter(tag::SEQUENCE, "encapContentInfo")?;
        let content_type = oid(&mut reader, depth, "eContentType")?;
        let content = start_content(&mut reader, &content_type, depth)?;
        let limits = limits.clone();
        Ok(Self { reader, limits, bare, version, digest_algorithms, content_type, content })
    }

    /// What the content claims to be.
    pub fn content_type(&self) -> &Oid {
        &self.content_type
    }

    /// The hash functions that stand before the content, those that are known. For content inside, a signer who uses
    /// another one cannot be verified (RFC 5652 §5.1).
    pub fn hash_algorithms(&self) -> Vec<HashAlgorithm> {
        let mut known = Vec::new();
        for der in &self.digest_algorithms {
            match algorithm::digest(der) {
                Ok(hash) if !known.contains(&hash) => known.push(hash),
                _ => {}
            }
        }
        known
    }

    /// The content, to be read to its end; `None`: it is detached.
    pub fn content(&mut self) -> Result<Option<Content<'_, R>>, Error> {
        match self.content {
            State::Absent => Ok(None),
            State::Done => Err(Error::misuse("the content was read already")),
            _ => Ok(Some(Content { reader: &mut self.reader, state: &mut self.content })),
        }
    }

    /// Reads the rest. Content that was not read is passed over.
    pub fn finish(mut self) -> Result<SignedData, Error> {
        let detached = matches!(self.content, State::Absent);
        if !matches!(self.content, State::Absent | State::Done) {
            let mut content = Content { reader: &mut self.reader, state: &mut self.content };
            io::copy(&mut content, &mut io::sink()).map_err(Error::io("reading a CMS message"))?;
        }
        self.reader.leave()?;
        let mut data = SignedData {
            version: self.version,
            content_type: self.content_type,
            detached,
            digest_algorithms: self.digest_algorithms,
            certificates: Vec::new(),
            other_certificates: 0,
            crls: Vec::new(),
            signers: Vec::new(),
            trailing: false,
            bare: self.bare,
        };
        data.read_rest(&mut self.reader, &self.limits)?;
        for _ in 0..if data.bare { 1 } else { 3 } {
            self.reader.leave()?;
        }
        data.trailing = self.reader.has_more()?;
        Ok(data)
    }
}

impl SignedData {
    fn read_rest<R: BufRead>(&mut self, reader: &mut Reader<R>, limits: &Limits) -> Result<(), Error> {
        if reader.peek()? == Some(tag::context(0)) {
            reader.enter(tag::context(0), "certificates")?;
            while let Some(tag) = reader.peek()? {
                within(
                    self.certificates.len() + self.other_certificates,
                    limits.certificates,
                    "certificates",
                )?;
                let raw = reader.capture()?;
                match tag {
                    tag::SEQUENCE => self.certificates.push(definite(raw, limits.asn1_depth)),
                    _ => self.other_certificates += 1,
                }
            }
            reader.leave()?;
        }
        if reader.peek()? == Some(tag::context(1)) {
            reader.enter(tag::context(1), "crls")?;
            while reader.peek()?.is_some() {
                within(self.crls.len(), limits.certificates, "certificates")?;
                self.crls.push(definite(reader.capture()?, limits.asn1_depth));
            }
            reader.leave()?;
        }
        reader.enter(tag::SET, "signerInfos")?;
        while reader.peek()?.is_some() {
            within(self.signers.len(), limits.signatures, "signatures")?;
            self.signers.push(SignerInfo::read(&reader.capture()?, limits)?);
        }
        reader.leave()
    }

    /// The hash functions that the signers use and digestAlgorithms lists, those that are known: what detached content
    /// has to be hashed with. A signer who uses another one cannot be verified (RFC 5652 §5.1), wherever the content is.
    pub fn hash_algorithms(&self) -> Vec<HashAlgorithm> {
        let listed: Vec<_> =
            self.digest_algorithms.iter().filter_map(|der| algorithm::digest(der).ok()).collect();
        let mut known = Vec::new();
        for hash in self.signers.iter().filter_map(SignerInfo::digest) {
            if listed.contains(&hash) && !known.contains(&hash) {
                known.push(hash);
            }
        }
        known
    }
}

/// What was signed in a certificate is DER, so an indefinite length is one of transport. Anything else that is odd stays
/// as it is.
fn definite(raw: Vec<u8>, depth: u32) -> Vec<u8> {
    if raw.get(1) != Some(&0x80) {
        return raw;
    }
    match normalise(&raw, depth) {
        Ok(der) => der.into_owned(),
        Err(_) => raw,
    }
}

/// Enters `[0] EXPLICIT`, if there is one, up to the content itself.
fn start_content<R: BufRead>(reader: &mut Reader<R>, kind: &Oid, depth: u32) -> Result<State, Error> {
    if reader.peek()?.is_none() {
        return Ok(State::Absent);
    }
    reader.enter(tag::context(0), "eContent")?;
    match reader.peek()? {
        Some(tag::OCTET_STRING | tag::OCTET_STRING_PIECES) => Ok(State::Octets(Pieces::default())),
        Some(_) if *kind != Oid::DATA => {
            let raw = reader.capture()?;
            let der = normalise(&raw, depth)?;
            let element = Elements::new(&der, depth).next()?;
            Ok(State::Other(io::Cursor::new(
                element.map(|element| element.content.to_vec()).unwrap_or_default(),
            )))
        }
        _ => Err(malformed("eContent is not an OCTET STRING")),
    }
}

impl<R: BufRead> Content<'_, R> {
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let count = match self.state {
            State::Absent | State::Done => return Ok(0),
            State::Octets(pieces) => self.reader.read_pieces(pieces, out)?,
            State::Other(octets) => octets.read(out).map_err(Error::io("reading a CMS message"))?,
        };
        if count == 0 && !out.is_empty() {
            self.reader.leave()?;
            *self.state = State::Done;
        }
        Ok(count)
    }
}

impl<R: BufRead> Read for Content<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_some(out)?)
    }
}

pub(in crate::cms) fn oid<R: BufRead>(reader: &mut Reader<R>, depth: u32, what: &str) -> Result<Oid, Error> {
    let raw = reader.capture()?;
    Oid::read(Elements::single(&raw, tag::OID, depth, what)?.content)
}
