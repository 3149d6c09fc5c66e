//! Fingerprints as people write them.

use crate::error::Error;

/// A fingerprint in full, upper-case hexadecimal; blanks and colons are how people write it. Anything shorter can be
/// made to fit another key (R-C13).
pub(crate) fn whole_fingerprint(text: &str) -> Result<String, Error> {
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != ':').collect();
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Error::misuse("a fingerprint is hexadecimal digits, with blanks or colons between them"));
    }
    match digits.len() {
        40 | 64 => Ok(digits.to_ascii_uppercase()),
        32 => Err(Error::misuse(
            "a fingerprint of 32 digits is that of an OpenPGP key of version 3, which is not supported",
        )),
        other => Err(Error::misuse(format!(
            "not a fingerprint, which has 40 digits (OpenPGP version 4) or 64 (version 6; SHA-256 of an X.509 \
             certificate), and all of it is wanted: {other} digits"
        ))),
    }
}
