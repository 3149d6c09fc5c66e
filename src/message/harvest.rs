//! What a letter brings along for writing back (threats A9: candidates and claims, and no more).

use crate::limits::Limits;
use crate::message::recipients;
use crate::message::walk::Walked;
use crate::mime::{Address, FromHeader, Headers, MediaType};
use crate::protocol::Certificate;
use crate::report::{KeyOffer, Told};
use crate::time::UnixTime;

/// What came with a letter.
pub(crate) struct Harvest {
    /// Those in its signatures, and the one in its Autocrypt header field.
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) told: Told,
}

/// Letters of a mail program's name that are kept.
const MAILER: usize = 128;

pub(crate) fn harvest(walked: &Walked<'_>, limits: &Limits, at: UnixTime) -> Harvest {
    let outer = Headers::new(&walked.outer_header);
    let from = FromHeader::read(&outer);
    let offered = from.sole().and_then(|from| autocrypt(&outer, from));
    let mut certificates: Vec<Certificate> = Vec::new();
    let in_layers = walked.layers.iter().flat_map(|layer| &layer.certificates).cloned();
    for certificate in in_layers.chain(offered.as_ref().map(|(_, certificate)| certificate.clone())) {
        if !certificates.contains(&certificate) {
            certificates.push(certificate);
        }
    }
    let sealed = walked.layers.iter().any(|layer| recipients::is_unsealed(&layer.layer));
    let gossip = match &walked.inner_header {
        Some(inner) if sealed => gossip(&Headers::new(&inner.octets), &outer, limits),
        _ => Vec::new(),
    };
    let told = Told {
        sent: Some(outer.date().map_or(at, |date| date.min(at))),
        autocrypt: offered.map(|(offer, _)| offer),
        gossip,
        automatic: is_automatic(&outer),
        mailer: mailer(&outer),
    };
    Harvest { certificates, told }
}

/// Autocrypt Level 1, "Updating Autocrypt Peer State".
fn is_automatic(headers: &Headers<'_>) -> bool {
    let replied = headers.get("Auto-Submitted").is_some_and(|field| {
        let value = field.text().to_ascii_lowercase();
        value.split(';').next().is_some_and(|word| word.trim() == "auto-replied")
    });
    let kind = headers.get("Content-Type").and_then(|field| MediaType::parse(&field.unfolded()));
    replied || kind.is_some_and(|kind| kind.is("multipart", "report"))
}

fn mailer(headers: &Headers<'_>) -> Option<String> {
    let field = headers.get("User-Agent").or_else(|| headers.get("X-Mailer"))?;
    let name: String = field.text().trim().chars().take(MAILER).collect();
    (!name.is_empty()).then_some(name)
}

/// Of the sole From address; where several fields are for it, none counts (Autocrypt Level 1, "Updating Autocrypt Peer
/// State").
#[cfg(feature = "openpgp")]
fn autocrypt(headers: &Headers<'_>, from: &Address) -> Option<(KeyOffer, Certificate)> {
    let mut valid = offers(headers, "Autocrypt").filter(|(offer, _)| offer.address.matches(from));
    let first = valid.next()?;
    valid.next().is_none().then_some(first)
}

/// For recipients of the letter alone, the first for each.
#[cfg(feature = "openpgp")]
fn gossip(inner: &Headers<'_>, outer: &Headers<'_>, limits: &Limits) -> Vec<KeyOffer> {
    let named = ["To", "Cc", "Reply-To"].into_iter();
    let named: Vec<Address> = named.flat_map(|name| recipients::addresses(outer, name)).collect();
    let mut found: Vec<KeyOffer> = Vec::new();
    for (offer, _) in offers(inner, "Autocrypt-Gossip").take(limits.certificates) {
        let wanted = named.iter().any(|address| address.matches(&offer.address));
        if wanted && !found.iter().any(|known| known.address == offer.address) {
            found.push(offer);
        }
    }
    found
}

#[cfg(feature = "openpgp")]
fn offers<'h>(
    headers: &Headers<'h>,
    name: &'static str,
) -> impl Iterator<Item = (KeyOffer, Certificate)> + use<'h> {
    let fields = headers.fields().filter(move |field| field.name.eq_ignore_ascii_case(name));
    fields.filter_map(move |field| {
        // Larger ones are to be invalid for all (Autocrypt Level 1, "The Autocrypt Header").
        if field.value.len().saturating_add(name.len()) >= crate::openpgp::Autocrypt::LARGEST {
            return None;
        }
        let value = String::from_utf8(field.unfolded().into_owned()).ok()?;
        let read = crate::openpgp::Autocrypt::read(&value).ok()?;
        let offer = KeyOffer {
            address: read.address,
            prefers_encryption: read.prefers_encryption,
            fingerprint: read.certificate.fingerprint(),
            key: read.certificate.octets().ok()?,
        };
        Some((offer, Certificate::Openpgp(read.certificate)))
    })
}

#[cfg(not(feature = "openpgp"))]
fn autocrypt(_: &Headers<'_>, _: &Address) -> Option<(KeyOffer, Certificate)> {
    None
}

#[cfg(not(feature = "openpgp"))]
fn gossip(_: &Headers<'_>, _: &Headers<'_>, _: &Limits) -> Vec<KeyOffer> {
    Vec::new()
}

#[cfg(test)]
#[cfg(feature = "openpgp")]
mod tests {
    use crate::message::{Context, Opener};
    use crate::openpgp::Certificate;
    use crate::time::UnixTime;
    use crate::trust::TrustStore;

    /// Of Carol's certificate, as armor has it.
    fn keydata() -> String {
        let armored = include_str!("../../examples/letters/gpg-carol.asc");
        let body = armored.split("\n\n").nth(1).unwrap();
        body.lines()
            .take_while(|line| !line.starts_with(['=', '-']))
            .map(|line| format!("\r\n {line}"))
            .collect()
    }

    fn found(header: &str) -> usize {
        let letter = format!("{header}\r\n\r\nHello\r\n");
        let opener = Opener::new(&Context::new(TrustStore::new()));
        let opened = opener.open(letter.as_bytes(), UnixTime::from_seconds(1_800_000_000)).unwrap();
        opened.certificates().len()
    }

    #[test]
    fn r_a9_a_header_field_counts_for_its_own_from_address_alone() {
        let key = keydata();
        let autocrypt = format!("Autocrypt: addr=carol@example.net; prefer-encrypt=mutual; keydata={key}");
        assert_eq!(found(&format!("From: carol@example.net\r\n{autocrypt}")), 1);
        assert_eq!(found(&format!("From: Carol <Carol@Example.NET>\r\n{autocrypt}")), 0, "another mailbox");
        assert_eq!(found(&format!("From: Carol <carol@Example.NET>\r\n{autocrypt}")), 1);
        assert_eq!(found(&format!("From: mallory@example.net\r\n{autocrypt}")), 0);
        assert_eq!(found(&format!("From: carol@example.net, mallory@example.net\r\n{autocrypt}")), 0);
        assert_eq!(found(&format!("From: carol@example.net\r\n{autocrypt}\r\n{autocrypt}")), 0, "which?");
        let extended = autocrypt.replace("prefer-encrypt", "_note=1; prefer-encrypt");
        assert_eq!(found(&format!("From: carol@example.net\r\n{extended}")), 1);
        for wrong in
            ["prefer-encrypt=mutual", "addr=carol@example.net", "addr=carol@example.net; keydata=!!!!"]
        {
            assert_eq!(found(&format!("From: carol@example.net\r\nAutocrypt: {wrong}")), 0, "{wrong}");
        }
        let critical = autocrypt.replace("prefer-encrypt", "type=2; prefer-encrypt");
        assert_eq!(found(&format!("From: carol@example.net\r\n{critical}")), 0);
        let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc")).unwrap();
        assert_eq!(carol.len(), 1);
    }
}
