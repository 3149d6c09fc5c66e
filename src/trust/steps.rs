//! X.509: the certificates of a path as steps: where each came from, and what of it was checked.

use std::collections::HashMap;

use crate::report::{Check, Source, Step, hex};
use crate::x509::Certificate;
use crate::x509::path::Path;

/// What came from where; all else was looked for among known certificates.
pub(super) struct Origins<'a> {
    pub(super) anchors: &'a [Certificate],
    pub(super) letter: &'a [Certificate],
    /// From where, by fingerprint.
    pub(super) fetched: &'a HashMap<[u8; 32], String>,
}

/// The steps of a valid path, the anchor first.
pub(super) fn of(path: &Path, origins: &Origins<'_>) -> Vec<Step> {
    let steps = path.certificates.iter().enumerate();
    let steps = steps.map(|(at, one)| Step { checks: checks(path, at, one), ..step(one, origins) });
    steps.rev().collect()
}

/// A certificate of which nothing is said to hold.
pub(super) fn step(certificate: &Certificate, origins: &Origins<'_>) -> Step {
    let validity = certificate.validity();
    let source = if origins.anchors.contains(certificate) {
        Source::Caller
    } else if origins.letter.contains(certificate) {
        Source::Letter
    } else if let Some(url) = origins.fetched.get(&certificate.fingerprint()) {
        Source::Fetched(url.clone())
    } else {
        Source::Known
    };
    Step {
        not_before: Some(validity.not_before),
        not_after: Some(validity.not_after),
        source,
        ..Step::new(certificate.name(), hex(&certificate.fingerprint()))
    }
}

/// What holds of the certificate at this place of a valid path, counted from the leaf.
fn checks(path: &Path, at: usize, certificate: &Certificate) -> Vec<Check> {
    let (extensions, is_leaf) = (certificate.extensions(), at == 0);
    let issuer = extensions.basic_constraints.filter(|_| !is_leaf);
    let usage = is_leaf || extensions.ext_key_usage.is_some();
    let names = !is_leaf && extensions.name_constraints.is_some();
    let policies = Some(&path.policies).filter(|policies| is_leaf && !policies.is_empty());
    let checks = [
        path.algorithm(at).map(|algorithm| Check::Signature(algorithm.to_string())),
        Some(Check::Validity),
        issuer.map(|constraints| Check::Issuer(constraints.path_len)),
        usage.then_some(Check::Usage),
        names.then_some(Check::NameConstraints),
        policies.cloned().map(Check::Policies),
    ];
    checks.into_iter().flatten().collect()
}
