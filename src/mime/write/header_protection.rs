//! Header fields inside the signed or encrypted payload (RFC 9788): writing the copies.

use std::ops::Range;

use crate::error::Error;
use crate::mime::Headers;
use crate::mime::encoded_word::decode_words;
use crate::mime::write::confidentiality::{Hcp, Shown, is_user_facing, name_of, spelled};
use crate::mime::write::field::{Field, unstructured};
use crate::mime::write::header::{fits, is_text};
use crate::mime::write::mailboxes::{composed, is_address_list, mailboxes};

/// What a composer does about header protection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Protect {
    /// No copies.
    Off,
    /// `hp="clear"`: copies of the outer fields, for a letter that is only signed.
    #[default]
    Clear,
    /// `hp="cipher"`: outside stands what a policy leaves, HP-Outer says what that is. For an entity that is going to be
    /// encrypted.
    Cipher,
}

/// The outer fields of a draft, and the copies of them inside.
#[derive(Debug, Clone)]
pub(crate) struct Protection {
    chosen: Protect,
    octets: Vec<u8>,
    /// Each field that stays outside, and its copy if it gets one; most often it is the same.
    fields: Vec<Copied>,
    hidden: Option<Hidden>,
    possible: bool,
}

#[derive(Debug, Clone)]
struct Copied {
    outer: Range<usize>,
    copy: Option<Range<usize>>,
}

/// What stands outside instead, and the fields inside that say so.
#[derive(Debug, Clone, Default)]
struct Hidden {
    outer: Vec<Vec<u8>>,
    told: Vec<Vec<u8>>,
    changed: Vec<(String, String)>,
}

fn user_facing(copy: &[u8]) -> Option<(String, String)> {
    let field = Headers::new(copy).fields().next().filter(|field| is_user_facing(field.name))?;
    Some((field.name.to_owned(), field.text()))
}

impl Protection {
    /// Where it is not `possible`, no field gets a copy.
    pub(crate) fn of<'f>(outer: impl Iterator<Item = &'f Field<'f>>, possible: bool) -> Self {
        let mut octets = Vec::with_capacity(HEADER);
        let copied = |field: &Field<'_>| {
            let start = octets.len();
            field.crlf_into(&mut octets);
            let outer = start..octets.len();
            let copy = if possible { copy(field, &outer, &mut octets) } else { None };
            Copied { outer, copy }
        };
        let fields = outer.map(copied).collect();
        Self { chosen: Protect::Off, octets, fields, hidden: None, possible }
    }

    fn at(&self, range: &Range<usize>) -> &[u8] {
        self.octets.get(range.clone()).unwrap_or_default()
    }

    /// [`Error::Refused`] where something was to be hidden and cannot be.
    pub(crate) fn choose(&mut self, protect: Protect, hcp: Hcp<'_>) -> Result<(), Error> {
        self.chosen = if self.possible { protect } else { Protect::Off };
        self.hidden = (self.chosen == Protect::Cipher).then(|| self.hide(hcp)).transpose()?;
        Ok(())
    }

    fn hide(&self, hcp: Hcp<'_>) -> Result<Hidden, Error> {
        let mut all = Hidden::default();
        for field in &self.fields {
            let outer = self.at(&field.outer);
            // Without a copy inside, hiding it would lose it.
            let Some(copy) = &field.copy else {
                refuse_to_show(outer, hcp)?;
                all.outer.push(outer.to_vec());
                continue;
            };
            let shown = hcp.shown(outer);
            if shown != Shown::Same {
                all.changed.extend(user_facing(self.at(copy)));
            }
            let (outside, told) = match &shown {
                Shown::Removed => continue,
                Shown::Same => (outer, self.at(copy)),
                Shown::As(octets) => (octets.as_slice(), octets.as_slice()),
            };
            all.told.push([HP_OUTER, told].concat());
            all.outer.push(outside.to_vec());
        }
        Ok(all)
    }

    /// What readers see first and an encrypted letter does not show outside, as names and text.
    pub(crate) fn changed(&self) -> &[(String, String)] {
        self.hidden.as_ref().map(|hidden| hidden.changed.as_slice()).unwrap_or_default()
    }

    pub(crate) fn outer(&self) -> impl Iterator<Item = &[u8]> {
        let hidden = self.hidden.as_ref();
        let own = self.fields.iter().filter(move |_| hidden.is_none()).map(|field| self.at(&field.outer));
        hidden.into_iter().flat_map(|hidden| &hidden.outer).map(Vec::as_slice).chain(own)
    }

    pub(crate) fn inner(&self) -> impl Iterator<Item = &[u8]> {
        let copies = self.fields.iter().filter(|_| self.chosen != Protect::Off);
        let told = self.hidden.iter().flat_map(|hidden| &hidden.told);
        copies
            .filter_map(|field| field.copy.as_ref())
            .map(|copy| self.at(copy))
            .chain(told.map(Vec::as_slice))
    }

    /// The Content-Type with its hp parameter (RFC 9788 §2.1), in two pieces.
    pub(crate) fn content_type<'f>(&self, field: &'f [u8]) -> [&'f [u8]; 2] {
        let hp: &[u8] = match self.chosen {
            Protect::Off => return [field, b""],
            Protect::Clear => b";\r\n hp=\"clear\"\r\n",
            Protect::Cipher => b";\r\n hp=\"cipher\"\r\n",
        };
        let end = |octet: &u8| octet.is_ascii_whitespace() || *octet == b';';
        let kept = field.iter().rposition(|octet| !end(octet)).map_or(0, |last| last + 1);
        let (field, _) = field.split_at(kept);
        [field, hp]
    }
}

/// Shy leaves addresses alone that have no copy (RFC 6532); what else was to be hidden must not stand outside.
fn refuse_to_show(field: &[u8], hcp: Hcp<'_>) -> Result<(), Error> {
    let name = name_of(field);
    let stays = is_address_list(&name) && hcp.reference.is_none();
    if !is_protectable(&name) || stays || hcp.shown(field) == Shown::Same {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{} cannot be hidden: it is neither ASCII nor encoded (RFC 2047)",
        spelled(field)
    )))
}

const HP_OUTER: &[u8] = b"HP-Outer: ";
/// Octets that hold the header of most letters.
const HEADER: usize = 512;

/// The copy of a field for the 7-bit entity, as its place in `all`: the one outside if that will do, its canonical form,
/// or encoded words where it is text or the name beside an address. An address with raw UTF-8 (RFC 6532) has no such form
/// and stays without a copy.
fn copy(field: &Field<'_>, outer: &Range<usize>, all: &mut Vec<u8>) -> Option<Range<usize>> {
    if !is_protectable(field.name) {
        return None;
    }
    field.canonical_into(all);
    let (before, octets) = all.split_at_checked(outer.end)?;
    if before.ends_with(octets) && octets.len() == outer.len() && fits(octets, HP_OUTER.len()) {
        all.truncate(outer.end);
        return Some(outer.clone());
    }
    // With room for `HP-Outer: ` in front.
    if !fits(octets, HP_OUTER.len()) {
        // Encoded words between raw characters: the copy says what a reader makes of them.
        all.truncate(outer.end);
        all.extend(ascii(field)?);
    }
    Some(outer.end..all.len())
}

fn ascii(field: &Field<'_>) -> Option<Vec<u8>> {
    if is_address_list(field.name) {
        return composed(field.name, &mailboxes(field.octets, field.name)?);
    }
    let value = decode_words(&String::from_utf8(field.value()).ok()?);
    is_text(field).then(|| unstructured(field.name, &value).ok())?
}

/// Fields of the author; not those that are added on the way (RFC 9788 §7).
pub(crate) fn is_protectable(name: &str) -> bool {
    const ADDED: [&str; 12] = [
        "return-path",
        "received",
        "received-spf",
        "delivered-to",
        "envelope-to",
        "dkim-signature",
        "domainkey-signature",
        "authentication-results",
        "bcc",
        "hp-outer",
        "status",
        "mime-version",
    ];
    const PREFIXES: [&str; 3] = ["resent-", "arc-", "content-"];
    let starts =
        |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    !ADDED.iter().any(|added| name.eq_ignore_ascii_case(added)) && !PREFIXES.iter().any(starts)
}
