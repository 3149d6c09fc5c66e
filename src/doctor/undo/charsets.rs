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
    encodings::each_and_all(tree, found, false, |tree, part, give| {
        let current = part.media_type.parameter("charset").unwrap_or_default().to_ascii_lowercase();
        if part.media_type.main != "text" {
            return Ok(true);
        }
        let words = text(part, &crlf(&tree.decoded(part)));
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
                    if part.encoding.is_identity() && !give((header.clone(), body.clone()))? {
                        return Ok(false);
                    }
                    for at in 0..=2 {
                        for identity in identity {
                            if !give((fields::with_encoding(&header, identity, at), body.clone()))? {
                                return Ok(false);
                            }
                        }
                    }
                    let base64 = fields::with_encoding(&header, "base64", 0);
                    if !give((base64.clone(), encodings::base64(&body, 76, true)))? {
                        return Ok(false);
                    }
                    if !give((base64, encodings::base64(&body, 76, false)))? {
                        return Ok(false);
                    }
                    let most = if part.encoding == TransferEncoding::QuotedPrintable { 12 } else { 4 };
                    for style in styles().into_iter().take(most) {
                        let header = fields::with_encoding(&header, "quoted-printable", 0);
                        if !give((header, quoted_printable::encoded(&body, style)))? {
                            return Ok(false);
                        }
                    }
                }
            }
        }
        Ok(true)
    })
}
