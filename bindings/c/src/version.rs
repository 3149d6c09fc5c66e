//! Which version this is, for programs that meet the library at run time.

use std::ffi::{CStr, c_char};

use crate::boundary::answer;
use crate::status::{MAILSEAL_ERROR_MISUSE, MAILSEAL_OK, mailseal_status};

/// Major version. Programs built with one major version run with every library of it; while it is 0, of one minor
/// version.
pub const MAILSEAL_VERSION_MAJOR: u32 = 0;
/// Minor version: something was added.
pub const MAILSEAL_VERSION_MINOR: u32 = 1;
/// Patch version.
pub const MAILSEAL_VERSION_PATCH: u32 = 0;
/// All three as one number that grows.
pub const MAILSEAL_VERSION_NUMBER: u32 =
    (MAILSEAL_VERSION_MAJOR << 16) | (MAILSEAL_VERSION_MINOR << 8) | MAILSEAL_VERSION_PATCH;

const TEXT: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(text) => text,
    Err(_) => c"",
};

/// The version of the library in use, `"0.1.0"`. Lives as long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_version() -> *const c_char {
    answer(TEXT.as_ptr(), |_| None)
}

/// `MAILSEAL_VERSION_NUMBER` of the library in use.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_version_number() -> u32 {
    answer(MAILSEAL_VERSION_NUMBER, |_| None)
}

/// Whether a program that was built with the header of that version, `MAILSEAL_VERSION_NUMBER`, may use this library:
/// `MAILSEAL_OK` or `MAILSEAL_ERROR_MISUSE`.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_abi_check(header_version: u32) -> mailseal_status {
    answer(MAILSEAL_ERROR_MISUSE, |_| fits(header_version, MAILSEAL_VERSION_NUMBER).then_some(MAILSEAL_OK))
}

/// While the major version is 0, the minor one says what fits.
fn fits(header: u32, library: u32) -> bool {
    let series = |version: u32| match version >> 16 {
        0 => version >> 8,
        major => major << 8,
    };
    series(header) == series(library) && header <= library
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_package() {
        let numbers = format!("{MAILSEAL_VERSION_MAJOR}.{MAILSEAL_VERSION_MINOR}.{MAILSEAL_VERSION_PATCH}");
        assert_eq!(numbers, env!("CARGO_PKG_VERSION"));
        assert_eq!(TEXT.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn which_header_fits_which_library() {
        for (header, library, expected) in [
            (0x0000_0100, 0x0000_0100, true),
            (0x0000_0100, 0x0000_0105, true),
            (0x0000_0105, 0x0000_0100, false),
            (0x0000_0100, 0x0000_0200, false),
            (0x0001_0100, 0x0001_0200, true),
            (0x0001_0200, 0x0001_0100, false),
            (0x0001_0000, 0x0002_0000, false),
            (0x0000_0100, 0x0001_0000, false),
        ] {
            assert_eq!(fits(header, library), expected, "{header:x} {library:x}");
        }
    }
}
