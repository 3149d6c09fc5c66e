//! Whom a letter is written to.

use crate::error::Error;
use crate::mime::{Address, FromHeader, Headers, PartPath};
use crate::report::{Code, Decryption, Finding, HeaderProtection, Layer, Signature, Trust};

/// Whether what is signed says for whom it was encrypted (R-B17). Else somebody who got the letter could have
/// encrypted it anew, to another.
pub(crate) fn binding(layers: &[Layer], headers: &HeaderProtection, payload: &[u8]) -> Option<Finding> {
    let inside = layers.iter().rposition(is_unsealed).and_then(|last| layers.get(last..)).unwrap_or_default();
    let key = match inside.first() {
        Some(Layer::Encrypted(layer)) => layer.opened_by.as_ref(),
        _ => None,
    };
    let mailboxes = key.into_iter().flat_map(|key| &key.mailboxes);
    let own: Vec<Address> = mailboxes.filter_map(|mailbox| mailbox.parse().ok()).collect();
    let fingerprint = key.and_then(|key| key.fingerprint.as_ref());
    // By each of them: one hand may have signed around another.
    let mut signatures = signatures(inside).peekable();
    if signatures.peek().is_some()
        && signatures.all(|one| fingerprint.is_some_and(|own| one.intended_recipients.contains(own)))
    {
        return None;
    }
    let signed = |name: &str| headers.signed.iter().any(|field| field.eq_ignore_ascii_case(name));
    let inner = Headers::new(payload);
    let named = ["To", "Cc"]
        .into_iter()
        .filter(|name| signed(name))
        .any(|name| addresses(&inner, name).iter().any(|address| own.iter().any(|own| own.matches(address))));
    (!named).then(|| Finding::new(Code::NoRecipientBinding, PartPath::root()))
}

/// A layer of the envelope that was decrypted.
pub(crate) fn is_unsealed(layer: &Layer) -> bool {
    matches!(layer, Layer::Encrypted(layer) if layer.envelope && layer.decryption == Decryption::Opened)
}

/// Those of the envelope that hold.
fn signatures(layers: &[Layer]) -> impl Iterator<Item = &Signature> {
    let envelopes = layers.iter().filter_map(|layer| match layer {
        Layer::Signed(layer) if layer.envelope => Some(&layer.signatures),
        _ => None,
    });
    envelopes.flatten().filter(|signature| signature.integrity.holds())
}

/// Whoever signed only what was encrypted already need not know what it says (R-B18): each who signed outside has to
/// have signed inside as well. A part that was opened by its place counts: who signed around it signed ciphertext.
pub(crate) fn note_signed_ciphertext(layers: &mut [Layer]) {
    let opened =
        |layer: &Layer| matches!(layer, Layer::Encrypted(layer) if layer.decryption == Decryption::Opened);
    let Some(last) = layers.iter().rposition(opened) else { return };
    let (outside, inside) = layers.split_at_mut(last);
    let inner: Vec<&Signature> = signatures(inside).collect();
    for layer in outside {
        let Layer::Signed(layer) = layer else { continue };
        let finding = Finding::new(Code::SignedCiphertext, layer.part.clone());
        if inner.is_empty() {
            layer.findings.extend(layer.envelope.then_some(finding));
            continue;
        }
        for signature in &mut layer.signatures {
            if !inner.iter().any(|one| one_hand(one, signature)) {
                signature.findings.push(finding.clone());
            }
        }
    }
}

/// By the same certificate, or the inner one by somebody whom evidence ties to the same address.
fn one_hand(inner: &Signature, outer: &Signature) -> bool {
    let (Some(one), Some(other)) = (&inner.signer, &outer.signer) else { return false };
    let address = |text: &str| text.parse::<Address>().ok();
    one.certificate.fingerprint == other.certificate.fingerprint
        || inner.trust == Trust::Trusted
            && matches!((address(&one.mailbox), address(&other.mailbox)), (Some(one), Some(other)) if one == other)
}

/// The addresses of a field, those of its groups too.
pub(crate) fn addresses(headers: &Headers<'_>, name: &str) -> Vec<Address> {
    FromHeader::of(headers, name).mailboxes.into_iter().filter_map(|mailbox| mailbox.address.ok()).collect()
}

/// An error where a recipient's address cannot be read: somebody would be dropped silently.
pub(crate) fn readable(headers: &Headers<'_>) -> Result<(), Error> {
    readable_in(headers, &NAMED)
}

pub(crate) fn readable_in(headers: &Headers<'_>, names: &[&str]) -> Result<(), Error> {
    for name in names {
        let field = FromHeader::of(headers, name);
        let unreadable = field.mailboxes.iter().find_map(|mailbox| mailbox.address.as_ref().err());
        if let Some(text) = unreadable {
            return Err(Error::Refused(format!("an address in {name} cannot be read: {text}")));
        }
        if field.fields > 0 && !field.complete {
            return Err(Error::Refused(format!("who is named in {name} cannot be told")));
        }
    }
    Ok(())
}

const NAMED: [&str; 3] = ["To", "Cc", "Bcc"];
/// Of a letter that is sent on as it is (RFC 5322 §3.6.6): `sendmail -t` sends to them.
pub(crate) const RESENT: [&str; 3] = ["Resent-To", "Resent-Cc", "Resent-Bcc"];

/// All recipients of a draft, each once.
pub(crate) fn of(headers: &Headers<'_>) -> Vec<Address> {
    let mut all: Vec<Address> = Vec::new();
    for address in NAMED.into_iter().flat_map(|name| addresses(headers, name)) {
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_dropped_who_may_stand_there() {
        for field in [
            "To: bob@example.com, \"carol@example.net",
            "To: bob@example.com (carol@example.net, dave@example.net",
            "To: carol@example.net: bob@example.com;",
            "Cc: Carol <carol@example.net>: bob@example.com;",
            "Bcc: bob@example.com, carol@example.net dave@example.net",
            "To: <bob@example.com, carol@example.net>",
            "To: bob@example.com; carol",
        ] {
            let head = format!("From: alice@example.org\r\n{field}\r\n\r\n");
            assert!(matches!(readable(&Headers::new(head.as_bytes())), Err(Error::Refused(_))), "{field}");
        }
        for field in [
            "To: bob@example.com,",
            "Bcc:",
            "To: undisclosed-recipients:;",
            "To: \"A: B\": bob@example.com, c@d.example;",
        ] {
            let head = format!("From: alice@example.org\r\n{field}\r\n\r\n");
            assert!(readable(&Headers::new(head.as_bytes())).is_ok(), "{field}");
        }
    }
}
