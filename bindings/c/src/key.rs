//! A private key, or its proxy, with its certificates.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use mailseal_core::crypto::{KeyError, PublicKey, SignatureScheme};
use mailseal_core::{Certificate, Error, Key};

use crate::boundary::{Failure, status};
use crate::callback::{
    Userdata, mailseal_decrypt_callback, mailseal_finalizer, mailseal_password_callback,
    mailseal_sign_callback,
};
use crate::error::mailseal_error;
use crate::external::{Decrypts, Signs};
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::request::Asker;
use crate::status::{MAILSEAL_OK, mailseal_status};

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
        let joined = first_that_fits(publics, "no key of the certificate signs", |public| {
            let signs = Signs { public, schemes: [scheme], sign, userdata: Arc::clone(&userdata) };
            Key::external(signs, &certificates)
        })?;
        key.set(handle::give(joined));
        Ok(MAILSEAL_OK)
    })
}

/// A key that lives elsewhere and decrypts; it does not sign. `input` has its certificate first; of an OpenPGP
/// certificate it is the first key that is encrypted to. Letters to it are opened by `decrypt`. `finalizer` may be NULL.
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
        let joined = first_that_fits(publics, "no key of the certificate is encrypted to", |public| {
            let decrypts = Decrypts { public, decrypt, userdata: Arc::clone(&userdata) };
            Key::external_decryption(decrypts, &certificates)
        })?;
        key.set(handle::give(joined));
        Ok(MAILSEAL_OK)
    })
}

fn first_that_fits(
    publics: Vec<PublicKey>,
    none: &str,
    join: impl Fn(PublicKey) -> Result<Key, Error>,
) -> Result<Key, Failure> {
    let mut problem = KeyError::Unsupported(none.into()).into();
    for public in publics {
        match join(public) {
            Ok(joined) => return Ok(joined),
            Err(error) => problem = error,
        }
    }
    Err(problem.into())
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
