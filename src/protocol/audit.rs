//! One record for each use of a private key.

use std::sync::Arc;

use crate::crypto::{KeyError, KeyOperation, Watch};
use crate::report::Protocol;

/// One use of a private key. There is nothing secret in it, and of a decryption it says that it was tried, never whether
/// the ciphertext was a good one: records are read by more people than letters are (R-A10).
///
/// ```
/// use mailseal::protocol::KeyUse;
/// fn line(used: &KeyUse<'_>) -> String {
///     let result = used.error.map_or("done".to_owned(), |error| error.to_string());
///     format!("{} {} {} {result}", used.operation.name(), used.key, used.method)
/// }
/// # let _ = line;
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KeyUse<'a> {
    /// What for.
    pub operation: KeyOperation,
    /// For which protocol.
    pub protocol: Protocol,
    /// The fingerprint of the certificate, as [`Certificate::fingerprint`](super::Certificate::fingerprint) has it.
    pub certificate: &'a str,
    /// The fingerprint of the key: of the subkey in OpenPGP, otherwise that of the certificate.
    pub key: &'a str,
    /// The scheme of the signature ([`SignatureScheme::name`](crate::crypto::SignatureScheme::name)), or how the content
    /// key is wrapped: `rsa-pkcs1`, `rsa-oaep`, `ecdh`, `x25519`, `x448`, `ml-kem`.
    pub method: &'a str,
    /// Why there is no signature, or why the key did not answer.
    pub error: Option<&'a KeyError>,
}

pub(super) type Audit = Arc<dyn Fn(&KeyUse<'_>) + Send + Sync>;

/// What is told of one key.
pub(super) fn watch(audit: &Audit, protocol: Protocol, certificate: &str, key: &str) -> Watch {
    let (audit, certificate, key) = (Arc::clone(audit), certificate.to_owned(), key.to_owned());
    Arc::new(move |operation, method, error| {
        audit(&KeyUse { operation, protocol, certificate: &certificate, key: &key, method, error });
    })
}
