//! mailseal seals and opens mail end to end: S/MIME and PGP/MIME behind one set of traits.
#![forbid(unsafe_code)]

#[cfg(feature = "smime")]
pub mod cms;
pub mod crypto;
mod error;
mod input;
mod limits;
mod message;
pub mod mime;
#[cfg(feature = "openpgp")]
pub mod openpgp;
#[cfg(feature = "openpgp")]
pub mod pgpmime;
pub mod policy;
pub mod protocol;
pub mod report;
#[cfg(feature = "smime")]
pub mod smime;
mod time;
pub mod trust;
#[cfg(feature = "smime")]
pub mod x509;

pub use crypto::{Password, PasswordRequest, PasswordSource, Secret};
pub use error::Error;
pub use input::Input;
pub use limits::Limits;
pub use message::{Composer, Context, Opened, Opener, Payload, PreparedLetter, Verified};
pub use policy::{Outcome, Policy, Verdict};
pub use protocol::{Certificate, CertificatePool, Key};
pub use report::Report;
pub use time::UnixTime;
pub use trust::{Scope, TrustStore};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
