//! The protocol of GnuPG's programs among each other (Assuan): a line for a question, lines for an answer.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::crypto::{KeyError, PasswordRequest, PasswordSource};

/// The longest line of the protocol, its end included.
const LINE_BYTES: u64 = 1002;
/// Data of one answer: a key or a signature of RSA with 16384 bits, and more.
const ANSWER_BYTES: usize = 64 << 10;
/// Lines of one answer; a list of keys has one for each.
const ANSWER_LINES: usize = 10_000;
/// What the agent asks back while it answers one question: a password, the octets, that a window is open.
const MOST_INQUIRIES: usize = 8;
/// Somebody may have to find a smart card first.
const PATIENCE: Duration = Duration::from_secs(300);

/// What came as an answer.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) data: Zeroizing<Vec<u8>>,
    /// Status lines: keyword and the rest.
    pub(super) status: Vec<(String, String)>,
}

/// Why there is none.
pub(super) enum Refused {
    /// The number of libgpg-error, without its source, and words.
    Said(u32, String),
    Key(KeyError),
}

/// What the agent may ask for in the middle of an answer.
pub(super) struct Asked<'a> {
    /// For `INQUIRE CIPHERTEXT` and `INQUIRE TBSDATA`.
    pub(super) octets: &'a [u8],
    pub(super) passwords: Option<&'a (dyn PasswordSource + Send + Sync)>,
    pub(super) subject: &'a str,
    pub(super) attempt: u32,
}

impl Asked<'_> {
    pub(super) const NOTHING: Self = Self { octets: &[], passwords: None, subject: "", attempt: 0 };
}

pub(super) struct Connection {
    stream: BufReader<UnixStream>,
}

impl Connection {
    pub(super) fn open(socket: &Path) -> Result<Self, Refused> {
        let stream = UnixStream::connect(socket).map_err(away)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(away)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(away)?;
        let mut connection = Self { stream: BufReader::new(stream) };
        connection.answer(&Asked::NOTHING)?;
        Ok(connection)
    }

    /// Sends a line and reads all of the answer.
    pub(super) fn ask(&mut self, line: &str, asked: &Asked<'_>) -> Result<Answer, Refused> {
        if line.len() > 1000 || line.contains(['\n', '\r']) {
            return Err(Refused::Key(KeyError::Unsupported("a question of that length".into())));
        }
        self.send(line.as_bytes())?;
        self.answer(asked)
    }

    fn send(&mut self, line: &[u8]) -> Result<(), Refused> {
        let whole = Zeroizing::new([line, b"\n"].concat());
        self.stream.get_mut().write_all(&whole).map_err(away)
    }

    fn answer(&mut self, asked: &Asked<'_>) -> Result<Answer, Refused> {
        let mut answer = Answer::default();
        // At once: what is moved leaves a copy behind.
        answer.data.reserve(ANSWER_BYTES + 1024);
        let (mut given_up, mut inquiries) = (false, 0_usize);
        for _ in 0..ANSWER_LINES {
            let line = self.line()?;
            let space = line.iter().position(|octet| *octet == b' ');
            let (word, rest) = space.and_then(|at| line.split_at_checked(at)).unwrap_or((&line, b" "));
            let rest = rest.get(1..).unwrap_or_default();
            let text = || String::from_utf8_lossy(rest).into_owned();
            match word {
                // Each may have a person type a password.
                b"INQUIRE" if inquiries >= MOST_INQUIRIES => return Err(garbled()),
                b"OK" => return Ok(answer),
                b"ERR" if given_up => return Err(Refused::Key(KeyError::WrongPassword)),
                b"ERR" => return Err(said(&text())),
                b"D" => {
                    unescape(rest, &mut answer.data);
                    if answer.data.len() > ANSWER_BYTES {
                        return Err(garbled());
                    }
                }
                b"S" => {
                    let text = text();
                    let (keyword, value) = text.split_once(' ').unwrap_or((&text, ""));
                    answer.status.push((keyword.to_owned(), value.to_owned()));
                }
                b"INQUIRE" => {
                    inquiries += 1;
                    given_up |= !self.inquired(&text(), asked)?;
                }
                // Comments.
                _ => {}
            }
        }
        Err(garbled())
    }

    /// Answers a question of the agent; false if there is nothing to say.
    fn inquired(&mut self, rest: &str, asked: &Asked<'_>) -> Result<bool, Refused> {
        match rest.split(' ').next().unwrap_or_default() {
            "CIPHERTEXT" | "TBSDATA" if !asked.octets.is_empty() => self.data(asked.octets)?,
            "PASSPHRASE" => {
                let request = PasswordRequest::new(asked.subject, asked.attempt);
                match asked.passwords.and_then(|source| source.password(&request)) {
                    Some(password) => self.data(password.expose())?,
                    None => {
                        self.send(b"CAN")?;
                        return Ok(false);
                    }
                }
            }
            // Told, not asked: somebody is typing.
            "PINENTRY_LAUNCHED" => self.send(b"END")?,
            _ => {
                self.send(b"CAN")?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn data(&mut self, octets: &[u8]) -> Result<(), Refused> {
        // Each octet may take three.
        for piece in octets.chunks(300) {
            let mut line = Zeroizing::new(Vec::with_capacity(1000));
            line.extend_from_slice(b"D ");
            for octet in piece {
                match octet {
                    b'%' | b'\r' | b'\n' => line.extend_from_slice(format!("%{octet:02X}").as_bytes()),
                    other => line.push(*other),
                }
            }
            self.send(&line)?;
        }
        self.send(b"END")
    }

    /// One line, without its end.
    fn line(&mut self) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut line = Zeroizing::new(Vec::with_capacity(1024));
        io::Read::take(&mut self.stream, LINE_BYTES).read_until(b'\n', &mut line).map_err(away)?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            None => Err(Refused::Key(KeyError::unavailable("gpg-agent ended the conversation"))),
            Some(_) => Err(garbled()),
        }
    }
}

/// `ERR 67108922 No such file or directory <GPG Agent>`: the upper bits of the number name the program that speaks.
fn said(text: &str) -> Refused {
    let (number, words) = text.split_once(' ').unwrap_or((text, ""));
    Refused::Said(number.parse::<u32>().unwrap_or_default() & 0xffff, words.to_owned())
}

/// `%` and two hexadecimal digits stand for an octet.
fn unescape(mut octets: &[u8], data: &mut Vec<u8>) {
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some((first, rest)) = octets.split_first() {
        octets = rest;
        match (first, rest) {
            (b'%', [high, low, after @ ..]) => match digit(*high).zip(digit(*low)) {
                Some((high, low)) => {
                    data.push(high << 4 | low);
                    octets = after;
                }
                None => data.push(b'%'),
            },
            _ => data.push(*first),
        }
    }
}

fn away(error: io::Error) -> Refused {
    Refused::Key(KeyError::Unavailable(format!("gpg-agent: {error}")))
}

fn garbled() -> Refused {
    Refused::Key(KeyError::unavailable("gpg-agent says more than it should"))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// An agent that says all this, whatever it is asked.
    fn says(script: Vec<u8>) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(b"OK hello\n").and_then(|()| stream.write_all(&script));
            let _ = io::copy(&mut stream, &mut io::sink());
        });
        let Ok(connection) = Connection::open(&path) else { panic!("it did not greet") };
        (folder, connection)
    }

    #[test]
    fn data_and_status() {
        let (_folder, mut connection) = says(b"# hi\nS KEYINFO ab D\nD a%0Ab%\nD \xff%25\nOK\n".to_vec());
        let Ok(answer) = connection.ask("X", &Asked::NOTHING) else { panic!("no answer") };
        assert_eq!(*answer.data, b"a\nb%\xff%");
        assert_eq!(answer.status, [("KEYINFO".to_owned(), "ab D".to_owned())]);
    }

    #[test]
    fn d_an_agent_that_never_ends_is_left() {
        for script in [vec![b'x'; 5000], b"D aaaa\n".repeat(20_000), b"S x\n".repeat(20_000), Vec::new()] {
            let empty = script.is_empty();
            let (_folder, mut connection) = says(script);
            if empty {
                connection.stream.get_mut().set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            }
            assert!(matches!(
                connection.ask("X", &Asked::NOTHING),
                Err(Refused::Key(KeyError::Unavailable(_)))
            ));
        }
    }

    #[test]
    fn d_an_agent_that_never_ends_asking_is_left() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        struct Count(AtomicUsize);
        impl PasswordSource for Count {
            fn password(&self, _: &PasswordRequest) -> Option<crate::crypto::Secret> {
                self.0.fetch_add(1, Ordering::Relaxed);
                Some(crate::crypto::Secret::from(b"guess".to_vec()))
            }
        }
        let (_folder, mut connection) = says(b"INQUIRE PASSPHRASE\n".repeat(1_000));
        let count = Count(AtomicUsize::new(0));
        let asked = Asked { octets: &[], passwords: Some(&count), subject: "", attempt: 0 };
        assert!(matches!(connection.ask("X", &asked), Err(Refused::Key(KeyError::Unavailable(_)))));
        assert!(count.0.into_inner() <= MOST_INQUIRIES);
    }

    #[test]
    fn errors_have_numbers() {
        let (_folder, mut connection) = says(b"ERR 67108875 Bad passphrase <GPG Agent>\n".to_vec());
        let Err(Refused::Said(number, words)) = connection.ask("X", &Asked::NOTHING) else {
            panic!("no error")
        };
        assert_eq!((number, words.as_str()), (11, "Bad passphrase <GPG Agent>"));
        assert!(connection.ask("X\nY", &Asked::NOTHING).is_err());
    }
}
