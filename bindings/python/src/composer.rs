//! Signing and encrypting a finished letter.

use std::path::PathBuf;

use mailseal::crypto::ContentCipher;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arguments::{At, address};
use crate::call::call;
use crate::context::Context;
use crate::error::exception;
use crate::group::Group;
use crate::input::{Octets, draft};
use crate::key::Key;
use crate::output::Sink;
use crate::prepared::PreparedLetter;
use crate::report::Seen;
use crate::watch::{Cancel, Watch};

/// Recipe for outgoing letters. It never changes (each method returns a new one), and threads share it.
///
/// A draft is a finished RFC 5322 message: bytes, a path, a binary file object, or an email.message.EmailMessage, which
/// is written out once. It is signed in the form in which it is sent.
///
/// >>> composer = Composer(Context(TrustStore()))
/// >>> composer.compose(b"From: a@b.example\r\n\r\nHello\r\n", at=1_800_000_000)
/// Traceback (most recent call last):
/// ValueError: ...
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Composer(mailseal::Composer);

#[pymethods]
impl Composer {
    #[new]
    fn new(context: &Context) -> Self {
        Self(mailseal::Composer::new(&context.0))
    }

    /// Signs with this key too. Each key gives one signature.
    fn sign(&self, key: &Key) -> Self {
        Self(self.0.clone().sign(&key.0))
    }

    /// Encrypts to this group, around the signature.
    fn encrypt(&self, group: &Group) -> Self {
        Self(self.0.encrypt(&group.0))
    }

    /// Puts the letter inside the signature, as application/pkcs7-mime, instead of beside it. S/MIME.
    #[pyo3(signature = (opaque = true))]
    fn opaque(&self, opaque: bool) -> Self {
        Self(self.0.clone().opaque(opaque))
    }

    /// Signs header fields as well (RFC 9788). On unless switched off.
    #[pyo3(signature = (protect = true))]
    fn protect_headers(&self, protect: bool) -> Self {
        Self(self.0.clone().protect_headers(protect))
    }

    /// Says in S/MIME signatures that who signs reads these ciphers, the preferred first, instead of those that this
    /// library reads: for people who read with another program. With none, it says nothing of it.
    fn reads(&self, ciphers: Vec<String>) -> PyResult<Self> {
        let cipher = |name: &String| {
            name.parse().map_err(|_| PyValueError::new_err(format!("nothing is encrypted with `{name}`")))
        };
        let ciphers = ciphers.iter().map(cipher).collect::<PyResult<Vec<ContentCipher>>>()?;
        Ok(Self(self.0.clone().reads(&ciphers)))
    }

    /// Adds an Autocrypt header field for From: the OpenPGP certificate of a key of the composer that names it. `mutual`
    /// says that one would have letters encrypted. A letter to several people carries their certificates inside.
    #[pyo3(signature = (mutual = false))]
    fn autocrypt(&self, mutual: bool) -> Self {
        Self(self.0.clone().autocrypt(mutual))
    }

    /// What stands outside of the header of an encrypted letter (RFC 9788): `baseline`, as without it, no subject; `shy`, no
    /// names and no time zone either; `none`, all of it.
    fn header_confidentiality(&self, py: Python<'_>, policy: &str) -> PyResult<Self> {
        let policy = policy.parse().map_err(|error| exception(py, error))?;
        Ok(Self(self.0.clone().header_confidentiality(policy)))
    }

    /// Repeats at the head of the text what an encrypted letter does not show outside, for programs that do not know RFC
    /// 9788.
    #[pyo3(signature = (legacy_display = true))]
    fn legacy_display(&self, legacy_display: bool) -> Self {
        Self(self.0.clone().legacy_display(legacy_display))
    }

    /// What was seen in the letter that is answered: what that one hid in its header stays hidden, and an answer to an
    /// encrypted letter that is not encrypted is refused.
    fn reply_to(&self, report: &Bound<'_, PyAny>) -> PyResult<Self> {
        let seen = Seen::of(report)?;
        Ok(Self(self.0.clone().reply_to(&seen.get().0)))
    }

    /// Signs once more around the encryption (RFC 2634 section 1.1).
    #[pyo3(signature = (triple = true))]
    fn triple_wrap(&self, triple: bool) -> Self {
        Self(self.0.clone().triple_wrap(triple))
    }

    /// Signs although a key does not name the From of the draft: receivers will be warned.
    fn allow_other_from(&self) -> Self {
        Self(self.0.clone().allow_other_from())
    }

    /// Sends to this address, a recipient of the envelope, besides those named before: the policy's rules are asked about
    /// them. Without any, they are asked about To, Cc, Bcc, Resent-To, -Cc and -Bcc of the draft, or about the group.
    fn recipient(&self, mailbox: &str) -> PyResult<Self> {
        Ok(Self(self.0.clone().recipient(&address(mailbox)?)))
    }

    /// Somebody has said yes to the first letter to this domain, where the policy asks. The memory of the context keeps
    /// that once a letter was composed.
    fn confirm(&self, domain: &str) -> Self {
        Self(self.0.clone().confirm(domain))
    }

    /// Writes what the policy holds: the program keeps it until somebody lets it go.
    #[pyo3(signature = (holds = true))]
    fn hold(&self, holds: bool) -> Self {
        Self(self.0.clone().hold(holds))
    }

    /// The letter, as bytes. `cancel` and `progress` are as those of Opener.open.
    #[pyo3(signature = (draft, *, at, cancel = None, progress = None))]
    fn compose<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = draft)] draft: Octets,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (mut draft, watch) = (draft, Watch::new(cancel, progress)?);
        let letter = call(py, || {
            let mut letter = Vec::new();
            self.0.compose(watch.over(draft.borrowed()), at.0, &mut letter)?;
            Ok(letter)
        })?;
        Ok(PyBytes::new(py, &letter))
    }

    /// Writes the letter to a binary file object. Where an exception comes, what was written is worthless.
    #[pyo3(signature = (draft, out, *, at, cancel = None, progress = None))]
    fn write(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = draft)] draft: Octets,
        out: Py<PyAny>,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (mut draft, watch) = (draft, Watch::new(cancel, progress)?);
        call(py, || self.0.compose(watch.over(draft.borrowed()), at.0, &mut Sink(out)))
    }

    /// Writes the letter to a file, which appears when all of it is there, or not at all.
    #[pyo3(signature = (draft, path, *, at, cancel = None, progress = None))]
    fn save(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = draft)] draft: Octets,
        path: PathBuf,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (mut draft, watch) = (draft, Watch::new(cancel, progress)?);
        call(py, || self.0.save(watch.over(draft.borrowed()), at.0, path))
    }

    /// The first of two phases, for a signature that is made elsewhere or later. Takes one key. `cancel` also ends the
    /// second.
    #[pyo3(signature = (draft, *, at, cancel = None, progress = None))]
    fn prepare(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = draft)] draft: Octets,
        at: At,
        cancel: Option<&Cancel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PreparedLetter> {
        let watch = Watch::new(cancel, progress)?;
        let prepared = call(py, || self.0.prepare(watch.over(draft.owned()), at.0))?;
        Ok(PreparedLetter::new(prepared))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.Composer>"
    }
}
