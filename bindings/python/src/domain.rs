//! The sending domain: checks of letters, and signatures for domains (DKIM).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use mailseal::outside::domain as outside;
use outside::{Connection, DnsError, DnsResolver, RecordKind, Resolver};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arguments::At;
use crate::call::{call, raised};
use crate::input::{Octets, letter};
use crate::opened::Opened;
use crate::opener::Opener;
use crate::watch::Watch;

/// Answers by a function of Python's.
struct Asked(Py<PyAny>);

impl Asked {
    fn asked(&self, py: Python<'_>, name: &str, kind: RecordKind) -> PyResult<Option<Vec<Vec<u8>>>> {
        py.check_signals()?;
        let answer = self.0.bind(py).call1((name, kind.as_str()))?;
        if answer.is_none() {
            return Ok(None);
        }
        let mut records = Vec::new();
        for record in answer.try_iter()? {
            let record = record?;
            let text = record.extract::<String>().map(String::into_bytes);
            records.push(text.or_else(|_| record.extract::<Vec<u8>>())?);
        }
        Ok(Some(records))
    }
}

impl Resolver for Asked {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        Python::attach(|py| match self.asked(py, name, kind) {
            Ok(Some(records)) => Ok(records),
            Ok(None) => Err(DnsError::NoSuchName),
            // What ends a program ends the call; of all else there was no answer.
            Err(error) => {
                raised(error);
                Err(DnsError::Temporary)
            }
        })
    }
}

/// Checks SPF, DKIM, ARC and DMARC of letters. It never changes, and threads share it.
///
/// `lookup` is a function that is given a name and a kind, such as `"TXT"`, and answers with a list of records (str or
/// bytes) as in a zone file, without quotes, `None` where there is no such name; what it raises is "no answer". Or it is
/// the address and port of a DNS server, `"127.0.0.1:53"`; without it, those of the system.
///
/// >>> records = {"_dmarc.b.example": ["v=DMARC1; p=reject"]}
/// >>> check = DomainCheck(lambda name, kind: records.get(name))
/// >>> opener = Opener(Context(TrustStore()))
/// >>> opened = check.open(opener, b"From: a@b.example\r\n\r\nHello\r\n", client="192.0.2.1", at=1_800_000_000)
/// >>> print(opened.report.domain.dmarc.result)
/// fail
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct DomainCheck {
    check: outside::DomainCheck,
    resolver: Arc<dyn Resolver>,
}

/// How a letter arrived; nothing where no client is named.
pub(crate) fn connection(client: Option<&str>, helo: &str, mail_from: &str) -> PyResult<Option<Connection>> {
    let wrong = |_| PyValueError::new_err("client is not an address");
    let client = client.map(str::parse::<IpAddr>).transpose().map_err(wrong)?;
    Ok(client.map(|client| Connection::new(client, helo, mail_from)))
}

impl DomainCheck {
    pub(crate) fn check(&self) -> &outside::DomainCheck {
        &self.check
    }
}

#[pymethods]
impl DomainCheck {
    #[new]
    #[pyo3(signature = (lookup = None))]
    fn new(py: Python<'_>, lookup: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let resolver: Arc<dyn Resolver> = match lookup {
            None => Arc::new(call(py, DnsResolver::system)?),
            Some(lookup) => match lookup.extract::<String>() {
                Ok(server) => {
                    let wrong = |_| PyValueError::new_err(format!("{server:?} is not an address and a port"));
                    let server = server.parse::<SocketAddr>().map_err(wrong)?;
                    Arc::new(call(py, || DnsResolver::at(server))?)
                }
                Err(_) => Arc::new(Asked(lookup.clone().unbind())),
            },
        };
        Ok(Self { check: outside::DomainCheck::new(Arc::clone(&resolver)), resolver })
    }

    /// Looks at a letter as Opener.open does, and at its sending domain: report.domain. `client` is the address of the client
    /// that delivered it, `helo` what it called itself, `mail_from` the envelope sender; SPF needs them.
    #[pyo3(signature = (opener, letter, *, at, client = None, helo = "", mail_from = ""))]
    #[allow(clippy::too_many_arguments)] // They have names in Python.
    fn open(
        &self,
        py: Python<'_>,
        opener: &Opener,
        #[pyo3(from_py_with = letter)] letter: Octets,
        at: At,
        client: Option<&str>,
        helo: &str,
        mail_from: &str,
    ) -> PyResult<Opened> {
        let connection = connection(client, helo, mail_from)?;
        let watch = Watch::new(None, None)?;
        let opened = call(py, || {
            let mut opened = opener.0.open(watch.over(letter.owned()), at.0)?;
            self.check.add_to(&mut opened, connection.as_ref())?;
            Ok(opened)
        });
        opened.map(Opened::new)
    }

    /// What is wrong with the SPF, DKIM and DMARC records of a domain: JSON, a list of objects with `advice`, `severity`,
    /// `name`, `record` and `detail`. `selectors` are names of DKIM keys.
    ///
    /// >>> import json
    /// >>> said = DomainCheck(lambda name, kind: None).examine("b.example")
    /// >>> json.loads(said)[0]["advice"]
    /// 'spf_missing'
    #[pyo3(signature = (domain, selectors = Vec::new()))]
    fn examine(&self, py: Python<'_>, domain: &str, selectors: Vec<String>) -> PyResult<String> {
        let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
        let found = call(py, || outside::examine(&*self.resolver, domain, &selectors))?;
        serde_json::to_string(&found).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

/// Signs letters for a domain (DKIM), after all else: RSA or Ed25519, PEM or DER. It never changes, and threads share it.
///
/// >>> pem = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----"
/// >>> signer = DkimSigner(pem, "example.com", "s2027")
/// >>> signer.record
/// 'v=DKIM1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='
/// >>> signer.sign(b"From: a@example.com\r\n\r\nHello\r\n", at=1_800_000_000)[:15]
/// b'DKIM-Signature:'
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct DkimSigner(outside::DkimSigner);

#[pymethods]
impl DkimSigner {
    #[new]
    fn new(py: Python<'_>, key: &[u8], domain: &str, selector: &str) -> PyResult<Self> {
        call(py, || outside::DkimSigner::load(key, domain, selector)).map(Self)
    }

    /// What has to stand in the DNS, as TXT of `SELECTOR._domainkey.DOMAIN`.
    #[getter]
    fn record(&self) -> String {
        self.0.record()
    }

    /// The letter with a signature on top.
    #[pyo3(signature = (letter, *, at))]
    fn sign<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = letter)] letter: Octets,
        at: At,
    ) -> PyResult<Bound<'py, pyo3::types::PyBytes>> {
        let watch = Watch::new(None, None)?;
        let signed = call(py, || {
            let mut out = Vec::new();
            self.0.sign(watch.over(letter.owned()), at.0, &mut out)?;
            Ok(out)
        })?;
        Ok(pyo3::types::PyBytes::new(py, &signed))
    }
}
