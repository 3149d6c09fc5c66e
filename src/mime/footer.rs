//! What a mailing list appends to a letter, told from its words.
//!
//! - [`looks_like_list_footer`].

/// A guess, for words to the user only: does this text part look like the footer of a mailing list? `text` is its
/// first octets, decoded from the transfer encoding.
pub(crate) fn looks_like_list_footer(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text.get(..TEXT).unwrap_or(text)).to_lowercase();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let ruled = lines.next().is_some_and(is_rule);
    if text.lines().count() > LINES {
        return false;
    }
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let list = any(&["mailing list", "mailinglist", "mailman", "listinfo", "list-info", "メーリングリスト"]);
    let leave = any(&["unsubscribe", "abbestellen", "abmelden", "désabonner", "配信停止", "退会"]);
    let link = any(&["http://", "https://", "mailto:"]);
    (list && (ruled || link || leave)) || (leave && (ruled || link)) || (ruled && link)
}

/// A line of dashes, underscores or the like; also the `-- ` of a signature.
fn is_rule(line: &str) -> bool {
    line == "--"
        || (line.len() >= 4 && line.chars().all(|letter| matches!(letter, '-' | '_' | '=' | '*' | '~' | '#')))
}

/// Footers are short.
const TEXT: usize = 4 << 10;
/// See [`TEXT`].
const LINES: usize = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footers_and_letters() {
        let mailman = "_______________________________________________\nGnupg-users mailing list\n\
                       Gnupg-users@gnupg.org\nhttp://lists.gnupg.org/mailman/listinfo/gnupg-users\n";
        assert!(looks_like_list_footer(mailman.as_bytes()));
        assert!(looks_like_list_footer(b"-- \r\nTo unsubscribe: https://lists.example.org/x\r\n"));
        assert!(looks_like_list_footer("このメーリングリストの退会は https://example.jp/ まで".as_bytes()));
        assert!(!looks_like_list_footer(b"Please send the money to https://evil.example/ today.\n"));
        assert!(!looks_like_list_footer(b"See you on the mailing list.\n"));
        assert!(!looks_like_list_footer(b""));
        assert!(!looks_like_list_footer(format!("{mailman}{}", "line\n".repeat(30)).as_bytes()));
    }
}
