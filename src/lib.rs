//! mailseal seals and opens mail end to end.
#![forbid(unsafe_code)]

pub mod crypto;
mod error;
mod input;
mod limits;
pub mod mime;
mod time;
#[cfg(feature = "smime")]
pub mod x509;

pub use error::Error;
pub use input::Input;
pub use limits::Limits;
pub use time::UnixTime;
