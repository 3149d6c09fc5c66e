//! The sending domain: SPF, DKIM, ARC and DMARC of letters that come, DKIM signatures on letters that go, and what one's
//! own domain says.
//!
//! - [`DomainCheck`]: checks letters, and asks the [`Resolver`] that it is given.
//! - [`DnsResolver`]: one over the network.
//! - [`DkimSigner`]: signs for a domain.
//! - [`examine`]: what is wrong with the records of a domain.
//!
//! The mathematics is that of the crate mail-auth. It is never let near the network: its caches answer whatever it asks, so
//! its futures never wait, and it has no server to ask.

mod check;
mod dkim;
mod dmarc;
mod dns;
mod questions;
mod resolver;
mod spf;
mod tags;

pub use check::{Connection, DomainCheck};
pub use dns::DnsResolver;
pub use resolver::{DnsError, RecordKind, Resolver};

/// What a future gives that never waits; nothing of one that does.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}
