//! Encoded words (RFC 2047), decoded in one pass: each octet is looked at a bounded number of times.
//!
//! - [`decode_words`].

use std::io::Read;

use encoding_rs::{Encoding, ISO_2022_JP};

use super::decode;
use super::quoted_printable::unquote;
use super::structure::TransferEncoding;

/// A run of words of one charset. They are joined before they are decoded: mailers split characters (against §5).
struct Run {
    charset: &'static Encoding,
    octets: Vec<u8>,
}

impl Run {
    /// Words of ISO-2022-JP each end in ASCII, and its decoder does not take the escapes of two in a row.
    fn joins(&self, charset: &'static Encoding) -> bool {
        self.charset == charset && charset != ISO_2022_JP
    }
}

/// Decodes the encoded words in a text; blanks between two of them go (§6.2). What is no readable word stays.
pub(crate) fn decode_words(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    let mut run: Option<Run> = None;
    while let Some((before, from)) = rest.find("=?").and_then(|at| rest.split_at_checked(at)) {
        let apart = !before.bytes().all(|octet| octet.is_ascii_whitespace());
        let Some((charset, octets, after)) = word(from) else {
            flush(&mut run, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        rest = after;
        match &mut run {
            Some(run) if !apart && run.joins(charset) => run.octets.extend(octets),
            _ => {
                if run.is_none() || apart {
                    flush(&mut run, &mut out);
                    out.push_str(before);
                }
                flush(&mut run, &mut out);
                run = Some(Run { charset, octets });
            }
        }
    }
    flush(&mut run, &mut out);
    out.push_str(rest);
    out
}

fn flush(run: &mut Option<Run>, out: &mut String) {
    if let Some(Run { charset, octets }) = run.take() {
        out.push_str(&charset.decode_without_bom_handling(&octets).0);
    }
}

/// `=?charset?encoding?text?=` at the start of `from`, with the language of RFC 2231 §5. Blanks in the text are
/// against §2, and common.
fn word(from: &str) -> Option<(&'static Encoding, Vec<u8>, &str)> {
    let (charset, rest) = from.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (text, rest) = rest.split_once('?')?;
    let rest = rest.strip_prefix('=')?;
    let charset = Encoding::for_label(charset.split('*').next()?.as_bytes())?;
    let mut octets = Vec::new();
    match encoding {
        "Q" | "q" => unquote(text.replace('_', " ").as_bytes(), &mut octets),
        "B" | "b" => {
            decode::reader(TransferEncoding::Base64, text.as_bytes()).read_to_end(&mut octets).ok()?;
        }
        _ => return None,
    }
    Some((charset, octets, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_what_is_between() {
        for (text, expected) in [
            ("=?utf-8?Q?a?= =?utf-8?Q?b?= c", "ab c"),
            ("x =?utf-8?Q?a_b?=, =?iso-8859-1*en?q?=E4?=\t=?utf-8?B?w6Q=?=", "x a b, ää"),
            ("=?utf-8?B?5pel5pys6A==?= =?utf-8?B?qp4=?=", "日本語"),
            ("=?ISO-2022-JP?B?GyRCRnwbKEI=?= =?ISO-2022-JP?B?GyRCS1wbKEI=?=", "日本"),
            ("=?utf-8?Q?this is?=", "this is"),
            ("=?broken", "=?broken"),
            ("=?no-such?Q?a?=", "=?no-such?Q?a?="),
            ("=?utf-8?X?a?= =?utf-8?Q?b?=", "=?utf-8?X?a?= b"),
            ("=?=?utf-8?Q?b?=", "=?b"),
            ("=?utf-8?Q??=", ""),
        ] {
            assert_eq!(decode_words(text), expected, "{text}");
        }
    }

    /// Threats D7: no hostile text takes more than linear time.
    #[test]
    fn d7_linear() {
        for piece in ["=?", "=?a?q?", "=?utf-8?q?=", "=?utf-8?b?", "=?a?q?= ", "=?utf-8?q?a?="] {
            let start = std::time::Instant::now();
            let _ = decode_words(&piece.repeat((1 << 20) / piece.len()));
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }
}
