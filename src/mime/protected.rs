//! What a payload says about the header of its letter: RFC 9788, and the two forms before it.
//!
//! - [`Protected::read`]: the fields inside, compared with those outside.
//! - [`Protected::is_wrapped`]: RFC 8551 §3.1, a whole letter as the payload.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mail_parser::decoders::html::html_to_text;

use super::charset;
use super::from::FromHeader;
use super::header::{Field, Headers};
use super::media_type::MediaType;
use super::structure::Part;
use super::write::{is_address_list, is_protectable, is_user_facing, mailboxes};

/// How the copies came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the header of the payload, with the parameter `hp` (RFC 9788).
    Parameter,
    /// The same with `protected-headers`, as some programs wrote before.
    Older,
    /// In a `message/rfc822` that is the payload (RFC 8551 §3.1).
    Wrapped,
}

/// One field, inside and outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    /// None where it stands outside only.
    pub(crate) value: Option<String>,
    /// What stands outside.
    pub(crate) outer: Option<String>,
    /// What its author let stand there, where that is something else than `value`.
    pub(crate) told: Option<String>,
    /// `value` was kept from the outside (RFC 9788 §4.3.1).
    pub(crate) confidential: bool,
}

/// What a payload says about the header of its letter (RFC 9788 §4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Protected {
    /// None: no field is protected.
    pub(crate) form: Option<Form>,
    /// The hp parameter of the payload's Content-Type: `clear` or `cipher`.
    pub(crate) hp: Option<String>,
    /// Field by field: what readers see first, then others; not more than [`FIELDS`] of each.
    pub(crate) fields: Vec<Seen>,
    /// Names, in lower case, of the fields that the payload protects.
    pub(crate) protected: Vec<String>,
    /// Those whose outer values are not what the payload says should stand there.
    pub(crate) mismatched: Vec<String>,
    /// Those that an encrypted payload keeps from the outside, as it says itself.
    pub(crate) hidden: Vec<String>,
}

const FIELDS: usize = 128;
const FROM: &str = "from";

/// Where fields of these names stand outside only, somebody added them; not where they are beyond ASCII, which may have
/// no copy (RFC 6532).
const ADDED: &[&str] = &["mail-followup-to", "followup-to", "to", "cc", "subject"];
/// What is shown of a letter once (RFC 5322 §3.6).
const ONCE: &[&str] = &["subject", "date", FROM];
/// An answer must not go to whom somebody else wrote in on the way.
const REPLY_TO: &str = "reply-to";

impl Protected {
    /// Compares the header of a payload with the header of its letter: unfolded, encoded words decoded, runs of
    /// white space as one (RFC 9788 §4.3). Only where the payload was encrypted may it say that the outside differs:
    /// else a signer could name one author to some readers and another to others.
    pub(crate) fn read(payload: &[u8], outer: &[u8], encrypted: bool, wrapped: bool) -> Self {
        let headers = Headers::new(payload);
        let parameter = |name: &str| content_type(&headers)?.parameter(name).map(str::to_ascii_lowercase);
        let hp = parameter("hp").filter(|hp| hp == "clear" || hp == "cipher");
        let form = match (&hp, wrapped) {
            (Some(_), _) => Form::Parameter,
            (None, true) => Form::Wrapped,
            (None, false) if parameter("protected-headers").is_some() => Form::Older,
            (None, false) => return Self::default(),
        };
        let outer = Headers::new(outer);
        let (inside, outside) = (values(&headers), values(&outer));
        let told = match form {
            _ if !encrypted => None,
            Form::Parameter => (hp.as_deref() == Some("cipher")).then(|| outer_values(&headers)),
            // Nobody says what was meant to stand there (RFC 9788 §4.10.2, §F.3).
            Form::Older | Form::Wrapped => Some(inferred(&inside, &outside)),
        };
        let expected = told.as_ref().unwrap_or(&inside);
        let compared = |name: &&String| !name.starts_with("x-");
        let differs = |name: &&String| !alike(name, outside.get(*name), expected.get(*name));
        let mut mismatched: Vec<String> = inside.keys().filter(compared).filter(differs).cloned().collect();
        let added = if form == Form::Parameter { ADDED } else { &[] };
        let added = added.iter().filter(|name| is_ascii(&outer, name)).chain(&[REPLY_TO]);
        let added = added.filter(|name| outside.contains_key(**name) && !inside.contains_key(**name));
        mismatched.extend(added.map(|name| (*name).to_owned()));
        // One hand may be named more fully inside, but it is one.
        let author = |headers: &Headers<'_>| FromHeader::read(headers).sole().cloned();
        let other = inside.contains_key(FROM)
            && !spelled_alike(inside.get(FROM), outside.get(FROM))
            && author(&headers) != author(&outer);
        // Which of two a reader shows, nobody knows.
        let twice = ONCE.iter().filter(|name| inside.get(**name).is_some_and(|all| all.len() > 1));
        let twice = twice.filter(|name| !mismatched.iter().any(|one| one == **name)).copied();
        mismatched.extend(twice.map(str::to_owned).collect::<Vec<_>>());
        if other && !mismatched.iter().any(|name| name == FROM) {
            mismatched.push(FROM.to_owned());
        }
        let hides =
            |name: &str| told.as_ref().is_some_and(|told| !alike(name, told.get(name), inside.get(name)));
        let hidden = inside.keys().filter(|name| hides(name)).cloned().collect();
        let fields = fields(&headers, &outer, told.as_ref());
        Self { form: Some(form), hidden, mismatched, fields, protected: inside.into_keys().collect(), hp }
    }

    /// A payload that is a letter of its own, and is meant as this one (RFC 8551 §3.1, RFC 9788 §4.10.1): `child` is
    /// that letter. Where nothing says that it is not a letter passed on, its author has to be the one outside.
    pub(crate) fn is_wrapped(payload: &Part, child: &Part, outer: &[u8]) -> bool {
        let parameter = |part: &Part, name: &str| part.media_type.parameter(name).is_some();
        let of_a_layer = child.media_type.is("multipart", "signed")
            || child.media_type.is("multipart", "encrypted")
            || child.media_type.is("application", "pkcs7-mime")
            || child.media_type.is("application", "x-pkcs7-mime");
        let forwarded = payload.media_type.parameter("forwarded").map(str::to_ascii_lowercase);
        let one_author = || {
            let author = |headers: &Headers<'_>| FromHeader::read(headers).sole().cloned();
            let inner = author(&child.headers());
            inner.is_some() && inner == author(&Headers::new(outer))
        };
        payload.media_type.is("message", "rfc822")
            && !of_a_layer
            && !parameter(payload, "hp")
            && !parameter(child, "hp")
            && match forwarded.as_deref() {
                Some("no") => true,
                Some("yes") => false,
                _ => one_author(),
            }
    }
}

/// Whether a field says the same as `value`, which a text in this charset has. Characters that a charset lacks stand
/// there as HTML has them.
pub(crate) fn says(headers: &Headers<'_>, name: &str, value: &[u8], charset: Option<&str>) -> bool {
    let text = charset::decode(value, charset);
    let spelled = [html_to_text(&text), text];
    let read = |text: &String| one_field(name, &words(text), shown);
    let known: Vec<String> = spelled.iter().map(read).collect();
    let mut fields = headers.fields().filter(|field| field.name.eq_ignore_ascii_case(name));
    fields.any(|field| {
        let value = shown(&field);
        // Of people the name alone will do.
        let names =
            |known: &String| is_address_list(name) && !known.is_empty() && value.contains(known.as_str());
        known.iter().any(|known| alike_one(&name.to_ascii_lowercase(), known, &value) || names(known))
    })
}

fn is_ascii(headers: &Headers<'_>, name: &str) -> bool {
    let mut fields = headers.fields().filter(|field| field.name.eq_ignore_ascii_case(name));
    fields.all(|field| field.value.is_ascii())
}

fn content_type(headers: &Headers<'_>) -> Option<MediaType> {
    MediaType::parse(&headers.get("Content-Type")?.unfolded())
}

type Values<'a> = BTreeMap<String, Vec<Cow<'a, str>>>;

fn values<'a>(headers: &Headers<'a>) -> Values<'a> {
    let fields = headers.fields().filter(|field| is_protectable(field.name));
    collect(fields.map(|field| (field.name.to_owned(), single(&field))))
}

/// What HP-Outer says of the outside (RFC 9788 §2.2.1).
fn outer_values(headers: &Headers<'_>) -> Values<'static> {
    collect(told(headers).map(|(name, value)| {
        let text = one_field(&name, &value, |field| single(field).into_owned());
        (name, text.into())
    }))
}

/// Names and raw values of HP-Outer fields.
fn told<'h>(headers: &Headers<'h>) -> impl Iterator<Item = (String, String)> + use<'h> {
    let fields = headers.fields().filter(|field| field.name.eq_ignore_ascii_case("HP-Outer"));
    fields.filter_map(|field| {
        let text = field.raw_text();
        text.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
    })
}

fn one_field<T: Default>(name: &str, value: &str, of: impl FnOnce(&Field<'_>) -> T) -> T {
    let octets = format!("{name}: {value}\r\n");
    Headers::new(octets.as_bytes()).fields().next().map(|field| of(&field)).unwrap_or_default()
}

/// What stands outside where that can be how a program hid the value inside; else the value.
fn inferred<'v>(inside: &Values<'v>, outside: &Values<'v>) -> Values<'v> {
    let mut told = Values::new();
    for (name, values) in inside {
        match outside.get(name) {
            None if name != FROM => {}
            Some(shown) if obscures(name, shown, values) => drop(told.insert(name.clone(), shown.clone())),
            _ => drop(told.insert(name.clone(), values.clone())),
        }
    }
    told
}

fn obscures(name: &str, shown: &[Cow<'_, str>], values: &[Cow<'_, str>]) -> bool {
    const INSTEAD: [&str; 6] = ["...", "[...]", "\u{2026}", "[\u{2026}]", "encrypted message", "p\u{2261}p"];
    let ([shown], [value]) = (shown, values) else { return false };
    if is_address_list(name) {
        let addresses = |text: &str| -> Option<Vec<_>> {
            Some(mailboxes(line(name, text).as_bytes(), name)?.into_iter().map(|(_, one)| one).collect())
        };
        return addresses(shown).is_some_and(|all| Some(all) == addresses(value));
    }
    match name {
        "subject" => {
            let bare = shown.rsplit(": ").next().unwrap_or(shown).to_lowercase();
            INSTEAD.contains(&bare.as_str())
        }
        "date" => same_time(shown, value),
        _ => false,
    }
}

fn line(name: &str, value: &str) -> String {
    format!("{name}: {value}\r\n")
}

fn same_time(one: &str, other: &str) -> bool {
    let date = |text: &str| Headers::new(line("Date", text).as_bytes()).date();
    date(one).is_some_and(|time| Some(time) == date(other))
}

/// Field by field, in their order.
fn fields(inner: &Headers<'_>, outer: &Headers<'_>, told: Option<&Values<'_>>) -> Vec<Seen> {
    let outside = by_name(outer);
    let instead = told.map(|_| told_by_name(inner)).unwrap_or_default();
    let (mut seen, mut often) = (Vec::new(), BTreeMap::<String, usize>::new());
    let (mut facing, mut others) = (0, 0);
    for field in inner.fields().filter(|field| is_protectable(field.name)) {
        let count = if is_user_facing(field.name) { &mut facing } else { &mut others };
        *count += 1;
        if *count > FIELDS {
            continue;
        }
        let key = field.name.to_ascii_lowercase();
        let number = often.entry(key.clone()).or_default();
        let outer = outside.get(&key).and_then(|all| all.get(*number)).map(shown);
        let own = single(&field);
        let stands = |texts: &Vec<Cow<'_, str>>| texts.iter().any(|text| alike_one(&key, text, &own));
        let confidential = told.is_some_and(|told| !told.get(&key).is_some_and(stands));
        let told = match instead.get(&key).and_then(|all| all.get(*number)) {
            _ if !confidential => None,
            Some(value) => Some(value.clone()),
            None if instead.is_empty() => told.and_then(|told| told.get(&key)).and(outer.clone()),
            None => None,
        };
        let (name, value) = (field.name.to_owned(), Some(shown(&field)));
        seen.push(Seen { name, value, outer, told, confidential });
        *number += 1;
    }
    let only_outside = outside.iter().filter(|(name, _)| is_user_facing(name) && !often.contains_key(*name));
    for field in only_outside.flat_map(|(_, all)| all).take(FIELDS) {
        let (name, outer) = (field.name.to_owned(), Some(shown(field)));
        seen.push(Seen { name, value: None, outer, told: None, confidential: false });
    }
    seen
}

fn by_name<'a>(headers: &Headers<'a>) -> BTreeMap<String, Vec<Field<'a>>> {
    let mut all = BTreeMap::<String, Vec<Field<'a>>>::new();
    for field in headers.fields().filter(|field| is_protectable(field.name)) {
        all.entry(field.name.to_ascii_lowercase()).or_default().push(field);
    }
    all
}

fn told_by_name(headers: &Headers<'_>) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in told(headers).take(4 * FIELDS) {
        let value = one_field(&name, &value, shown);
        all.entry(name.to_ascii_lowercase()).or_default().push(value);
    }
    all
}

/// A value for people, which can be read again as a field: names beside addresses decoded and, where they have to be,
/// in quotes.
fn shown(field: &Field<'_>) -> String {
    let raw = line(field.name, &field.raw_text());
    let list = is_address_list(field.name).then(|| mailboxes(raw.as_bytes(), field.name)).flatten();
    let Some(list) = list.filter(|list| !list.is_empty()) else { return words(&field.text()) };
    let one = |(name, address): &(Option<String>, super::Address)| match name {
        Some(name) => format!("{} <{address}>", phrase(name)),
        None => address.to_string(),
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn phrase(name: &str) -> Cow<'_, str> {
    if !name.contains(['"', '(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',']) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// The text of a field with runs of white space as one. Borrowed where that is how it stands there.
fn single<'a>(field: &Field<'a>) -> Cow<'a, str> {
    let value = field.value.strip_prefix(b" ").unwrap_or(field.value);
    let printable = |octet: &u8| matches!(octet, b' '..=b'~');
    let odd = |pair: &[u8]| matches!(pair, b"=?" | b"  ");
    let plain = value.iter().all(printable) && value == value.trim_ascii() && !value.windows(2).any(odd);
    match std::str::from_utf8(value) {
        Ok(text) if plain => Cow::Borrowed(text),
        _ => Cow::Owned(shown(field)),
    }
}

/// The same text, or the same mailboxes by the same names.
fn alike(name: &str, one: Option<&Vec<Cow<'_, str>>>, other: Option<&Vec<Cow<'_, str>>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one.is_none() && other.is_none() };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike_one(name, one, other))
}

fn alike_one(name: &str, one: &str, other: &str) -> bool {
    one == other
        || is_address_list(name) && {
            let list =
                |text: &str| mailboxes(line(name, text).as_bytes(), name).filter(|list| !list.is_empty());
            list(one).is_some_and(|list_of_one| Some(list_of_one) == list(other))
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
