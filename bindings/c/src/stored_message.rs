//! One letter of a mailbox.

use mailseal_core::UnixTime;
use mailseal_core::outside::{Reading, StoredMessage};

use crate::boundary::{answer, status};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::opened::{Looked, mailseal_opened};
use crate::opener::mailseal_opener;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OPENED, mailseal_status};

/// One letter of a mailbox, where it lies; nothing of it is in memory.
pub struct mailseal_stored_message {
    handle: Handle<StoredMessage>,
}

object!(mailseal_stored_message, StoredMessage, 30);

/// How the lines of an mbox file were read that begin with `>From `: one of `MAILSEAL_READING_...`.
pub type mailseal_reading = i32;
/// The letter is not of a mailbox, or its reading has no number here.
pub const MAILSEAL_READING_NONE: mailseal_reading = 0;
/// As they are.
pub const MAILSEAL_READING_AS_IT_LIES: mailseal_reading = 1;
/// With one `>` less where `From ` follows one or more.
pub const MAILSEAL_READING_MBOXRD: mailseal_reading = 2;
/// With one `>` less where there is one.
pub const MAILSEAL_READING_MBOXO: mailseal_reading = 3;

fn number(reading: Reading) -> mailseal_reading {
    match reading {
        Reading::AsItLies => MAILSEAL_READING_AS_IT_LIES,
        Reading::Mboxrd => MAILSEAL_READING_MBOXRD,
        Reading::Mboxo => MAILSEAL_READING_MBOXO,
        _ => MAILSEAL_READING_NONE,
    }
}

/// The file that it is in, as the system writes paths. Lives as long as the stored message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_stored_message_path(
    stored_message: *const mailseal_stored_message,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let path = borrowed!(call, stored_message).ok()?.path();
        Some(mailseal_slice::of(path.as_os_str().as_encoded_bytes()))
    })
}

/// Which it is of an mbox file, from 1; 0 where it has a file of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_stored_message_number(
    stored_message: *const mailseal_stored_message,
) -> u64 {
    answer(0, |call| borrowed!(call, stored_message).ok()?.number())
}

/// How many octets it has; a file that is gone has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_stored_message_length(
    stored_message: *const mailseal_stored_message,
) -> u64 {
    answer(0, |call| Some(borrowed!(call, stored_message).ok()?.octets()))
}

/// Looks at it, as `mailseal_opener_open` does: in the first reading in which nothing is altered, or else as it lies. Which
/// one that was, `mailseal_opened_reading` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_stored_message_open(
    stored_message: *const mailseal_stored_message,
    opener: *const mailseal_opener,
    at: i64,
    opened: *mut *mut mailseal_opened,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let stored_message = borrowed!(call, stored_message)?;
        let opener = borrowed!(call, opener)?;
        let opened = out!(opened)?;
        let (looked, reading) = stored_message.open(&opener.settled(), UnixTime::from_seconds(at))?;
        opened.set(handle::give(Looked::stored(looked, number(reading))));
        Ok(MAILSEAL_OPENED)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_stored_message_free(stored_message: *mut mailseal_stored_message) {
    freed!(stored_message);
}
