//! What signing keys of all backends share: which schemes, and what is signed.

use std::fmt;

use crate::crypto::private::schemes;
use crate::crypto::{KeyError, PublicKey, SignatureScheme, SigningKey, ToSign};

/// The arithmetic of one backend.
pub(super) trait Arithmetic: Send + Sync {
    /// Signs a digest of the scheme's hash, or for EdDSA the message.
    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// A key in memory.
pub(super) struct InMemory<A> {
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
    arithmetic: A,
}

impl<A> InMemory<A> {
    /// Joins halves that were checked against each other.
    pub(super) fn new(public: PublicKey, arithmetic: A) -> Self {
        Self { schemes: schemes(&public), public, arithmetic }
    }
}

/// Never shows the private half.
impl<A> fmt::Debug for InMemory<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.algorithm())
    }
}

impl<A: Arithmetic> SigningKey for InMemory<A> {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        if !self.schemes.contains(&scheme) {
            return Err(KeyError::Unsupported(scheme.to_string()));
        }
        let octets = input.octets(scheme)?;
        self.arithmetic.sign(scheme, &octets)
    }
}
