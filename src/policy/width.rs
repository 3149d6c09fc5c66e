//! Columns on a terminal, and lines broken to fit (Unicode UAX #11 and #14, as far as English and Japanese need).
//!
//! - [`wrap`]: breaks at spaces and where a Japanese phrase is likely to begin.

/// Columns of one character: 2 for what is wide in East Asian fonts, 1 for all else.
pub(crate) fn char_width(c: char) -> usize {
    if is_wide(c) { 2 } else { 1 }
}

/// Columns of a text without line breaks.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
}

/// Lines of at most `columns` of a terminal, where a character of East Asia takes two; a line break in the text stays one.
///
/// ```
/// use mailseal::policy::wrap;
/// assert_eq!(wrap("not revoked, 2 h old", 12), ["not revoked,", "2 h old"]);
/// assert_eq!(wrap("本文全体が署名されています。", 20), ["本文全体が", "署名されています。"]);
/// ```
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0_usize;
        for unit in units(paragraph) {
            if used > 0 && used + width(unit.trim_end()) > columns {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
            }
            for c in unit.chars() {
                if used + char_width(c) > columns && c != ' ' {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push(c);
                used += char_width(c);
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The pieces between which a line may break, with the spaces that follow them.
fn units(text: &str) -> Vec<&str> {
    let mut units = Vec::new();
    let mut rest = text;
    let (mut earlier, mut before) = (None, None);
    let mut start = 0;
    for (index, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(earlier, before, c)) {
            let (unit, remaining) = rest.split_at_checked(index - start).unwrap_or((rest, ""));
            units.push(unit);
            rest = remaining;
            start = index;
        }
        (earlier, before) = (before, Some(c));
    }
    units.push(rest);
    units
}

/// After a space, but not after an arrow and its space; in Japanese where a phrase is likely to begin: after
/// punctuation, and after hiragana where something else begins.
fn may_break(earlier: Option<char>, before: char, after: char) -> bool {
    if before == ' ' || after == ' ' {
        return before == ' ' && after != ' ' && earlier != Some('→');
    }
    if (!is_wide(before) && !is_wide(after)) || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    OPENING.contains(after) || CLOSING.contains(before) || (is_hiragana(before) && !is_hiragana(after))
}

fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309F}')
}

/// Never first in a line (JIS X 4051), and arrows, which follow what they start from.
const CLOSING: &str = "、。，．・：；？！」』）】〉》→,.;:)]…";
/// Never last in a line.
const OPENING: &str = "「『（【〈《([";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_where_readers_expect() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one\ntwo", 8), ["one", "two"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("署名です。全体", 10), ["署名です。", "全体"]);
        assert_eq!(wrap("a → b c", 4), ["a", "→ b", "c"]);
        assert_eq!(wrap("これはフッター", 12), ["これは", "フッター"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn no_line_is_wider() {
        let text = "パート 2 は署名の範囲外です（text/plain）。メーリングリストのフッターと思われます abcdefghijklmnop";
        for columns in 4..80 {
            assert!(wrap(text, columns).iter().all(|line| width(line) <= columns), "{columns}");
        }
    }
}
