//! What C programs cannot make happen: panics inside; and what the compiler can hold: threads.

use std::cell::Cell;
use std::ffi::CStr;
use std::ptr;

use crate::archive::*;
use crate::buffer::*;
use crate::cancel::*;
use crate::certificate::*;
use crate::composer::*;
use crate::context::*;
use crate::error::*;
use crate::evidence::*;
use crate::finding::*;
use crate::input::*;
use crate::key::*;
use crate::layer::*;
use crate::made_key::*;
use crate::mailbox::*;
use crate::memory::mailseal_memory_open;
use crate::new_key::*;
use crate::opened::*;
use crate::opener::*;
use crate::output::mailseal_output_buffer;
use crate::part::*;
use crate::plan::*;
use crate::policy::*;
use crate::report::*;
use crate::request::*;
use crate::signature::*;
use crate::status::*;
use crate::stored_message::*;
use crate::trust_store::*;
use crate::verdict::*;

mod every;

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

/// The same of a call with something that is made without a panic.
fn with<A, T>(argument: A, call: impl FnOnce(A) -> T) -> T {
    panicking(|| call(argument))
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
        let message = CStr::from_ptr(mailseal_error_message(err)).to_str().unwrap_or_default();
        assert!(message.starts_with("mailseal panicked: a test wants it at "), "{message}");
        assert!(message.contains("boundary.rs:"), "{message}");
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

/// A status is that of the panic, and the error says so.
fn panicked(call: impl FnOnce(*mut *mut mailseal_error) -> mailseal_status) {
    let mut err = ptr::null_mut();
    assert_eq!(panicking(|| call(&mut err)), MAILSEAL_ERROR_PANIC);
    // SAFETY: the pointer is that of the library.
    unsafe {
        assert_eq!(mailseal_error_status(err), MAILSEAL_ERROR_PANIC);
        mailseal_error_free(err);
    }
}

const DRAFT: &[u8] = b"From: a@b.example\r\nTo: dave@example.net\r\n\r\nHello\r\n";

/// The same for all that encrypts.
#[test]
fn g3_a_panic_while_encrypting_is_a_status() {
    let trust = mailseal_trust_store_new();
    let policy = mailseal_policy_standard();
    let name = c"dave@example.net".as_ptr();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let cx = mailseal_context_new(trust);
        let draft = || mailseal_input_memory(DRAFT.as_ptr(), DRAFT.len());
        let composer = || mailseal_composer_new(cx);
        let calls: [fn(_, _) -> _; 3] = [
            |composer, err| mailseal_composer_triple_wrap(composer, true, err),
            |composer, err| mailseal_composer_cipher(composer, c"AES-256-GCM".as_ptr(), err),
            |composer, err| {
                mailseal_composer_encrypt_to(composer, mailseal_input_memory(ptr::null(), 0), err)
            },
        ];
        for call in calls {
            let composer = composer();
            panicked(|err| call(composer, err));
            let again = mailseal_composer_triple_wrap(composer, true, ptr::null_mut());
            assert_eq!(again, MAILSEAL_ERROR_BAD_HANDLE);
            mailseal_composer_free(composer);
        }
        let plan = || {
            let mut plan = ptr::null_mut();
            let made = mailseal_plan_new(cx, draft(), policy, 0, &mut plan, ptr::null_mut());
            assert_eq!(made, MAILSEAL_OK);
            plan
        };
        let calls: [fn(_, _, _) -> _; 3] = [
            |plan, name, err| mailseal_plan_remove(plan, name, err),
            |plan, name, err| mailseal_plan_accept(plan, name, name, err),
            |plan, _, err| mailseal_plan_copy_to_sender(plan, err),
        ];
        for call in calls {
            let plan = plan();
            panicked(|err| call(plan, name, err));
            assert_eq!(mailseal_plan_remove(plan, name, ptr::null_mut()), MAILSEAL_ERROR_BAD_HANDLE);
            assert_eq!(mailseal_plan_unreachable_count(plan), 0);
            mailseal_plan_free(plan);
        }
        let (one, sender, buffer) = (plan(), composer(), mailseal_buffer_new());
        let output = mailseal_output_buffer(buffer);
        panicked(|err| mailseal_plan_compose(one, 0, sender, draft(), 0, output, err));
        mailseal_plan_free(one);
        mailseal_composer_free(sender);
        assert_eq!(mailseal_buffer_length(buffer), 0);
        mailseal_buffer_free(buffer);
        for count in [mailseal_plan_unreachable_count, mailseal_plan_group_count] {
            let plan = plan();
            assert_eq!(panicking(|| count(plan)), 0);
            mailseal_plan_free(plan);
        }
        for text in [mailseal_plan_unreachable_mailbox, mailseal_plan_unreachable_reason] {
            let plan = plan();
            assert!(panicking(|| text(plan, 0)).data.is_null());
            mailseal_plan_free(plan);
        }
        let plan = plan();
        assert_eq!(panicking(|| mailseal_plan_group_mailbox_count(plan, 0)), 0);
        assert!(panicking(|| mailseal_plan_group_mailbox(plan, 0, 0)).data.is_null());
        assert!(panicking(|| mailseal_plan_text(plan, c"en".as_ptr())).is_null());
        assert!(panicking(|| mailseal_plan_json(plan, c"en".as_ptr())).is_null());
        assert_eq!(panicking(|| mailseal_plan_autocrypt(plan, true, true)), 0);
        mailseal_plan_free(plan);
        let mut made = ptr::null_mut();
        panicked(|err| mailseal_plan_new(cx, draft(), policy, 0, &mut made, err));
        mailseal_plan_free(made);
        mailseal_context_free(cx);
        mailseal_policy_free(policy);
        mailseal_trust_store_free(trust);
    }
}

const SEALED: &[u8] = b"From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b--\r\n";

/// The same for all that opens.
#[test]
fn g3_a_panic_while_opening_is_a_status() {
    let trust = mailseal_trust_store_new();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let cx = mailseal_context_new(trust);
        let sealed = || mailseal_input_memory(SEALED.as_ptr(), SEALED.len());
        let mut opened = ptr::null_mut();
        let calls: [fn(_, _) -> _; 3] = [
            |opener, err| mailseal_opener_add_key(opener, ptr::null(), err),
            |opener, err| mailseal_opener_set_password(opener, None, ptr::null_mut(), None, err),
            |opener, err| {
                let input = mailseal_input_memory(SEALED.as_ptr(), SEALED.len());
                mailseal_opener_open_part(opener, input, c"0".as_ptr(), 0, ptr::null_mut(), err)
            },
        ];
        for call in calls {
            let opener = mailseal_opener_new(cx);
            panicked(|err| call(opener, err));
            let again = mailseal_opener_open(opener, sealed(), 0, &mut opened, ptr::null_mut());
            assert_eq!(again, MAILSEAL_ERROR_BAD_HANDLE);
            mailseal_opener_free(opener);
        }
        let opener = mailseal_opener_new(cx);
        let layer = || {
            let mut opened = ptr::null_mut();
            let looked = mailseal_opener_open(opener, sealed(), 0, &mut opened, ptr::null_mut());
            assert_eq!(looked, MAILSEAL_OPENED);
            (opened, mailseal_report_layer(mailseal_opened_report(opened), 0))
        };
        let zero = |call: &dyn Fn(*const mailseal_layer) -> bool| {
            let (opened, layer) = layer();
            assert!(panicking(|| call(layer)));
            assert_eq!(mailseal_layer_kind(layer), MAILSEAL_LAYER_UNKNOWN, "poisoned");
            mailseal_opened_free(opened);
        };
        zero(&|layer| mailseal_layer_kind(layer) == MAILSEAL_LAYER_UNKNOWN);
        zero(&|layer| CStr::from_ptr(mailseal_layer_part(layer)).is_empty());
        zero(&|layer| mailseal_layer_protocol(layer).data.is_null());
        zero(&|layer| !mailseal_layer_is_envelope(layer));
        zero(&|layer| mailseal_layer_decryption(layer) == MAILSEAL_DECRYPTION_NOT_TRIED);
        zero(&|layer| mailseal_layer_cipher(layer).data.is_null());
        zero(&|layer| !mailseal_layer_is_authenticated(layer));
        zero(&|layer| mailseal_layer_opened_by_fingerprint(layer).data.is_null());
        zero(&|layer| mailseal_layer_opened_by_mailbox_count(layer) == 0);
        zero(&|layer| mailseal_layer_opened_by_mailbox(layer, 0).data.is_null());
        zero(&|layer| !mailseal_layer_opened_by_is_old(layer));
        zero(&|layer| mailseal_layer_recipient_count(layer) == 0);
        zero(&|layer| mailseal_layer_recipient_kind(layer, 0) == MAILSEAL_RECIPIENT_OTHER);
        zero(&|layer| mailseal_layer_recipient_name(layer, 0).data.is_null());
        zero(&|layer| mailseal_layer_recipient_algorithm(layer, 0).data.is_null());
        let (opened, _) = layer();
        let policy = mailseal_policy_standard();
        let verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
        assert!(!panicking(|| mailseal_verdict_may_load_remote(verdict)));
        assert!(!panicking(|| mailseal_policy_lets_unsigned_pass(policy)));
        assert!(panicking(|| mailseal_report_layer(mailseal_opened_report(opened), 0)).is_null());
        mailseal_opened_free(opened);
        mailseal_verdict_free(verdict);
        mailseal_policy_free(policy);
        mailseal_opener_free(opener);
        mailseal_context_free(cx);
        mailseal_trust_store_free(trust);
    }
}

/// The same for all that says whom to believe.
#[test]
fn g3_a_panic_about_trust_is_a_status() {
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let root = c"3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10".as_ptr();
        let pin = |trust, err| mailseal_trust_store_pin(trust, c"a@b.example".as_ptr(), root, err);
        let web = |trust, err| mailseal_trust_store_add_web_of_trust_root(trust, root, 120, err);
        let list = |trust, err| mailseal_trust_store_add_email_roots(trust, c"any".as_ptr(), err);
        let calls: [&dyn Fn(_, _) -> _; 3] = [&pin, &web, &list];
        for call in calls {
            let trust = mailseal_trust_store_new();
            panicked(|err| call(trust, err));
            assert_eq!(call(trust, ptr::null_mut()), MAILSEAL_ERROR_BAD_HANDLE);
            mailseal_trust_store_free(trust);
        }
        let trust = mailseal_trust_store_new();
        let crl = include_bytes!("../../../examples/letters/strict-ca.crl");
        let crl = || mailseal_input_memory(crl.as_ptr(), crl.len());
        let given = |cx, err| mailseal_context_add_revocations(cx, crl(), err);
        let fetched = |cx, err| mailseal_context_set_fetcher(cx, Some(refuse), ptr::null_mut(), None, err);
        let calls: [&dyn Fn(_, _) -> _; 2] = [&given, &fetched];
        for call in calls {
            let cx = mailseal_context_new(trust);
            assert_eq!(call(cx, ptr::null_mut()), MAILSEAL_OK);
            panicked(|err| call(cx, err));
            assert!(mailseal_opener_new(cx).is_null());
            mailseal_context_free(cx);
        }
        mailseal_trust_store_free(trust);
        panicked(|err| {
            let input = mailseal_input_memory(ptr::null(), 0);
            mailseal_key_external_decryption(input, None, ptr::null_mut(), None, ptr::null_mut(), err)
        });
    }
}

unsafe extern "C" fn refuse(
    _: *mut std::ffi::c_void,
    request: *const mailseal_request,
    _: *mut mailseal_buffer,
) -> i32 {
    // SAFETY: the library gives a request that lives until this returns.
    match panicking(|| unsafe { mailseal_request_url(request) }).data.is_null() {
        true => MAILSEAL_DECLINED,
        false => MAILSEAL_OK,
    }
}

/// The accessors of a request and of a report's wants; a panic in a callback's accessor stays there.
#[test]
fn g3_a_panic_about_a_path_is_nothing() {
    let trust = mailseal_trust_store_new();
    let (ca, eve) = (
        include_bytes!("../../../examples/letters/strict-ca.pem"),
        include_bytes!("../../../examples/letters/eve-revoked.eml"),
    );
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let anchors = mailseal_input_memory(ca.as_ptr(), ca.len());
        let added = mailseal_trust_store_add_anchors(trust, anchors, c"any".as_ptr(), ptr::null_mut());
        assert_eq!(added, MAILSEAL_OK);
        let cx = mailseal_context_new(trust);
        let set = mailseal_context_set_fetcher(cx, Some(refuse), ptr::null_mut(), None, ptr::null_mut());
        assert_eq!(set, MAILSEAL_OK);
        let opener = mailseal_opener_new(cx);
        let mut all = Vec::new();
        let mut open = || {
            let mut opened = ptr::null_mut();
            let letter = mailseal_input_memory(eve.as_ptr(), eve.len());
            let looked = mailseal_opener_open(opener, letter, 1_800_000_000, &mut opened, ptr::null_mut());
            assert_eq!(looked, MAILSEAL_OPENED);
            all.push(opened);
            mailseal_opened_report(opened)
        };
        let empty = |slice: crate::slice::mailseal_slice| slice.data.is_null();
        assert_eq!(with(open(), |it| mailseal_report_want_count(it)), 0);
        assert!(with(open(), |it| mailseal_report_want(it, 0)).is_null());
        let mut want = || mailseal_report_want(open(), 0);
        assert_eq!(mailseal_request_purpose(want()), MAILSEAL_PURPOSE_CRL);
        assert!(mailseal_request_max_bytes(want()) > 0 && !empty(mailseal_request_url(want())));
        assert_eq!(with(want(), |it| mailseal_request_purpose(it)), MAILSEAL_PURPOSE_NONE);
        assert_eq!(with(want(), |it| mailseal_request_max_bytes(it)), 0);
        assert_eq!(with(want(), |it| mailseal_request_attempt(it)), 0);
        assert!(empty(with(want(), |it| mailseal_request_body(it))));
        assert!(empty(with(want(), |it| mailseal_request_subject(it))));
        let mut path = || mailseal_signature_evidence(mailseal_report_signature(open(), 0), 0);
        assert_eq!(mailseal_evidence_step_count(path()), 2);
        assert_eq!(with(path(), |it| mailseal_evidence_step_count(it)), 0);
        assert!(empty(with(path(), |it| mailseal_evidence_step_text(it, 0, c"en".as_ptr()))));
        assert!(empty(with(path(), |it| mailseal_evidence_step_fingerprint(it, 0))));
        all.into_iter().for_each(|opened| mailseal_opened_free(opened));
        mailseal_opener_free(opener);
        mailseal_context_free(cx);
        mailseal_trust_store_free(trust);
    }
}

/// The same for parts, findings, certificates, memory, archives: all that answers, answers as of NULL, and is poisoned.
#[test]
fn g3_a_panic_about_the_rest_is_nothing() {
    let empty = |slice: crate::slice::mailseal_slice| slice.data.is_null();
    let text = |text: *const std::ffi::c_char| {
        // SAFETY: the library gives text that ends in a zero octet.
        unsafe { CStr::from_ptr(text) }.is_empty()
    };
    let none = |range: mailseal_range| (range.start, range.end) == (0, 0);
    let trust = mailseal_trust_store_new();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let cx = mailseal_context_new(trust);
        let opener = mailseal_opener_new(cx);
        let eve = include_bytes!("../../../examples/letters/eve-revoked.eml");
        let open = || {
            let mut opened = ptr::null_mut();
            let letter = mailseal_input_memory(eve.as_ptr(), eve.len());
            let looked = mailseal_opener_open(opener, letter, 1_800_000_000, &mut opened, ptr::null_mut());
            assert_eq!(looked, MAILSEAL_OPENED);
            opened
        };
        let report = |call: &dyn Fn(*const mailseal_report) -> bool| {
            let opened = open();
            let report = mailseal_opened_report(opened);
            assert!(panicking(|| call(report)));
            assert_eq!(mailseal_report_part_count(report), 0, "poisoned");
            mailseal_opened_free(opened);
        };
        report(&|it| mailseal_report_part_count(it) == 0);
        report(&|it| mailseal_report_part(it, 0).is_null());
        report(&|it| mailseal_report_part_at(it, c"0".as_ptr()).is_null());
        report(&|it| text(mailseal_report_payload(it)));
        report(&|it| mailseal_report_uncovered_count(it) == 0 && mailseal_report_uncovered(it, 0).is_null());
        report(&|it| mailseal_report_finding_count(it) == 0 && mailseal_report_finding(it, 0).is_null());
        report(&|it| mailseal_report_header(it, c"From".as_ptr()) == MAILSEAL_HEADER_UNPROTECTED);
        report(&|it| mailseal_report_from_count(it) == 0 && empty(mailseal_report_from(it, 0)));
        let part = |call: &dyn Fn(*const mailseal_part) -> bool| {
            let opened = open();
            let part = mailseal_report_part(mailseal_opened_report(opened), 0);
            assert!(!empty(mailseal_part_media_type(part)));
            assert!(panicking(|| call(part)));
            assert!(empty(mailseal_part_media_type(part)), "poisoned");
            mailseal_opened_free(opened);
        };
        part(&|it| text(mailseal_part_path(it)));
        part(&|it| text(mailseal_part_content(it)));
        part(&|it| empty(mailseal_part_media_type(it)) && empty(mailseal_part_charset(it)));
        part(&|it| empty(mailseal_part_file_name(it)) && empty(mailseal_part_encoding(it)));
        part(&|it| empty(mailseal_part_looks_like(it)) && mailseal_part_lines(it) == 0);
        part(&|it| none(mailseal_part_header(it)) && none(mailseal_part_body(it)));
        part(&|it| !mailseal_part_is_signed(it) && !mailseal_part_is_encrypted(it));
        part(&|it| mailseal_part_layer_count(it) == 0 && mailseal_part_layer(it, 0).is_null());
        let finding = |call: &dyn Fn(*const mailseal_finding) -> bool| {
            let opened = open();
            let finding =
                mailseal_signature_finding(mailseal_report_signature(mailseal_opened_report(opened), 0), 0);
            assert_ne!(mailseal_finding_severity(finding), MAILSEAL_SEVERITY_NONE);
            assert!(panicking(|| call(finding)));
            assert_eq!(mailseal_finding_severity(finding), MAILSEAL_SEVERITY_NONE, "poisoned");
            mailseal_opened_free(opened);
        };
        finding(&|it| empty(mailseal_finding_code(it)) && empty(mailseal_finding_detail(it)));
        finding(&|it| text(mailseal_finding_part(it)));
        finding(&|it| mailseal_finding_severity(it) == MAILSEAL_SEVERITY_NONE);
        finding(&|it| mailseal_finding_text(it, c"en".as_ptr()).is_null());
        let certificate = |call: &dyn Fn(*const mailseal_certificate) -> bool| {
            let opened = open();
            let certificate = mailseal_opened_certificate(opened, 0);
            assert!(!empty(mailseal_certificate_fingerprint(certificate)));
            assert!(panicking(|| call(certificate)));
            assert!(empty(mailseal_certificate_fingerprint(certificate)), "poisoned");
            mailseal_opened_free(opened);
        };
        certificate(&|it| {
            empty(mailseal_certificate_fingerprint(it)) && empty(mailseal_certificate_protocol(it))
        });
        certificate(&|it| {
            mailseal_certificate_other_count(it) == 0 && mailseal_certificate_other(it, 0).is_null()
        });
        certificate(&|it| mailseal_certificate_name(it, 0).is_null());
        certificate(&|it| mailseal_certificate_mailboxes(it, 0).is_null());
        certificate(&|it| {
            mailseal_certificate_octets(it).is_null() && mailseal_certificate_json(it, 0).is_null()
        });
        certificate(&|it| {
            mailseal_certificate_not_before(it, 0) == 0 && mailseal_certificate_not_after(it, 0) == 0
        });
        let opened = open();
        assert_eq!(panicking(|| mailseal_opened_certificate_count(opened)), 0);
        mailseal_opened_free(opened);
        let name = c"smart-card:1".as_ptr();
        let nothing = || mailseal_input_memory(ptr::null(), 0);
        let mut made = ptr::null_mut();
        panicked(|err| mailseal_key_open(name, nothing(), None, ptr::null_mut(), None, &mut made, err));
        panicked(|err| {
            mailseal_opener_add_named_keys(opener, name, nothing(), None, ptr::null_mut(), None, err)
        });
        mailseal_opener_free(opener);
        let path = c"/no/such".as_ptr();
        panicked(|err| mailseal_trust_store_open(path, &mut ptr::null_mut(), err));
        panicked(|err| mailseal_memory_open(path, 0, &mut ptr::null_mut(), err));
        panicked(|err| mailseal_certificate_load(nothing(), &mut ptr::null_mut(), err));
        let policy = mailseal_policy_standard();
        panicked(|err| mailseal_archive_check(path, policy, &mut ptr::null_mut(), err));
        mailseal_policy_free(policy);
        let calls: [unsafe extern "C" fn(_, _, _) -> _; 3] =
            [mailseal_context_add_cert_d, mailseal_context_add_gnupg_home, mailseal_context_set_http_fetcher];
        for call in calls {
            let cx = mailseal_context_new(trust);
            panicked(|err| call(cx, path, err));
            assert_eq!(
                mailseal_context_set_limit(cx, c"depth".as_ptr(), 3, ptr::null_mut()),
                MAILSEAL_ERROR_BAD_HANDLE
            );
            mailseal_context_free(cx);
        }
        mailseal_context_free(cx);
        mailseal_trust_store_free(trust);
    }
}

/// The same for new keys.
#[test]
fn g3_a_panic_about_a_new_key_is_a_status() {
    let alice = c"alice@example.org".as_ptr();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let recipe = || {
            let mut new_key = ptr::null_mut();
            let name = c"S/MIME".as_ptr();
            assert_eq!(mailseal_new_key_new(name, &mut new_key, ptr::null_mut()), MAILSEAL_OK);
            assert_eq!(mailseal_new_key_add_address(new_key, alice, ptr::null_mut()), MAILSEAL_OK);
            new_key
        };
        let make = |new_key, err| {
            let mut made = ptr::null_mut();
            let status = mailseal_new_key_make(new_key, ptr::null(), 0, &mut made, err);
            PANIC.set(false);
            mailseal_made_key_free(made);
            status
        };
        let calls: [&dyn Fn(_, _) -> _; 7] = [
            &|it, err| mailseal_new_key_add_address(it, alice, err),
            &|it, err| mailseal_new_key_set_name(it, alice, err),
            &|it, err| mailseal_new_key_set_algorithm(it, c"p-384".as_ptr(), err),
            &|it, err| mailseal_new_key_set_expires(it, i64::MAX, err),
            &|it, err| mailseal_new_key_version_6(it, err),
            &|it, err| mailseal_new_key_self_signed(it, err),
            &|it, err| make(it, err),
        ];
        for call in calls {
            let new_key = recipe();
            panicked(|err| call(new_key, err));
            assert_eq!(make(new_key, ptr::null_mut()), MAILSEAL_ERROR_BAD_HANDLE);
            mailseal_new_key_free(new_key);
        }
        let mut made = ptr::null_mut();
        panicked(|err| mailseal_new_key_new(c"S/MIME".as_ptr(), &mut made, err));
        mailseal_new_key_free(made);
        let slices: [unsafe extern "C" fn(_) -> _; 4] = [
            mailseal_made_key_key,
            mailseal_made_key_certificate,
            mailseal_made_key_request,
            mailseal_made_key_revocation,
        ];
        for slice in slices {
            let (new_key, mut made) = (recipe(), ptr::null_mut());
            let status = mailseal_new_key_make(new_key, ptr::null(), 0, &mut made, ptr::null_mut());
            assert_eq!(status, MAILSEAL_OK);
            assert!(!mailseal_made_key_key(made).data.is_null());
            assert!(panicking(|| slice(made)).data.is_null());
            assert!(mailseal_made_key_key(made).data.is_null(), "poisoned");
            mailseal_made_key_free(made);
            mailseal_new_key_free(new_key);
        }
    }
}

/// The same for mailboxes.
#[test]
fn g3_a_panic_about_a_mailbox_is_a_status() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/letters\0");
    let folder = folder.as_ptr().cast();
    let trust = mailseal_trust_store_new();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let cx = mailseal_context_new(trust);
        let opener = mailseal_opener_new(cx);
        let (mut mailbox, mut made) = (ptr::null_mut(), ptr::null_mut());
        assert_eq!(mailseal_mailbox_open(folder, &mut mailbox, ptr::null_mut()), MAILSEAL_OK);
        let letter = || {
            let mut letter = ptr::null_mut();
            assert_eq!(mailseal_mailbox_next(mailbox, &mut letter, ptr::null_mut()), MAILSEAL_OK);
            assert_ne!(mailseal_stored_message_length(letter), 0);
            letter
        };
        let open = |it, err| {
            let mut opened = ptr::null_mut();
            let status = mailseal_stored_message_open(it, opener, 0, &mut opened, err);
            PANIC.set(false);
            mailseal_opened_free(opened);
            status
        };
        let zero: [&dyn Fn(_) -> bool; 3] = [
            &|it| mailseal_stored_message_path(it).data.is_null(),
            &|it| mailseal_stored_message_length(it) == 0,
            &|it| mailseal_stored_message_number(it) == 0,
        ];
        for call in zero {
            let letter = letter();
            assert!(panicking(|| call(letter)));
            assert_eq!(open(letter, ptr::null_mut()), MAILSEAL_ERROR_BAD_HANDLE);
            mailseal_stored_message_free(letter);
        }
        let letter = letter();
        let mut opened = ptr::null_mut();
        let status = mailseal_stored_message_open(letter, opener, 0, &mut opened, ptr::null_mut());
        assert_eq!(status, MAILSEAL_OPENED);
        assert_eq!(mailseal_opened_reading(opened), MAILSEAL_READING_AS_IT_LIES);
        assert_eq!(panicking(|| mailseal_opened_reading(opened)), MAILSEAL_READING_NONE);
        mailseal_opened_free(opened);
        panicked(|err| open(letter, err));
        assert_eq!(mailseal_stored_message_length(letter), 0, "poisoned");
        mailseal_stored_message_free(letter);
        let mut other = ptr::null_mut();
        panicked(|err| mailseal_mailbox_open(folder, &mut other, err));
        mailseal_mailbox_free(other);
        panicked(|err| mailseal_mailbox_next(mailbox, &mut made, err));
        let again = mailseal_mailbox_next(mailbox, &mut made, ptr::null_mut());
        assert_eq!(again, MAILSEAL_ERROR_BAD_HANDLE);
        mailseal_stored_message_free(made);
        mailseal_mailbox_free(mailbox);
        mailseal_opener_free(opener);
        mailseal_context_free(cx);
        mailseal_trust_store_free(trust);
    }
}

/// The same for what comes with an input.
#[test]
fn g3_a_panic_with_an_input_is_a_status() {
    let cancel = mailseal_cancel_new();
    // SAFETY: all pointers are those of the library, or NULL.
    unsafe {
        let calls: [fn(_, _, _) -> _; 3] = [
            |input, _, err| mailseal_input_write(input, ptr::null(), 0, err),
            |input, cancel, err| mailseal_input_set_cancel(input, cancel, err),
            |input, _, err| mailseal_input_set_progress(input, Some(ignore), ptr::null_mut(), None, err),
        ];
        for call in calls {
            let (input, cancel) = (mailseal_input_push(), mailseal_cancel_new());
            assert_eq!(call(input, cancel, ptr::null_mut()), MAILSEAL_OK);
            panicked(|err| call(input, cancel, err));
            assert_eq!(call(input, cancel, ptr::null_mut()), MAILSEAL_ERROR_BAD_HANDLE);
            mailseal_input_free(input);
            mailseal_cancel_free(cancel);
        }
        assert!(panicking(|| mailseal_input_push()).is_null());
        assert!(panicking(|| mailseal_cancel_new()).is_null());
        mailseal_cancel_cancel(cancel);
        assert!(mailseal_cancel_is_cancelled(cancel));
        panicking(|| mailseal_cancel_cancel(cancel));
        assert!(!mailseal_cancel_is_cancelled(cancel), "poisoned");
        mailseal_cancel_free(cancel);
    }
}

unsafe extern "C" fn ignore(_: *mut std::ffi::c_void, _: u64, _: u64) {}

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
