//! What all calls may know and use.

use std::path::PathBuf;

use mailseal::outside::CertD;
use mailseal::policy::Algorithms;
use mailseal::trust::{FetchError, FetchRequest, Fetcher};
use mailseal::x509::RevocationData;
use mailseal::{CertificatePool, Limits};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arguments::{At, address, several};
use crate::call::{call, misused, raised};
use crate::dispatch::Dispatch;
use crate::http::HttpFetcher;
use crate::input::Octets;
use crate::memory::Memory;
use crate::policy::Policy;
use crate::report;
use crate::source::{self, GnupgHome};
use crate::trust::TrustStore;
use crate::{certificate, input, python};

/// What all calls may know and use: trust, certificates, bounds. It never changes, and threads share it.
///
/// It knows no time: `at` goes to each call.
///
/// - `certificates`: a file, a folder in the form of an OpenPGP certificate directory (that of sq), a GnupgHome, a
///   Certificate, a function that is given a KeyHint and answers with files or Certificates, or a list of these. They may
///   be needed; finding one is not trusting it. What the function raises ends the call.
/// - `revocations`: a file of CRLs or OCSP answers, or a list of files.
/// - `fetcher`: a function that is given a FetchRequest and answers with bytes, or None where it cannot or will not; or
///   an HttpFetcher.
///   Without it nothing is fetched, and `report.wants` says what would have been.
/// - `limits`: names of mailseal::Limits with their values, such as `{"depth": 8}`.
/// - `algorithms`: `standard`, `strict` or `insecurely_allow_sha1`.
/// - `policy`: a Policy, whose algorithms are relied on, and whose rules for outgoing mail are asked wherever a letter is
///   composed, planned or checked; then there is no `algorithms`.
/// - `memory`: what is remembered of correspondents.
///
/// >>> cx = Context(TrustStore(), limits={"message_bytes": 50 << 20, "depth": 8})
/// >>> Context(TrustStore(), limits={"deepness": 8})
/// Traceback (most recent call last):
/// ValueError: there is no limit `deepness` that can be 8
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Context(pub(crate) mailseal::Context);

#[pymethods]
impl Context {
    #[new]
    #[pyo3(signature = (
        trust, *, certificates = None, revocations = None, fetcher = None, limits = None, algorithms = None,
        memory = None, policy = None,
    ))]
    #[allow(clippy::too_many_arguments)] // They have names in Python.
    fn new(
        py: Python<'_>,
        trust: &TrustStore,
        certificates: Option<&Bound<'_, PyAny>>,
        revocations: Option<&Bound<'_, PyAny>>,
        fetcher: Option<&Bound<'_, PyAny>>,
        limits: Option<&Bound<'_, PyDict>>,
        algorithms: Option<&str>,
        memory: Option<&Memory>,
        policy: Option<&Policy>,
    ) -> PyResult<Self> {
        let cx = mailseal::Context::new(trust.0.clone()).limits(bounds(limits)?);
        let mut cx = match (algorithms, policy) {
            (Some(_), Some(_)) => {
                return Err(PyValueError::new_err("a policy has its own algorithms: give one of both"));
            }
            (_, Some(policy)) => cx.policy(&policy.0),
            (algorithms, None) => cx.algorithms(by_name(algorithms.unwrap_or("standard"))?),
        };
        if let Some(given) = certificates {
            cx = known(py, cx, given)?;
        }
        if let Some(given) = revocations {
            cx = revoked(py, cx, given)?;
        }
        if let Some(given) = fetcher {
            cx = match given.cast::<HttpFetcher>() {
                Ok(http) => cx.fetcher(http.get().0.clone()),
                Err(_) => cx.fetcher(Function::new(given)?),
            };
        }
        if let Some(memory) = memory {
            cx = cx.memory(memory.0.clone());
        }
        Ok(Self(cx))
    }

    /// Whom one would believe to be the holder of an address, without any letter: a Claim for each certificate that is
    /// known and names it, the newest first. `purpose` is `sign` or `encrypt`.
    ///
    /// >>> carol = TrustStore().add_anchors("examples/letters/gpg-carol.asc", scope="any")
    /// >>> [claim] = Context(carol).who_is("carol@example.net", Policy.standard(), at=1_800_000_000)
    /// >>> print(claim.evidence[0])
    /// you → Carol Jones (any sender)
    #[pyo3(signature = (who, policy, *, at, purpose = "sign"))]
    fn who_is<'py>(
        &self,
        py: Python<'py>,
        who: &str,
        policy: &Policy,
        at: At,
        purpose: &str,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let purpose = match purpose {
            "sign" => mailseal::trust::Purpose::Sign,
            "encrypt" => mailseal::trust::Purpose::Encrypt,
            other => {
                let words = format!("a purpose is `sign` or `encrypt`, not `{other}`");
                return Err(PyValueError::new_err(words));
            }
        };
        let who = address(who)?;
        let claims = call(py, || self.0.who_is(&who, purpose, &policy.0, at.0))?;
        claims.iter().map(|claim| report::claim(py, claim, at.0)).collect()
    }

    /// The letter with a footer below it, as a list server may add one: outside of what is signed, of which no octet changes.
    /// Receivers see the footer as a part that nobody signed. An encrypted letter comes back as it was.
    fn append_footer<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = input::letter)] letter: Octets,
        footer: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut letter = letter;
        let written = call(py, || {
            let mut written = Vec::new();
            self.0.append_footer(letter.borrowed(), footer, &mut written)?;
            Ok(written)
        })?;
        Ok(PyBytes::new(py, &written))
    }

    /// Whether a finished letter may go out as it is: for what was not made by a Composer, which asks by itself. A Dispatch.
    /// `recipients` are those of the envelope; without them, those of To, Cc, Bcc, Resent-To, -Cc and -Bcc.
    ///
    /// >>> rules = Policy.load(b'[[sending]]\nto = "*@partner.example"\nencrypt = true\n', name="policy.toml")
    /// >>> cx = Context(TrustStore(), policy=rules)
    /// >>> letter = b"From: alice@example.org\r\nTo: bob@partner.example\r\n\r\nIn clear.\r\n"
    /// >>> dispatch = cx.check_sending(letter, at=1_800_000_000)
    /// >>> dispatch.action, dispatch.reasons()
    /// ('refuse', ['bob@partner.example: not sent: encrypted (policy.toml:3)'])
    #[pyo3(signature = (letter, *, at, recipients = None))]
    fn check_sending(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = input::draft)] letter: input::Octets,
        at: At,
        recipients: Option<Vec<String>>,
    ) -> PyResult<Dispatch> {
        let to = recipients.map(|all| addresses(&all)).transpose()?;
        let mut letter = letter;
        call(py, || self.0.check_sending(letter.borrowed(), to.as_deref(), at.0)).map(Dispatch)
    }

    /// What the rules ask of mail from one to others, without any letter: a Dispatch. `sender` is None where it cannot
    /// be told; then all rules count that name a sender.
    fn decide_sending(
        &self,
        py: Python<'_>,
        sender: Option<&str>,
        recipients: Vec<String>,
    ) -> PyResult<Dispatch> {
        let from = sender.map(address).transpose()?;
        let to = addresses(&recipients)?;
        call(py, || self.0.decide_sending(from.as_ref(), &to)).map(Dispatch)
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.Context>"
    }
}

fn addresses(texts: &[String]) -> PyResult<Vec<mailseal::mime::Address>> {
    texts.iter().map(|text| address(text)).collect()
}

fn bounds(given: Option<&Bound<'_, PyDict>>) -> PyResult<Limits> {
    let mut limits = Limits::default();
    for (name, value) in given.into_iter().flatten() {
        let (name, number): (String, u64) = (name.extract()?, value.extract()?);
        if !limits.set(&name, number) {
            let words = format!("there is no limit `{name}` that can be {number}");
            return Err(PyValueError::new_err(words));
        }
    }
    Ok(limits)
}

pub(crate) fn by_name(name: &str) -> PyResult<Algorithms> {
    match name {
        "standard" => Ok(Algorithms::standard()),
        "strict" => Ok(Algorithms::strict()),
        "insecurely_allow_sha1" => Ok(Algorithms::standard().insecurely_allow_sha1()),
        other => Err(PyValueError::new_err(format!("there are no algorithms `{other}`"))),
    }
}

fn known(py: Python<'_>, mut cx: mailseal::Context, given: &Bound<'_, PyAny>) -> PyResult<mailseal::Context> {
    let mut pool = CertificatePool::new();
    for one in several(given)? {
        if let Ok(home) = one.cast::<GnupgHome>() {
            cx = cx.certificates(home.get().0.clone());
            continue;
        }
        if one.is_callable() {
            cx = cx.certificates(source::Function::new(&one));
            continue;
        }
        match one.extract::<PathBuf>() {
            Ok(path) if path.is_dir() => {
                let bounds = cx.bounds().clone();
                cx = cx.certificates(call(py, || CertD::open_within(path, &bounds))?);
            }
            _ => certificate::all(py, &one)?.into_iter().for_each(|one| pool.add(one)),
        }
    }
    Ok(cx.certificates(pool))
}

fn revoked(
    py: Python<'_>,
    mut cx: mailseal::Context,
    given: &Bound<'_, PyAny>,
) -> PyResult<mailseal::Context> {
    for one in several(given)? {
        let octets = input::file_within(&one, "revocation_bytes", cx.bounds().revocation_bytes)?;
        let data = call(py, || RevocationData::new().within(octets.expose(), cx.bounds()))?;
        cx = cx.revocations(data);
    }
    Ok(cx)
}

/// A function of Python's that fetches.
struct Function(Py<PyAny>);

impl Function {
    fn new(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        match function.is_callable() {
            true => Ok(Self(function.clone().unbind())),
            false => Err(PyTypeError::new_err("a fetcher is a function, or an HttpFetcher")),
        }
    }
}

impl Fetcher for Function {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        Python::attach(|py| {
            let answer = asked(py, &self.0, request).map_err(|error| {
                raised(error);
                FetchError::Unavailable
            })?;
            if answer.is_none() {
                return Err(FetchError::Unavailable);
            }
            answer.extract().map_err(|_| {
                let class = answer.get_type();
                misused(PyTypeError::new_err(format!("a fetcher answers with bytes or None, not {class}")));
                FetchError::Unavailable
            })
        })
    }
}

fn asked<'py>(
    py: Python<'py>,
    function: &Py<PyAny>,
    request: &FetchRequest<'_>,
) -> PyResult<Bound<'py, PyAny>> {
    py.check_signals()?;
    let purpose = report::purpose(py, request.purpose)?;
    let fields = (purpose, request.url, PyBytes::new(py, request.body), request.max_bytes);
    function.bind(py).call1((python::errors(py, "FetchRequest")?.call1(fields)?,))
}
