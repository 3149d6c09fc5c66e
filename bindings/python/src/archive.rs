//! A judgement with all that it needed, in one file.

use std::path::PathBuf;

use mailseal::outside;
use mailseal::outside::WhoseTrust;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::arguments::At;
use crate::call::call;
use crate::context::Context;
use crate::domain::{DomainCheck, connection};
use crate::input::{Octets, letter};
use crate::opener::Opener;
use crate::policy::Policy;
use crate::trust::TrustStore;
use crate::verdict::Verdict;
use crate::watch::{Cancel, Watch};
use crate::{python, report};

#[derive(FromPyObject)]
enum Known<'py> {
    Context(Bound<'py, Context>),
    Opener(Bound<'py, Opener>),
}

/// A letter that was looked at, and all that was used for it. It is looked at without keys: what is inside an encryption
/// could be shown to others only with the plaintext or the key, and an archive has neither. `letter`, `cancel` and
/// `progress` are as those of Opener.open. Instead of a context an Opener, whose trusted fields of the header are kept, too.
///
/// With a DomainCheck as `check`, what the DNS says of the sending domain is kept, so that it can be looked at again when
/// keys have changed; `client`, `helo` and `mail_from` are as those of DomainCheck.open, and `asked` is the present time,
/// where `at` is another.
///
/// >>> import tempfile
/// >>> anchors = "examples/letters/openssl-ca.pem"
/// >>> cx = Context(TrustStore().add_anchors(anchors, scope="any"))
/// >>> record = EvidenceRecord(cx, "examples/letters/openssl.eml", at=1_800_000_000)
/// >>> with tempfile.TemporaryDirectory() as folder:
/// ...     record.save(Policy.standard(), folder + "/evidence.tar")
/// ...     archive = EvidenceArchive(folder + "/evidence.tar")
/// ...     mine = TrustStore().add_anchors(anchors, scope="*@example.com")
/// ...     checked = archive.check(Policy.standard(), trust=mine)
/// >>> checked.is_same, checked.whose, checked.verdict.outcome
/// (True, <WhoseTrust.YOURS: 'yours'>, <Outcome.GOOD: 1>)
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct EvidenceRecord {
    record: outside::EvidenceRecord<'static>,
    report: PyOnceLock<Py<PyAny>>,
}

#[pymethods]
impl EvidenceRecord {
    #[new]
    #[pyo3(signature = (context, letter, *, at, check = None, client = None, helo = "", mail_from = "", asked = None, cancel = None, progress = None))]
    #[allow(clippy::too_many_arguments)] // They have names in Python.
    fn new(
        py: Python<'_>,
        context: Known<'_>,
        #[pyo3(from_py_with = letter)] letter: Octets,
        at: At,
        check: Option<&DomainCheck>,
        client: Option<&str>,
        helo: &str,
        mail_from: &str,
        asked: Option<At>,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let connection = connection(client, helo, mail_from)?;
        let watch = Watch::new(cancel, progress)?;
        let opener = match context {
            Known::Context(context) => mailseal::Opener::new(&context.get().0),
            Known::Opener(opener) => opener.get().0.clone(),
        };
        let record = call(py, || {
            let mut record = outside::EvidenceRecord::open_as(&opener, watch.over(letter.owned()), at.0)?;
            if let Some(check) = check {
                record.check_domain(check.check(), connection.as_ref(), asked.unwrap_or(at).0)?;
            }
            Ok(record)
        })?;
        Ok(Self { record, report: PyOnceLock::new() })
    }

    /// What was seen: a Report.
    #[getter]
    fn report(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let made = self.report.get_or_try_init(py, || report::whole(py, &self.record.opened.report))?;
        Ok(made.clone_ref(py))
    }

    /// Writes the archive, with the verdict of a policy: all of it, or no file. It names all anchors of the context, and
    /// what a memory said of the sender and of those who look alike: look at it before it is handed on.
    fn save(&self, py: Python<'_>, policy: &Policy, path: PathBuf) -> PyResult<()> {
        call(py, || self.record.save(&policy.0, path))
    }

    /// As of an Opened: a TypeError.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("an opened letter is neither true nor false; judge its report"))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.EvidenceRecord>"
    }
}

/// A judgement with all that it needed, as EvidenceRecord.save wrote it.
///
/// It is not signed: time, anchors and memory are the word of whoever could write to it. So bring your own trust, and
/// keep it where nobody changes it, or its SHA256SUMS in a signed letter, if the time matters.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct EvidenceArchive(outside::EvidenceArchive);

#[pymethods]
impl EvidenceArchive {
    /// Reads it within the usual limits. Something else than an archive is an Error of kind `malformed`.
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        call(py, || outside::EvidenceArchive::open(path)).map(Self)
    }

    /// When the letter was judged: a datetime; the archive's word.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python::build(py, "moment")?.call1((self.0.at().to_string(),))
    }

    /// When the DNS was asked about the sending domain: a datetime, or None; the archive's word.
    #[getter]
    fn asked<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let moment = |(asked, _): (mailseal::UnixTime, usize)| {
            python::build(py, "moment")?.call1((asked.to_string(),))
        };
        self.0.asked().map(moment).transpose()
    }

    /// What it was worth: an Outcome; the archive's word.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python::build(py, "outcome")?.call1((self.0.outcome(),))
    }

    /// The dated name of the policy that it was judged by; the archive's word.
    #[getter]
    fn policy(&self) -> &str {
        self.0.policy()
    }

    /// Judges the letter again as of then, from what is in the archive alone: a Checked. By `trust`, and then that
    /// of the archive counts for nothing; without it, by the trust in the archive.
    #[pyo3(signature = (policy, *, trust = None))]
    fn check<'py>(
        &self,
        py: Python<'py>,
        policy: &Policy,
        trust: Option<&TrustStore>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let own = trust.map(|trust| trust.0.clone());
        let checked = call(py, || match own {
            Some(trust) => self.0.check_with(&policy.0, trust),
            None => self.0.check(&policy.0),
        })?;
        let whose = match checked.whose {
            WhoseTrust::Archive => "archive",
            WhoseTrust::Yours => "yours",
        };
        let differences = PyTuple::new(py, checked.differences.iter().map(ToString::to_string))?;
        let report = checked.report.as_ref().map(|report| report::whole(py, report)).transpose()?;
        let fields = (whose, differences, report, checked.verdict.map(Verdict));
        python::build(py, "checked")?.call1(fields)
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.EvidenceArchive of {}: {}>", self.0.at(), self.0.outcome())
    }
}
