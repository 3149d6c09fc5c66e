//! What a report is worth.

use pyo3::prelude::*;

use crate::report::Seen;
use crate::verdict::Verdict;

/// What a report is worth. Pure: no clock, no network.
///
/// >>> Policy.standard().lets_unsigned_pass, Policy.strict().lets_unsigned_pass
/// (True, False)
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Policy(pub(crate) mailseal::Policy);

#[pymethods]
impl Policy {
    /// For people who read mail.
    #[staticmethod]
    fn standard() -> Self {
        Self(mailseal::Policy::standard())
    }

    /// For programs that act on mail.
    #[staticmethod]
    fn strict() -> Self {
        Self(mailseal::Policy::strict())
    }

    /// The same with other algorithms, as Context has them; it is no longer the preset.
    fn with_algorithms(&self, algorithms: &str) -> PyResult<Self> {
        Ok(Self(self.0.clone().with_algorithms(crate::context::by_name(algorithms)?)))
    }

    /// Whether a letter without any signature is no reason for alarm.
    #[getter]
    fn lets_unsigned_pass(&self) -> bool {
        self.0.lets_unsigned_pass()
    }

    /// What a Report is worth: a Verdict.
    fn judge(&self, report: &Bound<'_, PyAny>) -> PyResult<Verdict> {
        Ok(Verdict(self.0.judge(&Seen::of(report)?.get().0)))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.Policy>"
    }
}
