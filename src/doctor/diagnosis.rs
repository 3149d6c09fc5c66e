//! What was found out about one broken signature, as plain data.

use serde::Serialize;

use crate::doctor::marks::Mark;
use crate::doctor::trail::{Hop, Station};
use crate::mime::PartPath;
use crate::report::{Change, Protocol};

/// What was done to a message, as far as it can be told from the message alone.
///
/// Nothing in it says that a letter is good: that is [`Policy::judge`](crate::Policy::judge)'s to say, and it says
/// [`Bad`](crate::Outcome::Bad) of an altered letter whatever is found here.
///
/// ```
/// use mailseal::{Context, TrustStore, doctor};
/// let cx = Context::new(TrustStore::new());
/// let seen = doctor::diagnose(&cx, b"From: a@b.example\r\n\r\nHello\r\n", 0)?;
/// assert_eq!(seen.outcome, doctor::Outcome::NotSigned);
/// println!("{}", seen.text("en"));
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Of this form: 1.
    pub version: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// What the signature itself is worth, apart from the content.
    pub signature: SignatureState,
    /// The protocol of the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The part that the signature is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<PartPath>,
    /// Whose key it is, as its certificate says. Whether that is believed, was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// What was done. Proved where the outcome is `explained` or `mixed`; sent places are counted in the signed part as it
    /// was signed, received ones in it as it lies there.
    pub changes: Vec<Change>,
    /// What it looks like, proved by nothing.
    pub suspected: Vec<Change>,
    /// Between whom the body was changed, where DKIM or ARC signatures tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop: Option<Hop>,
    /// Who handled the message, the first on the way first, as far as they say so themselves.
    pub trail: Vec<Station>,
    /// Software that left its mark.
    pub marks: Vec<Mark>,
    /// Forms of the content that were tried.
    pub tried: usize,
    /// Not all were: a limit was reached.
    pub exhausted: bool,
}

/// What came of looking for what was done to a message.
///
/// ```
/// use mailseal::doctor::Outcome;
/// assert!(Outcome::ALL.iter().all(|outcome| outcome.as_str() != "good"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The signature holds: there is nothing to find out.
    Intact,
    /// Undoing the changes gives octet for octet what was signed, and they changed the form alone: no word.
    Explained,
    /// Undoing the changes gives what was signed, but as it lies there, a reader sees more than that, or other: words, links
    /// or parts that nobody signed. Anybody can have put them there.
    Mixed,
    /// Nothing that is known gives what was signed. It may be forged.
    Unexplained,
    /// The signature itself does not hold, whatever the content: it was altered, or it is forged.
    SignatureBroken,
    /// It cannot be told: the certificate is missing, or something is not known here.
    Untested,
    /// There is no signature that could be looked at.
    NotSigned,
}

impl Outcome {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Intact,
        Self::Explained,
        Self::Mixed,
        Self::Unexplained,
        Self::SignatureBroken,
        Self::Untested,
        Self::NotSigned,
    ];

    /// Its name, `explained`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Explained => "explained",
            Self::Mixed => "mixed",
            Self::Unexplained => "unexplained",
            Self::SignatureBroken => "signature_broken",
            Self::Untested => "untested",
            Self::NotSigned => "not_signed",
        }
    }
}

/// What a signature is worth apart from the content.
///
/// ```
/// use mailseal::doctor::SignatureState;
/// assert_eq!(SignatureState::Holds.as_str(), "holds");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignatureState {
    /// It holds over its own attributes: somebody with that key signed a content with the digest that it names (RFC 5652
    /// §5.4). So the content was changed.
    Holds,
    /// It does not.
    Broken,
    /// It cannot be told apart from the content: OpenPGP, and CMS without signed attributes; or the certificate is missing.
    Unknown,
}

impl SignatureState {
    /// Its name, `holds`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}
