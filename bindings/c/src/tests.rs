//! What C programs cannot make happen: panics inside; and what the compiler can hold: threads.

use std::cell::Cell;
use std::ffi::CStr;
use std::ptr;

use crate::buffer::mailseal_buffer;
use crate::composer::mailseal_composer;
use crate::context::*;
use crate::error::*;
use crate::evidence::mailseal_evidence;
use crate::handle::{Handle, Object};
use crate::input::*;
use crate::key::mailseal_key;
use crate::opened::*;
use crate::opener::*;
use crate::output::mailseal_output;
use crate::policy::*;
use crate::prepared::mailseal_prepared;
use crate::report::mailseal_report;
use crate::signature::mailseal_signature;
use crate::status::*;
use crate::trust_store::*;
use crate::verdict::*;
use crate::verified::mailseal_verified;

thread_local! {
    /// The next exports of this thread panic after their work.
    pub(crate) static PANIC: Cell<bool> = const { Cell::new(false) };
}

fn panicking<T>(call: impl FnOnce() -> T) -> T {
    PANIC.set(true);
    let value = call();
    PANIC.set(false);
    value
}

/// A panic ends at the boundary, says so, and poisons what it was in.
#[test]
fn g3_a_panic_is_a_status_and_poisons_the_object() {
    let mut err = ptr::null_mut();
    let trust = mailseal_trust_store_new();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let cx = mailseal_context_new(trust);
        let opener = mailseal_opener_new(cx);
        let name = c"depth".as_ptr();
        let status = panicking(|| mailseal_context_set_limit(cx, name, 3, &mut err));
        assert_eq!(status, MAILSEAL_ERROR_PANIC);
        assert_eq!(mailseal_error_status(err), MAILSEAL_ERROR_PANIC);
        assert_eq!(CStr::from_ptr(mailseal_error_message(err)), c"mailseal panicked: a test wants it");
        mailseal_error_free(err);
        assert_eq!(mailseal_context_set_limit(cx, name, 3, ptr::null_mut()), MAILSEAL_ERROR_BAD_HANDLE);
        assert!(mailseal_opener_new(cx).is_null());
        mailseal_context_free(cx);

        // Functions without an error answer as of NULL; freeing never fails.
        let verdict = panicking(|| mailseal_policy_standard());
        assert!(verdict.is_null());
        let policy = mailseal_policy_standard();
        assert!(panicking(|| mailseal_policy_judge(policy, ptr::null())).is_null());
        panicking(|| mailseal_policy_free(policy));
        let opened = panicking(|| {
            mailseal_verify(opener, ptr::null_mut(), ptr::null(), ptr::null(), 0, ptr::null_mut(), &mut err)
        });
        assert!(opened.is_null());
        assert_eq!(mailseal_error_status(err), MAILSEAL_ERROR_PANIC);
        mailseal_error_free(err);
        mailseal_opener_free(opener);
        mailseal_trust_store_free(trust);
    }
}

/// G4: a recipe is shared as it is, without a lock of the program's own.
#[test]
fn g4_many_threads_use_one_opener() {
    let trust = mailseal_trust_store_new();
    // SAFETY: all pointers are those of the library, or NULL; nothing is freed before the threads have ended.
    let (opener, policy) = unsafe {
        let cx = mailseal_context_new(trust);
        let opener = mailseal_opener_new(cx);
        mailseal_context_free(cx);
        mailseal_trust_store_free(trust);
        (opener.expose_provenance(), mailseal_policy_standard().expose_provenance())
    };
    let work = || {
        for _ in 0..200 {
            let mut opened = ptr::null_mut();
            let letter = b"From: a@b.example\r\n\r\nHello\r\n";
            // SAFETY: as above.
            unsafe {
                let input = mailseal_input_memory(letter.as_ptr(), letter.len());
                let opener = ptr::with_exposed_provenance(opener);
                assert_eq!(
                    mailseal_opener_open(opener, input, 0, &mut opened, ptr::null_mut()),
                    MAILSEAL_OPENED
                );
                let policy = ptr::with_exposed_provenance(policy);
                let verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
                mailseal_opened_free(opened);
                assert_eq!(mailseal_verdict_reason_count(verdict), 1);
                mailseal_verdict_free(verdict);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(work);
        }
    });
    // SAFETY: as above; the threads have ended.
    unsafe {
        mailseal_opener_free(ptr::with_exposed_provenance_mut(opener));
        mailseal_policy_free(ptr::with_exposed_provenance_mut(policy));
    }
}

/// G4: what the table of include/README.md says of threads.
#[test]
fn g4_objects_may_be_shared() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Handle<<mailseal_context as Object>::State>>();
    shared::<Handle<<mailseal_trust_store as Object>::State>>();
    shared::<Handle<<mailseal_key as Object>::State>>();
    shared::<Handle<<mailseal_composer as Object>::State>>();
    shared::<Handle<<mailseal_prepared as Object>::State>>();
    shared::<Handle<<mailseal_opener as Object>::State>>();
    shared::<Handle<<mailseal_opened as Object>::State>>();
    shared::<Handle<<mailseal_report as Object>::State>>();
    shared::<Handle<<mailseal_verified as Object>::State>>();
    shared::<Handle<<mailseal_signature as Object>::State>>();
    shared::<Handle<<mailseal_evidence as Object>::State>>();
    shared::<Handle<<mailseal_policy as Object>::State>>();
    shared::<Handle<<mailseal_verdict as Object>::State>>();
    shared::<Handle<<mailseal_error as Object>::State>>();
    shared::<Handle<<mailseal_buffer as Object>::State>>();
    sent::<Handle<<mailseal_input as Object>::State>>();
    sent::<Handle<<mailseal_output as Object>::State>>();
}
