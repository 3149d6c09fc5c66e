//! For whom, and how long, an anchor counts.

use std::fmt;
use std::str::FromStr;

use der::DateTime;

use crate::error::Error;
use crate::mime::Address;
use crate::time::UnixTime;

/// For whom, and how long, an anchor counts. There is no default.
///
/// As text: `any`, or patterns (`*@a.example`, `eve@b.example`), then `until=2027-12-31`, all apart by blanks.
///
/// ```
/// use mailseal::Scope;
/// let scope: Scope = "*@partner.example eve@b.example until=2027-12-31".parse()?;
/// assert!(scope.covers(&"bob@partner.example".parse()?, std::time::SystemTime::UNIX_EPOCH.into()));
/// assert!(!scope.covers(&"bob@b.example".parse()?, std::time::SystemTime::UNIX_EPOCH.into()));
/// assert_eq!(scope.to_string(), "*@partner.example eve@b.example until=2027-12-31");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    patterns: Option<Vec<Pattern>>,
    until: Option<UnixTime>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Address(Address),
    Domain(String),
}

impl Scope {
    /// Any sender, at any time.
    pub fn any() -> Self {
        Self { patterns: None, until: None }
    }

    /// All addresses of one domain; not those of its subdomains.
    pub fn domain(domain: &str) -> Result<Self, Error> {
        Ok(Self { patterns: Some(vec![Pattern::Domain(domain_of(domain)?)]), until: None })
    }

    /// One address.
    pub fn address(address: &Address) -> Self {
        Self { patterns: Some(vec![Pattern::Address(address.clone())]), until: None }
    }

    /// Counts until then, that moment included.
    ///
    /// ```
    /// use mailseal::{Scope, UnixTime};
    /// let year_2030 = UnixTime::from_seconds(1_893_456_000);
    /// let scope = Scope::domain("partner.example")?.until(year_2030);
    /// assert!(!scope.covers(&"bob@partner.example".parse()?, UnixTime::from_seconds(1_900_000_000)));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn until(mut self, time: impl Into<UnixTime>) -> Self {
        self.until = Some(time.into());
        self
    }

    /// True if an anchor of this scope may speak for an address at a time.
    pub fn covers(&self, address: &Address, at: UnixTime) -> bool {
        let in_time = self.until.is_none_or(|until| at <= until);
        let named = self.patterns.as_ref().is_none_or(|patterns| {
            patterns.iter().any(|pattern| match pattern {
                Pattern::Address(known) => known.matches(address),
                Pattern::Domain(domain) => domain == address.domain(),
            })
        });
        in_time && named
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut scope = Self { patterns: Some(Vec::new()), until: None };
        for word in text.split_ascii_whitespace() {
            match word.split_once('=') {
                Some(("until", date)) => scope.until = Some(end_of(date)?),
                Some((name, _)) => return Err(unknown(name)),
                None if word == "any" => scope.patterns = None,
                None => scope.patterns.get_or_insert_default().push(word.parse()?),
            }
        }
        let said_any = text.split_ascii_whitespace().any(|word| word == "any");
        match &scope.patterns {
            Some(patterns) if patterns.is_empty() => {
                Err(Error::misuse("a scope is `any` or names addresses"))
            }
            Some(_) if said_any => Err(Error::misuse("a scope is either `any` or names addresses")),
            _ => Ok(scope),
        }
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word.strip_prefix("*@") {
            Some(domain) => Ok(Self::Domain(domain_of(domain)?)),
            None => Ok(Self::Address(word.parse()?)),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match &self.patterns {
            None => vec!["any".to_owned()],
            Some(patterns) => patterns.iter().map(Pattern::to_string).collect(),
        };
        f.write_str(&words.join(" "))?;
        match self.until {
            Some(until) => write!(f, " until={}", until.date()),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Domain(domain) => write!(f, "*@{domain}"),
        }
    }
}

/// The domain as an address would hold it.
fn domain_of(domain: &str) -> Result<String, Error> {
    let address: Address = format!("x@{domain}").parse()?;
    Ok(address.domain().to_owned())
}

/// The last second of a date.
fn end_of(date: &str) -> Result<UnixTime, Error> {
    let time: DateTime = format!("{date}T23:59:59Z")
        .parse()
        .map_err(|_| Error::misuse(format!("`until={date}` is not a date such as 2027-12-31")))?;
    let seconds = i64::try_from(time.unix_duration().as_secs()).unwrap_or(i64::MAX);
    Ok(UnixTime::from_seconds(seconds))
}

fn unknown(name: &str) -> Error {
    Error::misuse(format!("a scope has no `{name}=`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(scope: &str, address: &str, at: i64) -> bool {
        let scope: Scope = scope.parse().unwrap();
        scope.covers(&address.parse().unwrap(), UnixTime::from_seconds(at))
    }

    #[test]
    fn names_addresses_and_domains_but_not_subdomains() {
        assert!(covers("any", "a@b.example", 0));
        assert!(covers("*@b.example", "a@B.example", 0));
        assert!(!covers("*@b.example", "a@c.b.example", 0));
        assert!(!covers("*@b.example", "a@xb.example", 0));
        assert!(covers("a@b.example", "a@b.example", 0));
        assert!(!covers("a@b.example", "A@b.example", 0));
    }

    #[test]
    fn ends_with_its_last_day() {
        assert!(covers("any until=1970-01-01", "a@b.example", 86_399));
        assert!(!covers("any until=1970-01-01", "a@b.example", 86_400));
    }

    #[test]
    fn says_what_it_does_not_understand() {
        for wrong in
            ["", "until=2027-12-31", "any a@b.example", "any until=soon", "any forever=yes", "*@", "a@"]
        {
            assert!(wrong.parse::<Scope>().is_err(), "{wrong}");
        }
    }
}
