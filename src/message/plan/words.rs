//! A plan in words, and for programs.

use serde_json::json;

use super::{Mailer, Plan, Reached, Sees, Why};
use crate::message::Group;
use crate::mime::Address;
use crate::policy::escape;
use crate::protocol::Support;
use crate::report::Protocol;
use crate::trust::Recommendation;

impl Plan {
    /// Who gets what, and who gets nothing, each in one line; below each letter, for whom it is why so, and what they will
    /// see. By tag: `ja`; English for all that is not known. Not escaped.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Context, Plan, Policy, TrustStore};
    /// let draft = b"From: bob@example.org\r\nTo: dave@example.net\r\n\r\nHello\r\n";
    /// let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let plan = Plan::new(&Context::new(TrustStore::new()), draft, &Policy::standard(), at)?;
    /// assert_eq!(plan.text("en"), "nobody    dave@example.net   no certificate is known\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn text(&self, language: &str) -> String {
        let japanese = language.starts_with("ja");
        let mut rows: Vec<Row> = Vec::new();
        for group in self.reachable().unwrap_or_default() {
            rows.push(Row::Letter(self.letter(&group, japanese)));
            for reached in self.of_group(&group) {
                let whose = if group.mailboxes.len() > 1 {
                    format!("{}: ", shown(&reached.mailbox))
                } else {
                    String::new()
                };
                let sentences = reached.sentences(language);
                rows.extend(sentences.into_iter().map(|one| Row::Below(format!("{whose}{one}"))));
            }
        }
        for person in self.unreachable() {
            let nobody = if japanese { "なし" } else { "nobody" };
            let (who, why) = (shown(person.mailbox), escape::escape(&person.reason.text(language)));
            rows.push(Row::Letter([nobody.into(), who, why]));
        }
        let width = rows.iter().map(Row::width).max().unwrap_or(0).min(WIDEST);
        rows.iter().map(|row| row.text(width)).collect()
    }

    /// All of it as JSON, with the sentences in a language as [`text`](Self::text) has them: `version`, `letters`
    /// [`protocol`, `mailboxes`, `recipients` [the fields of [`Reached`], `text`]], `unreachable` [`mailbox`, `reason`,
    /// `text`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Context, Plan, Policy, TrustStore};
    /// let draft = b"From: bob@example.org\r\nTo: dave@example.net\r\n\r\nHello\r\n";
    /// let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let plan = Plan::new(&Context::new(TrustStore::new()), draft, &Policy::standard(), at)?;
    /// let json: serde_json::Value = serde_json::from_str(&plan.json("en"))?;
    /// assert_eq!(json["unreachable"][0]["reason"]["kind"], "no_certificate");
    /// # Ok(())
    /// # }
    /// ```
    pub fn json(&self, language: &str) -> String {
        let letter = |group: &Group| {
            let recipients: Vec<_> = self.of_group(group).iter().map(|one| one.json(language)).collect();
            json!({ "protocol": group.protocol, "mailboxes": group.mailboxes, "recipients": recipients })
        };
        let letters: Vec<_> = self.reachable().unwrap_or_default().iter().map(letter).collect();
        let unreachable = self.unreachable().map(|person| {
            let (mailbox, reason) = (person.mailbox, person.reason);
            json!({ "mailbox": mailbox, "reason": reason, "text": reason.text(language) })
        });
        let unreachable: Vec<_> = unreachable.collect();
        json!({ "version": 1, "letters": letters, "unreachable": unreachable }).to_string()
    }

    fn is_blind(&self, group: &Group) -> bool {
        self.people.iter().any(|person| person.blind && group.mailboxes.contains(&person.mailbox))
    }

    fn letter(&self, group: &Group, japanese: bool) -> [String; 3] {
        let protocol = match group.protocol {
            Protocol::Smime => "S/MIME",
            Protocol::Openpgp => "PGP/MIME",
        };
        let people = list(&group.mailboxes);
        let who = match (self.is_blind(group), japanese) {
            (false, _) => people,
            (true, false) => format!("Bcc {people}, alone"),
            (true, true) => format!("Bcc {people}（単独）"),
        };
        let content = self.of_group(group).into_iter().next().map(|one| one.content);
        [protocol.into(), who, content.unwrap_or_default()]
    }
}

/// Columns of the addresses, where there are few.
const WIDEST: usize = 48;

/// A line of the table.
enum Row {
    Letter([String; 3]),
    Below(String),
}

impl Row {
    fn width(&self) -> usize {
        match self {
            Self::Letter([_, who, _]) => who.chars().count(),
            Self::Below(_) => 0,
        }
    }

    fn text(&self, width: usize) -> String {
        match self {
            Self::Letter([what, who, why]) => format!("{what:<9} {who:<width$}   {why}\n"),
            Self::Below(sentence) => format!("{:<9}   {sentence}\n", ""),
        }
    }
}

fn shown(who: &Address) -> String {
    escape::address(&who.to_string())
}

fn list(who: &[Address]) -> String {
    who.iter().map(shown).collect::<Vec<_>>().join(", ")
}

impl Reached {
    fn json(&self, language: &str) -> serde_json::Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let serde_json::Value::Object(fields) = &mut json {
            fields.insert("text".into(), self.sentences(language).into());
        }
        json
    }

    /// Why it is so and what they will see, in sentences. By tag: `ja`; English for all that is not known. Not escaped:
    /// they hold what letters say of themselves.
    pub fn sentences(&self, language: &str) -> Vec<String> {
        let japanese = language.starts_with("ja");
        let mut all = vec![format!("{}: {}", self.content, self.why.text(language))];
        let key = &self.key;
        all.push(match &self.key_why {
            Some(why) => format!("{key}: {}", why.text(language)),
            None if japanese => format!("{key}: 証明書の鍵の種類による"),
            None => format!("{key}: that is what their certificate has"),
        });
        if self.asked_for {
            let said = if japanese {
                "署名で指定された証明書です"
            } else {
                "the certificate they asked for in a signature"
            };
            all.push(said.into());
        }
        all.extend(self.sees.iter().map(|one| one.text(language)));
        all.extend(self.mailer.as_ref().map(|mailer| mailer.text(language)));
        all.extend(self.autocrypt.map(|advice| advice.text(language)));
        all
    }
}

impl Why {
    /// In words, by the tag of a language: `ja`; English for all that is not known.
    pub fn text(&self, language: &str) -> String {
        let japanese = language.starts_with("ja");
        match self {
            Self::Said { on } if japanese => format!("{} の署名つきメールでの本人の申告による", on.date()),
            Self::Said { on } => format!("by what they said in a signed letter of {}", on.date()),
            Self::Certificate if japanese => "証明書の記載による".into(),
            Self::Certificate => "by what their certificate says".into(),
            Self::Unknown if japanese => "何を読めるかわからないので、どのプログラムでも読めるもの".into(),
            Self::Unknown => "what they read is not known; every program reads this".into(),
            Self::Others { alone, who } if japanese => {
                format!("{alone} を読めますが、同じメールの {} が読めるかわかりません", list(who))
            }
            Self::Others { alone, who } => {
                format!("they read {alone}; of others of the same letter that is not known: {}", list(who))
            }
            Self::Chosen if japanese => "指定されたもの".into(),
            Self::Chosen => "as it was chosen".into(),
        }
    }
}

impl Sees {
    /// In words, by the tag of a language: `ja`; English for all that is not known.
    pub fn text(&self, language: &str) -> String {
        let japanese = language.starts_with("ja");
        match self {
            Self::Subject { reads: Support::Yes } if japanese => "件名を見られます".into(),
            Self::Subject { reads: Support::Yes } => "they see the true Subject".into(),
            Self::Subject { reads: Support::No } if japanese => "件名は [...] と表示されます".into(),
            Self::Subject { reads: Support::No } => "they see [...] as the Subject".into(),
            Self::Subject { reads: Support::Unknown } if japanese => {
                "RFC 9788 を読めるプログラムでなければ、件名は [...] と表示されます".into()
            }
            Self::Subject { reads: Support::Unknown } => {
                "they see the true Subject if their program reads RFC 9788, else [...]".into()
            }
            Self::Unnoticed if japanese => "途中で改変されても、気づけません".into(),
            Self::Unnoticed => "nothing tells them whether it was changed on the way".into(),
            Self::MayNotOpen { feature, source } if japanese => {
                format!("使っているらしいプログラムは {} を読めません ({source})", feature.name())
            }
            Self::MayNotOpen { feature, source } => {
                format!("the program they seem to use does not read {} ({source})", feature.name())
            }
        }
    }
}

impl Mailer {
    /// In words, by the tag of a language: `ja`; English for all that is not known. Not escaped.
    pub fn text(&self, language: &str) -> String {
        let (name, seen) = (escape::name(&self.name), self.seen.date());
        match language.starts_with("ja") {
            true => format!("{seen} のメールは {name} で書かれたようです（手がかりにすぎません）"),
            false => format!("a letter of {seen} seems to be written with {name}; a hint only"),
        }
    }
}

impl Recommendation {
    /// In words, by the tag of a language: `ja`; English for all that is not known.
    ///
    /// ```
    /// use mailseal::trust::Recommendation;
    /// assert_eq!(Recommendation::Available.text("en"), "Autocrypt: encryption is possible");
    /// ```
    pub fn text(self, language: &str) -> String {
        let text = match (self, language.starts_with("ja")) {
            (Self::Disable, false) => "there is no usable key",
            (Self::Disable, true) => "使える鍵がありません",
            (Self::Discourage, false) => {
                "they may not be able to read it: the key is old or from somebody else"
            }
            (Self::Discourage, true) => "鍵が古いか他人から届いたもので、読めないかもしれません",
            (Self::Available, false) => "encryption is possible",
            (Self::Available, true) => "暗号化できます",
            (Self::Encrypt, false) => "encryption is expected",
            (Self::Encrypt, true) => "暗号化が望まれています",
        };
        format!("Autocrypt: {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixTime;

    #[test]
    fn r_b12_what_a_program_calls_itself_is_escaped() {
        let mailer = Mailer {
            name: "Evil\u{1b}[2J\r\n\u{202e}\"; trusted".into(),
            seen: UnixTime::from_seconds(0),
            client: None,
        };
        for language in ["en", "ja"] {
            let text = mailer.text(language);
            assert!(!text.contains(['\u{1b}', '\r', '\n', '\u{202e}', '"']), "{text:?}");
        }
        let who = "\"x\u{a0}trusted → \"@e.example".parse().unwrap();
        assert!(!list(&[who]).contains(['\u{a0}', '→', ' ']));
    }
}
