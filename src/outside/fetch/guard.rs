//! Looks at addresses after names were resolved, so that no name leads into the network of who asks.

use std::fmt;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::trust::url::is_public;

/// Resolves as the system does, and refuses what is not public. The connection goes to what was looked at here.
#[derive(Debug)]
pub(super) struct PublicOnly {
    inner: DefaultResolver,
    private: bool,
}

impl PublicOnly {
    pub(super) fn new(private: bool) -> Self {
        Self { inner: DefaultResolver::default(), private }
    }
}

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // One private address among public ones is enough: which of them is taken is chance.
        match self.private || found.iter().all(|address| is_public(address.ip())) {
            true => Ok(found),
            false => Err(ureq::Error::Other(Box::new(Private))),
        }
    }
}

/// A name that leads to a private address.
#[derive(Debug)]
pub(super) struct Private;

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address that is not public")
    }
}

impl std::error::Error for Private {}
