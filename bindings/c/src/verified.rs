//! The proof that a letter is good, and from whom.

use std::sync::Arc;

use mailseal_core::mime::Address;
use mailseal_core::{Opened, Policy, Verified};

use crate::boundary::{Failure, answer, status};
use crate::error::mailseal_error;
use crate::handle::Handle;
use crate::output::mailseal_output;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// The proof that a letter is good, by a policy and from a sender that the program named. There is no other way to one
/// than `mailseal_verify` and `mailseal_opened_require`; "not verified" is NULL.
pub struct mailseal_verified {
    handle: Handle<Proof>,
}

object!(mailseal_verified, Proof, 13);

/// What a [`Verified`] can be had of again at any time: the same report by the same policy gives the same answer.
pub(crate) struct Proof {
    opened: Arc<Opened<'static>>,
    policy: Policy,
    sender: Address,
    text: String,
}

impl Proof {
    pub(crate) fn new(opened: &Arc<Opened<'static>>, policy: &Policy, sender: Address) -> Option<Self> {
        let verified = opened.require(policy, &sender)?;
        let text = verified.sender.to_string();
        Some(Self { opened: Arc::clone(opened), policy: policy.clone(), sender, text })
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        self.policy == other.policy && self.sender == other.sender
    }

    fn verified(&self) -> Result<Verified<'_, 'static>, Failure> {
        self.opened.require(&self.policy, &self.sender).ok_or_else(|| Failure::misuse("not verified"))
    }
}

/// From whom the letter is. Lives as long as the proof.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verified_sender(verified: *const mailseal_verified) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, verified).ok()?.text.as_bytes()))
    })
}

/// Writes the octets that were verified: header and body of one entity.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verified_write(
    verified: *const mailseal_verified,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let output = taken!(output);
        let letter = borrowed!(call, verified)?.verified()?;
        let save = |letter: Verified<'_, '_>, path: &std::path::Path| letter.payload.save(path);
        output?.deliver(letter, save, |letter, stream| letter.payload.write(stream))?;
        Ok(MAILSEAL_OK)
    })
}
