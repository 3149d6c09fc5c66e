//! Hands letters to a mail server (RFC 6409), over TLS always (RFC 8314).
//!
//! - [`Submission`]: a [`Delivery`].

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::{ClientId, Extension};

use crate::crypto::Secret;
use crate::error::Error;
use crate::message::{BulkLetter, Delivery, DeliveryError};

/// A mail server that takes letters to send, over TLS with its name and certificate checked.
///
/// Without TLS nothing is said to it: a server that offers no STARTTLS, or whose offer somebody hides, gets neither a
/// password nor a letter. Each thread that delivers has a connection of its own, which is kept.
///
/// A letter is taken for all of its recipients or for none. Where the answer to a letter is lost, it may have arrived:
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
    roots: Vec<Certificate>,
    timeout: Duration,
    idle: Mutex<Vec<SmtpConnection>>,
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

/// Longer than RFC 5321 §4.5.3.2 asks of anything but the end of a letter, and of most servers for that.
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
        Ok(Self { host, port, tls, login: None, roots: Vec::new(), timeout: TIMEOUT, idle })
    }

    /// Logs in (RFC 4954), inside TLS.
    #[must_use]
    pub fn login(mut self, user: impl Into<String>, password: Secret) -> Self {
        self.login = Some((user.into(), password));
        self
    }

    /// Believes servers by these certificates (PEM), and no longer by the authorities of the web.
    pub fn roots(mut self, pem: &[u8]) -> Result<Self, Error> {
        let mut rest = pem;
        const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
        while let Some(start) = memchr::memmem::find(rest, BEGIN) {
            let next = rest.get(start + BEGIN.len()..).unwrap_or_default();
            let end = memchr::memmem::find(next, BEGIN).unwrap_or(next.len());
            let one = rest.get(start..start + BEGIN.len() + end).unwrap_or_default();
            let read = Certificate::from_pem(one);
            self.roots.push(read.map_err(|error| Error::malformed("a certificate", error.to_string()))?);
            rest = next.get(end..).unwrap_or_default();
        }
        if self.roots.is_empty() {
            return Err(Error::malformed("a certificate", "there is none in PEM"));
        }
        Ok(self)
    }

    /// How long an answer is waited for. Five minutes, unless said.
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
        let connection = self.connect()?;
        self.keep(connection);
        Ok(())
    }

    fn connect(&self) -> Result<SmtpConnection, DeliveryError> {
        let away = |error: SmtpError| self.away(&error);
        let store = if self.roots.is_empty() { CertificateStore::Default } else { CertificateStore::None };
        let builder = TlsParameters::builder(self.host.clone()).certificate_store(store);
        let builder =
            self.roots.iter().fold(builder, |builder, root| builder.add_root_certificate(root.clone()));
        let parameters = builder.build_rustls().map_err(away)?;
        let (place, timeout, hello) =
            ((self.host.as_str(), self.port), Some(self.timeout), ClientId::default());
        let at_once = Some(&parameters).filter(|_| self.tls == Tls::Implicit);
        let mut connection = SmtpConnection::connect(place, timeout, &hello, at_once, None).map_err(away)?;
        if self.tls == Tls::StartTls {
            connection.starttls(&parameters, &hello).map_err(away)?;
        }
        if !connection.is_encrypted() {
            return Err(self.away(&"the connection is not encrypted"));
        }
        if let Some((user, password)) = &self.login {
            let password = String::from_utf8(password.expose().to_vec());
            let password = password.map_err(|_| self.away(&"the password is not UTF-8"))?;
            let credentials = Credentials::new(user.clone(), password);
            let answer =
                connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).map_err(away)?;
            // Any other would be the answer to something else: said before TLS began, by somebody else.
            if !answer.has_code(235) {
                return Err(self.away(&"its answers belong to other questions"));
            }
        }
        Ok(connection)
    }

    fn away(&self, why: &dyn fmt::Display) -> DeliveryError {
        DeliveryError::Away(format!("{}:{}: {why}", self.host, self.port))
    }

    fn keep(&self, connection: SmtpConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// With the sender told: a connection that was kept may be closed by now.
    fn begun(&self, letter: &BulkLetter) -> Result<SmtpConnection, DeliveryError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut connection) = kept {
            match self.from(&mut connection, letter) {
                Ok(()) => return Ok(connection),
                Err(Refusal::Silent(_)) => {}
                Err(refusal) => return Err(self.of_sender(refusal)),
            }
        }
        let mut connection = self.connect()?;
        self.from(&mut connection, letter).map_err(|refusal| self.of_sender(refusal))?;
        Ok(connection)
    }

    fn from(&self, connection: &mut SmtpConnection, letter: &BulkLetter) -> Result<(), Refusal> {
        let plain = |text: &str| text.is_ascii();
        let all = [&letter.sender].into_iter().chain(&letter.recipients);
        let utf8 = !all.map(ToString::to_string).all(|address| plain(&address));
        if utf8 && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Refusal::Never("the server takes no addresses beyond ASCII (SMTPUTF8)".into()));
        }
        let utf8 = if utf8 { " SMTPUTF8" } else { "" };
        ask(connection, &format!("MAIL FROM:<{}>{utf8}\r\n", letter.sender), 250)
    }

    /// What a server says to the sender it says of every letter.
    fn of_sender(&self, refusal: Refusal) -> DeliveryError {
        match refusal {
            Refusal::Later(why) => DeliveryError::Deferred(why),
            Refusal::Never(why) | Refusal::Silent(why) => self.away(&why),
        }
    }

    fn content(&self, connection: &mut SmtpConnection, letter: &BulkLetter) -> Result<(), Refusal> {
        for address in &letter.recipients {
            ask(connection, &format!("RCPT TO:<{address}>\r\n"), 250)?;
        }
        // An answer that is late by one, said before TLS began, would end here.
        ask(connection, "DATA\r\n", 354)?;
        // A line end comes before the dot that ends it.
        let octets = letter.octets.strip_suffix(b"\r\n").unwrap_or(&letter.octets);
        match connection.message(octets) {
            Ok(answer) if answer.has_code(250) => Ok(()),
            Ok(answer) => Err(Refusal::Silent(format!("answered {}", answer.code()))),
            Err(error) => Err(Refusal::of(&error)),
        }
    }
}

/// What a server said instead of yes.
enum Refusal {
    Later(String),
    Never(String),
    /// Nothing that can be understood.
    Silent(String),
}

impl Refusal {
    fn of(error: &SmtpError) -> Self {
        let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        match error.status().map(|code| code.to_string()) {
            Some(code) if error.is_permanent() => Self::Never(format!("{code} {why}")),
            Some(code) => Self::Later(format!("{code} {why}")),
            None => Self::Silent(error.to_string()),
        }
    }
}

fn ask(connection: &mut SmtpConnection, command: &str, expected: u16) -> Result<(), Refusal> {
    match connection.command(command) {
        Ok(answer) if answer.has_code(expected) || (expected == 250 && answer.has_code(251)) => Ok(()),
        Ok(answer) => Err(Refusal::Silent(format!("answered {}", answer.code()))),
        Err(error) => Err(Refusal::of(&error)),
    }
}

impl Delivery for Submission {
    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        let mut connection = self.begun(letter)?;
        let answer = self.content(&mut connection, letter);
        let usable = !matches!(answer, Err(Refusal::Silent(_)));
        if usable && (answer.is_ok() || ask(&mut connection, "RSET\r\n", 250).is_ok()) {
            self.keep(connection);
        }
        answer.map_err(|refusal| match refusal {
            Refusal::Never(why) => DeliveryError::Refused(why),
            Refusal::Later(why) => DeliveryError::Deferred(why),
            Refusal::Silent(why) => {
                DeliveryError::Deferred(format!("no clear answer, it may have arrived: {why}"))
            }
        })
    }
}

impl Drop for Submission {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        idle.iter_mut().for_each(|connection| drop(connection.quit()));
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
