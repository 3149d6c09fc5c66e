//! Recipe for a new key.

use std::ffi::c_char;

use mailseal_core::UnixTime;
use mailseal_core::crypto::{NewKeyAlgorithm, Provider};
use mailseal_core::mime::Address;
use mailseal_core::protocol::NewKey;
use mailseal_core::report::Protocol;

use crate::boundary::{Failure, status};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::made_key::{Made, mailseal_made_key};
use crate::opener::address;
use crate::recipe::Recipe;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Recipe for a new key. Takes settings until the first key is made; each key that is made of it is another one.
pub struct mailseal_new_key {
    handle: Handle<Recipe<Settings>>,
}

object!(mailseal_new_key, Recipe<Settings>, 27);

/// What a new key is to be.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    protocol: Protocol,
    addresses: Vec<Address>,
    name: Option<String>,
    algorithm: Option<NewKeyAlgorithm>,
    /// `Some(None)`: never.
    expires: Option<Option<UnixTime>>,
    version_6: bool,
    self_signed: bool,
}

impl Settings {
    fn new_key(self) -> Result<NewKey, Failure> {
        let mut new_key = NewKey::new(self.protocol, &self.addresses)?;
        if let Some(name) = self.name {
            new_key = new_key.name(name);
        }
        if let Some(algorithm) = self.algorithm {
            new_key = new_key.algorithm(algorithm);
        }
        if let Some(expires) = self.expires {
            new_key = new_key.expires(expires);
        }
        if self.version_6 {
            new_key = new_key.version_6();
        }
        Ok(if self.self_signed { new_key.self_signed() } else { new_key })
    }
}

/// A recipe for keys of a protocol: `"S/MIME"` or `"OpenPGP"`. Unless told otherwise they are P-256 or Ed25519 with X25519,
/// and end three years after they are made. They need an address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_new(
    protocol: *const c_char,
    new_key: *mut *mut mailseal_new_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let word = text!(protocol)?;
        let new_key = out!(new_key)?;
        let known = [Protocol::Smime, Protocol::Openpgp].into_iter().find(|known| known.name() == word);
        let protocol = known.ok_or_else(|| {
            Failure::misuse(format_args!("`protocol`: neither S/MIME nor OpenPGP: `{word}`"))
        })?;
        let (addresses, name, algorithm, expires) = (Vec::new(), None, None, None);
        let (version_6, self_signed) = (false, false);
        let settings = Settings { protocol, addresses, name, algorithm, expires, version_6, self_signed };
        new_key.set(handle::give(Recipe::new(settings)));
        Ok(MAILSEAL_OK)
    })
}

/// Names this address, too. The first is the usual one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_add_address(
    new_key: *mut mailseal_new_key,
    mailbox: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let new_key = borrowed!(call, new_key)?;
        let mailbox = address(text!(mailbox)?)?;
        new_key.change(|mut settings| {
            settings.addresses.push(mailbox);
            Ok(settings)
        })
    })
}

/// What its holder is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_set_name(
    new_key: *mut mailseal_new_key,
    name: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let new_key = borrowed!(call, new_key)?;
        let name = text!(name)?;
        new_key.change(|settings| Ok(Settings { name: Some(name.into()), ..settings }))
    })
}

/// Another kind of key: `"p-256"`, `"p-384"`, `"p-521"`, `"rsa-3072"`, `"rsa-4096"`, `"ed25519"`. What the protocol cannot
/// have, `mailseal_new_key_make` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_set_algorithm(
    new_key: *mut mailseal_new_key,
    algorithm: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let new_key = borrowed!(call, new_key)?;
        let algorithm: NewKeyAlgorithm = text!(algorithm)?
            .parse()
            .map_err(|error| Failure::misuse(format_args!("`algorithm`: {error}")))?;
        new_key.change(|settings| Ok(Settings { algorithm: Some(algorithm), ..settings }))
    })
}

/// When it ends, in seconds since 1970; `INT64_MAX` is never, which a certificate of S/MIME cannot say. What an authority
/// certifies ends when the authority says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_set_expires(
    new_key: *mut mailseal_new_key,
    end: i64,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let end = (end != i64::MAX).then_some(UnixTime::from_seconds(end));
        borrowed!(call, new_key)?.change(|settings| Ok(Settings { expires: Some(end), ..settings }))
    })
}

/// An OpenPGP key of version 6 (RFC 9580), which GnuPG does not read, instead of version 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_version_6(
    new_key: *mut mailseal_new_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, new_key)?.change(|settings| Ok(Settings { version_6: true, ..settings }))
    })
}

/// For S/MIME, a certificate that the key signs itself, instead of a request to an authority.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_self_signed(
    new_key: *mut mailseal_new_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, new_key)?.change(|settings| Ok(Settings { self_signed: true, ..settings }))
    })
}

/// Makes a key, protected by a password, or not at all where that is NULL. It begins at `at`, in seconds since 1970, as of
/// `time(NULL)`. RSA takes seconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_make(
    new_key: *const mailseal_new_key,
    password: *const c_char,
    at: i64,
    made_key: *mut *mut mailseal_made_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let new_key = borrowed!(call, new_key)?;
        let password = if password.is_null() { None } else { Some(text!(password)?) };
        if password.is_some_and(str::is_empty) {
            return Err(Failure::misuse("an empty password protects nothing: NULL is none"));
        }
        let made_key = out!(made_key)?;
        let new_key = new_key.settled().new_key()?;
        let made = new_key.make(password, UnixTime::from_seconds(at), &Provider::default())?;
        made_key.set(handle::give(Made::new(made)?));
        Ok(MAILSEAL_OK)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_new_key_free(new_key: *mut mailseal_new_key) {
    freed!(new_key);
}
