//! Opening what is encrypted (RFC 8551 §3.3, §3.4).

mod scan;

use std::io::{self, BufRead, BufReader, Read};

use crate::cms::Oid;
use crate::cms::enveloped::{
    Candidate, EnvelopedReader, PasswordInfo, RecipientInfo, Rest, Tried, cipher_key, sized,
};
use crate::crypto::algorithm::{AlgorithmError, Container, ContentAlgorithm, content_cipher};
use crate::crypto::{ContentDecryption, ContentKey, PasswordRequest, PasswordSource, Undecryptable};
use crate::error::Error;
use crate::mime::PartPath;
use crate::protocol::{self, Again, Body, Decrypted, Held, Inputs, Keys};
use crate::report::{Code, Decryption, Finding, OpenedBy};
use scan::Scan;

/// Octets read at once.
const PIECE: usize = 32 << 10;

/// Opens EnvelopedData and AuthEnvelopedData.
///
/// Every entry that names one of the keys is tried, within [`Limits::trial_decryptions`](crate::Limits); passwords are
/// asked for only where no key opens it. Once a key was tried, every failure looks the same (R-A10, R-A12). CBC is
/// opened if [`Algorithms`](crate::policy::Algorithms) allow it, and marked.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # use std::io::Write;
/// # use mailseal::crypto::ContentCipher;
/// # use mailseal::protocol::Encryptor as _;
/// # use mailseal::smime::{EncryptionOptions, Encryptor, Recipient};
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # let provider = mailseal::crypto::Provider::default();
/// # let options = EncryptionOptions::new(ContentCipher::Aes256Gcm);
/// # let encryptor = Encryptor::new(&[Recipient::password("secret")], &options, &provider)?;
/// # let mut message = Vec::new();
/// # let mut encrypting = encryptor.begin(&mut message, at)?;
/// # encrypting.write_all(b"Hello\r\n")?;
/// # encrypting.finish()?;
/// use mailseal::policy::Algorithms;
/// use mailseal::protocol::{Decryptor, Inputs, Keys, NoCertificates};
/// use mailseal::report::Decryption;
/// use mailseal::{Limits, Password, smime};
/// let (algorithms, limits) = (Algorithms::standard(), Limits::default());
/// let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// let password = Password::from("secret");
/// // What is written before the result is known may not be used.
/// let mut held = Vec::new();
/// let body = || Ok(Box::new(message.as_slice()) as Box<dyn std::io::Read + Send + '_>);
/// let seen = smime::Decryptor.decrypt(&body, &mut held, &Keys::new(&[], Some(&password)), &inputs)?;
/// assert_eq!((seen.decryption, seen.authenticated), (Decryption::Opened, true));
/// assert_eq!(held, b"Hello\r\n");
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Decryptor;

impl protocol::Decryptor for Decryptor {
    fn decrypt(
        &self,
        body: &Body<'_>,
        out: &mut dyn Held,
        keys: &Keys<'_>,
        inputs: &Inputs<'_>,
    ) -> Result<Decrypted, Error> {
        let seen = Attempt { body, out, keys, inputs, tally: Tally::default() }.run();
        if !seen.as_ref().is_ok_and(|seen| seen.decryption == Decryption::Opened) {
            out.clear();
        }
        seen
    }

    fn again<'b>(
        &self,
        body: Box<dyn Read + Send + 'b>,
        again: &Again,
        inputs: &Inputs<'_>,
    ) -> Result<Box<dyn Read + Send + 'b>, Error> {
        let reader = EnvelopedReader::new(BufReader::with_capacity(PIECE, body), inputs.limits, |_| {})?;
        let content =
            read_algorithm(reader.algorithm(), reader.authenticated()).map_err(|_| Error::InputChanged)?;
        let length = content.cipher.key_length();
        let (key, associated) = again.key.expose().split_at_checked(length).ok_or(Error::InputChanged)?;
        let key = sized(key, content.cipher).ok_or(Error::InputChanged)?;
        let decryption = inputs.provider.decrypt(content.cipher, &key, &content.nonce, associated);
        let decryption = decryption.and_then(Result::ok).ok_or(Error::InputChanged)?;
        Ok(Box::new(OnceMore { left: Some((reader, decryption)), plain: Vec::new(), at: 0 }))
    }
}

/// Each container takes its own ciphers (R-A4).
fn read_algorithm(der: &[u8], authenticated: bool) -> Result<ContentAlgorithm, AlgorithmError> {
    content_cipher(der, if authenticated { Container::Authenticated } else { Container::Plain })
}

/// What is decrypted.
struct Encrypted {
    content: ContentAlgorithm,
    /// What is authenticated beside it.
    associated: Vec<u8>,
}

/// The envelope, read once.
struct Envelope {
    encrypted: Result<Encrypted, AlgorithmError>,
    /// The content says that it is something else than data.
    foreign: Option<String>,
    trailing: bool,
    /// What the keys gave; none of it depends on the content.
    candidates: Vec<Opened>,
    /// The first of them decrypted the content; true if the check holds.
    first: Option<bool>,
}

/// A key that an entry may have held, and whose entry it is.
type Found = (Candidate, OpenedBy);

/// A key of the content, and whose entry it came from.
type Opened = (ContentKey, OpenedBy);

type Reader<'b> = EnvelopedReader<BufReader<Box<dyn Read + Send + 'b>>>;

struct Attempt<'a, 'b, 'i> {
    body: &'a Body<'b>,
    out: &'a mut dyn Held,
    keys: &'a Keys<'a>,
    inputs: &'a Inputs<'i>,
    tally: Tally,
}

impl<'b> Attempt<'_, 'b, '_> {
    fn run(mut self) -> Result<Decrypted, Error> {
        let mut scan = Scan::new(self.keys, self.inputs);
        let reader = self.reader(|entry| scan.take(entry));
        let envelope = match reader.and_then(|reader| self.read(reader, &scan)) {
            Ok(envelope) => envelope,
            // That it cannot be read has nothing to do with any key.
            Err(Error::Malformed { why, .. }) => return Ok(unread(Code::NotDecrypted, why)),
            Err(error) => return Err(error),
        };
        let mut seen = Decrypted { recipients: std::mem::take(&mut scan.recipients), ..Decrypted::default() };
        if envelope.trailing {
            seen.findings.push(finding(Code::TrailingOctets));
        }
        if let Some(kind) = envelope.foreign {
            // RFC 8551 §2.4: mail is id-data.
            seen.findings.push(finding(Code::TypeMismatch).with_detail(kind));
        }
        match envelope.encrypted {
            Ok(encrypted) => {
                self.open(&encrypted, envelope.candidates, envelope.first, &scan, &mut seen)?;
            }
            Err(refused) => seen.findings.push(refusal(refused)),
        }
        Ok(seen)
    }

    fn reader(&self, each: impl FnMut(RecipientInfo)) -> Result<Reader<'b>, Error> {
        let body = BufReader::with_capacity(PIECE, (self.body)()?);
        EnvelopedReader::new(body, self.inputs.limits, each)
    }

    /// Reads all of it, and on the way decrypts the content with the first key that may fit, as if nothing were
    /// authenticated beside it. That would stand after it: then this was in vain.
    fn read(&mut self, reader: Reader<'b>, scan: &Scan<'_>) -> Result<Envelope, Error> {
        let algorithm = read_algorithm(reader.algorithm(), reader.authenticated());
        let mut encrypted = algorithm.map(|content| Encrypted { content, associated: Vec::new() });
        let kind = reader.content_type();
        let foreign = (*kind != Oid::DATA).then(|| kind.to_string());
        let (mut candidates, mut decryption) = (Vec::new(), None);
        if let Ok(encrypted) = &encrypted
            && self.may_open(&encrypted.content)
        {
            candidates = self.by_keys(&encrypted.content, scan)?;
            let first = candidates.first().and_then(|(key, _)| self.decryption(encrypted, key));
            decryption = first.and_then(Result::ok);
        }
        let begun = decryption.is_some();
        let (rest, holds) = content(reader, decryption, self.out)?;
        let first = (begun && rest.authenticated_attributes.is_empty()).then_some(holds);
        if let Ok(encrypted) = &mut encrypted {
            encrypted.associated = rest.authenticated_attributes;
        }
        Ok(Envelope { encrypted, foreign, trailing: rest.trailing, candidates, first })
    }

    fn may_open(&self, content: &ContentAlgorithm) -> bool {
        content.cipher.is_authenticated() || self.inputs.algorithms.allows_unauthenticated()
    }

    fn open(
        &mut self,
        encrypted: &Encrypted,
        candidates: Vec<Opened>,
        first: Option<bool>,
        scan: &Scan<'_>,
        seen: &mut Decrypted,
    ) -> Result<(), Error> {
        let cipher = encrypted.content.cipher;
        seen.cipher = Some(cipher.to_string());
        seen.authenticated = cipher.is_authenticated();
        if cipher.is_weak() {
            seen.findings.push(finding(Code::WeakAlgorithm).with_detail(cipher.to_string()));
        }
        if scan.too_small {
            seen.findings.push(finding(Code::KeyTooSmall));
        }
        let passwords = self.keys.passwords.filter(|_| !scan.passwords.is_empty());
        if scan.fits.is_empty() && passwords.is_none() {
            seen.decryption = Decryption::NoKey;
            if !scan.too_small {
                seen.findings.push(finding(Code::NoDecryptionKey));
            }
            return Ok(());
        }
        if !self.may_open(&encrypted.content) {
            seen.decryption = Decryption::Withheld;
            seen.findings.push(finding(Code::EncryptionWithheld));
            return Ok(());
        }
        let mut candidates = candidates.into_iter();
        let mut opened = first.and_then(|holds| candidates.next().filter(|_| holds));
        if opened.is_none() {
            opened = self.by_candidates(encrypted, candidates)?;
        }
        if let (None, Some(source)) = (&opened, passwords) {
            opened = self.by_passwords(encrypted, source, &scan.passwords)?;
        }
        conclude(opened, &encrypted.associated, std::mem::take(&mut self.tally), seen);
        Ok(())
    }

    fn by_keys(&mut self, content: &ContentAlgorithm, scan: &Scan<'_>) -> Result<Vec<Opened>, Error> {
        let mut found = Vec::new();
        for fit in &scan.fits {
            let tried = fit.open(content, self.inputs.provider)?;
            self.tally.count(tried, || fit.opened_by(self.inputs.at), &mut found);
        }
        Ok(candidates(content, found))
    }

    fn by_passwords(
        &mut self,
        encrypted: &Encrypted,
        source: &dyn PasswordSource,
        entries: &[PasswordInfo],
    ) -> Result<Option<Opened>, Error> {
        // Threats D6: before any work, and before anyone is asked.
        let limit = u64::from(self.inputs.limits.kdf_iterations);
        let cost: u64 = entries.iter().filter_map(PasswordInfo::iterations).map(u64::from).sum();
        if cost > limit {
            return Err(Error::Limit { name: "kdf_iterations", limit });
        }
        let trials = u32::try_from(self.inputs.limits.password_trials).unwrap_or(u32::MAX);
        for attempt in 0..trials {
            let request = PasswordRequest::new("the encrypted letter", attempt);
            let Some(password) = source.password(&request) else { break };
            let mut found = Vec::new();
            for entry in entries {
                let tried = entry.open(&password, &encrypted.content, self.inputs.provider);
                self.tally.count(tried, OpenedBy::default, &mut found);
            }
            let candidates = candidates(&encrypted.content, found);
            if let Some(opened) = self.by_candidates(encrypted, candidates)? {
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }

    /// The first candidate whose check holds; nothing is left of what others made of the content.
    fn by_candidates(
        &mut self,
        encrypted: &Encrypted,
        candidates: impl IntoIterator<Item = Opened>,
    ) -> Result<Option<Opened>, Error> {
        for opened in candidates {
            self.out.clear();
            if self.pass(encrypted, &opened.0)? {
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }

    /// Decrypts all content; true if the check holds.
    fn pass(&mut self, encrypted: &Encrypted, key: &ContentKey) -> Result<bool, Error> {
        let Some(decryption) = self.decryption(encrypted, key) else {
            self.tally.no_cipher(encrypted.content.cipher.to_string());
            return Ok(false);
        };
        let Ok(decryption) = decryption else { return Ok(false) };
        let (_, holds) = content(self.reader(|_| {})?, Some(decryption), self.out)?;
        Ok(holds)
    }

    /// `None` where nobody here knows the cipher.
    fn decryption(
        &self,
        encrypted: &Encrypted,
        key: &ContentKey,
    ) -> Option<Result<Box<dyn ContentDecryption>, Undecryptable>> {
        let ContentAlgorithm { cipher, nonce, .. } = &encrypted.content;
        self.inputs.provider.decrypt(*cipher, key, nonce, &encrypted.associated)
    }
}

fn conclude(opened: Option<Opened>, associated: &[u8], tally: Tally, seen: &mut Decrypted) {
    let Some((key, opened_by)) = opened else {
        seen.decryption = tally.decryption();
        seen.findings.push(match (seen.decryption, tally.unsupported) {
            (Decryption::Failed, _) => finding(Code::NotDecrypted),
            (_, Some(what)) => finding(Code::UnsupportedAlgorithm).with_detail(what),
            _ => finding(Code::NoDecryptionKey),
        });
        return;
    };
    seen.decryption = Decryption::Opened;
    if !seen.authenticated {
        seen.findings.push(finding(Code::NotAuthenticated));
    }
    if opened_by.old {
        seen.findings.push(finding(Code::OldDecryptionKey));
    }
    seen.opened_by = Some(opened_by);
    // What is authenticated beside the content is needed before it, and stands after it.
    let again = [key.expose(), associated].concat();
    seen.again = Some(Again { key: again.into(), cipher: None });
}

/// Those that are tried. Where the content has no check, nothing that depends on the padding of an RSA entry decides
/// which one is taken (R-A10): a key from a wrap with a check, else the first.
fn candidates(content: &ContentAlgorithm, mut found: Vec<Found>) -> Vec<Opened> {
    if !content.cipher.is_authenticated() {
        let chosen = found.iter().position(|(candidate, _)| candidate.checked).unwrap_or(0);
        found = found.into_iter().skip(chosen).take(1).collect();
    }
    let key = |(found, by): Found| cipher_key(content, found.key).map(|key| (key, by));
    found.into_iter().filter_map(key).collect()
}

/// Passes content on as it is decrypted, and reads what stands after it; true if the check holds.
fn content<R: BufRead>(
    mut reader: EnvelopedReader<R>,
    mut decryption: Option<Box<dyn ContentDecryption>>,
    out: &mut dyn Held,
) -> Result<(Rest, bool), Error> {
    let mut plain = Vec::new();
    let written = || Error::io("passing on decrypted content");
    while let Some(running) = &mut decryption {
        let octets = reader.octets()?;
        let count = octets.len();
        if count == 0 {
            break;
        }
        if running.update(octets, &mut plain).is_err() {
            decryption = None;
        }
        reader.pass(count)?;
        out.write_all(&plain).map_err(written())?;
        plain.clear();
    }
    let rest = reader.finish()?;
    let holds = decryption.is_some_and(|decryption| decryption.finish(&rest.mac, &mut plain).is_ok());
    if holds {
        out.write_all(&plain).map_err(written())?;
    }
    Ok((rest, holds))
}

/// What was tried.
#[derive(Default)]
struct Tally {
    tried: bool,
    unsupported: Option<String>,
}

impl Tally {
    fn count(&mut self, tried: Tried, opened_by: impl FnOnce() -> OpenedBy, found: &mut Vec<Found>) {
        match tried {
            Tried::Candidate(candidate) => {
                self.tried = true;
                found.push((candidate, opened_by()));
            }
            Tried::Nothing => self.tried = true,
            Tried::Unsupported(what) => self.unsupported = Some(what),
        }
    }

    /// Nobody here knows the cipher: that would have been so with any key.
    fn no_cipher(&mut self, name: String) {
        *self = Self { tried: false, unsupported: Some(name) };
    }

    fn decryption(&self) -> Decryption {
        match (self.tried, &self.unsupported) {
            (true, _) => Decryption::Failed,
            (false, Some(_)) => Decryption::NotTried,
            (false, None) => Decryption::NoKey,
        }
    }
}

/// Content that was checked before.
struct OnceMore<R> {
    left: Option<(EnvelopedReader<R>, Box<dyn ContentDecryption>)>,
    plain: Vec<u8>,
    at: usize,
}

impl<R: BufRead> OnceMore<R> {
    fn fill(&mut self) -> Result<(), Error> {
        let changed = |_: Undecryptable| Error::InputChanged;
        let Some((mut reader, mut decryption)) = self.left.take() else { return Ok(()) };
        self.at = 0;
        self.plain.clear();
        let octets = reader.octets()?;
        let count = octets.len();
        if count == 0 {
            return decryption.finish(&reader.finish()?.mac, &mut self.plain).map_err(changed);
        }
        decryption.update(octets, &mut self.plain).map_err(changed)?;
        reader.pass(count)?;
        self.left = Some((reader, decryption));
        Ok(())
    }
}

impl<R: BufRead> Read for OnceMore<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.plain.len() {
            if self.left.is_none() {
                return Ok(0);
            }
            self.fill()?;
        }
        let mut rest = self.plain.get(self.at..).unwrap_or_default();
        let count = rest.read(out)?;
        self.at += count;
        Ok(count)
    }
}

/// It cannot be read as what it says, whatever the keys.
fn unread(code: Code, why: String) -> Decrypted {
    Decrypted { findings: vec![finding(code).with_detail(why)], ..Decrypted::default() }
}

fn refusal(refused: AlgorithmError) -> Finding {
    match refused {
        AlgorithmError::Unsupported { name } => finding(Code::UnsupportedAlgorithm).with_detail(name),
        other => finding(Code::NotDecrypted).with_detail(other.to_string()),
    }
}

/// The part is filled in by who knows it.
fn finding(code: Code) -> Finding {
    Finding::new(code, PartPath::root())
}

#[cfg(test)]
mod tests;
