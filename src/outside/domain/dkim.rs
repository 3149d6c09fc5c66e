//! DKIM (RFC 6376, RFC 8463) and ARC (RFC 8617), by mail-auth, at the time of the caller.

use std::borrow::Borrow;
use std::hash::Hash;
use std::time::Instant;

use mail_auth::common::crypto::Algorithm;
use mail_auth::common::headers::{Writable, Writer};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::{Canonicalization, DkimError};
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DnsError as MailAuthDns, Error as MailAuthError,
    MessageAuthenticator, Parameters, ResolverCache, Txt,
};

use super::asked;
use super::questions::{Questions, name_of};
use super::resolver::RecordKind;
use super::tags;
use crate::report::{ArcEvidence, DkimEvidence, DomainResult};
use crate::time::UnixTime;

/// RSA keys below are no proof (RFC 8301 §3.2).
const RSA_BITS: usize = 1024;

/// A cache that knows keys of DKIM.
struct Keys<'q, 'r>(&'q Questions<'r>);

impl ResolverCache<Box<str>, Txt> for Keys<'_, '_> {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        Some(key(self.0, &name_of(name)).map(|(key, _)| key).into())
    }
    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }
    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// The first record that is a key, else why the last is none.
fn key(questions: &Questions<'_>, name: &str) -> Result<(DomainKey, Vec<u8>), MailAuthError> {
    let mut found = Err(MailAuthError::Dns(MailAuthDns::RecordNotFound(
        mail_auth::hickory_resolver::proto::op::ResponseCode::NoError,
    )));
    for record in questions.ask(name, RecordKind::Txt).map_err(asked)? {
        found = DomainKey::parse(&record).map(|key| (key, record));
        if found.is_ok() {
            break;
        }
    }
    found
}

/// `l=0`, which mail-auth takes for no `l=` at all: nothing of the body is covered.
const NOTHING: u64 = u64::MAX;

/// Puts right what mail-auth would decide by itself: times by the clock of the system, and lengths by octets that are
/// not canonical yet. Signatures of more than `names` fields lose all of them: each is looked for in the whole header.
pub(super) fn prepare(message: &mut AuthenticatedMessage<'_>, names: usize) -> Times {
    let body_offset = usize::try_from(message.body_offset).unwrap_or(usize::MAX);
    let body = message.raw_message.get(body_offset..).unwrap_or_default();
    for header in &mut message.dkim_headers {
        let signature = &mut header.header;
        // Reports, and others who may sign (RFC 6541): more questions for nothing.
        (signature.r, signature.atps) = (false, None);
        if signature.h.len() > names {
            signature.h.clear();
        }
        if covers_nothing(header.value) {
            signature.l = NOTHING;
            message.body_hashes.push((signature.cb, signature.a.into(), NOTHING, Vec::new()));
        }
    }
    for header in &mut message.ams_headers {
        let signature = &mut header.header;
        if signature.h.len() > names {
            signature.h.clear();
        }
        if covers_nothing(header.value) {
            signature.l = NOTHING;
            message.body_hashes.push((signature.cb, signature.a.into(), NOTHING, Vec::new()));
        }
    }
    for (canonicalization, algorithm, length, digest) in &mut message.body_hashes {
        let octets = lines(body, *canonicalization);
        let left = covered(*length).or_else(|| (octets.len() < body.len()).then_some(0));
        if let Some(left) = left {
            let octets = if left == 0 { &[] } else { octets };
            let first = || First { left, octets, canonicalization: *canonicalization };
            *digest = algorithm.hash(first()).as_ref().to_vec();
        }
    }
    let dkim = message.dkim_headers.iter_mut().map(|header| {
        let signature = &mut header.header;
        (signature.t, std::mem::take(&mut signature.x))
    });
    let dkim = dkim.collect();
    let last = message.ams_headers.last_mut().map(|header| {
        let signature = &mut header.header;
        (signature.t, std::mem::take(&mut signature.x))
    });
    Times { dkim, arc: last.unwrap_or_default() }
}

/// The body; nothing where `relaxed` leaves nothing of it (RFC 6376 §3.4.4): of blanks alone mail-auth leaves a line.
pub(super) fn lines(body: &[u8], canonicalization: Canonicalization) -> &[u8] {
    let nothing = canonicalization == Canonicalization::Relaxed && body.iter().all(is_blank);
    if nothing { &[] } else { body }
}

/// Of what `relaxed` takes away at the end.
pub(super) fn is_blank(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// Octets of the canonical body that a length stands for; `None` for all.
fn covered(length: u64) -> Option<u64> {
    match length {
        0 => None,
        NOTHING => Some(0),
        length => Some(length),
    }
}

fn covers_nothing(signature: &[u8]) -> bool {
    let (tags, _) = tags::read(signature);
    let length = tags.iter().rfind(|(name, _)| name.eq_ignore_ascii_case("l"));
    length.is_some_and(|(_, digits)| !digits.is_empty() && digits.bytes().all(|digit| digit == b'0'))
}

/// When signatures were made and when they end (`t=`, `x=`), 0 where nothing is said.
pub(super) struct Times {
    dkim: Vec<(u64, u64)>,
    arc: (u64, u64),
}

fn is_over((made, ends): (u64, u64), at: UnixTime) -> bool {
    let at = u64::try_from(at.seconds()).unwrap_or(0);
    ends > 0 && (ends <= made || ends <= at)
}

/// The canonical body up to a length (RFC 6376 §3.4.5).
struct First<'a> {
    left: u64,
    octets: &'a [u8],
    canonicalization: Canonicalization,
}

impl Writable for First<'_> {
    fn write(self, writer: &mut impl Writer) {
        let mut limited = Limited { left: self.left, over: 0, writer };
        self.canonicalization.canonical_body(self.octets, 0).write(&mut limited);
    }
}

struct Limited<'w, W> {
    left: u64,
    over: u64,
    writer: &'w mut W,
}

impl<W: Writer> Writer for Limited<'_, W> {
    fn write(&mut self, octets: &[u8]) {
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(octets.len());
        let (first, rest) = octets.split_at_checked(taken).unwrap_or((octets, &[]));
        if !first.is_empty() {
            self.writer.write(first);
        }
        self.over = self.over.saturating_add(u64::try_from(rest.len()).unwrap_or(u64::MAX));
        self.left = self.left.saturating_sub(length);
    }
}

/// Octets of the canonical body behind a length, and those that it lacks.
fn beyond(message: &AuthenticatedMessage<'_>, form: Canonicalization, length: u64) -> Option<(u64, u64)> {
    let left = covered(length)?;
    let body = message.raw_message.get(usize::try_from(message.body_offset).ok()?..)?;
    let mut nowhere = Nowhere;
    let mut limited = Limited { left, over: 0, writer: &mut nowhere };
    form.canonical_body(lines(body, form), 0).write(&mut limited);
    Some((limited.over, limited.left))
}

struct Nowhere;
impl Writer for Nowhere {
    fn write(&mut self, _: &[u8]) {}
}

/// What each signature proves; with the outputs that DMARC asks for.
pub(super) fn check<'m>(
    authenticator: &MessageAuthenticator,
    questions: &Questions<'_>,
    message: &'m AuthenticatedMessage<'m>,
    times: &Times,
    at: UnixTime,
) -> (Vec<DkimEvidence>, Vec<DkimOutput<'m>>) {
    let keys = Keys(questions);
    let outputs = super::now(authenticator.verify_dkim(Parameters::new(message).with_txt_cache(&keys)));
    // Outputs without a signature, of fields that cannot be read, come first.
    let mut outputs = outputs.unwrap_or_default().into_iter().filter(|output| output.signature().is_some());
    let (mut evidence, mut accepted) = (Vec::new(), Vec::new());
    for (header, times) in message.dkim_headers.iter().zip(&times.dkim) {
        let signature = &header.header;
        let output = outputs.next().map(|output| output.result().clone());
        let output =
            output.unwrap_or(DkimResult::TempError(MailAuthError::Io(String::from("not looked at"))));
        let (mut result, mut reason) = said(&output);
        let beyond = beyond(message, signature.cb, signature.l);
        if is_over(*times, at) {
            (result, reason) = (DomainResult::Fail, String::from("expired"));
        } else if let Some(wrong) = malformed(header.value, &signature.h, &["v", "a"], beyond) {
            (result, reason) = (DomainResult::Permerror, String::from(wrong));
        } else if result == DomainResult::Pass
            && let Some(weak) = weakness(questions, signature.a, &signature.s, &signature.d)
        {
            (result, reason) = (DomainResult::Policy, weak);
        }
        accepted.push(
            match result {
                DomainResult::Pass => DkimOutput::pass(),
                DomainResult::Temperror => {
                    DkimOutput::temp_err(MailAuthError::Dns(MailAuthDns::Resolver(String::new())))
                }
                _ => DkimOutput::perm_err(MailAuthError::ParseError),
            }
            .with_signature(signature),
        );
        evidence.push(DkimEvidence {
            result,
            domain: signature.d.to_lowercase(),
            selector: signature.s.clone(),
            identity: Some(signature.i.clone()).filter(|identity| !identity.is_empty()),
            algorithm: algorithm(signature.a).to_owned(),
            reason,
            aligned: false,
            signed: signature.h.clone(),
            unsigned_octets: beyond.map(|(over, _)| over).filter(|over| *over > 0),
        });
    }
    let unreadable = message.errors.iter().filter(|field| field.name.eq_ignore_ascii_case(b"DKIM-Signature"));
    evidence.extend(unreadable.map(|field| DkimEvidence {
        result: DomainResult::Neutral,
        reason: format!("cannot be read: {}", field.header),
        ..DkimEvidence::default()
    }));
    (evidence, accepted)
}

/// What RFC 6376 §6.1.1 has refused and mail-auth takes: tags that are missing or stand there twice (§3.2), lengths that are none, and a From that anybody may
/// put on top (§5.4). No names are left where there were too many.
fn malformed(
    signature: &[u8],
    names: &[String],
    needed: &[&str],
    beyond: Option<(u64, u64)>,
) -> Option<&'static str> {
    let (tags, readable) = tags::read(signature);
    let value = |name: &str| tags.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let usual = |methods: &str| methods.split(':').any(|one| one.trim().eq_ignore_ascii_case("dns/txt"));
    match () {
        () if names.is_empty() => Some("too many fields"),
        () if !names.iter().any(|name| name.trim().eq_ignore_ascii_case("From")) => {
            Some("From is not signed")
        }
        () if !readable || lacks(&tags, needed) => Some("not a list of tags"),
        // RFC 6376 §3.5
        () if !value("q").is_none_or(usual) => Some("its key is not in the DNS"),
        () if value("l").is_some_and(|digits| digits.parse::<u64>().is_err()) => Some("no length"),
        () if beyond.is_some_and(|(_, lacking)| lacking > 0) => Some("the body is too short"),
        () => None,
    }
}

fn lacks(tags: &[(String, String)], needed: &[&str]) -> bool {
    needed.iter().any(|name| !tags.iter().any(|(known, _)| known == name))
}

/// Why a chain whose signatures hold is none: those that count are as strong as those of DKIM (RFC 8617 §4.1).
fn broken(questions: &Questions<'_>, message: &AuthenticatedMessage<'_>) -> Option<String> {
    let last = message.ams_headers.last()?;
    let signature = &last.header;
    let seals = message.as_headers.iter().map(|seal| (seal.header.a, &*seal.header.s, &*seal.header.d));
    let mut all = seals.chain([(signature.a, &*signature.s, &*signature.d)]);
    let unreadable = message.as_headers.iter().any(|seal| {
        let (tags, readable) = tags::read(seal.value);
        !readable || lacks(&tags, &["a"])
    });
    malformed(last.value, &signature.h, &["a"], beyond(message, signature.cb, signature.l))
        .or(unreadable.then_some("not a list of tags"))
        .map(String::from)
        .or_else(|| {
            all.find_map(|(algorithm, selector, domain)| weakness(questions, algorithm, selector, domain))
        })
}

/// Why a good signature is no proof (RFC 8301, RFC 6376 §3.6.1).
fn weakness(questions: &Questions<'_>, algorithm: Algorithm, selector: &str, domain: &str) -> Option<String> {
    if algorithm == Algorithm::RsaSha1 {
        return Some(String::from("rsa-sha1"));
    }
    let name = format!("{selector}._domainkey.{domain}");
    let (key, record) = key(questions, &name).ok()?;
    let bits = key.p.public_key_bits();
    if bits < RSA_BITS {
        return Some(format!("a key of {bits} bits"));
    }
    let list = |name: &str| {
        let value = tags::value(&record, name)?;
        Some(value.split(':').map(|word| word.trim().to_ascii_lowercase()).collect::<Vec<_>>())
    };
    if list("s").is_some_and(|services| !services.iter().any(|one| matches!(one.as_str(), "*" | "email"))) {
        return Some(String::from("a key that is not for mail"));
    }
    if list("h").is_some_and(|hashes| !hashes.iter().any(|one| one == "sha256")) {
        return Some(String::from("a key that is not for sha256"));
    }
    None
}

fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RsaSha1 => "rsa-sha1",
        Algorithm::RsaSha256 => "rsa-sha256",
        Algorithm::Ed25519Sha256 => "ed25519-sha256",
    }
}

fn said(result: &DkimResult) -> (DomainResult, String) {
    match result {
        DkimResult::Pass => (DomainResult::Pass, String::new()),
        DkimResult::None => (DomainResult::None, String::new()),
        DkimResult::Fail(error) => (DomainResult::Fail, error.to_string()),
        // RFC 6376 §6.1.3 makes it a failure.
        DkimResult::Neutral(error @ MailAuthError::Dkim(DkimError::FailedBodyHashMatch)) => {
            (DomainResult::Fail, error.to_string())
        }
        DkimResult::Neutral(error) => (DomainResult::Neutral, error.to_string()),
        DkimResult::PermError(error) => (DomainResult::Permerror, error.to_string()),
        DkimResult::TempError(error) => (DomainResult::Temperror, error.to_string()),
    }
}

/// What the chain of ARC proves.
pub(super) fn chain(
    authenticator: &MessageAuthenticator,
    questions: &Questions<'_>,
    message: &AuthenticatedMessage<'_>,
    times: &Times,
    at: UnixTime,
) -> Option<ArcEvidence> {
    let some = !message.as_headers.is_empty()
        || !message.ams_headers.is_empty()
        || !message.aar_headers.is_empty()
        || message.has_arc_errors;
    if !some {
        return None;
    }
    let keys = Keys(questions);
    let output = super::now(authenticator.verify_arc(Parameters::new(message).with_txt_cache(&keys)));
    let sealers = message.as_headers.iter().map(|seal| seal.header.d.to_lowercase()).collect();
    let (result, reason) = match output.as_ref().map(|output| output.result()) {
        None | Some(DkimResult::None) => (DomainResult::Fail, String::from("a set is not whole")),
        Some(result) => match said(result) {
            (DomainResult::Pass, _) if is_over(times.arc, at) => {
                (DomainResult::Fail, String::from("expired"))
            }
            (DomainResult::Pass, _) if let Some(wrong) = broken(questions, message) => {
                (DomainResult::Fail, wrong)
            }
            // RFC 8617 §5.2 knows `none`, `pass` and `fail`; but who got no answer may ask again.
            (result @ (DomainResult::Pass | DomainResult::Temperror), reason) => (result, reason),
            (_, reason) => (DomainResult::Fail, reason),
        },
    };
    Some(ArcEvidence { result, sealers, reason })
}
