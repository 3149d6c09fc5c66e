//! The letter that a new one answers: what it kept to itself, the answer keeps as well (RFC 9788 §6.1).
//!
//! - [`Reference::shown`]: a field of the answer, outside.
//!
//! RFC 9788 §6.1.2 runs the Respond Function of a mail program over the fields inside and over those outside, and
//! compares. A finished draft has no such function, so each field is compared with what it can have been made from;
//! where the two ways differ, this one shows less.

use std::collections::BTreeSet;

use crate::mime::write::confidentiality::{OBSCURED, Shown, spelled};
use crate::mime::write::field::unstructured;
use crate::mime::write::mailboxes::{composed, is_address_list, mailboxes};
use crate::mime::{Address, Headers};

/// The fields of the answered letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reference {
    /// It came encrypted.
    pub(crate) encrypted: bool,
    /// As written inside: name and decoded value.
    pub(crate) inside: Vec<(String, String)>,
    /// As its author let them stand outside.
    pub(crate) outside: Vec<(String, String)>,
}

impl Reference {
    pub(crate) fn shown(&self, name: &str, field: &[u8]) -> Shown {
        match name {
            "subject" => self.subject(field),
            "in-reply-to" | "references" => self.identifiers(field),
            _ if is_address_list(name) => self.addresses(name, field),
            _ => self.other(name, field),
        }
    }

    /// The values of a name inside that do not stand outside.
    fn confidential<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let outside = |value: &str| values(&self.outside, name).any(|shown| shown == value);
        values(&self.inside, name).filter(move |value| !outside(value))
    }

    /// `Re: [...]` where the draft has `Re: ` and the hidden subject, else `[...]`: whoever edits it may quote from it.
    fn subject(&self, field: &[u8]) -> Shown {
        let Some(hidden) = self.confidential("subject").next() else { return Shown::Same };
        let text = text_of(field);
        let prefix = text.strip_suffix(hidden).filter(|before| is_prefix(before));
        let shown = values(&self.outside, "subject").next().unwrap_or("[...]");
        let made = prefix.map(|before| unstructured("Subject", &format!("{before}{shown}")));
        let made = made.and_then(Result::ok).unwrap_or_else(|| OBSCURED.to_vec());
        if made == field { Shown::Same } else { Shown::As(made) }
    }

    /// Names that stood inside only are left out, and who was named inside only.
    fn addresses(&self, name: &str, field: &[u8]) -> Shown {
        let (inside, outside) = (people(&self.inside), people(&self.outside));
        if inside.is_subset(&outside) {
            return Shown::Same;
        }
        let Some(all) = mailboxes(field, name) else { return Shown::Same };
        let known = |list: &BTreeSet<Person>, address: &Address| list.iter().any(|(_, one)| one == address);
        let hidden_name = |address: &Address| {
            inside.iter().any(|one| one.1 == *address && one.0.is_some() && !outside.contains(one))
        };
        let hidden = |address: &Address| known(&inside, address) && !known(&outside, address);
        let mut shown = all.clone();
        if name != "from" {
            shown.retain(|(_, address)| !hidden(address));
        }
        for (name, address) in &mut shown {
            if hidden_name(address) {
                *name = None;
            }
        }
        if shown == all {
            return Shown::Same;
        }
        composed(spelled(field), &shown).map_or(Shown::Removed, Shown::As)
    }

    /// Message-IDs that stood inside only.
    fn identifiers(&self, field: &[u8]) -> Shown {
        const NAMES: [&str; 3] = ["message-id", "in-reply-to", "references"];
        let of = |list| -> BTreeSet<&str> {
            NAMES.iter().flat_map(|name| values(list, name)).flat_map(str::split_whitespace).collect()
        };
        let (inside, outside) = (of(&self.inside), of(&self.outside));
        let text = text_of(field);
        let hidden = |id: &&str| inside.contains(id) && !outside.contains(id);
        let shown: Vec<&str> = text.split_whitespace().filter(|id| !hidden(id)).collect();
        if shown.len() == text.split_whitespace().count() {
            return Shown::Same;
        }
        match unstructured(spelled(field), &shown.join(" ")) {
            Ok(made) if !shown.is_empty() => Shown::As(made),
            _ => Shown::Removed,
        }
    }

    fn other(&self, name: &str, field: &[u8]) -> Shown {
        let text = text_of(field);
        // Thread-Topic and its kin.
        let repeats = |hidden: &str| {
            text.strip_suffix(hidden).is_some_and(|before| before.is_empty() || is_prefix(before))
        };
        if self.confidential("subject").any(|hidden| !hidden.is_empty() && repeats(hidden)) {
            return Shown::Removed;
        }
        if !self.confidential(name).any(|hidden| hidden == text) {
            return Shown::Same;
        }
        let shown = values(&self.outside, name).next();
        shown.and_then(|value| unstructured(spelled(field), value).ok()).map_or(Shown::Removed, Shown::As)
    }
}

type Person = (Option<String>, Address);

/// Everybody whom a field of addresses names.
fn people(fields: &[(String, String)]) -> BTreeSet<Person> {
    let lists = fields.iter().filter(|(name, _)| is_address_list(name));
    lists
        .filter_map(|(name, value)| mailboxes(format!("{name}: {value}\r\n").as_bytes(), name))
        .flatten()
        .collect()
}

fn values<'r>(fields: &'r [(String, String)], name: &'r str) -> impl Iterator<Item = &'r str> {
    fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn text_of(field: &[u8]) -> String {
    let text = Headers::new(field).fields().next().map(|field| field.text()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Re: `, `Fwd: `, `AW: `: a word and a colon, once or more often.
fn is_prefix(text: &str) -> bool {
    let word = |word: &str| word.len() <= 8 && word.ends_with(':');
    !text.is_empty()
        && text.ends_with(' ')
        && text.split_whitespace().count() <= 3
        && text.split_whitespace().all(word)
}
