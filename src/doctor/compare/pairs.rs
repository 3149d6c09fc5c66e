//! Which part of one message is which part of the other.

use std::collections::BTreeMap;

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
        let missing = |all: Vec<usize>, known: &dyn Fn(&usize) -> bool| -> Vec<usize> {
            all.into_iter().filter(|index| !known(index)).collect()
        };
        Self {
            lost_leaves: missing(a_leaves, &|index| leaves.iter().any(|(one, _)| one == index)),
            new_leaves: missing(b_leaves, &|index| leaves.iter().any(|(_, one)| one == index)),
            lost_nodes: missing(all_nodes(a), &|index| nodes.iter().any(|(one, _)| one == index)),
            new_nodes: missing(all_nodes(b), &|index| nodes.iter().any(|(_, one)| one == index)),
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

/// The best pairs first: the same octets and type, the same octets, the same type with the most lines in common; then
/// what is left, in order, where the types are near.
fn leaves(a: &Tree<'_>, b: &Tree<'_>) -> Vec<(usize, usize)> {
    let looked = |tree: &Tree<'_>| -> Vec<(usize, Leaf)> {
        let leaves: Vec<usize> = tree.leaves().into_iter().take(MOST).collect();
        let lines = ALL_LINES.checked_div(leaves.len()).unwrap_or(LINES).min(LINES);
        let leaf = |index: usize| Some((index, Leaf::new(tree, tree.part(index)?, lines)));
        leaves.into_iter().filter_map(leaf).collect()
    };
    let (a_leaves, b_leaves) = (looked(a), looked(b));
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
    pairs.sort_unstable();
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

/// From the outside in: the smallest multipart that holds all that is left of the leaves.
fn nodes(a: &Tree<'_>, b: &Tree<'_>, leaves: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let b_nodes: Vec<usize> =
        (0..b.parts().len()).filter(|index| b.part(*index).is_some_and(|part| !is_leaf(part))).collect();
    for (a_index, part) in a.parts().iter().enumerate().filter(|(_, part)| !is_leaf(part)) {
        let within = |index: usize| a.part(index).is_some_and(|leaf| part.path.contains(&leaf.path));
        let wanted: Vec<usize> =
            leaves.iter().filter(|(one, _)| within(*one)).map(|(_, other)| *other).collect();
        if wanted.is_empty() {
            continue;
        }
        let above =
            pairs.iter().rev().find(|(one, _)| a.part(*one).is_some_and(|one| one.path.contains(&part.path)));
        let above = above.and_then(|(_, other)| b.part(*other)).map(|part| part.path.clone());
        let fits = |index: &&usize| {
            let Some(node) = b.part(**index) else { return false };
            let free = !pairs.iter().any(|(_, other)| other == *index);
            let below = above.as_ref().is_none_or(|above| above.contains(&node.path));
            let holds =
                wanted.iter().all(|leaf| b.part(*leaf).is_some_and(|leaf| node.path.contains(&leaf.path)));
            free && below && holds
        };
        // The deepest that holds them; of those that hold no more, the one of the same type and then the outermost.
        let size = |node: &Part| {
            b.leaves()
                .iter()
                .filter(|leaf| b.part(**leaf).is_some_and(|leaf| node.path.contains(&leaf.path)))
                .count()
        };
        let rank = |index: &&usize| {
            b.part(**index).map(|node| {
                (size(node), node.media_type.sub != part.media_type.sub, node.path.numbers().len())
            })
        };
        if let Some(found) = b_nodes.iter().filter(fits).min_by_key(rank) {
            pairs.push((a_index, *found));
        }
    }
    pairs
}
