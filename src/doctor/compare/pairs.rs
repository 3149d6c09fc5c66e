//! Which part of one message is which part of the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::doctor::tree::{Tree, is_leaf, is_signature, text};
use crate::mime::Part;

/// Parts by their indices: in the message as it was sent, then as it arrived.
pub(super) struct Pairs {
    leaves: Vec<(usize, usize)>,
    nodes: Vec<(usize, usize)>,
    lost_leaves: Vec<usize>,
    new_leaves: Vec<usize>,
    lost_nodes: Vec<usize>,
    new_nodes: Vec<usize>,
}

impl Pairs {
    pub(super) fn new(a: &Tree<'_>, b: &Tree<'_>) -> Self {
        let leaves = leaves(a, b);
        let nodes = nodes(a, b, &leaves);
        let (a_leaves, b_leaves) = (a.leaves(), b.leaves());
        let all_nodes = |tree: &Tree<'_>| -> Vec<usize> {
            let node = |(index, part): (usize, &Part)| (!is_leaf(part)).then_some(index);
            tree.parts().iter().enumerate().filter_map(node).collect()
        };
        let (a_known, b_known) = sides(&leaves);
        let (a_nodes, b_nodes) = sides(&nodes);
        Self {
            lost_leaves: without(a_leaves, &a_known),
            new_leaves: without(b_leaves, &b_known),
            lost_nodes: without(all_nodes(a), &a_nodes),
            new_nodes: without(all_nodes(b), &b_nodes),
            leaves,
            nodes,
        }
    }

    pub(super) fn leaves(&self) -> Vec<(usize, usize)> {
        self.leaves.clone()
    }

    pub(super) fn nodes(&self) -> Vec<(usize, usize)> {
        self.nodes.clone()
    }

    pub(super) fn lost_leaves(&self) -> Vec<usize> {
        self.lost_leaves.clone()
    }

    pub(super) fn new_leaves(&self) -> Vec<usize> {
        self.new_leaves.clone()
    }

    pub(super) fn lost_nodes(&self) -> Vec<usize> {
        self.lost_nodes.clone()
    }

    pub(super) fn new_nodes(&self) -> Vec<usize> {
        self.new_nodes.clone()
    }

    /// The part of the first message that the part of the second lies in.
    pub(super) fn inside(&self, b_index: usize, b: &Tree<'_>) -> Option<usize> {
        let parent = b.part(b_index)?.parent?;
        self.nodes.iter().find(|(_, known)| *known == parent).map(|(index, _)| *index)
    }

    pub(super) fn reordered(&self) -> bool {
        let mut pairs = self.leaves.clone();
        pairs.sort_unstable();
        !pairs.is_sorted_by_key(|(_, b)| *b)
    }
}

fn sides(pairs: &[(usize, usize)]) -> (BTreeSet<usize>, BTreeSet<usize>) {
    pairs.iter().copied().unzip()
}

fn without(all: Vec<usize>, known: &BTreeSet<usize>) -> Vec<usize> {
    all.into_iter().filter(|index| !known.contains(index)).collect()
}

/// First what is where it was, however many they are. Then the best pairs: the same octets and type, the same octets,
/// the same type with the most lines in common; then what is left, in order, where the types are near.
fn leaves(a: &Tree<'_>, b: &Tree<'_>) -> Vec<(usize, usize)> {
    let mut pairs = unmoved(a, b);
    let (a_known, b_known) = sides(&pairs);
    pairs.extend(likely(a, without(a.leaves(), &a_known), b, without(b.leaves(), &b_known)));
    pairs.sort_unstable();
    pairs
}

/// Leaf parts of the same type and octets in the same place.
fn unmoved(a: &Tree<'_>, b: &Tree<'_>) -> Vec<(usize, usize)> {
    let places = places(b);
    let same = |index: usize| {
        let one = a.part(index)?;
        let place = *places.get(one.path.numbers())?;
        let other = b.part(place).filter(|part| is_leaf(part))?;
        let same = one.media_type == other.media_type && a.decoded(one) == b.decoded(other);
        same.then_some((index, place))
    };
    a.leaves().into_iter().filter_map(same).collect()
}

fn places<'t>(tree: &'t Tree<'_>) -> BTreeMap<&'t [u32], usize> {
    tree.parts().iter().enumerate().map(|(index, part)| (part.path.numbers(), index)).collect()
}

fn likely(a: &Tree<'_>, a_leaves: Vec<usize>, b: &Tree<'_>, b_leaves: Vec<usize>) -> Vec<(usize, usize)> {
    let looked = |tree: &Tree<'_>, leaves: Vec<usize>| -> Vec<(usize, Leaf)> {
        let leaves: Vec<usize> = leaves.into_iter().take(MOST).collect();
        let lines = ALL_LINES.checked_div(leaves.len()).unwrap_or(LINES).min(LINES);
        let leaf = |index: usize| Some((index, Leaf::new(tree, tree.part(index)?, lines)));
        leaves.into_iter().filter_map(leaf).collect()
    };
    let (a_leaves, b_leaves) = (looked(a, a_leaves), looked(b, b_leaves));
    let mut scored = Vec::new();
    // Both bounded: by the limit on parts, and by this square of it.
    for (i, (a_index, one)) in a_leaves.iter().enumerate() {
        for (j, (b_index, other)) in b_leaves.iter().enumerate() {
            let score = one.score(other);
            if score > 0 {
                scored.push((score, std::cmp::Reverse(i.abs_diff(j)), *a_index, *b_index));
            }
        }
    }
    scored.sort_by(|one, other| other.cmp(one));
    // Of equals the first.
    scored.sort_by(|one, other| (other.0, other.1, one.2, one.3).cmp(&(one.0, one.1, other.2, other.3)));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (.., a_index, b_index) in scored {
        if !pairs.iter().any(|(one, other)| *one == a_index || *other == b_index) {
            pairs.push((a_index, b_index));
        }
    }
    pairs
}

/// Leaf parts that are paired.
const MOST: usize = 200;

struct Leaf {
    main: String,
    sub: String,
    signature: bool,
    name: Option<String>,
    octets: Vec<u8>,
    /// How often each line, without blanks, stands in it.
    lines: BTreeMap<String, usize>,
    count: usize,
}

impl Leaf {
    fn new(tree: &Tree<'_>, part: &Part, most: usize) -> Self {
        let octets = tree.decoded(part);
        let mut lines = BTreeMap::new();
        let mut count = 0_usize;
        if part.media_type.main == "text" {
            for line in text(part, &octets).lines().take(most) {
                let line: String = line.chars().filter(|c| !c.is_whitespace() && *c != '>').collect();
                if !line.is_empty() {
                    *lines.entry(line).or_insert(0_usize) += 1;
                    count = count.saturating_add(1);
                }
            }
        }
        Self {
            main: part.media_type.main.clone(),
            sub: part.media_type.sub.clone(),
            signature: is_signature(part),
            name: part.file_name(),
            octets: octets.trim_ascii().to_vec(),
            lines,
            count,
        }
    }

    fn score(&self, other: &Self) -> usize {
        let same_type = self.main == other.main && self.sub == other.sub;
        if self.octets == other.octets && !self.octets.is_empty() {
            return if same_type { 2_000 } else { 1_900 };
        }
        if self.signature != other.signature {
            return 0;
        }
        let common: usize = self
            .lines
            .iter()
            .map(|(line, count)| other.lines.get(line).map_or(0, |of| (*of).min(*count)))
            .sum();
        let most = self.count.min(other.count).max(1);
        let alike = common.saturating_mul(900).checked_div(most).unwrap_or(0);
        match (same_type, self.main == other.main) {
            (true, _) if self.name.is_some() && self.name == other.name => 1_000 + alike,
            (true, _) if self.main != "text" || alike > 0 || self.count == 0 => 500 + alike,
            // The same words as HTML or as plain text.
            (_, true) if alike > 400 => alike,
            (true, _) => 10,
            _ => 0,
        }
    }
}

/// Lines of one part that are compared while parts are paired.
const LINES: usize = 5_000;
/// Of all parts together: each is compared with each of the other message.
const ALL_LINES: usize = 50_000;

/// From the outside in: the smallest multipart that holds all that is left of the leaves. One with none stays where it is.
fn nodes(a: &Tree<'_>, b: &Tree<'_>, leaves: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (sizes, places) = (sizes(b), places(b));
    let size = |index: usize| sizes.get(&index).copied().unwrap_or(0);
    let common = common(a, b, leaves);
    let (mut pairs, mut taken) = (BTreeMap::new(), BTreeSet::new());
    for (a_index, part) in a.parts().iter().enumerate().filter(|(_, part)| !is_leaf(part)) {
        let above = above(a, a_index).find_map(|index| pairs.get(&index));
        let above = above.and_then(|other| b.part(*other)).map(|part| &part.path);
        let free = |index: &usize| {
            let below = |node: &Part| !is_leaf(node) && above.is_none_or(|above| above.contains(&node.path));
            !taken.contains(index) && b.part(*index).is_some_and(below)
        };
        let Some((wanted, holders)) = common.get(&a_index) else {
            let stayed = places.get(part.path.numbers()).copied();
            if let Some(found) = stayed.filter(|index| size(*index) == 0).filter(free) {
                pairs.insert(a_index, found);
                taken.insert(found);
            }
            continue;
        };
        // The deepest that holds them; of those that hold no more, the one of the same type and then the outermost.
        let rank = |index: &usize| {
            let node = b.part(*index)?;
            Some((size(*index), node.media_type.sub != part.media_type.sub, node.path.numbers().len()))
        };
        let all = holders.iter().filter(|(_, count)| *count == wanted).map(|(index, _)| *index);
        if let Some(found) = all.filter(free).min_by_key(rank) {
            pairs.insert(a_index, found);
            taken.insert(found);
        }
    }
    pairs.into_iter().collect()
}

/// The parts around this one, the nearest first.
fn above<'t>(tree: &'t Tree<'_>, index: usize) -> impl Iterator<Item = usize> + 't {
    std::iter::successors(Some(index), |index| tree.part(*index)?.parent).skip(1)
}

/// How many leaves lie in each multipart.
fn sizes(tree: &Tree<'_>) -> BTreeMap<usize, usize> {
    let mut sizes = BTreeMap::new();
    for index in tree.leaves().into_iter().flat_map(|leaf| above(tree, leaf)) {
        *sizes.entry(index).or_insert(0) += 1;
    }
    sizes
}

/// For each multipart of the first: how many leaves in it were found again, and how many of those each multipart of the
/// second holds.
fn common(
    a: &Tree<'_>,
    b: &Tree<'_>,
    leaves: &[(usize, usize)],
) -> BTreeMap<usize, (usize, BTreeMap<usize, usize>)> {
    let mut common: BTreeMap<usize, (usize, BTreeMap<usize, usize>)> = BTreeMap::new();
    for (one, other) in leaves {
        for node in above(a, *one) {
            let (wanted, holders) = common.entry(node).or_default();
            *wanted += 1;
            for holder in above(b, *other) {
                *holders.entry(holder).or_insert(0) += 1;
            }
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::doctor::compare;
    use crate::report::ChangeKind;

    fn kinds(sent: &str, received: &str) -> Vec<ChangeKind> {
        let seen = compare(sent.as_bytes(), received.as_bytes(), &crate::Limits::default()).unwrap();
        seen.changes.iter().map(|change| change.kind).collect()
    }

    /// One more than are compared with each other, and a multipart without parts.
    fn long() -> String {
        let mut letter = "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n".to_owned();
        for number in 0..=super::MOST {
            write!(letter, "--b\n\n{number}\n").unwrap();
        }
        letter + "--b\nContent-Type: multipart/mixed; boundary=c\n\nnothing\n--c--\n--b--\n"
    }

    #[test]
    fn a_copy_has_no_changes() {
        assert_eq!(kinds(&long(), &long()), []);
        let empty = "Content-Type: multipart/mixed; boundary=b\n\nnothing\n--b--\n";
        assert_eq!(kinds(empty, empty), []);
    }

    #[test]
    fn what_has_no_name_is_told_too() {
        assert_eq!(kinds("Subject: x\nno field\n\nx\n", "Subject: x\n\nx\n"), [ChangeKind::Other]);
    }

    #[test]
    fn the_last_of_many_parts_is_compared_too() {
        let sent = long();
        let last = format!("\n\n{}\n", super::MOST);
        let changed = sent.replacen(&last, "\n\nsomething else\n", 1);
        assert_ne!(sent, changed);
        assert_eq!(kinds(&sent, &changed).len(), 1);
    }
}
