//! Why a signature broke on the way, and what a service does to mail.
//!
//! - [`compare`]: two copies of a message → a [`Comparison`], which names every difference, and makes a
//!   [`ServiceProfile`](crate::report::ServiceProfile).
//! - [`preflight`]: such a profile → a [`Preflight`]: whether signed letters may go through that service.
//! - [`diagnose`]: one message with a broken signature → a [`Diagnosis`]: what was done to it, proved where undoing it gives
//!   exactly what was signed.
//!
//! A diagnosis is never a pass. The signature of the letter stays broken, and there is no way from here to a
//! [`Verified`](crate::Verified): what came of undoing changes is thrown away when it was named. Even where nothing but the
//! form of a letter was changed, the letter as it lies there is not what somebody signed.
//!
//! ```
//! # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
//! use mailseal::{Context, TrustStore, doctor, report::ChangeKind};
//! let letter = include_str!("../../examples/letters/openssl.eml");
//! let (head, tail) = letter.split_once("Monday").unwrap();
//! let footer = format!("{head}Monday{}", tail.replacen("\r\n------", "\r\n--\r\nTo unsubscribe: https://l.example/\r\n------", 1));
//!
//! let (cx, at) = (Context::new(TrustStore::new()), mailseal::UnixTime::from_seconds(1_800_000_000));
//! let seen = doctor::diagnose(&cx, footer.as_bytes(), at)?;
//! assert_eq!(seen.outcome, doctor::Outcome::Mixed, "all that was signed, and more");
//! assert!(seen.changes.iter().any(|change| change.kind == ChangeKind::FooterAdded));
//! println!("{}", seen.text("en"));
//!
//! let forged = letter.replace("Monday", "Friday");
//! assert_eq!(doctor::diagnose(&cx, forged.as_bytes(), at)?.outcome, doctor::Outcome::Unexplained);
//! # }
//! # Ok::<(), mailseal::Error>(())
//! ```

mod compare;
mod diagnose;
mod diagnosis;
mod links;
mod marks;
mod preflight;
mod probe;
mod reader;
mod suspects;
mod text;
mod trail;
mod tree;
mod undo;

pub use compare::{Comparison, compare};
pub use diagnose::diagnose;
pub use diagnosis::{Diagnosis, Outcome, SignatureState};
pub use marks::Mark;
pub use preflight::{Preflight, preflight};
pub use trail::{BodyHash, Hop, Station};
