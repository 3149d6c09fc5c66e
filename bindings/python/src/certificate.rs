//! Certificates of either protocol.

use std::hash::{DefaultHasher, Hash, Hasher};

use mailseal::report;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arguments::At;
use crate::call::call;
use crate::{input, python};

/// A certificate, X.509 or OpenPGP. Public; having one trusts nobody.
///
/// >>> carol = Certificate.load("examples/letters/gpg-carol.asc")[0]
/// >>> carol.protocol.value, len(carol.fingerprint)
/// ('openpgp', 40)
/// >>> carol.addresses(at=1_800_000_000)
/// ['carol@example.net']
#[pyclass(frozen, module = "mailseal")]
#[derive(Clone)]
pub(crate) struct Certificate(pub(crate) mailseal::Certificate);

#[pymethods]
impl Certificate {
    /// Reads all certificates of a file (bytes, a path, a file object): PEM or DER of X.509, or OpenPGP, armoured or not.
    #[staticmethod]
    fn load(py: Python<'_>, file: &Bound<'_, PyAny>) -> PyResult<Vec<Self>> {
        load(py, file).map(|found| found.into_iter().map(Self).collect())
    }

    /// Protocol.SMIME or Protocol.OPENPGP.
    #[getter]
    fn protocol<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        protocol(py, self.0.protocol())
    }

    /// Upper-case hexadecimal: SHA-256 of an X.509 certificate, the fingerprint of an OpenPGP one.
    #[getter]
    fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    /// Whom it names at a time.
    #[pyo3(signature = (*, at))]
    fn addresses(&self, at: At) -> Vec<String> {
        self.0.addresses(at.0).iter().map(ToString::to_string).collect()
    }

    /// The name of its holder at a time, as it says itself.
    #[pyo3(signature = (*, at))]
    fn name(&self, at: At) -> Option<String> {
        self.0.name(at.0)
    }

    /// As a file: PEM of an X.509 certificate, ASCII armor of an OpenPGP one.
    fn to_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &call(py, || self.0.to_text())?))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.fingerprint().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Certificate {}, {}>", self.0.protocol().name(), self.0.fingerprint())
    }
}

/// All certificates of a file.
pub(crate) fn load(py: Python<'_>, file: &Bound<'_, PyAny>) -> PyResult<Vec<mailseal::Certificate>> {
    let octets = input::file(file)?;
    call(py, || mailseal::Certificate::load(octets.expose()))
}

/// A certificate, a file of them, or several of either.
pub(crate) fn all(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Vec<mailseal::Certificate>> {
    let mut certificates = Vec::new();
    for one in crate::arguments::several(given)? {
        match one.cast::<Certificate>() {
            Ok(certificate) => certificates.push(certificate.get().0.clone()),
            Err(_) => certificates.extend(load(py, &one)?),
        }
    }
    Ok(certificates)
}

/// As the enumeration of the package.
pub(crate) fn protocol<'py>(py: Python<'py>, protocol: report::Protocol) -> PyResult<Bound<'py, PyAny>> {
    let name = match protocol {
        report::Protocol::Smime => "smime",
        report::Protocol::Openpgp => "openpgp",
    };
    python::build(py, "Protocol")?.call1((name,))
}
