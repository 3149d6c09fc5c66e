//! What the benchmarks share: [`identity`], letters to sign ([`letter`]), ways to encrypt ([`sealed`]), and [`bare`] arithmetic to compare with.
#![allow(dead_code, reason = "each benchmark takes what it needs")]

pub(crate) mod bare;
pub(crate) mod identity;
pub(crate) mod letter;
pub(crate) mod sealed;

use aws_lc_rs::digest::{Algorithm, SHA256, SHA512};
use mailseal::crypto::Provider;
use mailseal::trust::{Belief, EvidenceRequest, TrustModel};
use mailseal::{Certificate, CertificatePool, Composer, Context, Error, Opener, Scope, TrustStore, UnixTime};

use bare::Bare;
use identity::{Identity, KeyType};
use letter::Drafts;

/// 15 January 2027: when all letters are signed and looked at.
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// One identity, with all that a benchmark of it needs.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) key_type: KeyType,
    /// Signatures that vouch for the signer's certificate on each verification.
    pub(crate) chain: usize,
    /// Of the content: S/MIME takes SHA-512 with Ed25519 (RFC 8419 §2.3), all else is SHA-256 here.
    pub(crate) hash: &'static Algorithm,
    pub(crate) bare: Bare,
    composer: Composer,
    cx: Context,
    believing: Opener,
    /// Finds the certificate and asks nobody whose it is.
    indifferent: Opener,
}

impl Subject {
    /// S/MIME and OpenPGP, each key type; those whose name is wanted.
    pub(crate) fn all(wanted: impl Fn(&str) -> bool) -> Vec<Self> {
        let kinds =
            KeyType::ALL.into_iter().flat_map(|key_type| [("S/MIME", key_type), ("OpenPGP", key_type)]);
        let named =
            kinds.map(|(protocol, key_type)| (format!("{protocol} {}", key_type.name()), protocol, key_type));
        let wanted = named.filter(|(name, ..)| wanted(name));
        let identity = |protocol, key_type| match protocol {
            "S/MIME" => identity::smime(key_type),
            _ => identity::openpgp(key_type),
        };
        wanted
            .map(|(name, protocol, key_type)| Self::new(name, key_type, &identity(protocol, key_type)))
            .collect()
    }

    fn new(name: String, key_type: KeyType, identity: &Identity) -> Self {
        let trust = TrustStore::new().anchors(&identity.anchor, Scope::any()).unwrap();
        let cx = Context::new(trust);
        let pool: CertificatePool = Certificate::load(&identity.anchor).unwrap().into_iter().collect();
        let indifferent = Context::new(TrustStore::new()).trust_model(Nobody).certificates(pool);
        Self {
            hash: if name == "S/MIME Ed25519" { &SHA512 } else { &SHA256 },
            // Signed attributes, or a digest.
            bare: Bare::new(key_type, if name.starts_with("S/MIME") { 400 } else { 32 }),
            name,
            key_type,
            chain: identity.chain,
            composer: Composer::new(&cx).sign(&identity.key),
            believing: Opener::new(&cx),
            cx,
            indifferent: Opener::new(&indifferent),
        }
    }

    /// Into a buffer that is used again: making room for the letter is the caller's affair.
    pub(crate) fn sign(&self, draft: &[u8], letter: &mut Vec<u8>) {
        letter.clear();
        self.composer.compose(draft, AT, letter).unwrap();
    }

    /// Parsing, hashing, signature.
    pub(crate) fn verify(&self, letter: &[u8]) {
        let opened = self.indifferent.open(letter, AT).unwrap();
        assert!(opened.report.signatures().all(|one| one.integrity.holds()));
        assert!(opened.report.signatures().next().is_some());
    }

    /// The same, and the path from the signer's certificate to an anchor, of which nothing is known.
    pub(crate) fn verify_and_believe(&self, letter: &[u8]) {
        // Signatures that another provider found good are forgotten.
        let cx = self.cx.clone().provider(Provider::default());
        Self::believe(&Opener::new(&cx), letter);
    }

    /// The same, and the signatures on the certificates are known to be good.
    pub(crate) fn verify_and_remember(&self, letter: &[u8]) {
        Self::believe(&self.believing, letter);
    }

    fn believe(opener: &Opener, letter: &[u8]) {
        let opened = opener.open(letter, AT).unwrap();
        assert!(opened.report.signatures().all(|one| one.integrity.holds() && !one.evidence.is_empty()));
        assert!(opened.report.signatures().next().is_some());
    }

    /// Letters signed just now, no two alike.
    pub(crate) fn signed(&self, drafts: &mut Drafts, count: usize) -> Vec<Vec<u8>> {
        let sign = |_| {
            let mut letter = Vec::new();
            self.sign(&drafts.next(), &mut letter);
            letter
        };
        (0..count).map(sign).collect()
    }
}

struct Nobody;

impl TrustModel for Nobody {
    fn evidence(&self, _: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        Ok(Belief::default())
    }
}
