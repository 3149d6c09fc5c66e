//! mailseal for Python: the classes that the package `mailseal` is made of, over the public Rust API.
//!
//! One file for each object. What was seen in a letter is handed over as plain data ([`report`]), of which the package
//! makes dataclasses. All that may take time runs in [`call`], without the interpreter's lock.

#![forbid(unsafe_code)]

mod archive;
mod arguments;
mod call;
mod certificate;
mod composer;
mod context;
mod dispatch;
mod doctor;
mod domain;
mod error;
mod external;
mod group;
mod http;
mod input;
mod key;
mod mailbox;
mod memory;
mod opened;
mod opener;
mod output;
mod password;
mod payload;
mod plan;
mod policy;
mod prepared;
mod python;
mod report;
mod source;
mod trust;
mod verdict;
mod watch;

use pyo3::prelude::*;

// Every object is unchanging or locks itself, so a free-threaded interpreter needs no lock of its own.
#[pymodule(gil_used = false)]
mod _mailseal {
    #[pymodule_export]
    use crate::archive::{EvidenceArchive, EvidenceRecord};
    #[pymodule_export]
    use crate::certificate::Certificate;
    #[pymodule_export]
    use crate::composer::Composer;
    #[pymodule_export]
    use crate::context::Context;
    #[pymodule_export]
    use crate::dispatch::Dispatch;
    #[pymodule_export]
    use crate::doctor::{Comparison, Diagnosis, Preflight, compare, diagnose, preflight};
    #[pymodule_export]
    use crate::domain::{DkimSigner, DomainCheck};
    #[pymodule_export]
    use crate::group::{Group, SharedKey};
    #[pymodule_export]
    use crate::http::HttpFetcher;
    #[pymodule_export]
    use crate::key::Key;
    #[pymodule_export]
    use crate::mailbox::{Mailbox, StoredMessage};
    #[pymodule_export]
    use crate::memory::Memory;
    #[pymodule_export]
    use crate::opened::{Opened, Verified};
    #[pymodule_export]
    use crate::opener::Opener;
    #[pymodule_export]
    use crate::payload::Payload;
    #[pymodule_export]
    use crate::plan::Plan;
    #[pymodule_export]
    use crate::policy::Policy;
    #[pymodule_export]
    use crate::prepared::PreparedLetter;
    #[pymodule_export]
    use crate::report::{Seen, codes};
    #[pymodule_export]
    use crate::source::GnupgHome;
    #[pymodule_export]
    use crate::trust::TrustStore;
    #[pymodule_export]
    use crate::verdict::Verdict;
    #[pymodule_export]
    use crate::watch::Cancel;

    use pyo3::exceptions::PyImportError;
    use pyo3::prelude::*;
    use pyo3::sync::PyOnceLock;

    /// Classes, and what is known of the package's Python half, are of one interpreter.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
        module.add("EMAIL_ROOTS_AS_OF", mailseal::trust::email_roots_as_of())?;
        static HOME: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let py = module.py();
        let modules = py.import("sys")?.getattr("modules")?;
        match HOME.get_or_init(py, || modules.clone().unbind()).is(&modules) {
            true => Ok(()),
            false => Err(PyImportError::new_err("mailseal is in use by another interpreter of this process")),
        }
    }
}
