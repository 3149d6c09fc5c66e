//! Certificate policies (RFC 5280 §6.1.2 - §6.1.5 as RFC 9618 has them).
//!
//! A graph with one node for each policy of a level, not a tree with one for each way to it: what a path of n
//! certificates costs is n times what they say, where the tree was exponential (threats C3).

use std::collections::{BTreeMap, BTreeSet};

use crate::x509::path::PathError;
use crate::x509::{Certificate, Extensions};

/// Under which certificate policies a path may stand: the four inputs of RFC 5280 §6.1.1 (c), (e), (f), (g). By default
/// under any, and under none where no certificate requires one.
///
/// ```
/// use mailseal::x509::path::PolicySettings;
/// // Only paths that keep one of two policies from end to end.
/// let settings = PolicySettings::new().accept(["2.16.840.1.101.3.2.1.48.1", "1.3.6.1.4.1.5.6"]).require();
/// assert!(settings.initial_explicit_policy);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PolicySettings {
    /// user-initial-policy-set, dotted; `None` is any-policy.
    pub user_initial_policy_set: Option<BTreeSet<String>>,
    /// initial-explicit-policy: the path has to be valid for one of them.
    pub initial_explicit_policy: bool,
    /// initial-policy-mapping-inhibit: policyMappings do not count.
    pub initial_policy_mapping_inhibit: bool,
    /// initial-any-policy-inhibit: anyPolicy in certificates does not count.
    pub initial_any_policy_inhibit: bool,
}

/// Every policy, and none is required.
pub(super) static ANY_SETTINGS: PolicySettings = PolicySettings {
    user_initial_policy_set: None,
    initial_explicit_policy: false,
    initial_policy_mapping_inhibit: false,
    initial_any_policy_inhibit: false,
};

impl PolicySettings {
    /// Any policy, and none is required.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts these policies and no others; they are dotted object identifiers of the anchor's domain. A path without
    /// one of them is still valid where nobody requires a policy: see [`PolicySettings::require`].
    #[must_use]
    pub fn accept<P: Into<String>>(mut self, policies: impl IntoIterator<Item = P>) -> Self {
        self.user_initial_policy_set = Some(policies.into_iter().map(Into::into).collect());
        self
    }

    /// A path needs an accepted policy.
    #[must_use]
    pub fn require(mut self) -> Self {
        self.initial_explicit_policy = true;
        self
    }

    /// Policies may not stand in for others.
    ///
    /// ```
    /// use mailseal::x509::path::PolicySettings;
    /// let literally = PolicySettings::new().accept(["1.2.3.4"]).require().inhibit_mapping().inhibit_any_policy();
    /// assert!(literally.initial_policy_mapping_inhibit && literally.initial_any_policy_inhibit);
    /// ```
    #[must_use]
    pub fn inhibit_mapping(mut self) -> Self {
        self.initial_policy_mapping_inhibit = true;
        self
    }

    /// anyPolicy stands for none.
    #[must_use]
    pub fn inhibit_any_policy(mut self) -> Self {
        self.initial_any_policy_inhibit = true;
        self
    }
}

/// The user-constrained-policy-set of a complete path, from the leaf to the anchor; empty where it has none and none is
/// required.
pub(super) fn check(path: &[&Certificate], settings: &PolicySettings) -> Result<Vec<String>, PathError> {
    let Some((anchor, below)) = path.split_last() else { return Ok(Vec::new()) };
    let mut state = State::new(below.len(), settings);
    // RFC 5937 §3.2: what the anchor demands holds from the start.
    state.demand(anchor.extensions());
    for (index, certificate) in below.iter().enumerate().rev() {
        state.take(certificate, index == 0);
        if state.explicit == 0 && state.graph.is_null() {
            return Err(PathError::Policy { subject: certificate.name() });
        }
        if index > 0 {
            state.prepare_next(certificate)?;
        } else {
            state.wrap_up(certificate);
        }
    }
    let policies = user_constrained(state.graph.authority_constrained(), anchor, settings);
    match (state.explicit, path.first()) {
        (0, Some(leaf)) if policies.is_empty() => Err(PathError::Policy { subject: leaf.name() }),
        _ => Ok(policies.into_iter().map(str::to_owned).collect()),
    }
}

/// How much [`check`] will look at.
pub(super) fn work(path: &[&Certificate]) -> usize {
    let size = |certificate: &&Certificate| {
        let extensions = certificate.extensions();
        extensions.certificate_policies.len() + extensions.policy_mappings.len()
    };
    // anyPolicy hands on what the levels above have.
    path.iter().map(size).sum::<usize>().saturating_mul(path.len())
}

/// RFC 9618 §5.6 (g), with the anchor's own policies (RFC 5937 §3.2) as a bound of the set that was asked for.
fn user_constrained<'a>(
    of_authority: BTreeSet<&'a str>,
    anchor: &'a Certificate,
    settings: &'a PolicySettings,
) -> BTreeSet<&'a str> {
    let own = &anchor.extensions().certificate_policies;
    let bound = |set: BTreeSet<&'a str>, to: BTreeSet<&'a str>| match set.contains(ANY_POLICY) {
        true if to.contains(ANY_POLICY) => set.union(&to).copied().collect(),
        true => to,
        false if to.contains(ANY_POLICY) => set,
        false => set.intersection(&to).copied().collect(),
    };
    let by_anchor = match own.is_empty() {
        true => BTreeSet::from([ANY_POLICY]),
        false => own.iter().map(String::as_str).collect(),
    };
    let asked = match &settings.user_initial_policy_set {
        None => BTreeSet::from([ANY_POLICY]),
        Some(set) => set.iter().map(String::as_str).collect(),
    };
    bound(bound(of_authority, by_anchor), asked)
}

/// valid_policy_graph: for each depth its nodes by valid_policy. Nodes without children are not deleted at once; they
/// change nothing below, and [`Graph::authority_constrained`] passes them by.
struct Graph<'a>(Vec<BTreeMap<&'a str, Node<'a>>>);

struct Node<'a> {
    expected: BTreeSet<&'a str>,
    /// By their valid_policy; either anyPolicy alone or others.
    parents: Vec<&'a str>,
}

impl<'a> Graph<'a> {
    fn new() -> Self {
        let root = Node { expected: BTreeSet::from([ANY_POLICY]), parents: Vec::new() };
        Self(vec![BTreeMap::from([(ANY_POLICY, root)])])
    }

    fn is_null(&self) -> bool {
        self.0.last().is_none_or(BTreeMap::is_empty)
    }

    /// RFC 9618 §5.4 (d); without policies an empty level, as (e) has it.
    fn take(&mut self, policies: &'a [String], any_counts: bool) {
        let mut parents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (policy, node) in self.0.last().into_iter().flatten() {
            for expected in &node.expected {
                parents.entry(expected).or_default().push(policy);
            }
        }
        let of_any = parents.get(ANY_POLICY);
        let mut level = BTreeMap::new();
        let child = |policy, parents: &Vec<&'a str>| Node {
            expected: BTreeSet::from([policy]),
            parents: parents.clone(),
        };
        for policy in policies.iter().map(String::as_str).filter(|policy| *policy != ANY_POLICY) {
            if let Some(parents) = parents.get(policy).or(of_any) {
                level.entry(policy).or_insert_with(|| child(policy, parents));
            }
        }
        if any_counts && policies.iter().any(|policy| policy == ANY_POLICY) {
            for (policy, parents) in &parents {
                level.entry(policy).or_insert_with(|| child(policy, parents));
            }
        }
        self.0.push(level);
    }

    /// RFC 9618 §5.5 (b)
    fn map(&mut self, mappings: &'a [(String, String)], allowed: bool) {
        let Some(level) = self.0.last_mut() else { return };
        let mut mapped: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in mappings {
            mapped.entry(from).or_default().insert(to);
        }
        let has_any = level.contains_key(ANY_POLICY);
        for (from, expected) in mapped {
            if !allowed {
                level.remove(from);
            } else if let Some(node) = level.get_mut(from) {
                node.expected = expected;
            } else if has_any {
                level.insert(from, Node { expected, parents: vec![ANY_POLICY] });
            }
        }
    }

    /// RFC 9618 §5.6 (g): the policies that hang on anyPolicy and reach the last level, in the words of the anchor.
    fn authority_constrained(&self) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let Some((last, above)) = self.0.split_last() else { return found };
        found.extend(last.contains_key(ANY_POLICY).then_some(ANY_POLICY));
        let mut alive: BTreeSet<&str> = last.keys().copied().collect();
        for level in std::iter::once(last).chain(above.iter().rev()) {
            let nodes = alive.iter().filter_map(|policy| Some((*policy, level.get(policy)?)));
            let mut next = BTreeSet::new();
            for (policy, node) in nodes {
                next.extend(&node.parents);
                found.extend((policy != ANY_POLICY && node.parents.contains(&ANY_POLICY)).then_some(policy));
            }
            alive = next;
        }
        found
    }
}

struct State<'a> {
    graph: Graph<'a>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

impl<'a> State<'a> {
    /// §6.1.2
    fn new(certificates: usize, settings: &PolicySettings) -> Self {
        let start = |inhibited: bool| if inhibited { 0 } else { certificates + 1 };
        Self {
            graph: Graph::new(),
            explicit: start(settings.initial_explicit_policy),
            mapping: start(settings.initial_policy_mapping_inhibit),
            any: start(settings.initial_any_policy_inhibit),
        }
    }

    /// §6.1.3 (d), (e)
    fn take(&mut self, certificate: &'a Certificate, is_last: bool) {
        let any_counts = self.any > 0 || (!is_last && certificate.is_self_issued());
        self.graph.take(&certificate.extensions().certificate_policies, any_counts);
    }

    /// §6.1.4 (a)-(j)
    fn prepare_next(&mut self, certificate: &'a Certificate) -> Result<(), PathError> {
        let mappings = &certificate.extensions().policy_mappings;
        if mappings.iter().any(|(from, to)| from == ANY_POLICY || to == ANY_POLICY) {
            return Err(PathError::Policy { subject: certificate.name() });
        }
        self.graph.map(mappings, self.mapping > 0);
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

    /// §6.1.5 (a), (b)
    fn wrap_up(&mut self, certificate: &Certificate) {
        let constraints = certificate.extensions().policy_constraints;
        self.explicit = match constraints.and_then(|constraints| constraints.require_explicit_policy) {
            Some(0) => 0,
            _ => self.explicit.saturating_sub(1),
        };
    }
}

/// The name for all policies (§4.2.1.4).
pub(super) const ANY_POLICY: &str = "2.5.29.32.0";
