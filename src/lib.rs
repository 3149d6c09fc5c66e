//! mailseal seals and opens mail end to end.
#![forbid(unsafe_code)]

pub mod crypto;
mod error;
mod input;
mod limits;
pub mod mime;
#[cfg(feature = "openpgp")]
pub mod openpgp;
#[cfg(feature = "openpgp")]
pub mod pgpmime;
pub mod policy;
pub mod protocol;
pub mod report;
mod time;

pub use crypto::{Password, PasswordRequest, PasswordSource, Secret};
pub use error::Error;
pub use input::Input;
pub use limits::Limits;
pub use report::Report;
pub use time::UnixTime;
