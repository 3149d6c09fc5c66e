//! A letter that was looked at.

use std::ffi::c_char;
use std::ptr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mailseal_core::mime::Address;
use mailseal_core::{Opened, Policy};

use crate::boundary::{Failure, answer, run, status};
use crate::certificate::{self, mailseal_certificate};
use crate::error::mailseal_error;
use crate::handle::{Handle, Object};
use crate::memory::mailseal_memory;
use crate::opener::address;
use crate::output::mailseal_output;
use crate::policy::mailseal_policy;
use crate::report::{Seen, mailseal_report};
use crate::status::{MAILSEAL_OK, mailseal_status};
use crate::stored_message::{MAILSEAL_READING_NONE, mailseal_reading};
use crate::verdict::mailseal_verdict;
use crate::verified::{Proof, mailseal_verified};

/// A letter that was looked at: its report, and what its layers wrap.
pub struct mailseal_opened {
    handle: Handle<Looked>,
}

object!(mailseal_opened, Looked, 12);

pub(crate) struct Looked {
    opened: Arc<Opened<'static>>,
    /// In a place of its own: C holds pointers to it.
    report: Box<mailseal_report>,
    reading: mailseal_reading,
    #[expect(clippy::vec_box, reason = "C holds pointers to them")]
    proofs: Mutex<Vec<Box<mailseal_verified>>>,
    certificates: OnceLock<Box<[mailseal_certificate]>>,
}

impl Looked {
    pub(crate) fn new(opened: Opened<'static>) -> Self {
        Self::stored(opened, MAILSEAL_READING_NONE)
    }

    /// One of a mailbox.
    pub(crate) fn stored(opened: Opened<'static>, reading: mailseal_reading) -> Self {
        let opened = Arc::new(opened);
        let report = Box::new(mailseal_report::new(Seen::new(&opened)));
        Self { opened, report, reading, proofs: Mutex::default(), certificates: OnceLock::new() }
    }

    /// A proof that lives as long as this, or NULL.
    pub(crate) fn require(&self, policy: &Policy, sender: Address) -> *const mailseal_verified {
        let Some(proof) = Proof::new(&self.opened, policy, sender) else { return ptr::null() };
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = proofs.iter().find(|known| known.handle().state.same(&proof)) {
            return &raw const **same;
        }
        proofs.push(Box::new(mailseal_verified::new(proof)));
        // Not before: to move a box ends the pointers that were made of it.
        proofs.last().map_or(ptr::null(), |proof| &raw const **proof)
    }
}

/// What was seen. Lives as long as the opened letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_report(opened: *const mailseal_opened) -> *const mailseal_report {
    answer(ptr::null(), |call| Some(&raw const *borrowed!(call, opened).ok()?.report))
}

/// How a letter of a mailbox was read: all that is said, is said of it in this reading. 0 of every other letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_reading(opened: *const mailseal_opened) -> mailseal_reading {
    answer(MAILSEAL_READING_NONE, |call| Some(borrowed!(call, opened).ok()?.reading))
}

/// Whether there is a payload: something that can be written. There is none where a layer around the letter stayed
/// encrypted; why, `mailseal_layer_decryption` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_has_payload(opened: *const mailseal_opened) -> bool {
    answer(false, |call| Some(borrowed!(call, opened).ok()?.opened.payload().is_some()))
}

/// Writes the payload, octet for octet as it was checked: what the layers of the letter wrap, header and body of one
/// entity; of a letter without a layer, the letter. Says nothing about whether any signature held. Without a payload it
/// is misuse, and not an octet is written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_write(
    opened: *const mailseal_opened,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let output = taken!(output);
        let opened = borrowed!(call, opened)?;
        let output = output?;
        let payload = opened
            .opened
            .payload()
            .ok_or_else(|| Failure::misuse("there is no payload: it stayed encrypted"))?;
        output.deliver(
            payload,
            |payload, path| payload.save(path),
            |payload, stream| payload.write(stream),
        )?;
        Ok(MAILSEAL_OK)
    })
}

/// Writes the letter as it was received, with the verdict on top as an Authentication-Results field (RFC 8601), and
/// without those that speak in the same name: they are forged. All else is the same octet for octet. The verdict is that
/// of this letter's report; `authserv_id` as for `mailseal_verdict_authentication_results`. What was opened by
/// `mailseal_opener_verify_detached` is no letter, and misuse.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_stamp(
    opened: *const mailseal_opened,
    verdict: *const mailseal_verdict,
    authserv_id: *const c_char,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let output = taken!(output);
        let opened = borrowed!(call, opened)?;
        let verdict = borrowed!(call, verdict)?;
        let output = output?;
        let name = text!(authserv_id)?;
        output.deliver(
            &*opened.opened,
            |letter, path| letter.stamp_file(verdict, name, path),
            |letter, stream| letter.stamp(verdict, name, stream),
        )?;
        Ok(MAILSEAL_OK)
    })
}

/// The letter if it is good and from that sender, otherwise NULL; `*err` is set on misuse only. The proof lives as long
/// as the opened letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_require(
    opened: *const mailseal_opened,
    policy: *const mailseal_policy,
    sender: *const c_char,
    err: *mut *mut mailseal_error,
) -> *const mailseal_verified {
    run(
        err,
        |_| ptr::null(),
        |call| {
            let opened = borrowed!(call, opened)?;
            let policy = borrowed!(call, policy)?;
            Ok(opened.require(policy, address(text!(sender)?)?))
        },
    )
}

/// How many certificates came with the letter: in its signatures, and in an Autocrypt header field. Nobody vouches for
/// them, and keeping them makes nobody trusted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_certificate_count(opened: *const mailseal_opened) -> usize {
    answer(0, |call| Some(borrowed!(call, opened).ok()?.opened.certificates().len()))
}

/// One of them; NULL where there is none of that number. Lives as long as the opened letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_certificate(
    opened: *const mailseal_opened,
    index: usize,
) -> *const mailseal_certificate {
    answer(ptr::null(), |call| {
        let opened = borrowed!(call, opened).ok()?;
        let all = opened.certificates.get_or_init(|| certificate::objects(opened.opened.certificates()));
        all.get(index).map(ptr::from_ref)
    })
}

/// Lets a memory learn from the letter: whom it is from, who signed it. To be called once for each letter, when it was
/// decided what it is worth. Nothing is learned from a letter whose signature is broken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_remember(
    opened: *const mailseal_opened,
    memory: *const mailseal_memory,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let opened = borrowed!(call, opened)?;
        opened.opened.remember(borrowed!(call, memory)?)?;
        Ok(MAILSEAL_OK)
    })
}

/// Frees it, and with it its report and proofs. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_opened_free(opened: *mut mailseal_opened) {
    freed!(opened);
}
