//! A plan in words.

use super::Plan;
use crate::crypto::ContentCipher;
use crate::message::Group;
use crate::mime::Address;
use crate::report::Protocol;
use crate::time::UnixTime;

impl Plan {
    /// Who gets what, and who gets nothing, each in one line. By tag: `ja`; English for all that is not known.
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
        let words = Words { at: self.at, japanese: language.starts_with("ja") };
        let mut rows: Vec<[String; 3]> = Vec::new();
        for group in self.reachable().unwrap_or_default() {
            rows.push(words.group(&group, self.is_blind(&group)));
        }
        for person in self.unreachable() {
            rows.push([words.nobody(), person.mailbox.to_string(), person.reason.text(language)]);
        }
        let width = rows.iter().map(|[_, who, _]| who.chars().count()).max().unwrap_or(0).min(WIDEST);
        rows.iter().map(|[what, who, why]| format!("{what:<9} {who:<width$}   {why}\n")).collect()
    }

    fn is_blind(&self, group: &Group) -> bool {
        self.people.iter().any(|person| person.blind && group.mailboxes.contains(&person.mailbox))
    }
}

/// Columns of the addresses, where there are few.
const WIDEST: usize = 48;

struct Words {
    at: UnixTime,
    japanese: bool,
}

impl Words {
    fn nobody(&self) -> String {
        if self.japanese { "なし".into() } else { "nobody".into() }
    }

    fn group(&self, group: &Group, blind: bool) -> [String; 3] {
        let protocol = match group.protocol {
            Protocol::Smime => "S/MIME",
            Protocol::Openpgp => "PGP/MIME",
        };
        let people = group.mailboxes.iter().map(Address::to_string).collect::<Vec<_>>().join(", ");
        let who = match (blind, self.japanese) {
            (false, _) => people,
            (true, false) => format!("Bcc {people}, alone"),
            (true, true) => format!("Bcc {people}（単独）"),
        };
        [protocol.into(), who, self.cipher(group)]
    }

    fn cipher(&self, group: &Group) -> String {
        #[cfg(feature = "openpgp")]
        if group.protocol == Protocol::Openpgp {
            return if group.reads_seipdv2(self.at) { "SEIPDv2".into() } else { "SEIPDv1".into() };
        }
        self.content_cipher(group)
    }

    #[cfg(not(feature = "smime"))]
    fn content_cipher(&self, _: &Group) -> String {
        String::new()
    }

    #[cfg(feature = "smime")]
    fn content_cipher(&self, group: &Group) -> String {
        let cipher = group.content_cipher();
        match (cipher.is_authenticated(), self.japanese) {
            (true, false) => format!("{cipher}: all are known to read it"),
            (true, true) => format!("{cipher}: 全員が読めるとわかっています"),
            (false, false) => format!("{cipher}: not all are known to read {}", ContentCipher::Aes256Gcm),
            (false, true) => {
                format!("{cipher}: 全員が {} を読めるかわかりません", ContentCipher::Aes256Gcm)
            }
        }
    }
}
