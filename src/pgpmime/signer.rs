//! Signing (RFC 3156 §5): the armored detached signature of one or more keys.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::crypto::KeyAlgorithm;
use crate::crypto::Provider;
use crate::error::{Error, KeyError};
use crate::openpgp::{Draft, KeyPair, SigningIdentity, Unfinished, armored, micalg};
use crate::protocol::{self, OwnedToSign, Prepared, Signing, SigningRequest};
use crate::report::Protocol;
use crate::time::UnixTime;

/// Signs with one key of each identity; all signatures stand in one block of armor.
///
/// ```
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use std::io::Write;
/// use std::sync::Arc;
/// use mailseal::protocol::Signer as _;
/// use mailseal::{Password, UnixTime, crypto::Provider, openpgp, pgpmime};
/// let (at, provider) = (UnixTime::from_seconds(1_800_000_000), Provider::default());
/// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::Ed25519).unwrap();
/// let alice = openpgp::SigningIdentity::load(secret.expose(), Password::none(), &provider).unwrap();
/// let signer = pgpmime::Signer::new(alice.into_iter().map(Arc::new).collect(), provider, at).unwrap();
/// let mut signing = signer.begin(at).unwrap();
/// signing.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n").unwrap();
/// let armored = signer.sign(signing.prepare().unwrap()).unwrap();
/// assert!(armored.starts_with(b"-----BEGIN PGP SIGNATURE-----\r\n"));
/// # }
/// ```
pub struct Signer {
    identities: Vec<Arc<SigningIdentity>>,
    /// The key of each that signs at that time.
    chosen: (UnixTime, Vec<KeyPair>),
    provider: Provider,
    micalg: &'static str,
}

impl Signer {
    /// Signs by each of the identities; an error where one has no key that may sign at that time.
    pub fn new(
        identities: Vec<Arc<SigningIdentity>>,
        provider: Provider,
        at: UnixTime,
    ) -> Result<Self, Error> {
        let keys = chosen(&identities, at)?;
        // RFC 3156 §5 has one name in it; verifiers take the hash from the signature.
        let micalg = micalg(keys.first().ok_or_else(|| Error::misuse("no key to sign with"))?);
        Ok(Self { identities, chosen: (at, keys), provider, micalg })
    }

    /// Signs with the private keys at hand. Every signature is verified before it is let out (R-C12).
    pub fn sign(&self, prepared: Prepared) -> Result<Vec<u8>, Error> {
        let mut signatures = Vec::new();
        for request in prepared.requests() {
            let mut keys = self.identities.iter().filter_map(|identity| identity.private_key(request.key()));
            let key =
                keys.next().ok_or_else(|| KeyError::Unavailable("the private key is not at hand".into()))?;
            signatures.push(key.sign(request.scheme(), request.to_sign())?);
        }
        prepared.complete(signatures, &self.provider)
    }
}

impl protocol::Signer for Signer {
    fn protocol(&self) -> Protocol {
        Protocol::Openpgp
    }

    fn micalg(&self) -> &str {
        self.micalg
    }

    fn begin(&self, at: UnixTime) -> Result<Box<dyn Signing + '_>, Error> {
        let keys = match &self.chosen {
            (then, keys) if *then == at => keys.clone(),
            _ => chosen(&self.identities, at)?,
        };
        let drafts = self.identities.iter().zip(keys);
        let drafts = drafts.map(|(identity, key)| Draft::new(identity, key, at, &[], &self.provider));
        Ok(Box::new(Drafts(drafts.collect::<Result<_, _>>()?)))
    }
}

pub(super) fn chosen(identities: &[Arc<SigningIdentity>], at: UnixTime) -> Result<Vec<KeyPair>, Error> {
    identities.iter().map(|identity| identity.chosen(at).cloned()).collect()
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("pgpmime::Signer").field("identities", &self.identities).finish_non_exhaustive()
    }
}

struct Drafts(Vec<Draft>);

impl io::Write for Drafts {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.iter_mut().for_each(|draft| draft.update(octets));
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Signing for Drafts {
    fn prepare(self: Box<Self>) -> Result<Prepared, Error> {
        let unfinished = self.0.into_iter().map(Draft::finish).collect::<Result<Vec<_>, _>>()?;
        let requests = unfinished.iter().map(request).collect();
        let complete = move |signatures: Vec<Vec<u8>>| {
            let packets = unfinished.iter().zip(&signatures).map(|(draft, octets)| draft.complete(octets));
            armored(packets.collect::<Result<_, _>>()?)
        };
        Ok(Prepared { requests, complete: Box::new(complete) })
    }
}

pub(super) fn request(unfinished: &Unfinished) -> SigningRequest {
    let value = unfinished.digest.clone();
    // EdDSA signs the digest as if it were the message (RFC 9580 §5.2.4).
    let input = match unfinished.public.algorithm() {
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => OwnedToSign::Message(value),
        _ => OwnedToSign::Digest { algorithm: unfinished.hash, value },
    };
    SigningRequest { key: unfinished.public.clone(), scheme: unfinished.scheme, input }
}
