//! English.

use crate::policy::Outcome;
use crate::policy::facts::{
    Amount, Covers, Encryption, Facts, Headers, Leaf, Path, Rejection, Role, Who, Why, lacks_issuer,
};
use crate::policy::origin::{Origin, Way};
use crate::policy::sentences::origin;
use crate::policy::sentences::{Label, Outside, Sentences, State, Validity};
use crate::report::{
    Assurance, Check, Code, FULL_TRUST, FieldProtection, Generation, Integrity, LooksLike, Qualified,
    QualifiedKind, Revocation, RevocationSource, Source, Trust,
};

pub(super) struct English;

impl Sentences for English {
    fn word(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::None => "- NONE",
            Outcome::Good => "✓ GOOD",
            Outcome::Caution => "! CAUTION",
            Outcome::Bad => "✗ BAD",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Who => "Who",
            Label::Covers => "Covers",
            Label::Why => "Why",
            Label::Wrong => "Wrong",
            Label::Next => "Next",
            Label::Signature => "Signature",
            Label::Path => "Path",
            Label::Rejected => "Rejected",
            Label::Findings => "Findings",
            Label::Encrypted => "Encrypted",
            Label::Domain => "Domain",
            Label::Way => "Way",
            Label::Header => "Header",
        }
    }

    fn headline(&self, facts: &Facts<'_>) -> String {
        let code = facts.code();
        let signed = facts.name().map_or("Signed".to_owned(), |name| format!("Signed by {name}"));
        match facts.verdict.outcome {
            // "Ltd." brings its own full stop.
            Outcome::Good => format!("{}. The whole message, unaltered.", signed.trim_end_matches('.')),
            Outcome::Caution => self.caution(code, &signed, facts),
            Outcome::None => match code {
                Some(Code::NoSigners) => "It has the form of a signed letter, but nobody signed it.".into(),
                Some(Code::CertificatesOnly) => "Not signed: certificates, but no signature.".into(),
                _ if facts.is_closed() => "Encrypted and not opened; whether it is signed is unknown.".into(),
                _ => "Not signed. Anyone could have written it.".into(),
            },
            Outcome::Bad => match code {
                Some(Code::Altered) => "Altered after it was signed. Do not rely on any of it.".into(),
                Some(Code::SignerRevoked) => {
                    format!("{signed}, with a certificate that is revoked. Do not rely on any of it.")
                }
                _ => "The signature is broken. Do not rely on any of it.".into(),
            },
        }
    }

    fn who(&self, who: &Who) -> String {
        match who {
            Who::Unsigned { from } if from.is_empty() => "nobody is named".into(),
            Who::Unsigned { from } => format!("says {from}; nothing proves it"),
            Who::Broken { claims } if claims.is_empty() => "nobody is named".into(),
            Who::Broken { claims } => format!("says {claims}; an altered letter proves nothing"),
            Who::Missing => "unknown: the certificate of the signer is missing".into(),
            Who::Nameless { name } if name.is_empty() => "a certificate without an address".into(),
            Who::Nameless { name } => format!("a certificate without an address, calls itself \"{name}\""),
            Who::Signer { who, is_from, claimed } => {
                let calls = if *claimed { "calls itself " } else { "" };
                let from = if *is_from { "the From address" } else { "NOT the From address" };
                format!("{calls}{who}, {from}")
            }
        }
    }

    fn how(&self, protocol: &str, assurance: Option<Assurance>) -> String {
        let validated = assurance.map(|one| format!(", {}", validated(one))).unwrap_or_default();
        format!(" · {protocol}{validated}")
    }

    fn revoked(&self) -> &'static str {
        "; revoked"
    }

    fn covers(&self, covers: &Covers, headers: &Headers, unaltered: bool) -> String {
        let body = match covers {
            Covers::Nothing => return "nothing".into(),
            Covers::Unchecked => return "nothing that could be checked".into(),
            Covers::Whole { parts: 0 } => "the whole body".into(),
            Covers::Whole { parts } => format!("the whole body, {}", plural(*parts, "part")),
            Covers::Parts { parts, leaf } => {
                let list: Vec<String> = parts.iter().take(5).map(|part| format!("part {part}")).collect();
                let leaf = leaf.as_ref().map(|leaf| format!(" ({})", kind(leaf))).unwrap_or_default();
                format!("{}{}{leaf}", list.join(", "), if parts.len() > 5 { ", …" } else { "" })
            }
        };
        let unaltered = if unaltered { ", unaltered" } else { "" };
        match headers {
            Headers::Silent => format!("{body}{unaltered}"),
            Headers::Unsigned => format!("{body}{unaltered}. Subject, To and Date are not signed."),
            Headers::Signed(names) => format!("{body}{unaltered}, and the headers {}", names.join(", ")),
        }
    }

    fn encryption(&self, encryption: &Encryption) -> String {
        let cipher = encryption.cipher.as_ref().map(|cipher| format!("{cipher}, ")).unwrap_or_default();
        match (encryption.opened, encryption.key.as_str()) {
            (false, _) => format!("{cipher}not opened"),
            (true, "") => format!("{cipher}opened with a password"),
            (true, key) => format!("{cipher}opened with the key of {key}"),
        }
    }

    fn origin(&self, origin: &Origin) -> String {
        origin::english(origin)
    }

    fn way(&self, way: &Way) -> String {
        origin::english_way(way)
    }

    fn why(&self, why: &Why) -> String {
        match why {
            Why::Closed => "nothing to believe while it is closed".into(),
            Why::Unsigned => "no signature, so nothing to believe".into(),
            Why::Broken => "no evidence counts for an altered letter".into(),
            Why::Unchecked => "the signature could not be checked, so no evidence counts".into(),
            Why::NoPath(None) => "no path from you to the signer".into(),
            Why::NoPath(Some(rejection)) => format!("no path from you: {}", self.rejected(rejection)),
            Why::Path(path) => self.path(path),
        }
    }

    fn path(&self, path: &Path) -> String {
        let mut text = String::from("you");
        for hop in &path.hops {
            let role = match &hop.role {
                Role::Plain => String::new(),
                Role::Anchor(scope) => format!(" ({})", scope.as_deref().unwrap_or("any sender")),
                Role::Pinned => " (pinned)".into(),
                Role::Introducer { depth, scope: None } => format!(" (introducer, depth {depth})"),
                Role::Introducer { depth, scope: Some(scope) } => {
                    format!(" (introducer for {scope}, depth {depth})")
                }
                Role::Depth(depth) => format!(" (depth {depth})"),
            };
            text.push_str(&format!(" → {}{role}", hop.name));
        }
        if let Some((by, age)) = path.not_revoked {
            text.push_str(&format!("; not revoked ({}, {} old)", source(by), ago(age)));
        }
        match &path.trust {
            None => {}
            Some(Amount { amount, more: 0 }) => text.push_str(&format!("; {amount} of {FULL_TRUST}")),
            Some(Amount { amount, more }) => {
                let noun = if *more == 1 { "path" } else { "paths" };
                text.push_str(&format!("; with {more} more {noun}, {amount} of {FULL_TRUST}"));
            }
        }
        text
    }

    fn problem(&self, code: Code) -> &'static str {
        match code {
            Code::NotSigned => "no signature",
            Code::NoSigners => "a signature structure without a single signer",
            Code::PartialCoverage => "the signature does not cover the whole letter",
            Code::UnsignedExtra => "text before or after the signed parts, which mail programs do not show",
            Code::FromMissing => "no From field",
            Code::FromAmbiguous => "more than one From address, so nobody's",
            Code::FromUnreadable => "the From field is not an address",
            Code::SenderDiffers => "the Sender field names someone other than From",
            Code::DateDiffers => {
                "the Date field is more than an hour from the time of signing, or cannot be read"
            }
            Code::FromDiffers => "another From inside than outside, and nobody vouches for it",
            Code::HeaderMismatch => "a header field says something else than its signed copy",
            Code::AmbiguousStructure => "the structure can be read in more than one way",
            Code::MicalgMismatch => "the announced hash (micalg) is not the one used",
            Code::TypeMismatch => "the declared type is not what the content is",
            Code::NotDecrypted => "it could not be decrypted",
            Code::NoDecryptionKey => "encrypted, and not to any of your keys",
            Code::EncryptedPart => {
                "a part that is encrypted by itself; open it by its place, apart from the rest"
            }
            Code::EncryptionWithheld => "encrypted so that changes go unnoticed; not opened, as you asked",
            Code::NotAuthenticated => "encrypted so that changes on the way go unnoticed",
            Code::KeyTooSmall => "encrypted to a key of yours that is too small to be used here",
            Code::OldDecryptionKey => "encrypted to a key of yours that is no longer valid",
            Code::LibrepgpEncryption => {
                "encrypted in GnuPG's own way; ask the sender to switch AEAD off for your key"
            }
            Code::EncryptionRepaired => {
                "a mail server rewrote the encrypted letter; it was put together again"
            }
            Code::SignedCiphertext => "signed around the encryption; the signer need not know what is inside",
            Code::NoRecipientBinding => "nothing under the signature says whom it was written to",
            Code::PolicyNotMet => "your policy requires more of mail from this sender",
            Code::NotForYou => "signed for somebody else, and passed on to you as if it were for you",
            Code::Compressed => "compressed",
            Code::CertificatesOnly => "certificates without a signature",
            Code::InlineSignature => "an inline OpenPGP signature, which covers only the text in it",
            Code::EightBit => "8-bit octets, which mail servers may rewrite",
            Code::DomainFailed => "the domain of From does not stand behind the letter",
            Code::DomainUndecided => "the DNS gave no answer about the sending domain; later it may",
            Code::DkimBodyLength => "the domain signed only the beginning of the body",
            Code::SenderId => "Sender ID, which is historic and means nothing",
            Code::Altered => "the content does not match the signature",
            Code::Malformed => "the signature cannot be read or breaks the rules of its format",
            Code::UnsupportedAlgorithm => "an algorithm that is not known or refused",
            Code::SignerMissing => "the certificate of the signer is missing",
            Code::SignerUnknown => "signer unknown",
            Code::SignerNotFrom => "the signer is not the From address",
            Code::SignerExpired => "a certificate was not valid at the time",
            Code::SignerRevoked => "the certificate is revoked",
            Code::SignerNotForMail => "the certificate is not meant for signing mail",
            Code::SignerAmbiguous => "certificates of different people fit the signature",
            Code::PinMismatch => "the address is pinned to another certificate",
            Code::WeakAlgorithm => "an algorithm too weak to rely on",
            Code::WeakKey => "a key too small to rely on",
            Code::SignedAttributesMissing => {
                "no signed attributes: what kind of content was signed is not said"
            }
            Code::RevocationUnknown => "revocation not checked",
            Code::CertificateProfile => "a certificate is not written as RFC 5280 asks",
            Code::LineEndsRepaired => {
                "line ends were changed on the way; the signature fits their original form"
            }
            Code::TrailingOctets => "octets after the end of the signature",
            Code::AttributesReordered => {
                "signed attributes in an unusual order; the signature fits the usual one"
            }
            Code::SignedInFuture => "the claimed time of signing is in the future",
            Code::SignatureExpired => "the signature has expired",
            Code::FirstLetter => "the first letter from this address",
            Code::AutocryptChanged => "Autocrypt offers another key than the last letter did",
            Code::UsuallySigned => "letters from this address are usually signed, and this one is not",
            Code::LookAlike => "an address that looks like one you know",
            Code::NameOfAnother => "the name of somebody you know, with another address",
            Code::MixedScripts => "letters of several scripts are mixed in the address",
            Code::SameSigner => "the same certificate as in earlier letters; how many",
            Code::KeyRenewed => "another certificate than before, from the same authority or from you",
            Code::KeyChanged => "another certificate than before, and nobody says that it is theirs",
            Code::IssuerChanged => "another authority vouches for this address than before",
            Code::ReadsLess => "they no longer say to read a cipher that notices changes",
        }
    }

    fn outside(&self, part: &Outside) -> String {
        let leaf = Leaf { media_type: part.media_type.clone(), lines: part.lines };
        let looks = match part.looks_like {
            None => "",
            Some(LooksLike::ListFooter) => ", looks like a mailing list's footer",
        };
        format!("part {} is outside the signature: {}{looks}", part.part, kind(&leaf))
    }

    fn not_from(&self, from: &str) -> String {
        if from.is_empty() {
            self.problem(Code::SignerNotFrom).into()
        } else {
            format!("nothing ties the signer to {from}")
        }
    }

    fn detail(&self, detail: &str) -> String {
        detail.to_owned()
    }

    fn with_detail(&self, sentence: &str, detail: &str) -> String {
        format!("{sentence}: \"{detail}\"")
    }

    fn other(&self, address: &str, sentence: &str) -> String {
        let by = if address.is_empty() { String::new() } else { format!(", calling itself {address}") };
        format!("another signature{by}: {sentence}")
    }

    fn nothing(&self) -> &'static str {
        "nothing"
    }

    fn more(&self, count: usize) -> String {
        format!("and {count} more")
    }

    fn join(&self, sentences: &[String]) -> String {
        sentences.join("; ")
    }

    fn next(&self, facts: &Facts<'_>) -> Option<String> {
        Some(match facts.code()? {
            Code::SignerUnknown => {
                let who = facts.mailbox();
                let who = if who.is_empty() { "the signer" } else { who.as_str() };
                let fingerprint = facts.fingerprint()?;
                format!(
                    "compare this fingerprint with {who} by telephone, at a number that is not from this letter:\n\
                     {fingerprint}\nthen, with all of it:\nmailseal trust pin {} FINGERPRINT",
                    facts.typable()
                )
            }
            Code::PinMismatch => {
                let fingerprint = facts.fingerprint()?;
                format!(
                    "ask {} by telephone, at a number that is not from this letter, whether this is a new certificate:\n\
                     {fingerprint}",
                    facts.mailbox()
                )
            }
            Code::SignerMissing => {
                "ask the sender for the certificate, then:\nmailseal verify --cert FILE".into()
            }
            Code::SignerExpired => {
                "ask for a letter signed with a valid certificate; to judge as of the day you received it:\n\
                 mailseal verify --at TIME"
                    .into()
            }
            Code::Altered if facts.verdict.outcome == Outcome::Bad => {
                "was it a server on the way? mailseal doctor MESSAGE\notherwise ask the sender to send it again".into()
            }
            Code::NoDecryptionKey => {
                "with the private key that it is encrypted to in FILE:\nmailseal decrypt --key FILE".into()
            }
            _ => return None,
        })
    }

    fn integrity(&self, integrity: Integrity) -> &'static str {
        match integrity {
            Integrity::Unverified => "not checked",
            Integrity::Intact => "intact",
            Integrity::Weak => "intact as far as a weak algorithm can tell",
            Integrity::Altered => "altered",
            Integrity::Malformed => "broken",
        }
    }

    fn trust(&self, trust: Trust) -> &'static str {
        match trust {
            Trust::Unknown => "signer unknown",
            Trust::Trusted => "signer trusted",
            Trust::Expired => "certificate not valid at the time",
            Trust::Revoked => "certificate revoked",
        }
    }

    fn part(&self, part: &str) -> String {
        format!("part {part}")
    }

    fn bits(&self, bits: usize) -> String {
        plural(bits, "bit")
    }

    fn field(&self, protection: FieldProtection, outer: Option<&str>) -> String {
        let protection = match protection {
            FieldProtection::Unprotected => "unprotected",
            FieldProtection::Signed => "signed",
            FieldProtection::Encrypted => "encrypted",
            FieldProtection::SignedAndEncrypted => "signed, encrypted",
        };
        match outer {
            None => protection.to_owned(),
            Some("") => format!("{protection}; not outside"),
            Some(outer) => format!("{protection}; outside: {outer}"),
        }
    }

    fn claims(&self, time: &str) -> String {
        format!("says it was signed at {time}")
    }

    fn speaks_for(&self, address: &str) -> String {
        format!("for {address}")
    }

    fn validity(&self, validity: &Validity) -> String {
        let from = validity.from.as_deref().map(|date| format!("from {date} ")).unwrap_or_default();
        let until =
            validity.until.as_deref().map(|date| format!("until {date}")).unwrap_or("without end".into());
        let state = match validity.state {
            State::Valid => "valid at the time of looking",
            State::NotYet => "NOT YET VALID at the time of looking",
            State::Expired => "EXPIRED at the time of looking",
        };
        format!("{from}{until}: {state}")
    }

    fn fingerprint(&self, groups: &str) -> String {
        format!("fingerprint {groups}")
    }

    fn source(&self, source: &Source) -> String {
        match source {
            Source::Caller => "given by you".into(),
            Source::Letter => "came with the letter".into(),
            Source::Known => "from the certificates at hand".into(),
            Source::Fetched(url) => format!("fetched from {url}"),
        }
    }

    fn check(&self, check: &Check) -> String {
        match check {
            Check::Signature(algorithm) => format!("signed by the step before ({algorithm})"),
            Check::Validity => "in its time".into(),
            Check::Issuer(None) => "may issue certificates".into(),
            Check::Issuer(Some(0)) => "may issue certificates, but not of authorities".into(),
            Check::Issuer(Some(most)) => {
                let noun = if *most == 1 { "authority" } else { "authorities" };
                format!("may issue certificates, with at most {most} {noun} below it")
            }
            Check::Usage => "may be used for mail".into(),
            Check::NameConstraints => "may give the names below it".into(),
            Check::Policies(policies) => format!("keeps the policies {}", policies.join(", ")),
            Check::Revocation(Revocation::Unknown) => "revocation not checked".into(),
            Check::Revocation(Revocation::None) => "cannot be revoked".into(),
            Check::Revocation(Revocation::NotRevoked { by, at }) => {
                format!("not revoked ({}, as of {at})", self::source(*by))
            }
            Check::Certification { amount, depth, made, only } => {
                let introduces = match depth {
                    0 => String::new(),
                    depth => format!(", may introduce others, depth {depth}"),
                };
                let only = if only.is_empty() { String::new() } else { format!(", only {}", only.join(" ")) };
                format!("certified on {}, {amount} of {FULL_TRUST}{introduces}{only}", made.date())
            }
        }
    }

    fn asserted(&self, assurance: Assurance, generation: Option<Generation>) -> String {
        let rules = match generation {
            None => "",
            Some(Generation::Legacy) => " (legacy rules)",
            Some(Generation::Multipurpose) => " (multipurpose rules)",
            Some(Generation::Strict) => " (strict rules)",
        };
        format!("says it is {}{rules}", validated(assurance))
    }

    fn qualified(&self, qualified: &Qualified) -> String {
        let compliant =
            if qualified.compliant { "a qualified certificate" } else { "not a qualified certificate" };
        let kind = |kind: &QualifiedKind| match kind {
            QualifiedKind::Signature => "electronic signatures",
            QualifiedKind::Seal => "electronic seals",
            QualifiedKind::Website => "web sites",
        };
        let mut said = vec![format!("says it is {compliant} (eIDAS)")];
        if !qualified.kinds.is_empty() {
            said.push(format!("for {}", qualified.kinds.iter().map(kind).collect::<Vec<_>>().join(" and ")));
        }
        said.extend(qualified.device.then(|| "its key in a qualified device".to_owned()));
        if !qualified.countries.is_empty() {
            said.push(format!("under the law of {}", qualified.countries.join(", ")));
        }
        said.join(", ")
    }

    fn rejection(&self, _code: &str) -> Option<&'static str> {
        None
    }
}

impl English {
    fn caution(&self, code: Option<Code>, signed: &str, facts: &Facts<'_>) -> String {
        let sentence = |code: Code| self.problem(code);
        match code {
            Some(Code::SignerUnknown) => "Unaltered, but nobody you trust says who the signer is.".into(),
            Some(Code::PartialCoverage) => format!("{signed}, but not all of it."),
            Some(Code::SignerNotFrom) if !facts.from().is_empty() && !facts.mailbox().is_empty() => {
                format!("Signed by {}, but sent as {}.", facts.mailbox(), facts.from())
            }
            Some(Code::SignerExpired) => format!("{signed}, but with a certificate that was not valid."),
            Some(Code::SignerMissing | Code::UnsupportedAlgorithm) => {
                "Signed, but the signature could not be checked.".into()
            }
            Some(Code::Altered | Code::Malformed | Code::SignerRevoked) => {
                format!("{signed}, but another signature on it is broken.")
            }
            Some(code) => format!("{signed}, but: {}.", sentence(code)),
            None => format!("{signed}, but take care."),
        }
    }

    fn rejected(&self, rejection: &Rejection) -> String {
        if lacks_issuer(&rejection.code) && !rejection.name.is_empty() {
            let anchors = match rejection.anchors {
                0 => "known: you gave no anchors".to_owned(),
                1 => "your one anchor".to_owned(),
                many => format!("among your {many} anchors"),
            };
            return format!("\"{}\" is not {anchors}", rejection.name);
        }
        if let Some(date) = &rejection.until {
            return format!("\"{}\" was valid until {date} only", rejection.name);
        }
        let reason = if rejection.reason.is_empty() { &rejection.code } else { &rejection.reason };
        reason.clone()
    }
}

fn validated(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Mailbox => "mailbox-validated",
        Assurance::Individual => "individual-validated",
        Assurance::Sponsor => "sponsor-validated",
        Assurance::Organization => "organization-validated",
    }
}

fn source(source: RevocationSource) -> &'static str {
    match source {
        RevocationSource::Crl => "CRL",
        RevocationSource::Ocsp => "OCSP",
    }
}

/// `2 h`
fn ago(seconds: u64) -> String {
    match seconds {
        0..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `text, 41 lines`
fn kind(leaf: &Leaf) -> String {
    if leaf.media_type.starts_with("text/") {
        return format!("text, {}", plural(usize::try_from(leaf.lines).unwrap_or(usize::MAX), "line"));
    }
    leaf.media_type.clone()
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
