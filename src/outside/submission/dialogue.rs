//! A conversation with a mail server (RFC 5321 §3), with a bound for how long it takes and how much is kept of it.
//!
//! Own code, since what others have waits for the end of a line that never comes, and takes what was said before TLS
//! for an answer to what is asked inside it.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use zeroize::Zeroizing;

/// With one server, from its greeting on.
pub(super) struct Dialogue {
    stream: Stream,
    /// What was read and is no whole answer yet.
    heard: Vec<u8>,
    offers: Vec<String>,
    timeout: Duration,
}

enum Stream {
    Clear(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
    /// Between the two.
    None,
}

/// One that waits until a moment, however many octets come before it.
struct Timed {
    tcp: TcpStream,
    end: Instant,
}

/// What a server answered (RFC 5321 §4.2).
pub(super) struct Answer {
    pub(super) code: u16,
    /// Printable, and not long.
    pub(super) text: String,
}

/// Octets of an answer; the RFC has 512 for a line.
const LONGEST_ANSWER: usize = 64 << 10;
/// Letters of what is told of an answer.
const LONGEST_TEXT: usize = 1 << 10;
/// Octets that are sent within one timeout.
const PIECE: usize = 64 << 10;
/// A command, with its end (RFC 5321 §4.5.3.1.4).
const LONGEST_COMMAND: usize = 512;
/// Who is going needs no long farewell.
const FAREWELL: Duration = Duration::from_secs(3);

impl Dialogue {
    /// Until after the EHLO; inside TLS, where it begins at once.
    pub(super) fn begin(
        (host, port): (&str, u16),
        tls: Option<&Arc<ClientConfig>>,
        timeout: Duration,
    ) -> io::Result<Self> {
        let tcp = connect(host, port, timeout)?;
        tcp.set_nodelay(true)?;
        let stream = Stream::Clear(Timed { tcp, end: Instant::now() });
        let mut dialogue = Self { stream, heard: Vec::new(), offers: Vec::new(), timeout };
        if let Some(tls) = tls {
            dialogue.handshake(host, tls)?;
        }
        dialogue.answer(1)?.expect(220)?;
        dialogue.hello()?;
        Ok(dialogue)
    }

    /// RFC 3207. What was offered before is forgotten (§4.2), and nothing that was said before may be left.
    pub(super) fn start_tls(&mut self, host: &str, tls: &Arc<ClientConfig>) -> io::Result<()> {
        if self.offer("STARTTLS").is_none() {
            return Err(io::Error::other("the server offers no STARTTLS"));
        }
        self.ask("STARTTLS")?.expect(220)?;
        self.nothing_is_left()?;
        self.handshake(host, tls)?;
        self.hello()
    }

    fn hello(&mut self) -> io::Result<()> {
        self.ask_line(b"EHLO [127.0.0.1]\r\n")?;
        let answer = self.lines(1)?;
        Answer::of(&answer)?.expect(250)?;
        let words = answer.iter().skip(1).map(|line| line.get(4..).unwrap_or_default().to_uppercase());
        self.offers = words.collect();
        Ok(())
    }

    fn handshake(&mut self, host: &str, tls: &Arc<ClientConfig>) -> io::Result<()> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let Stream::Clear(mut timed) = std::mem::replace(&mut self.stream, Stream::None) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        timed.end = after(self.timeout);
        let connection = ClientConnection::new(Arc::clone(tls), name).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, timed);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        self.stream = Stream::Tls(Box::new(stream));
        Ok(())
    }

    /// What the server said of this word after EHLO.
    pub(super) fn offer(&self, word: &str) -> Option<&str> {
        self.offers.iter().find_map(|line| {
            let rest = line.strip_prefix(word)?;
            (rest.is_empty() || rest.starts_with([' ', '='])).then(|| rest.get(1..).unwrap_or_default())
        })
    }

    /// Logs in (RFC 4954), by PLAIN or LOGIN: inside TLS alone.
    pub(super) fn login(&mut self, user: &str, password: &[u8]) -> io::Result<()> {
        if !matches!(self.stream, Stream::Tls(_)) {
            return Err(io::Error::other("the connection is not encrypted"));
        }
        if user.contains('\0') || password.contains(&0) {
            return Err(io::Error::other("there is a NUL in the name or the password"));
        }
        let mut offered = self.offer("AUTH").unwrap_or_default().split(' ');
        if offered.clone().any(|word| word == "PLAIN") {
            let plain = Zeroizing::new([b"\0", user.as_bytes(), b"\0", password].concat());
            let plain = base64(&plain);
            if plain.len() + "AUTH PLAIN \r\n".len() <= LONGEST_COMMAND {
                let line = Zeroizing::new([b"AUTH PLAIN ", &plain[..]].concat());
                return self.ask_secretly(&line)?.expect(235);
            }
            self.ask("AUTH PLAIN")?.expect(334)?;
            return self.ask_secretly(&plain)?.expect(235);
        }
        if offered.any(|word| word == "LOGIN") {
            self.ask("AUTH LOGIN")?.expect(334)?;
            self.ask_secretly(&base64(user.as_bytes()))?.expect(334)?;
            return self.ask_secretly(&base64(password))?.expect(235);
        }
        Err(io::Error::other("the server offers no login by PLAIN or LOGIN"))
    }

    fn ask_secretly(&mut self, line: &[u8]) -> io::Result<Answer> {
        self.ask_line(&Zeroizing::new([line, b"\r\n"].concat()))?;
        self.answer(1)
    }

    /// One command, and its answer.
    pub(super) fn ask(&mut self, command: &str) -> io::Result<Answer> {
        self.ask_line(format!("{command}\r\n").as_bytes())?;
        self.answer(1)
    }

    fn ask_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.nothing_is_left()?;
        self.send(line)
    }

    /// An answer to nothing would be taken for one to what is asked next.
    fn nothing_is_left(&self) -> io::Result<()> {
        if self.heard.is_empty() {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the server answers what was not asked"))
    }

    /// The letter, whose lines end with CRLF, and the dot after it.
    pub(super) fn letter(&mut self, octets: &[u8]) -> io::Result<()> {
        self.nothing_is_left()?;
        let mut stuffed = Vec::with_capacity(octets.len() + octets.len() / 64);
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            if line.starts_with(b".") {
                stuffed.push(b'.');
            }
            stuffed.extend_from_slice(line);
        }
        if !octets.is_empty() && !octets.ends_with(b"\n") {
            stuffed.extend_from_slice(b"\r\n");
        }
        stuffed.extend_from_slice(b".\r\n");
        self.send(&stuffed)
    }

    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        for piece in octets.chunks(PIECE) {
            let end = after(self.timeout);
            match &mut self.stream {
                Stream::Clear(timed) => timed.until(end).write_all(piece)?,
                Stream::Tls(stream) => {
                    stream.sock.end = end;
                    stream.write_all(piece)?;
                    stream.flush()?;
                }
                Stream::None => return Err(io::ErrorKind::NotConnected.into()),
            }
        }
        Ok(())
    }

    /// What is said next, waited for so many timeouts.
    pub(super) fn answer(&mut self, timeouts: u32) -> io::Result<Answer> {
        Answer::of(&self.lines(timeouts)?)
    }

    fn lines(&mut self, timeouts: u32) -> io::Result<Vec<String>> {
        let end = after(self.timeout.saturating_mul(timeouts));
        let (mut lines, mut begun) = (Vec::new(), 0);
        loop {
            while let Some(length) = self.heard.get(begun..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                let line = self.heard.get(begun..begun + length).unwrap_or_default();
                let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
                begun += length + 1;
                let is_last = line.as_bytes().get(3) != Some(&b'-');
                lines.push(line);
                if is_last {
                    self.heard.drain(..begun);
                    return Ok(lines);
                }
            }
            if self.heard.len() > LONGEST_ANSWER {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "an answer of the server is too long",
                ));
            }
            self.read(end)?;
        }
    }

    fn read(&mut self, end: Instant) -> io::Result<()> {
        let mut octets = [0; 4096];
        let length = match &mut self.stream {
            Stream::Clear(timed) => timed.until(end).read(&mut octets)?,
            Stream::Tls(stream) => {
                stream.sock.end = end;
                stream.read(&mut octets)?
            }
            Stream::None => 0,
        };
        if length == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
        }
        self.heard.extend_from_slice(octets.get(..length).unwrap_or_default());
        Ok(())
    }

    /// Says that it was all.
    pub(super) fn quit(&mut self) {
        self.timeout = self.timeout.min(FAREWELL);
        // Nobody needs to hear it.
        let _ = self.ask("QUIT");
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

impl Answer {
    fn of(lines: &[String]) -> io::Result<Self> {
        let wrong =
            || io::Error::new(io::ErrorKind::InvalidData, "what the server says is no answer of SMTP");
        let first = lines.first().and_then(|line| code(line)).ok_or_else(wrong)?;
        if lines.iter().any(|line| code(line) != Some(first)) {
            return Err(wrong());
        }
        let words: Vec<&str> = lines.iter().map(|line| line.get(4..).unwrap_or_default().trim()).collect();
        let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
        let text = words.join(" ").chars().map(printable).take(LONGEST_TEXT).collect();
        Ok(Self { code: first.parse().map_err(|_| wrong())?, text })
    }

    fn expect(&self, code: u16) -> io::Result<()> {
        if self.code == code { Ok(()) } else { Err(io::Error::other(self.to_string())) }
    }
}

fn code(line: &str) -> Option<&str> {
    let (code, rest) = line.split_at_checked(3)?;
    let fits = code.bytes().all(|digit| digit.is_ascii_digit()) && code.starts_with(['2', '3', '4', '5']);
    (fits && (rest.is_empty() || rest.starts_with([' ', '-']))).then_some(code)
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

impl Timed {
    fn until(&mut self, end: Instant) -> &mut Self {
        self.end = end;
        self
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(late()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(self.left()?)?;
        self.tcp.read(octets).map_err(in_time)
    }
}

impl Write for Timed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(self.left()?)?;
        self.tcp.write(octets).map_err(in_time)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let mut failed = io::Error::other("the name of the server has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout.max(Duration::from_millis(1))) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the server did not answer in time")
}

/// Systems differ in how they call it.
fn in_time(error: io::Error) -> io::Error {
    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) { late() } else { error }
}

fn base64(octets: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(base64_simd::STANDARD.encode_to_string(octets).into_bytes())
}
