//! What software does to content, undone: forms that the content may have had before.
//!
//! - [`search`]: breadth first, until one of them fits the signature or enough was tried.
//!
//! Every form is a guess, and the signature is the judge: what it fits is what was signed, octet for octet. So guesses
//! may be bold. They take away, or write the same in another way; what they add are fixed words of the formats.

mod additions;
mod anew;
mod charsets;
mod encodings;
mod fields;
mod lines;
mod parts;
mod quoted_printable;

use std::collections::VecDeque;

use crate::doctor::probe::Probe;
use crate::doctor::tree::{Tree, is_leaf};
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::{Part, TransferEncoding};

/// A form that the content may have had.
struct Form {
    octets: Vec<u8>,
    next: Next,
}

/// Whether something else may have been done before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    No,
    Yes,
    /// Likely: it is looked at before others.
    Soon,
}

/// Gathers forms and asks the signature about each.
struct Trying<'p, 'c> {
    probe: &'p mut Probe<'c>,
    soon: VecDeque<(Vec<u8>, usize)>,
    next: VecDeque<(Vec<u8>, usize)>,
    depth: usize,
    found: Option<Vec<u8>>,
}

impl Trying<'_, '_> {
    /// False where there is no use in going on.
    fn form(&mut self, form: Form) -> Result<bool, Error> {
        if self.found.is_some() || self.probe.exhausted {
            return Ok(false);
        }
        let before = self.probe.tried();
        if self.probe.fits(&form.octets)? {
            self.found = Some(form.octets);
            return Ok(false);
        }
        let is_new = self.probe.tried() > before;
        let queue = if form.next == Next::Soon { &mut self.soon } else { &mut self.next };
        if form.next != Next::No && is_new && self.depth < DEPTH && queue.len() < QUEUE {
            queue.push_back((form.octets, self.depth.saturating_add(1)));
        }
        Ok(true)
    }
}

/// Changes that are undone one after the other.
const DEPTH: usize = 3;
/// Forms that wait for more to be undone.
const QUEUE: usize = 400;

type Move = for<'t> fn(&Tree<'t>, &mut dyn FnMut(Form) -> Result<bool, Error>) -> Result<bool, Error>;

/// The likely and cheap first.
const MOVES: &[Move] = &[
    parts::inside,
    lines::forms,
    fields::removed,
    encodings::downgraded,
    encodings::decoded,
    fields::rewritten,
    additions::links,
    parts::without,
    encodings::rewritten,
    additions::cut,
    charsets::others,
    fields::combined,
];

/// What was signed, if it can be found.
pub(super) fn search(
    content: &[u8],
    probe: &mut Probe<'_>,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, Error> {
    let lines = super::compare::crlf(content);
    let mut trying = Trying { probe, soon: VecDeque::new(), next: VecDeque::new(), depth: 0, found: None };
    // Where octets stand as they are, not every LF is a line end.
    let raw = |part: &Part| {
        part.encoding == TransferEncoding::Binary && is_leaf(part) && part.media_type.main != "text"
    };
    let as_is =
        lines != content && Tree::read(content, limits).is_ok_and(|tree| tree.parts().iter().any(raw));
    trying.next.push_back((lines, 0));
    if as_is {
        trying.next.push_back((content.to_vec(), 0));
    }
    while let Some((octets, depth)) = trying.soon.pop_front().or_else(|| trying.next.pop_front()) {
        trying.depth = depth;
        let Ok(tree) = Tree::read(&octets, limits) else { continue };
        let whole: &[Move] = if depth == 0 { &[anew::parts] } else { &[] };
        for undo in MOVES.iter().chain(whole) {
            if !undo(&tree, &mut |form| trying.form(form))? {
                return Ok(trying.found);
            }
        }
    }
    Ok(trying.found)
}

/// Octets with some ranges replaced; the ranges lie in order and apart.
fn spliced(octets: &[u8], pieces: &[(std::ops::Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut at = 0;
    for (range, piece) in pieces {
        out.extend_from_slice(octets.get(at..range.start).unwrap_or_default());
        out.extend_from_slice(piece);
        at = range.end;
    }
    out.extend_from_slice(octets.get(at..).unwrap_or_default());
    out
}

/// A form after which nothing else is likely.
fn last(octets: Vec<u8>) -> Form {
    Form { octets, next: Next::No }
}

/// A form that something else may have been done to.
fn step(octets: Vec<u8>) -> Form {
    Form { octets, next: Next::Yes }
}

/// A form that something else was likely done to.
fn soon(octets: Vec<u8>) -> Form {
    Form { octets, next: Next::Soon }
}
