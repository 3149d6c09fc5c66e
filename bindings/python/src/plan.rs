//! Who of a draft's recipients gets what, and who gets nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mailseal::Error;
use pyo3::prelude::*;

use crate::arguments::{At, address};
use crate::call::call;
use crate::context::Context;
use crate::group::Group;
use crate::input::draft;
use crate::policy::Policy;
use crate::watch::{Cancel, Watch};
use crate::{input, python};

/// Who of a draft's recipients gets what, and who gets nothing: shown before anything is sent.
///
/// To, Cc and Bcc are read from the draft; `cancel` and `progress` are as those of Opener.open. Nobody is dropped silently: while somebody is unreachable there are no groups.
///
/// >>> draft = b"From: bob@example.org\r\nTo: dave@example.net\r\n\r\nHello\r\n"
/// >>> plan = Plan(Context(TrustStore()), draft, Policy.standard(), at=1_800_000_000)
/// >>> print(plan)
/// nobody    dave@example.net   no certificate is known
/// >>> try:
/// ...     plan.groups()
/// ... except Unreachable as error:
/// ...     print(error)
/// no way to encrypt to dave@example.net
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Plan(Mutex<mailseal::Plan>);

#[pymethods]
impl Plan {
    #[new]
    #[pyo3(signature = (context, draft, policy, *, at, cancel = None, progress = None))]
    fn new(
        py: Python<'_>,
        context: &Context,
        #[pyo3(from_py_with = draft)] draft: input::Octets,
        policy: &Policy,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (mut draft, watch) = (draft, Watch::new(cancel, progress)?);
        let plan =
            call(py, || mailseal::Plan::new(&context.0, watch.over(draft.borrowed()), &policy.0, at.0))?;
        Ok(Self(Mutex::new(plan)))
    }

    /// Who cannot be written to in secret: a list of UnreachablePerson, each with mailbox and reason.
    #[getter]
    fn unreachable<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let class = python::errors(py, "UnreachablePerson")?;
        let people: Vec<(String, String)> = self
            .plan()
            .unreachable()
            .map(|person| (person.mailbox.to_string(), person.reason.to_string()))
            .collect();
        people.into_iter().map(|person| class.call1(person)).collect()
    }

    /// Writes to nobody of this address. Somebody the plan does not have is a ValueError.
    fn remove(&self, py: Python<'_>, mailbox: &str) -> PyResult<()> {
        let mailbox = address(mailbox)?;
        call(py, || self.plan().remove(&mailbox))
    }

    /// Encrypts to the certificate with this fingerprint, which was found for the address but is not believed.
    fn accept(&self, py: Python<'_>, mailbox: &str, fingerprint: &str) -> PyResult<()> {
        let mailbox = address(mailbox)?;
        call(py, || self.plan().accept(&mailbox, fingerprint))
    }

    /// Encrypts each letter to the sender as well.
    fn copy_to_sender(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.plan().copy_to_sender())
    }

    /// Somebody has said yes to the first letter to this domain, where the policy asks.
    fn confirm(&self, py: Python<'_>, domain: &str) -> PyResult<()> {
        call(py, || {
            self.plan().confirm(domain);
            Ok::<_, Error>(())
        })
    }

    /// Plans for those too to whom the policy holds mail: the program keeps it until somebody lets it go.
    #[pyo3(signature = (holds = true))]
    fn hold(&self, py: Python<'_>, holds: bool) -> PyResult<()> {
        call(py, || {
            self.plan().hold(holds);
            Ok::<_, Error>(())
        })
    }

    /// The groups, each for one letter; each Bcc is one of its own. Raises Unreachable while somebody is.
    fn groups(&self, py: Python<'_>) -> PyResult<Vec<Group>> {
        let groups = call(py, || self.plan().groups())?;
        Ok(groups.into_iter().map(Group).collect())
    }

    /// Who gets what, and who nothing, in lines. `language` is `en` or `ja`.
    #[pyo3(signature = (language = "en"))]
    fn text(&self, py: Python<'_>, language: &str) -> PyResult<String> {
        call(py, || Ok::<_, Error>(self.plan().text(language)))
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        self.text(py, "en").map(|text| text.trim_end().to_owned())
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Plan, {} unreachable>", self.plan().unreachable().count())
    }
}

impl Plan {
    /// Nobody waits for the interpreter while they hold it.
    fn plan(&self) -> MutexGuard<'_, mailseal::Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
