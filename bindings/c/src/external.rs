//! Private keys of the program's own, behind its callbacks.

use std::ffi::{CString, c_char, c_void};
use std::fmt;
use std::ptr;
use std::sync::Arc;

use mailseal_core::crypto::{
    DecryptionKey, KeyAlgorithm, KeyError, PublicKey, Secret, SignatureScheme, SigningKey, ToSign, WrappedKey,
};

use crate::buffer::{Octets, mailseal_buffer};
use crate::callback::Userdata;
use crate::handle::Object;
use crate::slice::mailseal_slice;
use crate::status::*;

/// A sign or a decrypt callback.
pub(crate) type Work =
    unsafe extern "C" fn(*mut c_void, *const c_char, mailseal_slice, *mut mailseal_buffer) -> i32;

/// Calls it. The status, and what it has appended, which is wiped if nobody takes it.
fn asked(work: Work, userdata: &Userdata, scheme: &str, octets: &[u8]) -> Result<(i32, Octets), KeyError> {
    let name = CString::new(scheme).map_err(KeyError::unavailable)?;
    let result = Octets::default();
    let mut buffer = mailseal_buffer::new(result.clone());
    let octets = mailseal_slice::of(octets);
    // SAFETY: the program gave the function for this; all that it is given outlives the call.
    let status = unsafe { work(userdata.pointer(), name.as_ptr(), octets, ptr::from_mut(&mut buffer)) };
    Ok((status, result))
}

pub(crate) struct Signs {
    pub(crate) public: PublicKey,
    pub(crate) schemes: [SignatureScheme; 1],
    pub(crate) sign: Work,
    pub(crate) userdata: Arc<Userdata>,
}

impl SigningKey for Signs {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        match asked(self.sign, &self.userdata, scheme.name(), &input.octets(scheme)?)? {
            (MAILSEAL_OK, signature) => Ok(signature.take()),
            (status, _) => Err(KeyError::Unavailable(format!("the sign callback returned {status}"))),
        }
    }
}

impl fmt::Debug for Signs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signs").field("public", &self.public).finish_non_exhaustive()
    }
}

pub(crate) struct Decrypts {
    pub(crate) public: PublicKey,
    pub(crate) decrypt: Work,
    pub(crate) userdata: Arc<Userdata>,
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
        Some(match asked(self.decrypt, &self.userdata, &method, octets) {
            Ok((MAILSEAL_OK, opened)) => Ok(Secret::from(opened.take())),
            Ok((MAILSEAL_ERROR_KEY_UNAVAILABLE, _)) => {
                Err(KeyError::unavailable("the decrypt callback says so"))
            }
            // Nobody is told why (R-A10).
            Ok(_) => Err(KeyError::Malformed("what the decrypt callback was given".into())),
            Err(error) => Err(error),
        })
    }
}

impl fmt::Debug for Decrypts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypts").field("public", &self.public).finish_non_exhaustive()
    }
}
