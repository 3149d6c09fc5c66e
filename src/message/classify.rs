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
    /// `multipart/encrypted` (RFC 1847 §2.2).
    Encrypted(Protocol),
    /// A text part, which may hold inline OpenPGP.
    Text,
    /// Any other part.
    Other,
}

pub(crate) fn kind(structure: &Structure, part: &Part) -> Kind {
    let media = &part.media_type;
    match (media.main.as_str(), media.sub.as_str()) {
        ("multipart", "signed") => detached(structure, part),
        ("multipart", "encrypted") => Kind::Encrypted(Protocol::Openpgp),
        ("application", "pkcs7-mime" | "x-pkcs7-mime") => Kind::Cms,
        ("application", "octet-stream" | "x-pkcs7-signature" | "pkcs7-signature") if named_cms(part) => {
            Kind::Cms
        }
        ("text", _) => Kind::Text,
        _ => Kind::Other,
    }
}

fn detached(structure: &Structure, part: &Part) -> Kind {
    let children: Vec<&Part> = part.children.iter().filter_map(|index| structure.parts.get(*index)).collect();
    let (Some(content), Some(signature)) = (children.first(), children.get(1)) else {
        return Kind::Other;
    };
    let said = part.media_type.parameter("protocol").map(str::to_ascii_lowercase);
    let found = protocol_of(&signature.media_type);
    let Some(protocol) = found.or_else(|| said.as_deref().and_then(protocol_named)) else {
        return Kind::Other;
    };
    let agrees = found.is_some() && said.as_deref().and_then(protocol_named) == found;
    let delimited = !structure.parts.iter().any(|part| part.has(Defect::AmbiguousBoundary));
    let whole =
        children.len() == 2 && delimited && readable(part) && readable(content) && readable(signature);
    let plain = matches!(
        part.encoding,
        TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary
    );
    Kind::Detached { protocol, clear: agrees && whole && plain }
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
    let name = part.media_type.parameter("name").map(str::to_ascii_lowercase).or_else(|| part.file_name());
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
