//! A diagnosis and a comparison in words.

use std::fmt::Write;

use crate::doctor::compare::Comparison;
use crate::doctor::diagnosis::{Diagnosis, Outcome, SignatureState};
use crate::doctor::preflight::Preflight;
use crate::doctor::trail::Hop;
use crate::policy::{escape, wrap};
use crate::report::{Change, Span};

/// Columns of a page, as those of verdicts.
const COLUMNS: usize = 78;
/// Where sentences begin.
const INDENT: usize = 4;
/// Changes in words on one page; the data has them all.
const CHANGES: usize = 40;
/// Characters of an excerpt.
const SHOWN: usize = 160;

impl Diagnosis {
    /// A page in the language of a tag: `ja`, or English. Whatever comes from the message is escaped.
    pub fn text(&self, tag: &str) -> String {
        let words = Words { japanese: tag.starts_with("ja"), tag };
        let mut page = words.paragraph(words.headline(self), 0);
        page.push_str(&words.paragraph(words.signature(self), INDENT));
        page.push_str(&words.changes(&self.changes));
        if !self.suspected.is_empty() {
            let title = words
                .say("It looks as if (nothing proves it):", "次のことが疑われます（証拠はありません）：");
            page.push_str(&words.paragraph(title.to_owned(), 0));
            page.push_str(&words.changes(&self.suspected));
        }
        if let Some(hop) = self.hop.as_ref().filter(|_| self.outcome != Outcome::Intact) {
            page.push_str(&words.paragraph(words.hop(hop), 0));
        }
        page.push_str(&words.paragraph(words.last(self), 0));
        page
    }
}

impl Comparison {
    /// A page in the language of a tag: `ja`, or English. Whatever comes from the messages is escaped.
    pub fn text(&self, tag: &str) -> String {
        let words = Words { japanese: tag.starts_with("ja"), tag };
        if self.changes.is_empty() {
            let same = words.say("Nothing was changed.", "変更はありません。");
            return words.paragraph(same.to_owned(), 0);
        }
        let breaking = self.changes.iter().filter(|change| change.breaks).count();
        let count = self.changes.len();
        let headline = match (words.japanese, breaking) {
            (false, 0) if count == 1 => "1 change; it breaks no signature.".to_owned(),
            (false, 0) => format!("{count} changes; none of them breaks a signature."),
            (false, _) if count == 1 => "1 change; it breaks a signature that was made before.".to_owned(),
            (false, 1) => format!("{count} changes; one of them breaks a signature that was made before."),
            (false, _) => {
                format!("{count} changes; {breaking} of them break a signature that was made before.")
            }
            (true, 0) => format!("変更は {count} 件。署名を壊すものはありません。"),
            (true, _) => format!("変更は {count} 件。うち {breaking} 件は、先に付けた署名を壊します。"),
        };
        let mut page = words.paragraph(headline, 0);
        page.push_str(&words.changes(&self.changes));
        if let Some(hop) = &self.hop {
            page.push_str(&words.paragraph(words.hop(hop), 0));
        }
        page
    }
}

impl Preflight {
    /// A page in the language of a tag: `ja`, or English. Whatever comes from the profile is escaped.
    pub fn text(&self, tag: &str) -> String {
        let words = Words { japanese: tag.starts_with("ja"), tag };
        let name = escape(&self.service);
        let headline = match (words.japanese, self.passes()) {
            (false, true) => format!("Through {name}, signed letters arrive as they were signed."),
            (false, false) => format!("{name} would break what is signed:"),
            (true, true) => format!("{name} を通しても、署名は有効なまま届きます。"),
            (true, false) => format!("{name} を通すと署名が壊れます："),
        };
        words.paragraph(headline, 0) + &words.changes(&self.refused)
    }
}

struct Words<'t> {
    japanese: bool,
    tag: &'t str,
}

impl Words<'_> {
    fn say<'s>(&self, english: &'s str, japanese: &'s str) -> &'s str {
        if self.japanese { japanese } else { english }
    }

    fn headline(&self, found: &Diagnosis) -> String {
        let text = match found.outcome {
            Outcome::Intact => self.say(
                "The signature holds: nothing that it covers was changed.",
                "署名は有効です。署名の範囲に変更はありません。",
            ),
            Outcome::Explained => self.say(
                "The form was changed on the way, and nothing else: undone, it is what was signed.",
                "配送途中で形式だけが変わりました。元に戻すと、署名された内容と一致します。",
            ),
            Outcome::Mixed => self.say(
                "All that was signed is in it, but a reader sees more, or other: what is listed here, nobody signed.",
                "署名された内容はすべて含まれていますが、それ以外のものも表示されます。以下は誰も署名していません。",
            ),
            Outcome::Unexplained => self.say(
                "Nothing that servers are known to do explains it: it may be forged.",
                "サーバーが行う既知の変更では説明できません。偽造かもしれません。",
            ),
            Outcome::SignatureBroken => self.say(
                "The signature itself does not hold, whatever the content: it was altered, or it is forged.",
                "内容にかかわらず、署名そのものが無効です。署名が改変されたか、偽造です。",
            ),
            Outcome::Untested => self.say(
                "It cannot be told: the certificate of the signer is missing, or its algorithm is not known here.",
                "判断できません。署名者の証明書がないか、知らないアルゴリズムです。",
            ),
            Outcome::NotSigned => {
                self.say("There is no signature that could be looked at.", "調べられる署名がありません。")
            }
        };
        text.to_owned()
    }

    fn signature(&self, found: &Diagnosis) -> String {
        let mut text = match (found.signature, found.outcome) {
            (_, Outcome::Intact | Outcome::NotSigned | Outcome::SignatureBroken) => String::new(),
            (SignatureState::Holds, _) => self
                .say(
                    "The signature holds over its own attributes, so the content was changed.",
                    "署名属性に対する署名は有効なので、変わったのは内容です。",
                )
                .to_owned(),
            _ => String::new(),
        };
        if let Some(signer) = &found.signer {
            let signer = escape(signer);
            let said = match self.japanese {
                true => format!("証明書の名前は {signer}（本人かどうかは調べていません）。"),
                false => format!("The certificate says {signer}; whether that is so was not asked."),
            };
            if !text.is_empty() && !self.japanese {
                text.push(' ');
            }
            text.push_str(&said);
        }
        text
    }

    fn changes(&self, changes: &[Change]) -> String {
        let mut page = String::new();
        for change in changes.iter().take(CHANGES) {
            page.push_str(&self.change(change));
        }
        if changes.len() > CHANGES {
            let more = changes.len().saturating_sub(CHANGES);
            let text = match self.japanese {
                true => format!("ほかに {more} 件"),
                false => format!("and {more} more"),
            };
            page.push_str(&self.paragraph(text, INDENT));
        }
        page
    }

    fn change(&self, change: &Change) -> String {
        let mut line = format!("- {}", change.kind.sentence(self.tag));
        if !change.detail.is_empty() {
            let _ = write!(line, ": {}", escape(&short(&change.detail)));
        }
        let place = self.place(change);
        if !place.is_empty() {
            let _ = write!(line, " ({place})");
        }
        if let Some(by) = &change.by {
            let by = escape(by);
            let said =
                if self.japanese { format!("、{by} の可能性") } else { format!(", probably by {by}") };
            line.push_str(&said);
        }
        let mut page = self.paragraph(line, 2);
        for (mark, text) in [("−", &change.before), ("+", &change.after)] {
            // Of two long texts that are nearly the same, there is no use in showing the starts.
            if !text.trim().is_empty() && change.before != change.after {
                page.push_str(&self.paragraph(format!("{mark} {}", escape(&short(text.trim()))), INDENT + 2));
            }
        }
        if change.breaks {
            let advice = change.kind.advice(self.tag);
            let advice =
                if self.japanese { format!("対策：{advice}") } else { format!("What to set: {advice}") };
            page.push_str(&self.paragraph(advice, INDENT + 2));
        }
        page
    }

    fn place(&self, change: &Change) -> String {
        let lines = |span: &Span| match (span.first_line == span.last_line, self.japanese) {
            (true, false) => format!("line {}", span.first_line),
            (false, false) => format!("lines {}-{}", span.first_line, span.last_line),
            (true, true) => format!("{} 行目", span.first_line),
            (false, true) => format!("{}～{} 行目", span.first_line, span.last_line),
        };
        let part = match change.part.numbers().is_empty() {
            true => None,
            false if self.japanese => Some(format!("パート {}", change.part)),
            false => Some(format!("part {}", change.part)),
        };
        let span = change.received.as_ref().or(change.sent.as_ref()).map(lines);
        part.into_iter().chain(span).collect::<Vec<_>>().join(", ")
    }

    fn hop(&self, hop: &Hop) -> String {
        let after = hop.after.as_deref().map(escape);
        let before = hop.before.as_deref().map(escape);
        let through = hop.through.iter().map(|host| escape(host)).collect::<Vec<_>>().join(", ");
        let mut text = match (self.japanese, after, before) {
            (false, Some(after), Some(before)) => format!("It was changed between {after} and {before}"),
            (false, Some(after), None) => format!("It was changed after {after}"),
            (false, None, Some(before)) => format!("It was changed before {before}"),
            (true, Some(after), Some(before)) => format!("{after} と {before} の間で変わりました"),
            (true, Some(after), None) => format!("{after} より後で変わりました"),
            (true, None, Some(before)) => format!("{before} より前に変わりました"),
            (_, None, None) => return String::new(),
        };
        if !through.is_empty() {
            let way = if self.japanese {
                format!("（経由：{through}）")
            } else {
                format!(", by way of {through}")
            };
            text.push_str(&way);
        }
        text.push_str(self.say(
            " (body hashes of DKIM and ARC signatures, which were not verified).",
            "（DKIM・ARC の本文ハッシュによる。署名は検証していません）。",
        ));
        text
    }

    fn last(&self, found: &Diagnosis) -> String {
        let text = match found.outcome {
            Outcome::Intact | Outcome::NotSigned => "",
            Outcome::Untested => {
                self.say("Give the certificate with --cert or --keyring.", "--cert または --keyring で証明書を指定してください。")
            }
            _ => self.say(
                "This is a diagnosis: the letter as it lies here is not what was signed, and its verdict stays BAD.",
                "これは診断です。このメールは署名された通りのものではなく、判定は「不正」のままです。",
            ),
        };
        let mut text = text.to_owned();
        if found.exhausted {
            text.push_str(self.say(
                " Not all was tried: a limit was reached.",
                "制限に達したため、すべては試していません。",
            ));
        }
        text
    }

    fn paragraph(&self, text: String, indent: usize) -> String {
        if text.is_empty() {
            return String::new();
        }
        let margin = " ".repeat(indent);
        let lines = wrap(&text, COLUMNS.saturating_sub(indent));
        lines.iter().fold(String::new(), |page, line| page + &margin + line + "\n")
    }
}

fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
