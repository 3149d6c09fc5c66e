//! Which addresses and names are taken for one another: the same to the eye (UTS 39), or one edit apart.
//!
//! - [`marks`]: under which words a correspondent is found. Two that are taken for one another share one.
//! - [`resemblance`]: whether two really are, and how.
//!
//! One edit leaves the first or the last half of a word as it was. So an index of halves finds all that are one edit
//! apart, and nobody is compared with everybody.

use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, skeleton};

use crate::mime::Address;

/// Letters that are looked at, before the `@` and after it. Beyond it, nobody compares by eye.
const LONGEST: usize = 64;

/// Letters of a skeleton: one letter may become 18.
const SKELETON: usize = 512;

/// Letters before the `@` from which one edit is a slip and not another name: Anna and Hanna, Meier and Meyer write
/// from the same house.
const LONG_LOCAL: usize = 8;

/// Letters of a domain, and of the label of it that is edited: one edit in `a.example` makes another house.
const LONG_DOMAIN: usize = 6;
const LONG_LABEL: usize = 4;

/// Letters of a display name from which it tells one from others.
const LONG_NAME: usize = 5;

/// Addresses that are looked for in a display name.
const IN_NAME: usize = 4;

/// How an address is taken for another one. The most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resemblance {
    /// The same to the eye.
    Eye,
    /// One edit in the domain.
    Domain,
    /// One edit before the `@`, in the same domain.
    Local,
}

/// The address as it is shown: domain in Unicode, small letters.
fn shown(address: &Address) -> (String, String) {
    let (domain, _) = idna::domain_to_unicode(address.domain());
    (address.local().to_lowercase(), domain.to_lowercase())
}

/// The skeletons of a text (UTS 39 §4), in the two ways in which capitals deceive: read as the small letters they stand
/// for (`ALICE`), and as the letters they look like (`aIice`).
fn skeletons(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let first: String = skeleton(&lower).take(SKELETON).collect();
    let seen: String = skeleton(text).take(SKELETON).collect::<String>().to_lowercase();
    let second: String = skeleton(&seen).take(SKELETON).collect::<String>().to_lowercase();
    if first == second { vec![first] } else { vec![first, second] }
}

/// Words that the text of an address is found by.
fn eye_marks(text: &str) -> impl Iterator<Item = String> + use<> {
    skeletons(text).into_iter().map(|skeleton| format!("eye {skeleton}"))
}

/// Words that a display name is found by; none if it is too short to tell one from others.
fn name_marks(name: &str) -> Vec<String> {
    let words: Vec<&str> =
        name.split(|one: char| !one.is_alphanumeric()).filter(|one| !one.is_empty()).collect();
    let name = words.join(" ");
    // A name of a few ideographs is as telling as one of many letters.
    let telling =
        name.chars().count() >= LONG_NAME || name.chars().filter(|one| *one > '\u{2e80}').count() >= 3;
    if !telling || name.chars().count() > LONGEST {
        return Vec::new();
    }
    skeletons(&name).into_iter().map(|skeleton| format!("name {skeleton}")).collect()
}

/// The beginning and the end of a word, for each of these lengths of it. What is left between them has a letter or two,
/// so one edit leaves one of them as it was; and a word of one edit is at most one letter longer or shorter.
fn halves(word: &str, lengths: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut halves = Vec::new();
    for length in lengths {
        let half = length.saturating_sub(1) / 2;
        let tail = letters.len().saturating_sub(half);
        halves.push(letters.iter().take(half).chain(&['*']).collect());
        halves.push(std::iter::once(&'*').chain(letters.iter().skip(tail)).collect());
    }
    halves.dedup();
    halves
}

/// How far the lengths of words may be apart that are one edit apart: asked for, not kept.
fn lengths(word: &str, apart: usize) -> std::ops::RangeInclusive<usize> {
    let length = word.chars().count();
    length.saturating_sub(apart)..=length.saturating_add(apart)
}

fn domain_marks(address: &Address, apart: usize) -> Vec<String> {
    let (local, domain) = shown(address);
    let fits =
        (LONG_DOMAIN - 1..=LONGEST + 1).contains(&domain.chars().count()) && local.chars().count() <= LONGEST;
    let halves = if fits { halves(&domain, lengths(&domain, apart)) } else { Vec::new() };
    halves.into_iter().map(|half| format!("domain {local}@{half}")).collect()
}

fn local_marks(address: &Address, apart: usize) -> Vec<String> {
    let (local, domain) = shown(address);
    let fits =
        (LONG_LOCAL - 1..=LONGEST + 1).contains(&local.chars().count()) && domain.chars().count() <= LONGEST;
    let halves = if fits { halves(&local, lengths(&local, apart)) } else { Vec::new() };
    halves.into_iter().map(|half| format!("local {half}@{domain}")).collect()
}

/// All words that a correspondent is found by.
pub(super) fn marks(address: &Address, names: &[String]) -> Vec<String> {
    let (local, domain) = shown(address);
    let mut marks: Vec<String> = eye_marks(&format!("{local}@{domain}")).collect();
    marks.extend(domain_marks(address, 0));
    marks.extend(local_marks(address, 0));
    marks.extend(names.iter().flat_map(|name| name_marks(name)));
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// What is asked about: an address, or text in the place of one.
pub(super) fn address_marks(text: &str, address: Option<&Address>) -> Vec<String> {
    let Some(address) = address else {
        return eye_marks(&plain(text)).collect();
    };
    let (domain, _) = idna::domain_to_unicode(address.domain());
    let eye = eye_marks(&format!("{}@{domain}", address.local()));
    eye.chain(domain_marks(address, 1)).collect()
}

/// What is asked about among all who write from the same domain, who may be many.
pub(super) fn neighbour_marks(address: &Address) -> Vec<String> {
    local_marks(address, 1)
}

/// What is asked about: a display name, and the addresses in it.
pub(super) fn display_marks(name: &str) -> Vec<String> {
    let mut marks = name_marks(name);
    for word in addresses_in(name) {
        marks.extend(eye_marks(&word));
    }
    marks
}

/// What looks like an address in a display name.
fn addresses_in(name: &str) -> Vec<String> {
    let name = plain(name);
    let words = name.split(|one: char| one.is_whitespace() || "<>()[]\"',;:\u{fffd}".contains(one));
    let addresses =
        words.map(|word| word.trim_matches('.')).filter(|word| word.contains('@') && word.len() > 2);
    addresses.take(IN_NAME).map(str::to_owned).collect()
}

/// Other forms of `@` and of the dot (UTS 46 §4.5), which a parser refuses and a reader does not see.
fn plain(text: &str) -> String {
    let text: String = text.chars().take(SKELETON).collect();
    text.replace(['\u{ff20}', '\u{fe6b}'], "@").replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".")
}

/// Whether a display name is one of these, or shows that address.
pub(super) fn takes_name(name: &str, known: &Address, names: &[String]) -> bool {
    let asked = display_marks(name);
    let (local, domain) = shown(known);
    let mut own =
        eye_marks(&format!("{local}@{domain}")).chain(names.iter().flat_map(|name| name_marks(name)));
    own.any(|mark| asked.contains(&mark))
}

/// How an address, or text in the place of one, is taken for a known one.
pub(super) fn resemblance(text: &str, address: Option<&Address>, known: &Address) -> Option<Resemblance> {
    let asked = address_marks(text, address);
    let (local, domain) = shown(known);
    if eye_marks(&format!("{local}@{domain}")).any(|mark| asked.contains(&mark)) {
        return Some(Resemblance::Eye);
    }
    let (other_local, other_domain) = shown(address?);
    if local == other_local && is_slip_of_domain(&other_domain, &domain) {
        return Some(Resemblance::Domain);
    }
    (domain == other_domain && is_slip_of_local(&other_local, &local)).then_some(Resemblance::Local)
}

fn is_slip_of_local(local: &str, known: &str) -> bool {
    (LONG_LOCAL..=LONGEST).contains(&known.chars().count())
        && edit(local, known).is_some_and(|edit| !edit.is_count())
}

fn is_slip_of_domain(domain: &str, known: &str) -> bool {
    let is_literal = domain.starts_with('[') || known.starts_with('[');
    let Some(edit) = edit(domain, known).filter(|edit| !is_literal && !edit.is_count()) else { return false };
    if !(LONG_DOMAIN..=LONGEST).contains(&known.chars().count()) {
        return false;
    }
    // The label of the known domain in which it is; the last one decides who owns the others.
    let mut end = 0_usize;
    let labels: Vec<&str> = known.split('.').collect();
    for (index, label) in labels.iter().enumerate() {
        let letters = label.chars().count();
        end = end.saturating_add(letters);
        if edit.at <= end {
            return letters >= LONG_LABEL || index + 1 == labels.len();
        }
        end = end.saturating_add(1);
    }
    false
}

/// One edit between two words: a letter more, less or other, or two neighbours swapped (Damerau and Levenshtein).
struct Edit {
    /// How many letters are the same before it.
    at: usize,
    /// What differs, on either side.
    from: Vec<char>,
    to: Vec<char>,
}

impl Edit {
    /// `office1`, `office2`: counted, not disguised.
    fn is_count(&self) -> bool {
        matches!((self.from.as_slice(), self.to.as_slice()), ([from], [to]) if from.is_ascii_digit() && to.is_ascii_digit())
    }
}

fn edit(word: &str, known: &str) -> Option<Edit> {
    let (word, known): (Vec<char>, Vec<char>) = (word.chars().collect(), known.chars().collect());
    let at = word.iter().zip(&known).take_while(|(one, other)| one == other).count();
    let (word, known) = (word.get(at..)?, known.get(at..)?);
    let same = word.iter().rev().zip(known.iter().rev()).take_while(|(one, other)| one == other).count();
    let (from, to) = (word.get(..word.len() - same)?, known.get(..known.len() - same)?);
    let one = match (from, to) {
        ([_], [_]) | ([_], []) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    };
    one.then(|| Edit { at, from: from.to_vec(), to: to.to_vec() })
}

/// Whether letters of scripts stand in one word that nobody writes together (UTS 39 §5.2, beyond Moderately Restrictive).
pub(super) fn mixes_scripts(address: &Address) -> bool {
    let (local, domain) = shown(address);
    let mixed = |word: &str| {
        let word: String =
            word.chars().filter(|one| GeneralSecurityProfile::identifier_allowed(*one)).collect();
        word.as_str().detect_restriction_level() == RestrictionLevel::MinimallyRestrictive
    };
    let text = format!("{local}@{domain}");
    text.split(|one: char| !one.is_alphanumeric()).any(mixed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(one: &str, known: &str) -> Option<Resemblance> {
        let (one, known): (Address, Address) = (one.parse().unwrap(), known.parse().unwrap());
        resemblance("", Some(&one), &known)
    }

    #[test]
    fn r_b15_what_is_taken_for_another() {
        use Resemblance::*;
        for (one, known, expected) in [
            // To the eye: Cyrillic а, rn for m, 1 for l, capital I for l, 0 for o.
            ("\u{430}lice@example.org", "alice@example.org", Some(Eye)),
            ("bob@exarnple.org", "bob@example.org", Some(Eye)),
            ("bob@paypa1.example", "bob@paypal.example", Some(Eye)),
            ("aIice@example.org", "alice@example.org", Some(Eye)),
            ("c0mpany@example.org", "company@example.org", Some(Eye)),
            ("bob@ex\u{430}mple.org", "bob@example.org", Some(Eye)),
            ("bob@\u{435}x\u{430}mpl\u{435}.org", "bob@example.org", Some(Eye)),
            // One edit in the domain.
            ("bob@exmple.org", "bob@example.org", Some(Domain)),
            ("bob@exampple.org", "bob@example.org", Some(Domain)),
            ("bob@exmaple.org", "bob@example.org", Some(Domain)),
            ("bob@examble.org", "bob@example.org", Some(Domain)),
            ("bob@example.co", "bob@example.com", Some(Domain)),
            ("bob@exam.ple.org", "bob@example.org", Some(Domain)),
            // One before the @.
            ("alice.lidell@mail.example", "alice.liddell@mail.example", Some(Local)),
            // Other people, other houses, counted machines.
            ("hanna@example.org", "anna@example.org", None),
            ("bob@b.example.org", "bob@a.example.org", None),
            ("bob@mail2.example.org", "bob@mail1.example.org", None),
            ("reception2@example.org", "reception1@example.org", None),
            ("eve@exmple.org", "bob@example.org", None),
            ("bob@a.be", "bob@a.de", None),
            ("bob@example.net", "bob@example.org", None),
        ] {
            assert_eq!(alike(one, known), expected, "{one} {known}");
        }
    }

    #[test]
    fn r_b15_names() {
        let known: Address = "manager@example.org".parse().unwrap();
        let names = ["The Manager".to_owned(), "山田 太郎".to_owned()];
        for name in [
            "the manager",
            "The  Manager",
            "\"The Manager\"",
            "Th\u{435} Manager",
            "The Manager.",
            "manager@example.org",
            "manager@example.org            .",
            "Me (M\u{430}nager@Example.org)",
            "manager\u{ff20}example.org",
            "山田　太郎",
        ] {
            assert!(takes_name(name, &known, &names), "{name}");
        }
        for name in ["", "Managers", "The Other Manager", "eve@example.org", "@", "山田"] {
            assert!(!takes_name(name, &known, &names), "{name}");
        }
    }

    #[test]
    fn scripts() {
        for (address, expected) in [
            ("alice@example.org", false),
            ("山田taro@例え.jp", false),
            ("\u{430}lice@example.org", true),
            ("алиса@пример.example", false),
            ("алиса+news_1@example.org", false),
        ] {
            assert_eq!(mixes_scripts(&address.parse().unwrap()), expected, "{address}");
        }
    }

    proptest! {
        /// The index misses nobody.
        #[test]
        fn who_is_alike_shares_a_mark(
            local in "[a-z0-9.]{1,12}", domain in "[a-z]{1,9}\\.[a-z]{2,4}", place in 0..24_usize,
            letter in "[a-z01IO\u{430}\u{435}]", kind in 0..4,
        ) {
            let known = format!("{local}@{domain}");
            let mut letters: Vec<char> = known.chars().collect();
            let (place, letter) = (place % letters.len(), letter.chars().next().unwrap());
            match kind {
                0 => letters[place] = letter,
                1 => letters.insert(place, letter),
                2 => { letters.remove(place); }
                _ => letters.swap(place, (place + 1) % known.len()),
            }
            let text: String = letters.into_iter().collect();
            if let (Ok(one), Ok(known)) = (text.parse::<Address>(), known.parse::<Address>())
                && resemblance("", Some(&one), &known).is_some()
            {
                let own = marks(&known, &[]);
                let asked = [address_marks("", Some(&one)), neighbour_marks(&one)].concat();
                prop_assert!(asked.iter().any(|mark| own.contains(mark)), "{} {}", one, known);
            }
        }

        #[test]
        fn bounded(text in "\\PC{0,300}", name in "\\PC{0,300}") {
            let address: Address = "a@b".parse().unwrap();
            let all = [address_marks(&text, None), display_marks(&name), marks(&address, &[name])].concat();
            prop_assert!(all.len() < 40 && all.iter().all(|mark| mark.chars().count() < 600 + 4 * LONGEST));
        }
    }
}
