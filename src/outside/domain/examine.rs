//! What a domain says of itself in the DNS, and what is wrong with it.

use serde::Serialize;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::DkimError;
use mail_auth::dmarc::Dmarc;

use super::check::a_label;
use super::questions::{Answer, Questions};
use super::resolver::{DnsError, RecordKind, Resolver};
use super::spf::{Record, TERMS};
use super::tags;
use crate::error::Error;
use crate::limits::Limits;
use crate::report::Severity;

/// RSA keys below are refused, and those below that should be replaced (RFC 8301 §3.2).
const BITS: [usize; 2] = [1024, 2048];

macro_rules! advice {
    ($($(#[$doc:meta])* $name:ident $text:literal $about:literal $severity:ident;)*) => {
        /// What is to be said of a record. The names in JSON are the texts here; they never change.
        ///
        /// ```
        /// use mailseal::outside::domain::Advice;
        /// assert_eq!((Advice::SpfMissing.as_str(), Advice::SpfMissing.about()), ("spf_missing", "spf"));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[non_exhaustive]
        pub enum Advice { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Advice {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, `spf_missing`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it is about: `spf`, `dkim`, `dmarc`, `mta-sts`, `tls-rpt`.
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)* }
            }

            /// How bad it is: `Info` could be better, `Caution` should be, `Bad` has to be.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

advice! {
    /// The DNS gave no answer.
    SpfUndecided "spf_undecided" "spf" Caution;
    /// No record.
    SpfMissing "spf_missing" "spf" Bad;
    /// Several records: none of them counts (RFC 7208 §4.5).
    SpfSeveral "spf_several" "spf" Bad;
    /// A record that cannot be read: a permanent error for every letter.
    SpfUnreadable "spf_unreadable" "spf" Bad;
    /// More than ten terms that ask the DNS (RFC 7208 §4.6.4), with those of included records.
    SpfTooManyLookups "spf_too_many_lookups" "spf" Bad;
    /// A record is included, or redirected to, that is not there.
    SpfIncludeMissing "spf_include_missing" "spf" Bad;
    /// `+all`: anybody may send.
    SpfPassAll "spf_pass_all" "spf" Bad;
    /// `?all`, or nothing at the end: nothing is said of others.
    SpfNeutralAll "spf_neutral_all" "spf" Caution;
    /// `ptr`, which is not to be used (RFC 7208 §5.5).
    SpfPtr "spf_ptr" "spf" Caution;
    /// The DNS gave no answer.
    DkimUndecided "dkim_undecided" "dkim" Caution;
    /// No key under that selector.
    DkimMissing "dkim_missing" "dkim" Bad;
    /// The key is revoked: `p=` is empty.
    DkimRevoked "dkim_revoked" "dkim" Bad;
    /// A record that cannot be read.
    DkimUnreadable "dkim_unreadable" "dkim" Bad;
    /// An RSA key of less than 1024 bits, which nobody accepts.
    DkimWeak "dkim_weak" "dkim" Bad;
    /// An RSA key of less than 2048 bits.
    DkimShort "dkim_short" "dkim" Caution;
    /// `t=y`: receivers take signatures for a test.
    DkimTesting "dkim_testing" "dkim" Caution;
    /// The key is not for mail (`s=`) or not for SHA-256 (`h=`).
    DkimNotForMail "dkim_not_for_mail" "dkim" Bad;
    /// The DNS gave no answer.
    DmarcUndecided "dmarc_undecided" "dmarc" Caution;
    /// No record, nor of a domain above.
    DmarcMissing "dmarc_missing" "dmarc" Bad;
    /// Several records: none of them counts.
    DmarcSeveral "dmarc_several" "dmarc" Bad;
    /// A record that cannot be read.
    DmarcUnreadable "dmarc_unreadable" "dmarc" Bad;
    /// `p=none`: forged letters are delivered.
    DmarcNone "dmarc_none" "dmarc" Caution;
    /// `t=y`: receivers do less than is asked for.
    DmarcTesting "dmarc_testing" "dmarc" Caution;
    /// `sp=none` beside a stricter policy: forged letters of subdomains are delivered.
    DmarcSubdomains "dmarc_subdomains" "dmarc" Caution;
    /// No `rua`: nobody reports.
    DmarcNoReports "dmarc_no_reports" "dmarc" Info;
    /// Reports are to go to another domain that does not ask for them (RFC 9990 §4).
    DmarcReportsRefused "dmarc_reports_refused" "dmarc" Caution;
    /// No MTA-STS (RFC 8461): TLS on the way can be stripped, unless there is DANE.
    MtaStsMissing "mta_sts_missing" "mta-sts" Info;
    /// No reports on TLS (RFC 8460).
    TlsRptMissing "tls_rpt_missing" "tls-rpt" Info;
}

/// One thing to be said.
///
/// ```
/// # fn show(said: &mailseal::outside::domain::Examined) {
/// println!("{} TXT: {} {}", said.name, said.advice.as_str(), said.detail);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Examined {
    /// What.
    pub advice: Advice,
    /// How bad it is.
    pub severity: Severity,
    /// The name whose TXT records it is about.
    pub name: String,
    /// The record, as it stands, unescaped; empty where there is none.
    pub record: String,
    /// What of it: a number, a name. Unescaped.
    pub detail: String,
}

/// What is wrong with the SPF, DKIM and DMARC records of a domain, and whether it has MTA-STS and reports on TLS. Nothing is
/// wrong with what is not named. An error where `domain` is no name.
///
/// ```
/// use mailseal::outside::domain::{Advice, DnsError, RecordKind, Resolver, examine};
/// struct Zone;
/// impl Resolver for Zone {
///     fn lookup(&self, name: &str, _: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
///         match name {
///             "example.com" => Ok(vec![b"v=spf1 mx +all".to_vec()]),
///             _ => Err(DnsError::NoSuchName),
///         }
///     }
/// }
/// let said = examine(&Zone, "example.com", &[])?;
/// assert_eq!(said[0].advice, Advice::SpfPassAll);
/// # Ok::<(), mailseal::Error>(())
/// ```
pub fn examine(resolver: &dyn Resolver, domain: &str, selectors: &[&str]) -> Result<Vec<Examined>, Error> {
    let domain = a_label(domain);
    if domain.is_empty() || !domain.contains('.') || domain.contains('@') {
        return Err(Error::misuse("not a domain name"));
    }
    let questions = Questions::new(resolver, Limits::default().dns_lookups);
    let mut examination = Examination { questions: &questions, said: Vec::new() };
    examination.spf(&domain);
    for selector in selectors {
        examination.dkim(&format!("{}._domainkey.{domain}", a_label(selector)));
    }
    examination.dmarc(&domain);
    examination.present(&format!("_mta-sts.{domain}"), "v=STSv1", Advice::MtaStsMissing);
    examination.present(&format!("_smtp._tls.{domain}"), "v=TLSRPTv1", Advice::TlsRptMissing);
    Ok(examination.said)
}

struct Examination<'q, 'r> {
    questions: &'q Questions<'r>,
    said: Vec<Examined>,
}

impl Examination<'_, '_> {
    fn say(&mut self, advice: Advice, name: &str, record: &[u8], detail: impl Into<String>) {
        let record = String::from_utf8_lossy(record).into_owned();
        let (severity, name, detail) = (advice.severity(), name.to_owned(), detail.into());
        self.said.push(Examined { advice, severity, name, record, detail });
    }

    /// The one record of that version; else what is wrong is said.
    fn one(&mut self, name: &str, found: Answer, wrong: [Advice; 3]) -> Option<Vec<u8>> {
        let [undecided, missing, several] = wrong;
        match found {
            Err(DnsError::Temporary) => self.say(undecided, name, b"", ""),
            Err(DnsError::NoSuchName) => self.say(missing, name, b"", ""),
            Ok(records) => match <[Vec<u8>; 1]>::try_from(records) {
                Ok([record]) => return Some(record),
                Err(records) if records.is_empty() => self.say(missing, name, b"", ""),
                Err(records) => self.say(several, name, &records.concat(), records.len().to_string()),
            },
        }
        None
    }

    fn spf(&mut self, domain: &str) {
        let wrong = [Advice::SpfUndecided, Advice::SpfMissing, Advice::SpfSeveral];
        let found = self.questions.versioned(domain, "v=spf1", b" ");
        let Some(record) = self.one(domain, found, wrong) else { return };
        if Record::parse(&record).is_none() {
            return self.say(Advice::SpfUnreadable, domain, &record, "");
        }
        let (mut terms, mut missing) = (0, Vec::new());
        let last = self.terms(domain, &record, &mut terms, &mut missing);
        for name in missing {
            self.say(Advice::SpfIncludeMissing, domain, &record, name);
        }
        if terms > TERMS {
            self.say(Advice::SpfTooManyLookups, domain, &record, terms.to_string());
        }
        match last.as_deref() {
            Some("+all" | "all") => self.say(Advice::SpfPassAll, domain, &record, ""),
            None | Some("?all") => self.say(Advice::SpfNeutralAll, domain, &record, ""),
            Some(_) => {}
        }
        let text = String::from_utf8_lossy(&record).to_ascii_lowercase();
        let ptr = |term: &str| {
            let term = term.trim_start_matches(['+', '-', '~', '?']);
            term == "ptr" || term.starts_with("ptr:")
        };
        if text.split_ascii_whitespace().any(ptr) {
            self.say(Advice::SpfPtr, domain, &record, "");
        }
    }

    /// Counts the terms that ask, here and in what is included; gives back the `all` that ends it. Each record once.
    fn terms(
        &self,
        domain: &str,
        record: &[u8],
        terms: &mut usize,
        missing: &mut Vec<String>,
    ) -> Option<String> {
        let mut todo = vec![(domain.to_owned(), record.to_vec(), true)];
        let (mut seen, mut all) = (Vec::new(), None);
        while let Some((name, record, decides)) = todo.pop() {
            if seen.contains(&name) || seen.len() > 2 * TERMS {
                continue;
            }
            seen.push(name);
            let text = String::from_utf8_lossy(&record).to_ascii_lowercase();
            for term in text.split_ascii_whitespace().skip(1) {
                let bare = term.trim_start_matches(['+', '-', '~', '?']);
                if bare == "all" {
                    all = if decides { Some(term.to_owned()) } else { all };
                    continue;
                }
                let (kind, target) = bare.split_once([':', '=', '/']).unwrap_or((bare, ""));
                let follows = match kind {
                    "include" => Some(false),
                    "redirect" => Some(decides),
                    _ => None,
                };
                let asks = follows.is_some() || matches!(kind, "a" | "mx" | "ptr" | "exists");
                *terms = terms.saturating_add(usize::from(asks));
                // What a macro stands for depends on the letter; and far too many are too many.
                let follows = follows.filter(|_| !target.contains('%') && *terms <= 2 * TERMS);
                let Some(decides) = follows else { continue };
                match self.questions.versioned(target, "v=spf1", b" ") {
                    Ok(mut records) if records.len() == 1 => {
                        todo.extend(records.pop().map(|record| (target.to_owned(), record, decides)));
                    }
                    Ok(_) | Err(DnsError::NoSuchName) => missing.push(target.to_owned()),
                    Err(DnsError::Temporary) => {}
                }
            }
        }
        all
    }

    fn dkim(&mut self, name: &str) {
        let records = match self.questions.ask(name, RecordKind::Txt) {
            Ok(records) => records,
            Err(DnsError::Temporary) => return self.say(Advice::DkimUndecided, name, b"", ""),
            Err(DnsError::NoSuchName) => Vec::new(),
        };
        let Some(record) = records.first() else { return self.say(Advice::DkimMissing, name, b"", "") };
        let key = match DomainKey::parse(record) {
            Ok(key) => key,
            Err(mail_auth::Error::Dkim(DkimError::RevokedPublicKey)) => {
                return self.say(Advice::DkimRevoked, name, record, "");
            }
            Err(error) => return self.say(Advice::DkimUnreadable, name, record, error.to_string()),
        };
        let bits = key.p.public_key_bits();
        let [refused, short] = BITS;
        if bits < refused {
            self.say(Advice::DkimWeak, name, record, bits.to_string());
        } else if bits < short {
            self.say(Advice::DkimShort, name, record, bits.to_string());
        }
        let list = |tag: &str| -> Option<Vec<String>> {
            let value = tags::value(record, tag)?;
            Some(value.split(':').map(|word| word.trim().to_ascii_lowercase()).collect())
        };
        let among = |tag: &str, wanted: &[&str]| {
            list(tag).is_none_or(|words| words.iter().any(|word| wanted.contains(&word.as_str())))
        };
        if !among("s", &["*", "email"]) || !among("h", &["sha256"]) {
            self.say(Advice::DkimNotForMail, name, record, "");
        }
        if list("t").is_some_and(|flags| flags.iter().any(|flag| flag == "y")) {
            self.say(Advice::DkimTesting, name, record, "");
        }
    }

    fn dmarc(&mut self, domain: &str) {
        let own = format!("_dmarc.{domain}");
        let mut name = own.clone();
        let mut above = domain;
        // A record of a domain above speaks for this one too (RFC 9989 §4.10).
        while self.questions.policies(&name).is_ok_and(|records| records.is_empty())
            || self.questions.policies(&name) == Err(DnsError::NoSuchName)
        {
            let Some((_, rest)) = above.split_once('.').filter(|(_, rest)| rest.contains('.')) else { break };
            above = rest;
            name = format!("_dmarc.{above}");
        }
        let wrong = [Advice::DmarcUndecided, Advice::DmarcMissing, Advice::DmarcSeveral];
        let before = self.said.len();
        let found = self.questions.policies(&name);
        let Some(record) = self.one(&name, found, wrong) else {
            // What is missing is missing here.
            self.said.iter_mut().skip(before).for_each(|one| {
                if one.advice == Advice::DmarcMissing {
                    one.name.clone_from(&own);
                }
            });
            return;
        };
        if Dmarc::parse(&record).is_err() {
            return self.say(Advice::DmarcUnreadable, &name, &record, "");
        }
        let value = |tag: &str| tags::value(&record, tag).map(|value| value.to_ascii_lowercase());
        let policy = if above == domain { value("p") } else { value("sp").or(value("p")) };
        match policy.as_deref() {
            Some("quarantine" | "reject") => {
                if above == domain && value("sp").as_deref() == Some("none") {
                    self.say(Advice::DmarcSubdomains, &name, &record, "");
                }
            }
            _ => self.say(Advice::DmarcNone, &name, &record, ""),
        }
        if value("t").as_deref() == Some("y") {
            self.say(Advice::DmarcTesting, &name, &record, "");
        }
        self.reports(above, &name, &record, value("rua"));
    }

    /// Whether those who shall get reports asked for them.
    fn reports(&mut self, domain: &str, name: &str, record: &[u8], rua: Option<String>) {
        let Some(rua) = rua else { return self.say(Advice::DmarcNoReports, name, record, "") };
        for address in rua.split(',').take(TERMS) {
            let address = address.trim().strip_prefix("mailto:").unwrap_or(address.trim());
            let address = address.split('!').next().unwrap_or_default();
            let Some((_, other)) = address.rsplit_once('@') else { continue };
            let inside =
                other == domain || other.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
            let asked = format!("{domain}._report._dmarc.{other}");
            let refused = match self.questions.policies(&asked) {
                Ok(records) => records.is_empty(),
                Err(error) => error == DnsError::NoSuchName,
            };
            if !inside && refused {
                self.say(Advice::DmarcReportsRefused, name, record, other);
            }
        }
    }

    fn present(&mut self, name: &str, version: &str, missing: Advice) {
        let none = match self.questions.versioned(name, version, b"; \t") {
            Ok(records) => records.is_empty(),
            Err(error) => error == DnsError::NoSuchName,
        };
        if none {
            self.say(missing, name, b"", "");
        }
    }
}
