//! Requirements in words.

use super::{Action, Decision, Demand, Requirement};
use crate::policy::escape;

impl Demand {
    /// What it asks, by which rule and why, in one line; by tag: `ja`, English for all that is not known. Safe to print.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// use mailseal::policy::{Requirement, Sending, SendingRule};
    /// let rule = SendingRule::new("policy.toml:12").require(Requirement::Encrypt).because("agreed");
    /// let decision = Sending::new().rule(rule).decide(None, &"bob@partner.example".parse()?);
    /// assert_eq!(decision.demands[0].text("en"), "encrypted (policy.toml:12: agreed)");
    /// # Ok(())
    /// # }
    /// ```
    pub fn text(&self, language: &str) -> String {
        let japanese = language.starts_with("ja");
        let what = self.requirement.text(japanese);
        let rule = escape(&self.rule);
        let by = match self.reason.as_deref().map(escape) {
            Some(reason) => format!("{rule}: {reason}"),
            None => rule,
        };
        if japanese { format!("{what}（{by}）") } else { format!("{what} ({by})") }
    }
}

impl Action {
    /// In a word or two; by tag: `ja`, English for all that is not known.
    ///
    /// ```
    /// use mailseal::policy::Action;
    /// assert_eq!(Action::Hold.text("en"), "held");
    /// ```
    pub fn text(self, language: &str) -> &'static str {
        match (self, language.starts_with("ja")) {
            (Self::Refuse, false) => "not sent",
            (Self::Hold, false) => "held",
            (Self::Ask, false) => "asks first",
            (Self::Pass, false) => "sent",
            (Self::Refuse, true) => "送らない",
            (Self::Hold, true) => "保留",
            (Self::Ask, true) => "先に確認",
            (Self::Pass, true) => "送る",
        }
    }
}

impl Decision {
    /// Why a letter to this recipient is not sent: what of `demands` it does not meet.
    pub(crate) fn refusal(&self, unmet: &[&Demand]) -> String {
        let asked: Vec<String> = unmet.iter().map(|one| one.text("en")).collect();
        format!("the policy asks of mail to {}: {}", escape(&self.recipient.to_string()), asked.join("; "))
    }
}

impl Requirement {
    fn text(&self, japanese: bool) -> String {
        let (english, other) = match self {
            Self::Refuse => ("not to be sent", "送信しない"),
            Self::Hold => ("held", "保留する"),
            Self::Ask => {
                ("to ask before the first mail to this domain", "このドメインへの最初のメールは先に確認する")
            }
            Self::Sign => ("signed", "署名する"),
            Self::SignWith(_) => ("signed with", "次の鍵で署名する:"),
            Self::Encrypt => ("encrypted", "暗号化する"),
            Self::Protocols(_) | Self::Ciphers(_) => ("encrypted with", "次の方式で暗号化する:"),
            Self::Certificates(_) => ("encrypted to", "次の証明書に暗号化する:"),
        };
        let words = if japanese { other } else { english };
        match self.choices() {
            choices if choices.is_empty() => words.to_owned(),
            choices => format!("{words} {}", choices.join(if japanese { "、" } else { " or " })),
        }
    }

    fn choices(&self) -> Vec<String> {
        match self {
            Self::SignWith(names) | Self::Certificates(names) => {
                names.iter().map(|one| escape(one)).collect()
            }
            Self::Protocols(all) => all.iter().map(|one| one.name().to_owned()).collect(),
            Self::Ciphers(all) => all.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }
}
