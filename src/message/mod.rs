//! Letters: opened and composed. Knows both protocols and picks one by the head of a part.
//!
//! - [`Context`]: what all calls may know and use; shared by threads.
//! - [`Opener`] → [`Opened`]: report, payload, and [`Opened::require`], the only maker of [`Verified`].
//! - [`Composer`]: signs and encrypts a finished letter, at once or in two phases; [`Group`]: to whom; [`Plan`]: who can read it.
//! - [`Bulk`]: many letters by one composer, resumable.
//! - [`Context::append_footer`]: a list's footer outside of what is signed.
//! - [`Context::check_sending`]: whether the policy lets a letter go, [`Dispatch`]; composers and plans ask by themselves.
//! - [`Context::who_is`]: whom one would believe to be somebody, without any letter.

mod bulk;
mod classify;
mod compose;
mod context;
mod decrypt;
mod dispatch;
mod domain;
mod footer;
mod frame;
mod group;
mod harvest;
mod identity;
mod open;
mod opened;
mod plan;
mod recipients;
mod stamp;
mod verify;
mod walk;
mod who;

pub use bulk::{
    Became, Bulk, BulkDraft, BulkLetter, BulkTally, Delivery, DeliveryError, Handled, Journal, Noted,
};
pub use compose::{Composer, PreparedLetter};
pub use context::Context;
pub use dispatch::{Destination, Dispatch};
pub use footer::Footer;
pub use group::Group;
pub use open::Opener;
#[cfg(any(feature = "archive", feature = "domain-auth"))]
pub(crate) use opened::save;
pub use opened::{Opened, Payload, Verified};
pub use plan::{Plan, Unreachable};
pub use who::{Claim, Unreached};
