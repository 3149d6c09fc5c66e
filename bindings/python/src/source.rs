//! Where certificates are found besides files: GnuPG's keyrings, functions of Python's.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use mailseal::outside::gnupg;
use mailseal::protocol::{CertificateSource, KeyHint};
use mailseal::{Certificate, Error};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::call::{call, misused, raised};
use crate::{certificate, python};

/// The keyrings and the owner trust of a home of GnuPG, as they were when it was opened: one of the `certificates` of a
/// Context. Finding a certificate is not trusting it; what its user trusts, the program may take over:
///
/// >>> home, trust = GnupgHome("/nowhere"), TrustStore()
/// >>> for fingerprint, amount in home.owner_trust.items():
/// ...     trust = trust.add_web_of_trust_root(fingerprint, amount)
/// >>> cx = Context(trust, certificates=home)
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct GnupgHome(pub(crate) gnupg::Home);

#[pymethods]
impl GnupgHome {
    /// Reads pubring.kbx, pubring.gpg and trustdb.gpg, as far as they are there.
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        call(py, || gnupg::Home::open(path)).map(Self)
    }

    /// How far its user trusts the owners of keys, by fingerprint: amounts as add_web_of_trust_root takes them, 120 where
    /// it is ultimate, 60 full, 40 marginal. Who is not trusted is not in it.
    #[getter]
    fn owner_trust(&self) -> BTreeMap<String, u8> {
        let amounts = self.0.owner_trust();
        amounts.filter_map(|(fingerprint, trust)| Some((fingerprint.to_owned(), trust.amount()?))).collect()
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.GnupgHome>"
    }
}

/// A function of Python's that finds certificates.
pub(crate) struct Function(Py<PyAny>);

impl Function {
    pub(crate) fn new(function: &Bound<'_, PyAny>) -> Self {
        Self(function.clone().unbind())
    }

    fn asked<'py>(&self, py: Python<'py>, hint: &KeyHint<'_>) -> PyResult<Bound<'py, PyAny>> {
        py.check_signals()?;
        let octets = |octets: &[u8]| PyBytes::new(py, octets);
        let fields = (
            hint.address.map(ToString::to_string),
            hint.issuer_and_serial.map(|(issuer, _)| octets(issuer)),
            hint.issuer_and_serial.map(|(_, serial)| octets(serial)),
            hint.subject.map(octets),
            hint.subject_key_identifier.map(octets),
            hint.openpgp.map(octets),
        );
        self.0.bind(py).call1((python::errors(py, "KeyHint")?.call1(fields)?,))
    }
}

impl CertificateSource for Function {
    /// Nobody is unknown because a directory was away: what the function raises ends the call.
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        Python::attach(|py| {
            let answer = self.asked(py, hint).map_err(|error| failed(error, raised))?;
            certificate::all(py, &answer).map_err(|error| {
                let wrong =
                    error.is_instance_of::<PyTypeError>(py) || error.is_instance_of::<PyValueError>(py);
                failed(error, if wrong { misused } else { raised })
            })
        })
    }
}

fn failed(error: PyErr, keep: fn(PyErr)) -> Error {
    keep(error);
    let what = "the function that finds certificates".to_owned();
    Error::Io { what, source: io::Error::other("there is an exception") }
}
