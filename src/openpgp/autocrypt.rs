//! Certificates in header fields of mail (Autocrypt Level 1, "The Autocrypt Header").

use super::certificate::Certificate;
use crate::error::Error;
use crate::mime::Address;

/// What a sender says of itself in an `Autocrypt` header field. Nobody vouches for it: a candidate, never trusted by
/// itself (R-A9).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::openpgp::{self, Autocrypt};
/// # let armored = include_str!("../../examples/letters/gpg-carol.asc");
/// # let body = armored.split("\n\n").nth(1).unwrap();
/// # let keydata: String = body.lines().take_while(|line| !line.starts_with(['=', '-'])).collect();
/// # let value = format!("addr=carol@example.net; prefer-encrypt=mutual; keydata={keydata}");
/// let found = Autocrypt::read(&value)?;
/// assert_eq!(found.address, "carol@example.net".parse()?);
/// assert!(found.prefers_encryption);
/// println!("{}", found.certificate.fingerprint());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Autocrypt {
    /// Whose it is said to be.
    pub address: Address,
    /// `prefer-encrypt=mutual`: the sender would have letters to it encrypted.
    pub prefers_encryption: bool,
    /// With which key.
    pub certificate: Certificate,
}

impl Autocrypt {
    /// Reads the value of one header field. An error where it does not hold exactly one certificate and one address, or
    /// an attribute that is not known and has to be.
    ///
    /// ```
    /// use mailseal::openpgp::Autocrypt;
    /// assert!(Autocrypt::read("addr=carol@example.net; secret=1; keydata=AAAA").is_err());
    /// ```
    pub fn read(value: &str) -> Result<Self, Error> {
        let malformed = |why: &str| Error::malformed("an Autocrypt header field", why);
        let (mut address, mut prefers_encryption, mut keydata) = (None, false, None);
        for attribute in value.split(';').map(str::trim).filter(|attribute| !attribute.is_empty()) {
            let (name, value) =
                attribute.split_once('=').ok_or_else(|| malformed("an attribute without value"))?;
            match name.trim() {
                _ if keydata.is_some() => return Err(malformed("the key is not the last in it")),
                "addr" if address.is_none() => address = Some(value.trim().parse::<Address>()?),
                "prefer-encrypt" => prefers_encryption = value.trim() == "mutual",
                "keydata" => keydata = Some(octets(value).ok_or_else(|| malformed("the key is not base64"))?),
                other if other.starts_with('_') => {}
                _ => return Err(malformed("an attribute that has to be understood and is not")),
            }
        }
        let address = address.ok_or_else(|| malformed("it names no address"))?;
        let mut found = Certificate::load(&keydata.ok_or_else(|| malformed("there is no key in it"))?)?;
        match (found.pop(), found.pop()) {
            (Some(certificate), None) => Ok(Self { address, prefers_encryption, certificate }),
            _ => Err(malformed("there is more than one key in it")),
        }
    }
}

/// Base64 with the blanks of folded lines.
fn octets(text: &str) -> Option<Vec<u8>> {
    let plain: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    base64_simd::STANDARD.decode_to_vec(plain).ok()
}
