//! As much of an SMTP client as a test needs: it logs in by XCLIENT, and sends the octets that it is given.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct Smtp {
    stream: BufReader<TcpStream>,
}

/// What the server answers: the number and all lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub code: u16,
    pub text: String,
}

impl Smtp {
    /// To a server, as somebody who has logged in there, if a login is given.
    pub fn connect(port: u16, login: Option<&str>) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let mut smtp = Self { stream: BufReader::new(stream) };
        assert_eq!(smtp.answer().code, 220);
        smtp.expect("EHLO client.test", 250);
        if let Some(login) = login {
            smtp.expect(&format!("XCLIENT LOGIN={login}"), 220);
            smtp.expect("EHLO client.test", 250);
        }
        smtp
    }

    fn answer(&mut self) -> Answer {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            let length = self.stream.read_line(&mut line).unwrap();
            assert!(length > 3, "the server hung up: {text}");
            text.push_str(&line);
            if line.as_bytes()[3] == b' ' {
                return Answer { code: line[..3].parse().unwrap(), text };
            }
        }
    }

    pub fn say(&mut self, line: &str) -> Answer {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.answer()
    }

    fn expect(&mut self, line: &str, code: u16) {
        let answer = self.say(line);
        assert_eq!(answer.code, code, "{line}: {answer:?}");
    }

    /// A letter with CRLF. What the server says to it in the end.
    pub fn send(&mut self, from: &str, to: &str, letter: &[u8]) -> Answer {
        let words = if letter.is_ascii() { "" } else { " BODY=8BITMIME SMTPUTF8" };
        self.expect(&format!("MAIL FROM:<{from}>{words}"), 250);
        self.expect(&format!("RCPT TO:<{to}>"), 250);
        self.expect("DATA", 354);
        let mut stuffed = Vec::with_capacity(letter.len() + 100);
        for line in letter.split_inclusive(|octet| *octet == b'\n') {
            if line.first() == Some(&b'.') {
                stuffed.push(b'.');
            }
            stuffed.extend_from_slice(line);
        }
        if !stuffed.ends_with(b"\r\n") {
            stuffed.extend_from_slice(b"\r\n");
        }
        stuffed.extend_from_slice(b".\r\n");
        self.stream.get_mut().write_all(&stuffed).unwrap();
        self.answer()
    }
}
