//! Hands letters to a mail server (RFC 6409), over TLS always (RFC 8314).
//!
//! - [`Submission`]: a [`Delivery`].

mod dialogue;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::crypto::Secret;
use crate::error::Error;
use crate::message::{BulkLetter, Delivery, DeliveryError};
use dialogue::{Answer, Dialogue};

/// A mail server that takes letters to send, over TLS with its name and certificate checked.
///
/// Without TLS nothing is said to it: a server that offers no STARTTLS, or whose offer somebody hides, gets neither a
/// password nor a letter. Each thread that delivers has a connection of its own, which is kept.
///
/// A letter is taken for all of its recipients or for none. One that a server would change is refused: lines beyond 998
/// octets, CR or LF alone, more than ASCII where the server does not offer it. Where the answer to a letter is lost, it may have arrived:
/// it is deferred, and comes again with the same Message-ID when the run is resumed (RFC 1047).
///
/// ```no_run
/// # use std::error::Error as Any;
/// use mailseal::{Bulk, BulkDraft, Error, Secret, outside::Submission};
/// # fn send(bulk: &Bulk, drafts: Vec<Result<BulkDraft, Error>>) -> Result<(), Box<dyn Any>> {
/// let password = Secret::from(std::fs::read("/run/secrets/news")?);
/// let server = Submission::to("smtps://mail.example.com")?.login("news@example.com", password);
/// server.check()?;
/// let tally = bulk.run(drafts, &(), &server, |_| ())?;
/// # Ok(())
/// # }
/// ```
pub struct Submission {
    host: String,
    port: u16,
    tls: Tls,
    login: Option<(String, Secret)>,
    roots: RootCertStore,
    timeout: Duration,
    idle: Mutex<Vec<Dialogue>>,
}

/// When TLS begins.
///
/// ```
/// use mailseal::outside::{Submission, Tls};
/// assert_eq!(Submission::to("smtp://mail.example.com")?.tls(), Tls::StartTls);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// At once (RFC 8314 §3.3), usually on port 465.
    Implicit,
    /// After STARTTLS (RFC 3207), usually on port 587; without it, not at all.
    StartTls,
}

/// Longer than RFC 5321 §4.5.3.2 asks of anything but the end of a letter, which gets twice as long.
const TIMEOUT: Duration = Duration::from_secs(300);

impl Submission {
    /// `smtps://HOST[:PORT]` (465), or `smtp://HOST[:PORT]` with STARTTLS (587).
    ///
    /// ```
    /// use mailseal::outside::Submission;
    /// assert!(Submission::to("smtps://mail.example.com:10465").is_ok());
    /// let typed = Submission::to("smtps://news:secret@mail.example.com").unwrap_err();
    /// assert!(!typed.to_string().contains("secret"), "others see what is typed, and read logs");
    /// ```
    pub fn to(url: &str) -> Result<Self, Error> {
        let shown = if url.contains('@') { "the mail server" } else { url };
        let wrong = || Error::misuse(format!("{shown} is not smtps://HOST or smtp://HOST"));
        let (scheme, place) = url.split_once("://").ok_or_else(wrong)?;
        let (tls, usual) = match scheme {
            "smtps" => (Tls::Implicit, 465),
            "smtp" => (Tls::StartTls, 587),
            _ => return Err(wrong()),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (place, usual),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let fits = |letter: char| letter.is_ascii_alphanumeric() || ".-:_".contains(letter);
        if host.is_empty() || !host.chars().all(fits) {
            return Err(wrong());
        }
        let (host, idle) = (host.to_owned(), Mutex::default());
        Ok(Self { host, port, tls, login: None, roots: RootCertStore::empty(), timeout: TIMEOUT, idle })
    }

    /// Logs in (RFC 4954), inside TLS.
    #[must_use]
    pub fn login(mut self, user: impl Into<String>, password: Secret) -> Self {
        self.login = Some((user.into(), password));
        self
    }

    /// Believes servers by these certificates (PEM), and no longer by the authorities of the web.
    pub fn roots(mut self, pem: &[u8]) -> Result<Self, Error> {
        let malformed = |why: String| Error::malformed("a certificate", why);
        for one in CertificateDer::pem_slice_iter(pem) {
            let one = one.map_err(|error| malformed(error.to_string()))?;
            self.roots.add(one).map_err(|error| malformed(error.to_string()))?;
        }
        if self.roots.is_empty() {
            return Err(malformed("there is none in PEM".into()));
        }
        Ok(self)
    }

    /// How long an answer is waited for until its end; twice that after a letter. Five minutes, unless said.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// When TLS begins.
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// Connects and logs in, so that what is wrong with that is known before a letter is signed.
    pub fn check(&self) -> Result<(), DeliveryError> {
        self.keep(self.connect()?);
        Ok(())
    }

    fn connect(&self) -> Result<Dialogue, DeliveryError> {
        let away = |error: io::Error| self.away(&error);
        let config = Arc::new(self.config().map_err(|error| self.away(&error))?);
        let place = (self.host.as_str(), self.port);
        let at_once = Some(&config).filter(|_| self.tls == Tls::Implicit);
        let mut dialogue = Dialogue::begin(place, at_once, self.timeout).map_err(away)?;
        if self.tls == Tls::StartTls {
            dialogue.start_tls(&self.host, &config).map_err(away)?;
        }
        if let Some((user, password)) = &self.login {
            dialogue.login(user, password.expose()).map_err(away)?;
        }
        Ok(dialogue)
    }

    fn config(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = self.roots.clone();
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }

    fn away(&self, why: &dyn fmt::Display) -> DeliveryError {
        DeliveryError::Away(format!("{}:{}: {why}", self.host, self.port))
    }

    fn keep(&self, dialogue: Dialogue) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(dialogue);
    }

    /// With the sender told: a connection that was kept may be closed by now.
    fn begun(&self, letter: &BulkLetter) -> Result<Dialogue, DeliveryError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut dialogue) = kept {
            match self.from(&mut dialogue, letter) {
                Err(Refusal::Silent(_)) => {}
                answer => return self.of_sender(dialogue, answer),
            }
        }
        let mut dialogue = self.connect()?;
        let answer = self.from(&mut dialogue, letter);
        self.of_sender(dialogue, answer)
    }

    fn from(&self, dialogue: &mut Dialogue, letter: &BulkLetter) -> Result<(), Refusal> {
        let parameters = parameters(dialogue, letter).map_err(Refusal::Letter)?;
        match ask(dialogue, &format!("MAIL FROM:<{}>{parameters}", letter.sender), 250) {
            Err(Refusal::Never(why)) if why.starts_with("552") => Err(Refusal::Rejected(why)),
            answer => answer,
        }
    }

    /// What a server says to the sender it says of every letter, unless it is of the size.
    fn of_sender(
        &self,
        mut dialogue: Dialogue,
        answer: Result<(), Refusal>,
    ) -> Result<Dialogue, DeliveryError> {
        match answer {
            Ok(()) => Ok(dialogue),
            Err(Refusal::Letter(why)) => {
                self.keep(dialogue);
                Err(DeliveryError::Refused(why))
            }
            Err(Refusal::Rejected(why)) => {
                self.reset(dialogue);
                Err(DeliveryError::Refused(why))
            }
            Err(Refusal::Later(why)) => {
                self.reset(dialogue);
                Err(DeliveryError::Deferred(why))
            }
            Err(Refusal::Never(why)) => {
                dialogue.quit();
                Err(self.away(&why))
            }
            Err(Refusal::Silent(why) | Refusal::Unknown(why)) => Err(self.away(&why)),
        }
    }

    /// For the next letter, where the server says that it forgot this one.
    fn reset(&self, mut dialogue: Dialogue) {
        if ask(&mut dialogue, "RSET", 250).is_ok() {
            self.keep(dialogue);
        }
    }
}

/// What MAIL says of a letter (RFC 1870, RFC 6152, RFC 6531), or why this server cannot take it as it is.
fn parameters(dialogue: &Dialogue, letter: &BulkLetter) -> Result<String, String> {
    let octets = &letter.octets;
    let header =
        memchr::memmem::find(octets, b"\r\n\r\n").and_then(|end| octets.get(..end)).unwrap_or(octets);
    let mut addresses = [&letter.sender].into_iter().chain(&letter.recipients);
    let mut parameters = String::new();
    if let Some(most) = dialogue.offer("SIZE") {
        if most.trim().parse().is_ok_and(|most: usize| most > 0 && most < octets.len()) {
            return Err(format!("the letter has {} octets, the server takes {most} (SIZE)", octets.len()));
        }
        parameters.push_str(&format!(" SIZE={}", octets.len()));
    }
    if !octets.is_ascii() {
        dialogue.offer("8BITMIME").ok_or("the server takes no letters beyond ASCII (8BITMIME)")?;
        parameters.push_str(" BODY=8BITMIME");
    }
    if !header.is_ascii() || addresses.any(|address| !address.to_string().is_ascii()) {
        dialogue
            .offer("SMTPUTF8")
            .ok_or("the server takes no addresses and headers beyond ASCII (SMTPUTF8)")?;
        parameters.push_str(" SMTPUTF8");
    }
    Ok(parameters)
}

/// What servers change, or take for the end of the letter (RFC 5321 §2.3.8, §4.5.2, §4.5.3.1.6): with it a signature would
/// not hold, and what follows could be read as a letter of its own.
fn as_it_is(octets: &[u8]) -> Result<(), String> {
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        if memchr::memchr3(b'\r', b'\n', 0, text).is_some() {
            return Err("the letter holds a NUL, or a CR or LF that is no end of a line".into());
        }
        if text.len() > LONGEST_LINE {
            return Err(format!("the letter has a line of more than {LONGEST_LINE} octets"));
        }
    }
    Ok(())
}

/// RFC 5321 §4.5.3.1.6, without its end.
const LONGEST_LINE: usize = 998;

fn content(dialogue: &mut Dialogue, letter: &BulkLetter) -> Result<(), Refusal> {
    for address in &letter.recipients {
        ask(dialogue, &format!("RCPT TO:<{address}>"), 250)?;
    }
    ask(dialogue, "DATA", 354)?;
    // Before its dot no server has it, whatever becomes of the connection; but a part of the dot may have got there.
    let answer = dialogue.letter(&letter.octets).and_then(|()| dialogue.answer(2));
    Refusal::of(answer, 250).map_err(|refusal| match refusal {
        Refusal::Silent(why) => Refusal::Unknown(why),
        other => other,
    })
}

/// What a server said instead of yes.
enum Refusal {
    Later(String),
    Never(String),
    /// Of this letter, before anything was said.
    Letter(String),
    /// Of this letter, after that.
    Rejected(String),
    /// Nothing that can be understood, or that it goes.
    Silent(String),
    /// The same after the letter.
    Unknown(String),
}

impl Refusal {
    fn of(answer: io::Result<Answer>, expected: u16) -> Result<(), Self> {
        let answer = answer.map_err(|error| Self::Silent(error.to_string()))?;
        let (code, said) = (answer.code, answer.to_string());
        match code {
            _ if code == expected || (expected == 250 && code == 251) => Ok(()),
            421 => Err(Self::Silent(said)),
            400..500 => Err(Self::Later(said)),
            500..600 => Err(Self::Never(said)),
            _ => Err(Self::Silent(said)),
        }
    }
}

fn ask(dialogue: &mut Dialogue, command: &str, expected: u16) -> Result<(), Refusal> {
    Refusal::of(dialogue.ask(command), expected)
}

impl Delivery for Submission {
    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        as_it_is(&letter.octets).map_err(DeliveryError::Refused)?;
        let mut dialogue = self.begun(letter)?;
        match content(&mut dialogue, letter) {
            Ok(()) => {
                self.keep(dialogue);
                Ok(())
            }
            Err(Refusal::Never(why) | Refusal::Rejected(why) | Refusal::Letter(why)) => {
                self.reset(dialogue);
                Err(DeliveryError::Refused(why))
            }
            Err(Refusal::Later(why)) => {
                self.reset(dialogue);
                Err(DeliveryError::Deferred(why))
            }
            Err(Refusal::Silent(why)) => Err(DeliveryError::Deferred(why)),
            Err(Refusal::Unknown(why)) => {
                Err(DeliveryError::Deferred(format!("no clear answer, it may have arrived: {why}")))
            }
        }
    }
}

impl Drop for Submission {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        idle.iter_mut().for_each(Dialogue::quit);
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls, login, .. } = self;
        let user = login.as_ref().map(|(user, _)| user);
        f.debug_struct("Submission")
            .field("host", host)
            .field("port", port)
            .field("tls", tls)
            .field("user", &user)
            .finish_non_exhaustive()
    }
}
