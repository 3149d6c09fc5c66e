//! Whom one would believe to be somebody, without any letter.
//!
//! - [`Context::who_is`]: each certificate that is known for an address, and why it is believed or not.

use std::fmt;

use crate::error::Error;
use crate::message::Context;
use crate::mime::Address;
use crate::policy::Policy;
use crate::protocol::{Certificate, CertificateSource, KeyHint, Unfit};
use crate::report::{RejectedPath, Trust};
use crate::time::UnixTime;
use crate::trust::{Belief, EvidenceRequest, Purpose};

/// A certificate that is known for an address, and why it is believed to be its own, or not.
///
/// ```
/// use mailseal::Claim;
/// fn print(claim: &Claim) {
///     match &claim.problem {
///         None => println!("{} is theirs: {}", claim.certificate.fingerprint(), claim.belief.evidence[0]),
///         Some(why) => println!("{} is not believed: {why}", claim.certificate.fingerprint()),
///     }
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claim {
    /// The certificate.
    pub certificate: Certificate,
    /// What trust says of it: paths, and those that failed.
    pub belief: Belief,
    /// Why the policy does not rely on it; `None` if it does.
    pub problem: Option<Unreached>,
}

/// To whom, by which policy, when.
pub(super) struct Asking<'c> {
    pub(super) cx: &'c Context,
    pub(super) policy: &'c Policy,
    pub(super) at: UnixTime,
}

impl Context {
    /// Whom one would believe to be the holder of an address, without any letter: every certificate that is known
    /// here and names it, the newest first, at most [`Limits::candidates`](crate::Limits::candidates). What would be
    /// asked of the network for a letter is asked here too.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "openpgp")] {
    /// use mailseal::{Context, Policy, Scope, TrustStore, UnixTime, trust::Purpose};
    /// let carol = include_bytes!("../../examples/letters/gpg-carol.asc");
    /// let cx = Context::new(TrustStore::new().anchors(carol, Scope::any())?);
    /// let at = UnixTime::from_seconds(1_800_000_000);
    /// let claims = cx.who_is(&"carol@example.net".parse()?, Purpose::Sign, &Policy::standard(), at)?;
    /// assert_eq!((claims.len(), &claims[0].problem), (1, &None));
    /// assert_eq!(claims[0].belief.evidence[0].to_string(), "you → Carol Jones (any)");
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn who_is(
        &self,
        address: &Address,
        purpose: Purpose,
        policy: &Policy,
        at: impl Into<UnixTime>,
    ) -> Result<Vec<Claim>, Error> {
        ask(&Asking { cx: self, policy, at: at.into() }, address, purpose)
    }
}

/// The certificates of an address, the newest first: keys are renewed.
pub(super) fn ask(asking: &Asking<'_>, who: &Address, purpose: Purpose) -> Result<Vec<Claim>, Error> {
    let hint = KeyHint { address: Some(who), ..KeyHint::default() };
    let mut candidates = asking.cx.candidates(&hint)?;
    candidates.sort_by_key(|one| std::cmp::Reverse(one.since(asking.at)));
    // Several places may hold the same one.
    let mut seen = std::collections::BTreeSet::new();
    candidates.retain(|one| seen.insert(one.fingerprint()));
    let candidates = candidates.into_iter().take(asking.cx.bounds().candidates);
    candidates.map(|one| asking.judge(asking.whole(one)?, who, purpose)).collect()
}

impl Asking<'_> {
    /// With what all other copies say: one that names nobody may hold the revocation (R-B20).
    fn whole(&self, candidate: Certificate) -> Result<Certificate, Error> {
        #[cfg(feature = "openpgp")]
        if let Some(one) = candidate.as_openpgp() {
            let fingerprint = one.handle();
            let hint = KeyHint { openpgp: Some(&fingerprint), ..KeyHint::default() };
            let copies = self.cx.candidates(&hint)?;
            let copies = copies.iter().filter_map(Certificate::as_openpgp).filter(|copy| *copy == one);
            let whole = copies.fold(one.clone(), |whole, copy| whole.merged(copy));
            return Ok(Certificate::Openpgp(whole));
        }
        Ok(candidate)
    }

    fn judge(&self, certificate: Certificate, who: &Address, purpose: Purpose) -> Result<Claim, Error> {
        let unfit = match certificate.unfit_to_encrypt(self.at).filter(|_| purpose == Purpose::Encrypt) {
            None => None,
            Some(Unfit::NoKey) => Some(Unreached::CannotEncrypt),
            Some(Unfit::Revoked) => Some(Unreached::Revoked),
            Some(Unfit::Expired(since)) => Some(Unreached::Expired(since)),
        };
        if let Some(problem) = unfit {
            return Ok(Claim { certificate, belief: Belief::default(), problem: Some(problem) });
        }
        // What only a found copy says of itself is nothing yet.
        if !certificate.addresses(self.at).iter().any(|own| own.matches(who)) {
            let reason = format!("nothing in it binds {who} at that time");
            let rejected = RejectedPath { steps: Vec::new(), code: "not_named".into(), reason };
            let belief = Belief { rejected: vec![rejected], ..Belief::default() };
            let problem = Some(Unreached::NotBelieved(certificate.fingerprint()));
            return Ok(Claim { certificate, belief, problem });
        }
        let algorithms = self.policy.algorithms().at(self.at);
        let belief = self.cx.believe(&EvidenceRequest {
            certificate: &certificate,
            intermediates: &[],
            candidates: self.cx,
            address: who,
            purpose,
            at: self.at,
            provider: self.cx.crypto(),
            limits: self.cx.bounds(),
            algorithms: &algorithms,
            #[cfg(feature = "smime")]
            revocations: self.cx.known_revocations(),
            #[cfg(feature = "smime")]
            signatures: Some(self.cx.known_signatures()),
            fetcher: self.cx.fetching(),
        })?;
        let problem = self.disbelief(&certificate, &belief, purpose);
        Ok(Claim { certificate, belief, problem })
    }

    fn disbelief(&self, certificate: &Certificate, belief: &Belief, purpose: Purpose) -> Option<Unreached> {
        let not_believed = || Some(Unreached::NotBelieved(certificate.fingerprint()));
        match belief.trust {
            // What the caller compared by hand is not changed by an authority.
            Trust::Trusted if !belief.pinned_to.is_empty() => not_believed(),
            Trust::Trusted if !belief.weak.is_empty() => Some(Unreached::Weak(belief.weak.join(", "))),
            Trust::Trusted if purpose == Purpose::Sign && belief.not_for_mail => not_believed(),
            Trust::Trusted if self.policy.relies_on(&belief.evidence) => None,
            Trust::Expired => Some(Unreached::Expired(None)),
            Trust::Revoked => Some(Unreached::Revoked),
            Trust::Trusted | Trust::Unknown => not_believed(),
        }
    }
}

/// Why somebody cannot be written to in secret: of several certificates, the one that came closest.
///
/// ```
/// use mailseal::Unreached;
/// assert_eq!(Unreached::NoCertificate.to_string(), "no certificate is known");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unreached {
    /// None was found.
    NoCertificate,
    /// It may not be used, or there is no key in it to encrypt to.
    CannotEncrypt,
    /// It is revoked.
    Revoked,
    /// It was not valid at the time; since when.
    Expired(Option<UnixTime>),
    /// Something on the way to it is too weak to rely on.
    Weak(String),
    /// Nobody who is trusted says that it is theirs. Its fingerprint, for [`Plan::accept`](crate::Plan::accept).
    NotBelieved(String),
    /// The policy does not let the letter go to them: what it asks, and by which rule.
    Policy(String),
}

impl Unreached {
    /// In words, by the tag of a language: `ja`; English for all that is not known. Not escaped.
    ///
    /// ```
    /// use mailseal::Unreached;
    /// assert_eq!(Unreached::Revoked.text("ja"), "証明書が失効しています");
    /// ```
    pub fn text(&self, language: &str) -> String {
        if !language.starts_with("ja") {
            return self.to_string();
        }
        match self {
            Self::NoCertificate => "証明書が見つかりません".into(),
            Self::CannotEncrypt => "証明書に暗号化に使える鍵がありません".into(),
            Self::Revoked => "証明書が失効しています".into(),
            Self::Expired(None) => "証明書が有効期間の外です".into(),
            Self::Expired(Some(since)) => format!("証明書の有効期限が {} に切れました", since.date()),
            Self::Weak(what) => format!("信頼するには弱すぎます: {what}"),
            Self::Policy(what) => format!("方針により送れません: {what}"),
            Self::NotBelieved(fingerprint) => {
                format!("証明書 {fingerprint} を本人のものと言う、信頼できる人がいません")
            }
        }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => f.write_str("no certificate is known"),
            Self::CannotEncrypt => f.write_str("the certificate has no key that may be encrypted to"),
            Self::Revoked => f.write_str("certificate revoked"),
            Self::Expired(None) => f.write_str("certificate not valid at the time"),
            Self::Expired(Some(since)) => write!(f, "certificate expired {}", since.date()),
            Self::Weak(what) => write!(f, "too weak to rely on: {what}"),
            Self::Policy(what) => f.write_str(what),
            Self::NotBelieved(fingerprint) => {
                write!(f, "nobody you trust says that certificate {fingerprint} is theirs")
            }
        }
    }
}
