//! Whom the program trusts, and for whom they may speak.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::mime::Address;
use mailseal_core::outside::{SystemRoots, TrustFolder, anchors_from_folder, system_store};
use mailseal_core::{Error, Scope, TrustStore};

use crate::boundary::{Failure, answer, status};
use crate::certificate::mailseal_certificate;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::{mailseal_input, path_of};
use crate::recipe::Recipe;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Whom the program trusts, and for whom they may speak. Takes anchors until a context is made of it.
pub struct mailseal_trust_store {
    handle: Handle<Recipe<TrustStore>>,
}

object!(mailseal_trust_store, Recipe<TrustStore>, 6);

/// A store that trusts nobody.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_trust_store_new() -> *mut mailseal_trust_store {
    answer(ptr::null_mut(), |_| Some(handle::give(Recipe::new(TrustStore::new()))))
}

/// Trusts all certificates of a file, PEM, DER or OpenPGP. `scope` says for whom: `"any"`, or patterns such as
/// `"*@partner.example eve@b.example"`; then, as far as wanted, until when, for which certificates and for what:
/// `"until=2027-12-31 issued-until=2026-11-30 for=sign assurance=organization"`. An assurance is one of `mailbox`,
/// `individual`, `sponsor`, `organization`: the least that a certificate has to assert.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_add_anchors(
    trust_store: *mut mailseal_trust_store,
    input: *mut mailseal_input,
    scope: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let store = borrowed!(call, trust_store)?;
        let input = input?;
        let scope: Scope = text!(scope)?.parse()?;
        let octets = input.octets()?;
        store.change(|store| Ok(store.anchors(&octets, scope)?))
    })
}

/// Trusts this certificate, not the others of its file. `scope` as in `mailseal_trust_store_add_anchors`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_add_anchor(
    trust_store: *mut mailseal_trust_store,
    certificate: *const mailseal_certificate,
    scope: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let store = borrowed!(call, trust_store)?;
        let certificate = borrowed!(call, certificate)?.owned()?;
        let scope: Scope = text!(scope)?.parse()?;
        store.change(|store| Ok(store.anchor(certificate, scope)))
    })
}

/// Trusts the certificates of all files of a folder, `*.pem`, `*.crt`, `*.asc`, .... `scope` as in
/// `mailseal_trust_store_add_anchors`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_add_folder(
    trust_store: *mut mailseal_trust_store,
    path: *const c_char,
    scope: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let store = borrowed!(call, trust_store)?;
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let scope: Scope = text!(scope)?.parse()?;
        store.change(|store| Ok(anchors_from_folder(store, path, &scope)?))
    })
}

/// Whom the user trusts, as `mailseal trust` keeps it in a folder: its anchors with their scopes, pins and roots of the
/// Web of Trust. More can be added to the store. The folder is not written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_open(
    path: *const c_char,
    trust_store: *mut *mut mailseal_trust_store,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        let trust_store = out!(trust_store)?;
        trust_store.set(handle::give(Recipe::new(TrustFolder::open(path)?.store()?)));
        Ok(MAILSEAL_OK)
    })
}

/// Trusts what the system trusts for mail; refused where the system's list does not tell mail from web sites, as most do
/// not (`mailseal_trust_store_add_email_roots` has one that does). `scope` as in `mailseal_trust_store_add_anchors`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_add_system_roots(
    trust_store: *mut mailseal_trust_store,
    scope: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let store = borrowed!(call, trust_store)?;
        let scope: Scope = text!(scope)?.parse()?;
        store.change(|store| Ok(system_store(store, SystemRoots::ForEmail, &scope)?))
    })
}

/// Trusts the certificate of this fingerprint to be that of the address, and of no other. All of the fingerprint is
/// wanted, in hexadecimal, blanks and colons allowed: 40 digits for OpenPGP version 4, 64 for version 6 and for X.509
/// (SHA-256). A letter from the address that another certificate signed is at most `MAILSEAL_OUTCOME_CAUTION` then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_pin(
    trust_store: *mut mailseal_trust_store,
    address: *const c_char,
    fingerprint: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let store = borrowed!(call, trust_store)?;
        let (address, fingerprint) = (text!(address)?, text!(fingerprint)?);
        let address: Address = address.parse().map_err(Error::from)?;
        store.change(|store| Ok(store.pin(&address, fingerprint)?))
    })
}

/// Trusts an OpenPGP certificate to say who others are (Web of Trust), and for its own user IDs. All of the fingerprint
/// is wanted; the certificate itself has to be among those that the context finds. `amount` is 1 to 120, where 120 is
/// full (RFC 9580 section 5.2.3.21). Misuse in a library that was built without the Web of Trust.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_add_web_of_trust_root(
    trust_store: *mut mailseal_trust_store,
    fingerprint: *const c_char,
    amount: u32,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let store = borrowed!(call, trust_store)?;
        let fingerprint = text!(fingerprint)?;
        // More than an octet holds is as wrong as 121.
        let amount = u8::try_from(amount).unwrap_or(u8::MAX);
        store.change(|store| web_of_trust_root(store, fingerprint, amount))
    })
}

#[cfg(feature = "web-of-trust")]
fn web_of_trust_root(store: TrustStore, fingerprint: &str, amount: u8) -> Result<TrustStore, Failure> {
    Ok(store.web_of_trust_root(fingerprint, amount)?)
}

#[cfg(not(feature = "web-of-trust"))]
fn web_of_trust_root(_: TrustStore, _: &str, _: u8) -> Result<TrustStore, Failure> {
    Err(Failure::misuse("this library was built without `web-of-trust`"))
}

/// Trusts the authorities that Mozilla trusts for e-mail, for a scope, as in `mailseal_trust_store_add_anchors`; those
/// that it has given up, for what they issued until then. Misuse in a library that was built without the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_add_email_roots(
    trust_store: *mut mailseal_trust_store,
    scope: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let store = borrowed!(call, trust_store)?;
        let scope: Scope = text!(scope)?.parse()?;
        store.change(|store| email_roots(store, scope))
    })
}

#[cfg(feature = "email-roots")]
fn email_roots(store: TrustStore, scope: Scope) -> Result<TrustStore, Failure> {
    Ok(store.email_roots(scope))
}

#[cfg(not(feature = "email-roots"))]
fn email_roots(_: TrustStore, _: Scope) -> Result<TrustStore, Failure> {
    Err(Failure::misuse("this library was built without `email-roots`"))
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_free(trust_store: *mut mailseal_trust_store) {
    freed!(trust_store);
}
