//! Why a signature broke on the way, and how two copies of a message differ.

use mailseal::doctor;
use mailseal::report::ServiceProfile;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::arguments::At;
use crate::call::call;
use crate::context::Context;
use crate::input::{Octets, letter};

/// What was done to a message on its way, as far as it can be told from it alone. Never a verdict: in an `if` it is a
/// TypeError. `diagnose` makes it.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Diagnosis(doctor::Diagnosis);

#[pymethods]
impl Diagnosis {
    /// What came of it: `intact`, `explained`, `mixed`, `unexplained`, `signature_broken`, `untested`, `not_signed`.
    #[getter]
    fn outcome(&self) -> &'static str {
        self.0.outcome.as_str()
    }

    /// The page that `mailseal doctor` prints, safe to print. `language` is `en` or `ja`.
    #[pyo3(signature = (language = "en"))]
    fn text(&self, language: &str) -> String {
        self.0.text(language)
    }

    /// All of it, as JSON (docs/doctor.md).
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a diagnosis is neither true nor false; look at its outcome"))
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Diagnosis: {}>", self.0.outcome.as_str())
    }
}

/// How two copies of a message differ; true if they do. `compare` makes it.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Comparison(doctor::Comparison);

#[pymethods]
impl Comparison {
    /// The kinds of the differences, in order: `footer_added` …
    #[getter]
    fn kinds(&self) -> Vec<&'static str> {
        self.0.changes.iter().map(|change| change.kind.as_str()).collect()
    }

    /// The page that `mailseal doctor --sent --received` prints, safe to print. `language` is `en` or `ja`.
    #[pyo3(signature = (language = "en"))]
    fn text(&self, language: &str) -> String {
        self.0.text(language)
    }

    /// All of it, as JSON (docs/doctor.md).
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// What a service does to mail, by this one message that went through it: JSON for a file, which a preflight reads.
    fn profile(&self, py: Python<'_>, service: &str) -> PyResult<String> {
        call(py, || self.0.profile(service).to_json())
    }

    fn __bool__(&self) -> bool {
        !self.0.changes.is_empty()
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Comparison: {} changes>", self.0.changes.len())
    }
}

/// Whether signed letters may go through a service. `preflight` makes it; in an `if` it is a TypeError: ask `passes`.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Preflight(doctor::Preflight);

#[pymethods]
impl Preflight {
    /// Whether signed letters arrive as they were signed.
    #[getter]
    fn passes(&self) -> bool {
        self.0.passes()
    }

    /// The kinds of the changes that the service must not make, in order: `footer_added` …
    #[getter]
    fn kinds(&self) -> Vec<&'static str> {
        self.0.refused.iter().map(|change| change.kind.as_str()).collect()
    }

    /// What it would do, and what to set there, safe to print. `language` is `en` or `ja`.
    #[pyo3(signature = (language = "en"))]
    fn text(&self, language: &str) -> String {
        self.0.text(language)
    }

    /// All of it, as JSON (docs/doctor.md).
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a preflight is neither true nor false; ask whether it passes"))
    }

    fn __repr__(&self) -> String {
        let count = self.0.refused.len();
        format!(
            "<mailseal.Preflight: {}>",
            if count == 0 { "passes".into() } else { format!("{count} refused") }
        )
    }
}

fn json(data: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(data).map_err(|error| PyTypeError::new_err(error.to_string()))
}

/// Looks for what was done to a message whose signature broke. A diagnosis is never a pass.
///
/// >>> seen = diagnose(Context(TrustStore()), "examples/letters/openssl.eml", at=1_800_000_000)
/// >>> seen.outcome
/// 'intact'
#[pyfunction]
#[pyo3(signature = (context, letter, *, at))]
pub(crate) fn diagnose(
    py: Python<'_>,
    context: &Context,
    #[pyo3(from_py_with = letter)] letter: Octets,
    at: At,
) -> PyResult<Diagnosis> {
    call(py, || doctor::diagnose(&context.0, letter.owned(), at.0)).map(Diagnosis)
}

/// Compares a message as it was sent with the same as it arrived, within the limits of the context.
///
/// >>> sent = b"From: a@b.example\r\nSubject: Hi\r\n\r\nHello\r\n"
/// >>> compare(Context(TrustStore()), sent, sent.replace(b"Hi", b"[list] Hi")).kinds
/// ['subject_tagged']
#[pyfunction]
pub(crate) fn compare(
    py: Python<'_>,
    context: &Context,
    #[pyo3(from_py_with = letter)] sent: Octets,
    #[pyo3(from_py_with = letter)] received: Octets,
) -> PyResult<Comparison> {
    let (sent, received) = (sent.owned(), received.owned());
    let limits = context.0.bounds();
    let compared = || {
        let sent = sent.octets("memory_bytes", limits.memory_bytes)?;
        let received = received.octets("memory_bytes", limits.memory_bytes)?;
        doctor::compare(&sent, &received, limits)
    };
    call(py, compared).map(Comparison)
}

/// Asks a profile, as `Comparison.profile` made it, whether signed letters may go through that service.
///
/// >>> sent = b"From: a@b.example\r\nSubject: Hi\r\n\r\nHello\r\n"
/// >>> seen = compare(Context(TrustStore()), sent, sent.replace(b"Hello", b"Good day"))
/// >>> preflight(seen.profile("service.example")).passes
/// False
#[pyfunction]
pub(crate) fn preflight(py: Python<'_>, profile: &str) -> PyResult<Preflight> {
    let found = call(py, || ServiceProfile::from_json(profile))?;
    Ok(Preflight(doctor::preflight(&found)))
}
