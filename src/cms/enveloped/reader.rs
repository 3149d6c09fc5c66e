//! EnvelopedData and AuthEnvelopedData from a stream.

use std::io::BufRead;

use crate::cms::ber::{Elements, Pieces, Reader, normalise, tag};
use crate::cms::der_writer::set_of_parts;
use crate::cms::enveloped::RecipientInfo;
use crate::cms::signed_data::oid;
use crate::cms::{Oid, malformed, within};
use crate::error::Error;
use crate::limits::Limits;

/// Reads an EnvelopedData (RFC 5652 §6.1) or an AuthEnvelopedData (RFC 5083 §2.1) up to its content, then the
/// content, then the rest. Memory grows neither with the content nor with the recipients.
///
/// ```text
/// EnvelopedData ::= SEQUENCE {                      AuthEnvelopedData ::= SEQUENCE {
///   version CMSVersion,                               version CMSVersion,
///   originatorInfo [0] IMPLICIT OPTIONAL,             originatorInfo [0] IMPLICIT OPTIONAL,
///   recipientInfos SET OF RecipientInfo,              recipientInfos SET OF RecipientInfo,
///   encryptedContentInfo EncryptedContentInfo,        authEncryptedContentInfo EncryptedContentInfo,
///   unprotectedAttrs [1] IMPLICIT OPTIONAL }          authAttrs [1] IMPLICIT OPTIONAL,
///                                                     mac OCTET STRING,
///                                                     unauthAttrs [2] IMPLICIT OPTIONAL }
/// EncryptedContentInfo ::= SEQUENCE { contentType, contentEncryptionAlgorithm, [0] IMPLICIT OCTET STRING OPTIONAL }
/// ```
#[derive(Debug)]
pub(crate) struct EnvelopedReader<R> {
    reader: Reader<R>,
    limits: Limits,
    authenticated: bool,
    content_type: Oid,
    algorithm: Vec<u8>,
    content: Option<Pieces>,
}

/// What stands after the content.
#[derive(Debug)]
pub(crate) struct Rest {
    /// DER SET OF the authenticated attributes: what is authenticated beside the content. Empty where there are none.
    pub(crate) authenticated_attributes: Vec<u8>,
    /// Empty in an EnvelopedData.
    pub(crate) mac: Vec<u8>,
    /// Octets follow after the end.
    pub(crate) trailing: bool,
}

impl<R: BufRead> EnvelopedReader<R> {
    /// Reads up to the content. Each recipient is shown as it comes, and forgotten.
    pub(crate) fn new(inner: R, limits: &Limits, mut each: impl FnMut(RecipientInfo)) -> Result<Self, Error> {
        let mut reader = Reader::new(inner, limits);
        let depth = limits.asn1_depth;
        reader.enter(tag::SEQUENCE, "ContentInfo")?;
        let authenticated = match oid(&mut reader, depth, "contentType")? {
            kind if kind == Oid::ENVELOPED_DATA => false,
            kind if kind == Oid::AUTH_ENVELOPED_DATA => true,
            other => return Err(malformed(format!("the content type is {other}, which is not encrypted"))),
        };
        reader.enter(tag::context(0), "content")?;
        reader.enter(tag::SEQUENCE, "EnvelopedData")?;
        let raw = reader.capture()?;
        Elements::single(&raw, tag::INTEGER, depth, "version")?;
        if reader.peek()? == Some(tag::context(0)) {
            pass_over(&mut reader)?;
        }
        recipients(&mut reader, limits, &mut each)?;
        reader.enter(tag::SEQUENCE, "encryptedContentInfo")?;
        let content_type = oid(&mut reader, depth, "contentType")?;
        let raw = reader.capture()?;
        let algorithm = Elements::single(&raw, tag::SEQUENCE, depth, "contentEncryptionAlgorithm")?;
        let algorithm = algorithm.der()?.into_owned();
        if reader.peek()?.is_none() {
            return Err(malformed("there is no content in it"));
        }
        let (limits, content) = (limits.clone(), Some(Pieces::implicit(0)));
        Ok(Self { reader, limits, authenticated, content_type, algorithm, content })
    }

    /// It is an AuthEnvelopedData.
    pub(crate) fn authenticated(&self) -> bool {
        self.authenticated
    }

    /// What the content claims to be. Authenticated in an AuthEnvelopedData, where it is not id-data.
    pub(crate) fn content_type(&self) -> &Oid {
        &self.content_type
    }

    /// DER AlgorithmIdentifier of the content encryption.
    pub(crate) fn algorithm(&self) -> &[u8] {
        &self.algorithm
    }

    /// Encrypted content that is at hand, without a copy; none at its end. It is there until it is
    /// [passed](Self::pass).
    pub(crate) fn octets(&mut self) -> Result<&[u8], Error> {
        match &mut self.content {
            Some(pieces) => self.reader.octets_of(pieces),
            None => Ok(&[]),
        }
    }

    /// So many of the octets that were at hand are done with.
    pub(crate) fn pass(&mut self, count: usize) -> Result<(), Error> {
        match &mut self.content {
            Some(pieces) => self.reader.pass(pieces, count),
            None => Ok(()),
        }
    }

    /// Reads the rest. Content that was not read is passed over.
    pub(crate) fn finish(mut self) -> Result<Rest, Error> {
        loop {
            match self.octets()?.len() {
                0 => break,
                count => self.pass(count)?,
            }
        }
        let reader = &mut self.reader;
        reader.leave()?;
        let mut rest = Rest { authenticated_attributes: Vec::new(), mac: Vec::new(), trailing: false };
        if reader.peek()? == Some(tag::context(1)) {
            let raw = reader.capture()?;
            if self.authenticated {
                rest.authenticated_attributes = attributes(&raw, &self.content_type, &self.limits)?;
            }
        } else if self.authenticated && self.content_type != Oid::DATA {
            return Err(malformed("nothing authenticated says what the content is"));
        }
        if self.authenticated {
            let raw = reader.capture()?;
            let mut elements = Elements::new(&raw, self.limits.asn1_depth);
            rest.mac = elements.octet_string("mac")?.into_owned();
            if rest.mac.len() != MAC {
                return Err(malformed(format!("a tag of {} octets", rest.mac.len())));
            }
            if reader.peek()? == Some(tag::context(2)) {
                pass_over(reader)?;
            }
        }
        for _ in 0..3 {
            reader.leave()?;
        }
        rest.trailing = reader.has_more()?;
        Ok(rest)
    }
}

/// R-A5: never shorter (RFC 5084 §3.2 allows 12 to 16).
const MAC: usize = 16;

fn pass_over<R: BufRead>(reader: &mut Reader<R>) -> Result<(), Error> {
    let length = reader.capture()?.len();
    reader.release(length);
    Ok(())
}

fn recipients<R: BufRead>(
    reader: &mut Reader<R>,
    limits: &Limits,
    each: &mut impl FnMut(RecipientInfo),
) -> Result<(), Error> {
    reader.enter(tag::SET, "recipientInfos")?;
    let mut count = 0;
    while reader.peek()?.is_some() {
        let raw = reader.capture()?;
        for one in RecipientInfo::read(&raw, limits)? {
            within(count, limits.recipients, "recipients")?;
            count += 1;
            each(one);
        }
        reader.release(raw.len());
    }
    reader.leave()
}

/// RFC 5083 §2.2: what is authenticated is the DER of the attributes, with the tag of a SET. Among them, the content
/// type is as outside (R-A7).
fn attributes(raw: &[u8], content_type: &Oid, limits: &Limits) -> Result<Vec<u8>, Error> {
    let depth = limits.asn1_depth;
    let der = normalise(raw, depth)?;
    let mut list = Elements::single(&der, tag::context(1), depth, "authAttrs")?.children()?;
    let (mut all, mut claimed) = (Vec::new(), None);
    while let Some(attribute) = list.next()? {
        within(all.len(), limits.attributes, "attributes")?;
        all.push(attribute.raw);
        let mut parts = attribute.children()?;
        if parts.expect(tag::OID, "attrType")?.content == Oid::CONTENT_TYPE.octets() {
            let mut values = parts.expect(tag::SET, "attrValues")?.children()?;
            let value = Oid::read(values.expect(tag::OID, "the content type")?.content)?;
            values.finish("the content type")?;
            if claimed.replace(value).is_some() {
                return Err(malformed("the content type is there twice"));
            }
        }
    }
    let fits = match &claimed {
        Some(claimed) => claimed == content_type,
        None => *content_type == Oid::DATA,
    };
    match fits {
        true => Ok(set_of_parts(tag::SET, &mut all)),
        false => Err(malformed("the authenticated content type is another")),
    }
}
