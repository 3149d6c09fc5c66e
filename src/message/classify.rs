//! What a part is, by its head: the one place where a protocol is picked.

use crate::mime::{Defect, MediaType, Part, Structure, TransferEncoding};
use crate::report::Protocol;

/// What a part asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `multipart/signed` (RFC 1847 §2.1). `clear`: exactly two parts, of the types that it says, readable in one way.
    Detached { protocol: Protocol, clear: bool },
    /// A CMS structure; what is in it, its own content type says.
    Cms,
    /// `multipart/encrypted` (RFC 1847 §2.2, RFC 3156 §4), or what a mail server made of one.
    Encrypted(Encrypted),
    /// A text part, which may hold inline OpenPGP.
    Text,
    /// Any other part.
    Other,
}

/// An OpenPGP message as parts of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encrypted {
    /// The part with the message, where there is one.
    pub(crate) body: Option<usize>,
    /// Exactly the two parts that it should have, readable in one way.
    pub(crate) clear: bool,
    /// A mail server rewrote it.
    pub(crate) repaired: bool,
}

pub(crate) fn kind(structure: &Structure, part: &Part) -> Kind {
    let media = &part.media_type;
    match (media.main.as_str(), media.sub.as_str()) {
        ("multipart", "signed") => detached(structure, part),
        ("multipart", "encrypted") => Kind::Encrypted(encrypted(structure, part)),
        ("multipart", "mixed") => repaired(structure, part).map_or(Kind::Other, Kind::Encrypted),
        ("application", "pkcs7-mime" | "x-pkcs7-mime") => Kind::Cms,
        ("application", "octet-stream" | "x-pkcs7-signature" | "pkcs7-signature") if named_cms(part) => {
            Kind::Cms
        }
        ("text", _) => Kind::Text,
        _ => Kind::Other,
    }
}

fn detached(structure: &Structure, part: &Part) -> Kind {
    let children = children(structure, part);
    let (Some(content), Some(signature)) = (children.first(), children.get(1)) else {
        return Kind::Other;
    };
    let said = part.media_type.parameter("protocol").map(str::to_ascii_lowercase);
    let found = protocol_of(&signature.media_type);
    let Some(protocol) = found.or_else(|| said.as_deref().and_then(protocol_named)) else {
        return Kind::Other;
    };
    let agrees = found.is_some() && said.as_deref().and_then(protocol_named) == found;
    let whole = children.len() == 2
        && delimited(structure)
        && readable(part)
        && readable(content)
        && readable(signature);
    let plain = matches!(
        part.encoding,
        TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary
    );
    Kind::Detached { protocol, clear: agrees && whole && plain }
}

fn encrypted(structure: &Structure, part: &Part) -> Encrypted {
    let children = children(structure, part);
    let body = part.children.get(1).copied();
    let said = part.media_type.parameter("protocol");
    let clear = match children.as_slice() {
        [control, message] => {
            control.media_type.is("application", "pgp-encrypted")
                && message.media_type.is("application", "octet-stream")
                && said.is_some_and(|said| said.eq_ignore_ascii_case("application/pgp-encrypted"))
                && [part, *control, *message].into_iter().all(readable)
                && delimited(structure)
        }
        _ => false,
    };
    Encrypted { body, clear, repaired: false }
}

/// What Exchange and the Gmail API make of a multipart/encrypted: multipart/mixed, with an empty text in front, which
/// the caller has to look at.
fn repaired(structure: &Structure, part: &Part) -> Option<Encrypted> {
    let children = children(structure, part);
    let [text, control, message] = children.as_slice() else { return None };
    let fits = text.media_type.is("text", "plain")
        && control.media_type.is("application", "pgp-encrypted")
        && message.media_type.is("application", "octet-stream")
        && children.iter().copied().all(readable);
    let clear = readable(part) && delimited(structure);
    let body = part.children.get(2).copied();
    fits.then_some(Encrypted { body, clear, repaired: true })
}

fn children<'s>(structure: &'s Structure, part: &Part) -> Vec<&'s Part> {
    part.children.iter().filter_map(|index| structure.parts.get(*index)).collect()
}

/// Every reader finds the same parts.
fn delimited(structure: &Structure) -> bool {
    !structure.parts.iter().any(|part| part.has(Defect::AmbiguousBoundary))
}

/// True if the part can be read in one way only (R-E3).
pub(crate) fn readable(part: &Part) -> bool {
    !part.defects.iter().any(|defect| {
        matches!(
            defect,
            Defect::DuplicateField
                | Defect::UnreadableContentType
                | Defect::ControlCharacter
                // Other programs take such a line for the first of the body.
                | Defect::UnreadableField
                | Defect::EncodedComposite
        )
    })
}

/// Old clients send S/MIME as anything that carries the right file name (RFC 8551 §3.9).
fn named_cms(part: &Part) -> bool {
    let name = part.media_type.parameter("name").map(str::to_owned);
    let name = name.or_else(|| part.disposition_file_name()).map(|name| name.to_ascii_lowercase());
    name.is_some_and(|name| [".p7m", ".p7s", ".p7c"].iter().any(|end| name.ends_with(end)))
}

fn protocol_of(media: &MediaType) -> Option<Protocol> {
    protocol_named(&media.to_string())
}

fn protocol_named(name: &str) -> Option<Protocol> {
    match name.trim() {
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => Some(Protocol::Smime),
        "application/pgp-signature" => Some(Protocol::Openpgp),
        _ => None,
    }
}
