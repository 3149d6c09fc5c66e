//! For whom, for what and how long an anchor counts.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::mime::Address;
use crate::report::Assurance;
use crate::time::UnixTime;
use crate::trust::Purpose;
use crate::trust::words::{self, Words};

/// For whom, for what and how long an anchor counts. There is no default.
///
/// As text, here and in C, in Python and at the shell: `any`, or patterns (`*@a.example`, `eve@b.example`); then, as
/// far as wanted, all apart by blanks:
///
/// | word | the anchor counts |
/// |---|---|
/// | `until=2027-12-31` | until the end of that day (UTC), or until an instant of RFC 3339 |
/// | `issued-until=2022-11-30` | for certificates that were issued until then (their notBefore) |
/// | `for=sign`, `for=encrypt` | for signatures alone, or for encryption alone; otherwise for both |
/// | `assurance=organization` | for certificates that assert at least this: `mailbox`, `individual`, `sponsor`, `organization` |
///
/// A certificate asserts its assurance by the policies of the S/MIME Baseline Requirements (§7.1.6.1), which every
/// authority on its path has to hold too: an authority that checks mailboxes only cannot make somebody an
/// organisation, whomever it certifies by mistake.
///
/// ```
/// use mailseal::Scope;
/// let scope: Scope = "*@partner.example eve@b.example until=2027-12-31 for=sign".parse()?;
/// assert!(scope.covers(&"bob@partner.example".parse()?, std::time::SystemTime::UNIX_EPOCH.into()));
/// assert!(!scope.covers(&"bob@b.example".parse()?, std::time::SystemTime::UNIX_EPOCH.into()));
/// assert_eq!(scope.to_string(), "*@partner.example eve@b.example until=2027-12-31 for=sign");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    patterns: Option<Vec<Pattern>>,
    until: Option<UnixTime>,
    issued_until: Option<UnixTime>,
    purpose: Option<Purpose>,
    assurance: Option<Assurance>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Address(Address),
    Domain(String),
}

impl Scope {
    /// Any sender, at any time.
    pub fn any() -> Self {
        Self::of(None)
    }

    /// All addresses of one domain; not those of its subdomains. International domains compare as A-labels (RFC 5890
    /// §2.3.2.1), however they are written.
    ///
    /// ```
    /// use mailseal::Scope;
    /// assert_eq!(Scope::domain("bücher.example")?, Scope::domain("xn--bcher-kva.example")?);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn domain(domain: &str) -> Result<Self, Error> {
        Ok(Self::of(Some(vec![Pattern::Domain(domain_of(domain)?)])))
    }

    /// One address.
    pub fn address(address: &Address) -> Self {
        Self::of(Some(vec![Pattern::Address(address.clone())]))
    }

    fn of(patterns: Option<Vec<Pattern>>) -> Self {
        Self { patterns, until: None, issued_until: None, purpose: None, assurance: None }
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
        self.until = Some(words::sayable(time.into()));
        self
    }

    /// Counts for certificates issued until then (their notBefore): how an authority is given up without those whom
    /// it certified before. Of two such times the earlier one holds.
    ///
    /// ```
    /// use mailseal::{Scope, UnixTime};
    /// let scope = Scope::any().issued_until(UnixTime::from_seconds(1_669_852_799));
    /// assert_eq!(scope.to_string(), "any issued-until=2022-11-30");
    /// ```
    #[must_use]
    pub fn issued_until(mut self, time: impl Into<UnixTime>) -> Self {
        let time = words::sayable(time.into());
        self.issued_until = Some(self.issued_until.map_or(time, |known| known.min(time)));
        self
    }

    /// Counts for signatures alone, or for encryption alone.
    ///
    /// ```
    /// use mailseal::{Scope, trust::Purpose};
    /// assert_eq!(Scope::any().purpose(Purpose::Sign), "any for=sign".parse()?);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Counts for certificates that assert at least this.
    ///
    /// ```
    /// use mailseal::{Scope, report::Assurance};
    /// assert_eq!(Scope::any().assurance(Assurance::Sponsor), "any assurance=sponsor".parse()?);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn assurance(mut self, least: Assurance) -> Self {
        self.assurance = Some(least);
        self
    }

    /// True if an anchor of this scope may speak for an address at a time.
    pub fn covers(&self, address: &Address, at: UnixTime) -> bool {
        let named = self.patterns.as_ref().is_none_or(|patterns| {
            patterns.iter().any(|pattern| match pattern {
                Pattern::Address(known) => known.matches(address),
                Pattern::Domain(domain) => domain == address.domain(),
            })
        });
        named && !self.is_over(at)
    }

    /// True if its `until=` has passed: it covers nobody any more.
    ///
    /// ```
    /// use mailseal::{Scope, UnixTime};
    /// let scope: Scope = "any until=2027-12-31".parse()?;
    /// assert!(!scope.is_over(UnixTime::from_seconds(1_800_000_000)));
    /// assert!(scope.is_over(UnixTime::from_seconds(1_900_000_000)));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn is_over(&self, at: UnixTime) -> bool {
        self.until.is_some_and(|until| at > until)
    }

    pub(super) fn is_for(&self, purpose: Purpose) -> bool {
        self.purpose.is_none_or(|own| own == purpose)
    }

    /// What a certificate has to assert at least.
    pub(super) fn least(&self) -> Option<Assurance> {
        self.assurance
    }

    /// Counts for what was issued at that time.
    pub(super) fn takes_issued(&self, at: UnixTime) -> bool {
        self.issued_until.is_none_or(|until| at <= until)
    }

    /// What of it asks something that only an X.509 certificate can say.
    pub(super) fn of_x509_alone(&self) -> Option<String> {
        let assurance = self.assurance.map(|least| format!("assurance={}", words::assurance(least)));
        assurance.or_else(|| self.issued_until.map(|until| format!("issued-until={}", words::time(until))))
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut scope = Self::of(None);
        let (mut patterns, mut any) = (Vec::new(), false);
        for word in Words::of(text) {
            match word.split_once('=').filter(|_| !word.contains('@')) {
                Some((name, value)) => scope.set(name, value)?,
                None if word == "any" => any = true,
                None => patterns.push(word.parse()?),
            }
        }
        match (any, patterns.is_empty()) {
            (true, true) => {}
            (false, false) => scope.patterns = Some(patterns),
            (true, false) => return Err(Error::misuse("a scope is either `any` or names addresses")),
            (false, true) => {
                return Err(Error::misuse("a scope says for whom: `any`, `*@a.example` or `eve@b.example`"));
            }
        }
        Ok(scope)
    }
}

impl Scope {
    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "until" => once(&mut self.until, name, words::end(name, value)?),
            "issued-until" => once(&mut self.issued_until, name, words::end(name, value)?),
            "for" => once(&mut self.purpose, name, words::one_of(name, value, words::PURPOSES)?),
            "assurance" => once(&mut self.assurance, name, words::one_of(name, value, words::ASSURANCES)?),
            _ => Err(words::unknown(name)),
        }
    }
}

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::misuse(format!("`{name}=` stands twice in a scope"))),
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let read = match word.strip_prefix("*@") {
            Some(domain) => domain_of(domain).map(Self::Domain),
            None => word.parse().map(Self::Address).map_err(Error::from),
        };
        read.map_err(|_| words::no_pattern(word))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = match &self.patterns {
            None => vec!["any".to_owned()],
            Some(patterns) => patterns.iter().map(Pattern::to_string).collect(),
        };
        said.extend(self.until.map(|until| format!("until={}", words::time(until))));
        said.extend(self.issued_until.map(|until| format!("issued-until={}", words::time(until))));
        said.extend(self.purpose.map(|purpose| format!("for={}", purpose.name())));
        said.extend(self.assurance.map(|least| format!("assurance={}", words::assurance(least))));
        f.write_str(&said.join(" "))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The mailbox of that name, not all of them.
            Self::Address(address) if address.local() == "*" => write!(f, "\"*\"@{}", address.domain()),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope(text: &str) -> Scope {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn covers(text: &str, address: &str, at: i64) -> bool {
        scope(text).covers(&address.parse().unwrap(), UnixTime::from_seconds(at))
    }

    #[test]
    fn r_c10_names_addresses_and_domains_but_not_subdomains() {
        assert!(covers("any", "a@b.example", 0));
        assert!(covers("*@b.example", "a@B.example", 0));
        assert!(!covers("*@b.example", "a@c.b.example", 0));
        assert!(!covers("*@b.example", "a@xb.example", 0));
        assert!(covers("a@b.example", "a@b.example", 0));
        assert!(!covers("a@b.example", "A@b.example", 0));
        assert!(covers("a=b@c.example", "a=b@c.example", 0));
    }

    #[test]
    fn r_b15_international_domains_compare_as_a_labels() {
        assert!(covers("*@bücher.example", "a@xn--bcher-kva.example", 0));
        assert!(covers("*@xn--bcher-kva.example", "a@BÜCHER.example", 0));
        assert!(!covers("*@bucher.example", "a@bücher.example", 0));
        assert_eq!(scope("*@bücher.example").to_string(), "*@xn--bcher-kva.example");
    }

    /// A mailbox whose name is an asterisk is no pattern, before or after it was written down.
    #[test]
    fn r_c8_a_mailbox_named_asterisk_is_one_mailbox() {
        let one = Scope::address(&"\"*\"@b.example".parse().unwrap());
        assert_eq!(one.to_string(), "\"*\"@b.example");
        assert_eq!(scope(&one.to_string()), one);
        assert!(!covers(&one.to_string(), "a@b.example", 0));
        assert!(covers("\"a b\"@c.example d@c.example", "\"a b\"@c.example", 0));
    }

    #[test]
    fn ends_with_its_last_day_or_at_an_instant() {
        assert!(covers("any until=1970-01-01", "a@b.example", 86_399));
        assert!(!covers("any until=1970-01-01", "a@b.example", 86_400));
        assert!(covers("any until=1970-01-01T09:00:05+09:00", "a@b.example", 5));
        assert!(!covers("any until=1970-01-01T00:00:05Z", "a@b.example", 6));
        assert_eq!(
            scope("any until=1970-01-01T09:00:05+09:00").to_string(),
            "any until=1970-01-01T00:00:05Z"
        );
        let earlier = scope("any issued-until=2022-11-30").issued_until(UnixTime::from_seconds(86_399));
        assert_eq!(earlier.to_string(), "any issued-until=1970-01-01");
        let same = earlier.clone().issued_until(UnixTime::from_seconds(1_900_000_000));
        assert_eq!(same, earlier);
    }

    #[test]
    fn says_what_was_meant() {
        for (wrong, expected) in [
            ("", "says for whom"),
            ("until=2027-12-31", "says for whom"),
            ("any a@b.example", "either `any` or"),
            ("any until=soon", "2027-12-31"),
            ("any until=2027-13-31", "2027-12-31"),
            ("any until=2027-12-31 until=2028-12-31", "twice"),
            ("any untill=2027-12-31", "did you mean `until=`"),
            ("any Assurance=mailbox", "did you mean `assurance=`"),
            ("any forever=yes", "has no `forever=`"),
            ("any for=signing", "did you mean `for=sign`"),
            ("any assurance=org", "did you mean `assurance=organization`"),
            ("any assurance=full", "mailbox, individual, sponsor or organization"),
            ("anyone", "did you mean `any`"),
            ("partner.example", "did you mean `*@partner.example`"),
            ("@partner.example", "did you mean `*@partner.example`"),
            ("*@*.example", "each by itself"),
            ("*.example", "each by itself"),
            ("*@", "not an address"),
            ("a@", "not an address"),
            ("*", "did you mean `any`"),
        ] {
            let error = wrong.parse::<Scope>().expect_err(wrong);
            assert!(matches!(error, Error::Misuse(_)), "{wrong}");
            assert!(error.to_string().contains(expected), "{wrong}: {error}");
        }
    }

    fn patterns() -> impl Strategy<Value = String> {
        let word = "\\*@[a-z]{1,8}\\.example|[a-z*.]{1,4}@bücher\\.example|\"[a-z =*\\\\]{1,4}\"@[a-z]{1,5}";
        prop_oneof![
            Just("any".to_owned()),
            prop::collection::vec(word, 1..4).prop_map(|words| words.join("  "))
        ]
    }

    fn rest() -> impl Strategy<Value = String> {
        let time =
            prop_oneof!["20[0-9]{2}-0[1-9]-[12][0-9]", "20[0-9]{2}-0[1-9]-01T1[0-9]:00:0[0-9]-0[1-8]:30"];
        let word = prop_oneof![
            time.clone().prop_map(|time| format!("until={time}")),
            time.prop_map(|time| format!("issued-until={time}")),
            "for=(sign|encrypt)",
            "assurance=(mailbox|individual|sponsor|organization)",
        ];
        prop::collection::vec(word, 0..4).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_the_same(patterns in patterns(), rest in rest()) {
            if let Ok(scope) = format!("{patterns} {rest}").parse::<Scope>() {
                prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Scope>();
        }

        #[test]
        fn any_time_reads_the_same(seconds in any::<i64>()) {
            let scope = Scope::any().until(UnixTime::from_seconds(seconds));
            prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
        }
    }
}
