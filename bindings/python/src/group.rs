//! Whom one letter is encrypted to.

use mailseal::crypto::ContentCipher;
use mailseal::{protocol, report};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arguments::{At, word};
use crate::call::call;
use crate::certificate;
use crate::password::secret;

/// Whom one letter is encrypted to. Plan.groups makes them; these constructors are for who decides for themselves.
///
/// >>> group = Group.to(Certificate.load("examples/letters/bob.pem")[0], at=1_800_000_000)
/// >>> group.mailboxes
/// ('bob@example.org',)
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Group(pub(crate) mailseal::Group);

#[pymethods]
impl Group {
    /// These certificates, believed or not: Certificate objects or files, all of one protocol. `cipher` (S/MIME) is
    /// such as `AES-256-GCM`; otherwise it is the best that all are known to read.
    #[staticmethod]
    #[pyo3(signature = (certificates, *, at, cipher = None))]
    fn to(py: Python<'_>, certificates: &Bound<'_, PyAny>, at: At, cipher: Option<&str>) -> PyResult<Self> {
        let certificates = certificate::all(py, certificates)?;
        let group = call(py, || mailseal::Group::to(&certificates, at.0))?;
        chosen(group, cipher)
    }

    /// Whoever knows the password; `protocol` is `smime` or `openpgp`.
    #[staticmethod]
    #[pyo3(signature = (protocol, password, *, cipher = None))]
    fn password(
        protocol: &Bound<'_, PyAny>,
        password: &Bound<'_, PyAny>,
        cipher: Option<&str>,
    ) -> PyResult<Self> {
        chosen(mailseal::Group::password(self::protocol(protocol)?, secret(password)?), cipher)
    }

    /// Whoever has the same key. S/MIME.
    #[staticmethod]
    #[pyo3(signature = (key, *, cipher = None))]
    fn shared(key: &SharedKey, cipher: Option<&str>) -> PyResult<Self> {
        chosen(mailseal::Group::shared(&key.0), cipher)
    }

    /// The recipients of the envelope (RFC 5321 section 4.1.1.3).
    #[getter]
    fn mailboxes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.mailboxes.iter().map(ToString::to_string))
    }

    /// Protocol.SMIME or Protocol.OPENPGP.
    #[getter]
    fn protocol<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        certificate::protocol(py, self.0.protocol())
    }

    fn __repr__(&self) -> String {
        let mailboxes: Vec<_> = self.0.mailboxes.iter().map(ToString::to_string).collect();
        format!("<mailseal.Group {}, {}>", self.0.protocol().name(), mailboxes.join(", "))
    }
}

/// By its name, or as the enumeration of the package.
pub(crate) fn protocol(given: &Bound<'_, PyAny>) -> PyResult<report::Protocol> {
    match word(given)?.as_str() {
        "smime" => Ok(report::Protocol::Smime),
        "openpgp" => Ok(report::Protocol::Openpgp),
        other => Err(PyValueError::new_err(format!("there is no protocol `{other}`"))),
    }
}

fn chosen(group: mailseal::Group, cipher: Option<&str>) -> PyResult<Group> {
    let Some(name) = cipher else { return Ok(Group(group)) };
    let unknown = |_| PyValueError::new_err(format!("nothing is encrypted with `{name}`"));
    let cipher: ContentCipher = name.parse().map_err(unknown)?;
    Ok(Group(group.cipher(cipher)))
}

/// A key that both sides have (RFC 5652 section 6.2.3): an AES key under the name that letters call it by.
///
/// >>> SharedKey(b"archive 2027", bytes(32))
/// <mailseal.SharedKey>
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct SharedKey(pub(crate) protocol::SharedKey);

#[pymethods]
impl SharedKey {
    #[new]
    fn new(py: Python<'_>, identifier: &[u8], key: &Bound<'_, PyAny>) -> PyResult<Self> {
        let key = secret(key)?;
        call(py, || protocol::SharedKey::new(identifier, key)).map(Self)
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(pyo3::exceptions::PyTypeError::new_err("a secret key is not pickled"))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.SharedKey>"
    }
}
