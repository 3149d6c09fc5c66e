//! Issuers, CRLs and OCSP answers over HTTP, for who wants them fetched (threats C7).

mod guard;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::tls::{TlsConfig, TlsProvider};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, http};

use crate::report::FetchPurpose;
use crate::trust::{FetchError, FetchRequest, Fetcher, url};

/// Redirects that are followed, each checked like the first address.
const REDIRECTS: usize = 3;
/// How long one fetch may take, redirects and names included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// No clock is counted forward beyond its end.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(3600);

/// Fetches over HTTP what certificates say where to find, for the purposes that were turned on, and only these.
///
/// It asks public places only: `http` and `https` on their usual ports, no address of a private network in the URL nor
/// behind its name, and the same after each of at most three redirects. It takes at most five seconds, no proxy from the
/// environment, and no more octets than asked for. Nothing is kept between two requests, and none says who asks.
///
/// ```no_run
/// use mailseal::outside::HttpFetcher;
/// use mailseal::report::FetchPurpose;
/// use mailseal::{Context, TrustStore};
/// let fetcher = HttpFetcher::new().allow(FetchPurpose::Crl).allow(FetchPurpose::Ocsp);
/// let cx = Context::new(TrustStore::new()).fetcher(fetcher);
/// # let _ = cx;
/// ```
#[derive(Debug, Clone)]
pub struct HttpFetcher {
    purposes: Vec<FetchPurpose>,
    timeout: Duration,
    private: bool,
    tls: Arc<rustls::crypto::CryptoProvider>,
}

impl HttpFetcher {
    /// Fetches nothing yet.
    ///
    /// ```
    /// use mailseal::outside::HttpFetcher;
    /// let fetcher = HttpFetcher::new();
    /// # let _ = fetcher;
    /// ```
    pub fn new() -> Self {
        let tls = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Self { purposes: Vec::new(), timeout: TIMEOUT, private: false, tls }
    }

    /// Fetches for this purpose too.
    ///
    /// ```
    /// use mailseal::{outside::HttpFetcher, report::FetchPurpose};
    /// let fetcher = HttpFetcher::new().allow(FetchPurpose::Aia);
    /// # let _ = fetcher;
    /// ```
    #[must_use]
    pub fn allow(mut self, purpose: FetchPurpose) -> Self {
        self.purposes.push(purpose);
        self
    }

    /// How long one fetch may take; five seconds unless said, an hour at most.
    ///
    /// ```
    /// use mailseal::outside::HttpFetcher;
    /// let patient = HttpFetcher::new().timeout(std::time::Duration::from_secs(20));
    /// # let _ = patient;
    /// ```
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Asks private addresses and unusual ports too. For tests and closed networks: anybody who sends a letter could
    /// otherwise make it ask the printer next door. A [`Context`](crate::Context) asks nobody whose private address or
    /// unusual port stands in the URL itself; what is left there are names that lead to private addresses.
    ///
    /// ```
    /// use mailseal::outside::HttpFetcher;
    /// let inside = HttpFetcher::new().insecurely_allow_private_addresses();
    /// # let _ = inside;
    /// ```
    #[must_use]
    pub fn insecurely_allow_private_addresses(mut self) -> Self {
        self.private = true;
        self
    }

    fn agent(&self, left: Duration) -> Agent {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::clone(&self.tls))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .user_agent("mailseal")
            .timeout_global(Some(left))
            .build();
        Agent::with_parts(config, DefaultConnector::default(), guard::PublicOnly::new(self.private))
    }

    fn once(
        &self,
        request: &FetchRequest<'_>,
        url: &str,
        left: Duration,
    ) -> Result<http::Response<Body>, FetchError> {
        let agent = self.agent(left);
        let sent = if request.body.is_empty() {
            agent.get(url).call()
        } else {
            agent.post(url).content_type("application/ocsp-request").send(request.body)
        };
        sent.map_err(|error| match error {
            ureq::Error::HostNotFound => FetchError::Unavailable,
            ureq::Error::Other(other) if other.is::<guard::Private>() => FetchError::Refused,
            _ => FetchError::Unavailable,
        })
    }
}

impl Default for HttpFetcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetcher for HttpFetcher {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        if !self.purposes.contains(&request.purpose) {
            return Err(FetchError::Refused);
        }
        let begun = Instant::now();
        let mut place = request.url.to_owned();
        for _ in 0..=REDIRECTS {
            if !self.private && !url::is_allowed(&place) {
                return Err(FetchError::Refused);
            }
            let left = self.timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(FetchError::Unavailable);
            }
            let mut response = self.once(request, &place, left)?;
            match response.status().as_u16() {
                200 => return read(response.body_mut(), request.max_bytes),
                301 | 302 | 303 | 307 | 308 if request.body.is_empty() => {
                    let header = response.headers().get("location").and_then(|value| value.to_str().ok());
                    place = header.and_then(|header| target(&place, header)).ok_or(FetchError::Refused)?;
                }
                _ => return Err(FetchError::Unavailable),
            }
        }
        Err(FetchError::Refused)
    }
}

fn read(body: &mut Body, most: u64) -> Result<Vec<u8>, FetchError> {
    body.with_config().limit(most).read_to_vec().map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => FetchError::Refused,
        _ => FetchError::Unavailable,
    })
}

/// Where a redirect leads: an address of its own, or a place on the same host.
fn target(from: &str, location: &str) -> Option<String> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Some(location.to_owned());
    }
    if !location.starts_with('/') || location.starts_with("//") {
        return None;
    }
    let (scheme, rest) = from.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{authority}{location}"))
}
