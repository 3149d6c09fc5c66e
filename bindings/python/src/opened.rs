//! A letter that was looked at.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyTuple};

use crate::arguments::address;
use crate::call::call;
use crate::certificate::Certificate;
use crate::memory::Memory;
use crate::payload::Payload;
use crate::policy::Policy;
use crate::report;
use crate::verdict::Verdict;

/// A letter that was looked at: Opener.open makes it. It says nothing of what the letter is worth.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Opened {
    opened: mailseal::Opened<'static>,
    report: PyOnceLock<Py<PyAny>>,
}

impl Opened {
    pub(crate) fn new(opened: mailseal::Opened<'static>) -> Self {
        Self { opened, report: PyOnceLock::new() }
    }
}

#[pymethods]
impl Opened {
    /// What was seen: a Report.
    #[getter]
    fn report(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let made = self.report.get_or_try_init(py, || report::whole(py, &self.opened.report))?;
        Ok(made.clone_ref(py))
    }

    /// What the envelope wraps, None where a layer of it stayed encrypted. Says nothing about whether a signature held.
    #[getter]
    fn payload(&self) -> Option<Payload> {
        self.opened.payload().cloned().map(Payload)
    }

    /// The certificates that came with the letter. Nobody vouches for them.
    #[getter]
    fn certificates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let certificates: Vec<_> = self.opened.certificates().iter().cloned().map(Certificate).collect();
        PyTuple::new(py, certificates)
    }

    /// The letter as a Verified if it is good and from that sender, otherwise None. There is no other way to one.
    fn require(&self, py: Python<'_>, policy: &Policy, sender: &str) -> PyResult<Option<Verified>> {
        let sender = address(sender)?;
        call(py, || {
            let verified = self.opened.require(&policy.0, &sender);
            Ok(verified.map(|letter| Verified {
                payload: letter.payload.clone(),
                sender: letter.sender.to_string(),
            }))
        })
    }

    /// The letter as it was received, with the verdict on top as an Authentication-Results field in the name of
    /// `authserv_id`, and without such fields of others in that name (RFC 8601 section 5).
    fn stamp<'py>(
        &self,
        py: Python<'py>,
        verdict: &Verdict,
        authserv_id: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let stamped = call(py, || {
            let mut stamped = Vec::new();
            self.opened.stamp(&verdict.0, authserv_id, &mut stamped)?;
            Ok(stamped)
        })?;
        Ok(PyBytes::new(py, &stamped))
    }

    /// The same to a file, which appears when all of it is there, or not at all.
    fn stamp_file(
        &self,
        py: Python<'_>,
        verdict: &Verdict,
        authserv_id: &str,
        path: PathBuf,
    ) -> PyResult<()> {
        call(py, || self.opened.stamp_file(&verdict.0, authserv_id, path))
    }

    /// Lets a memory learn from the letter, once, when it was decided what it is worth.
    fn remember(&self, py: Python<'_>, memory: &Memory) -> PyResult<()> {
        call(py, || self.opened.remember(&memory.0))
    }

    /// A letter that was looked at is neither good nor bad, so it is neither true nor false: a TypeError.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "an opened letter is neither true nor false; judge its report, or ask `require`",
        ))
    }

    fn __repr__(&self) -> String {
        let signatures = self.opened.report.signatures().count();
        let payload = if self.opened.payload().is_some() { "with" } else { "without" };
        format!("<mailseal.Opened, {signatures} signatures, {payload} payload>")
    }
}

/// Proof that a letter is good, by a policy and for a sender that the program named. Opened.require alone makes it.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Verified {
    payload: mailseal::Payload<'static>,
    sender: String,
}

#[pymethods]
impl Verified {
    /// The octets that were verified.
    #[getter]
    fn payload(&self) -> Payload {
        Payload(self.payload.clone())
    }

    /// From whom it is.
    #[getter]
    fn sender(&self) -> &str {
        &self.sender
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a proof is not pickled: anybody could write one"))
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Verified from {}>", self.sender)
    }
}
