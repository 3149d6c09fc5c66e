//! Whom a rule is about.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::mime::Address;
use crate::mime::address::host;

/// Whom a rule is about: a set of addresses. As text: `eve@b.example`, `*@a.example`, `*@*.a.example`, `any`.
///
/// What stands before the `@` is compared without regard to case, as far as ASCII goes: rules only forbid, and most
/// servers deliver `Bob@` and `bob@` to the same person.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::policy::Party;
/// let partner: Party = "*@partner.example".parse()?;
/// assert!(partner.has(&"bob@partner.example".parse()?));
/// assert!(!partner.has(&"bob@mail.partner.example".parse()?));
/// assert!("*@*.partner.example".parse::<Party>()?.has(&"bob@mail.partner.example".parse()?));
/// assert!(Party::outside([partner])?.has(&"dave@example.net".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Any,
    Address(Address),
    /// A-label, in small letters.
    Domain(String),
    /// All below this one, and not itself.
    Below(String),
    /// All but these.
    Outside(Vec<Party>),
}

impl Party {
    /// Everybody.
    pub fn any() -> Self {
        Self(Kind::Any)
    }

    #[cfg(feature = "policy-file")]
    pub(crate) fn is_any(&self) -> bool {
        self.0 == Kind::Any
    }

    /// Everybody but these, who are one's own. [`Error::Misuse`] where there are none, or everybody is.
    pub fn outside(own: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        let own: Vec<Self> = own.into_iter().collect();
        if own.iter().any(|one| one.0 == Kind::Any) {
            return Err(Error::misuse("nobody is outside where everybody is inside"));
        }
        if own.is_empty() {
            return Err(Error::misuse("nobody is outside where nobody is inside"));
        }
        Ok(Self(Kind::Outside(own)))
    }

    /// Whether it has this address.
    pub fn has(&self, address: &Address) -> bool {
        match &self.0 {
            Kind::Any => true,
            Kind::Address(own) => {
                own.domain() == address.domain() && own.local().eq_ignore_ascii_case(address.local())
            }
            Kind::Domain(domain) => address.domain() == domain,
            Kind::Below(domain) => {
                let above = address.domain().strip_suffix(domain.as_str());
                above.is_some_and(|above| above.len() > 1 && above.ends_with('.'))
            }
            Kind::Outside(own) => !own.iter().any(|own| own.has(address)),
        }
    }
}

impl From<Address> for Party {
    fn from(address: Address) -> Self {
        Self(Kind::Address(address))
    }
}

impl FromStr for Party {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "any" {
            return Ok(Self::any());
        }
        let Some(domain) = text.strip_prefix("*@") else {
            return text.parse::<Address>().map(Self::from).map_err(|_| no_party(text));
        };
        let (below, domain) = match domain.strip_prefix("*.") {
            Some(domain) => (true, domain),
            None => (false, domain),
        };
        let domain = host(domain).map_err(|_| no_party(text))?;
        Ok(Self(if below { Kind::Below(domain) } else { Kind::Domain(domain) }))
    }
}

/// What to say of a text that names nobody.
fn no_party(text: &str) -> Error {
    let bare = text.trim_start_matches(['*', '@', '.']);
    let said = match host(bare) {
        _ if ["*", "all", "ANY", "Any", "everybody", "*@*"].contains(&text) => {
            "did you mean \"any\"?".to_owned()
        }
        Ok(_) if text.contains("*.") && bare.contains('.') => format!("did you mean \"*@*.{bare}\"?"),
        Ok(_) if bare.contains('.') => format!("did you mean \"*@{bare}\"?"),
        _ => "write \"eve@b.example\", \"*@a.example\", \"*@*.a.example\" or \"any\"".to_owned(),
    };
    Error::misuse(format!("\"{}\" names nobody; {said}", text.escape_debug()))
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Any => f.write_str("any"),
            Kind::Address(address) => address.fmt(f),
            Kind::Domain(domain) => write!(f, "*@{domain}"),
            Kind::Below(domain) => write!(f, "*@*.{domain}"),
            Kind::Outside(_) => f.write_str("outside"),
        }
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(party: &str, address: &str) -> bool {
        party.parse::<Party>().unwrap().has(&address.parse().unwrap())
    }

    #[test]
    fn who_is_meant() {
        for (party, inside, outside) in [
            ("bob@partner.example", "BOB@Partner.Example", "rob@partner.example"),
            ("*@partner.example", "bob@partner.example", "bob@mail.partner.example"),
            ("*@*.partner.example", "bob@a.mail.partner.example", "bob@partner.example"),
            ("*@*.partner.example", "bob@a.partner.example", "bob@otherpartner.example"),
            ("*@exämple.org", "bob@xn--exmple-cua.org", "bob@example.org"),
        ] {
            assert!(has(party, inside), "{party} {inside}");
            assert!(!has(party, outside), "{party} {outside}");
        }
        assert!(has("any", "bob@[192.0.2.1]"));
    }

    #[test]
    fn what_was_meant_is_said() {
        for (text, meant) in [
            ("*", "\"any\""),
            ("@partner.example", "\"*@partner.example\""),
            ("partner.example", "\"*@partner.example\""),
            ("*.partner.example", "\"*@*.partner.example\""),
            ("@*.partner.example", "\"*@*.partner.example\""),
            ("partners", "\"eve@b.example\""),
            ("b ob@partner.example", "\"eve@b.example\""),
        ] {
            let error = text.parse::<Party>().unwrap_err().to_string();
            assert!(error.contains(meant), "{text}: {error}");
        }
    }
}
