//! What was seen in a letter.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{Arc, OnceLock};

use mailseal_core::mime::PartPath;
use mailseal_core::report::{FieldProtection, ProtectedField};
use mailseal_core::{Opened, Report};

use crate::boundary::answer;
use crate::buffer::{filled, mailseal_buffer};
use crate::finding::{self, mailseal_finding};
use crate::handle::{Handle, Object};
use crate::layer::{Shell, mailseal_layer};
use crate::part::{Piece, mailseal_part};
use crate::request::{Asked, mailseal_request};
use crate::signature::{One, mailseal_signature};
use crate::slice::mailseal_slice;

/// What was seen in a letter. What it is worth, a policy says. Lives as long as the opened letter.
pub struct mailseal_report {
    handle: Handle<Seen>,
}

object!(mailseal_report, Seen, 14);

pub(crate) struct Seen {
    opened: Arc<Opened<'static>>,
    layers: Arc<[mailseal_layer]>,
    signatures: Box<[mailseal_signature]>,
    wants: Box<[mailseal_request]>,
    payload: Option<CString>,
    /// There may be ten thousand, and few programs ask.
    parts: OnceLock<Box<[mailseal_part]>>,
    findings: OnceLock<Box<[mailseal_finding]>>,
}

impl Seen {
    pub(crate) fn new(opened: &Arc<Opened<'static>>) -> Self {
        let count = opened.report.signatures().count();
        let signatures = (0..count).map(|index| mailseal_signature::new(One::new(opened, index))).collect();
        let shells =
            opened.report.layers.iter().enumerate().map(|(index, layer)| Shell::new(opened, index, layer));
        let layers = shells.map(mailseal_layer::new).collect();
        let wants = opened.report.wants.iter().map(|want| mailseal_request::new(Asked::want(want))).collect();
        let payload = opened.report.payload.as_ref().and_then(|part| CString::new(part.to_string()).ok());
        let (opened, parts, findings) = (Arc::clone(opened), OnceLock::new(), OnceLock::new());
        Self { opened, layers, signatures, wants, payload, parts, findings }
    }

    fn parts(&self) -> &[mailseal_part] {
        self.parts.get_or_init(|| {
            let parts = self.report().parts.iter().enumerate();
            let piece = |(index, part)| Piece::new(&self.opened, &self.layers, index, part);
            parts.map(piece).map(mailseal_part::new).collect()
        })
    }

    fn part(&self, path: &PartPath) -> Option<&mailseal_part> {
        let index = self.report().parts.iter().position(|part| part.part == *path)?;
        self.parts().get(index)
    }

    fn findings(&self) -> &[mailseal_finding] {
        self.findings.get_or_init(|| finding::objects(&self.report().findings))
    }

    pub(crate) fn report(&self) -> &Report {
        &self.opened.report
    }

    fn field(&self, index: usize) -> Option<&ProtectedField> {
        self.report().headers.fields.get(index)
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

/// How many parts could be seen, the letter itself among them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_part_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.report().parts.len()))
}

/// A part, those of the letter first, then those of the content of its layers; NULL where there is none of that number.
/// Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_part(
    report: *const mailseal_report,
    index: usize,
) -> *const mailseal_part {
    answer(ptr::null(), |call| borrowed!(call, report).ok()?.parts().get(index).map(ptr::from_ref))
}

/// The part at a place, such as `mailseal_layer_part`, `mailseal_finding_part` or `mailseal_part_content` name; NULL where
/// there is none. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_part_at(
    report: *const mailseal_report,
    path: *const c_char,
) -> *const mailseal_part {
    answer(ptr::null(), |call| {
        let report = borrowed!(call, report).ok()?;
        report.part(&text!(path).ok()?.parse().ok()?).map(ptr::from_ref)
    })
}

/// Where the payload stands that `mailseal_opened_write` writes: the octets of that part, header and body. Lives as long as
/// the report; empty where it stayed encrypted, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_payload(report: *const mailseal_report) -> *const c_char {
    answer(c"".as_ptr(), |call| Some(borrowed!(call, report).ok()?.payload.as_ref()?.as_ptr()))
}

/// How many leaf parts no signature covers, where the letter is signed at all.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_uncovered_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.report().uncovered.len()))
}

/// One of them; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_uncovered(
    report: *const mailseal_report,
    index: usize,
) -> *const mailseal_part {
    answer(ptr::null(), |call| {
        let report = borrowed!(call, report).ok()?;
        report.part(&report.report().uncovered.get(index)?.part).map(ptr::from_ref)
    })
}

/// How many observations there are on the letter as a whole; those on a layer or a signature are with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_finding_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.report().findings.len()))
}

/// One of them; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_finding(
    report: *const mailseal_report,
    index: usize,
) -> *const mailseal_finding {
    answer(ptr::null(), |call| borrowed!(call, report).ok()?.findings().get(index).map(ptr::from_ref))
}

/// What is known of a header field of the letter: one of `MAILSEAL_HEADER_...`.
pub type mailseal_header = i32;
/// Nothing protects it: anybody on the way may have written it.
pub const MAILSEAL_HEADER_UNPROTECTED: mailseal_header = 0;
/// A signed copy says the same (RFC 9788).
pub const MAILSEAL_HEADER_SIGNED: mailseal_header = 1;
/// Its true value is encrypted, in the header of the payload; outside stands less, or nothing.
pub const MAILSEAL_HEADER_HIDDEN: mailseal_header = 2;
/// The protected copy says something else: what stands outside is not what was written.
pub const MAILSEAL_HEADER_MISMATCHED: mailseal_header = 3;

/// What is known of the header field of that name, `"Subject"`, upper and lower case alike. 0 of NULL: unprotected.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_header(
    report: *const mailseal_report,
    name: *const c_char,
) -> mailseal_header {
    answer(MAILSEAL_HEADER_UNPROTECTED, |call| {
        let (report, name) = (borrowed!(call, report).ok()?, text!(name).ok()?);
        let headers = &report.report().headers;
        let has = |list: &[String]| list.iter().any(|one| one.eq_ignore_ascii_case(name));
        Some(match () {
            () if has(&headers.mismatched) => MAILSEAL_HEADER_MISMATCHED,
            () if has(&headers.hidden) => MAILSEAL_HEADER_HIDDEN,
            () if has(&headers.signed) => MAILSEAL_HEADER_SIGNED,
            () => MAILSEAL_HEADER_UNPROTECTED,
        })
    })
}

/// What protects a header field (RFC 9788 section 4.3): one of `MAILSEAL_FIELD_...`.
pub type mailseal_field_protection = i32;
/// Anybody on the way may have written it.
pub const MAILSEAL_FIELD_UNPROTECTED: mailseal_field_protection = 0;
/// Under an intact signature, and readable on the way.
pub const MAILSEAL_FIELD_SIGNED: mailseal_field_protection = 1;
/// Readable for the recipients only, and signed by nobody.
pub const MAILSEAL_FIELD_ENCRYPTED: mailseal_field_protection = 2;
/// Both.
pub const MAILSEAL_FIELD_SIGNED_AND_ENCRYPTED: mailseal_field_protection = 3;

/// How many header fields are known one by one: those that the payload has for the letter, in their order, and then those
/// that were added outside. None where the header is not protected at all: then there is the header of the letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_field_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.report().headers.fields.len()))
}

/// The name of one, `Subject`. Empty where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_field_name(
    report: *const mailseal_report,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, report).ok()?.field(index)?.name.as_bytes()))
    })
}

/// What protects it. 0 where there is none of that number: unprotected.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_field_protection(
    report: *const mailseal_report,
    index: usize,
) -> mailseal_field_protection {
    answer(MAILSEAL_FIELD_UNPROTECTED, |call| {
        Some(match borrowed!(call, report).ok()?.field(index)?.protection {
            FieldProtection::Signed => MAILSEAL_FIELD_SIGNED,
            FieldProtection::Encrypted => MAILSEAL_FIELD_ENCRYPTED,
            FieldProtection::SignedAndEncrypted => MAILSEAL_FIELD_SIGNED_AND_ENCRYPTED,
            _ => MAILSEAL_FIELD_UNPROTECTED,
        })
    })
}

/// What its author wrote, as text: escape it before it is shown. Empty where it stands outside only. Lives as long as the
/// report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_field_value(
    report: *const mailseal_report,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, report).ok()?.field(index)?.value.as_deref()?.as_bytes()))
    })
}

/// What stands outside. Empty where nothing does. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_field_outer(
    report: *const mailseal_report,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, report).ok()?.field(index)?.outer.as_deref()?.as_bytes()))
    })
}

/// What its author let stand outside in place of its value (HP-Outer). Empty where that is the value, or nothing. Lives as
/// long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_field_told(
    report: *const mailseal_report,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, report).ok()?.field(index)?.told.as_deref()?.as_bytes()))
    })
}

/// What a reader is to show for the fields of that name, `"Subject"` (RFC 9788 section 4): the protected value, nothing that
/// was added outside; of From the outside where `mailseal_report_from_outer` says so. Empty where there is none of that
/// number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_show(
    report: *const mailseal_report,
    name: *const c_char,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let (report, name) = (borrowed!(call, report).ok()?, text!(name).ok()?);
        Some(mailseal_slice::of(report.report().headers.show(name).nth(index)?.as_bytes()))
    })
}

/// Whether another author is named inside than outside, and nothing ties a signature to him: then the outside is to be shown
/// (RFC 9788 section 4.4.3). False of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_from_outer(report: *const mailseal_report) -> bool {
    answer(false, |call| Some(borrowed!(call, report).ok()?.report().headers.from_outer))
}

/// How many addresses stand in the From fields of the letter. Only exactly one can be anybody's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_from_count(report: *const mailseal_report) -> usize {
    answer(0, |call| Some(borrowed!(call, report).ok()?.report().from.mailboxes.len()))
}

/// One of them: whom the letter says it is from, which anybody can write. Empty where there is none of that number. Lives
/// as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_report_from(
    report: *const mailseal_report,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, report).ok()?.report().from.mailboxes.get(index)?.as_bytes()))
    })
}
