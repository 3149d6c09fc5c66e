//! Functions of the program that mailseal calls. They must return: no exception, no longjmp.

use std::ffi::{c_char, c_void};

use crate::buffer::mailseal_buffer;
use crate::request::mailseal_request;
use crate::slice::mailseal_slice;

/// Asks for a password: puts it into `password` and returns `MAILSEAL_OK`, or gives up with `MAILSEAL_DECLINED`.
/// Called in the thread of the call that needs it, by several at once where they share an opener; must not use the key
/// that it is asked for. `request` and `password` live until it returns.
pub type mailseal_password_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        request: *const mailseal_request,
        password: *mut mailseal_buffer,
    ) -> i32,
>;

/// Fetches what `request` says, within its bounds: appends the answer to `response` and returns `MAILSEAL_OK`, or
/// `MAILSEAL_DECLINED` for what it does not fetch, or `MAILSEAL_ERROR_UNAVAILABLE`. Nothing of that fails the call that
/// looks at a letter: what is not known for want of it is a finding. Called in any thread that looks at letters or makes
/// plans, by several at once; `request` and `response` live until it returns.
pub type mailseal_fetch_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        request: *const mailseal_request,
        response: *mut mailseal_buffer,
    ) -> i32,
>;

/// Answers a question to the DNS: appends the records of this name and kind (`"TXT"`, `"MX"`, `"A"`, `"AAAA"`, `"PTR"`) to
/// `records`, each with a zero octet behind it, and returns `MAILSEAL_OK`, also where the name has records of other kinds
/// only; `MAILSEAL_DECLINED` where there is no such name; anything else where there was no answer, which is not the same:
/// later there may be one. Records are as in a zone file, without quotes: of TXT the strings joined, of MX
/// `10 mail.example.net`. `name` is in lower case without a dot at its end. It has to end in bounded time. Called in any
/// thread that checks letters, by several at once; what it was given lives until it returns.
pub type mailseal_lookup_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        name: *const c_char,
        kind: *const c_char,
        records: *mut mailseal_buffer,
    ) -> i32,
>;

/// Opens the key of a letter with a private key that lives elsewhere: appends what comes out to `opened` and returns
/// `MAILSEAL_OK`; `MAILSEAL_ERROR_KEY_UNAVAILABLE` where the key does not answer now, which fails the call; anything else
/// for all that is wrong with `wrapped`, of which nobody is told. For RSA, `method` is `"rsa-pkcs1"` or
/// `"rsa-oaep-sha256"` (with `"-mgf1-sha1"` behind it where MGF1 has another hash), `wrapped` what is encrypted to the
/// key, and what comes out the octets without their padding. For `"ecdh"`, `wrapped` is the public key of the other side
/// (an uncompressed point, SEC 1 section 2.3.3, or the octets of RFC 7748), and what comes out the shared secret: the x
/// coordinate with its leading zeros, or the octets of RFC 7748. With `"rsa-pkcs1"` nobody who sees the program work may
/// learn whether the padding was right. Called in any thread that opens letters, by several at once; what it was given
/// lives until it returns.
pub type mailseal_decrypt_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        method: *const c_char,
        wrapped: mailseal_slice,
        opened: *mut mailseal_buffer,
    ) -> i32,
>;

/// Signs with a key that lives elsewhere: appends the signature to `signature` and returns `MAILSEAL_OK`, or
/// `MAILSEAL_ERROR_KEY_UNAVAILABLE`. RSA and ECDSA are given a digest, Ed25519 the digest in OpenPGP and the (small)
/// signed attributes in S/MIME. ECDSA signatures are DER ECDSA-Sig-Value (RFC 3279 section 2.2.3). Called in any thread
/// that signs, by several at once; what it was given lives until it returns.
pub type mailseal_sign_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        scheme: *const c_char,
        to_sign: mailseal_slice,
        signature: *mut mailseal_buffer,
    ) -> i32,
>;

/// Reads: puts at most `capacity` octets into `data` and their number into `*length`, 0 at the end, and returns
/// `MAILSEAL_OK`; anything else is a failure to read.
pub type mailseal_read_callback = Option<
    unsafe extern "C" fn(userdata: *mut c_void, data: *mut u8, capacity: usize, length: *mut usize) -> i32,
>;

/// Writes all of `octets` and returns `MAILSEAL_OK`; anything else is a failure to write.
pub type mailseal_write_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, octets: mailseal_slice) -> i32>;

/// Told of one use of a private key: `line` is JSON on one line without its end (`version`, `operation`, `protocol`,
/// `certificate`, `key`, `method`, `result`); when it is, the program knows. There is nothing secret in it, and of a
/// decryption it says that it was tried, never whether it succeeded. Called in any thread that uses the key, by several at
/// once; `line` lives until it returns.
pub type mailseal_audit_callback = Option<unsafe extern "C" fn(userdata: *mut c_void, line: mailseal_slice)>;

/// Told how far the reading of a letter is: octets read so far, each reading of them counted, and the length of the
/// letter, `UINT64_MAX` while it is not known. A letter is read two to four times, and once more where it is written.
/// Called about once for each MiB, in the thread that reads; it may call `mailseal_cancel_cancel`.
pub type mailseal_progress_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, octets: u64, total: u64)>;

/// Told once that `userdata` is not needed any more, also where the call that it was given to has failed.
pub type mailseal_finalizer = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// What a callback is given, and who is told at the end.
#[derive(Debug)]
pub(crate) struct Userdata {
    pointer: *mut c_void,
    finalizer: mailseal_finalizer,
}

// SAFETY: mailseal never looks at what the pointer points to. Programs are told that their callbacks may be called in
// other threads than the one that registered them.
unsafe impl Send for Userdata {}
// SAFETY: as above.
unsafe impl Sync for Userdata {}

impl Userdata {
    pub(crate) fn new(pointer: *mut c_void, finalizer: mailseal_finalizer) -> Self {
        Self { pointer, finalizer }
    }

    pub(crate) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Userdata {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: the program gave both, one for the other.
            unsafe { finalizer(self.pointer) }
        }
    }
}
