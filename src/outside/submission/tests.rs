use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::mime::Address;

type Io<T> = std::io::Result<T>;
type Heard = Arc<Mutex<Vec<String>>>;

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

/// What a server has of a client.
struct Wire {
    stream: BufReader<Box<dyn Stream>>,
    tcp: TcpStream,
    tls: Arc<ServerConfig>,
    inside: bool,
    heard: Heard,
}

impl Wire {
    fn say(&mut self, text: &str) -> Io<()> {
        self.stream.get_mut().write_all(text.as_bytes())?;
        self.stream.get_mut().flush()
    }

    /// The next line, which is remembered; an error at the end.
    fn hear(&mut self) -> Io<String> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        let place = if self.inside { "tls " } else { "clear " };
        self.heard.lock().unwrap().push(format!("{place}{line}"));
        Ok(line)
    }

    fn begin_tls(&mut self) -> Io<()> {
        let mut connection = ServerConnection::new(Arc::clone(&self.tls)).unwrap();
        let mut tcp = self.tcp.try_clone()?;
        while connection.is_handshaking() {
            connection.complete_io(&mut tcp)?;
        }
        self.stream = BufReader::new(Box::new(StreamOwned::new(connection, tcp)));
        self.inside = true;
        Ok(())
    }

    /// As a server that takes everything but where `other` has an answer; nothing at all after an empty one.
    fn talk(&mut self, offers: &str, other: impl Fn(&str) -> Option<String>) -> Io<()> {
        self.say("220 here\r\n")?;
        loop {
            let line = self.hear()?;
            let verb = line.trim_end().split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let usual = match verb.as_str() {
                "EHLO" => offers.to_owned(),
                "AUTH" => "235 welcome\r\n".into(),
                "DATA" => "354 go on\r\n".into(),
                "QUIT" => "221 bye\r\n".into(),
                _ => "250 ok\r\n".into(),
            };
            let answer = other(&line).unwrap_or(usual);
            if answer.is_empty() {
                return Ok(());
            }
            self.say(&answer)?;
            if verb == "DATA" && answer.starts_with("354") {
                while self.hear()? != ".\r\n" {}
                let answer = other(".").unwrap_or_else(|| "250 taken\r\n".into());
                if answer.is_empty() {
                    return Ok(());
                }
                self.say(&answer)?;
            }
        }
    }
}

const OFFERS: &str = "250-here\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 100000\r\n250 AUTH PLAIN LOGIN\r\n";

struct Server {
    port: u16,
    heard: Heard,
    root: String,
}

impl Server {
    fn new(play: impl Fn(&mut Wire) -> Io<()> + Send + Sync + 'static) -> Self {
        Self::named("localhost", 2100, play)
    }

    /// Of this name, with a certificate until the end of this year.
    fn named(name: &str, end: i32, play: impl Fn(&mut Wire) -> Io<()> + Send + Sync + 'static) -> Self {
        let (tls, root) = identity(name, end);
        let listener = TcpListener::bind("localhost:0").unwrap();
        let (port, heard) = (listener.local_addr().unwrap().port(), Heard::default());
        let (play, noted) = (Arc::new(play), Arc::clone(&heard));
        // It ends with the process; each client has its own thread.
        thread::spawn(move || {
            for tcp in listener.incoming() {
                let (tcp, tls) = (tcp.unwrap(), Arc::clone(&tls));
                tcp.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                let stream: Box<dyn Stream> = Box::new(tcp.try_clone().unwrap());
                let (stream, heard) = (BufReader::new(stream), Arc::clone(&noted));
                let mut wire = Wire { stream, tcp, tls, inside: false, heard };
                let play = Arc::clone(&play);
                // A client that goes away early is what these servers are for.
                thread::spawn(move || drop(play(&mut wire)));
            }
        });
        Self { port, heard, root }
    }

    /// TLS at once, and in it a server that takes everything else.
    fn inside(offers: &'static str, other: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::new(move |wire| wire.begin_tls().and_then(|()| wire.talk(offers, &other)))
    }

    fn client(&self, scheme: &str) -> Submission {
        let client = Submission::to(&format!("{scheme}://localhost:{}", self.port)).unwrap();
        client.roots(self.root.as_bytes()).unwrap().timeout(Duration::from_secs(5))
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().concat()
    }
}

fn identity(name: &str, end: i32) -> (Arc<ServerConfig>, String) {
    let keys = [(); 2].map(|()| rcgen::KeyPair::generate().unwrap());
    let mut root = rcgen::CertificateParams::default();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = root.self_signed(&keys[0]).unwrap().pem();
    let mut leaf = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    leaf.not_after = rcgen::date_time_ymd(end, 12, 31);
    let leaf = leaf.signed_by(&keys[1], &rcgen::Issuer::new(root, &keys[0])).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(keys[1].serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
    (Arc::new(tls), pem)
}

fn letter_of(octets: &[u8], to: &[&str]) -> BulkLetter {
    BulkLetter {
        id: "1".into(),
        name: "1".into(),
        sender: "news@example.org".parse().unwrap(),
        recipients: to.iter().map(|one| one.parse().unwrap()).collect(),
        octets: octets.to_vec(),
    }
}

fn letter() -> BulkLetter {
    letter_of(b"From: news@example.org\r\n\r\nHi\r\n.\r\n..\r\n", &["b@example.org", "c@example.org"])
}

fn secret(client: Submission) -> Submission {
    client.login("news", Secret::from("the-password"))
}

/// Said in clear behind the answer to STARTTLS, answers to all that is to come: the letter would seem to be taken.
#[test]
fn what_is_said_before_tls_answers_nothing_inside() {
    let rest = [
        "250-here\r\n250 AUTH PLAIN\r\n",
        "235 ok\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "354 go\r\n",
    ];
    for (login, begin) in [(true, 0), (false, 0), (false, 2)] {
        let said = rest.iter().enumerate().filter(|(at, _)| *at == 0 || login || *at > begin.max(1));
        let said: String = said.map(|(_, text)| *text).chain(["250 taken\r\n"]).collect();
        let server = Server::new(move |wire| {
            wire.say("220 here\r\n")?;
            wire.hear()?;
            wire.say("250-here\r\n250 STARTTLS\r\n")?;
            wire.hear()?;
            wire.say(&format!("220 go on\r\n{said}"))?;
            wire.begin_tls()?;
            // The letter gets no further.
            loop {
                wire.hear()?;
            }
        });
        let client = server.client("smtp");
        let client = if login { secret(client) } else { client };
        let error = client.deliver(&letter()).unwrap_err();
        assert!(matches!(error, DeliveryError::Away(_)), "{error}");
        assert!(!server.heard().contains("AUTH"), "{}", server.heard());
    }
}

#[test]
fn without_starttls_nothing_is_told() {
    for (offer, answer) in [
        ("250-here\r\n250 AUTH PLAIN\r\n", ""),
        ("250-here\r\n250 STARTTLS\r\n", "454 not now\r\n"),
        ("250-here\r\n250 STARTTLS\r\n", "250 ok\r\n"),
    ] {
        let server = Server::new(move |wire| {
            wire.talk(offer, |line| line.starts_with("STARTTLS").then(|| answer.to_owned()))
        });
        let error = secret(server.client("smtp")).check().unwrap_err();
        assert!(matches!(error, DeliveryError::Away(_)), "{error}");
        let heard = server.heard();
        let told = |line: &str| {
            !["clear EHLO", "clear STARTTLS", "clear QUIT"].iter().any(|one| line.starts_with(one))
        };
        assert!(!heard.lines().any(told), "{heard}");
    }
}

#[test]
fn a_server_that_is_another_gets_nothing() {
    for (name, end, known) in
        [("other.example", 2100, true), ("localhost", 2001, true), ("localhost", 2100, false)]
    {
        for scheme in ["smtp", "smtps"] {
            let server = Server::named(name, end, move |wire| {
                if scheme == "smtp" {
                    wire.say("220 here\r\n")?;
                    wire.hear()?;
                    wire.say("250-here\r\n250 STARTTLS\r\n")?;
                    wire.hear()?;
                    wire.say("220 go on\r\n")?;
                }
                wire.begin_tls()?;
                wire.talk(OFFERS, |_| None)
            });
            let client = secret(server.client(scheme));
            let other = identity("localhost", 2100).1;
            let mut client = client;
            if !known {
                client.roots = RootCertStore::empty();
                client = client.roots(other.as_bytes()).unwrap();
            }
            let error = client.deliver(&letter()).unwrap_err().to_string();
            assert!(error.contains("certificate"), "{error}");
            assert!(!server.heard().contains("tls "), "{}", server.heard());
        }
    }
}

/// However much it says, and however slowly.
#[test]
fn an_answer_without_end_is_not_waited_for() {
    for (chunk, scheme) in [
        ("2".repeat(1 << 16), "smtp"),
        ("220-more\r\n".repeat(6000), "smtp"),
        ("220-x\r\n".repeat(9000), "smtps"),
    ] {
        let said = Arc::new(Mutex::new(0_usize));
        let count = Arc::clone(&said);
        let server = Server::new(move |wire| {
            if scheme == "smtps" {
                wire.begin_tls()?;
            }
            while *count.lock().unwrap() < 256 << 20 {
                wire.say(&chunk)?;
                *count.lock().unwrap() += chunk.len();
            }
            Ok(())
        });
        let error = server.client(scheme).check().unwrap_err();
        assert!(matches!(error, DeliveryError::Away(_)), "{error}");
        thread::sleep(Duration::from_millis(100));
        assert!(*said.lock().unwrap() < 32 << 20, "{} octets were read: {error}", said.lock().unwrap());
    }
}

#[test]
fn an_octet_now_and_then_does_not_hold_it() {
    for tls in [false, true] {
        let server = Server::new(move |wire| {
            if tls {
                wire.begin_tls()?;
            }
            for octet in "220-here I am\r\n".chars().cycle() {
                // Inside, the parts of a record as well.
                if tls {
                    wire.tcp.write_all(&[if octet == '2' { 23 } else { 3 }])?;
                } else {
                    wire.say(&octet.to_string())?;
                }
                thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        });
        let client = server.client(if tls { "smtps" } else { "smtp" }).timeout(Duration::from_millis(700));
        let start = Instant::now();
        assert!(client.check().is_err());
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}

/// What is expected of an answer at a place.
fn refused(error: &DeliveryError) -> &'static str {
    match error {
        DeliveryError::Refused(_) => "refused",
        DeliveryError::Deferred(why) if why.contains("may have arrived") => "perhaps",
        DeliveryError::Deferred(_) => "deferred",
        DeliveryError::Away(_) => "away",
    }
}

#[test]
fn what_becomes_of_a_letter_by_its_answers() {
    for (place, answer, expected) in [
        ("MAIL", "450 4.2.1 not now\r\n", "deferred"),
        ("MAIL", "550 5.7.1 not you\r\n", "away"),
        ("MAIL", "552 5.3.4 too big\r\n", "refused"),
        ("MAIL", "421 going\r\n", "away"),
        ("MAIL", "", "away"),
        ("RCPT TO:<c@", "450 not now\r\n", "deferred"),
        ("RCPT TO:<c@", "550 nobody\r\n", "refused"),
        ("RCPT TO:<c@", "550-nobody\r\n550 here\r\n", "refused"),
        ("RCPT TO:<c@", "421 going\r\n", "deferred"),
        ("RCPT TO:<c@", "354 go on\r\n", "deferred"),
        ("RCPT TO:<c@", "", "deferred"),
        ("RCPT TO:<b@", "250 ok\r\n250 ok\r\n", "deferred"),
        ("DATA", "250 ok\r\n", "deferred"),
        ("DATA", "451 no room\r\n", "deferred"),
        ("DATA", "554 no\r\n", "refused"),
        ("DATA", "354 go on\r\n250 taken\r\n", "perhaps"),
        (".", "451 no room\r\n", "deferred"),
        (".", "554 spam\r\n", "refused"),
        (".", "421 going\r\n", "perhaps"),
        (".", "354 go on\r\n", "perhaps"),
        (".", "250-taken\r\n550 or not\r\n", "perhaps"),
        (".", "250 tak", "perhaps"),
        (".", "nonsense\r\n", "perhaps"),
        (".", "999 what\r\n", "perhaps"),
        (".", "", "perhaps"),
    ] {
        let server = Server::inside(OFFERS, move |line| line.starts_with(place).then(|| answer.to_owned()));
        let client = server.client("smtps").timeout(Duration::from_millis(1500));
        let error = client.deliver(&letter()).expect_err(place);
        assert_eq!(refused(&error), expected, "{place} {answer:?}: {error}");
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
}

/// A server closes what lay idle; the letter goes over a new connection.
#[test]
fn a_kept_connection_that_is_gone_is_no_answer() {
    for answer in ["421 idle\r\n", ""] {
        let seen = Mutex::new(0);
        let server = Server::inside(OFFERS, move |line| {
            let mut seen = seen.lock().unwrap();
            *seen += usize::from(line.starts_with("MAIL"));
            (line.starts_with("MAIL") && *seen == 2).then(|| answer.to_owned())
        });
        let client = server.client("smtps");
        for _ in 0..3 {
            client.deliver(&letter()).unwrap();
        }
        assert_eq!(server.heard().matches("tls EHLO").count(), 2);
    }
}

#[test]
fn a_password_is_told_as_it_was_asked_for_and_inside_tls() {
    let (plain, login) = ("AG5ld3MAdGhlLXBhc3N3b3Jk", ["bmV3cw==", "dGhlLXBhc3N3b3Jk"]);
    for (offers, challenges, heard) in [
        (OFFERS, vec![], vec![format!("AUTH PLAIN {plain}")]),
        ("250-here\r\n250 AUTH=PLAIN\r\n", vec![], vec![format!("AUTH PLAIN {plain}")]),
        (
            "250-here\r\n250 AUTH LOGIN CRAM-MD5\r\n",
            vec!["334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n"],
            vec!["AUTH LOGIN".into(), login[0].into(), login[1].into()],
        ),
    ] {
        let left = Mutex::new(challenges.into_iter());
        let server = Server::inside(offers, move |line| {
            let asked = line.starts_with("AUTH") || !line.contains(' ') && line.len() > 9;
            asked.then(|| left.lock().unwrap().next().unwrap_or("235 welcome\r\n").to_owned())
        });
        secret(server.client("smtps")).check().unwrap();
        for line in heard {
            assert!(server.heard().contains(&format!("tls {line}\r\n")), "{}", server.heard());
        }
    }
    for (offers, answer) in [
        ("250 here\r\n", ""),
        ("250-here\r\n250 AUTH CRAM-MD5 GSSAPI\r\n", ""),
        (OFFERS, "535 5.7.8 wrong\r\n"),
        (OFFERS, "250 ok\r\n"),
        (OFFERS, "334 \r\n"),
        ("250-here\r\n250 AUTH LOGIN\r\n", "334 UGFzc3dvcmQ6\r\n"),
        (OFFERS, "454 later\r\n"),
        (OFFERS, "235 welcome\r\n250 ok\r\n"),
    ] {
        let server = Server::inside(offers, move |line| {
            (!["EHLO", "QUIT", "MAIL"].iter().any(|verb| line.starts_with(verb))).then(|| answer.to_owned())
        });
        let client = secret(server.client("smtps"));
        let error = client.deliver(&letter()).unwrap_err();
        assert!(matches!(error, DeliveryError::Away(_)), "{error}");
        assert!(
            !error.to_string().contains("the-password") && !error.to_string().contains(login[1]),
            "{error}"
        );
        assert!(!server.heard().contains("MAIL"), "{}", server.heard());
    }
}

#[test]
fn a_letter_that_would_arrive_otherwise_is_not_sent() {
    let smuggled = "From: a@example.org\r\n\r\nHi{}MAIL FROM:<eve@example.com>\r\n";
    let smuggled = |end: &str| smuggled.replace("{}", end).into_bytes();
    let long = format!("From: a@example.org\r\n\r\n{}\r\n", "x".repeat(999));
    let large = format!("From: a@example.org\r\n\r\n{}", "x\r\n".repeat(40_000));
    for (octets, offers) in [
        (smuggled("\n.\n"), OFFERS),
        (smuggled("\n.\r\n"), OFFERS),
        (smuggled("\r.\r\n"), OFFERS),
        (smuggled("\r\n.\r"), OFFERS),
        (smuggled("\r\n.\n"), OFFERS),
        (b"From: a@example.org\r\n\r\n\0\r\n".to_vec(), OFFERS),
        (long.into_bytes(), OFFERS),
        (large.into_bytes(), OFFERS),
        ("From: a@example.org\r\n\r\nZo\u{eb}\r\n".into(), "250 here\r\n"),
        ("From: a@example.org\r\nSubject: Zo\u{eb}\r\n\r\nx\r\n".into(), "250-here\r\n250 8BITMIME\r\n"),
    ] {
        let server = Server::inside(offers, |_| None);
        let client = server.client("smtps");
        let shown = String::from_utf8_lossy(&octets[..octets.len().min(60)]).into_owned();
        let error = client.deliver(&letter_of(&octets, &["b@example.org"])).expect_err(&shown);
        assert!(matches!(error, DeliveryError::Refused(_)), "{shown}: {error}");
        assert!(!server.heard().contains("MAIL"), "{}", server.heard());
        // Others go on over the same connection.
        client.deliver(&letter()).unwrap();
        assert_eq!(server.heard().matches("tls EHLO").count(), 1);
    }
    let server = Server::inside("250 here\r\n", |_| None);
    let wide = letter_of(b"From: a@example.org\r\n\r\nx\r\n", &["zo\u{eb}@example.org"]);
    let error = server.client("smtps").deliver(&wide).unwrap_err();
    assert!(matches!(error, DeliveryError::Refused(_)), "{error}");
}

#[test]
fn letters_arrive_as_they_are() {
    let server = Server::inside(OFFERS, |_| None);
    let client = server.client("smtps");
    let texts = [
        "From: a@example.org\r\n\r\n.\r\n..\r\n.x\r\nend\r\n.\r\n",
        "From: a@example.org\r\n\r\nno end",
        "From: a@example.org\r\n\r\nblank lines\r\n\r\n\r\n",
        "From: a@example.org\r\nSubject: Zo\u{eb}\r\n\r\n\u{65e5}\u{672c}\r\n",
        "",
    ];
    for text in texts {
        client.deliver(&letter_of(text.as_bytes(), &["b@example.org", "\"a b>\"@example.org"])).unwrap();
    }
    let heard = server.heard().replace("tls ", "");
    let mut letters = heard.split("DATA\r\n").skip(1);
    for text in texts {
        let got = letters.next().unwrap().split_once("\r\n.\r\n");
        let got = got.map_or("", |(text, _)| text).replace("\r\n.", "\r\n");
        assert_eq!(got, text.strip_suffix("\r\n").unwrap_or(text));
    }
    assert!(heard.contains("RCPT TO:<\"a b>\"@example.org>\r\n"));
    let wide: Vec<_> = heard.lines().filter(|line| line.contains("SMTPUTF8")).collect();
    assert!(wide.len() == 1 && wide[0].contains(" BODY=8BITMIME"), "{wide:?}");
}

/// No address makes a line of its own.
#[test]
fn no_address_says_more_than_an_address() {
    for text in [
        "a@example.org>\r\nRCPT TO:<b@example.org",
        "a\r\n@example.org",
        "\"a\r\nDATA\r\n\"@example.org",
        "\"a\0\"@example.org",
        "",
        "<>",
        "a b@example.org",
        "a@[1.2.3.4]\r\n",
        "\"\r\n\"@x.example",
        "a@b.example SIZE=1",
    ] {
        let read = text.parse::<Address>().map(|read| read.to_string());
        assert!(
            read.as_ref().map_or(true, |read| !read.contains(char::is_control) && !read.contains(' ')),
            "{text:?} {read:?}"
        );
    }
}

#[test]
fn each_thread_has_a_connection() {
    let server = Server::inside(OFFERS, |_| None);
    let client = server.client("smtps");
    thread::scope(|scope| {
        for thread in 0..4 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..25 {
                    let text =
                        format!("From: a@example.org\r\nSubject: letter-{thread}-{number}.\r\n\r\nx\r\n");
                    client.deliver(&letter_of(text.as_bytes(), &["b@example.org"])).unwrap();
                }
            });
        }
    });
    let heard = server.heard();
    assert!(heard.matches("tls EHLO").count() <= 4);
    for number in 0..100 {
        assert_eq!(heard.matches(&format!("letter-{}-{}.", number / 25, number % 25)).count(), 1);
    }
}
