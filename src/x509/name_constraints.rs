//! NameConstraints (RFC 5280 §4.2.1.10), for mailboxes also RFC 9598 §6.

use crate::x509::der_reader::{DerError, Reader, Result, SEQUENCE, constructed, context};
use crate::x509::general_name::GeneralName;

#[cfg(test)]
mod tests;
mod within;

use within::{Subject, Within};

/// What the certificates below a certificate authority may be called.
///
/// ```text
/// NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] … OPTIONAL }
/// GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
/// ```
///
/// ```
/// use mailseal::x509::{Certificate, GeneralName};
/// /// The domains or mailboxes that an authority may speak for, where it is bound to some.
/// fn bound_to(authority: &Certificate) -> Vec<&str> {
///     let constraints = authority.extensions().name_constraints.iter();
///     let mail = |name| match name {
///         &GeneralName::Rfc822Name(ref base) => Some(base.as_str()),
///         _ => None,
///     };
///     constraints.flat_map(|constraints| &constraints.permitted).filter_map(mail).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameConstraints {
    /// Names of a kind that is listed must lie in one of these.
    pub permitted: Vec<GeneralName>,
    /// Names must lie in none of these.
    pub excluded: Vec<GeneralName>,
}

/// What a name is under constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Allowed,
    Violation,
    /// There is a constraint on names of this kind, and no rule here to apply it.
    Unknown,
}

impl NameConstraints {
    pub(crate) fn read(mut reader: Reader<'_>) -> Result<Self> {
        let permitted = reader.optional(constructed(0))?.map(|list| subtrees(list.reader())).transpose()?;
        let excluded = reader.optional(constructed(1))?.map(|list| subtrees(list.reader())).transpose()?;
        reader.finish()?;
        // GeneralSubtrees has at least one, and so has the extension (RFC 5280 §4.2.1.10).
        let empty = [&permitted, &excluded].into_iter().flatten().any(Vec::is_empty);
        if empty || (permitted.is_none() && excluded.is_none()) {
            return Err(DerError("constraints without a subtree"));
        }
        Ok(Self { permitted: permitted.unwrap_or_default(), excluded: excluded.unwrap_or_default() })
    }

    /// How many subtrees there are.
    pub(crate) fn len(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }

    /// Whether a certificate below may have this name.
    pub(crate) fn check(&self, name: &GeneralName) -> Fit {
        let name = Subject::new(name);
        let (mut bound, mut inside, mut excluded) = (false, false, false);
        for within in self.permitted.iter().filter_map(|base| name.within(base)) {
            match within {
                Within::Unknown => return Fit::Unknown,
                Within::Yes => (bound, inside) = (true, true),
                Within::Overlaps | Within::No => bound = true,
            }
        }
        for within in self.excluded.iter().filter_map(|base| name.within(base)) {
            match within {
                Within::Unknown => return Fit::Unknown,
                Within::Yes | Within::Overlaps => excluded = true,
                Within::No => {}
            }
        }
        if excluded || (bound && !inside) { Fit::Violation } else { Fit::Allowed }
    }
}

fn subtrees(list: Reader<'_>) -> Result<Vec<GeneralName>> {
    list.map(|subtree| {
        let subtree = subtree?;
        if subtree.tag != SEQUENCE {
            return Err(DerError("not a GeneralSubtree"));
        }
        let mut reader = subtree.reader();
        let base = GeneralName::read(&Reader::next(&mut reader)?)?;
        // RFC 5280 §4.2.1.10: minimum is zero, maximum absent.
        if reader.optional(context(0))?.is_some_and(|minimum| minimum.u32() != Ok(0)) {
            return Err(DerError("minimum of a subtree is not zero"));
        }
        reader.finish()?;
        Ok(base)
    })
    .collect()
}
