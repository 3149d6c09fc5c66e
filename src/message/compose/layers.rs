//! The layers of an outgoing letter, one written into the other.
//!
//! ```text
//! sign             signed(entity)            encrypt          sealed(entity)
//! sign, encrypt    sealed(signed(entity))    triple wrap      signed(sealed(signed(entity)))
//! ```
//!
//! OpenPGP signs and encrypts in one message (RFC 3156 §6.2) where all keys are at hand.

use std::cell::Cell;
use std::io::{self, Write};

use super::Composer;
use crate::error::Error;
use crate::mime::write::{Boundary, Draft, MultipartEncrypted, MultipartSigned, Pkcs7Mime, SignatureKind};
use crate::protocol::{Encryptor, Prepared, SigningRequest};
use crate::report::Protocol;
use crate::time::UnixTime;

/// One letter on its way out.
pub(super) struct Layers<'w, 'd> {
    pub(super) composer: &'w Composer,
    pub(super) draft: &'w Draft<'d>,
    pub(super) at: UnixTime,
    pub(super) signatures: Signatures<'w>,
}

/// Where signatures come from.
pub(super) enum Signatures<'w> {
    /// The keys are here.
    Made,
    /// One was made elsewhere, of what was prepared before.
    Given(Cell<Option<Prepared>>, &'w [u8]),
}

/// Writes what is inside a layer.
type Inside<'i> = &'i mut dyn FnMut(&mut dyn Write) -> Result<(), Error>;

impl Layers<'_, '_> {
    pub(super) fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.draft.unless_cancelled(|| self.layers(out))
    }

    fn layers(&self, out: &mut dyn Write) -> Result<(), Error> {
        let outer: Vec<&[u8]> = self.draft.outer().collect();
        let composer = self.composer;
        let entity: Inside<'_> = &mut |out| self.draft.write_entity(out);
        if composer.group.is_none() {
            return self.signed(&outer, out, entity);
        }
        if !self.signs_apart()? {
            return self.sealed(&outer, out, entity);
        }
        let inside: Inside<'_> = &mut |out| self.signed(&[], out, entity);
        match composer.triple {
            false => self.sealed(&outer, out, inside),
            true => self.signed(&outer, out, &mut |out| self.sealed(&[], out, inside)),
        }
    }

    /// Whether the signature is a layer of its own.
    fn signs_apart(&self) -> Result<bool, Error> {
        let composer = self.composer;
        let none = composer.signing_keys().next().is_none();
        Ok(match composer.protocol()? {
            _ if none => false,
            Protocol::Smime => true,
            Protocol::Openpgp => composer.triple || matches!(self.signatures, Signatures::Given(..)),
        })
    }

    fn signed(&self, outer: &[&[u8]], out: &mut dyn Write, inside: Inside<'_>) -> Result<(), Error> {
        if self.composer.opaque {
            return self.opaque(outer, out, inside);
        }
        let signer = self.composer.signer(self.at)?;
        let kind = match signer.protocol() {
            Protocol::Smime => SignatureKind::Pkcs7,
            Protocol::Openpgp => SignatureKind::Pgp,
        };
        let outer = outer.iter().copied();
        let mut writer = MultipartSigned::begin(out, outer, kind, signer.micalg(), self.boundary()?)?;
        if let Signatures::Given(prepared, signature) = &self.signatures {
            inside(&mut writer)?;
            let prepared = prepared.take().ok_or_else(|| Error::misuse("one signature for two layers"))?;
            writer.finish(&prepared.complete_unchecked(vec![signature.to_vec()])?)?;
            return Ok(());
        }
        let mut signing = signer.begin(self.at)?;
        inside(&mut Tee { first: &mut writer, second: &mut signing })?;
        let prepared = signing.prepare()?;
        let signatures = self.composer.sign_all(prepared.requests())?;
        writer.finish(&prepared.complete_unchecked(signatures)?)?;
        Ok(())
    }

    #[cfg(feature = "smime")]
    fn opaque(&self, outer: &[&[u8]], out: &mut dyn Write, inside: Inside<'_>) -> Result<(), Error> {
        self.composer.protocol()?;
        let signer = self.composer.smime()?;
        let body = Pkcs7Mime::begin(out, outer.iter().copied(), "signed-data")?;
        let mut signing = signer.begin_opaque(self.at, body)?;
        inside(&mut signing)?;
        let (requests, prepared, mut body) = signing.prepare()?;
        let signatures = match &self.signatures {
            Signatures::Made => self.composer.sign_all(&requests)?,
            Signatures::Given(waiting, signature) => given(&requests, waiting, signature)?,
        };
        prepared.complete_streamed(signatures, &mut body)?;
        body.finish()?;
        Ok(())
    }

    #[cfg(not(feature = "smime"))]
    fn opaque(&self, _: &[&[u8]], _: &mut dyn Write, _: Inside<'_>) -> Result<(), Error> {
        self.composer.protocol().map(|_| ())
    }

    fn sealed(&self, outer: &[&[u8]], out: &mut dyn Write, inside: Inside<'_>) -> Result<(), Error> {
        let outer = outer.iter().copied();
        let signers = !self.signs_apart()?;
        match self.composer.protocol()? {
            #[cfg(feature = "smime")]
            Protocol::Smime => {
                let (encryptor, kind) = self.composer.smime_encryptor()?;
                let mut body = Pkcs7Mime::begin(out, outer, kind)?;
                encrypt(&encryptor, &mut body, self.at, inside)?;
                body.finish()?;
            }
            #[cfg(feature = "openpgp")]
            Protocol::Openpgp => {
                let encryptor = self.composer.openpgp_encryptor(signers, self.at)?;
                let mut body = MultipartEncrypted::begin(out, outer, self.boundary()?)?;
                encrypt(&encryptor, &mut body, self.at, inside)?;
                body.finish()?;
            }
            #[cfg(not(all(feature = "smime", feature = "openpgp")))]
            other => return Err(Error::misuse(format!("this build does not have {}", other.name()))),
        }
        Ok(())
    }

    fn boundary(&self) -> Result<Boundary, Error> {
        let mut random = [0; 16];
        self.composer.cx.crypto().random.fill(&mut random)?;
        Ok(Boundary::new(random))
    }
}

fn encrypt(
    encryptor: &dyn Encryptor,
    body: &mut dyn Write,
    at: UnixTime,
    inside: Inside<'_>,
) -> Result<(), Error> {
    let mut encrypting = encryptor.begin(body, at)?;
    inside(&mut encrypting)?;
    encrypting.finish()
}

/// The signature that was made of the same requests.
#[cfg(feature = "smime")]
fn given(
    requests: &[SigningRequest],
    waiting: &Cell<Option<Prepared>>,
    signature: &[u8],
) -> Result<Vec<Vec<u8>>, Error> {
    let waiting = waiting.take().ok_or_else(|| Error::misuse("one signature for two layers"))?;
    let same = requests.iter().zip(waiting.requests()).all(|(one, other)| one.same_input(other));
    if same { Ok(vec![signature.to_vec()]) } else { Err(Error::InputChanged) }
}

struct Tee<'t> {
    first: &'t mut dyn Write,
    second: &'t mut dyn Write,
}

impl Write for Tee<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.first.write_all(octets)?;
        self.second.write_all(octets)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.first.flush()
    }
}
