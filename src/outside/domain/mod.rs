//! The sending domain: SPF, DKIM, ARC and DMARC of letters that come, DKIM signatures on letters that go, and what one's
//! own domain says.
//!
//! - [`DomainCheck`]: checks letters, and asks the [`Resolver`] that it is given.
//! - [`DnsResolver`]: one over the network.
//! - [`DkimSigner`]: signs for a domain.
//! - [`examine`]: what is wrong with the records of a domain.
//!
//! DKIM, ARC and DMARC are those of the crate mail-auth. It is never let near the network: its caches answer whatever it asks, so
//! its futures never wait, and it has no server to ask.

mod check;
mod dkim;
mod dmarc;
mod dns;
mod examine;
mod questions;
mod resolver;
mod sign;
mod spf;
mod tags;

pub use check::{Connection, DomainCheck};
pub use dns::DnsResolver;
pub use examine::{Advice, Examined, examine};
#[cfg(feature = "archive")]
pub(super) use questions::Answer;
pub use resolver::{DnsError, RecordKind, Resolver};
pub use sign::DkimSigner;

/// What a future gives that never waits; nothing of one that does.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

/// What the resolver said, as mail-auth has to hear it.
fn asked(error: DnsError) -> mail_auth::Error {
    use mail_auth::hickory_resolver::proto::op::ResponseCode;
    mail_auth::Error::Dns(match error {
        DnsError::NoSuchName => mail_auth::DnsError::RecordNotFound(ResponseCode::NXDomain),
        DnsError::Temporary => mail_auth::DnsError::Resolver(error.to_string()),
    })
}
