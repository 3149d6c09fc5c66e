//! One part of a letter: what it is, where its octets lie, which layers speak for it.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::Arc;

use mailseal_core::Opened;
use mailseal_core::report::{LooksLike, PartSummary};

use crate::boundary::answer;
use crate::handle::Handle;
use crate::layer::mailseal_layer;
use crate::slice::mailseal_slice;

/// One part of a letter. Lives as long as its report.
pub struct mailseal_part {
    handle: Handle<Piece>,
}

object!(mailseal_part, Piece, 22);

/// Some octets of a letter: from `start` on, `end` is not one of them. `{0, 0}` is none.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct mailseal_range {
    /// The first octet, counted from 0.
    pub start: u64,
    /// The octet after the last.
    pub end: u64,
}

impl mailseal_range {
    pub(crate) fn of((start, end): (u64, u64)) -> Self {
        Self { start, end }
    }
}

pub(crate) struct Piece {
    opened: Arc<Opened<'static>>,
    layers: Arc<[mailseal_layer]>,
    index: usize,
    path: CString,
    content: CString,
}

impl Piece {
    pub(crate) fn new(
        opened: &Arc<Opened<'static>>,
        layers: &Arc<[mailseal_layer]>,
        index: usize,
        part: &PartSummary,
    ) -> Self {
        let text = |path: &dyn std::fmt::Display| CString::new(path.to_string()).unwrap_or_default();
        let (path, content) = (text(&part.part), text(&part.content));
        Self { opened: Arc::clone(opened), layers: Arc::clone(layers), index, path, content }
    }

    fn part(&self) -> Option<&PartSummary> {
        self.opened.report.parts.get(self.index)
    }
}

/// Where it stands: `"0"` is the letter itself, `"2.1"` the first part of its second part. Lives as long as the report;
/// empty of NULL, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_path(part: *const mailseal_part) -> *const c_char {
    answer(c"".as_ptr(), |call| Some(borrowed!(call, part).ok()?.path.as_ptr()))
}

/// `"text/plain"`, in lower case. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_media_type(part: *const mailseal_part) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, part).ok()?.part()?.media_type.as_bytes()))
    })
}

/// The charset that its Content-Type names, or empty. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_charset(part: *const mailseal_part) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, part).ok()?.part()?.charset.as_ref()?.as_bytes()))
    })
}

/// The file name that it was given, decoded, or empty. It may say anything, paths as well. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_file_name(part: *const mailseal_part) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, part).ok()?.part()?.file_name.as_ref()?.as_bytes()))
    })
}

/// How its body is written: `"7bit"`, `"8bit"`, `"binary"`, `"base64"`, `"quoted-printable"`, or `"unknown"`. Lives as long
/// as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_encoding(part: *const mailseal_part) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, part).ok()?.part()?.encoding.name().as_bytes()))
    })
}

/// The entity in whose octets its place is counted: `"0"` is the letter as received; any other is the content of an opaque
/// or encrypted layer, which begins with that part; `"1"` is what was given to `mailseal_opener_verify_detached`. Lives as
/// long as the report; empty of NULL, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_content(part: *const mailseal_part) -> *const c_char {
    answer(c"".as_ptr(), |call| Some(borrowed!(call, part).ok()?.content.as_ptr()))
}

/// The octets of its header, with the empty line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_header(part: *const mailseal_part) -> mailseal_range {
    answer(mailseal_range::default(), |call| {
        let part = borrowed!(call, part).ok()?.part()?;
        Some(mailseal_range { start: part.range.0, end: part.body })
    })
}

/// The octets of its body, as it was sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_body(part: *const mailseal_part) -> mailseal_range {
    answer(mailseal_range::default(), |call| {
        let part = borrowed!(call, part).ok()?.part()?;
        Some(mailseal_range { start: part.body, end: part.range.1 })
    })
}

/// How many lines its body has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_lines(part: *const mailseal_part) -> u64 {
    answer(0, |call| Some(borrowed!(call, part).ok()?.part()?.lines))
}

/// How many pieces of its decoded content only repeat header fields, for programs that do not know RFC 9788 (section 4.5.3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_legacy_display_count(part: *const mailseal_part) -> usize {
    answer(0, |call| Some(borrowed!(call, part).ok()?.part()?.legacy_display.len()))
}

/// One of them, in octets of the decoded content: not to be shown, nor quoted in an answer. `{0, 0}` where there is none of
/// that number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_legacy_display(
    part: *const mailseal_part,
    index: usize,
) -> mailseal_range {
    answer(mailseal_range::default(), |call| {
        let (start, end) = *borrowed!(call, part).ok()?.part()?.legacy_display.get(index)?;
        Some(mailseal_range::of((start, end)))
    })
}

/// Whether an unaltered signature covers it. Whose, its layers say. False of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_is_signed(part: *const mailseal_part) -> bool {
    answer(false, |call| {
        let part = borrowed!(call, part).ok()?;
        Some(part.part()?.is_signed(&part.opened.report))
    })
}

/// Whether it came encrypted. False of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_is_encrypted(part: *const mailseal_part) -> bool {
    answer(false, |call| {
        let part = borrowed!(call, part).ok()?;
        Some(part.part()?.is_encrypted(&part.opened.report))
    })
}

/// How many layers speak for it: signed ones with an unaltered signature that covers it, encrypted and compressed ones
/// that it was inside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_layer_count(part: *const mailseal_part) -> usize {
    answer(0, |call| Some(borrowed!(call, part).ok()?.part()?.layers.len()))
}

/// One of them, the outermost first; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_layer(
    part: *const mailseal_part,
    index: usize,
) -> *const mailseal_layer {
    answer(ptr::null(), |call| {
        let part = borrowed!(call, part).ok()?;
        let number = part.part()?.layers.get(index)?;
        part.layers.get(*number).map(ptr::from_ref)
    })
}

/// What a part seems to be that no signature covers, `"list_footer"`, or empty: a guess for the reader. Lives as long as the
/// library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_part_looks_like(part: *const mailseal_part) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let part = borrowed!(call, part).ok()?;
        let path = &part.part()?.part;
        match part.opened.report.uncovered.iter().find(|one| one.part == *path)?.looks_like? {
            LooksLike::ListFooter => Some(mailseal_slice::of(b"list_footer")),
            _ => None,
        }
    })
}
