//! What the scope of an anchor asks of a path from it.

use crate::report::Assurance;
use crate::trust::store::Anchor;
use crate::x509::Certificate;
use crate::x509::assurance::from_policy;
use crate::x509::path::{self, Keeps, Path, PathOutcome, PathRequest};

/// Whether an anchor of that scope may speak for a certificate at all: what costs little, before any search.
pub(super) fn may_speak(anchor: &Anchor, leaf: &Certificate) -> bool {
    let asserted = strongest(leaf.extensions().certificate_policies.iter().map(String::as_str));
    let enough = anchor.scope.least().is_none_or(|least| asserted >= Some(least));
    enough && anchor.scope.takes_issued(leaf.validity().not_before)
}

/// A path on which all authorities keep what its anchor's scope asks for.
pub(super) fn find(wanted: &PathRequest<'_>, anchors: &[&Anchor]) -> PathOutcome {
    let keeps = |path: &Path| anchors.iter().any(|anchor| holds(anchor, path));
    path::find(&PathRequest { keeps: Some(Keeps(&keeps)), ..*wanted })
}

/// Whether this is the anchor of the path, and the path keeps what its scope asks for.
pub(super) fn holds(anchor: &Anchor, path: &Path) -> bool {
    let same = super::paths::x509_of(&anchor.certificate).as_ref() == path.anchor();
    same && anchor.scope.least().is_none_or(|least| kept(path) >= Some(least))
}

/// What an authority says it checked: by others than the holder.
pub(super) fn assurance(path: &Path) -> Option<Assurance> {
    if path.certificates.len() > 1 { kept(path) } else { None }
}

/// The strongest assurance that the certificate asserts and every authority between it and the anchor keeps (RFC 5280
/// §6.1.3 (d), without mappings). What the anchor keeps is the caller's word.
fn kept(path: &Path) -> Option<Assurance> {
    let (leaf, above) = path.certificates.split_first()?;
    let between = above.split_last().map_or(&[][..], |(_, between)| between);
    let asserted = leaf.extensions().certificate_policies.iter().map(String::as_str);
    strongest(asserted.filter(|policy| {
        let keeps = |(index, authority): (usize, &Certificate)| {
            let policies = &authority.extensions().certificate_policies;
            let higher = above.iter().skip(index.saturating_add(1));
            let any = || !higher.clone().any(|one| one.extensions().inhibit_any_policy.is_some());
            policies.iter().any(|one| one == policy || one == ANY_POLICY && any())
        };
        between.iter().enumerate().all(keeps)
    }))
}

fn strongest<'p>(policies: impl Iterator<Item = &'p str>) -> Option<Assurance> {
    policies.filter_map(from_policy).map(|(assurance, _)| assurance).max()
}

/// RFC 5280 §4.2.1.4
const ANY_POLICY: &str = "2.5.29.32.0";
