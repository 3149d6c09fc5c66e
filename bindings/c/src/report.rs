//! What was seen in a letter.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use mailseal_core::{Opened, Report};

use crate::boundary::answer;
use crate::buffer::{filled, mailseal_buffer};
use crate::handle::{Handle, Object};
use crate::layer::{Shell, mailseal_layer};
use crate::request::{Asked, mailseal_request};
use crate::signature::{One, mailseal_signature};

/// What was seen in a letter. What it is worth, a policy says. Lives as long as the opened letter.
pub struct mailseal_report {
    handle: Handle<Seen>,
}

object!(mailseal_report, Seen, 14);

pub(crate) struct Seen {
    opened: Arc<Opened<'static>>,
    layers: Box<[mailseal_layer]>,
    signatures: Box<[mailseal_signature]>,
    wants: Box<[mailseal_request]>,
}

impl Seen {
    pub(crate) fn new(opened: &Arc<Opened<'static>>) -> Self {
        let count = opened.report.signatures().count();
        let signatures = (0..count).map(|index| mailseal_signature::new(One::new(opened, index))).collect();
        let shells =
            opened.report.layers.iter().enumerate().map(|(index, layer)| Shell::new(opened, index, layer));
        let layers = shells.map(mailseal_layer::new).collect();
        let wants = opened.report.wants.iter().map(|want| mailseal_request::new(Asked::want(want))).collect();
        Self { opened: Arc::clone(opened), layers, signatures, wants }
    }

    pub(crate) fn report(&self) -> &Report {
        &self.opened.report
    }
}

/// All of it as JSON, on one line. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_json(report: *const mailseal_report) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_vec(borrowed!(call, report).ok()?.report()).ok()?;
        Some(filled(&json))
    })
}

/// What stands there in the JSON, by JSON Pointer (RFC 6901): `"/from/signed"`. Text as it is, anything else as JSON.
/// NULL where there is nothing. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_get(
    report: *const mailseal_report,
    pointer: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_value(borrowed!(call, report).ok()?.report()).ok()?;
        match json.pointer(text!(pointer).ok()?)? {
            serde_json::Value::String(text) => Some(filled(text.as_bytes())),
            other => Some(filled(other.to_string().as_bytes())),
        }
    })
}

/// How many layers of cryptography the letter has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_layer_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.layers.len()))
}

/// A layer, the outermost first; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_layer(
    report: *const mailseal_report,
    index: usize,
) -> *const mailseal_layer {
    answer(ptr::null(), |call| borrowed!(call, report).ok()?.layers.get(index).map(ptr::from_ref))
}

/// How many signatures there are in all layers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_signature_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.signatures.len()))
}

/// A signature, those of the outermost layer first; NULL where there is none of that number. Lives as long as the
/// report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_signature(
    report: *const mailseal_report,
    index: usize,
) -> *const mailseal_signature {
    answer(ptr::null(), |call| borrowed!(call, report).ok()?.signatures.get(index).map(ptr::from_ref))
}

/// How much was not fetched, and would have helped: issuers, CRLs, OCSP answers. For programs that must not wait while a
/// letter is looked at: fetch, give it to a context (`mailseal_context_add_certificates` for
/// `MAILSEAL_PURPOSE_AIA`, otherwise `mailseal_context_add_revocations`), and look again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_want_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.wants.len()))
}

/// What a fetch callback would have been asked; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_want(
    report: *const mailseal_report,
    index: usize,
) -> *const mailseal_request {
    answer(ptr::null(), |call| borrowed!(call, report).ok()?.wants.get(index).map(ptr::from_ref))
}
