//! Opening what is encrypted (RFC 8551 §3.3, §3.4).

mod scan;

use std::io::{self, BufReader, Read, Write};

use crate::cms::Oid;
use crate::cms::enveloped::{Candidate, EnvelopedReader, PasswordInfo, Tried, cipher_key, sized};
use crate::crypto::algorithm::{AlgorithmError, Container, ContentAlgorithm, content_cipher};
use crate::crypto::{ContentDecryption, ContentKey, PasswordRequest, PasswordSource, Undecryptable};
use crate::error::Error;
use crate::mime::PartPath;
use crate::protocol::{self, Again, Body, Decrypted, Inputs, Keys};
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
        out: &mut dyn Write,
        keys: &Keys<'_>,
        inputs: &Inputs<'_>,
    ) -> Result<Decrypted, Error> {
        let mut scan = Scan::new(keys, inputs);
        let envelope = match Envelope::read(body, &mut scan, inputs) {
            Ok(envelope) => envelope,
            Err(Error::Malformed { why, .. }) => return Ok(unread(Code::NotDecrypted, why)),
            Err(error) => return Err(error),
        };
        let mut seen = Decrypted { recipients: std::mem::take(&mut scan.recipients), ..Decrypted::default() };
        if envelope.trailing {
            seen.findings.push(finding(Code::TrailingOctets));
        }
        if let Some(kind) = &envelope.foreign {
            // RFC 8551 §2.4: mail is id-data.
            seen.findings.push(finding(Code::TypeMismatch).with_detail(kind));
        }
        match envelope.algorithm() {
            Ok(content) => {
                Attempt { body, envelope: &envelope, content: &content, keys, inputs }
                    .run(scan, out, &mut seen)?;
            }
            Err(refused) => seen.findings.push(refusal(refused)),
        }
        Ok(seen)
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

/// What does not depend on any key.
struct Envelope {
    authenticated: bool,
    algorithm: Vec<u8>,
    associated: Vec<u8>,
    mac: Vec<u8>,
    trailing: bool,
    /// The content says that it is something else than data.
    foreign: Option<String>,
}

impl Envelope {
    /// Reads all of it once: what is authenticated beside the content comes after it.
    fn read(body: &Body<'_>, scan: &mut Scan<'_>, inputs: &Inputs<'_>) -> Result<Self, Error> {
        let reader = BufReader::with_capacity(PIECE, body()?);
        let reader = EnvelopedReader::new(reader, inputs.limits, |entry| scan.take(entry))?;
        let (authenticated, algorithm) = (reader.authenticated(), reader.algorithm().to_vec());
        let kind = reader.content_type();
        let foreign = (*kind != Oid::DATA).then(|| kind.to_string());
        let rest = reader.finish()?;
        let (associated, mac, trailing) = (rest.authenticated_attributes, rest.mac, rest.trailing);
        Ok(Self { authenticated, algorithm, associated, mac, trailing, foreign })
    }

    fn algorithm(&self) -> Result<ContentAlgorithm, AlgorithmError> {
        read_algorithm(&self.algorithm, self.authenticated)
    }
}

/// Each container takes its own ciphers (R-A4).
fn read_algorithm(der: &[u8], authenticated: bool) -> Result<ContentAlgorithm, AlgorithmError> {
    content_cipher(der, if authenticated { Container::Authenticated } else { Container::Plain })
}

/// A content key, and whose entry it comes from.
type Found = (Candidate, OpenedBy);

struct Attempt<'a, 'b, 'i> {
    body: &'a Body<'b>,
    envelope: &'a Envelope,
    content: &'a ContentAlgorithm,
    keys: &'a Keys<'a>,
    inputs: &'a Inputs<'i>,
}

impl Attempt<'_, '_, '_> {
    fn run(&self, scan: Scan<'_>, out: &mut dyn Write, seen: &mut Decrypted) -> Result<(), Error> {
        let cipher = self.content.cipher;
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
        if !cipher.is_authenticated() && !self.inputs.algorithms.allows_unauthenticated() {
            seen.decryption = Decryption::Withheld;
            seen.findings.push(finding(Code::EncryptionWithheld));
            return Ok(());
        }
        let mut tally = Tally::default();
        let mut opened = self.by_keys(&scan, passwords.is_none(), out, &mut tally)?;
        if let (None, Some(source)) = (&opened, passwords) {
            opened = self.by_passwords(source, &scan.passwords, out, &mut tally)?;
        }
        self.conclude(opened, tally, seen);
        Ok(())
    }

    fn conclude(&self, opened: Option<Opened>, tally: Tally, seen: &mut Decrypted) {
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
        let again = [key.expose(), &self.envelope.associated].concat();
        seen.again = Some(Again { key: again.into(), cipher: None });
    }

    /// `last`: nothing is tried after it.
    fn by_keys(
        &self,
        scan: &Scan<'_>,
        last: bool,
        out: &mut dyn Write,
        tally: &mut Tally,
    ) -> Result<Option<Opened>, Error> {
        let mut found = Vec::new();
        for fit in &scan.fits {
            let tried = fit.open(self.content, self.inputs.provider)?;
            tally.count(tried, || fit.opened_by(self.inputs.at), &mut found);
        }
        self.by_candidates(found, last, out, tally)
    }

    fn by_passwords(
        &self,
        source: &dyn PasswordSource,
        entries: &[PasswordInfo],
        out: &mut dyn Write,
        tally: &mut Tally,
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
                let tried = entry.open(&password, self.content, self.inputs.provider);
                tally.count(tried, OpenedBy::default, &mut found);
            }
            if let Some(opened) = self.by_candidates(found, false, out, tally)? {
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }

    /// The first candidate whose check holds. Where the content has none, nothing that depends on the padding of an
    /// RSA entry decides which one is taken (R-A10): a key from a wrap with a check, else the first.
    ///
    /// What fails its check may have gone out by then, so it is checked beforehand if anything could come after it.
    fn by_candidates(
        &self,
        mut found: Vec<Found>,
        last: bool,
        out: &mut dyn Write,
        tally: &mut Tally,
    ) -> Result<Option<Opened>, Error> {
        if !self.content.cipher.is_authenticated() {
            let chosen = found.iter().position(|(candidate, _)| candidate.checked).unwrap_or(0);
            found = found.into_iter().skip(chosen).take(1).collect();
        }
        let at_once = last && found.len() == 1;
        for (candidate, opened_by) in found {
            let Some(key) = cipher_key(self.content, candidate.key) else { continue };
            if !at_once && !self.pass(&key, &mut io::sink(), tally)? {
                continue;
            }
            if self.pass(&key, out, tally)? {
                return Ok(Some((key, opened_by)));
            }
        }
        Ok(None)
    }

    /// Decrypts all content; true if the check holds.
    fn pass(&self, key: &ContentKey, out: &mut dyn Write, tally: &mut Tally) -> Result<bool, Error> {
        let ContentAlgorithm { cipher, nonce, .. } = self.content;
        let decryption = self.inputs.provider.decrypt(*cipher, key, nonce, &self.envelope.associated);
        let Some(decryption) = decryption else {
            tally.no_cipher(cipher.to_string());
            return Ok(false);
        };
        let Ok(mut decryption) = decryption else { return Ok(false) };
        let reader = BufReader::with_capacity(PIECE, (self.body)()?);
        let mut reader = EnvelopedReader::new(reader, self.inputs.limits, |_| {})?;
        let mut plain = Vec::new();
        let written = || Error::io("passing on decrypted content");
        loop {
            let octets = reader.octets()?;
            if octets.is_empty() {
                break;
            }
            if decryption.update(octets, &mut plain).is_err() {
                return Ok(false);
            }
            let count = octets.len();
            reader.pass(count)?;
            out.write_all(&plain).map_err(written())?;
            plain.clear();
        }
        if decryption.finish(&self.envelope.mac, &mut plain).is_err() {
            return Ok(false);
        }
        out.write_all(&plain).map_err(written())?;
        Ok(true)
    }
}

type Opened = (ContentKey, OpenedBy);

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

impl<R: io::BufRead> OnceMore<R> {
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

impl<R: io::BufRead> Read for OnceMore<R> {
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

/// It cannot be read as what it says; no key was tried.
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
