//! What the sentences are about: taken from verdict and report, escaped, in no language.

use crate::mime::PartPath;
use crate::policy::escape::{self, NAME_COLUMNS, REASON_COLUMNS};
use crate::policy::table::{Cell, Identity};
use crate::policy::{Outcome, Verdict};
use crate::report::{
    Assurance, Check, Code, Coverage, Decryption, Evidence, FULL_TRUST, Integrity, Layer, PartSummary,
    Protection, RejectedPath, Report, Revocation, RevocationSource, Signature, SignedLayer, SignerIdentity,
    Step, Trust,
};
use crate::time::UnixTime;

/// A verdict and its report, asked for the rows of the page.
pub(crate) struct Facts<'a> {
    pub(crate) verdict: &'a Verdict,
    pub(crate) report: &'a Report,
    decided: Option<(&'a SignedLayer, &'a Signature, Cell)>,
}

/// Who signed.
pub(crate) enum Who {
    /// Nobody; the letter only says so.
    Unsigned { from: String },
    /// Someone whose claim is worth nothing: altered, or the signature is broken.
    Broken { claims: String },
    /// Somebody whose certificate is not there.
    Missing,
    /// A certificate without an address.
    Nameless { name: String },
    /// An address: of someone you trust, or claimed.
    Signer { who: String, is_from: bool, claimed: bool },
}

/// What is covered.
pub(crate) enum Covers {
    Nothing,
    /// The signature could not be checked.
    Unchecked,
    /// The whole body, this many leaf parts; 0 where they are not listed.
    Whole {
        parts: usize,
    },
    Parts {
        parts: Vec<PartPath>,
        leaf: Option<Leaf>,
    },
}

/// The outermost encrypted layer around the whole letter.
pub(crate) struct Encryption {
    pub(crate) cipher: Option<String>,
    pub(crate) opened: bool,
    /// Whose key opened it; empty for a password.
    pub(crate) key: String,
}

/// A part in short.
pub(crate) struct Leaf {
    pub(crate) media_type: String,
    pub(crate) lines: u64,
}

/// What is known of the header fields that readers look at.
pub(crate) enum Headers {
    /// Not worth a word.
    Silent,
    /// Only the body is signed.
    Unsigned,
    /// These are signed as well.
    Signed(Vec<String>),
}

/// Why the signer is believed.
pub(crate) enum Why {
    Closed,
    Unsigned,
    Broken,
    /// Nothing to ask about: no certificate, or nothing was verified.
    Unchecked,
    Path(Path),
    NoPath(Option<Rejection>),
}

/// A path from you to the signer.
pub(crate) struct Path {
    pub(crate) hops: Vec<Hop>,
    /// Not revoked: who says so, and how many seconds before the time of looking.
    pub(crate) not_revoked: Option<(RevocationSource, u64)>,
    pub(crate) trust: Option<Amount>,
}

/// One certificate of a path, and in what capacity it stands there.
pub(crate) struct Hop {
    pub(crate) name: String,
    pub(crate) role: Role,
}

pub(crate) enum Role {
    /// Nothing to be said.
    Plain,
    /// An anchor for these; `None` is any sender.
    Anchor(Option<String>),
    Pinned,
    /// OpenPGP: where your trust begins; for these, `None` is any sender.
    Introducer {
        depth: usize,
        scope: Option<String>,
    },
    /// OpenPGP: may introduce others, that many steps on.
    Depth(u8),
}

/// What the Web of Trust adds up to, of [`FULL_TRUST`].
pub(crate) struct Amount {
    pub(crate) amount: u32,
    /// Paths beside the one that is shown, which are counted in.
    pub(crate) more: usize,
}

/// Why the most telling path failed.
pub(crate) struct Rejection {
    pub(crate) code: String,
    /// The certificate at which it ended; for a missing issuer the one that is missing.
    pub(crate) name: String,
    pub(crate) reason: String,
    /// When the certificate of that name expired.
    pub(crate) until: Option<String>,
    pub(crate) anchors: usize,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(verdict: &'a Verdict, report: &'a Report) -> Self {
        Self { verdict, report, decided: verdict.decided_by(report) }
    }

    /// The code that decided.
    pub(crate) fn code(&self) -> Option<Code> {
        self.verdict.notes.first().map(|note| note.code)
    }

    pub(crate) fn signature(&self) -> Option<&'a Signature> {
        self.decided.map(|(_, signature, _)| signature)
    }

    fn signer(&self) -> Option<&'a SignerIdentity> {
        self.signature()?.signer.as_ref()
    }

    pub(crate) fn protocol(&self) -> Option<&'static str> {
        self.decided.map(|(layer, ..)| layer.protocol.name())
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.decided.is_some_and(|(.., cell)| cell.trust == Trust::Revoked)
    }

    fn is_broken(&self) -> bool {
        self.verdict.outcome == Outcome::Bad && !self.is_revoked()
    }

    /// A path leads to the signer, now or before it expired: the names of the certificate may be repeated.
    fn is_vouched_for(&self) -> bool {
        self.decided.is_some_and(|(.., cell)| {
            cell.trust != Trust::Unknown && !matches!(cell.integrity, Integrity::Unverified)
        }) && !self.is_broken()
    }

    /// What a certificate authority checked; a claim where nobody vouches for it, so not shown then.
    pub(crate) fn assurance(&self) -> Option<Assurance> {
        let trusted = self.decided.is_some_and(|(.., cell)| cell.trust == Trust::Trusted);
        self.signer().filter(|_| trusted && self.is_vouched_for())?.assurance
    }

    /// The From address, or all of them.
    pub(crate) fn from(&self) -> String {
        let shown: Vec<String> =
            self.report.from.mailboxes.iter().take(3).map(|mailbox| escape::address(mailbox)).collect();
        let more = if self.report.from.mailboxes.len() > shown.len() { ", …" } else { "" };
        format!("{}{more}", shown.join(", "))
    }

    /// The signer's address.
    pub(crate) fn mailbox(&self) -> String {
        self.signer().map(|signer| escape::address(&signer.mailbox)).unwrap_or_default()
    }

    /// The same for a line that people put into a shell: an address that a shell would read as more than that is not.
    pub(crate) fn typable(&self) -> String {
        let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '_' | '+' | '-' | '@');
        let address = Some(self.mailbox()).filter(|text| !text.is_empty() && text.chars().all(plain));
        address.filter(|text| !text.starts_with('-')).unwrap_or_else(|| "ADDRESS".to_owned())
    }

    /// Whom the headline names; `None` where nobody vouches for a name. Where the certificate calls itself by what
    /// looks like an address, its real address stands instead.
    pub(crate) fn name(&self) -> Option<String> {
        let signer = self.signer().filter(|_| self.is_vouched_for())?;
        let own = signer.name.as_deref();
        let shown = match (self.assurance(), signer.organization.as_deref()) {
            (Some(Assurance::Organization), Some(organization)) => shown(organization),
            (Some(Assurance::Sponsor), Some(organization)) => {
                let of = |own: String| Some(format!("{own}, {}", shown(organization)?));
                own.and_then(shown).and_then(of).or_else(|| shown(organization))
            }
            _ => own.and_then(shown),
        };
        shown.or_else(|| Some(self.mailbox())).filter(|name| !name.is_empty())
    }

    pub(crate) fn who(&self) -> Who {
        let Some((layer, signature, cell)) = self.decided else {
            return Who::Unsigned { from: self.from() };
        };
        if self.is_broken() {
            let claims = self.mailbox();
            return Who::Broken { claims: if claims.is_empty() { self.from() } else { claims } };
        }
        let Some(signer) = &signature.signer else { return Who::Missing };
        let name = signer.name.as_deref().map(escape::name).unwrap_or_default();
        if signer.mailbox.is_empty() {
            return Who::Nameless { name };
        }
        let mailbox = self.mailbox();
        let claimed = !self.is_vouched_for();
        // An OpenPGP User ID is one text, name and address; in X.509 they are separate, and the name is in the path.
        let with_name = layer.protocol == crate::report::Protocol::Openpgp && !claimed && !name.is_empty();
        let who = if with_name { format!("{name} <{mailbox}>") } else { mailbox };
        Who::Signer { who, is_from: cell.identity == Identity::From, claimed }
    }

    pub(crate) fn covers(&self) -> Covers {
        let Some((layer, _, cell)) = self.decided else { return Covers::Nothing };
        if cell.integrity == Integrity::Unverified && !self.is_broken() {
            return Covers::Unchecked;
        }
        if self.is_broken() {
            return Covers::Nothing;
        }
        match (&layer.covers, cell.reach) {
            (Coverage::Whole { parts }, crate::policy::table::Reach::Whole) => {
                Covers::Whole { parts: self.leaves(parts).len() }
            }
            (Coverage::Nothing, _) => Covers::Nothing,
            (Coverage::Whole { parts } | Coverage::Partial { parts }, _) => {
                let leaf = match self.leaves(parts).as_slice() {
                    [one] => Some(Leaf { media_type: media_type(&one.media_type), lines: one.lines }),
                    _ => None,
                };
                let root = layer.part == PartPath::root();
                Covers::Parts { parts: if root { parts.clone() } else { vec![layer.part.clone()] }, leaf }
            }
        }
    }

    /// The leaf parts inside `covered`. In the order of their paths a part is a leaf if the next is not inside it.
    fn leaves(&self, covered: &[PartPath]) -> Vec<&'a PartSummary> {
        let mut all: Vec<&PartSummary> = self.report.parts.iter().collect();
        all.sort_by(|one, other| one.part.cmp(&other.part));
        let next = all.iter().skip(1).map(Some).chain([None]);
        let leaf = all
            .iter()
            .zip(next)
            .filter(|(part, next)| next.is_none_or(|next| !part.part.contains(&next.part)));
        leaf.map(|(part, _)| *part)
            .filter(|leaf| covered.iter().any(|part| part.contains(&leaf.part)))
            .collect()
    }

    pub(crate) fn encryption(&self) -> Option<Encryption> {
        let layer = self.report.layers.iter().find_map(|layer| match layer {
            Layer::Encrypted(layer) if layer.envelope => Some(layer),
            _ => None,
        })?;
        let key = layer.opened_by.as_ref().and_then(|key| key.mailboxes.first().or(key.fingerprint.as_ref()));
        Some(Encryption {
            cipher: layer.cipher.as_deref().map(escape::name),
            opened: layer.decryption == Decryption::Opened,
            key: key.map(|name| escape::name(name)).unwrap_or_default(),
        })
    }

    /// The whole letter, or what is left of it, is still encrypted: a signature may be inside.
    pub(crate) fn is_closed(&self) -> bool {
        self.report.layers.iter().any(|layer| match layer {
            Layer::Encrypted(layer) => layer.envelope && layer.decryption != Decryption::Opened,
            _ => false,
        })
    }

    pub(crate) fn headers(&self) -> Headers {
        let headers = &self.report.headers;
        if self.decided.is_none() || self.is_broken() {
            return Headers::Silent;
        }
        match headers.protection {
            Protection::Signed | Protection::SignedAndEncrypted if !headers.signed.is_empty() => {
                Headers::Signed(headers.signed.iter().take(12).map(|name| escape::name(name)).collect())
            }
            _ if self.verdict.outcome == Outcome::Good => Headers::Unsigned,
            _ => Headers::Silent,
        }
    }

    /// Intact, and the headline has not said so.
    pub(crate) fn says_unaltered(&self) -> bool {
        let intact = self.decided.is_some_and(|(.., cell)| cell.integrity == Integrity::Intact);
        intact && self.verdict.outcome == Outcome::Caution && self.code() != Some(Code::SignerUnknown)
    }

    pub(crate) fn why(&self) -> Why {
        let Some((_, signature, cell)) = self.decided else {
            return if self.is_closed() { Why::Closed } else { Why::Unsigned };
        };
        if self.is_broken() {
            return Why::Broken;
        }
        if signature.signer.is_none() || cell.integrity == Integrity::Unverified {
            return Why::Unchecked;
        }
        match (signature.evidence.first(), cell.trust) {
            (Some(evidence), Trust::Trusted | Trust::Expired) => {
                let mut path = path(evidence, self.report.at);
                if let Some(trust) = &mut path.trust {
                    *trust = amount(&signature.evidence);
                }
                Why::Path(path)
            }
            _ => Why::NoPath(signature.rejected.first().map(|path| self.rejection(signature, path))),
        }
    }

    fn rejection(&self, signature: &Signature, path: &RejectedPath) -> Rejection {
        let issuer = signature.signer.as_ref().map(|signer| signer.certificate.issuer.as_str());
        let over = |step: &&Step| step.not_after.is_some_and(|until| until < self.report.at);
        let expired = path.steps.iter().find(over).filter(|_| path.code == "expired");
        let name = match (expired, path.steps.as_slice()) {
            (Some(step), _) => Some(step.name.as_str()),
            (None, [] | [_]) if lacks_issuer(&path.code) => issuer,
            (None, steps) => steps.last().map(|step| step.name.as_str()),
        };
        Rejection {
            until: expired.and_then(|step| step.not_after).map(UnixTime::date),
            code: escape::text(&path.code, NAME_COLUMNS),
            name: escape::name(name.unwrap_or_default()),
            reason: escape::text(&path.reason, REASON_COLUMNS),
            anchors: self.report.anchors,
        }
    }

    /// The fingerprint to compare.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        self.signer().map(|signer| groups(&signer.certificate.fingerprint)).filter(|text| !text.is_empty())
    }
}

/// The path ends where nobody known goes on.
pub(crate) fn lacks_issuer(code: &str) -> bool {
    matches!(code, "unknown_issuer" | "no_issuer")
}

/// A name that is shown as somebody's: not what looks like an address.
fn shown(name: &str) -> Option<String> {
    Some(escape::name(name)).filter(|shown| !shown.is_empty() && !name.contains('@'))
}

/// A path in pieces, escaped.
pub(crate) fn path(evidence: &Evidence, at: UnixTime) -> Path {
    let scope = || match evidence.scope() {
        "any" => None,
        scope => Some(escape::name(scope)),
    };
    let not_revoked = match evidence {
        Evidence::CertificationPath { revocation: Revocation::NotRevoked { by, at: then }, .. } => {
            Some((*by, at.distance(*then)))
        }
        _ => None,
    };
    let trust = match evidence {
        Evidence::WebOfTrust { .. } => Some(amount(std::slice::from_ref(evidence))),
        _ => None,
    };
    let steps = evidence.steps();
    let role = |(index, step): (usize, &Step)| match (evidence, index) {
        (Evidence::Pinned { .. }, 0) => Role::Pinned,
        (Evidence::WebOfTrust { .. }, 0) if steps.len() > 1 => {
            let further = steps.len().saturating_sub(1);
            Role::Introducer { depth: depth(step).map_or(further, usize::from), scope: scope() }
        }
        (Evidence::WebOfTrust { .. }, 1..) => depth(step).map_or(Role::Plain, Role::Depth),
        (_, 0) => Role::Anchor(scope()),
        _ => Role::Plain,
    };
    let hop =
        |(index, step): (usize, &Step)| Hop { name: escape::name(&step.name), role: role((index, step)) };
    Path { hops: steps.iter().enumerate().map(hop).collect(), not_revoked, trust }
}

/// How many steps on it may introduce others, where it may.
fn depth(step: &Step) -> Option<u8> {
    step.checks.iter().find_map(|check| match check {
        Check::Certification { depth, .. } if *depth > 0 => Some(*depth),
        _ => None,
    })
}

/// What all paths of the Web of Trust add up to.
fn amount(evidence: &[Evidence]) -> Amount {
    let amounts: Vec<u32> = evidence
        .iter()
        .filter_map(|one| match one {
            Evidence::WebOfTrust { amount, .. } => Some(u32::from(*amount)),
            _ => None,
        })
        .collect();
    let all = amounts.iter().fold(0_u32, |all, one| all.saturating_add(*one));
    Amount { amount: all.min(u32::from(FULL_TRUST)), more: amounts.len().saturating_sub(1) }
}

/// `9C4E 11B7 …`: groups of four, as people read them to each other.
pub(crate) fn groups(fingerprint: &str) -> String {
    let mut out = String::new();
    for (index, c) in fingerprint.chars().take(128).enumerate() {
        if index > 0 && index % 4 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    escape::text(&out, 256)
}

/// A media type, escaped.
pub(crate) fn media_type(text: &str) -> String {
    escape::name(text)
}
