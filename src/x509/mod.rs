//! Certificates, names, certification paths (RFC 5280), and files of private keys (RFC 5958, RFC 7292).
//!
//! - [`Certificate`]: one certificate, its octets exactly as received, its fields read with patience.
//! - [`Certificate::load_pem_or_der`]: all certificates of a file.
//! - [`path::find`]: paths from a certificate to given anchors, and why the others are none.
//! - [`pkcs12::read`], [`private_key::read`]: private keys out of files; [`Request`]: certificates for new ones.
//!
//! - [`RevocationData`]: CRLs and OCSP answers; what they say of a path is in [`revocation`].
//!
//! No trust decisions: which anchors count, for whom and until when, is asked of the caller.
//!
//! ```
//! use mailseal::x509::Certificate;
//! let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
//! let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
//! println!("{} by {}, until {}", certificate.name(), certificate.issuer(), certificate.validity().not_after);
//! # assert_eq!(certificate.name(), "Example Root CA");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod assurance;
mod capabilities;
mod certificate;
pub(crate) mod der_reader;
mod extensions;
mod general_name;
pub(crate) mod key_file;
mod known;
mod name;
mod name_constraints;
pub(crate) mod oid;
pub mod path;
mod pem;
pub mod pkcs12;
pub mod private_key;
mod qualified;
mod request;
pub mod revocation;
mod signed;
#[cfg(test)]
pub(crate) mod testing;
mod validity;

pub use assurance::{Assurance, Generation};
pub use capabilities::Capabilities;
pub use certificate::Certificate;
pub use extensions::{AuthorityKeyIdentifier, BasicConstraints, Extensions, KeyUsage, PolicyConstraints};
pub use general_name::GeneralName;
pub(crate) use known::KnownCertificates;
pub use name::Name;
pub use name_constraints::NameConstraints;
pub use request::{Request, pkcs8_pem};
pub use revocation::RevocationData;
pub use validity::Validity;
