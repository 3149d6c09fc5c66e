//! Nothing from a letter reaches a reader's terminal or eye unescaped (R-B12).
//!
//! - [`text`]: control, bidirectional and invisible characters become visible `\u{..}`.
//! - [`name`]: the same, short, and unable to imitate the sentence around it.
//! - [`address`]: the same for an addr-spec, whose domain is never cut off.

use std::fmt::Write;

use crate::policy::width::char_width;

/// Columns of a name: two thirds of a row.
pub(crate) const NAME_COLUMNS: usize = 48;
/// Columns of a value quoted from the letter.
pub(crate) const DETAIL_COLUMNS: usize = 80;
/// Columns of the reason why a path failed, with the names in it.
pub(crate) const REASON_COLUMNS: usize = 240;
/// Characters of an addr-spec (RFC 5321 §4.5.3.1.3, a path less its brackets).
const ADDRESS_CHARS: usize = 254;

/// Text from a letter, on one line and with nothing hidden: control, bidirectional and invisible characters become
/// visible `\u{..}` (R-B12). For programs that print values of a report themselves.
///
/// ```
/// assert_eq!(mailseal::policy::escape("a\u{1b}[2Kb"), "a\\u{1b}[2Kb");
/// ```
pub fn escape(text: &str) -> String {
    escaped(text, usize::MAX, is_hidden)
}

/// Escaped, at most `columns` wide; what is longer ends in `…`.
pub(crate) fn text(text: &str, columns: usize) -> String {
    escaped(text, columns, is_hidden)
}

/// Escaped and short, and without the arrows and quotation marks that our own sentences use.
pub(crate) fn name(text: &str) -> String {
    escaped(text.trim(), NAME_COLUMNS, |c| is_hidden(c) || matches!(c, '→' | '"' | '「' | '」' | '\\'))
}

/// Escaped, spaces too, so that a quoted local part cannot read like a sentence. The end is what counts.
pub(crate) fn address(text: &str) -> String {
    let count = text.chars().count();
    let hidden =
        |c: char| is_hidden(c) || c.is_whitespace() || matches!(c, '→' | '·' | '、' | '（' | '）' | '…');
    if count <= ADDRESS_CHARS {
        return escaped(text, usize::MAX, hidden);
    }
    let start: String = text.chars().take(NAME_COLUMNS).collect();
    let end: String = text.chars().skip(count - (ADDRESS_CHARS - NAME_COLUMNS)).collect();
    format!("{}…{}", escaped(&start, usize::MAX, hidden), escaped(&end, usize::MAX, hidden))
}

fn escaped(text: &str, columns: usize, hidden: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut used = 0_usize;
    let mut piece = String::new();
    for c in text.chars() {
        piece.clear();
        if hidden(c) {
            // Writing to a String cannot fail.
            let _ = write!(piece, "\\u{{{:x}}}", u32::from(c));
        } else {
            piece.push(c);
        }
        let wide: usize = piece.chars().map(char_width).sum();
        if used.saturating_add(wide) > columns {
            out.push('…');
            return out;
        }
        used = used.saturating_add(wide);
        out.push_str(&piece);
    }
    out
}

/// Characters that move, hide or turn what stands beside them, or show nothing.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xA0 | 0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x1680 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x2000..=0x200F // spaces, zero width, marks of direction
            | 0x2028..=0x202F // line separators, embeddings and overrides
            | 0x205F..=0x206F // invisible operators, isolates
            | 0x2800 // blank Braille (CVE-2022-1834)
            | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0xE000..=0xF8FF // private use
            | 0x1D173..=0x1D17A | 0xE0000..=0x10_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_b12_hidden_characters_become_visible() {
        assert_eq!(
            text("a\u{1b}[31mb\u{202e}c\u{200b}\u{2028}", 200),
            "a\\u{1b}[31mb\\u{202e}c\\u{200b}\\u{2028}"
        );
        assert_eq!(name("Ev\"il → you"), "Ev\\u{22}il \\u{2192} you");
        assert_eq!(text("株式会社　例", 80), "株式会社　例");
    }

    #[test]
    fn long_names_are_cut_and_addresses_keep_their_domain() {
        assert_eq!(name(&"n".repeat(100)), format!("{}…", "n".repeat(48)));
        assert_eq!(name(&"名".repeat(100)), format!("{}…", "名".repeat(24)));
        let long = format!("{}@evil.example", "a".repeat(1000));
        assert!(address(&long).ends_with("@evil.example"));
        assert!(address(&long).chars().count() <= 255);
    }

    #[test]
    fn r_b15_a_quoted_local_part_is_no_sentence() {
        assert_eq!(address("\"x, the From\"@e.example"), "\"x,\\u{20}the\\u{20}From\"@e.example");
    }
}
