//! What the policy says of a letter on its way out.

use pyo3::prelude::*;

use crate::report;

/// What the policy says of a letter, for each of its recipients and for all: Context.check_sending.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Dispatch(pub(crate) mailseal::Dispatch);

#[pymethods]
impl Dispatch {
    /// The strictest of all: `refuse`, `hold`, `ask` or `pass`.
    #[getter]
    fn action(&self) -> &'static str {
        self.0.action.as_str()
    }

    /// What is done for each recipient: pairs of address and action.
    #[getter]
    fn recipients(&self) -> Vec<(String, &'static str)> {
        let each = self.0.recipients.iter();
        each.map(|one| (one.decision.recipient.to_string(), one.action.as_str())).collect()
    }

    /// Why it is not let go at once, one text for each recipient; empty where it is. `language` is `en` or `ja`.
    #[pyo3(signature = (language = "en"))]
    fn reasons(&self, language: &str) -> Vec<String> {
        self.0.reasons(language)
    }

    /// For each recipient what is done, what is asked and by which rules, in lines.
    #[pyo3(signature = (language = "en"))]
    fn text(&self, language: &str) -> String {
        self.0.text(language)
    }

    /// As JSON, in one line.
    fn to_json(&self) -> PyResult<String> {
        report::json(&self.0)
    }

    /// Only what may go at once is true.
    fn __bool__(&self) -> bool {
        self.0.action == mailseal::policy::Action::Pass
    }

    fn __str__(&self) -> String {
        self.0.text("en").trim_end().to_owned()
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Dispatch {}>", self.0.action.as_str())
    }
}
