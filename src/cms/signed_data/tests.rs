//! Messages of our own making, of others', and of attackers.

use std::io::Read;
use std::sync::Arc;

use crate::cms::ber::tag;
use crate::cms::der_writer::{attribute, element, octet_string, oid, sequence, set_of, small_integer};
use crate::cms::*;
use crate::crypto::{HashAlgorithm, Provider, SignatureScheme, SigningKey};
use crate::error::Error;
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::Certificate;

mod corpora;
mod judges;
mod reading;
mod rules;
mod writing;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nPay 100 to Alice.\r\n";
const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// A section of keys.txt.
fn fixture(name: &str) -> &'static str {
    let all = include_str!("tests/keys.txt");
    all.split("== ")
        .find_map(|section| section.strip_prefix(name)?.strip_prefix('\n'))
        .expect("a section of that name")
}

fn certificate(name: &str) -> Certificate {
    Certificate::load_pem_or_der(fixture(name).as_bytes()).expect("a certificate").remove(0)
}

fn key(pem: &str) -> Arc<dyn SigningKey> {
    let (_, pkcs8) = pkcs8::SecretDocument::from_pem(pem).expect("PEM");
    Provider::default().key_loader.signing_key(pkcs8.as_bytes()).expect("a key")
}

fn alice() -> (Certificate, Arc<dyn SigningKey>) {
    (certificate("alice"), key(fixture("alice.key")))
}

fn digests(algorithms: &[HashAlgorithm], content: &[u8]) -> ContentDigests {
    let mut hasher = ContentHasher::new(&Provider::default(), algorithms);
    hasher.update(content);
    hasher.finish()
}

fn sign(prepared: &PreparedSignedData, keys: &[&dyn SigningKey]) -> Vec<Vec<u8>> {
    let pairs = prepared.to_be_signed().iter().zip(keys);
    pairs.map(|(request, key)| key.sign(request.scheme(), request.to_sign()).expect("signed")).collect()
}

/// Signed by Alice, detached.
fn detached() -> Vec<u8> {
    let (certificate, key) = alice();
    let mut builder = SignedDataBuilder::new();
    builder.signer(&certificate, SignatureScheme::EcdsaP256Sha256, AT);
    let prepared = builder.clone().prepare(&digests(&builder.hash_algorithms(), TEXT), &Provider::default());
    let prepared = prepared.expect("prepared");
    let signatures = sign(&prepared, &[&*key]);
    prepared.complete(signatures).expect("complete")
}

struct Seen {
    data: SignedData,
    digests: ContentDigests,
    content: Option<Vec<u8>>,
}

/// Reads a message; detached content is given.
fn read(message: &[u8], detached: &[u8]) -> Result<Seen, Error> {
    let mut reader = SignedDataReader::new(message, &Limits::default())?;
    let mut octets = Vec::new();
    let algorithms = reader.hash_algorithms();
    let inside = match reader.content()? {
        Some(mut content) => content.read_to_end(&mut octets).map(|_| true).map_err(Error::io("content"))?,
        None => false,
    };
    let data = reader.finish()?;
    Ok(match inside {
        true => Seen { digests: super::tests::digests(&algorithms, &octets), content: Some(octets), data },
        false => {
            Seen { digests: super::tests::digests(&data.hash_algorithms(), detached), content: None, data }
        }
    })
}

impl Seen {
    fn verify(&self, candidate: &Certificate) -> Vec<Verification> {
        let verify = |signer: &SignerInfo| {
            signer.verify(&self.data.content_type, &self.digests, Some(candidate), &Provider::default())
        };
        self.data.signers.iter().map(verify).collect()
    }

    /// Each signer with the best of the certificates inside.
    fn verify_with_own(&self) -> Vec<Outcome> {
        let own: Vec<_> =
            self.data.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
        let verify = |signer: &SignerInfo| {
            let with = |candidate| {
                signer.verify(&self.data.content_type, &self.digests, candidate, &Provider::default()).outcome
            };
            let named = own.iter().filter(|candidate| signer.names(candidate));
            let outcomes: Vec<_> = named.map(|candidate| with(Some(candidate))).collect();
            let intact = outcomes.iter().find(|outcome| **outcome == Outcome::Intact);
            intact.or(outcomes.first()).cloned().unwrap_or_else(|| with(None))
        };
        self.data.signers.iter().map(verify).collect()
    }
}

fn outcome(message: &[u8], content: &[u8], candidate: &Certificate) -> Outcome {
    let mut all = read(message, content).expect("readable").verify(candidate);
    assert_eq!(all.len(), 1);
    all.remove(0).outcome
}

/// A message with one signer in which everything may be wrong.
struct Forgery {
    kind: Oid,
    content: Option<Vec<u8>>,
    /// In the order in which they are sent; signed in the order of DER.
    attributes: Option<Vec<Vec<u8>>>,
    /// What is signed instead.
    signed: Option<Vec<u8>>,
    digest: Vec<u8>,
    signature: Vec<u8>,
    scheme: SignatureScheme,
    key: Arc<dyn SigningKey>,
    certificate: Certificate,
}

fn standard_attributes() -> Vec<Vec<u8>> {
    let digest = digests(&[HashAlgorithm::Sha256], TEXT);
    let digest = octet_string(digest.get(HashAlgorithm::Sha256).expect("hashed"));
    vec![attribute(&Oid::CONTENT_TYPE, &oid(&Oid::DATA)), attribute(&Oid::MESSAGE_DIGEST, &digest)]
}

impl Forgery {
    /// Nothing wrong yet.
    fn new() -> Self {
        let (certificate, key) = alice();
        let scheme = SignatureScheme::EcdsaP256Sha256;
        Self {
            kind: Oid::DATA,
            content: None,
            attributes: Some(standard_attributes()),
            signed: None,
            digest: scheme.digest_identifier(),
            signature: scheme.signature_identifier(),
            scheme,
            key,
            certificate,
        }
    }

    fn with(attributes: Vec<Vec<u8>>) -> Self {
        Self { attributes: Some(attributes), ..Self::new() }
    }

    fn plus(extra: Vec<u8>) -> Self {
        Self::with(standard_attributes().into_iter().chain([extra]).collect())
    }

    fn write(&self) -> Vec<u8> {
        let signed = match (&self.signed, &self.attributes) {
            (Some(signed), _) => signed.clone(),
            (None, Some(attributes)) => set_of(tag::SET, attributes.clone()),
            (None, None) => self.content.clone().unwrap_or_else(|| TEXT.to_vec()),
        };
        let hash = self.scheme.hash();
        let value = Provider::default().hash(hash, &signed).expect("known");
        let to_sign = match self.scheme.algorithm().hash() {
            Some(algorithm) => crate::crypto::ToSign::Digest { algorithm, value: &value },
            None => crate::crypto::ToSign::Message(&signed),
        };
        let signature = self.key.sign(self.scheme, to_sign).expect("signed");
        let attributes = self.attributes.as_ref().map(|attributes| {
            let parts: Vec<_> = attributes.iter().map(Vec::as_slice).collect();
            element(tag::context(0), &parts)
        });
        self.assemble(&attributes.unwrap_or_default(), &signature)
    }

    fn assemble(&self, attributes: &[u8], signature: &[u8]) -> Vec<u8> {
        let serial = element(tag::INTEGER, &[self.certificate.serial()]);
        let sid = sequence(&[self.certificate.issuer().as_der(), &serial]);
        let signature = octet_string(signature);
        let info =
            sequence(&[&small_integer(1), &sid, &self.digest, attributes, &self.signature, &signature]);
        self.enclose(&[self.certificate.as_der()], &[info])
    }

    fn enclose(&self, certificates: &[&[u8]], infos: &[Vec<u8>]) -> Vec<u8> {
        let inside = self.content.as_ref().map(|content| element(tag::context(0), &[&octet_string(content)]));
        let content = sequence(&[&oid(&self.kind), &inside.unwrap_or_default()]);
        let infos: Vec<_> = infos.iter().map(Vec::as_slice).collect();
        let data = sequence(&[
            &small_integer(1),
            &element(tag::SET, &[&self.digest]),
            &content,
            &element(tag::context(0), certificates),
            &element(tag::SET, &infos),
        ]);
        sequence(&[&oid(&Oid::SIGNED_DATA), &element(tag::context(0), &[&data])])
    }

    fn outcome(&self) -> Outcome {
        outcome(&self.write(), TEXT, &self.certificate)
    }
}

/// Malformed, with these words in the reason.
fn assert_malformed(outcome: &Outcome, words: &str) {
    match outcome {
        Outcome::Malformed(why) if why.contains(words) => {}
        other => panic!("{other:?}, not malformed: {words}"),
    }
}
