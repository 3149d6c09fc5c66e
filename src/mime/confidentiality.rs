//! Which header fields of an encrypted letter stay readable outside (RFC 9788 §3).
//!
//! - [`HeaderConfidentiality`]: the three registered policies, by name.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A Header Confidentiality Policy (RFC 9788 §3.2): what an encrypted letter shows of its header on the way. The true
/// values stand inside. Where a letter is not encrypted, it does nothing.
///
/// ```
/// use mailseal::HeaderConfidentiality;
/// assert_eq!("shy".parse::<HeaderConfidentiality>()?, HeaderConfidentiality::Shy);
/// assert_eq!(HeaderConfidentiality::default().to_string(), "baseline");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderConfidentiality {
    /// `hcp_no_confidentiality` (§3.2.3): the header stands outside as it is. No program may have this as its default.
    None,
    /// `hcp_baseline` (§3.2.1): Subject becomes `[...]`, Comments and Keywords are removed.
    #[default]
    Baseline,
    /// `hcp_shy` (§3.2.2): besides, From, To and Cc show bare addresses, and Date is in UTC. Addresses that cannot be
    /// read stay as they are.
    Shy,
}

impl HeaderConfidentiality {
    /// All of them, from the least confidential to the most.
    pub const ALL: [Self; 3] = [Self::None, Self::Baseline, Self::Shy];

    /// `none`, `baseline` or `shy`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Baseline => "baseline",
            Self::Shy => "shy",
        }
    }

    /// Its name in the registry of RFC 9788 §12.3.
    pub fn registered(self) -> &'static str {
        match self {
            Self::None => "hcp_no_confidentiality",
            Self::Baseline => "hcp_baseline",
            Self::Shy => "hcp_shy",
        }
    }
}

impl fmt::Display for HeaderConfidentiality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// By its short name or the registered one; any other is [`Error::Misuse`].
impl FromStr for HeaderConfidentiality {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let named = |policy: &Self| text == policy.as_str() || text == policy.registered();
        Self::ALL.into_iter().find(named).ok_or_else(|| {
            Error::misuse(format!("{text:?} is no header confidentiality: none, baseline or shy"))
        })
    }
}
