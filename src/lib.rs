//! mailseal seals and opens mail end to end.
#![forbid(unsafe_code)]

#[cfg(feature = "smime")]
pub mod cms;
pub mod crypto;
mod error;
mod input;
mod limits;
pub mod mime;
pub mod policy;
pub mod report;
mod time;
#[cfg(feature = "smime")]
pub mod x509;

pub use crypto::{Password, PasswordRequest, PasswordSource, Secret};
pub use error::Error;
pub use input::Input;
pub use limits::Limits;
pub use report::Report;
pub use time::UnixTime;
