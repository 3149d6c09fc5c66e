//! Name constraints, every form of name against every form of base (R-C2), judged by openssl as well.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::*;
use crate::x509::der_reader::OCTET_STRING;

/// A GeneralName by its tag, and what it says.
type Form = (u8, &'static str);

const RFC822: u8 = context(1);
const DNS: u8 = context(2);
const DIRECTORY: u8 = constructed(4);
const URI: u8 = context(6);
const IP: u8 = context(7);
const REGISTERED: u8 = context(8);
/// otherName, of the kind SmtpUTF8Mailbox.
const UTF8: u8 = constructed(0);

const NAMES: [Form; 29] = [
    (RFC822, "a@example.org"),
    (RFC822, "A@example.org"),
    (RFC822, "a@EXAMPLE.ORG"),
    (RFC822, "b@example.org"),
    (RFC822, "a@sub.example.org"),
    (RFC822, "a@notexample.org"),
    (RFC822, "a@example.net"),
    (RFC822, "\"a\"@example.org"),
    (RFC822, "\"a@example.net\"@example.org"),
    (RFC822, "a@example.org."),
    (RFC822, "a@.example.org"),
    (RFC822, "a@example..org"),
    (RFC822, "a@xn--exmple-cua.org"),
    (UTF8, "ä@example.org"),
    (UTF8, "ä@sub.example.org"),
    (UTF8, "ä@xn--exmple-cua.org"),
    (UTF8, "ä@example.net"),
    (DNS, "example.org"),
    (DNS, "sub.EXAMPLE.org"),
    (DNS, "notexample.org"),
    (DNS, "example.org."),
    (URI, "https://example.org/a"),
    (URI, "https://u@sub.example.org:8/"),
    (URI, "urn:example"),
    (IP, "10.1.2.3"),
    (IP, "192.0.2.1"),
    (DIRECTORY, "Example"),
    (DIRECTORY, "example "),
    (REGISTERED, "*\u{3}"),
];

const BASES: [Form; 16] = [
    (RFC822, "example.org"),
    (RFC822, "EXAMPLE.org"),
    (RFC822, ".example.org"),
    (RFC822, "a@example.org"),
    (RFC822, "example.net"),
    (RFC822, "xn--exmple-cua.org"),
    (RFC822, ""),
    (RFC822, "example.org."),
    (DNS, "example.org"),
    (DNS, "sub.example.org"),
    (URI, "example.org"),
    (URI, ".example.org"),
    (IP, "10.0.0.0"),
    (DIRECTORY, "Example"),
    (DIRECTORY, "Other"),
    (REGISTERED, "*\u{3}"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Permitted,
    Excluded,
    /// Permitted is example.org with all below, for every kind of name; excluded is the base.
    Both,
}

/// Where a mailbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    SubjectAltName,
    EmailAddress,
    EmailAddressBesideAnother,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// The constraint in the one authority between.
    One,
    /// In the upper one of two.
    Two,
    /// The lower one of two is bound as well, to sub.example.org.
    TwoBound,
    /// In the anchor.
    Anchor,
    /// The name in the lower of two authorities.
    OfAuthority,
    /// The same, and it is self-issued.
    OfSelfIssued,
}

type Case = (usize, usize, Mode, Place, Shape);

const MODES: [Mode; 3] = [Mode::Permitted, Mode::Excluded, Mode::Both];
const PLACES: [Place; 3] = [Place::SubjectAltName, Place::EmailAddress, Place::EmailAddressBesideAnother];
const SHAPES: [Shape; 6] =
    [Shape::One, Shape::Two, Shape::TwoBound, Shape::Anchor, Shape::OfAuthority, Shape::OfSelfIssued];

fn general_name((tag, text): Form, is_base: bool) -> Vec<u8> {
    let value = match tag {
        DIRECTORY => name(text, None),
        IP => {
            let address: std::net::Ipv4Addr = text.parse().unwrap();
            let mask: &[u8] = if is_base { &[255, 0, 0, 0] } else { &[] };
            [&address.octets(), mask].concat()
        }
        UTF8 => {
            let mailbox = encode(constructed(0), &[&encode(0x0c, &[text.as_bytes()])]);
            [encode(OID, &[oid::SMTP_UTF8_MAILBOX.as_bytes()]), mailbox].concat()
        }
        _ => text.as_bytes().to_vec(),
    };
    encode(tag, &[&value])
}

fn subtrees(tag: u8, bases: &[Form]) -> Vec<u8> {
    let subtree = |base: &Form| encode(SEQUENCE, &[&general_name(*base, true)]);
    encode(constructed(tag), &[&bases.iter().flat_map(subtree).collect::<Vec<_>>()])
}

fn constrained(make: Make, base: Form, mode: Mode) -> Make {
    let all = [
        (RFC822, "example.org"),
        (RFC822, ".example.org"),
        (DNS, "example.org"),
        (URI, "example.org"),
        (URI, ".example.org"),
    ];
    let lists = match mode {
        Mode::Permitted => subtrees(0, &[base]),
        Mode::Excluded => subtrees(1, &[base]),
        Mode::Both => [subtrees(0, &all), subtrees(1, &[base])].concat(),
    };
    make.with(oid::NAME_CONSTRAINTS, true, encode(SEQUENCE, &[&lists]))
}

fn named(make: Make, form: Form, place: Place) -> Make {
    let names = |form| encode(SEQUENCE, &[&general_name(form, false)]);
    let subject = Some(form.1.to_owned());
    match place {
        Place::SubjectAltName => make.with(oid::SUBJECT_ALT_NAME, false, names(form)),
        Place::EmailAddress => Make { email_in_subject: subject, ..make },
        Place::EmailAddressBesideAnother => {
            let make = make.with(oid::SUBJECT_ALT_NAME, false, names((RFC822, "x@sub.example.org")));
            Make { email_in_subject: subject, ..make }
        }
    }
}

struct Chain {
    anchor: Certificate,
    between: Vec<Certificate>,
    leaf: Certificate,
}

/// Of two authorities of one name openssl takes the one with the right key only where it is told.
fn identified(make: Make) -> Make {
    let identifier = encode(OCTET_STRING, &[make.key.as_bytes()]);
    make.with(oid::SUBJECT_KEY_IDENTIFIER, false, identifier)
}

fn by(make: Make, key: &str) -> Make {
    let identifier = encode(SEQUENCE, &[&encode(context(0), &[key.as_bytes()])]);
    make.with(oid::AUTHORITY_KEY_IDENTIFIER, false, identifier)
}

/// The subject of the authority that is named is the same as its issuer's where it is self-issued.
fn chain((name, base, mode, place, shape): Case) -> Chain {
    let word = |role: &str| format!("{role} {name} {base} {mode:?} {place:?} {shape:?}");
    let ca = |role: &str| identified(Make { key: role.to_owned(), ..make(&word(role)).ca(None) });
    let (form, base) = (NAMES[name], BASES[base]);
    let mut root = ca("root");
    let mut upper = ca("upper");
    match shape {
        Shape::Anchor => root = constrained(root, base, mode),
        _ => upper = constrained(upper, base, mode),
    }
    let end = Make { key: "leaf".to_owned(), ..make("Leaf").key_usage(0x80) };
    let anchor = root.really_signed_with(&word("root"), "root");
    let upper = upper.really_signed_with(&word("root"), "root");
    let lower = match shape {
        Shape::One | Shape::Anchor => {
            let leaf = named(end, form, place).really_signed_with(&word("upper"), "upper");
            return Chain { anchor, between: vec![upper], leaf };
        }
        Shape::Two => ca("lower"),
        Shape::TwoBound => constrained(ca("lower"), (RFC822, "sub.example.org"), Mode::Permitted),
        Shape::OfAuthority => named(ca("lower"), form, place),
        Shape::OfSelfIssued => Make { subject: word("upper"), ..named(ca("lower"), form, place) },
    };
    let leaf = match shape {
        Shape::OfAuthority | Shape::OfSelfIssued => end,
        _ => named(end, form, place),
    };
    let leaf = by(leaf, "lower").really_signed_with(&lower.subject, "lower");
    let lower = by(lower, "upper").really_signed_with(&word("upper"), "upper");
    Chain { anchor, between: vec![upper, lower], leaf }
}

/// Mailboxes in ASCII stand in the subject, too; with it a self-issued authority would be none.
fn makes_sense((name, _, _, place, shape): &Case) -> bool {
    *place == Place::SubjectAltName
        || (NAMES[*name].0 == RFC822 && !matches!(shape, Shape::OfAuthority | Shape::OfSelfIssued))
}

fn ours(chain: &Chain) -> Result<(), PathError> {
    let (provider, limits) = (Provider::default(), Limits::default());
    let anchors = std::slice::from_ref(&chain.anchor);
    let request = PathRequest::new(&chain.leaf, anchors, Purpose::EmailSigning, AT, &provider, &limits);
    let outcome = find(&request.intermediates(&chain.between));
    outcome.valid.map(drop).ok_or_else(|| outcome.rejected[0].reason.clone())
}

/// Every name with every base in every mode; places and shapes take turns, so that each meets each of the others.
fn cases() -> Vec<Case> {
    let mut turn = 0;
    let mut cases = Vec::new();
    for name in 0..NAMES.len() {
        for base in 0..BASES.len() {
            for mode in MODES {
                turn += 1;
                let case = (name, base, mode, PLACES[turn % 3], SHAPES[(turn / 3) % 6]);
                let plain = (name, base, mode, Place::SubjectAltName, Shape::One);
                cases.push(if makes_sense(&case) { case } else { plain });
            }
        }
    }
    cases.sort_unstable();
    cases.dedup();
    cases
}

#[test]
fn r_c2_agrees_with_openssl() {
    let Ok(folder) = tempfile::tempdir() else { return };
    let folder = folder.path();
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: no openssl");
        return;
    }
    let (mut anchors, mut between, mut files) = (String::new(), String::new(), Vec::new());
    let mut verdicts = BTreeMap::new();
    for (number, case) in cases().into_iter().enumerate() {
        let chain = chain(case);
        anchors += &pem(&chain.anchor);
        between.extend(chain.between.iter().map(pem));
        let file = format!("{number}.pem");
        std::fs::write(folder.join(&file), pem(&chain.leaf)).unwrap();
        verdicts.insert(file.clone(), (case, ours(&chain)));
        files.push(file);
    }
    std::fs::write(folder.join("anchors.pem"), anchors).unwrap();
    std::fs::write(folder.join("between.pem"), between).unwrap();
    let words = ["verify", "-attime", "1700000000", "-purpose", "smimesign", "-CAfile", "anchors.pem"];
    let output = Command::new("openssl")
        .args(words)
        .args(["-untrusted", "between.pem"])
        .args(&files)
        .current_dir(folder)
        .output()
        .unwrap();
    let good: BTreeSet<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.strip_suffix(": OK").map(str::to_owned))
        .collect();
    let (mut wrong, mut met) = (Vec::new(), BTreeSet::new());
    let (mut accepted, mut refused) = (0, 0);
    for (file, (case, verdict)) in &verdicts {
        *if verdict.is_ok() { &mut accepted } else { &mut refused } += 1;
        if verdict.is_ok() == good.contains(file) {
            continue;
        }
        match difference(case, verdict) {
            Some(why) => drop(met.insert(why)),
            None => wrong.push(describe(case, verdict)),
        }
    }
    println!("{accepted} accepted, {refused} refused, {} kinds of difference", met.len());
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(met, DIFFERENCES.iter().map(|(.., why)| *why).collect(), "no longer met");
    assert!(accepted > 300 && refused > 300, "{accepted} {refused}");
}

fn describe((name, base, mode, place, shape): &Case, verdict: &Result<(), PathError>) -> String {
    let (name, base) = (NAMES[*name].1, BASES[*base].1);
    let verdict = verdict.as_ref().map_err(ToString::to_string);
    format!("{name:?} {base:?} {mode:?} {place:?} {shape:?}: ours {verdict:?}")
}

fn pem(certificate: &Certificate) -> String {
    use der::pem::LineEnding;
    der::pem::encode_string("CERTIFICATE", LineEnding::LF, certificate.as_der()).unwrap()
}

/// Where openssl 3.0 decides otherwise: whether we accept, for which name and base, and why.
type Difference = (bool, fn(Form, Form) -> bool, &'static str);

const DIFFERENCES: [Difference; 10] = [
    (
        false,
        |(_, name), _| name.ends_with('.') || name.contains("@.") || name.contains(".."),
        "a host with an empty label is none (RFC 5321 §4.1.2), so no rule tells where it lies; openssl compares octets",
    ),
    (
        false,
        |(tag, _), (_, base)| matches!(tag, RFC822 | UTF8) && base == "example.org.",
        "a base with an empty label is no host (RFC 5280 §4.2.1.10); openssl compares octets",
    ),
    (
        true,
        |(tag, _), (_, base)| matches!(tag, RFC822 | UTF8) && base.is_empty(),
        "the empty base permits everything, as for dNSName (RFC 5280 §4.2.1.10); for openssl it is the empty host",
    ),
    (
        false,
        |(tag, _), (_, base)| matches!(tag, RFC822 | UTF8) && base.is_empty(),
        "the empty base excludes everything; for openssl it is the empty host, which no mailbox has",
    ),
    (
        false,
        |(_, name), (_, base)| name == "\"a\"@example.org" && base == "a@example.org",
        "quotes do not make another mailbox (RFC 5321 §4.1.2), so what is excluded stays so; openssl compares octets",
    ),
    (
        true,
        |(_, name), (_, base)| name == "\"a\"@example.org" && base == "a@example.org",
        "quotes do not make another mailbox (RFC 5321 §4.1.2), so what is permitted stays so; openssl compares octets",
    ),
    (
        true,
        |(_, name), (_, base)| name == "ä@xn--exmple-cua.org" && base == "xn--exmple-cua.org",
        "hosts are A-labels in SmtpUTF8Mailbox (RFC 9598 §3, §6), permitted ones too; openssl expects the U-labels of RFC 8398",
    ),
    (
        false,
        |(_, name), (_, base)| name == "ä@xn--exmple-cua.org" && base == "xn--exmple-cua.org",
        "hosts are A-labels in SmtpUTF8Mailbox (RFC 9598 §3, §6), excluded ones too; openssl expects the U-labels of RFC 8398",
    ),
    (
        true,
        |(_, name), _| name == "ä@sub.example.org",
        "a permitted base with a leading period holds SmtpUTF8Mailbox below it (RFC 9598 §6); openssl 3.0 finds none",
    ),
    (
        false,
        |(_, name), (_, base)| name == "ä@sub.example.org" && base == ".example.org",
        "an excluded base with a leading period holds SmtpUTF8Mailbox below it (RFC 9598 §6); openssl 3.0 finds none",
    ),
];

fn difference((name, base, ..): &Case, verdict: &Result<(), PathError>) -> Option<&'static str> {
    let fits = |difference: &&Difference| {
        difference.0 == verdict.is_ok() && (difference.1)(NAMES[*name], BASES[*base])
    };
    DIFFERENCES.iter().find(fits).map(|(.., why)| *why)
}

/// No dimension is idle: for each there are two cases that differ in it alone, and in the verdict.
#[test]
fn r_c2_every_dimension_decides() {
    let some = [0, 3, 4, 6, 7, 9, 13, 17, 24, 26];
    let mut verdicts = BTreeMap::new();
    for name in some {
        for base in 0..BASES.len() {
            for mode in MODES {
                for (place, shape) in PLACES.into_iter().flat_map(|place| SHAPES.map(|shape| (place, shape)))
                {
                    let case = (name, base, mode, place, shape);
                    if makes_sense(&case) {
                        verdicts.insert(case, ours(&chain(case)).is_ok());
                    }
                }
            }
        }
    }
    let flips = |same: fn(&Case) -> Case| {
        let mut groups: BTreeMap<Case, BTreeSet<bool>> = BTreeMap::new();
        for (case, verdict) in &verdicts {
            groups.entry(same(case)).or_default().insert(*verdict);
        }
        groups.values().any(|verdicts| verdicts.len() == 2)
    };
    assert!(flips(|case| (0, case.1, case.2, case.3, case.4)), "name");
    assert!(flips(|case| (case.0, 0, case.2, case.3, case.4)), "base");
    assert!(flips(|case| (case.0, case.1, Mode::Both, case.3, case.4)), "mode");
    assert!(flips(|case| (case.0, case.1, case.2, Place::EmailAddress, case.4)), "place");
    assert!(flips(|case| (case.0, case.1, case.2, case.3, Shape::One)), "shape");
    let verdict = |name, base, mode, place, shape| verdicts[&(name, base, mode, place, shape)];
    // One authority more, bound by itself; the authority that is self-issued; quotes; the dot at the end; the case.
    use {Mode::*, Place::*, Shape::*};
    assert!(
        verdict(0, 0, Permitted, SubjectAltName, Two) && !verdict(0, 0, Permitted, SubjectAltName, TwoBound)
    );
    assert!(verdict(6, 0, Permitted, SubjectAltName, OfSelfIssued));
    assert!(!verdict(6, 0, Permitted, SubjectAltName, OfAuthority));
    assert!(!verdict(7, 3, Excluded, SubjectAltName, One) && verdict(3, 3, Excluded, SubjectAltName, One));
    assert!(!verdict(9, 0, Excluded, SubjectAltName, One) && !verdict(9, 0, Permitted, SubjectAltName, One));
    assert!(!verdict(6, 0, Permitted, EmailAddress, One));
    assert!(!verdict(6, 0, Permitted, EmailAddressBesideAnother, One));
}
