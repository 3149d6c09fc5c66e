//! What stands outside of an encrypted letter in place of a header field (RFC 9788 §3 and §6.1).
//!
//! - [`Hcp::shown`]: by a registered policy, and then by the letter that this one answers.

use mail_parser::DateTime;

use crate::mime::write::mailboxes::{composed, is_address_list, mailboxes};
use crate::mime::write::reference::Reference;
use crate::mime::{HeaderConfidentiality, Headers};

/// A field outside, compared with the same one inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    Same,
    Removed,
    As(Vec<u8>),
}

/// The policy of one letter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hcp<'r> {
    pub(crate) policy: HeaderConfidentiality,
    /// Of the letter that is answered.
    pub(crate) reference: Option<&'r Reference>,
}

impl Hcp<'_> {
    /// `field` is whole, with its name and line end. The answered letter is asked where the policy changes nothing
    /// (RFC 9788 §5.2.1, step 5).
    pub(crate) fn shown(&self, field: &[u8]) -> Shown {
        let name = name_of(field);
        let shown = registered(self.policy, &name, field);
        match self.reference {
            Some(reference) if shown == Shown::Same => reference.shown(&name, field),
            _ => shown,
        }
    }
}

pub(crate) const OBSCURED: &[u8] = b"Subject: [...]\r\n";

/// In lower case.
pub(crate) fn name_of(field: &[u8]) -> String {
    let name = field.split(|octet| *octet == b':').next().unwrap_or_default().trim_ascii_end();
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

fn registered(policy: HeaderConfidentiality, name: &str, field: &[u8]) -> Shown {
    let shy = policy == HeaderConfidentiality::Shy;
    match name {
        _ if policy == HeaderConfidentiality::None => Shown::Same,
        "subject" if field == OBSCURED => Shown::Same,
        "subject" => Shown::As(OBSCURED.to_vec()),
        "comments" | "keywords" => Shown::Removed,
        "from" | "to" | "cc" if shy => bare(name, field),
        "date" if shy => in_utc(field),
        _ => Shown::Same,
    }
}

/// Without display names, comments and names of groups.
fn bare(name: &str, field: &[u8]) -> Shown {
    let Some(mut all) = mailboxes(field, name) else { return Shown::Same };
    let plain = all.iter().all(|(name, _)| name.is_none());
    if plain && !field.iter().any(|octet| b"(;<".contains(octet)) {
        return Shown::Same;
    }
    all.iter_mut().for_each(|(name, _)| *name = None);
    composed(spelled(field), &all).map_or(Shown::Same, Shown::As)
}

fn in_utc(field: &[u8]) -> Shown {
    let Some(date) = Headers::new(field).date() else { return Shown::Same };
    let utc = DateTime::from_timestamp(date.seconds()).to_rfc822();
    let utc = format!("{}: {}\r\n", spelled(field), utc.replace("-0000", "+0000"));
    if utc.as_bytes() == field { Shown::Same } else { Shown::As(utc.into_bytes()) }
}

/// The name as the field has it.
pub(crate) fn spelled(field: &[u8]) -> &str {
    let name = field.split(|octet| *octet == b':').next().unwrap_or_default().trim_ascii_end();
    std::str::from_utf8(name).unwrap_or_default()
}

/// What readers see first of a letter (RFC 9787 §1.1.2, with the two that `hcp_baseline` hides).
pub(crate) fn is_user_facing(name: &str) -> bool {
    const OTHERS: [&str; 4] = ["subject", "date", "keywords", "comments"];
    is_address_list(name) || OTHERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}
