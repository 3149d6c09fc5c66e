//! A private key, or its proxy, with its certificates.

use std::ffi::{CString, c_char, c_void};
use std::fmt;
use std::ptr;
use std::sync::Arc;

use mailseal_core::crypto::{
    DecryptionKey, KeyAlgorithm, KeyError, PublicKey, RsaEncryption, SignatureScheme, SigningKey, ToSign,
    WrappedKey,
};
use mailseal_core::{Certificate, Error, Key, Secret};

use crate::boundary::{Failure, status};
use crate::buffer::{Octets, mailseal_buffer};
use crate::callback::{
    Userdata, mailseal_decrypt_callback, mailseal_finalizer, mailseal_password_callback,
    mailseal_sign_callback,
};
use crate::error::mailseal_error;
use crate::handle::{self, Handle, Object};
use crate::input::mailseal_input;
use crate::request::Asker;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_ERROR_KEY_UNAVAILABLE, MAILSEAL_OK, mailseal_status};

/// A private key, or its proxy, with its certificates. What kind of key it is decides the protocol.
pub struct mailseal_key {
    handle: Handle<Key>,
}

object!(mailseal_key, Key, 8);

/// Reads a key with its certificates: PKCS#12, PEM with both, or an OpenPGP secret key. `ask` is called only where a
/// password is needed; NULL for keys that are not protected. PKCS#12 and PEM ask here; an OpenPGP key asks when it first
/// signs, or when a letter is addressed to it, in the thread that does so: `ask` and `userdata` stay in use until the
/// key and all composers and openers that have it are freed. Then `finalizer` is called, which may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_load(
    input: *mut mailseal_input,
    ask: mailseal_password_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    key: *mut *mut mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let asker = Asker { callback: ask, userdata: Userdata::new(userdata, finalizer) };
        let octets = taken!(input)?.octets();
        let key = out!(key)?;
        key.set(handle::give(Key::load(&octets?, asker)?));
        Ok(MAILSEAL_OK)
    })
}

/// A key that lives elsewhere: a token, an agent, a KMS. `input` has its certificate first, then those that lead
/// towards an anchor. `scheme` is what it signs with: `"rsa-pkcs1-sha256"`, `"rsa-pss-sha256"` (or `-sha384`,
/// `-sha512`), `"ecdsa-p256-sha256"`, `"ecdsa-p384-sha384"`, `"ecdsa-p521-sha512"`, `"ed25519"`. What comes back is
/// checked before it is used. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_external(
    input: *mut mailseal_input,
    scheme: *const c_char,
    sign: mailseal_sign_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    key: *mut *mut mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let userdata = Arc::new(Userdata::new(userdata, finalizer));
        let octets = taken!(input)?.octets();
        let scheme: SignatureScheme =
            text!(scheme)?.parse().map_err(|error| Failure::misuse(format_args!("`scheme`: {error}")))?;
        let sign = sign.ok_or_else(|| Failure::null("sign"))?;
        let key = out!(key)?;
        let certificates = Certificate::load(&octets?)?;
        let publics = certificates.first().map(Certificate::signing_keys).unwrap_or_default();
        let mut problem = KeyError::Unsupported("no key of the certificate signs".into()).into();
        for public in publics {
            let external = External { public, schemes: [scheme], sign, userdata: Arc::clone(&userdata) };
            match Key::external(external, &certificates) {
                Ok(joined) => {
                    key.set(handle::give(joined));
                    return Ok(MAILSEAL_OK);
                }
                Err(error) => problem = error,
            }
        }
        Err(Error::into(problem))
    })
}

/// A key that decrypts and lives elsewhere: a token, an agent, a KMS. `input` has its certificate first. Letters to it are
/// opened with `decrypt`; it does not sign. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_external_decryption(
    input: *mut mailseal_input,
    decrypt: mailseal_decrypt_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    key: *mut *mut mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let userdata = Arc::new(Userdata::new(userdata, finalizer));
        let octets = taken!(input)?.octets();
        let decrypt = decrypt.ok_or_else(|| Failure::null("decrypt"))?;
        let key = out!(key)?;
        let certificates = Certificate::load(&octets?)?;
        let publics = certificates.first().map(Certificate::encryption_keys).unwrap_or_default();
        let mut problem = KeyError::Unsupported("no key of the certificate is encrypted to".into()).into();
        for public in publics {
            let external = Decrypting { public, decrypt, userdata: Arc::clone(&userdata) };
            match Key::external_decryption(external, &certificates) {
                Ok(joined) => {
                    key.set(handle::give(joined));
                    return Ok(MAILSEAL_OK);
                }
                Err(error) => problem = error,
            }
        }
        Err(Error::into(problem))
    })
}

/// A key that is not here: letters are prepared for it, and finished with a signature from elsewhere. `input` has its
/// certificate first, then those that lead towards an anchor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_deferred(
    input: *mut mailseal_input,
    key: *mut *mut mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let octets = taken!(input)?.octets();
        let key = out!(key)?;
        key.set(handle::give(Key::deferred(&Certificate::load(&octets?)?)?));
        Ok(MAILSEAL_OK)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_free(key: *mut mailseal_key) {
    freed!(key);
}

struct External {
    public: PublicKey,
    schemes: [SignatureScheme; 1],
    sign: unsafe extern "C" fn(*mut c_void, *const c_char, mailseal_slice, *mut mailseal_buffer) -> i32,
    userdata: Arc<Userdata>,
}

impl fmt::Debug for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("External").field("public", &self.public).finish_non_exhaustive()
    }
}

impl SigningKey for External {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        let octets = input.octets(scheme)?;
        let name = CString::new(scheme.name()).map_err(KeyError::unavailable)?;
        let signature = Octets::default();
        let mut buffer = mailseal_buffer::new(signature.clone());
        // SAFETY: the program gave the function for this; all that it is given outlives the call.
        let status = unsafe {
            let to_sign = mailseal_slice::of(&octets);
            (self.sign)(self.userdata.pointer(), name.as_ptr(), to_sign, ptr::from_mut(&mut buffer))
        };
        match status {
            MAILSEAL_OK => Ok(signature.take()),
            status => Err(KeyError::Unavailable(format!("the sign callback returned {status}"))),
        }
    }
}

struct Decrypting {
    public: PublicKey,
    decrypt: unsafe extern "C" fn(*mut c_void, *const c_char, mailseal_slice, *mut mailseal_buffer) -> i32,
    userdata: Arc<Userdata>,
}

impl fmt::Debug for Decrypting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypting").field("public", &self.public).finish_non_exhaustive()
    }
}

impl DecryptionKey for Decrypting {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        let (method, octets) = match (wrapped, self.public.algorithm()) {
            (WrappedKey::Rsa { scheme: RsaEncryption::Pkcs1, octets }, KeyAlgorithm::Rsa { .. }) => {
                ("rsa-pkcs1".to_owned(), *octets)
            }
            (
                WrappedKey::Rsa { scheme: RsaEncryption::Oaep { hash, mgf }, octets },
                KeyAlgorithm::Rsa { .. },
            ) if hash == mgf => (format!("rsa-oaep-{}", hash.name().replacen("sha-", "sha", 1)), *octets),
            (WrappedKey::Agreement { public }, KeyAlgorithm::Ec(_) | KeyAlgorithm::X25519) => {
                ("ecdh".to_owned(), *public)
            }
            _ => return None,
        };
        let Ok(method) = CString::new(method) else { return None };
        let opened = Octets::default();
        let mut buffer = mailseal_buffer::new(opened.clone());
        // SAFETY: the program gave the function for this; all that it is given outlives the call.
        let status = unsafe {
            let wrapped = mailseal_slice::of(octets);
            (self.decrypt)(self.userdata.pointer(), method.as_ptr(), wrapped, ptr::from_mut(&mut buffer))
        };
        Some(match status {
            MAILSEAL_OK => Ok(Secret::from(opened.take())),
            MAILSEAL_ERROR_KEY_UNAVAILABLE => Err(KeyError::unavailable("the decrypt callback says so")),
            // Nobody is told why (R-A10).
            _ => Err(KeyError::Malformed("what the decrypt callback was given".into())),
        })
    }
}
