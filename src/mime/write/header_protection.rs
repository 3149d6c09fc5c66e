//! Header fields inside the signed or encrypted payload (RFC 9788): writing the copies, and comparing them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::mime::encoded_word::decode_words;
use crate::mime::write::field::{Field, unstructured};
use crate::mime::write::header::{fits, is_text};
use crate::mime::{FromHeader, Headers, MediaType};

/// What a composer does about header protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protect {
    /// No copies.
    Off,
    /// `hp="clear"`: copies of the outer fields, for a letter that is only signed.
    Clear,
    /// `hp="cipher"`: the outer Subject becomes `[...]`, Comments and Keywords leave the outside (RFC 9788 §3.2.1),
    /// HP-Outer says what stands there. For an entity that is going to be encrypted.
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

    pub(crate) fn choose(&mut self, protect: Protect) {
        self.chosen = if self.possible { protect } else { Protect::Off };
        self.hidden = (self.chosen == Protect::Cipher).then(|| self.hide());
    }

    fn hide(&self) -> Hidden {
        let mut all = Hidden::default();
        for field in &self.fields {
            let outer = self.at(&field.outer);
            let (Some(octets), Some(copy)) = (hidden(outer), &field.copy) else {
                // Without a copy inside, hiding it would lose it.
                if field.copy.is_none() {
                    all.outer.push(outer.to_vec());
                }
                continue;
            };
            let shown = if octets == outer { self.at(copy) } else { &octets };
            all.told.push([HP_OUTER, shown].concat());
            all.outer.push(octets);
        }
        all
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

const HP_OUTER: &[u8] = b"HP-Outer: ";
/// Octets that hold the header of most letters.
const HEADER: usize = 512;

/// RFC 9788 §3.2.1, `hcp_baseline`.
fn hidden(outer: &[u8]) -> Option<Vec<u8>> {
    let name = outer.split(|octet| *octet == b':').next().unwrap_or_default().trim_ascii_end();
    match name.to_ascii_lowercase().as_slice() {
        b"subject" => Some(b"Subject: [...]\r\n".to_vec()),
        b"comments" | b"keywords" => None,
        _ => Some(outer.to_vec()),
    }
}

/// The copy of a field for the 7-bit entity, as its place in `all`: the one outside if that will do, its canonical form,
/// or encoded words where the field is text. An address with raw UTF-8 (RFC 6532) has no such form and stays without a
/// copy.
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
        let value = decode_words(&String::from_utf8(field.value()).ok()?);
        all.extend(is_text(field).then(|| unstructured(field.name, &value).ok())??);
    }
    Some(outer.end..all.len())
}

/// Fields of the author; not those that are added on the way (RFC 9788 §7), and not X-*, which mail programs use
/// for themselves.
fn is_protectable(name: &str) -> bool {
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
    const PREFIXES: [&str; 4] = ["x-", "resent-", "arc-", "content-"];
    let starts =
        |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    !ADDED.iter().any(|added| name.eq_ignore_ascii_case(added)) && !PREFIXES.iter().any(starts)
}

/// What a payload says about the header of its letter (RFC 9788 §4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HeaderProtection {
    /// The hp parameter of the payload's Content-Type: `clear` or `cipher`. Without it no field is protected, unless
    /// the payload has `protected-headers`, as some programs wrote before RFC 9788.
    pub(crate) hp: Option<String>,
    /// Names, in lower case, of the fields that the payload protects.
    pub(crate) protected: Vec<String>,
    /// Those whose outer values are not what the payload says should stand there.
    pub(crate) mismatched: Vec<String>,
    /// Those that an encrypted payload keeps from the outside, as it says itself.
    pub(crate) hidden: Vec<String>,
}

impl HeaderProtection {
    /// Compares the header of a payload with the header of its letter: unfolded, encoded words decoded, runs of
    /// white space as one (RFC 9788 §4.3). Only where the payload was encrypted may it say that the outside differs:
    /// else a signer could name one author to some readers and another to others.
    pub(crate) fn read(payload: &[u8], outer: &[u8], encrypted: bool) -> Self {
        let headers = Headers::new(payload);
        let media_type = headers.get("Content-Type").and_then(|field| MediaType::parse(&field.unfolded()));
        let parameter =
            |name: &str| media_type.as_ref().and_then(|it| it.parameter(name)).map(str::to_ascii_lowercase);
        let hp = parameter("hp").filter(|hp| hp == "clear" || hp == "cipher");
        if hp.is_none() && parameter("protected-headers").is_none() {
            return Self::default();
        }
        let outer = Headers::new(outer);
        let (inside, outside) = (values(&headers), values(&outer));
        let told = (encrypted && hp.as_deref() == Some("cipher")).then(|| outer_values(&headers));
        let expected = told.as_ref().unwrap_or(&inside);
        let differs = |name: &&String| outside.get(*name) != expected.get(*name);
        // An answer must not go to whom somebody else wrote in on the way.
        let added =
            (outside.contains_key(REPLY_TO) && !inside.contains_key(REPLY_TO)).then(|| REPLY_TO.to_owned());
        // One hand may be named more fully inside, but it is one.
        let author = |headers: &Headers<'_>| FromHeader::read(headers).sole().cloned();
        let other = inside.contains_key(FROM)
            && !spelled_alike(inside.get(FROM), outside.get(FROM))
            && author(&headers) != author(&outer);
        let other = other.then(|| FROM.to_owned());
        let mut mismatched: Vec<String> = inside.keys().filter(differs).cloned().chain(added).collect();
        mismatched.extend(other.filter(|name| !mismatched.contains(name)));
        let hidden = |name: &&String| told.as_ref().is_some_and(|told| told.get(*name) != inside.get(*name));
        Self {
            hidden: inside.keys().filter(hidden).cloned().collect(),
            mismatched,
            protected: inside.into_keys().collect(),
            hp,
        }
    }
}

const FROM: &str = "from";
const REPLY_TO: &str = "reply-to";

type Values<'a> = BTreeMap<String, Vec<Cow<'a, str>>>;

fn values<'a>(headers: &Headers<'a>) -> Values<'a> {
    let fields = headers.fields().filter(|field| is_protectable(field.name));
    collect(fields.map(|field| (field.name.to_owned(), single(&field))))
}

/// What HP-Outer says of the outside (RFC 9788 §2.2.1).
fn outer_values(headers: &Headers<'_>) -> Values<'static> {
    let fields = headers.fields().filter(|field| field.name.eq_ignore_ascii_case("HP-Outer"));
    collect(fields.filter_map(|field| {
        let text = field.text();
        text.split_once(':').map(|(name, value)| (name.trim().to_owned(), words(value).into()))
    }))
}

/// The text of a field with runs of white space as one. Borrowed where that is how it stands there.
fn single<'a>(field: &crate::mime::Field<'a>) -> Cow<'a, str> {
    let value = field.value.strip_prefix(b" ").unwrap_or(field.value);
    let printable = |octet: &u8| matches!(octet, b' '..=b'~');
    let odd = |pair: &[u8]| matches!(pair, b"=?" | b"  ");
    let plain = value.iter().all(printable) && value == value.trim_ascii() && !value.windows(2).any(odd);
    match std::str::from_utf8(value) {
        Ok(text) if plain => Cow::Borrowed(text),
        _ => Cow::Owned(words(&field.text())),
    }
}

/// The same octets, and none of them has to be decoded: whoever reads them reads the same.
fn spelled_alike(one: Option<&Vec<Cow<'_, str>>>, other: Option<&Vec<Cow<'_, str>>>) -> bool {
    let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
    one == other && one.into_iter().chain(other).flatten().all(borrowed)
}

fn words(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        single.push_str(if single.is_empty() { "" } else { " " });
        single.push_str(word);
    }
    single
}

/// In order of their text, because the order of equal names is not kept everywhere.
fn collect<'a>(fields: impl Iterator<Item = (String, Cow<'a, str>)>) -> Values<'a> {
    let mut values = Values::new();
    for (mut name, text) in fields {
        name.make_ascii_lowercase();
        values.entry(name).or_default().push(text);
    }
    values.values_mut().for_each(|texts| texts.sort());
    values
}
