//! The joint between S/MIME and PGP/MIME: traits and types that both sides speak.
//!
//! - [`Signer`] → [`Signing`] → [`Prepared`]: two phases are the primitive; signing at once is a helper over them.
//! - [`Verifier`]: octets and a signature in, [`Checked`] out.
//! - [`Encryptor`] → [`Encrypting`]; [`Decryptor`]: octets and [`Keys`] in, [`Decrypted`] out.
//! - [`Certificate`], [`Key`]: of either protocol; [`KeyUse`]: what is told of each use of a private key.
//! - [`NewKey`]: a key for somebody who has none yet.
//! - [`Client`]: what well-known mail programs read.
//! - [`keys_for`]: which of several keys, by stated rules.
//! - [`CertificateSource`], [`KeyHint`]: finding a certificate is not trusting it.
//!
//! One loop for both protocols:
//!
//! ```
//! use std::io::Write;
//! use mailseal::{Error, UnixTime, protocol::{Prepared, Signer}};
//! fn digests(signers: &[&dyn Signer], content: &[u8], at: UnixTime) -> Result<Vec<Prepared>, Error> {
//!     let prepare = |signer: &&dyn Signer| {
//!         let mut signing = signer.begin(at)?;
//!         signing.write_all(content).map_err(|source| Error::Io { what: "hashing".into(), source })?;
//!         signing.prepare()
//!     };
//!     signers.iter().map(prepare).collect()
//! }
//! ```

mod audit;
mod certificate;
mod choice;
mod clients;
mod encrypt;
mod forms;
mod key;
mod new_key;
mod pool;
mod sign;
#[cfg(feature = "smime")]
mod smime_key;
mod verify;

pub use audit::KeyUse;
pub use certificate::Certificate;
pub(crate) use certificate::Unfit;
pub use choice::{Fit, KeyChoice, Purpose, keys_for};
pub use clients::{Client, Fact, Feature, Support, known_clients};
pub use encrypt::{Again, Body, Decrypted, Decryptor, Encrypting, Encryptor, Held, Keys, SharedKey};
pub(crate) use forms::{BothForms, Forkable, each_piece};
pub use key::Key;
pub(crate) use key::KeyKind;
pub use new_key::{MadeKey, NewKey};
pub use pool::{CertificatePool, CertificateSource, KeyHint, NoCertificates};
pub(crate) use sign::OwnedToSign;
pub use sign::{Prepared, Signer, Signing, SigningRequest};
#[cfg(feature = "smime")]
pub(crate) use smime_key::SmimeKey;
pub use verify::{Checked, CheckedSignature, Inputs, Verifier};
