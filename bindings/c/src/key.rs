//! A private key, or its proxy, with its certificates.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use mailseal_core::crypto::{KeyError, KeyOperation, PublicKey, SignatureScheme};
use mailseal_core::outside::named_keys;
use mailseal_core::protocol::{KeyUse, Purpose};
use mailseal_core::{Certificate, Error, Key};

use crate::boundary::{Failure, answer, status};
use crate::callback::{
    Userdata, mailseal_audit_callback, mailseal_decrypt_callback, mailseal_finalizer,
    mailseal_password_callback, mailseal_sign_callback,
};
use crate::certificate::{Public, mailseal_certificate};
use crate::error::mailseal_error;
use crate::external::{Decrypts, Signs};
use crate::handle::{self, Handle};
use crate::input::{Source, mailseal_input};
use crate::request::Asker;
use crate::slice::mailseal_slice;
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

/// A key on a token or in an agent, by its name: `"pkcs11:token=office;object=alice"` (RFC 7512), `"gpg-agent:KEYGRIP"`, or
/// `"gpg-agent:"` for that of the certificates. It signs; those that open letters are given to an opener
/// (`mailseal_opener_add_named_keys`). `certificates` has its certificate, then those that lead towards an anchor; a token
/// may have its own, and takes an empty input. `ask` is asked for the PIN; where it is NULL, a token is used without one
/// and the agent asks by itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_open(
    name: *const c_char,
    certificates: *mut mailseal_input,
    ask: mailseal_password_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    key: *mut *mut mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let asker = Asker { callback: ask, userdata: Userdata::new(userdata, finalizer) };
        let certificates = taken!(certificates);
        let name = text!(name)?;
        let certificates = certificates?;
        let key = out!(key)?;
        let certificates = known(certificates)?;
        let asker = ask.is_some().then_some(asker);
        let mut keys = named_keys(name, &certificates, Purpose::Sign, asker)?.into_iter();
        let first = keys.next().ok_or_else(|| Failure::misuse("there is no such key"))?;
        key.set(handle::give(first));
        Ok(MAILSEAL_OK)
    })
}

/// The certificates of an input, which may be empty.
pub(crate) fn known(input: Source) -> Result<Vec<Certificate>, Failure> {
    let octets = input.octets()?;
    if octets.is_empty() { Ok(Vec::new()) } else { Ok(Certificate::load(&octets)?) }
}

/// The same key, with `audit` told of each use of it from now on. The other one is as it was. `finalizer`, which may be
/// NULL, is called when the key and all composers and openers that have it are freed, also where this call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_audited(
    key: *const mailseal_key,
    audit: mailseal_audit_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    audited: *mut *mut mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let userdata = Userdata::new(userdata, finalizer);
        let key = borrowed!(call, key)?;
        let audit = audit.ok_or_else(|| Failure::null("audit"))?;
        let audited = out!(audited)?;
        let told = key.audited(move |used| {
            let line = line(used).to_string();
            // SAFETY: the program gave the function for this; the line outlives the call.
            unsafe { audit(userdata.pointer(), mailseal_slice::of(line.as_bytes())) }
        });
        audited.set(handle::give(told));
        Ok(MAILSEAL_OK)
    })
}

fn line(used: &KeyUse<'_>) -> serde_json::Value {
    let result = match (used.error, used.operation) {
        (Some(error), _) => error.to_string(),
        (None, KeyOperation::Sign) => "signed".into(),
        // Whether the ciphertext was a good one is not said (R-A10).
        (None, _) => "tried".into(),
    };
    serde_json::json!({
        "version": 1,
        "operation": used.operation.name(),
        "protocol": used.protocol.name(),
        "certificate": used.certificate,
        "key": used.key,
        "method": used.method,
        "result": result,
    })
}

/// The certificate of the key. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_key_certificate(key: *const mailseal_key) -> *mut mailseal_certificate {
    answer(ptr::null_mut(), |call| Some(handle::give(Public::one(borrowed!(call, key).ok()?.certificate()))))
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
