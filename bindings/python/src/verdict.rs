//! What a letter is worth by a policy, and why.

use mailseal::Outcome;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::error::exception;
use crate::python;
use crate::report::{self, Seen};

/// What a letter is worth by a policy, and why. Policy.judge makes it.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Verdict(pub(crate) mailseal::Verdict);

#[pymethods]
impl Verdict {
    /// In one word: an Outcome.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let number = match self.0.outcome {
            Outcome::None => 0,
            Outcome::Good => 1,
            Outcome::Caution => 2,
            Outcome::Bad => 3,
        };
        python::build(py, "Outcome")?.call1((number,))
    }

    /// Only a good letter is true.
    fn __bool__(&self) -> bool {
        self.0.outcome == Outcome::Good
    }

    /// The dated name of the policy.
    #[getter]
    fn policy(&self) -> &str {
        &self.0.policy
    }

    /// What the policy's rules for incoming mail say to do with the letter: `pass`, `hold` or `refuse`.
    #[getter]
    fn action(&self) -> &'static str {
        self.0.action.as_str()
    }

    /// Whether pictures and other content may be fetched from the network when the letter is shown.
    #[getter]
    fn may_load_remote(&self) -> bool {
        self.0.may_load_remote
    }

    /// What was seen that matters, the decisive Reason first.
    #[getter]
    fn reasons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let reasons: PyResult<Vec<_>> =
            self.0.reasons.iter().map(|reason| report::data(py, "reason", reason)).collect();
        PyTuple::new(py, reasons?)
    }

    /// The verdict in words, of the report it was made from. What comes from the letter is escaped. `language` is `en`
    /// or `ja`; `explain` opens each step; `colour` is for terminals.
    #[pyo3(signature = (report, language = "en", *, explain = false, colour = false))]
    fn text(
        &self,
        report: &Bound<'_, PyAny>,
        language: &str,
        explain: bool,
        colour: bool,
    ) -> PyResult<String> {
        let seen = Seen::of(report)?;
        let text = self.0.text(&seen.get().0).language(language);
        Ok(text.explain(explain).colour(colour).to_string())
    }

    /// The smimeStatus of RFC 9219, `signed/verified`, of the report it was made from; None where there is no signature.
    fn smime_status(&self, report: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
        let seen = Seen::of(report)?;
        Ok(self.0.smime_status(&seen.get().0).map(mailseal::policy::SmimeStatus::as_str))
    }

    /// What RFC 9219 adds to an Email: `smimeStatus`, `smimeErrors`, `smimeVerifiedAt`, as they stand in JSON.
    #[pyo3(signature = (report, language = "en"))]
    fn smime_properties<'py>(
        &self,
        py: Python<'py>,
        report: &Bound<'py, PyAny>,
        language: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let seen = Seen::of(report)?;
        report::plain(py, &self.0.smime_properties(&seen.get().0, language))
    }

    /// The Authentication-Results field (RFC 8601), with its name, folded: of the report it was made from, in the name
    /// of `authserv_id`.
    fn authentication_results(
        &self,
        py: Python<'_>,
        report: &Bound<'_, PyAny>,
        authserv_id: &str,
    ) -> PyResult<String> {
        let seen = Seen::of(report)?;
        let results = self.0.authentication_results(&seen.get().0, authserv_id);
        results.map_err(|error| exception(py, error))
    }

    /// As JSON, in one line.
    fn to_json(&self) -> PyResult<String> {
        report::json(&self.0)
    }

    fn __repr__(&self) -> String {
        let codes: Vec<_> = self.0.reasons.iter().map(|reason| reason.code.as_str()).collect();
        let outcome = format!("{:?}", self.0.outcome).to_lowercase();
        format!("<mailseal.Verdict {outcome}, {}: {}>", self.0.policy, codes.join(", "))
    }
}
