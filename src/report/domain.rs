//! What the domain of a sender says of a letter, and by which hops it came.
//!
//! - [`DomainEvidence`]: SPF, DKIM, ARC and DMARC, and how they agree with From and with who signed.
//! - [`Transport`]: the Received lines that are trusted, and which of them used TLS.

use serde::Serialize;

/// What was found out about the sending domain: by asking the DNS, or from whom the caller trusts to have asked it. A
/// statement about domains, never about people: it makes no letter better than it is.
///
/// ```
/// use mailseal::report::{DomainEvidence, DomainResult};
/// fn show(domain: &DomainEvidence) {
///     if let Some(dmarc) = &domain.dmarc && dmarc.result == DomainResult::Fail {
///         println!("{} does not stand behind this letter", dmarc.domain);
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DomainEvidence {
    /// Who looked.
    pub source: DomainSource,
    /// SPF (RFC 7208) for the domains of HELO and of the envelope sender, in this order; as many as were known.
    pub spf: Vec<SpfEvidence>,
    /// DKIM signatures (RFC 6376), the topmost first.
    pub dkim: Vec<DkimEvidence>,
    /// The chain of ARC (RFC 8617); `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arc: Option<ArcEvidence>,
    /// DMARC (RFC 9989) for the domain of From; `None` where there is no such domain, or nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dmarc: Option<DmarcEvidence>,
    /// Somebody still speaks of Sender ID (RFC 4406), which is historic: the field of its results, or a record.
    pub sender_id: bool,
    /// How From, the signer and the domain agree.
    pub agreement: Agreement,
}

impl DomainEvidence {
    /// Nothing yet, by whoever looked.
    pub fn new(source: DomainSource) -> Self {
        let agreement = Agreement::default();
        Self {
            source,
            spf: Vec::new(),
            dkim: Vec::new(),
            arc: None,
            dmarc: None,
            sender_id: false,
            agreement,
        }
    }

    /// Whether some result may be another later: the DNS gave no answer.
    ///
    /// ```
    /// use mailseal::report::{DomainEvidence, DomainSource};
    /// assert!(!DomainEvidence::new(DomainSource::Checked).is_temporary());
    /// ```
    pub fn is_temporary(&self) -> bool {
        let results = self.spf.iter().map(|one| one.result);
        let results = results.chain(self.dkim.iter().map(|one| one.result));
        let results = results.chain(self.arc.iter().map(|one| one.result));
        results.chain(self.dmarc.iter().map(|one| one.result)).any(|result| result == DomainResult::Temperror)
    }
}

/// Who looked at the sending domain.
///
/// ```
/// use mailseal::report::DomainSource;
/// assert_ne!(DomainSource::Checked, DomainSource::Trusted { authserv_id: "mx.example.org".into() });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DomainSource {
    /// This program.
    Checked,
    /// The system of this name, whose Authentication-Results fields the caller trusts (RFC 8601).
    Trusted {
        /// Its name.
        authserv_id: String,
    },
}

/// A result, in the words of RFC 8601 §2.7.
///
/// ```
/// use mailseal::report::DomainResult;
/// assert_eq!(DomainResult::parse("SoftFail"), Some(DomainResult::Softfail));
/// assert_eq!(DomainResult::Temperror.as_str(), "temperror");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DomainResult {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// SPF: probably not.
    Softfail,
    /// Nothing is said either way, or it cannot be read.
    Neutral,
    /// It holds, and is not accepted: a key too small, an algorithm too weak.
    Policy,
    /// Nothing is published, or nothing signed.
    #[default]
    None,
    /// The DNS gave no answer: later it may.
    Temperror,
    /// What is published, or signed, cannot be used; later neither.
    Permerror,
}

impl DomainResult {
    const ALL: [Self; 8] = [
        Self::Pass,
        Self::Fail,
        Self::Softfail,
        Self::Neutral,
        Self::Policy,
        Self::None,
        Self::Temperror,
        Self::Permerror,
    ];

    /// The word of RFC 8601.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Softfail => "softfail",
            Self::Neutral => "neutral",
            Self::Policy => "policy",
            Self::None => "none",
            Self::Temperror => "temperror",
            Self::Permerror => "permerror",
        }
    }

    /// The result of a word in any case; `hardfail` is what some say for `fail`.
    pub fn parse(word: &str) -> Option<Self> {
        if word.eq_ignore_ascii_case("hardfail") {
            return Some(Self::Fail);
        }
        Self::ALL.into_iter().find(|result| result.as_str().eq_ignore_ascii_case(word))
    }
}

/// SPF (RFC 7208): whether the client may send for a domain of the envelope.
///
/// ```
/// # fn show(spf: &mailseal::report::SpfEvidence) {
/// println!("{} for the {:?} domain {}", spf.result.as_str(), spf.identity, spf.domain);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SpfEvidence {
    /// The result.
    pub result: DomainResult,
    /// Which name was asked about.
    pub identity: SpfIdentity,
    /// The domain, in lower case.
    pub domain: String,
    /// It is the domain of From, or of the same organization as far as its DMARC record asks for that.
    pub aligned: bool,
}

/// Which name SPF was asked about (RFC 7208 §2.3, §2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpfIdentity {
    /// What the client called itself.
    Helo,
    /// The envelope sender.
    Mailfrom,
}

/// One DKIM signature (RFC 6376).
///
/// ```
/// # fn show(dkim: &mailseal::report::DkimEvidence) {
/// println!("{}: {}, key {}._domainkey.{}", dkim.result.as_str(), dkim.reason, dkim.selector, dkim.domain);
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DkimEvidence {
    /// The result.
    pub result: DomainResult,
    /// Who signed (`d=`), in lower case; empty where it cannot be read.
    pub domain: String,
    /// Under which name the key is (`s=`).
    pub selector: String,
    /// For whom (`i=`), where it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// `rsa-sha256`, `ed25519-sha256`; empty where nobody says.
    pub algorithm: String,
    /// Why it did not pass, in English; empty where it did or nobody says.
    pub reason: String,
    /// As in [`SpfEvidence::aligned`].
    pub aligned: bool,
    /// Names of the fields that it covers, as they stand there.
    pub signed: Vec<String>,
    /// Octets at the end of the body that it does not cover (`l=`): anybody may have written them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsigned_octets: Option<u64>,
}

/// The chain of ARC (RFC 8617): what forwarders say that they saw. Whether to believe them is another matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ArcEvidence {
    /// Whether the chain holds.
    pub result: DomainResult,
    /// The domains that sealed, the first forwarder first.
    pub sealers: Vec<String>,
    /// Why it does not hold, in English.
    pub reason: String,
}

/// DMARC (RFC 9989): whether the domain of From stands behind the letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DmarcEvidence {
    /// Whether it does.
    pub result: DomainResult,
    /// The domain of From, in lower case.
    pub domain: String,
    /// What its record asks for where it does not: `none`, `quarantine`, `reject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// How From, who signed the letter and the domain that stands behind it agree.
///
/// ```
/// use mailseal::report::{Agreement, Relation};
/// let agreement = Agreement::default();
/// assert_eq!(agreement.signer_with_from, None::<Relation>);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Agreement {
    /// The domain that stands behind the letter: of From by DMARC, else the one that a DKIM signature or SPF proves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The signer of the letter, by an intact signature that somebody the caller trusts ties to an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// The signer and From.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer_with_from: Option<Relation>,
    /// The domain and From.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_with_from: Option<Relation>,
    /// The domain and the signer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_with_signer: Option<Relation>,
}

/// How two identities agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Relation {
    /// The same mailbox.
    SameAddress,
    /// The same domain, or of one organization as DMARC sees it.
    SameDomain,
    /// Another domain.
    OtherDomain,
}

/// The way that a letter came, as far as the caller trusts those who wrote it down.
///
/// ```
/// # fn show(transport: &mailseal::report::Transport) {
/// for hop in &transport.hops {
///     println!("{} to {} with {}: TLS {:?}", hop.from, hop.by, hop.protocol, hop.tls);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Transport {
    /// The trusted Received lines, the last hop first. What stands below them anybody could have written.
    pub hops: Vec<Hop>,
    /// Received lines below, which say nothing.
    pub untrusted: usize,
}

/// One Received line (RFC 5321 §4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hop {
    /// What the client called itself; empty where nothing is said.
    pub from: String,
    /// Who took the letter and wrote this; empty where nothing is said.
    pub by: String,
    /// The keyword after `with`, in upper case: `ESMTPS`; empty where nothing is said.
    pub protocol: String,
    /// Whether this hop used TLS, by its keyword (RFC 3848, RFC 6531, RFC 9422); `None` where that does not tell, as for a
    /// local pipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
}
