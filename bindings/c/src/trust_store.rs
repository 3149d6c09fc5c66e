//! Whom the program trusts, and for whom they may speak.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::mime::Address;
use mailseal_core::{Error, Scope, TrustStore};

use crate::boundary::{answer, status};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::recipe::Recipe;
use crate::status::mailseal_status;

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

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_trust_store_free(trust_store: *mut mailseal_trust_store) {
    freed!(trust_store);
}
