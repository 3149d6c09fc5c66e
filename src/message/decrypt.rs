//! Handing an encrypted body to the decryptor of its protocol.

use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::error::Error;
use crate::input::Source;
use crate::message::walk::Look;
use crate::mime::{Part, decode};
use crate::protocol::{Again, Decrypted, Decryptor, Held, Inputs, NoCertificates};
use crate::report::{Code, Decryption, Finding, Protocol};

/// What came of an encrypted part.
pub(crate) struct Opened<'a> {
    pub(crate) decrypted: Decrypted,
    /// What was inside, where the check held.
    pub(crate) content: Option<Source<'a>>,
}

/// `room`: octets of content that may be held in memory.
pub(crate) fn open<'a>(
    look: &Look<'_>,
    source: &Source<'a>,
    part: &Part,
    protocol: Protocol,
    room: usize,
) -> Result<Opened<'a>, Error> {
    let Some(decryptor) = decryptor(protocol) else { return Ok(foreign(part, protocol)) };
    let mut kept = Kept::new(room).expecting(part.body.end.saturating_sub(part.body.start));
    let body = || {
        let body = source.clone().into_reader(part.body.clone())?;
        Ok::<Box<dyn Read + Send + 'a>, Error>(Box::new(decode::reader(part.encoding, body)))
    };
    let inputs = Inputs::new(look.cx.crypto(), look.cx.relied_on(), look.cx, look.cx.bounds(), look.at);
    let mut decrypted = decryptor.decrypt(&body, &mut kept, &look.keys, &inputs)?;
    let content = match (decrypted.decryption, decrypted.again.take()) {
        (Decryption::Opened, again) => content(look, source, part, kept, decryptor, again),
        _ => None,
    };
    if content.is_none() && decrypted.decryption == Decryption::Opened {
        return Err(Error::misuse("a decryptor gave nothing to decrypt again with"));
    }
    Ok(Opened { decrypted, content })
}

/// Kept if it is small; decrypted again each time it is read if it is large.
fn content<'a>(
    look: &Look<'_>,
    source: &Source<'a>,
    part: &Part,
    kept: Kept,
    decryptor: &'static dyn Decryptor,
    again: Option<Again>,
) -> Option<Source<'a>> {
    let length = kept.length;
    if let Some(octets) = kept.octets {
        return Some(Source::memory(octets).inside(source));
    }
    let again = Arc::new(again?);
    let (provider, algorithms) = (*look.cx.crypto(), look.cx.relied_on().clone());
    let (limits, at) = (look.cx.bounds().clone(), look.at);
    let (source, range, encoding) = (source.clone(), part.body.clone(), part.encoding);
    Some(Source::derived(length, source.derivations().saturating_add(1), move || {
        let body = decode::reader(encoding, source.clone().into_reader(range.clone())?);
        let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
        decryptor.again(Box::new(body), &again, &inputs)
    }))
}

fn decryptor(protocol: Protocol) -> Option<&'static dyn Decryptor> {
    match protocol {
        #[cfg(feature = "smime")]
        Protocol::Smime => Some(&crate::smime::Decryptor),
        #[cfg(feature = "openpgp")]
        Protocol::Openpgp => Some(&crate::pgpmime::Decryptor),
        #[cfg(not(all(feature = "smime", feature = "openpgp")))]
        _ => None,
    }
}

/// Of a protocol that this build does not have.
fn foreign<'a>(part: &Part, protocol: Protocol) -> Opened<'a> {
    let unsupported = Finding::new(Code::UnsupportedAlgorithm, part.path.clone());
    let findings = vec![unsupported.with_detail(protocol.name())];
    Opened { decrypted: Decrypted { findings, ..Decrypted::default() }, content: None }
}

/// Keeps what is written while it is small; counts it in any case.
pub(crate) struct Kept {
    pub(crate) octets: Option<Vec<u8>>,
    pub(crate) length: u64,
    limit: usize,
}

impl Kept {
    pub(crate) fn new(limit: usize) -> Self {
        Self { octets: Some(Vec::new()), limit, length: 0 }
    }

    /// Makes room at once, at most as much as may be kept: growing would copy all that is there.
    pub(crate) fn expecting(mut self, octets: u64) -> Self {
        let room = usize::try_from(octets).unwrap_or(usize::MAX).min(self.limit);
        self.octets = Some(Vec::with_capacity(room));
        self
    }
}

impl Write for Kept {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.length = self.length.saturating_add(u64::try_from(octets.len()).unwrap_or(0));
        match &mut self.octets {
            Some(kept) if kept.len().saturating_add(octets.len()) <= self.limit => {
                kept.extend_from_slice(octets)
            }
            _ => self.octets = None,
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Held for Kept {
    fn clear(&mut self) {
        self.length = 0;
        self.octets.get_or_insert_default().clear();
    }
}
