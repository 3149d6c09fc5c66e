//! Certificates that a letter brings along (threats A9: candidates, and no more).

use crate::message::walk::Walked;
#[cfg(feature = "openpgp")]
use crate::mime::{FromHeader, Headers};
use crate::protocol::Certificate;

/// Those in its signatures, and the one in its Autocrypt header field.
pub(crate) fn certificates(walked: &Walked<'_>) -> Vec<Certificate> {
    let mut found: Vec<Certificate> = Vec::new();
    let in_layers = walked.layers.iter().flat_map(|layer| &layer.certificates).cloned();
    for certificate in in_layers.chain(autocrypt(&walked.outer_header)) {
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    found
}

/// Of the sole From address; where several fields are for it, none counts (Autocrypt Level 1, "Deriving a Parsed
/// Autocrypt Header from a Message").
#[cfg(feature = "openpgp")]
fn autocrypt(header: &[u8]) -> Option<Certificate> {
    let headers = Headers::new(header);
    let mut fields = headers.fields().filter(|field| field.name.eq_ignore_ascii_case("Autocrypt")).peekable();
    fields.peek()?;
    let from = FromHeader::read(&headers);
    let address = from.sole()?;
    let read = fields.filter_map(|field| {
        let value = String::from_utf8(field.unfolded().into_owned()).ok()?;
        crate::openpgp::Autocrypt::read(&value).ok()
    });
    let mut read = read.filter(|found| found.address.matches(address));
    let first = read.next()?;
    read.next().is_none().then_some(Certificate::Openpgp(first.certificate))
}

#[cfg(not(feature = "openpgp"))]
fn autocrypt(_: &[u8]) -> Option<Certificate> {
    None
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
