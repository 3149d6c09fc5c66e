//! A private key, or its proxy, with its certificates.

use mailseal::crypto::{KeyError, Provider, PublicKey, SignatureScheme};
use mailseal::outside::named_keys;
use mailseal::protocol::{KeyUse, NewKey, Purpose};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arguments::{At, address};
use crate::call::{call, raised};
use crate::certificate::{self, Certificate};
use crate::external::{Decrypts, Function, Signs};
use crate::password::Asked;
use crate::{group, input, python};

/// A private key with its certificates, or what stands for one that is elsewhere. Threads share it.
///
/// It never shows what is secret, and cannot be pickled or copied.
///
/// >>> key = Key.load("examples/letters/bob.pem")
/// >>> key.protocol.value, key.addresses(at=1_800_000_000)
/// ('smime', ['bob@example.org'])
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Key(pub(crate) mailseal::Key);

#[pymethods]
impl Key {
    /// Reads a file (bytes, a path, a file object): PKCS #12, PKCS #8 with certificates in PEM, or an OpenPGP secret key.
    ///
    /// `password` is str, bytes, or a function that is given a PasswordRequest and answers with one of these, or None to
    /// give up. PKCS #12 asks at once, OpenPGP when the key is first needed. `certificates` are those that are not in
    /// the file.
    #[staticmethod]
    #[pyo3(signature = (file, password = None, *, certificates = None))]
    fn load(
        py: Python<'_>,
        file: &Bound<'_, PyAny>,
        password: Option<&Bound<'_, PyAny>>,
        certificates: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let asked = Asked::new(password)?;
        let known = certificates.map(|given| certificate::all(py, given)).transpose()?.unwrap_or_default();
        let octets = input::file(file)?;
        call(py, || mailseal::Key::load_with(octets.expose(), &known, asked)).map(Self)
    }

    /// A key on a token or in an agent, by its name: `pkcs11:token=office;object=alice` (RFC 7512), `gpg-agent:KEYGRIP`, or
    /// `gpg-agent:` for that of the certificates. It signs; Opener.named_keys takes those that open letters.
    ///
    /// `certificates` has its certificate, then those that lead towards an anchor; a token may have its own. `password` is
    /// that of `load`, or the PIN; without one a token is used without PIN, and the agent asks by itself.
    ///
    /// >>> Key.open("smart-card:1")
    /// Traceback (most recent call last):
    /// ValueError: `smart-card:1` names no key: pkcs11:… or gpg-agent:…
    #[staticmethod]
    #[pyo3(signature = (name, password = None, *, certificates = None))]
    fn open(
        py: Python<'_>,
        name: &str,
        password: Option<&Bound<'_, PyAny>>,
        certificates: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let first = named(py, name, Purpose::Sign, password, certificates)?.into_iter().next();
        first.map(Self).ok_or_else(|| PyValueError::new_err("there is no such key"))
    }

    /// Makes a new key: a MadeKey, whose `key` goes into a file and is read by `load`. `protocol` is `smime` or `openpgp`,
    /// the first of the addresses is the usual one. `algorithm` is such as `ed25519` (OpenPGP's usual one), `p-256` (that
    /// of S/MIME), `rsa-3072`. It ends at `expires`; unless that is given, after three years.
    ///
    /// >>> made = Key.generate("openpgp", ["alice@example.org"], at=1_800_000_000, name="Alice", password="secret")
    /// >>> Key.load(made.key, "secret").addresses(at=1_800_000_000)
    /// ['alice@example.org']
    #[staticmethod]
    #[pyo3(signature = (
        protocol, addresses, *, at, name = None, password = None, algorithm = None, expires = None,
        version_6 = false, self_signed = false,
    ))]
    #[allow(clippy::too_many_arguments)] // They have names in Python.
    fn generate<'py>(
        py: Python<'py>,
        protocol: &Bound<'py, PyAny>,
        addresses: Vec<String>,
        at: At,
        name: Option<String>,
        password: Option<&str>,
        algorithm: Option<&str>,
        expires: Option<At>,
        version_6: bool,
        self_signed: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let addresses: Vec<_> = addresses.iter().map(|one| address(one)).collect::<PyResult<_>>()?;
        let protocol = group::protocol(protocol)?;
        let mut new = call(py, || NewKey::new(protocol, &addresses))?;
        if let Some(name) = name {
            new = new.name(name);
        }
        if let Some(word) = algorithm {
            let known =
                word.parse().map_err(|_| PyValueError::new_err(format!("there is no new key of {word}")))?;
            new = new.algorithm(known);
        }
        if let Some(At(end)) = expires {
            new = new.expires(Some(end));
        }
        if version_6 {
            new = new.version_6();
        }
        if self_signed {
            new = new.self_signed();
        }
        let made = call(py, || new.make(password, at.0, &Provider::default()))?;
        let octets = |octets: &[u8]| PyBytes::new(py, octets);
        let certificate = made.certificate.map(Certificate);
        let (request, revocation) =
            (made.request.as_deref().map(octets), made.revocation.as_deref().map(octets));
        python::build(py, "MadeKey")?.call1((octets(made.key.expose()), certificate, request, revocation))
    }

    /// A key that signs elsewhere. `certificates` has that of the key first, then its chain; `sign` is a function of the
    /// scheme, such as `ecdsa-p256-sha256`, and of the octets to sign: a digest, or for Ed25519 in S/MIME the (small)
    /// signed attributes. It answers with the signature (ECDSA: as DER), or None where the key is away.
    #[staticmethod]
    fn external(
        py: Python<'_>,
        certificates: &Bound<'_, PyAny>,
        scheme: &str,
        sign: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let (function, scheme) = (Function::new(sign)?, by_name(scheme)?);
        let certificates = certificate::all(py, certificates)?;
        let publics = certificates.first().map(mailseal::Certificate::signing_keys).unwrap_or_default();
        let join = |public| mailseal::Key::external(Signs::new(public, scheme, &function), &certificates);
        call(py, || first(publics, "no key of the certificate signs", join)).map(Self)
    }

    /// A key that decrypts elsewhere. `decrypt` is a function of the method, such as `rsa-oaep-sha256`, `rsa-pkcs1` or
    /// `ecdh`, and of the wrapped key or the other side's public point. It answers with what came out, or None where
    /// the key is away; an exception is a failure to decrypt.
    #[staticmethod]
    fn external_decryption(
        py: Python<'_>,
        certificates: &Bound<'_, PyAny>,
        decrypt: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let function = Function::new(decrypt)?;
        let certificates = certificate::all(py, certificates)?;
        let publics = certificates.first().map(mailseal::Certificate::encryption_keys).unwrap_or_default();
        let join =
            |public| mailseal::Key::external_decryption(Decrypts::new(public, &function), &certificates);
        call(py, || first(publics, "no key of the certificate is encrypted to", join)).map(Self)
    }

    /// A key whose signatures come later: Composer.prepare takes it.
    #[staticmethod]
    fn deferred(py: Python<'_>, certificates: &Bound<'_, PyAny>) -> PyResult<Self> {
        let certificates = certificate::all(py, certificates)?;
        call(py, || mailseal::Key::deferred(&certificates)).map(Self)
    }

    /// The same key, signing by this scheme: `rsa-pss-sha256` instead of `rsa-pkcs1-sha256`.
    fn scheme(&self, py: Python<'_>, scheme: &str) -> PyResult<Self> {
        let scheme = by_name(scheme)?;
        call(py, || self.0.scheme(scheme)).map(Self)
    }

    /// The same key; `observer` is told of each use by a KeyUse.
    fn audited(&self, observer: &Bound<'_, PyAny>) -> PyResult<Self> {
        if !observer.is_callable() {
            return Err(PyTypeError::new_err("an observer is a function"));
        }
        let function = observer.clone().unbind();
        let told = move |used: &KeyUse<'_>| {
            Python::attach(|py| tell(py, &function, used).unwrap_or_else(raised));
        };
        Ok(Self(self.0.audited(told)))
    }

    /// Protocol.SMIME or Protocol.OPENPGP.
    #[getter]
    fn protocol<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        certificate::protocol(py, self.0.protocol())
    }

    /// Its certificate.
    #[getter]
    fn certificate(&self) -> Certificate {
        Certificate(self.0.certificate())
    }

    /// Whom it may sign for at a time.
    #[pyo3(signature = (*, at))]
    fn addresses(&self, at: At) -> Vec<String> {
        self.0.addresses(at.0).iter().map(ToString::to_string).collect()
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a private key is not pickled"))
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Key {}, {}>", self.0.protocol().name(), self.0.certificate().fingerprint())
    }
}

/// The keys that a name means, for a purpose.
pub(crate) fn named(
    py: Python<'_>,
    name: &str,
    purpose: Purpose,
    password: Option<&Bound<'_, PyAny>>,
    certificates: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<mailseal::Key>> {
    let asked = password.map(|password| Asked::new(Some(password))).transpose()?;
    let known = certificates.map(|given| certificate::all(py, given)).transpose()?.unwrap_or_default();
    call(py, || named_keys(name, &known, purpose, asked))
}

fn by_name(scheme: &str) -> PyResult<SignatureScheme> {
    scheme.parse().map_err(|error| PyValueError::new_err(format!("scheme: {error}")))
}

/// An OpenPGP certificate has several keys: the first that can be joined.
fn first(
    publics: Vec<PublicKey>,
    none: &str,
    join: impl Fn(PublicKey) -> Result<mailseal::Key, mailseal::Error>,
) -> Result<mailseal::Key, mailseal::Error> {
    let mut problem = KeyError::Unsupported(none.into()).into();
    for public in publics {
        match join(public) {
            Ok(joined) => return Ok(joined),
            Err(error) => problem = error,
        }
    }
    Err(problem)
}

fn tell(py: Python<'_>, function: &Py<PyAny>, used: &KeyUse<'_>) -> PyResult<()> {
    let protocol = certificate::protocol(py, used.protocol)?;
    let error = used.error.map(ToString::to_string);
    let fields = (used.operation.name(), protocol, used.certificate, used.key, used.method, error);
    function.call1(py, (python::errors(py, "KeyUse")?.call1(fields)?,)).map(drop)
}
