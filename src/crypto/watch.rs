//! Uses of private keys, told while they happen.

use std::fmt;
use std::sync::Arc;

use super::{
    DecryptionKey, KeyError, PublicKey, RsaEncryption, Secret, SignatureScheme, SigningKey, ToSign,
    WrappedKey,
};

/// What a private key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyOperation {
    /// A signature.
    Sign,
    /// A content key was opened.
    Decrypt,
}

impl KeyOperation {
    /// `sign`, `decrypt`.
    ///
    /// ```
    /// assert_eq!(mailseal::crypto::KeyOperation::Sign.name(), "sign");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Decrypt => "decrypt",
        }
    }
}

/// Told the operation, how it was done, and why the key did not answer if so.
pub(crate) type Watch = Arc<dyn Fn(KeyOperation, &str, Option<&KeyError>) + Send + Sync>;

/// A key whose uses are told.
pub(crate) struct Watched<K: ?Sized> {
    key: Arc<K>,
    watch: Watch,
}

impl<K: ?Sized> Watched<K> {
    pub(crate) fn new(key: Arc<K>, watch: Watch) -> Self {
        Self { key, watch }
    }
}

impl<K: fmt::Debug + ?Sized> fmt::Debug for Watched<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl SigningKey for Watched<dyn SigningKey> {
    fn public(&self) -> &PublicKey {
        self.key.public()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.key.schemes()
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        let signed = self.key.sign(scheme, input);
        (self.watch)(KeyOperation::Sign, scheme.name(), signed.as_ref().err());
        signed
    }
}

impl DecryptionKey for Watched<dyn DecryptionKey> {
    fn public(&self) -> &PublicKey {
        self.key.public()
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        let opened = self.key.unwrap(wrapped)?;
        let method = match wrapped {
            WrappedKey::Rsa { scheme: RsaEncryption::Pkcs1, .. } => "rsa-pkcs1",
            WrappedKey::Rsa { .. } => "rsa-oaep",
            WrappedKey::Agreement { .. } => "ecdh",
        };
        // What came of the ciphertext is nobody's to know (R-A10).
        let away = opened.as_ref().err().filter(|error| error.is_away());
        (self.watch)(KeyOperation::Decrypt, method, away);
        Some(opened)
    }
}
