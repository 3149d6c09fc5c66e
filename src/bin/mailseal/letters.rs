//! The letters that were named: files, standard input, and all messages of folders and mbox files.

use std::path::{Path, PathBuf};
use std::{fmt, io, slice};

use mailseal::outside::{Mailbox, Reading, StoredMessage};
use mailseal::{Error as MailError, Input, Opened, Opener, UnixTime};
use serde_json::{Map, Value};

use crate::progress::watched;

/// One letter, where it lies.
pub(crate) enum Letter {
    Stdin,
    Stored(StoredMessage),
    /// What was named cannot be read.
    Unreadable(PathBuf, MailError),
}

impl Letter {
    /// How it is told from others; nothing for the only one on standard input.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Stdin => None,
            Self::Stored(message) => Some(message.to_string()),
            Self::Unreadable(path, _) => Some(path.display().to_string()),
        }
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let path = match self {
            Self::Stdin => Path::new("-"),
            Self::Stored(message) => message.path(),
            Self::Unreadable(path, _) => path,
        };
        fields.insert("file".into(), path.display().to_string().into());
        fields
    }

    /// Which message of an mbox file it is, and how it was read.
    pub(crate) fn in_mbox(&self, reading: Reading) -> Map<String, Value> {
        let mut fields = Map::new();
        if let Self::Stored(message) = self
            && let Some(number) = message.number()
        {
            fields.insert("message".into(), number.into());
            fields.insert("reading".into(), reading.name().into());
        }
        fields
    }

    pub(crate) fn octets(&self) -> u64 {
        match self {
            Self::Stored(message) => message.octets(),
            _ => 0,
        }
    }

    /// As it lies.
    pub(crate) fn input(&self) -> Result<Input<'static>, MailError> {
        Ok(watched(match self {
            Self::Stdin => Input::pipe(io::stdin()),
            Self::Stored(message) => message.input(Reading::AsItLies)?,
            Self::Unreadable(path, _) => Input::file(path),
        }))
    }

    pub(crate) fn open(
        &self,
        opener: &Opener,
        at: UnixTime,
    ) -> Result<(Opened<'static>, Reading), MailError> {
        match self {
            Self::Stored(message) if message.readings().len() > 1 => message.open(opener, at),
            other => Ok((opener.open(other.input()?, at)?, Reading::AsItLies)),
        }
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().as_deref().unwrap_or("-"))
    }
}

/// What was named.
pub(crate) enum Named<'a> {
    /// Nothing, which is standard input; one file; an mbox file of one message.
    One(Letter),
    Many(Letters<'a>),
}

/// All letters of what was named, in that order.
pub(crate) struct Letters<'a> {
    paths: slice::Iter<'a, PathBuf>,
    /// The one that is at hand, and its path.
    current: Option<(PathBuf, Mailbox)>,
    /// The first ones, which were looked at to see whether there are more.
    seen: std::vec::IntoIter<Letter>,
}

impl<'a> Letters<'a> {
    pub(crate) fn of(paths: &'a [PathBuf]) -> Self {
        Self { paths: paths.iter(), current: None, seen: Vec::new().into_iter() }
    }

    /// Looks whether there is more than one.
    pub(crate) fn named(paths: &'a [PathBuf]) -> Named<'a> {
        let mut all = Self::of(paths);
        match paths {
            [] => return Named::One(Letter::Stdin),
            [one] if one.is_dir() => return Named::Many(all),
            [_] => {}
            _ => return Named::Many(all),
        }
        let first = all.by_ref().take(2).collect::<Vec<_>>();
        let mut first = first.into_iter();
        match (first.next(), first.next()) {
            (Some(only), None) => Named::One(only),
            (one, other) => {
                all.seen = one.into_iter().chain(other).collect::<Vec<_>>().into_iter();
                Named::Many(all)
            }
        }
    }

    /// Octets of all of them, as far as is known: for showing how far one is.
    pub(crate) fn octets(paths: &[PathBuf]) -> u64 {
        let of = |path: &PathBuf| match Mailbox::open(path) {
            Ok(Some(mailbox)) => mailbox.octets(),
            _ => StoredMessage::file(path).octets(),
        };
        paths.iter().map(of).sum()
    }
}

impl Iterator for Letters<'_> {
    type Item = Letter;

    fn next(&mut self) -> Option<Letter> {
        if let Some(seen) = self.seen.next() {
            return Some(seen);
        }
        loop {
            if let Some((path, mailbox)) = &mut self.current {
                match mailbox.next() {
                    Some(Ok(message)) => return Some(Letter::Stored(message)),
                    Some(Err(error)) => return Some(Letter::Unreadable(path.clone(), error)),
                    None => self.current = None,
                }
            }
            let path = self.paths.next()?;
            if path == Path::new("-") {
                return Some(Letter::Stdin);
            }
            match Mailbox::open(path) {
                Ok(Some(mailbox)) => self.current = Some((path.clone(), mailbox)),
                Ok(None) => return Some(Letter::Stored(StoredMessage::file(path))),
                Err(error) => return Some(Letter::Unreadable(path.clone(), error)),
            }
        }
    }
}
