//! What a report is worth.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;

use crate::call::call;
use crate::input;
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

    /// One that was written into a file (docs/policy.md), with its rules for outgoing mail: a path, or bytes. An Error of
    /// kind `malformed` says in which line something is not understood: then there is no policy. `name` is what the file is
    /// called in errors and reasons; without it, the last of its path.
    ///
    /// >>> Policy.load(b'[[sending]]\nto = "*@partner.example"\nencrypt = true\n', name="policy.toml").name
    /// 'standard-2026-11+policy.toml'
    /// >>> Policy.load(b'[[sending]]\nencrpyt = true\n', name="policy.toml")
    /// Traceback (most recent call last):
    /// mailseal.Error: not readable as a policy: policy.toml:2: unknown key "encrpyt" in [[sending]]; did you mean "encrypt"?
    #[staticmethod]
    #[pyo3(signature = (file, *, name = None))]
    fn load(py: Python<'_>, file: &Bound<'_, PyAny>, name: Option<String>) -> PyResult<Self> {
        let path = file.extract::<PathBuf>().ok();
        let last = path.as_deref().and_then(Path::file_name).map(|last| last.to_string_lossy().into_owned());
        let name = name.or(last).unwrap_or_else(|| "policy".to_owned());
        let octets = input::file(file)?;
        call(py, || mailseal::Policy::from_toml(&String::from_utf8_lossy(octets.expose()), &name)).map(Self)
    }

    /// What it is called in verdicts.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
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
