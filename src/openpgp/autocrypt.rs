//! Certificates in header fields of mail (Autocrypt Level 1, "The Autocrypt Header").

use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::packet::Packet;

use super::certificate::{Certificate, addr_spec};
use super::names::system_time;
use super::standing;
use crate::error::Error;
use crate::mime::Address;
use crate::time::UnixTime;

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
    /// Octets of a header field, with its name and folds, from which it is invalid for everybody.
    pub(crate) const LARGEST: usize = 10 << 10;

    /// The header field `Autocrypt` for the sender of a letter, folded, with its line end. Of the certificate it holds
    /// what is needed to write to the address at that time: the primary key, one user ID, one subkey, and what binds
    /// them. An error where there is no such subkey, or the field would be larger than anybody reads.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "openpgp-rust")] {
    /// use mailseal::openpgp::{Autocrypt, Certificate, CipherSuite, generate};
    /// let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let secret = generate("Alice <alice@example.org>", at, CipherSuite::Ed25519)?;
    /// let alice = Certificate::load(secret.expose())?.remove(0);
    /// let field = Autocrypt::field(&alice, &"alice@example.org".parse()?, true, at)?;
    /// assert!(field.starts_with("Autocrypt: addr=alice@example.org; prefer-encrypt=mutual; keydata=\r\n "));
    /// let read = Autocrypt::read(field.strip_prefix("Autocrypt:").unwrap())?;
    /// assert_eq!(read.certificate.fingerprint(), alice.fingerprint());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn field(
        certificate: &Certificate,
        address: &Address,
        prefers_encryption: bool,
        at: UnixTime,
    ) -> Result<String, Error> {
        let preference = if prefers_encryption { "prefer-encrypt=mutual; " } else { "" };
        Self::write("Autocrypt", certificate, address, preference, at)
    }

    /// The header field `Autocrypt-Gossip` for a recipient, to stand inside an encrypted letter.
    pub(crate) fn gossip(
        certificate: &Certificate,
        address: &Address,
        at: UnixTime,
    ) -> Result<String, Error> {
        Self::write("Autocrypt-Gossip", certificate, address, "", at)
    }

    fn write(
        name: &str,
        certificate: &Certificate,
        address: &Address,
        preference: &str,
        at: UnixTime,
    ) -> Result<String, Error> {
        let refused =
            |why: &str| Error::Refused(format!("no {name} field for {}: {why}", certificate.fingerprint()));
        if !address.to_string().is_ascii() {
            return Err(refused("its address is not ASCII"));
        }
        let smallest = smallest(certificate, address, at).ok_or_else(|| refused("no key to write to"))?;
        let keydata = base64_simd::STANDARD.encode_to_string(smallest.octets()?);
        let mut field = format!("{name}: addr={address}; {preference}keydata=");
        for (index, digit) in keydata.chars().enumerate() {
            if index % LINE == 0 {
                field.push_str("\r\n ");
            }
            field.push(digit);
        }
        field.push_str("\r\n");
        if field.len() > Self::LARGEST {
            return Err(refused("it would be too large"));
        }
        Ok(field)
    }

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

/// Digits of a line of base64 (RFC 2045 §6.8).
const LINE: usize = 76;

/// What is needed to write to the address (Autocrypt Level 1, "OpenPGP Based key data"), and of a key of version 6 the
/// signature that says what it is for.
fn smallest(certificate: &Certificate, address: &Address, at: UnixTime) -> Option<Certificate> {
    let policy = standing::policy(at, false);
    let valid = certificate.cert().with_policy(&policy, system_time(at)).ok()?;
    let chosen = certificate.encryption_keys(at).ok()?.first()?.fingerprint();
    let named = |id: &&[u8]| {
        let text = String::from_utf8_lossy(id);
        addr_spec(&text).and_then(|own| own.parse::<Address>().ok()).is_some_and(|own| own.matches(address))
    };
    let mut packets = vec![Packet::from(valid.primary_key().key().clone())];
    if valid.primary_key().key().version() > 4 {
        packets.extend(valid.direct_key_signature().ok().cloned().map(Packet::from));
    }
    let user_id =
        valid.userids().find(|one| named(&one.userid().value())).or_else(|| valid.primary_userid().ok())?;
    packets.push(Packet::from(user_id.userid().clone()));
    packets.push(Packet::from(user_id.binding_signature().clone()));
    if let Some(subkey) = valid.keys().subkeys().find(|one| one.key().fingerprint().to_hex() == chosen) {
        packets.push(Packet::from(subkey.key().clone()));
        packets.push(Packet::from(subkey.binding_signature().clone()));
    }
    Cert::from_packets(packets.into_iter()).ok().map(Certificate::new)
}

/// Base64 with the blanks of folded lines.
fn octets(text: &str) -> Option<Vec<u8>> {
    let plain: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    base64_simd::STANDARD.decode_to_vec(plain).ok()
}
