//! What is fetched, by whoever the caller lets fetch.

use crate::report::FetchPurpose;

/// Fetches issuers, CRLs and OCSP answers over the caller's own network. There is none unless one is given.
///
/// For CRLs and OCSP answers it is asked only about certificates of a path to an anchor of the caller; for issuers also
/// about certificates that nobody knows yet, so that **whoever sends a letter can learn that it was looked at**: refuse
/// [`FetchPurpose::Aia`] where that matters. Of a letter, only for signatures that are intact. It is never asked for an
/// address of a private network in numbers; names it resolves itself, and has to refuse what leads to one (threats C7).
///
/// ```
/// use mailseal::report::FetchPurpose;
/// use mailseal::trust::{FetchError, FetchRequest, Fetcher};
///
/// /// Serves what was downloaded before.
/// struct Cache(std::collections::HashMap<String, Vec<u8>>);
///
/// impl Fetcher for Cache {
///     fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
///         if request.purpose != FetchPurpose::Crl {
///             return Err(FetchError::Refused);
///         }
///         self.0.get(request.url).cloned().ok_or(FetchError::Unavailable)
///     }
/// }
/// ```
pub trait Fetcher: Send + Sync {
    /// Answers with the octets, at most `max_bytes` of them. An error is a finding at most, never a failure.
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError>;
}

/// What to fetch, and its bounds.
///
/// ```
/// use mailseal::trust::FetchRequest;
/// /// POST where there is something to say, else GET.
/// fn method(request: &FetchRequest<'_>) -> &'static str {
///     if request.body.is_empty() { "GET" } else { "POST" }
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FetchRequest<'a> {
    /// What for.
    pub purpose: FetchPurpose,
    /// `http` or `https`.
    pub url: &'a str,
    /// What to send: an OCSP request, `application/ocsp-request`. Empty is a GET.
    pub body: &'a [u8],
    /// Octets of the answer that will be looked at; more is an error.
    pub max_bytes: u64,
}

/// Why nothing was fetched.
///
/// ```
/// use mailseal::trust::FetchError;
/// assert_ne!(FetchError::Refused, FetchError::Unavailable);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It is not fetched, now or later.
    #[error("refused")]
    Refused,
    /// It could not be fetched.
    #[error("not available")]
    Unavailable,
}
