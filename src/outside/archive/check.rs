//! Judging again.

use std::fmt;

use serde_json::Value;

use super::read::EvidenceArchive;
use super::replay::{Network, Recollection};
use super::{REPORT, malformed};
use crate::error::Error;
use crate::message::{Context, Opener};
use crate::policy::{Policy, Verdict};
use crate::protocol::{Certificate, CertificatePool};
use crate::report::Report;
use crate::trust::{Scope, TrustStore};

/// Whose trust a letter was judged by.
///
/// ```
/// use mailseal::outside::WhoseTrust;
/// assert_ne!(WhoseTrust::Archive, WhoseTrust::Yours);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseTrust {
    /// The archive's own: what comes out is as good as whoever wrote it.
    Archive,
    /// That of who checks it.
    Yours,
}

/// What came of judging again.
///
/// ```
/// use mailseal::outside::{Checked, WhoseTrust};
/// fn show(checked: &Checked) {
///     let whose = if checked.whose == WhoseTrust::Yours { "your" } else { "its own" };
///     println!("{} by {whose} anchors", if checked.is_same() { "the same" } else { "not the same" });
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Checked {
    /// Whose anchors were used.
    pub whose: WhoseTrust,
    /// What is not as it was.
    pub differences: Vec<Difference>,
    /// What was seen now; nothing where members were changed, for then nothing is judged.
    pub report: Option<Report>,
    /// What it is worth now.
    pub verdict: Option<Verdict>,
}

impl Checked {
    /// Nothing was changed, and the letter is worth now what it was worth then, for the same reasons. Says nothing
    /// about whether that is `good`.
    pub fn is_same(&self) -> bool {
        self.verdict.is_some() && self.differences.is_empty()
    }
}

/// One thing that is not as it was.
///
/// ```
/// use mailseal::outside::Difference;
/// let changed = Difference::Member("letter.eml".into());
/// assert_eq!(changed.to_string(), "letter.eml was changed");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// A member was changed, taken away or added.
    Member(String),
    /// The outcome: then, and now.
    Outcome {
        /// In the archive.
        then: String,
        /// In one word.
        now: String,
    },
    /// The codes of the reasons: then, and now; the same codes may stand for other parts.
    Reasons {
        /// In the archive.
        then: Vec<String>,
        /// The decisive one first.
        now: Vec<String>,
    },
    /// What the report says of something, which the archive's own report says otherwise.
    Report(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => write!(f, "{name} was changed"),
            Self::Outcome { then, now } => write!(f, "the outcome was {then}, and is {now}"),
            Self::Reasons { then, now } => {
                write!(f, "the reasons were {}, and are {}", then.join(" "), now.join(" "))
            }
            Self::Report(what) => write!(f, "the report says something else of {what}"),
        }
    }
}

impl EvidenceArchive {
    /// Judges the letter again as of then, from what is in the archive alone, by the trust in it.
    ///
    /// Takes the policy that is named ([`policy`](Self::policy)), or whichever is wanted now.
    pub fn check(&self, policy: &Policy) -> Result<Checked, Error> {
        self.judged(policy, None)
    }

    /// The same by one's own trust; that of the archive, and pins of its memory, count for nothing.
    pub fn check_with(&self, policy: &Policy, trust: TrustStore) -> Result<Checked, Error> {
        self.judged(policy, Some(trust))
    }

    fn judged(&self, policy: &Policy, own: Option<TrustStore>) -> Result<Checked, Error> {
        let whose = if own.is_some() { WhoseTrust::Yours } else { WhoseTrust::Archive };
        let letter = self.letter()?;
        let damaged = self.damaged(&letter)?;
        if !damaged.is_empty() {
            let differences = damaged.into_iter().map(Difference::Member).collect();
            return Ok(Checked { whose, differences, report: None, verdict: None });
        }
        let opener = self.sending.opener(Opener::new(&self.context(policy, own)?))?;
        let mut opened = opener.open_source(letter, self.at)?;
        self.sending.add_to(&mut opened, &self.limits)?;
        let report = opened.report;
        let verdict = policy.judge(&report);
        let differences = self.differences(&report, &verdict, whose)?;
        Ok(Checked { whose, differences, report: Some(report), verdict: Some(verdict) })
    }

    fn context(&self, policy: &Policy, own: Option<TrustStore>) -> Result<Context, Error> {
        let yours = own.is_some();
        let trust = own.map_or_else(|| self.trust(), Ok)?;
        let mut pool = CertificatePool::new();
        for name in &self.manifest.certificates.known {
            self.certificates(name)?.into_iter().for_each(|one| pool.add(one));
        }
        if yours {
            // As certificates they may be needed all the same.
            for anchor in &self.manifest.trust.anchors {
                self.certificates(&anchor.file)?.into_iter().for_each(|one| pool.add(one));
            }
        }
        let cx = Context::new(trust).certificates(pool).limits(self.limits.clone());
        let cx = cx.algorithms(policy.algorithms().clone());
        #[cfg(feature = "smime")]
        let cx = cx.revocations(self.revocations()?);
        let cx = if self.manifest.fetching { cx.fetcher(Network::of(&self.members)?) } else { cx };
        Ok(match Recollection::of(&self.members, !yours)? {
            Some(memory) => cx.memory(memory),
            None => cx,
        })
    }

    /// Whom the archive says to trust.
    fn trust(&self) -> Result<TrustStore, Error> {
        let said = &self.manifest.trust;
        let mut trust = TrustStore::new();
        for anchor in &said.anchors {
            let scope: Scope = anchor.scope.parse().map_err(odd)?;
            for certificate in self.certificates(&anchor.file)? {
                trust = trust.anchor(certificate, scope.clone());
            }
        }
        for pin in &said.pins {
            let address = pin.address.parse().map_err(|_| malformed("a pin without an address"))?;
            trust = trust.pin(&address, &pin.fingerprint).map_err(odd)?;
        }
        for root in &said.roots {
            #[cfg(feature = "web-of-trust")]
            {
                trust = trust.web_of_trust_root(&root.fingerprint, root.amount).map_err(odd)?;
            }
            #[cfg(not(feature = "web-of-trust"))]
            return Err(Error::misuse(format!("{} needs the feature web-of-trust", root.fingerprint)));
        }
        Ok(trust)
    }

    fn member(&self, name: &str) -> Result<&[u8], Error> {
        let octets = self.members.get(name).map(Vec::as_slice);
        octets.ok_or_else(|| malformed(format!("there is no {name}, of which the manifest speaks")))
    }

    fn certificates(&self, name: &str) -> Result<Vec<Certificate>, Error> {
        Certificate::load(self.member(name)?)
    }

    #[cfg(feature = "smime")]
    fn revocations(&self) -> Result<crate::x509::RevocationData, Error> {
        let mut data = crate::x509::RevocationData::new();
        for name in &self.manifest.revocation {
            data = data.within(self.member(name)?, &self.limits)?;
        }
        Ok(data)
    }

    fn differences(
        &self,
        report: &Report,
        verdict: &Verdict,
        whose: WhoseTrust,
    ) -> Result<Vec<Difference>, Error> {
        let read = |octets: &[u8]| serde_json::from_slice::<Value>(octets);
        let then = read(self.member(REPORT)?).map_err(|error| malformed(format!("{REPORT}: {error}")))?;
        let [said, seen] = [value(verdict)?, value(report)?];
        let mut found = Vec::new();
        let outcomes = [at(&then, "/verdict/outcome"), &Value::from(self.outcome())];
        if let Some(other) = outcomes.into_iter().find(|then| **then != *at(&said, "/outcome")) {
            let then = other.as_str().unwrap_or_default().to_owned();
            found.push(Difference::Outcome { then, now: outcome(verdict) });
        }
        if at(&then, "/verdict/reasons") != at(&said, "/reasons") {
            let (then, now) = (codes(at(&then, "/verdict")), codes(&said));
            found.push(Difference::Reasons { then, now });
        }
        if at(&then, "/report/at") != at(&seen, "/at") {
            found.push(Difference::Report("the time".into()));
        }
        if who_signed(at(&then, "/report")) != who_signed(&seen) {
            found.push(Difference::Report("who signed".into()));
        }
        // Another release may say more in its reports, and other anchors lead by other paths.
        let alike = self.manifest.mailseal == env!("CARGO_PKG_VERSION") && whose == WhoseTrust::Archive;
        if found.is_empty() && alike && *at(&then, "/report") != seen {
            found.push(Difference::Report(what_differs(at(&then, "/report"), &seen)));
        }
        Ok(found)
    }
}

/// What the archive says, and nobody may mean: no fault of the program.
fn odd(error: Error) -> Error {
    match error {
        Error::Misuse(why) => malformed(why),
        other => other,
    }
}

fn value(of: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(of).map_err(|error| Error::misuse(error.to_string()))
}

/// What stands there (RFC 6901); null where nothing does.
fn at<'v>(value: &'v Value, place: &str) -> &'v Value {
    value.pointer(place).unwrap_or(&Value::Null)
}

/// As in JSON.
pub(super) fn outcome(verdict: &Verdict) -> String {
    let word = serde_json::to_value(verdict.outcome).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn codes(verdict: &Value) -> Vec<String> {
    let reasons = at(verdict, "/reasons").as_array().into_iter().flatten();
    reasons.filter_map(|reason| at(reason, "/code").as_str().map(str::to_owned)).collect()
}

/// What does not depend on trust: of each signature whether it holds, and the certificate; and From.
fn who_signed(report: &Value) -> Vec<&Value> {
    let layers = at(report, "/layers").as_array().into_iter().flatten();
    let signatures = layers.flat_map(|layer| at(layer, "/signatures").as_array().into_iter().flatten());
    let told = signatures.flat_map(|one| {
        let certificate = at(one, "/signer/certificate/fingerprint");
        [at(one, "/integrity"), certificate]
    });
    told.chain([at(report, "/from/mailboxes")]).collect()
}

/// The parts of the report that are not the same.
fn what_differs(then: &Value, now: &Value) -> String {
    let both = [then, now].map(Value::as_object);
    let [Some(then), Some(now)] = both else { return "all of it".into() };
    let names = then.keys().chain(now.keys().filter(|name| !then.contains_key(*name)));
    names.filter(|name| then.get(*name) != now.get(*name)).cloned().collect::<Vec<_>>().join(", ")
}
