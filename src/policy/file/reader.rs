//! Values of a TOML document, with the lines that they stand in.

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use der::DateTime;
use toml_edit::{Item, Key, Table, TableLike, Value};

use crate::crypto::ContentCipher;
use crate::error::Error;
use crate::mime::Address;
use crate::report::whole_fingerprint;
use crate::time::UnixTime;

/// Says where in the text something is.
#[derive(Clone, Copy)]
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) name: &'t str,
}

/// A value, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Entry<'t> {
    reader: Reader<'t>,
    /// Whose value it is, or is in.
    key: &'t Key,
    value: Held<'t>,
}

#[derive(Clone, Copy)]
enum Held<'t> {
    Item(&'t Item),
    /// In an array.
    Value(&'t Value),
}

impl<'t> Reader<'t> {
    /// `policy.toml:12`
    pub(super) fn at(&self, span: Option<Range<usize>>) -> String {
        let start = span.map_or(0, |span| span.start);
        let before = self.text.as_bytes().get(..start).unwrap_or_default();
        let line = before.iter().filter(|octet| **octet == b'\n').count().saturating_add(1);
        format!("{}:{line}", self.name)
    }

    pub(super) fn wrong(&self, span: Option<Range<usize>>, why: &str) -> Error {
        Error::malformed("a policy", format!("{}: {why}", self.at(span)))
    }

    /// Where a table begins: its first key, if it has no head of its own.
    fn span(&self, table: &dyn TableLike) -> Option<Range<usize>> {
        let keys = table.iter().filter_map(|(name, _)| table.get_key_value(name)?.0.span());
        keys.min_by_key(|span| span.start)
    }

    pub(super) fn place(&self, table: &dyn TableLike) -> String {
        self.at(self.span(table))
    }

    pub(super) fn wrong_table(&self, table: &dyn TableLike, why: &str) -> Error {
        self.wrong(self.span(table), why)
    }

    /// An error for the first key that is none of these.
    pub(super) fn known(&self, table: &dyn TableLike, keys: &[&str], kind: &str) -> Result<(), Error> {
        let unknown = table.iter().map(|(name, _)| name).find(|name| !keys.contains(name));
        let Some(name) = unknown else { return Ok(()) };
        let span = table.get_key_value(name).and_then(|(key, _)| key.span());
        let said = match meant(name, keys.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("it has {}", keys.join(", ")),
        };
        let why = format!("unknown key \"{}\" in {kind}; {said}", name.escape_debug());
        Err(self.wrong(span, &why))
    }

    pub(super) fn entry<'e>(&self, table: &'e dyn TableLike, name: &str) -> Option<Entry<'e>>
    where
        't: 'e,
    {
        let (key, item) = table.get_key_value(name)?;
        Some(Entry { reader: *self, key, value: Held::Item(item) })
    }

    /// `[[name]]`, each.
    pub(super) fn tables<'e>(&self, root: &'e dyn TableLike, name: &str) -> Result<Vec<&'e Table>, Error>
    where
        't: 'e,
    {
        let Some(entry) = self.entry(root, name) else { return Ok(Vec::new()) };
        let Held::Item(Item::ArrayOfTables(tables)) = entry.value else {
            return Err(entry.wrong_key(&format!("\"{name}\" is written [[{name}]]")));
        };
        if let Some(empty) = tables.iter().find(|table| table.is_empty()) {
            return Err(self.wrong(empty.span(), &format!("[[{name}]] says nothing")));
        }
        Ok(tables.iter().collect())
    }
}

impl<'t> Entry<'t> {
    fn span(&self) -> Option<Range<usize>> {
        match self.value {
            Held::Item(item) => item.span(),
            Held::Value(value) => value.span(),
        }
    }

    fn value(&self) -> Option<&'t Value> {
        match self.value {
            Held::Item(item) => item.as_value(),
            Held::Value(value) => Some(value),
        }
    }

    /// Where its key stands.
    pub(super) fn place(&self) -> String {
        self.reader.at(self.key.span())
    }

    /// Something is wrong with the value.
    pub(super) fn wrong(&self, why: &str) -> Error {
        self.reader.wrong(self.span().or_else(|| self.key.span()), why)
    }

    /// Something is wrong with its key.
    pub(super) fn wrong_key(&self, why: &str) -> Error {
        self.reader.wrong(self.key.span(), why)
    }

    fn is_no(&self, kind: &str) -> Error {
        self.wrong(&format!("`{}` is {kind}", self.key.get()))
    }

    pub(super) fn text(&self) -> Result<&'t str, Error> {
        let text = self.value().and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).ok_or_else(|| self.is_no("a text in quotation marks"))
    }

    /// A text, or an array of texts, which is not empty: nobody is named by it, and no name stands for everybody.
    pub(super) fn texts(&self) -> Result<Vec<Self>, Error> {
        let Some(Value::Array(all)) = self.value() else { return self.text().map(|_| vec![*self]) };
        let each: Vec<Self> = all.iter().map(|value| Self { value: Held::Value(value), ..*self }).collect();
        each.iter().try_for_each(|one| one.text().map(drop))?;
        match each.is_empty() {
            true => Err(self.wrong(&format!("`{}` is empty", self.key.get()))),
            false => Ok(each),
        }
    }

    pub(super) fn table(&self) -> Result<&'t dyn TableLike, Error> {
        let table = match self.value {
            Held::Item(item) => item.as_table_like(),
            Held::Value(_) => None,
        };
        table.filter(|table| !table.is_empty()).ok_or_else(|| self.is_no("a table, with at least one key"))
    }

    /// Rules only add: what a `false` would take away nobody can take away.
    pub(super) fn yes(&self) -> Result<(), Error> {
        match self.value().and_then(Value::as_bool) {
            Some(true) => Ok(()),
            Some(false) => Err(self.wrong("a rule only adds; leave the key out instead of `false`")),
            None => Err(self.is_no("true, or left out")),
        }
    }

    pub(super) fn parsed<T: FromStr<Err: Display>>(&self) -> Result<T, Error> {
        self.text()?.parse().map_err(|error: T::Err| {
            let said = error.to_string();
            self.wrong(said.strip_prefix("misuse: ").unwrap_or(&said))
        })
    }

    /// The value of a word.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Error> {
        let text = self.text()?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(*value);
        }
        let said = match meant(text, words.iter().map(|(word, _)| *word)) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => {
                let all: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                format!("it is {}", all.join(", "))
            }
        };
        Err(self.wrong(&format!("`{}` is not \"{}\"; {said}", self.key.get(), text.escape_debug())))
    }

    /// A fingerprint in full, or an address.
    pub(super) fn key_name(&self) -> Result<String, Error> {
        match self.text()?.contains('@') {
            true => self.parsed::<Address>().map(|address| address.to_string()),
            false => self.fingerprint(),
        }
    }

    pub(super) fn fingerprint(&self) -> Result<String, Error> {
        whole_fingerprint(self.text()?).map_err(|error| {
            let said = error.to_string();
            self.wrong(said.strip_prefix("misuse: ").unwrap_or(&said))
        })
    }

    pub(super) fn cipher(&self) -> Result<ContentCipher, Error> {
        let name = self.text()?;
        let known = ContentCipher::WRITTEN.iter().find(|one| one.to_string().eq_ignore_ascii_case(name));
        known.copied().ok_or_else(|| {
            let names: Vec<String> = ContentCipher::WRITTEN.iter().map(ToString::to_string).collect();
            let said = match meant(name, names.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("it is {}", names.join(", ")),
            };
            self.wrong(&format!("`cipher` is not \"{}\"; {said}", name.escape_debug()))
        })
    }

    /// Less than 1024 bits can be broken by anybody.
    pub(super) fn bits(&self) -> Result<usize, Error> {
        let bits = self.value().and_then(Value::as_integer).and_then(|bits| usize::try_from(bits).ok());
        bits.filter(|bits| (1024..2048).contains(bits))
            .ok_or_else(|| self.is_no("a number from 1024 to 2047"))
    }

    /// Of a date, its last second (UTC).
    pub(super) fn last_second(&self) -> Result<UnixTime, Error> {
        let wrong = || self.is_no("a date without quotation marks, 2027-06-30");
        let date = self.value().and_then(Value::as_datetime).filter(|one| one.time.is_none());
        let date = date.and_then(|one| one.date).ok_or_else(wrong)?;
        let time = DateTime::new(date.year, date.month, date.day, 23, 59, 59).map_err(|_| wrong())?;
        let seconds = i64::try_from(time.unix_duration().as_secs()).map_err(|_| wrong())?;
        Ok(UnixTime::from_seconds(seconds))
    }
}

/// Which of these words a mistyped one was meant to be.
pub(super) fn meant<'w>(text: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let text: String = text.to_lowercase().chars().take(40).collect();
    let near = words.map(|word| (strsim::damerau_levenshtein(&text, &word.to_lowercase()), word));
    let (distance, word) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2.min(word.chars().count() / 2)).then_some(word)
}
