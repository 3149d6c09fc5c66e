//! A key that was made.

use mailseal_core::protocol::MadeKey;

use crate::boundary::{Failure, answer};
use crate::handle::Handle;
use crate::slice::mailseal_slice;

/// A key that was made, as files hold it. What is secret is wiped when it is freed.
pub struct mailseal_made_key {
    handle: Handle<Made>,
}

object!(mailseal_made_key, Made, 28);

pub(crate) struct Made {
    made: MadeKey,
    certificate: Vec<u8>,
}

impl Made {
    pub(crate) fn new(made: MadeKey) -> Result<Self, Failure> {
        let certificate = made.certificate.as_ref().map(|certificate| certificate.to_text()).transpose()?;
        Ok(Self { made, certificate: certificate.unwrap_or_default() })
    }
}

/// The private key, for a file that only its owner can read; `mailseal_key_load` takes it. Of OpenPGP, a secret key in
/// armor. Of S/MIME, PKCS#12 with the certificate that it signed itself, or PKCS#8 in PEM, which is to be joined with the
/// certificate that the authority gives. Lives as long as the made key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_made_key_key(made_key: *const mailseal_made_key) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, made_key).ok()?.made.key.expose()))
    })
}

/// The certificate, to give away: OpenPGP in armor, or PEM; `mailseal_certificate_load` takes it. Empty of S/MIME unless it
/// signed itself. Lives as long as the made key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_made_key_certificate(made_key: *const mailseal_made_key) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(&borrowed!(call, made_key).ok()?.certificate))
    })
}

/// The request for a certification authority: PKCS#10 (RFC 2986) in PEM. Empty of OpenPGP, and where it signed itself. Lives
/// as long as the made key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_made_key_request(made_key: *const mailseal_made_key) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, made_key).ok()?.made.request.as_deref()?))
    })
}

/// The certificate as revoked, in armor: to be kept in a safe place, and given away the day the key is lost. Empty of
/// S/MIME. Lives as long as the made key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_made_key_revocation(made_key: *const mailseal_made_key) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, made_key).ok()?.made.revocation.as_deref()?))
    })
}

/// Frees it, and wipes what is secret. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_made_key_free(made_key: *mut mailseal_made_key) {
    freed!(made_key);
}
