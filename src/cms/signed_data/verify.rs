//! What a signature is worth mathematically (RFC 5652 §5.4, §5.6). Who the signer is, others say.

use subtle::ConstantTimeEq;

use crate::cms::signed_data::attributes::SignedAttributes;
use crate::cms::signed_data::signer_info::{Fields, SignerInfo};
use crate::cms::{ContentDigests, ContentHasher, Oid};
use crate::crypto::algorithm::{self, AlgorithmError};
use crate::crypto::{
    HashAlgorithm, KeyAlgorithm, Provider, PublicKey, SignatureAlgorithm, ToSign, VerifyError,
};
use crate::time::UnixTime;
use crate::x509::Certificate;

/// What was found about one signer, with one candidate.
///
/// ```
/// # let letter = include_str!("../../../examples/letters/openssl.eml");
/// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
/// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
/// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
/// use mailseal::{Limits, cms::SignedDataReader};
/// let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
/// use mailseal::cms::{ContentHasher, Outcome};
/// use mailseal::crypto::Provider;
/// let provider = Provider::default();
/// let content = ContentHasher::new(&provider, &data.hash_algorithms()).finish(); // of nothing
/// let certificate = mailseal::x509::Certificate::from_der(&data.certificates[0])?;
/// let seen = data.signers[0].verify(&data.content_type, &content, Some(&certificate), &provider);
/// assert_eq!(seen.outcome, Outcome::ContentAltered, "something was signed, and it was not nothing");
/// println!("{:?} over {:?}", seen.signature, seen.digest);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// Whether content, attributes and key belong together.
    pub outcome: Outcome,
    /// Of the content, if known.
    pub digest: Option<HashAlgorithm>,
    /// Of the signature, if known.
    pub signature: Option<SignatureAlgorithm>,
    /// When the signer says they signed.
    pub claimed_time: Option<UnixTime>,
    /// What else was seen.
    pub notes: Vec<Note>,
}

/// Whether content, attributes and key belong together.
///
/// ```
/// # let letter = include_str!("../../../examples/letters/openssl.eml");
/// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
/// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
/// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
/// # use mailseal::{Limits, cms::SignedDataReader};
/// # let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
/// # use mailseal::cms::{ContentHasher, Note, Outcome};
/// # use mailseal::crypto::Provider;
/// # let provider = Provider::default();
/// # let content = ContentHasher::new(&provider, &data.hash_algorithms()).finish(); // of nothing
/// # let certificate = mailseal::x509::Certificate::from_der(&data.certificates[0])?;
/// # let seen = data.signers[0].verify(&data.content_type, &content, Some(&certificate), &provider);
/// match seen.outcome {
///     Outcome::Intact => println!("unaltered"),
///     Outcome::Unsupported(what) => println!("nobody here can say: {what}"),
///     other => println!("no: {other:?}"),
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// They do.
    Intact,
    /// Nothing speaks against it, but without a certificate nothing can be said.
    NoCertificate,
    /// The candidate is not the certificate that the signer named (R-B19).
    OtherCertificate,
    /// The content has another digest than the one that was signed.
    ContentAltered,
    /// The mathematics does not fit the candidate's key.
    SignatureAltered,
    /// A rule is broken that a signature must keep.
    Malformed(String),
    /// An algorithm, or a key, that is not known or refused.
    Unsupported(String),
}

/// An observation that does not decide.
///
/// ```
/// # let letter = include_str!("../../../examples/letters/openssl.eml");
/// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
/// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
/// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
/// # use mailseal::{Limits, cms::SignedDataReader};
/// # let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
/// # use mailseal::cms::{ContentHasher, Note, Outcome};
/// # use mailseal::crypto::Provider;
/// # let provider = Provider::default();
/// # let content = ContentHasher::new(&provider, &data.hash_algorithms()).finish(); // of nothing
/// # let certificate = mailseal::x509::Certificate::from_der(&data.certificates[0])?;
/// # let seen = data.signers[0].verify(&data.content_type, &content, Some(&certificate), &provider);
/// if seen.notes.contains(&Note::SignedAttributesMissing) {
///     println!("nothing signed says what kind of content this is");
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Note {
    /// No signed attributes: nothing signed says what the content is (R-B4).
    SignedAttributesMissing,
    /// The signed attributes were not DER; their DER was checked (R-B5).
    SignedAttributesNotDer,
    /// signingTime is not in a form that RFC 5652 §11.3 allows.
    SigningTimeUnreadable,
}

impl SignerInfo {
    /// Checks one signer of content of this type, with one candidate for the certificate, or as far as it goes without.
    ///
    /// All rules of one signature are here; the result of one candidate says nothing about another.
    ///
    /// ```no_run
    /// # use mailseal::{Error, x509::Certificate};
    /// # fn check(signature_part: &[u8], candidates: &[Certificate]) -> Result<(), Error> {
    /// use mailseal::cms::{ContentHasher, Outcome, SignedDataReader};
    /// use mailseal::{Limits, crypto::Provider};
    /// let provider = Provider::default();
    /// let data = SignedDataReader::new(signature_part, &Limits::default())?.finish()?;
    /// let mut content = ContentHasher::new(&provider, &data.hash_algorithms());
    /// content.update(b"Content-Type: text/plain\r\n\r\nHello\r\n");
    /// let content = content.finish();
    /// for signer in &data.signers {
    ///     for candidate in candidates.iter().filter(|candidate| signer.names(candidate)) {
    ///         let seen = signer.verify(&data.content_type, &content, Some(candidate), &provider);
    ///         println!("{}: {}", candidate.name(), seen.outcome == Outcome::Intact);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn verify(
        &self,
        content_type: &Oid,
        content: &ContentDigests,
        candidate: Option<&Certificate>,
        provider: &Provider,
    ) -> Verification {
        let key = candidate.and_then(|candidate| candidate.public_key().ok()).map(PublicKey::algorithm);
        let outcome = match &self.0 {
            Err(why) => Outcome::Malformed(why.clone()),
            Ok(fields) => {
                let check = Check { fields, content_type, content, provider };
                match check.run(candidate) {
                    Ok(()) => Outcome::Intact,
                    Err(outcome) => outcome,
                }
            }
        };
        let fields = self.0.as_ref().ok();
        Verification {
            outcome,
            digest: self.digest(),
            signature: fields.and_then(|fields| fields.signature_algorithm(key).ok()),
            claimed_time: self.claimed_time(),
            notes: fields.map(Fields::notes).unwrap_or_default(),
        }
    }
}

impl SignerInfo {
    /// Whether the signed attributes alone hold by this certificate, whatever became of the content. `None` where there are
    /// none, or nobody here can say.
    pub(crate) fn attributes_hold(
        &self,
        content_type: &Oid,
        candidate: &Certificate,
        provider: &Provider,
    ) -> Option<bool> {
        let fields = self.0.as_ref().ok()?;
        let signed = fields.signed_attributes.as_ref()?.message_digest.as_deref()?;
        let nothing = ContentHasher::new(provider, &[]).finish();
        let check = Check { fields, content_type, content: &nothing, provider };
        let held = check
            .attributes(fields.signed_attributes.as_ref()?, signed)
            .and_then(|()| check.named(candidate))
            .and_then(|()| check.mathematics(candidate, signed));
        match held {
            Ok(()) => Some(true),
            Err(Outcome::SignatureAltered | Outcome::Malformed(_)) => Some(false),
            Err(_) => None,
        }
    }

    /// The digest of the content that the signed attributes name.
    pub(crate) fn message_digest(&self) -> Option<&[u8]> {
        self.0.as_ref().ok()?.signed_attributes.as_ref()?.message_digest.as_deref()
    }
}

impl Fields {
    fn signature_algorithm(&self, key: Option<&KeyAlgorithm>) -> Result<SignatureAlgorithm, Outcome> {
        let digest = algorithm::digest(&self.digest_algorithm).map_err(refused)?;
        algorithm::signature(&self.signature_algorithm, Some(digest), key).map_err(refused)
    }

    fn notes(&self) -> Vec<Note> {
        let Some(attributes) = &self.signed_attributes else { return vec![Note::SignedAttributesMissing] };
        let not_der = (!attributes.received_as_der).then_some(Note::SignedAttributesNotDer);
        let time = attributes.signing_time_unreadable.then_some(Note::SigningTimeUnreadable);
        not_der.into_iter().chain(time).collect()
    }
}

struct Check<'a> {
    fields: &'a Fields,
    content_type: &'a Oid,
    content: &'a ContentDigests,
    provider: &'a Provider,
}

impl Check<'_> {
    fn run(&self, candidate: Option<&Certificate>) -> Result<(), Outcome> {
        let hash = algorithm::digest(&self.fields.digest_algorithm).map_err(refused)?;
        let digest = match self.content.get(hash) {
            Some(digest) => digest,
            None if self.provider.digest(hash).is_none() => {
                return Err(Outcome::Unsupported(hash.name().to_owned()));
            }
            None => return Err(broken("the digest algorithm of the signer is not among digestAlgorithms")),
        };
        match &self.fields.signed_attributes {
            Some(attributes) => self.attributes(attributes, digest)?,
            None => self.no_attributes()?,
        }
        let candidate = candidate.ok_or(Outcome::NoCertificate)?;
        self.named(candidate)?;
        self.mathematics(candidate, digest)
    }

    /// R-B5, R-B6.
    fn attributes(&self, attributes: &SignedAttributes, digest: &[u8]) -> Result<(), Outcome> {
        match &attributes.content_type {
            None => return Err(broken("the signed attribute contentType is missing")),
            Some(kind) if kind != self.content_type => {
                return Err(broken(
                    "the signed attribute contentType names another type than the content has",
                ));
            }
            Some(_) => {}
        }
        if let Some(protection) = &attributes.algorithm_protection
            && !protection.agrees(&self.fields.digest_algorithm, &self.fields.signature_algorithm)
        {
            return Err(broken("the algorithms are not those that were signed (RFC 6211)"));
        }
        match &attributes.message_digest {
            None => Err(broken("the signed attribute messageDigest is missing")),
            // Slices of different lengths are never equal.
            Some(signed) if bool::from(signed.as_slice().ct_eq(digest)) => Ok(()),
            Some(_) => Err(Outcome::ContentAltered),
        }
    }

    /// R-B4.
    fn no_attributes(&self) -> Result<(), Outcome> {
        if *self.content_type != Oid::DATA {
            return Err(broken("content of this type must be signed with attributes (RFC 5652 §5.3)"));
        }
        if self.content.looks_like_attributes() {
            return Err(broken("the content may be the signed attributes of another message"));
        }
        Ok(())
    }

    /// R-B19.
    fn named(&self, candidate: &Certificate) -> Result<(), Outcome> {
        if !self.fields.sid.names(candidate) {
            return Err(Outcome::OtherCertificate);
        }
        let attributes = self.fields.signed_attributes.as_ref();
        for named in
            attributes.map(|attributes| attributes.signing_certificates.as_slice()).unwrap_or_default()
        {
            match named.is(candidate, self.provider) {
                Some(true) => {}
                Some(false) => return Err(Outcome::OtherCertificate),
                None => {
                    return Err(Outcome::Unsupported("the hash function of signingCertificate".to_owned()));
                }
            }
        }
        Ok(())
    }

    fn mathematics(&self, candidate: &Certificate, digest: &[u8]) -> Result<(), Outcome> {
        let key = candidate.public_key().map_err(|error| Outcome::Unsupported(error.to_string()))?;
        let algorithm = self.fields.signature_algorithm(Some(key.algorithm()))?;
        let attributes =
            self.fields.signed_attributes.as_ref().map(|attributes| attributes.signed.as_slice());
        let hashed;
        let input = match (algorithm.hash(), attributes) {
            (Some(hash), Some(attributes)) => {
                let value = self.provider.hash(hash, attributes);
                hashed = value.ok_or_else(|| Outcome::Unsupported(hash.name().to_owned()))?;
                ToSign::Digest { algorithm: hash, value: &hashed }
            }
            // One hash function for both (R-B6), so this is the digest by `hash`.
            (Some(hash), None) => ToSign::Digest { algorithm: hash, value: digest },
            (None, Some(attributes)) => ToSign::Message(attributes),
            (None, None) => {
                return Err(Outcome::Unsupported(format!("{algorithm} without signed attributes")));
            }
        };
        self.provider.verify(algorithm, key, input, &self.fields.signature).map_err(|error| match error {
            VerifyError::Unsupported => Outcome::Unsupported(format!("{algorithm} with {}", key.algorithm())),
            VerifyError::BadKey => Outcome::Unsupported(format!("this key, {}", key.algorithm())),
            VerifyError::BadSignature => Outcome::SignatureAltered,
        })
    }
}

fn refused(error: AlgorithmError) -> Outcome {
    match error {
        AlgorithmError::Unsupported { name } => Outcome::Unsupported(name),
        other => Outcome::Malformed(other.to_string()),
    }
}

fn broken(why: &str) -> Outcome {
    Outcome::Malformed(why.to_owned())
}
