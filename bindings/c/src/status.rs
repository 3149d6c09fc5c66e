//! Status numbers. They never change, and new ones are added in their group.

/// What a call did: `MAILSEAL_OK`, `MAILSEAL_OPENED`, or one of `MAILSEAL_ERROR_...`.
///
/// From 100 to 199 the program is wrong (misuse; never caused by octets from outside). From 200 on mailseal could not
/// look, or not write; what was seen in a letter, however bad, is never an error. 900 is a fault of mailseal itself.
pub type mailseal_status = i32;

/// Done. Never said of a letter.
pub const MAILSEAL_OK: mailseal_status = 0;
/// The letter was looked at. Nothing is judged yet: that is what a policy is for.
pub const MAILSEAL_OPENED: mailseal_status = 1;
/// What a callback returns that gives up: no password, or nothing that it fetches.
pub const MAILSEAL_DECLINED: mailseal_status = 2;

/// Used in a way that cannot be: a setting that comes too late, a name that is not known, no key to sign with.
pub const MAILSEAL_ERROR_MISUSE: mailseal_status = 100;
/// NULL where something is needed; the message names the argument.
pub const MAILSEAL_ERROR_NULL: mailseal_status = 101;
/// Not an object of that type: another one, already freed or consumed, or one in whose call mailseal panicked.
pub const MAILSEAL_ERROR_BAD_HANDLE: mailseal_status = 102;
/// Text that is not UTF-8.
pub const MAILSEAL_ERROR_NOT_UTF8: mailseal_status = 103;
/// A length that no object in memory can have.
pub const MAILSEAL_ERROR_LENGTH: mailseal_status = 104;

/// A password callback used the key that it was asked for: it would wait for itself.
pub const MAILSEAL_ERROR_REENTRANT: mailseal_status = 105;

/// Reading or writing failed.
pub const MAILSEAL_ERROR_IO: mailseal_status = 200;
/// A limit of the context was reached.
pub const MAILSEAL_ERROR_LIMIT: mailseal_status = 201;
/// Octets that cannot be read as what they are given as.
pub const MAILSEAL_ERROR_MALFORMED: mailseal_status = 202;
/// mailseal will not write this letter: the key does not name its From.
pub const MAILSEAL_ERROR_REFUSED: mailseal_status = 203;
/// A file changed between two readings of it.
pub const MAILSEAL_ERROR_INPUT_CHANGED: mailseal_status = 204;
/// There is not enough memory for this input.
pub const MAILSEAL_ERROR_NO_MEMORY: mailseal_status = 205;
/// Somebody a letter is for cannot be written to in secret; nobody is left out silently.
pub const MAILSEAL_ERROR_UNREACHABLE: mailseal_status = 206;
/// Something elsewhere does not answer now. A fetch callback returns it.
pub const MAILSEAL_ERROR_UNAVAILABLE: mailseal_status = 207;
/// `mailseal_cancel_cancel` ended the call.
pub const MAILSEAL_ERROR_CANCELLED: mailseal_status = 208;
/// The key cannot do this, or its algorithm is not known.
pub const MAILSEAL_ERROR_KEY_UNSUPPORTED: mailseal_status = 220;
/// The key is elsewhere and does not answer now. A sign callback returns it, too.
pub const MAILSEAL_ERROR_KEY_UNAVAILABLE: mailseal_status = 221;
/// Wrong password, or none.
pub const MAILSEAL_ERROR_KEY_PASSWORD: mailseal_status = 222;
/// Not a usable key.
pub const MAILSEAL_ERROR_KEY_MALFORMED: mailseal_status = 223;
/// The private key is too small.
pub const MAILSEAL_ERROR_KEY_TOO_SMALL: mailseal_status = 224;
/// Could not look, in a way that this version of the C ABI has no number for.
pub const MAILSEAL_ERROR_OTHER: mailseal_status = 299;

/// mailseal panicked: a fault of ours. The object whose function it was only answers `MAILSEAL_ERROR_BAD_HANDLE` from
/// now on; free it.
pub const MAILSEAL_ERROR_PANIC: mailseal_status = 900;
