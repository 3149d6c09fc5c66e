//! A list's footer, outside of what is signed.

use std::ffi::c_char;

use mailseal_core::Footer;

use crate::boundary::status;
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::input::mailseal_input;
use crate::output::mailseal_output;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Writes a letter with a footer (UTF-8 text) below it, as a list server may add one: outside of what is signed, of which
/// no octet changes. Receivers see the footer as a part that nobody signed. An encrypted letter is written as it was;
/// `*added` is then false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_context_append_footer(
    context: *const mailseal_context,
    letter: *mut mailseal_input,
    footer: *const c_char,
    output: *mut mailseal_output,
    added: *mut bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (letter, output) = (taken!(letter), taken!(output));
        let context = borrowed!(call, context)?;
        let (letter, output) = (letter?.letter()?, output?);
        let footer = text!(footer)?;
        let added = out!(added)?;
        let context = context.settled();
        let became = std::cell::Cell::new(Footer::Left);
        output.deliver(
            letter,
            |letter, path| context.append_footer_file(letter, footer, path).map(|is| became.set(is)),
            |letter, stream| context.append_footer(letter, footer, stream).map(|is| became.set(is)),
        )?;
        added.set(became.get() != Footer::Left);
        Ok(MAILSEAL_OK)
    })
}
