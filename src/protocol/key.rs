//! A private key, or its proxy, with its certificates.

use std::sync::Arc;

/// A private key, or its proxy, joined with its certificates. Cheap to clone.
#[derive(Clone)]
pub struct Key(pub(crate) KeyKind);

#[derive(Clone)]
pub(crate) enum KeyKind {
    #[cfg(feature = "smime")]
    Smime(Arc<SmimeKey>),
    #[cfg(feature = "openpgp")]
    Openpgp(Arc<crate::openpgp::SigningIdentity>),
}

/// A key of S/MIME: one certificate fits the private key, the others lead towards an anchor.
#[cfg(feature = "smime")]
pub(crate) struct SmimeKey {
    pub(crate) signing: Arc<dyn crate::crypto::SigningKey>,
    pub(crate) certificate: crate::x509::Certificate,
    pub(crate) chain: Vec<crate::x509::Certificate>,
}
