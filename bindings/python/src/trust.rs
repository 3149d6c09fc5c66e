//! Whom the program trusts, and for whom they may speak.

use std::path::PathBuf;

use mailseal::outside::{SystemRoots, TrustFolder, anchors_from_folder, system_store};
use mailseal::trust::TrustModel;
use mailseal::{Error, Scope};
use pyo3::prelude::*;

use crate::arguments;
use crate::call::call;
use crate::certificate::Certificate;
use crate::error::exception;
use crate::input;

/// Whom the program trusts: anchors, roots of a Web of Trust, pins. Empty, it trusts nobody.
///
/// It never changes: each method returns a new one.
///
/// >>> store = TrustStore().add_anchors("examples/letters/openssl-ca.pem", scope="*@example.com")
/// >>> store.add_anchors("examples/letters/openssl-ca.pem", scope="")
/// Traceback (most recent call last):
/// ValueError: ...
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct TrustStore(pub(crate) mailseal::TrustStore);

#[pymethods]
impl TrustStore {
    #[new]
    fn new() -> Self {
        Self(mailseal::TrustStore::new())
    }

    /// Whom the user trusts, as `mailseal trust` keeps it in a folder: anchors with their scopes, pins, roots of the Web of
    /// Trust. The folder is not written; one that does not exist trusts nobody.
    ///
    /// >>> TrustStore.open("/nowhere")
    /// <mailseal.TrustStore of 0 anchors>
    #[staticmethod]
    fn open(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        call(py, || TrustFolder::open(folder)?.store()).map(Self)
    }

    /// Trusts the certificates of a file (bytes, a path, a file object), of all files of a folder (`*.pem`, `*.asc`, …), or
    /// one Certificate, within a scope: `any`, or patterns such as `*@partner.example`, then `until=2027-12-31`,
    /// `for=sign`, `assurance=organization`. There is no default.
    #[pyo3(signature = (certificates, *, scope))]
    fn add_anchors(&self, py: Python<'_>, certificates: &Bound<'_, PyAny>, scope: &str) -> PyResult<Self> {
        let scope = read(py, scope)?;
        if let Ok(certificate) = certificates.cast::<Certificate>() {
            return Ok(Self(self.0.clone().anchor(certificate.get().0.clone(), scope)));
        }
        let store = self.0.clone();
        if let Ok(path) = certificates.extract::<PathBuf>()
            && path.is_dir()
        {
            return call(py, || anchors_from_folder(store, path, &scope)).map(Self);
        }
        let octets = input::file(certificates)?;
        call(py, || store.anchors(octets.expose(), scope)).map(Self)
    }

    /// Trusts an OpenPGP certificate to introduce others (RFC 9580 section 5.2.3.21); 120 is full trust. The
    /// certificate itself comes from the context.
    #[pyo3(signature = (fingerprint, amount = 120))]
    fn add_web_of_trust_root(&self, py: Python<'_>, fingerprint: &str, amount: u32) -> PyResult<Self> {
        // More than an octet holds is as wrong as 121.
        let amount = u8::try_from(amount).unwrap_or(u8::MAX);
        let store = self.0.clone().web_of_trust_root(fingerprint, amount);
        store.map(Self).map_err(|error| exception(py, error))
    }

    /// Trusts the certificate authorities that Mozilla trusts for e-mail, as of EMAIL_ROOTS_AS_OF.
    #[pyo3(signature = (*, scope))]
    fn add_email_roots(&self, py: Python<'_>, scope: &str) -> PyResult<Self> {
        Ok(Self(self.0.clone().email_roots(read(py, scope)?)))
    }

    /// Trusts what the system trusts for mail, as p11-kit has it. An Error of kind `refused` where the system's list does
    /// not tell mail from web sites, as most do not (add_email_roots has one that does): then `all_that_it_trusts` takes
    /// it for what it is.
    #[pyo3(signature = (*, scope, all_that_it_trusts = false))]
    fn add_system_roots(&self, py: Python<'_>, scope: &str, all_that_it_trusts: bool) -> PyResult<Self> {
        let (store, scope) = (self.0.clone(), read(py, scope)?);
        let roots = if all_that_it_trusts { SystemRoots::AllThatItTrusts } else { SystemRoots::ForEmail };
        call(py, || system_store(store, roots, &scope)).map(Self)
    }

    /// Ties one certificate to one address; its whole fingerprint is wanted.
    fn pin(&self, py: Python<'_>, address: &str, fingerprint: &str) -> PyResult<Self> {
        let address = arguments::address(address)?;
        let store = self.0.clone().pin(&address, fingerprint);
        store.map(Self).map_err(|error| exception(py, error))
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.TrustStore of {} anchors>", TrustModel::anchors(&self.0))
    }
}

fn read(py: Python<'_>, scope: &str) -> PyResult<Scope> {
    scope.parse().map_err(|error: Error| exception(py, error))
}
