//! What all calls may know and use.

use std::ffi::{c_char, c_void};
use std::ptr;

use mailseal_core::outside::{CertD, gnupg};
use mailseal_core::policy::Algorithms;
use mailseal_core::report::FetchPurpose;
use mailseal_core::x509::RevocationData;
use mailseal_core::{Certificate, CertificatePool, Context};

use crate::boundary::{Failure, answer, status};
use crate::callback::{Userdata, mailseal_fetch_callback, mailseal_finalizer};
use crate::certificate::mailseal_certificate;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::{mailseal_input, path_of};
use crate::memory::mailseal_memory;
use crate::policy::mailseal_policy;
use crate::recipe::Recipe;
use crate::request::Getter;
use crate::status::mailseal_status;
use crate::trust_store::mailseal_trust_store;

/// What all calls may know and use: trust, certificates, bounds. Takes settings until an opener or a composer is made
/// of it. It knows no time: that goes to each call.
pub struct mailseal_context {
    handle: Handle<Recipe<Context>>,
}

object!(mailseal_context, Recipe<Context>, 7);

/// A context that trusts what the store says, and nothing else. NULL of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_new(
    trust_store: *const mailseal_trust_store,
) -> *mut mailseal_context {
    answer(ptr::null_mut(), |call| {
        let trust = borrowed!(call, trust_store).ok()?.settled();
        Some(handle::give(Recipe::new(Context::new(trust))))
    })
}

/// Sets a limit by its name, `"message_bytes"`, `"depth"`, `"path_cache"`, ...: the fields of `Limits` in the Rust
/// documentation. A name that is not known, or a value that does not fit, is misuse.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_set_limit(
    context: *mut mailseal_context,
    name: *const c_char,
    value: u64,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let name = text!(name)?;
        context.change(|context| {
            let mut limits = context.bounds().clone();
            match limits.set(name, value) {
                true => Ok(context.limits(limits)),
                false => Err(Failure::misuse(format_args!("there is no limit `{name}` that can be {value}"))),
            }
        })
    })
}

/// Which algorithms to rely on: `"standard"`; `"strict"`, which also leaves encrypted content closed that nothing
/// protects from change (CBC); or `"insecurely_allow_sha1"`, the standard that takes SHA-1 signatures for sound.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_set_algorithms(
    context: *mut mailseal_context,
    name: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let algorithms = match text!(name)? {
            "standard" => Algorithms::standard(),
            "strict" => Algorithms::strict(),
            "insecurely_allow_sha1" => Algorithms::standard().insecurely_allow_sha1(),
            other => return Err(Failure::misuse(format_args!("there are no algorithms `{other}`"))),
        };
        context.change(|context| Ok(context.algorithms(algorithms)))
    })
}

/// Relies on the algorithms of a policy, and asks its rules for outgoing mail wherever a letter is composed, planned or
/// checked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_set_policy(
    context: *mut mailseal_context,
    policy: *const mailseal_policy,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let policy = borrowed!(call, policy)?;
        context.change(|context| Ok(context.policy(policy)))
    })
}

/// Looks for certificates there, too: PEM, DER or OpenPGP. Finding is not trusting.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_add_certificates(
    context: *mut mailseal_context,
    input: *mut mailseal_input,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let context = borrowed!(call, context)?;
        let pool: CertificatePool = Certificate::load(&input?.octets()?)?.into_iter().collect();
        context.change(|context| Ok(context.certificates(pool)))
    })
}

/// Looks at these CRLs and OCSP answers, too, besides those that come with a letter: DER or PEM. Each is checked before
/// it counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_add_revocations(
    context: *mut mailseal_context,
    input: *mut mailseal_input,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let context = borrowed!(call, context)?;
        let octets = input?.within("revocation_bytes", context.seen().bounds().revocation_bytes)?;
        context.change(|context| {
            let data = RevocationData::new().within(&octets, context.bounds())?;
            Ok(context.revocations(data))
        })
    })
}

/// Lets issuers, CRLs and OCSP answers be fetched by the program; without this nothing is, and the report says what would
/// have been (`mailseal_report_want`). `fetch` is called until the context and all that was made of it are freed; then
/// `finalizer`, which may be NULL, also where this call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_set_fetcher(
    context: *mut mailseal_context,
    fetch: mailseal_fetch_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let userdata = Userdata::new(userdata, finalizer);
        let context = borrowed!(call, context)?;
        let callback = fetch.ok_or_else(|| Failure::null("fetch"))?;
        context.change(|context| Ok(context.fetcher(Getter { callback, userdata })))
    })
}

/// Looks for this certificate, too, where it fits; not for the others of its file. Finding is not trusting.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_add_certificate(
    context: *mut mailseal_context,
    certificate: *const mailseal_certificate,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let pool = CertificatePool::from_iter([borrowed!(call, certificate)?.owned()?]);
        context.change(|context| Ok(context.certificates(pool)))
    })
}

/// Looks for certificates there, too: the directory that sq and others share (`pgp.cert.d`). Its trust root counts for
/// nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_add_cert_d(
    context: *mut mailseal_context,
    path: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let path = unsafe { path_of(path) }?;
        context.change(|context| {
            let directory = CertD::open_within(&path, context.bounds())?;
            Ok(context.certificates(directory))
        })
    })
}

/// Looks for certificates there, too: the home of GnuPG, `"/home/alice/.gnupg"`. Its owner trust counts for nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_add_gnupg_home(
    context: *mut mailseal_context,
    path: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        let home = gnupg::Home::open(unsafe { path_of(path) }?)?;
        context.change(|context| Ok(context.certificates(home)))
    })
}

/// Compares letters with what is remembered of their senders, and trusts the pins in it. Nothing is learned by that: see
/// `mailseal_opened_remember`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_set_memory(
    context: *mut mailseal_context,
    memory: *const mailseal_memory,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let memory = borrowed!(call, memory)?.clone();
        context.change(|context| Ok(context.memory(memory)))
    })
}

/// Fetches over HTTP by itself, from public places only: issuers, CRLs and OCSP answers, those that `purposes` names, with
/// blanks between: `"aia crl ocsp"`. The threads that look at letters wait for it. Misuse of a library that was built
/// without the feature `fetch`, as it usually is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_set_http_fetcher(
    context: *mut mailseal_context,
    purposes: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let context = borrowed!(call, context)?;
        let purpose = |name: &str| match name {
            "aia" => Ok(FetchPurpose::Aia),
            "crl" => Ok(FetchPurpose::Crl),
            "ocsp" => Ok(FetchPurpose::Ocsp),
            other => Err(Failure::misuse(format_args!("`purposes`: nothing is fetched for `{other}`"))),
        };
        let purposes: Vec<FetchPurpose> =
            text!(purposes)?.split_ascii_whitespace().map(purpose).collect::<Result<_, _>>()?;
        context.change(|context| fetching(context, purposes))
    })
}

#[cfg(feature = "fetch")]
fn fetching(context: Context, purposes: Vec<FetchPurpose>) -> Result<Context, Failure> {
    use mailseal_core::outside::HttpFetcher;
    Ok(context.fetcher(purposes.into_iter().fold(HttpFetcher::new(), HttpFetcher::allow)))
}

#[cfg(not(feature = "fetch"))]
fn fetching(_: Context, _: Vec<FetchPurpose>) -> Result<Context, Failure> {
    Err(Failure::misuse(
        "this libmailseal was built without an HTTP client; mailseal_context_set_fetcher takes yours",
    ))
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_free(context: *mut mailseal_context) {
    freed!(context);
}
