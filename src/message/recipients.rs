//! Whom a letter is written to.

use crate::error::Error;
use crate::mime::{Address, FromHeader, Headers, PartPath};
use crate::report::{Code, Decryption, Finding, HeaderProtection, Layer, Signature};

/// Whether what is signed says for whom it was encrypted (R-B17). Else somebody who got the letter could have
/// encrypted it anew, to another.
pub(crate) fn binding(layers: &[Layer], headers: &HeaderProtection, payload: &[u8]) -> Option<Finding> {
    let mut mailboxes = layers.iter().filter_map(|layer| match layer {
        Layer::Encrypted(layer) if layer.envelope && layer.decryption == Decryption::Opened => {
            layer.opened_by.as_ref()
        }
        _ => None,
    });
    let own: Vec<Address> = mailboxes
        .next_back()
        .into_iter()
        .flat_map(|key| &key.mailboxes)
        .filter_map(|mailbox| mailbox.parse().ok())
        .collect();
    let intended = |signature: &Signature| !signature.intended_recipients.is_empty();
    if layers
        .iter()
        .any(|layer| matches!(layer, Layer::Signed(layer) if layer.signatures.iter().any(intended)))
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

/// The addresses of a field, those of its groups too.
pub(crate) fn addresses(headers: &Headers<'_>, name: &str) -> Vec<Address> {
    FromHeader::of(headers, name).mailboxes.into_iter().filter_map(|mailbox| mailbox.address.ok()).collect()
}

/// An error where a recipient's address cannot be read: somebody would be dropped silently.
pub(crate) fn readable(headers: &Headers<'_>) -> Result<(), Error> {
    for name in ["To", "Cc", "Bcc"] {
        let field = FromHeader::of(headers, name);
        let unreadable = field.mailboxes.iter().find_map(|mailbox| mailbox.address.as_ref().err());
        if let Some(text) = unreadable {
            return Err(Error::Refused(format!("an address in {name} cannot be read: {text}")));
        }
    }
    Ok(())
}

/// All recipients of a draft, each once.
pub(crate) fn of(headers: &Headers<'_>) -> Vec<Address> {
    let mut all: Vec<Address> = Vec::new();
    for address in ["To", "Cc", "Bcc"].into_iter().flat_map(|name| addresses(headers, name)) {
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}
