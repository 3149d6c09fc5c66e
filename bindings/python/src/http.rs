//! Fetching by the library's own HTTP.

use std::time::Duration;

use mailseal::outside;
use mailseal::report::FetchPurpose;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arguments::word;

/// Fetches over HTTP what certificates say where to find, for these purposes only: `aia` (issuers), `crl`, `ocsp`. It is
/// the `fetcher` of a Context, and works without the interpreter's lock.
///
/// It asks public places only: `http` and `https` on their usual ports, no address of a private network in the URL nor
/// behind its name, and the same after each of at most three redirects. One fetch takes `timeout` seconds at most, no
/// proxy from the environment, and no more octets than asked for. Nothing is kept. Who runs the place learns that, and
/// from where, somebody looks at a letter of that signer.
///
/// >>> cx = Context(TrustStore(), fetcher=HttpFetcher("crl", FetchPurpose.OCSP))
/// >>> HttpFetcher("gopher")
/// Traceback (most recent call last):
/// ValueError: nothing is fetched for `gopher`: aia, crl, ocsp
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct HttpFetcher(pub(crate) outside::HttpFetcher);

#[pymethods]
impl HttpFetcher {
    #[new]
    #[pyo3(signature = (*purposes, timeout = 5.0))]
    fn new(purposes: &Bound<'_, PyTuple>, timeout: f64) -> PyResult<Self> {
        if purposes.is_empty() {
            return Err(PyValueError::new_err("a fetcher for no purpose: aia, crl, ocsp"));
        }
        let mut fetcher = outside::HttpFetcher::new();
        for purpose in purposes {
            fetcher = fetcher.allow(by_name(&word(&purpose)?)?);
        }
        let wrong = |_| PyValueError::new_err(format!("a timeout is a number of seconds, not {timeout}"));
        Ok(Self(fetcher.timeout(Duration::try_from_secs_f64(timeout).map_err(wrong)?)))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.HttpFetcher>"
    }
}

fn by_name(purpose: &str) -> PyResult<FetchPurpose> {
    match purpose {
        "aia" => Ok(FetchPurpose::Aia),
        "crl" => Ok(FetchPurpose::Crl),
        "ocsp" => Ok(FetchPurpose::Ocsp),
        other => Err(PyValueError::new_err(format!("nothing is fetched for `{other}`: aia, crl, ocsp"))),
    }
}
