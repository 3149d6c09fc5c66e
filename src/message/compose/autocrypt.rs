//! Autocrypt header fields of an outgoing letter (Autocrypt Level 1, "Header injection in outbound mail", "Key Gossip").

use super::Composer;
use crate::error::Error;
use crate::message::recipients;
use crate::mime::{Address, Headers};
#[cfg(feature = "openpgp")]
use crate::protocol::{Certificate, Key};
use crate::time::UnixTime;

impl Composer {
    /// Adds an `Autocrypt` header field for From: the OpenPGP certificate of a key of the composer that names it, also
    /// where another key signs. `prefers_encryption` says that one would have letters encrypted. A letter that is encrypted
    /// with OpenPGP to several people of To and Cc carries their certificates inside (`Autocrypt-Gossip`), so that each
    /// can answer to all. A draft that has such a field keeps its own.
    ///
    /// Whoever reads it holds no more than a candidate.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "openpgp-rust")] {
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use mailseal::openpgp::{CipherSuite, generate};
    /// use mailseal::{Composer, Context, Key, Password, TrustStore};
    /// let secret = generate("Alice <alice@example.org>", at, CipherSuite::Ed25519)?;
    /// let key = Key::load(secret.expose(), Password::none())?;
    /// let composer = Composer::new(&Context::new(TrustStore::new())).sign(&key).autocrypt(true);
    /// let mut mail = Vec::new();
    /// composer.compose(b"From: alice@example.org\r\nTo: bob@example.org\r\n\r\nHello\r\n", at, &mut mail)?;
    /// assert!(String::from_utf8(mail)?.contains("\r\nAutocrypt: addr=alice@example.org; prefer-encrypt=mutual; keydata="));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn autocrypt(mut self, prefers_encryption: bool) -> Self {
        self.autocrypt = Some(prefers_encryption);
        self
    }

    /// Header fields that are added outside, and those that are added inside what is encrypted.
    pub(super) fn offers(
        &self,
        headers: &Headers<'_>,
        from: &Address,
        at: UnixTime,
    ) -> Result<(String, String), Error> {
        let Some(prefers_encryption) = self.autocrypt else { return Ok(Default::default()) };
        let own = match headers.count("Autocrypt") {
            0 => self.own_offer(from, prefers_encryption, at)?,
            _ => String::new(),
        };
        Ok((own, self.gossip(headers, at)))
    }

    #[cfg(feature = "openpgp")]
    fn own_offer(&self, from: &Address, prefers_encryption: bool, at: UnixTime) -> Result<String, Error> {
        let certificates = self.keys.iter().filter(|key| key.names(from, at)).map(Key::certificate);
        let certificate = certificates.into_iter().find(|one| one.as_openpgp().is_some());
        match certificate.as_ref().and_then(Certificate::as_openpgp) {
            Some(certificate) => crate::openpgp::Autocrypt::field(certificate, from, prefers_encryption, at),
            None => Err(Error::Refused(format!("no Autocrypt field: there is no OpenPGP key of {from}"))),
        }
    }

    /// One that cannot be written is left out: it is a courtesy.
    #[cfg(feature = "openpgp")]
    fn gossip(&self, headers: &Headers<'_>, at: UnixTime) -> String {
        let Some(group) = &self.group else { return String::new() };
        let named = ["To", "Cc"].into_iter().flat_map(|name| recipients::addresses(headers, name));
        let named: Vec<Address> = named.collect();
        let mut fields: Vec<String> = Vec::new();
        for certificate in group.openpgp_certificates() {
            let own = Certificate::Openpgp(certificate.clone()).addresses(at);
            let whose = named.iter().find(|address| own.iter().any(|own| own.matches(address)));
            let field = whose.and_then(|who| crate::openpgp::Autocrypt::gossip(&certificate, who, at).ok());
            fields.extend(field);
        }
        if fields.len() > 1 { fields.concat() } else { String::new() }
    }

    #[cfg(not(feature = "openpgp"))]
    fn own_offer(&self, from: &Address, _: bool, _: UnixTime) -> Result<String, Error> {
        Err(Error::Refused(format!("no Autocrypt field: there is no OpenPGP key of {from}")))
    }

    #[cfg(not(feature = "openpgp"))]
    fn gossip(&self, _: &Headers<'_>, _: UnixTime) -> String {
        String::new()
    }
}
