//! Charsets of raw text: the one that is named, or the most likely one.
//!
//! - [`guess`], [`decode`].

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// Octets in a charset named by its MIME name; by the most likely one if that is unknown.
pub(crate) fn decode(octets: &[u8], charset: Option<&str>) -> String {
    let known = charset.and_then(|name| Encoding::for_label(name.as_bytes()));
    guess(octets, known)
}

/// Raw octets as text. Old Japanese mail writes its charset into headers without saying which, so the strictest
/// that fits is taken: UTF-8, ISO-2022-JP by its escapes, the hint, then EUC-JP and Shift_JIS where kana are seen.
pub(crate) fn guess(octets: &[u8], hint: Option<&'static Encoding>) -> String {
    if octets.is_ascii() && octets.contains(&0x1b) && memchr::memmem::find(octets, b"\x1b$").is_some() {
        return ISO_2022_JP.decode_without_bom_handling(octets).0.into_owned();
    }
    if let Some(text) = exactly(UTF_8, octets).or_else(|| exactly(hint?, octets)) {
        return text;
    }
    let japanese = [EUC_JP, SHIFT_JIS]
        .into_iter()
        .find_map(|charset| exactly(charset, octets).filter(|text| kana(text)));
    japanese.unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(octets).0.into_owned())
}

fn exactly(charset: &'static Encoding, octets: &[u8]) -> Option<String> {
    charset.decode_without_bom_handling_and_without_replacement(octets).map(std::borrow::Cow::into_owned)
}

/// Full-width kana: half-width ones are what Latin text gives as Shift_JIS.
fn kana(text: &str) -> bool {
    text.chars().any(|letter| ('\u{3041}'..='\u{30ff}').contains(&letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_is_not_taken_for_japanese() {
        assert_eq!(guess(b"caf\xe9 cr\xe8me", None), "café crème");
        assert_eq!(guess("Grüße".as_bytes(), None), "Grüße");
        assert_eq!(decode(b"\xe4", Some("iso-8859-1")), "ä");
    }
}
