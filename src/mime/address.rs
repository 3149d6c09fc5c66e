//! Addresses (RFC 5322 §3.4.1, RFC 6531), parsed strictly and compared by one rule.

/// An addr-spec: local part octet-exact, domain as A-label in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    pub(crate) local: String,
    pub(crate) domain: String,
}
