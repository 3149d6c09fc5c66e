//! Fields of addresses, written anew from what they say (RFC 5322 §3.4).

use crate::mime::write::field::{WIDTH, words};
use crate::mime::{Address, FromHeader, Headers, Mailbox};

/// Fields that hold a list of addresses.
pub(crate) fn is_address_list(name: &str) -> bool {
    const NAMES: [&str; 7] = ["from", "to", "cc", "reply-to", "sender", "followup-to", "mail-followup-to"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The mailboxes of a field, if all of it can be read and nobody is hidden in it. Those of a group without its name.
pub(crate) fn mailboxes(field: &[u8], name: &str) -> Option<Vec<(Option<String>, Address)>> {
    let read = FromHeader::of(&Headers::new(field), name);
    if !read.readable || !read.complete {
        return None;
    }
    let sure = |Mailbox { name, address }: Mailbox| Some((name, address.ok()?));
    read.mailboxes.into_iter().map(sure).collect()
}

/// `Name: phrase <address>, address`, in ASCII and folded. None where an address is not ASCII (RFC 6531), or there is none.
pub(crate) fn composed(name: &str, mailboxes: &[(Option<String>, Address)]) -> Option<Vec<u8>> {
    let mut out = format!("{name}:");
    let mut column = out.len();
    for (number, (phrase, address)) in mailboxes.iter().enumerate() {
        let address = address.to_string();
        if !address.is_ascii() {
            return None;
        }
        let mut pieces = phrase.as_deref().map(display_name).unwrap_or_default();
        pieces.push(if pieces.is_empty() { address } else { format!("<{address}>") });
        if number + 1 < mailboxes.len() {
            pieces.last_mut()?.push(',');
        }
        for piece in pieces {
            if column + 1 + piece.len() > WIDTH && column > name.len() + 1 {
                out.push_str("\r\n");
                column = 0;
            }
            out.push(' ');
            out.push_str(&piece);
            column += 1 + piece.len();
        }
    }
    out.push_str("\r\n");
    (!mailboxes.is_empty()).then(|| out.into_bytes())
}

/// A phrase: atoms as they are, other ASCII in quotes, the rest as encoded words (RFC 2047 §5).
fn display_name(name: &str) -> Vec<String> {
    let atom = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~ ".contains(&octet);
    let printable = |octet: u8| matches!(octet, b' '..=b'~');
    if name.contains("=?") || name.len() > LONG || !name.bytes().all(printable) {
        return words(name);
    }
    if name.bytes().all(atom) && name.trim() == name && !name.contains("  ") {
        return name.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    }
    vec![format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))]
}

/// A quoted string is not folded.
const LONG: usize = 500;
