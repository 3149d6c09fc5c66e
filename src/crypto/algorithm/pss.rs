//! RSASSA-PSS-params (RFC 4055 §3.1).

use der::Sequence;
use der::asn1::AnyRef;
use spki::AlgorithmIdentifierRef;

use super::identifier::digest_ref;
use super::{AlgorithmError, HashAlgorithm, SignatureAlgorithm, oid};

const NAME: &str = "id-RSASSA-PSS";
/// Octets of salt that fit a modulus of 16384 bits.
const LONGEST_SALT: u16 = 2048;

/// RSASSA-PSS-params, with the defaults filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PssParameters {
    pub(crate) hash: HashAlgorithm,
    pub(crate) mgf: HashAlgorithm,
    pub(crate) salt: usize,
}

impl PssParameters {
    /// Reads the parameters of a signature, where they must be present.
    pub(crate) fn read(parameters: Option<AnyRef<'_>>) -> Result<Self, AlgorithmError> {
        let wrong = || AlgorithmError::Parameters { name: NAME.to_owned() };
        let wire: Wire<'_> = parameters.ok_or_else(wrong)?.decode_as().map_err(|_| wrong())?;
        let hash = |identifier: Option<AlgorithmIdentifierRef<'_>>| match identifier {
            Some(identifier) => digest_ref(&identifier),
            None => Ok(HashAlgorithm::Sha1),
        };
        let mgf = match &wire.mask_gen_algorithm {
            None => None,
            Some(mgf) if mgf.oid == oid::MGF1 => {
                let inner = mgf.parameters.ok_or_else(wrong)?;
                Some(inner.decode_as::<AlgorithmIdentifierRef<'_>>().map_err(|_| wrong())?)
            }
            Some(_) => return Err(wrong()),
        };
        let salt = wire.salt_length.unwrap_or(20);
        if salt > LONGEST_SALT || wire.trailer_field.is_some_and(|trailer| trailer != 1) {
            return Err(wrong());
        }
        Ok(Self { hash: hash(wire.hash_algorithm)?, mgf: hash(mgf)?, salt: usize::from(salt) })
    }

    /// The same, as an algorithm.
    pub(crate) fn algorithm(self) -> SignatureAlgorithm {
        SignatureAlgorithm::RsaPss { hash: self.hash, mgf: self.mgf, salt: self.salt }
    }
}

/// ```text
/// RSASSA-PSS-params ::= SEQUENCE {
///   hashAlgorithm    [0] HashAlgorithm DEFAULT sha1Identifier,
///   maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
///   saltLength       [2] INTEGER DEFAULT 20,
///   trailerField     [3] INTEGER DEFAULT 1 }
/// ```
/// Defaults that are written out are read too: many signers do.
#[derive(Sequence)]
struct Wire<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash_algorithm: Option<AlgorithmIdentifierRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask_gen_algorithm: Option<AlgorithmIdentifierRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u16>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer_field: Option<u8>,
}
