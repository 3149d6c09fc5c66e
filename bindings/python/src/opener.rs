//! Opening a letter.

use mailseal::mime::PartPath;
use mailseal::protocol::Purpose;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arguments::At;
use crate::call::call;
use crate::context::Context;
use crate::group::SharedKey;
use crate::input::{Octets, letter};
use crate::key::{Key, named};
use crate::opened::Opened;
use crate::password::Asked;
use crate::watch::{Cancel, Watch};

/// Recipe for incoming letters. It never changes (each method returns a new one), and threads share it.
///
/// A letter is bytes, a path or a binary file object, as it was received.
///
/// >>> opener = Opener(Context(TrustStore()))
/// >>> opened = opener.open(b"From: a@b.example\r\n\r\nHello\r\n", at=1_800_000_000)
/// >>> Policy.standard().judge(opened.report).outcome
/// <Outcome.NONE: 0>
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Opener(pub(crate) mailseal::Opener);

#[pymethods]
impl Opener {
    #[new]
    fn new(context: &Context) -> Self {
        Self(mailseal::Opener::new(&context.0))
    }

    /// Opens letters with this key too. Give every key that the user ever had.
    fn key(&self, key: &Key) -> Self {
        Self(self.0.clone().key(key.0.clone()))
    }

    /// Opens letters with all keys too that a name means, on a token or in an agent; the arguments are those of Key.open.
    /// A ValueError or Error where there is none.
    #[pyo3(signature = (name, password = None, *, certificates = None))]
    fn named_keys(
        &self,
        py: Python<'_>,
        name: &str,
        password: Option<&Bound<'_, PyAny>>,
        certificates: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let keys = named(py, name, Purpose::Encrypt, password, certificates)?;
        Ok(Self(keys.into_iter().fold(self.0.clone(), mailseal::Opener::key)))
    }

    /// Opens letters that are encrypted to a key that both sides have.
    fn shared_key(&self, key: &SharedKey) -> Self {
        Self(self.0.clone().shared_key(key.0.clone()))
    }

    /// For letters encrypted to a password: str, bytes, or a function that is given a PasswordRequest and answers with
    /// one of these, or None to give up.
    fn password(&self, password: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.clone().password(Asked::new(Some(password))?)))
    }

    /// Trusts as many Received lines, the topmost: those that your own systems added; report.transport.
    fn trusted_hops(&self, lines: usize) -> Self {
        Self(self.0.clone().trusted_hops(lines))
    }

    /// Takes what your mail server of this name says of the sending domain from its Authentication-Results fields;
    /// report.domain. It has to remove fields in its name from what comes in.
    fn trusted_results(&self, authserv_id: &str) -> PyResult<Self> {
        let name = authserv_id
            .parse()
            .map_err(|error: mailseal::mime::AuthservIdError| PyValueError::new_err(error.to_string()))?;
        Ok(Self(self.0.clone().trusted_results(name)))
    }

    /// Looks at a letter, at a time. An exception means "could not look"; what was seen is in `opened.report`.
    ///
    /// `cancel` ends it early, and later calls that read what it opened. `progress` is a function that is given the
    /// octets read so far and those of the letter, or None where that is not known yet, about once for each MiB; a
    /// letter is read several times. What it raises ends the call.
    #[pyo3(signature = (letter, *, at, cancel = None, progress = None))]
    fn open(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = letter)] letter: Octets,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Opened> {
        let watch = Watch::new(cancel, progress)?;
        call(py, || self.0.open(watch.over(letter.owned()), at.0)).map(Opened::new)
    }

    /// Opens one encrypted part by its place, such as `1.2`, also where it does not wrap the whole letter.
    #[pyo3(signature = (letter, part, *, at, cancel = None, progress = None))]
    fn open_part(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = letter)] letter: Octets,
        part: &str,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Opened> {
        let words = || PyValueError::new_err(format!("{part:?} is not the place of a part, such as 1.2"));
        let part: PartPath = part.parse().map_err(|_| words())?;
        let watch = Watch::new(cancel, progress)?;
        call(py, || self.0.open_part(watch.over(letter.owned()), &part, at.0)).map(Opened::new)
    }

    /// Checks a detached signature, for programs with their own MIME parser: `content` is the whole signed entity, header
    /// and body, as received; `signature` the decoded body of the signature part; `header` the header of the letter.
    /// `cancel` and `progress` are as those of `open`; told is how much of `content` was read.
    #[pyo3(signature = (content, signature, header, *, at, cancel = None, progress = None))]
    #[allow(clippy::too_many_arguments)] // They have names in Python.
    fn verify_detached(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = letter)] content: Octets,
        #[pyo3(from_py_with = letter)] signature: Octets,
        header: &[u8],
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Opened> {
        let (content_watch, signature_watch) = (Watch::new(cancel, progress)?, Watch::new(cancel, None)?);
        let done = call(py, || {
            let signature = signature_watch.over(signature.owned());
            self.0.verify_detached(content_watch.over(content.owned()), signature, header, at.0)
        });
        done.map(Opened::new)
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.Opener>"
    }
}
