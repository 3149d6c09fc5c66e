//! Servers that are not what they should be, and remember what they were told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Protocol {
    Smtp,
    Imap,
    Pop3,
}

/// When a server speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tls {
    First,
    /// After STARTTLS.
    Offered,
    Never,
    /// STARTTLS is offered, and answered with an error.
    Refused,
    /// Behind the answer to STARTTLS stands, in clear, one to the EHLO that follows: login is offered. Inside it is not.
    Injected,
}

/// A running one. Ended when it is dropped.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
    ended: Arc<Mutex<bool>>,
    thread: Option<JoinHandle<()>>,
}

/// Every line that it was told.
#[derive(Default, Clone)]
pub(crate) struct Heard {
    pub(crate) in_clear: Vec<u8>,
    pub(crate) inside: Vec<u8>,
}

impl Scripted {
    /// With this certificate and key, PEM.
    pub(crate) fn start(protocol: Protocol, tls: Tls, server: &(PathBuf, PathBuf)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, ended) = (Arc::<Mutex<Heard>>::default(), Arc::<Mutex<bool>>::default());
        let script =
            Script { protocol, tls, configuration: configuration(server), heard: Arc::clone(&heard) };
        let over = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if *over.lock().unwrap() {
                    break;
                }
                // A client that goes away early is what these servers are for.
                let _ = script.serve(client.unwrap());
            }
        });
        Self { port, heard, ended, thread: Some(thread) }
    }

    pub(crate) fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }

    /// The letters that came to their end, with the dots that SMTP adds.
    pub(crate) fn letters(&self) -> Vec<Vec<u8>> {
        let inside = String::from_utf8(self.heard().inside).unwrap();
        let begun = inside.split("\r\nDATA\r\n").skip(1).filter_map(|text| text.split_once("\r\n.\r\n"));
        begun
            .map(|(letter, _)| letter)
            .filter(|letter| !letter.contains("\nEHLO "))
            .map(|letter| letter.as_bytes().to_vec())
            .collect()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        *self.ended.lock().unwrap() = true;
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn configuration((certificate, key): &(PathBuf, PathBuf)) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

struct Script {
    protocol: Protocol,
    tls: Tls,
    configuration: Arc<ServerConfig>,
    heard: Arc<Mutex<Heard>>,
}

type Io<T> = std::io::Result<T>;

impl Script {
    fn serve(&self, mut client: TcpStream) -> Io<()> {
        client.set_read_timeout(Some(Duration::from_secs(20)))?;
        if self.tls == Tls::First {
            return self.inside(client, true);
        }
        client.write_all(self.greeting())?;
        let mut reader = BufReader::new(client);
        match self.talk(&mut reader, false)? {
            true => self.inside(reader.into_inner(), false),
            false => Ok(()),
        }
    }

    fn inside(&self, client: TcpStream, greets: bool) -> Io<()> {
        let connection = ServerConnection::new(Arc::clone(&self.configuration)).unwrap();
        let mut reader = BufReader::new(StreamOwned::new(connection, client));
        if greets {
            reader.get_mut().write_all(self.greeting())?;
        }
        self.talk(&mut reader, true).map(drop)
    }

    /// Until the client goes, or TLS is to begin: then true.
    fn talk(&self, reader: &mut BufReader<impl Read + Write>, inside: bool) -> Io<bool> {
        let mut in_letter = false;
        while let Some(line) = self.line(reader, inside)? {
            let line = line.trim_end();
            if in_letter && line != "." {
                continue;
            }
            reader.get_mut().write_all(self.answer(line, inside).as_bytes())?;
            in_letter = line.eq_ignore_ascii_case("DATA");
            if line.eq_ignore_ascii_case("STARTTLS") && matches!(self.tls, Tls::Offered | Tls::Injected) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next line, which is remembered. None at the end.
    fn line(&self, reader: &mut BufReader<impl Read>, inside: bool) -> Io<Option<String>> {
        let mut line = Vec::new();
        let length = reader.read_until(b'\n', &mut line)?;
        let mut heard = self.heard.lock().unwrap();
        let into = if inside { &mut heard.inside } else { &mut heard.in_clear };
        into.extend(&line);
        Ok((length > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
    }

    fn greeting(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Smtp => b"220 here ESMTP\r\n",
            Protocol::Imap => b"* OK here\r\n",
            Protocol::Pop3 => b"+OK here\r\n",
        }
    }

    /// Whatever it is told, it is content: a client that trusts it tells everything.
    fn answer(&self, line: &str, inside: bool) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let verb = |at: usize| words.get(at).copied().unwrap_or_default().to_uppercase();
        match self.protocol {
            Protocol::Smtp if line.contains("<refused@") => "550 nobody here\r\n".to_owned(),
            Protocol::Smtp => self.smtp(&verb(0), inside).to_owned(),
            Protocol::Imap => imap(words.first().copied().unwrap_or("*"), &verb(1)),
            Protocol::Pop3 => "+OK 0 0\r\n".to_owned(),
        }
    }

    fn smtp(&self, verb: &str, inside: bool) -> &'static str {
        let offers = matches!(self.tls, Tls::Offered | Tls::Refused | Tls::Injected);
        match (verb, inside) {
            ("EHLO", false) if offers => "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
            ("EHLO", true) if self.tls == Tls::Injected => "250 here\r\n",
            ("EHLO", _) => "250-here\r\n250 AUTH PLAIN\r\n",
            ("STARTTLS", _) if self.tls == Tls::Refused => "454 4.7.0 not now\r\n",
            ("STARTTLS", _) if self.tls == Tls::Injected => "220 go on\r\n250-here\r\n250 AUTH PLAIN\r\n",
            ("STARTTLS", _) => "220 go on\r\n",
            ("AUTH", _) => "235 welcome\r\n",
            ("DATA", _) => "354 go on\r\n",
            ("QUIT", _) => "221 bye\r\n",
            _ => "250 ok\r\n",
        }
    }
}

fn imap(tag: &str, verb: &str) -> String {
    let untagged = match verb {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        "SELECT" | "EXAMINE" => "* 0 EXISTS\r\n",
        "SEARCH" => "* SEARCH\r\n",
        "LOGOUT" => "* BYE\r\n",
        _ => "",
    };
    format!("{untagged}{tag} OK done\r\n")
}
