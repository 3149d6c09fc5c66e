//! All paths of small webs, enumerated, as the judge of what the search finds.

use std::collections::{BTreeSet, HashMap};

use super::maker::address;
use super::*;

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    from: usize,
    to: usize,
    amount: u8,
    depth: u8,
    /// Only addresses of this key's domain.
    only: Option<usize>,
}

/// A node that certifies roots of partial trust.
const YOU: usize = 99;

struct Spec {
    edges: Vec<Edge>,
    full: Vec<usize>,
    target: usize,
    order: HashMap<usize, String>,
}

/// Used amounts, by the two ends.
type Used = HashMap<(usize, usize), u8>;

impl Spec {
    fn left(&self, edge: &Edge, used: &Used) -> u8 {
        edge.amount.saturating_sub(used.get(&(edge.from, edge.to)).copied().unwrap_or(0))
    }

    /// All simple paths from one node, with what they have left. `itself`: the target introduces itself.
    fn paths(&self, from: usize, itself: bool, used: &Used) -> Vec<(Vec<Edge>, u8)> {
        let (mut found, mut open) = (Vec::new(), vec![(Vec::<Edge>::new(), from)]);
        while let Some((path, at)) = open.pop() {
            if at == self.target && !path.is_empty() {
                found.extend(self.holds(&path, itself, used).map(|amount| (path, amount)));
                continue;
            }
            for edge in self.edges.iter().filter(|edge| edge.from == at) {
                // Behind a root in full nothing is asked.
                let passed = path.iter().any(|one| one.from == edge.to) || self.full.contains(&edge.to);
                if !passed && edge.to != from {
                    open.push(([path.clone(), vec![*edge]].concat(), edge.to));
                }
            }
        }
        found
    }

    fn holds(&self, path: &[Edge], itself: bool, used: &Used) -> Option<u8> {
        let mut amount = 120;
        for (place, edge) in path.iter().enumerate() {
            let behind = path.len() - 1 - place + usize::from(itself);
            let deep = usize::from(edge.depth) >= behind || edge.depth == 255;
            let named = behind == 0 || edge.only.is_none_or(|only| only == self.target);
            // What names no user ID certifies none.
            if !deep || !named || (edge.from == YOU && behind == 0) {
                return None;
            }
            amount = amount.min(self.left(edge, used));
        }
        Some(amount).filter(|amount| *amount > 0)
    }

    /// Every total that ties can lead to.
    fn totals(&self, used: &Used, so_far: u8, found: &mut BTreeSet<u8>) {
        if self.full.contains(&self.target) {
            found.insert(120);
            return;
        }
        if so_far >= 120 {
            found.insert(120);
            return;
        }
        for itself in [true, false] {
            let mut best: Vec<(Vec<Edge>, u8)> = Vec::new();
            for root in self.full.iter().copied().chain([YOU]) {
                let paths = self.paths(root, itself, used);
                let Some(shortest) = paths.iter().map(|(path, _)| path.len()).min() else { continue };
                let short = paths.into_iter().filter(|(path, _)| path.len() == shortest);
                let short: Vec<_> = short.collect();
                let most = short.iter().map(|(_, amount)| *amount).max().unwrap();
                best.extend(short.into_iter().filter(|(_, amount)| *amount == most));
            }
            let worth = |(path, amount): &(Vec<Edge>, u8)| {
                (*amount, std::cmp::Reverse(path.len()), self.order[&path[0].from].clone())
            };
            let Some(most) = best.iter().map(worth).max() else { continue };
            for (path, amount) in best.iter().filter(|one| worth(one) == most) {
                let mut used = used.clone();
                for edge in path {
                    *used.entry((edge.from, edge.to)).or_default() += amount;
                }
                self.totals(&used, so_far.saturating_add(*amount), found);
            }
            return;
        }
        found.insert(so_far);
    }
}

fn random(dice: &mut Dice) -> (Maker, Vec<Edge>, usize) {
    let keys = 3 + dice.roll(6);
    let mut web = Maker::new(keys);
    let mut edges: Vec<Edge> = Vec::new();
    for _ in 0..keys + dice.roll(8) {
        let (from, to) = (dice.roll(keys), dice.roll(keys));
        if from == to || edges.iter().any(|edge| (edge.from, edge.to) == (from, to)) {
            continue;
        }
        let depth = [0, 0, 1, 1, 2, 3, 255][dice.roll(7)];
        let amount = [120, 120, 60, 40, 30, 90][dice.roll(6)];
        let only = (depth > 0 && dice.roll(4) == 0).then(|| dice.roll(keys));
        let mut what = Certification::of(amount).unwrap().depth(depth);
        if let Some(only) = only {
            what = what.domain(&format!("d{only}.example")).unwrap();
        }
        web.certifies(from, to, &what);
        edges.push(Edge { from, to, amount, depth, only });
    }
    (web, edges, keys)
}

#[test]
fn r_c11_an_enumeration_of_all_paths_agrees() {
    let mut dice = Dice(7);
    let (mut trusted, mut partly) = (0, 0);
    for web_number in 0..500 {
        let (web, edges, keys) = random(&mut dice);
        let mut roots: Vec<(usize, u8)> = Vec::new();
        for _ in 0..1 + dice.roll(3) {
            let root = dice.roll(keys);
            if !roots.iter().any(|(known, _)| *known == root) {
                roots.push((root, [120, 120, 60, 50][dice.roll(4)]));
            }
        }
        let target = dice.roll(keys);
        let partial = roots.iter().filter(|(_, amount)| *amount < 120);
        let from_you = partial.map(|(root, amount)| Edge {
            from: YOU,
            to: *root,
            amount: *amount,
            depth: 255,
            only: None,
        });
        let mut order: HashMap<usize, String> =
            web.keys.iter().enumerate().map(|(key, one)| (key, one.fingerprint())).collect();
        order.insert(YOU, "0".repeat(40));
        let spec = Spec {
            edges: edges.iter().copied().chain(from_you).collect(),
            full: roots.iter().filter(|(_, amount)| *amount == 120).map(|(root, _)| *root).collect(),
            target,
            order,
        };
        let mut possible = BTreeSet::new();
        spec.totals(&Used::new(), 0, &mut possible);
        let total = web.total(&roots, target);
        assert!(
            possible.contains(&total),
            "web {web_number}: {total}, not of {possible:?}; {:?}",
            spec.edges
        );
        trusted += usize::from(total == 120);
        partly += usize::from((1..120).contains(&total));
    }
    assert!(trusted > 50 && partly > 50, "the webs tell something: {trusted} {partly}");
}

/// Adding what strangers make changes nothing for the better, nor for the worse.
#[test]
fn r_b20_strangers_change_nothing() {
    let mut dice = Dice(11);
    for _ in 0..60 {
        let (mut web, _, keys) = random(&mut dice);
        let roots = [(dice.roll(keys), 120), (dice.roll(keys), 60)];
        let roots = if roots[0].0 == roots[1].0 { &roots[..1] } else { &roots[..] };
        let before: Vec<u8> = (0..keys).map(|target| web.total(roots, target)).collect();
        let strangers = keys..keys + 3;
        web.keys.extend(Maker::new(keys + 3).keys.split_off(keys));
        for stranger in strangers.clone() {
            for target in 0..keys + 3 {
                if target != stranger && dice.roll(2) == 0 {
                    web.certifies(stranger, target, &Certification::of(120).unwrap().depth(255));
                }
            }
        }
        let after: Vec<u8> = (0..keys).map(|target| web.total(roots, target)).collect();
        assert_eq!(before, after);
        assert!(strangers.clone().all(|stranger| web.total(roots, stranger) == 0));
        // One of them takes the name of a key that is trusted.
        let target = dice.roll(keys);
        let named = Maker::workshop(keys, AT).also(&format!("Key {target} <{}>", address(target))).public();
        let mut known = web.keys.clone();
        known.push(named.clone());
        let roots = web.roots(roots);
        assert_eq!(Question::new(&known, &roots).total(&named, &address(target)), 0);
    }
}
