//! mailseal signs, encrypts and decrypts mail, and says who signed it: **S/MIME** and **PGP/MIME** behind one set of
//! types.
//!
//! - [`Composer`] signs a finished letter with a [`Key`], and encrypts it to the groups of a [`Plan`]; what the key is
//!   decides the protocol.
//! - [`Opener`] decrypts a letter and looks at it. What was *seen* is the [`Report`]; what that is worth, a [`Policy`]
//!   says in a [`Verdict`]; and [`Opened::require`] gives the letter to a program that names the sender it expects, or
//!   nothing.
//! - [`TrustStore`] holds whom the caller trusts: anchors, each for a [`Scope`], pins, and roots of a Web of Trust;
//!   [`Context`] joins it with all else that calls may know and use: certificates that may be needed, what is revoked
//!   ([`Context::fetcher`] lets the rest be fetched), and what is remembered of correspondents ([`Context::memory`]).
//! - [`Evidence`](report::Evidence) says why a signer is believed: each path starts at the caller, and each of its steps
//!   says what was checked, and where it came from.
//!
//! ```
//! use mailseal::{Context, Opener, Outcome, Policy, Scope, TrustStore};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(all(feature = "smime", feature = "aws-lc"))] {
//! let anchors = include_bytes!("../examples/letters/openssl-ca.pem");
//! let letter = include_bytes!("../examples/letters/openssl.eml");
//! let at = mailseal::UnixTime::from_seconds(1_800_000_000);
//!
//! let trust = TrustStore::new().anchors(anchors, Scope::domain("example.com")?)?;
//! let opened = Opener::new(&Context::new(trust)).open(letter, at)?;
//! let policy = Policy::standard();
//! assert_eq!(policy.judge(&opened.report).outcome, Outcome::Good);
//! assert!(opened.require(&policy, &"alice@example.com".parse()?).is_some());
//! assert!(opened.require(&policy, &"mallory@example.com".parse()?).is_none());
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! `Err` says "could not look". A bad signature, an expired certificate, an unknown signer are data in the report.
//! Time is an argument of each call that looks at a letter: no clock, network, environment or global is read.
//!
//! # The rooms, from the top down
//!
//! | room | what it holds |
//! |---|---|
//! | [`outside`] | what touches the world: network, stores, tokens, the file of correspondents |
//! | [`doctor`] | why a signature broke on the way, and what a service does to mail |
//! | `message` | letters: opened and composed |
//! | [`smime`], [`pgpmime`] | the two protocols behind the traits of `protocol` |
//! | [`trust`] | who a certificate belongs to: anchors, scopes, pins, paths, revocation, the Web of Trust, memory |
//! | [`protocol`] | the joint: [`Key`], [`Certificate`], signers and verifiers |
//! | [`cms`], [`x509`], [`openpgp`] | message formats, certificates, key files |
//! | [`report`], [`policy`] | what was seen, and what that is worth |
//! | [`mime`], [`crypto`] | octets and parts; algorithms and who computes them |
#![forbid(unsafe_code)]
// With one protocol alone, what the other one uses of the rooms below lies idle.
#![cfg_attr(
    not(all(feature = "smime", feature = "openpgp")),
    allow(dead_code, unused_imports, unused_variables)
)]

#[cfg(feature = "smime")]
pub mod cms;
pub mod crypto;
pub mod doctor;
mod error;
mod input;
mod limits;
mod message;
pub mod mime;
#[cfg(feature = "openpgp")]
pub mod openpgp;
pub mod outside;
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
pub use input::{Cancel, Input, Pushed};
pub use limits::Limits;
pub use message::{
    Became, Bulk, BulkDraft, BulkLetter, BulkTally, Claim, Composer, Context, Delivery, DeliveryError,
    Destination, Dispatch, Footer, Group, Handled, Journal, Noted, Opened, Opener, Payload, Plan,
    PreparedLetter, Unreachable, Unreached, Verified,
};
pub use mime::HeaderConfidentiality;
pub use policy::{Outcome, Policy, Verdict};
pub use protocol::{Certificate, CertificatePool, Key};
pub use report::Report;
pub use time::UnixTime;
pub use trust::{Scope, TrustStore};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
