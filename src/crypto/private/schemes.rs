//! What a key signs with. Of the public half alone: keys elsewhere have nothing else here.

use crate::crypto::{Curve, KeyAlgorithm, PublicKey, SignatureScheme};

/// What a key signs with, the preferred first.
pub(crate) fn schemes(public: &PublicKey) -> Vec<SignatureScheme> {
    use SignatureScheme as S;
    match public.algorithm() {
        KeyAlgorithm::Rsa { pss_only, .. } => {
            let all = [
                S::RsaPkcs1Sha256,
                S::RsaPkcs1Sha384,
                S::RsaPkcs1Sha512,
                S::RsaPssSha256,
                S::RsaPssSha384,
                S::RsaPssSha512,
            ];
            let skipped = if *pss_only { 3 } else { 0 };
            let bound = public.pss_parameters();
            // RFC 4055 §3.3: hash and mask of the key, at least its salt.
            let allowed = |scheme: &S| {
                bound.is_none_or(|key| {
                    key.hash == scheme.hash() && key.mgf == key.hash && key.salt <= key.hash.length()
                })
            };
            all.into_iter().skip(skipped).filter(allowed).collect()
        }
        KeyAlgorithm::Ec(Curve::P256) => vec![S::EcdsaP256Sha256],
        KeyAlgorithm::Ec(Curve::P384) => vec![S::EcdsaP384Sha384],
        KeyAlgorithm::Ec(Curve::P521) => vec![S::EcdsaP521Sha512],
        KeyAlgorithm::Ed25519 => vec![S::Ed25519],
        _ => Vec::new(),
    }
}
