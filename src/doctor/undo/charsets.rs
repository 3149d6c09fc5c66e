//! Texts in the charset that they may have been in.

use encoding_rs::Encoding;

use super::quoted_printable::{self, styles};
use super::{Form, encodings, fields};
use crate::doctor::compare::crlf;
use crate::doctor::tree::{Tree, text};
use crate::error::Error;
use crate::mime::TransferEncoding;

/// In use in mail, the likely first.
const CHARSETS: &[&str] = &[
    "utf-8",
    "iso-8859-1",
    "us-ascii",
    "windows-1252",
    "iso-2022-jp",
    "iso-8859-15",
    "shift_jis",
    "euc-jp",
    "iso-8859-2",
    "windows-1250",
    "windows-1251",
    "koi8-r",
    "gb2312",
    "gbk",
    "big5",
    "euc-kr",
];

pub(super) fn others(
    tree: &Tree<'_>,
    found: &mut dyn FnMut(Form) -> Result<bool, Error>,
) -> Result<bool, Error> {
    encodings::each_and_all(tree, found, false, |tree, part| {
        let current = part.media_type.parameter("charset").unwrap_or_default().to_ascii_lowercase();
        if part.media_type.main != "text" {
            return Vec::new();
        }
        let words = text(part, &crlf(&tree.decoded(part)));
        let mut guesses = Vec::new();
        for charset in CHARSETS.iter().filter(|charset| **charset != current) {
            let Some(encoding) = Encoding::for_label(charset.as_bytes()) else { continue };
            let (octets, _, lost) = encoding.encode(&words);
            if lost || *charset == "us-ascii" && !words.is_ascii() {
                continue;
            }
            for name in [(*charset).to_owned(), charset.to_ascii_uppercase()] {
                let header = fields::with_charset(&part.header_octets, |_| Some(name.clone()));
                let identity = if octets.is_ascii() { ["7bit", "8bit", ""] } else { ["8bit", "", "7bit"] };
                for body in encodings::ends(&octets) {
                    if part.encoding.is_identity() {
                        guesses.push((header.clone(), body.clone()));
                    }
                    for at in 0..=2 {
                        for identity in identity {
                            guesses.push((fields::with_encoding(&header, identity, at), body.clone()));
                        }
                    }
                    let base64 = fields::with_encoding(&header, "base64", 0);
                    guesses.push((base64.clone(), encodings::base64(&body, 76, true)));
                    guesses.push((base64, encodings::base64(&body, 76, false)));
                    let most = if part.encoding == TransferEncoding::QuotedPrintable { 12 } else { 4 };
                    for style in styles().into_iter().take(most) {
                        let header = fields::with_encoding(&header, "quoted-printable", 0);
                        guesses.push((header, quoted_printable::encoded(&body, style)));
                    }
                }
            }
        }
        guesses
    })
}
