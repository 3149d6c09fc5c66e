//! What a callback is asked.

use std::ptr;

use mailseal_core::{PasswordRequest, PasswordSource, Secret};

use crate::boundary::answer;
use crate::buffer::{Octets, mailseal_buffer};
use crate::callback::{Userdata, mailseal_password_callback};
use crate::handle::{Handle, Object};
use crate::slice::mailseal_slice;
use crate::status::MAILSEAL_OK;

/// What a password is asked for. Lives until the callback returns.
pub struct mailseal_request {
    handle: Handle<PasswordRequest>,
}

object!(mailseal_request, PasswordRequest, 3);

/// What is to be unlocked, in English. Lives as long as the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_subject(request: *const mailseal_request) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, request).ok()?.subject.as_bytes()))
    })
}

/// How often it was asked for before: 0 the first time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_request_attempt(request: *const mailseal_request) -> u32 {
    answer(0, |call| Some(borrowed!(call, request).ok()?.attempt))
}

/// A program that knows passwords.
pub(crate) struct Asker {
    pub(crate) callback: mailseal_password_callback,
    pub(crate) userdata: Userdata,
}

impl PasswordSource for Asker {
    fn password(&self, request: &PasswordRequest) -> Option<Secret> {
        let callback = self.callback?;
        let request = mailseal_request::new(request.clone());
        let octets = Octets::default();
        let mut password = mailseal_buffer::new(octets.clone());
        // SAFETY: the program gave the function for this; both objects outlive the call.
        let status = unsafe { callback(self.userdata.pointer(), &request, ptr::from_mut(&mut password)) };
        let secret = Secret::from(octets.take());
        (status == MAILSEAL_OK).then_some(secret)
    }
}
