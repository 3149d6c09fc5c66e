//! Certificate policies (RFC 5280 §6.1.3 (d)-(f), §6.1.4 (a)-(j), §6.1.5 (a), (b), (g)).
//!
//! Every policy is acceptable here (user-initial-policy-set is anyPolicy, no initial flag is set), so nobody asks which
//! policies a path has, only whether there is one where a certificate requires it. For that the last level of the policy
//! tree is enough, as a set: no tree, nothing exponential (RFC 9618 §2).

use std::collections::BTreeSet;

use crate::x509::path::PathError;
use crate::x509::{Certificate, Extensions};

/// Checks a path that is complete, from the leaf to the anchor.
pub(super) fn check(path: &[&Certificate]) -> Result<(), PathError> {
    let Some((anchor, below)) = path.split_last() else { return Ok(()) };
    let mut state = State::new(below.len());
    // RFC 5937 §3.2: what the anchor demands holds from the start.
    state.demand(anchor.extensions());
    for (index, certificate) in below.iter().enumerate().rev() {
        state.take(certificate, index == 0);
        if state.explicit == 0 && state.expected.is_empty() {
            return Err(PathError::Policy { subject: certificate.name() });
        }
        if index > 0 {
            state.prepare_next(certificate)?;
        } else if state.wrap_up(certificate) == 0 && state.expected.is_empty() {
            return Err(PathError::Policy { subject: certificate.name() });
        }
    }
    Ok(())
}

/// How much [`check`] will look at.
pub(super) fn work(path: &[&Certificate]) -> usize {
    let size = |certificate: &&Certificate| {
        let extensions = certificate.extensions();
        extensions.certificate_policies.len() + extensions.policy_mappings.len()
    };
    path.iter().map(size).sum()
}

struct State<'a> {
    /// The expected policies of the last level of the tree; empty is the tree that is NULL.
    expected: BTreeSet<&'a str>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

impl<'a> State<'a> {
    /// §6.1.2
    fn new(certificates: usize) -> Self {
        let most = certificates + 1;
        Self { expected: BTreeSet::from([ANY_POLICY]), explicit: most, mapping: most, any: most }
    }

    /// §6.1.3 (d), (e)
    fn take(&mut self, certificate: &'a Certificate, is_last: bool) {
        let policies = &certificate.extensions().certificate_policies;
        let everything = self.expected.contains(ANY_POLICY);
        let named = policies.iter().map(String::as_str).filter(|policy| *policy != ANY_POLICY);
        let mut next: BTreeSet<_> =
            named.filter(|policy| everything || self.expected.contains(policy)).collect();
        let any_counts = self.any > 0 || (!is_last && certificate.is_self_issued());
        if any_counts && policies.iter().any(|policy| policy == ANY_POLICY) {
            next.extend(&self.expected);
        }
        self.expected = next;
    }

    /// §6.1.4 (a)-(j)
    fn prepare_next(&mut self, certificate: &'a Certificate) -> Result<(), PathError> {
        let mappings = &certificate.extensions().policy_mappings;
        if mappings.iter().any(|(from, to)| from == ANY_POLICY || to == ANY_POLICY) {
            return Err(PathError::Policy { subject: certificate.name() });
        }
        let everything = self.expected.contains(ANY_POLICY);
        let known = |from: &str| everything || self.expected.contains(from);
        let targets: Vec<&str> = match self.mapping {
            0 => Vec::new(),
            _ => mappings.iter().filter(|(from, _)| known(from)).map(|(_, to)| to.as_str()).collect(),
        };
        for (from, _) in mappings {
            self.expected.remove(from.as_str());
        }
        self.expected.extend(targets);
        if !certificate.is_self_issued() {
            for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *counter = counter.saturating_sub(1);
            }
        }
        self.demand(certificate.extensions());
        Ok(())
    }

    /// §6.1.4 (i), (j)
    fn demand(&mut self, extensions: &Extensions) {
        let lower = |counter: &mut usize, to: Option<u32>| {
            let to = to.and_then(|to| usize::try_from(to).ok()).unwrap_or(usize::MAX);
            *counter = to.min(*counter);
        };
        let constraints = extensions.policy_constraints;
        lower(&mut self.explicit, constraints.and_then(|constraints| constraints.require_explicit_policy));
        lower(&mut self.mapping, constraints.and_then(|constraints| constraints.inhibit_policy_mapping));
        lower(&mut self.any, extensions.inhibit_any_policy);
    }

    /// §6.1.5 (a), (b): what is left of explicit_policy.
    fn wrap_up(&self, certificate: &Certificate) -> usize {
        let constraints = certificate.extensions().policy_constraints;
        match constraints.and_then(|constraints| constraints.require_explicit_policy) {
            Some(0) => 0,
            _ => self.explicit.saturating_sub(1),
        }
    }
}

const ANY_POLICY: &str = "2.5.29.32.0";
