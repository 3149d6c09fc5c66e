//! Private keys behind functions of the program's own.

use std::fmt;
use std::sync::Arc;

use mailseal::Secret;
use mailseal::crypto::{
    DecryptionKey, KeyAlgorithm, KeyError, PublicKey, SignatureScheme, SigningKey, ToSign, WrappedKey,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::call::{misused, raised};
use crate::password::secret;

/// A function of a name and octets, that answers with octets or None.
#[derive(Clone)]
pub(crate) struct Function(Arc<Py<PyAny>>);

/// What it came to.
enum Answer {
    Octets(Secret),
    Nothing,
    Raised,
}

impl Function {
    pub(crate) fn new(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        match function.is_callable() {
            true => Ok(Self(Arc::new(function.clone().unbind()))),
            false => Err(PyTypeError::new_err("what signs or decrypts elsewhere is a function")),
        }
    }

    fn ask(&self, name: &str, octets: &[u8]) -> Answer {
        Python::attach(|py| {
            let asked =
                py.check_signals().and_then(|()| self.0.bind(py).call1((name, PyBytes::new(py, octets))));
            match asked {
                Ok(answer) if answer.is_none() => Answer::Nothing,
                Ok(answer) => secret(&answer).map(Answer::Octets).unwrap_or_else(|_| {
                    let class = answer.get_type();
                    misused(PyTypeError::new_err(format!(
                        "the function answers with bytes or None, not {class}"
                    )));
                    Answer::Raised
                }),
                Err(error) => {
                    raised(error);
                    Answer::Raised
                }
            }
        })
    }
}

/// Signs by a function.
pub(crate) struct Signs {
    public: PublicKey,
    schemes: [SignatureScheme; 1],
    function: Function,
}

impl Signs {
    pub(crate) fn new(public: PublicKey, scheme: SignatureScheme, function: &Function) -> Self {
        Self { public, schemes: [scheme], function: function.clone() }
    }
}

impl SigningKey for Signs {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        match self.function.ask(scheme.name(), &input.octets(scheme)?) {
            Answer::Octets(signature) => Ok(signature.expose().to_vec()),
            Answer::Nothing => Err(KeyError::unavailable("the function that signs answered None")),
            Answer::Raised => Err(KeyError::unavailable("the function that signs raised an exception")),
        }
    }
}

impl fmt::Debug for Signs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signs").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Decrypts by a function.
pub(crate) struct Decrypts {
    public: PublicKey,
    function: Function,
}

impl Decrypts {
    pub(crate) fn new(public: PublicKey, function: &Function) -> Self {
        Self { public, function: function.clone() }
    }
}

impl DecryptionKey for Decrypts {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        let (method, octets) = match (wrapped, self.public.algorithm()) {
            (WrappedKey::Rsa { scheme, octets }, KeyAlgorithm::Rsa { .. }) => (scheme.to_string(), *octets),
            (WrappedKey::Rsa { .. }, _) | (_, KeyAlgorithm::Rsa { .. }) => return None,
            (WrappedKey::Agreement { public }, _) => ("ecdh".to_owned(), *public),
            _ => return None,
        };
        Some(match self.function.ask(&method, octets) {
            Answer::Octets(opened) => Ok(opened),
            Answer::Nothing => Err(KeyError::unavailable("the function that decrypts answered None")),
            // Nobody is told why (R-A10).
            Answer::Raised => Err(KeyError::Malformed("what the function that decrypts was given".into())),
        })
    }
}

impl fmt::Debug for Decrypts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypts").field("public", &self.public).finish_non_exhaustive()
    }
}
