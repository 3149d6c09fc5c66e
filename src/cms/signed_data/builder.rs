//! SignedData, written (RFC 5652 §5, RFC 8551 §2.5): first what has to be signed, then the message.

use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::cms::ber::tag;
use crate::cms::der_writer::{
    attribute, attribute_of, header, nest, oid, push_element, push_set_of, set_of_parts, time,
};
use crate::cms::signed_data::signer_template::SignerTemplate;
use crate::cms::{ContentDigests, ContentHasher, Oid};
use crate::crypto::{HashAlgorithm, Provider, SignatureScheme, ToSign};
use crate::error::Error;
use crate::time::UnixTime;
use crate::x509::Certificate;

/// What a SignedData shall have: signers and certificates. Signed attributes are always written.
///
/// ```no_run
/// # use mailseal::{Error, UnixTime, crypto::SigningKey, x509::Certificate};
/// # fn sign(certificate: &Certificate, key: &dyn SigningKey, at: UnixTime) -> Result<(), Error> {
/// use mailseal::cms::{ContentHasher, SignedDataBuilder};
/// use mailseal::crypto::{Provider, SignatureScheme};
/// let provider = Provider::default();
/// let mut builder = SignedDataBuilder::new();
/// builder.signer(certificate, SignatureScheme::EcdsaP256Sha256, at);
/// let mut content = ContentHasher::new(&provider, &builder.hash_algorithms());
/// content.update(b"Content-Type: text/plain\r\n\r\nHello\r\n");
/// let prepared = builder.prepare(&content.finish(), &provider)?;
/// let mut signatures = Vec::new();
/// for request in prepared.to_be_signed() {
///     signatures.push(key.sign(request.scheme(), request.to_sign())?);
/// }
/// let signature_part = prepared.complete(signatures)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SignedDataBuilder {
    content_type: Oid,
    signers: Vec<Signer>,
    certificates: Vec<Certificate>,
}

#[derive(Debug, Clone)]
struct Signer {
    template: Arc<SignerTemplate>,
    at: UnixTime,
    by_key_identifier: bool,
}

/// Signed attributes of one signer, waiting for the signature.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use mailseal::cms::{ContentHasher, SignedDataBuilder};
/// use mailseal::crypto::{Provider, SignatureScheme};
/// # let pem: String = include!("../../../examples/letters/alice.rs");
/// # let certificate = mailseal::x509::Certificate::load_pem_or_der(pem.as_bytes())?.remove(0);
/// # let private = mailseal::x509::private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
/// # let provider = Provider::default();
/// # let key = provider.key_loader.signing_key(&private.keys[0])?;
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let mut builder = SignedDataBuilder::new();
/// builder.signer(&certificate, SignatureScheme::EcdsaP256Sha256, at);
/// let content = ContentHasher::new(&provider, &builder.hash_algorithms()).finish();
/// let prepared = builder.prepare(&content, &provider)?;
/// let request = &prepared.to_be_signed()[0];
/// assert_eq!(request.attributes()[0], 0x31); // SET OF Attribute
/// let signature = key.sign(request.scheme(), request.to_sign())?;
/// # let _ = signature;
/// # }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ToBeSigned {
    scheme: SignatureScheme,
    attributes: Vec<u8>,
    digest: Option<(HashAlgorithm, Vec<u8>)>,
}

/// A SignedData that lacks its signatures. Owned: they may come tomorrow.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use mailseal::cms::{ContentHasher, SignedDataBuilder};
/// use mailseal::crypto::{Provider, SignatureScheme};
/// # let pem: String = include!("../../../examples/letters/alice.rs");
/// # let certificate = mailseal::x509::Certificate::load_pem_or_der(pem.as_bytes())?.remove(0);
/// # let private = mailseal::x509::private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
/// # let provider = Provider::default();
/// # let key = provider.key_loader.signing_key(&private.keys[0])?;
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let mut builder = SignedDataBuilder::new();
/// builder.signer(&certificate, SignatureScheme::EcdsaP256Sha256, at);
/// let content = ContentHasher::new(&provider, &builder.hash_algorithms()).finish();
/// let prepared = builder.prepare(&content, &provider)?;
/// let sign = |one: &mailseal::cms::ToBeSigned| key.sign(one.scheme(), one.to_sign());
/// let signatures = prepared.to_be_signed().iter().map(sign).collect::<Result<Vec<_>, _>>()?;
/// let signature_part = prepared.complete(signatures)?;
/// # assert_eq!(signature_part[0], 0x30);
/// # }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PreparedSignedData {
    builder: SignedDataBuilder,
    content: ContentDigests,
    to_be_signed: Vec<ToBeSigned>,
}

impl Default for SignedDataBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl SignedDataBuilder {
    /// Without signers yet, for content of type id-data.
    pub fn new() -> Self {
        Self { content_type: Oid::DATA, signers: Vec::new(), certificates: Vec::new() }
    }

    /// What the content is, if not id-data.
    pub fn content_type(&mut self, content_type: Oid) -> &mut Self {
        self.content_type = content_type;
        self
    }

    /// One more signer, who is named by issuer and serial number. The certificate is enclosed.
    pub fn signer(&mut self, certificate: &Certificate, scheme: SignatureScheme, at: UnixTime) -> &mut Self {
        self.signer_by(Arc::new(SignerTemplate::new(certificate, scheme)), at)
    }

    /// The same, of a template that serves many messages.
    pub(crate) fn signer_by(&mut self, template: Arc<SignerTemplate>, at: UnixTime) -> &mut Self {
        self.push(template, at, false)
    }

    /// The same, named by the subjectKeyIdentifier, which the certificate must have.
    pub fn signer_by_key_identifier(
        &mut self,
        certificate: &Certificate,
        scheme: SignatureScheme,
        at: UnixTime,
    ) -> &mut Self {
        self.push(Arc::new(SignerTemplate::new(certificate, scheme)), at, true)
    }

    fn push(&mut self, template: Arc<SignerTemplate>, at: UnixTime, by_key_identifier: bool) -> &mut Self {
        self.certificates.push(template.certificate.clone());
        self.signers.push(Signer { template, at, by_key_identifier });
        self
    }

    /// Encloses a chain, less the root: who trusts it has it (RFC 8551 §2.3).
    pub fn chain(&mut self, certificates: &[Certificate]) -> &mut Self {
        self.certificates.extend(certificates.iter().filter(|one| !one.is_self_issued()).cloned());
        self
    }

    /// What the content has to be hashed with.
    pub fn hash_algorithms(&self) -> Vec<HashAlgorithm> {
        let mut algorithms: Vec<_> =
            self.signers.iter().map(|signer| signer.template.scheme.hash()).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// The content is complete: makes the signed attributes.
    pub fn prepare(self, content: &ContentDigests, provider: &Provider) -> Result<PreparedSignedData, Error> {
        self.prepare_with(content.clone(), provider)
    }

    pub(crate) fn prepare_with(
        self,
        content: ContentDigests,
        provider: &Provider,
    ) -> Result<PreparedSignedData, Error> {
        if self.signers.is_empty() {
            return Err(Error::misuse("a SignedData without signers is not signed"));
        }
        let prepare = |signer: &Signer| signer.prepare(&self.content_type, &content, provider);
        let to_be_signed = self.signers.iter().map(prepare).collect::<Result<_, _>>()?;
        Ok(PreparedSignedData { builder: self, content, to_be_signed })
    }

    /// RFC 5652 §5.1.
    fn version(&self) -> u8 {
        let by_key_identifier = self.signers.iter().any(|signer| signer.by_key_identifier);
        if by_key_identifier || self.content_type != Oid::DATA { 3 } else { 1 }
    }

    /// version, digestAlgorithms: what stands before the content.
    pub(super) fn start(&self, out: &mut Vec<u8>) {
        let mut digests: Vec<_> =
            self.signers.iter().map(|signer| signer.template.digest_identifier.as_slice()).collect();
        digests.sort_unstable();
        digests.dedup();
        push_element(out, tag::INTEGER, &[&[self.version()]]);
        push_set_of(out, tag::SET, &mut digests);
    }

    pub(super) fn content_type_octets(&self) -> Vec<u8> {
        oid(&self.content_type)
    }
}

impl Signer {
    fn prepare(
        &self,
        kind: &Oid,
        content: &ContentDigests,
        provider: &Provider,
    ) -> Result<ToBeSigned, Error> {
        let (template, scheme) = (&*self.template, self.template.scheme);
        let digest = content
            .get(scheme.hash())
            .ok_or_else(|| Error::misuse(format!("the content was not hashed with {}", scheme.hash())))?;
        let own = [
            attribute_of(&Oid::CONTENT_TYPE, |out| push_element(out, tag::OID, &[kind.octets()])),
            attribute_of(&Oid::MESSAGE_DIGEST, |out| push_element(out, tag::OCTET_STRING, &[digest])),
            attribute(&Oid::SIGNING_TIME, &time(self.at)?),
        ];
        let mut all: Vec<_> = own.iter().chain(&template.attributes).map(Vec::as_slice).collect();
        let attributes = set_of_parts(tag::SET, &mut all);
        let digest = match scheme.algorithm().hash() {
            Some(hash) => {
                let value = provider.hash(hash, &attributes);
                Some((
                    hash,
                    value.ok_or_else(|| Error::misuse(format!("the provider does not know {hash}")))?,
                ))
            }
            None => None,
        };
        Ok(ToBeSigned { scheme, attributes, digest })
    }

    fn push_identifier(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        if !self.by_key_identifier {
            out.extend_from_slice(&self.template.issuer_and_serial);
            return Ok(());
        }
        let identifier = self.template.certificate.extensions().subject_key_identifier.as_deref();
        let identifier =
            identifier.ok_or_else(|| Error::misuse("the certificate has no subjectKeyIdentifier"))?;
        push_element(out, tag::context_primitive(0), &[identifier]);
        Ok(())
    }

    fn signer_info(&self, signed: &ToBeSigned, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = Vec::with_capacity(SIGNER_INFO + signed.attributes.len() + signature.len());
        nest(&mut out, tag::SEQUENCE, |out| {
            push_element(out, tag::INTEGER, &[&[if self.by_key_identifier { 3 } else { 1 }]]);
            let identified = self.push_identifier(out);
            out.extend_from_slice(&self.template.digest_identifier);
            out.push(tag::context(0));
            out.extend_from_slice(signed.attributes.get(1..).unwrap_or_default());
            out.extend_from_slice(&self.template.signature_identifier);
            push_element(out, tag::OCTET_STRING, &[signature]);
            identified
        })?;
        Ok(out)
    }
}

/// Room for what most signers have besides attributes and signature.
const SIGNER_INFO: usize = 256;

impl ToBeSigned {
    /// With what it has to be signed.
    pub fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// What a [`SigningKey`](crate::crypto::SigningKey) takes.
    pub fn to_sign(&self) -> ToSign<'_> {
        match &self.digest {
            Some((algorithm, value)) => ToSign::Digest { algorithm: *algorithm, value },
            None => ToSign::Message(&self.attributes),
        }
    }

    /// The signed attributes as they are signed: DER SET OF Attribute.
    pub fn attributes(&self) -> &[u8] {
        &self.attributes
    }
}

impl PreparedSignedData {
    /// What has to be signed, one for each signer in their order.
    pub fn to_be_signed(&self) -> &[ToBeSigned] {
        &self.to_be_signed
    }

    /// The detached message, DER.
    pub fn complete(self, signatures: Vec<Vec<u8>>) -> Result<Vec<u8>, Error> {
        let infos = self.infos(&signatures)?;
        Ok(signed_data(&self.builder.certificates, &infos, |out| {
            self.builder.start(out);
            push_element(out, tag::SEQUENCE, &[&self.builder.content_type_octets()]);
        }))
    }

    /// The message with the content inside, DER. `content` is read again; where it is not what was hashed, it is an
    /// error, and what was written is worthless.
    pub fn complete_with_content(
        self,
        signatures: Vec<Vec<u8>>,
        content: &mut dyn Read,
        out: &mut dyn Write,
        provider: &Provider,
    ) -> Result<(), Error> {
        let (mut start, mut end) = (Vec::new(), Vec::new());
        self.builder.start(&mut start);
        self.end(&signatures, &mut end)?;
        let length = self.content.length();
        let octets =
            |parts: &[&[u8]]| parts.iter().map(|part| u64::try_from(part.len()).unwrap_or(0)).sum::<u64>();
        let (content_type, string) = (self.builder.content_type_octets(), header(tag::OCTET_STRING, length));
        let explicit = header(tag::context(0), octets(&[&string]) + length);
        let inner = octets(&[&content_type, &explicit, &string]) + length;
        let encapsulated = header(tag::SEQUENCE, inner);
        let inner = octets(&[&start, &encapsulated, &end]) + inner;
        let signed_data = header(tag::SEQUENCE, inner);
        let inner = octets(&[&signed_data]) + inner;
        let outer = header(tag::context(0), inner);
        let kind = oid(&Oid::SIGNED_DATA);
        let content_info = header(tag::SEQUENCE, octets(&[&kind, &outer]) + inner);
        let head =
            [content_info, kind, outer, signed_data, start, encapsulated, content_type, explicit, string];
        let failed = || Error::io("writing a CMS message");
        out.write_all(&head.concat()).map_err(failed())?;
        let mut hasher = ContentHasher::new(provider, &self.builder.hash_algorithms());
        let mut both = Tee { out, hasher: &mut hasher };
        io::copy(&mut content.take(length.saturating_add(1)), &mut both).map_err(failed())?;
        if hasher.finish() != self.content {
            return Err(Error::InputChanged);
        }
        out.write_all(&end).map_err(failed())
    }

    /// certificates, signerInfos: what stands after the content.
    pub(super) fn end(&self, signatures: &[Vec<u8>], out: &mut Vec<u8>) -> Result<(), Error> {
        push_end(out, &self.builder.certificates, &self.infos(signatures)?);
        Ok(())
    }

    fn infos(&self, signatures: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Error> {
        if signatures.len() != self.to_be_signed.len() {
            return Err(Error::misuse("one signature is needed for each signer"));
        }
        let signed = self.to_be_signed.iter().zip(signatures);
        let info =
            |(signer, (signed, signature)): (&Signer, (_, &Vec<u8>))| signer.signer_info(signed, signature);
        self.builder.signers.iter().zip(signed).map(info).collect()
    }
}

struct Tee<'a> {
    out: &'a mut dyn Write,
    hasher: &'a mut ContentHasher,
}

impl Write for Tee<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.out.write_all(octets)?;
        self.hasher.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A SignedData without content and signers, which carries certificates (RFC 8551 §3.8).
///
/// ```
/// assert_eq!(mailseal::cms::certs_only(&[])[..2], [0x30, 0x23]);
/// ```
pub fn certs_only(certificates: &[Certificate]) -> Vec<u8> {
    signed_data(certificates, &[], |out| {
        push_element(out, tag::INTEGER, &[&[1]]);
        push_element(out, tag::SET, &[]);
        push_element(out, tag::SEQUENCE, &[&oid(&Oid::DATA)]);
    })
}

/// ContentInfo with a SignedData, whose fields before the certificates `start` writes.
fn signed_data(certificates: &[Certificate], infos: &[Vec<u8>], start: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let certificate_octets: usize = certificates.iter().map(|one| one.as_der().len()).sum();
    let info_octets: usize = infos.iter().map(Vec::len).sum();
    let mut out = Vec::with_capacity(SIGNED_DATA + certificate_octets + info_octets);
    nest(&mut out, tag::SEQUENCE, |out| {
        push_element(out, tag::OID, &[Oid::SIGNED_DATA.octets()]);
        nest(out, tag::context(0), |out| {
            nest(out, tag::SEQUENCE, |out| {
                start(out);
                push_end(out, certificates, infos);
            });
        });
    });
    out
}

/// Room for what is neither certificate nor SignerInfo.
const SIGNED_DATA: usize = 128;

fn push_end(out: &mut Vec<u8>, certificates: &[Certificate], infos: &[Vec<u8>]) {
    let mut certificates: Vec<_> = certificates.iter().map(Certificate::as_der).collect();
    certificates.sort_unstable();
    certificates.dedup();
    if !certificates.is_empty() {
        push_set_of(out, tag::context(0), &mut certificates);
    }
    push_set_of(out, tag::SET, &mut infos.iter().map(Vec::as_slice).collect::<Vec<_>>());
}
