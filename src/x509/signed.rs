//! What authorities sign beside letters: certificates, CRLs, OCSP answers are all `{ what, algorithm, signature }`.

use std::ops::Range;

use crate::crypto::{Provider, PublicKey, SignatureAlgorithm, ToSign, VerifyError, algorithm};
use crate::x509::Certificate;
use crate::x509::der_reader::{BIT_STRING, DerError, OID, Reader, Result, SEQUENCE, Value};

/// Where the three pieces stand.
pub(crate) struct Pieces {
    /// What is signed, all its octets.
    pub(crate) tbs: Range<usize>,
    /// The DER AlgorithmIdentifier.
    pub(crate) algorithm: Range<usize>,
    /// The octets of the signature; none where they are not whole octets, which never verifies.
    pub(crate) signature: Range<usize>,
}

impl Pieces {
    /// Reads `tbs SEQUENCE, algorithm AlgorithmIdentifier, signature BIT STRING`; what follows is left.
    pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Result<(Self, Value<'a>)> {
        let tbs = reader.expect(SEQUENCE)?;
        let algorithm = reader.expect(SEQUENCE)?;
        algorithm.reader().expect(OID)?;
        let signature = reader.expect(BIT_STRING)?;
        let end = signature.offset + signature.octets.len();
        let length = signature.octets_of_bit_string().map_or(0, <[u8]>::len);
        let octets = |value: &Value<'_>| value.offset..value.offset + value.octets.len();
        let pieces = Self { tbs: octets(&tbs), algorithm: octets(&algorithm), signature: end - length..end };
        Ok((pieces, tbs))
    }

    /// The octets of the pieces.
    pub(crate) fn of<'a>(&self, whole: &'a [u8]) -> Signed<'a> {
        let piece = |range: &Range<usize>| whole.get(range.clone()).unwrap_or_default();
        Signed { tbs: piece(&self.tbs), algorithm: piece(&self.algorithm), signature: piece(&self.signature) }
    }

    /// The algorithm that stands inside what is signed has to be the one outside (RFC 5280 §4.1.1.2, §5.1.1.2).
    pub(crate) fn agrees(&self, whole: &[u8], inner: &Value<'_>) -> Result<()> {
        let outer = whole.get(self.algorithm.clone());
        if outer == Some(inner.octets) {
            Ok(())
        } else {
            Err(DerError("the two signature algorithms differ"))
        }
    }
}

/// The three pieces themselves.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) tbs: &'a [u8],
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
}

impl<'a> From<&'a Certificate> for Signed<'a> {
    fn from(certificate: &'a Certificate) -> Self {
        Self {
            tbs: certificate.tbs(),
            algorithm: certificate.signature_algorithm(),
            signature: certificate.signature(),
        }
    }
}

/// Why a signature does not hold.
pub(crate) enum Failure {
    /// It was made by another key, or over other octets.
    Wrong,
    /// The key is none.
    BadKey,
    /// Something is not known or refused: what.
    Unsupported(String),
}

/// Checks a signature over octets as received; tells its algorithm.
pub(crate) fn verify(
    provider: &Provider,
    signed: Signed<'_>,
    key: &PublicKey,
) -> std::result::Result<SignatureAlgorithm, Failure> {
    let algorithm = algorithm::signature(signed.algorithm, None, Some(key.algorithm()))
        .map_err(|error| Failure::Unsupported(error.to_string()))?;
    let digest = match algorithm.hash() {
        Some(hash) => {
            let digest = provider.hash(hash, signed.tbs);
            Some((hash, digest.ok_or_else(|| Failure::Unsupported(hash.to_string()))?))
        }
        None => None,
    };
    let input = match &digest {
        Some((algorithm, value)) => ToSign::Digest { algorithm: *algorithm, value },
        None => ToSign::Message(signed.tbs),
    };
    match provider.verify(algorithm, key, input, signed.signature) {
        Ok(()) => Ok(algorithm),
        Err(VerifyError::BadSignature) => Err(Failure::Wrong),
        Err(VerifyError::BadKey) => Err(Failure::BadKey),
        Err(VerifyError::Unsupported) => {
            Err(Failure::Unsupported(format!("{algorithm} with {}", key.algorithm())))
        }
    }
}
