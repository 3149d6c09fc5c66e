//! Letters of every shape, as drafts and as what a foreign program signs; taken apart and changed by hand.

use std::ops::Range;
use std::time::SystemTime;

use mail_builder::headers::date::Date;
use mailseal::{Context, Opener, Outcome, Policy, Scope, TrustStore, Verdict};

pub const ALICE: &str = "alice@example.org";

/// One letter: header fields of the letter, and the entity (RFC 2045 §2.4), which has fields of its own.
pub struct Letter {
    pub name: &'static str,
    /// Each with its CRLF.
    pub fields: Vec<u8>,
    /// With CRLF everywhere, but perhaps not at its end.
    pub entity: Vec<u8>,
}

impl Letter {
    fn new(name: &'static str, subject: &str, entity: impl Into<Vec<u8>>) -> Self {
        let fields = format!(
            "From: Alice <{ALICE}>\r\nTo: Bob <bob@example.net>\r\nSubject: {subject}\r\nDate: {}\r\n\
             Message-ID: <{name}@example.org>\r\nMIME-Version: 1.0\r\n",
            Date::now().to_rfc822()
        );
        Self { name: name.trim(), fields: fields.into_bytes(), entity: entity.into() }
    }

    /// A finished, unsigned letter, as mail builders make it.
    pub fn draft(&self) -> Vec<u8> {
        [&self.fields[..], &self.entity].concat()
    }

    /// multipart/signed around the entity, written by hand.
    pub fn wrapped(&self, protocol: &str, micalg: &str, file: &str, signature: &str) -> Vec<u8> {
        let head = format!(
            "Content-Type: multipart/signed; protocol=\"{protocol}\";\r\n\tmicalg={micalg}; boundary=\"=-b-=\"\r\n\r\n\
             This is a signed letter.\r\n--=-b-=\r\n"
        );
        let tail = format!(
            "\r\n--=-b-=\r\nContent-Type: {protocol}; name=\"{file}\"\r\n{signature}\r\n--=-b-=--\r\n"
        );
        [&self.fields[..], head.as_bytes(), &self.entity, tail.as_bytes()].concat()
    }

    /// The same with a CMS signature in DER.
    pub fn with_cms(&self, micalg: &str, der: &[u8]) -> Vec<u8> {
        let body = format!("Content-Transfer-Encoding: base64\r\n\r\n{}", base64_lines(der));
        self.wrapped("application/pkcs7-signature", micalg, "smime.p7s", &body)
    }

    /// The same with an armored OpenPGP signature.
    pub fn with_pgp(&self, micalg: &str, armored: &[u8]) -> Vec<u8> {
        let armored = String::from_utf8(crlf(armored)).unwrap();
        self.wrapped("application/pgp-signature", micalg, "signature.asc", &format!("\r\n{armored}"))
    }

    /// The CMS message that holds the content.
    pub fn in_cms(&self, der: &[u8]) -> Vec<u8> {
        let head = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\r\n\
                    Content-Transfer-Encoding: base64\r\n\r\n";
        [&self.fields[..], head.as_bytes(), base64_lines(der).as_bytes(), b"\r\n"].concat()
    }
}

pub fn plain() -> Letter {
    Letter::new(
        "plain",
        "Meeting",
        "Content-Type: text/plain; charset=us-ascii\r\n\r\nDear Bob,\r\n\r\nat nine.\r\n",
    )
}

/// Letters that have been trouble for somebody.
pub fn all() -> Vec<Letter> {
    let text = |charset: &str, encoding: &str, body: &[u8]| -> Vec<u8> {
        let head = format!(
            "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    let long = format!("{}\r\n{}\r\n", "long line ".repeat(90), "x".repeat(997));
    let png = base64_lines(&(0..=255).collect::<Vec<u8>>());
    vec![
        plain(),
        Letter::new("nested multipart", "Tree", NESTED),
        Letter::new("attachment", "With a file", ATTACHMENT.replace("BASE64", &png)),
        Letter::new("forwarded letter", "Fwd: Inner", FORWARDED),
        Letter::new(
            "ISO-2022-JP",
            "=?ISO-2022-JP?B?GyRCMnE1RCROJCpDTiRpJDsbKEI=?=",
            text("ISO-2022-JP", "7bit", b"\x1b$B2q5D$N$*CN$i$;\x1b(B\r\n\r\nABC \x1b$BEl5~\x1b(B.\r\n"),
        ),
        Letter::new(
            "Shift_JIS",
            "=?Shift_JIS?B?ie+LY4LMgqiSbYLngrk=?=",
            text("Shift_JIS", "8bit", b"\x89\xef\x8bc\x82\xcc\x82\xa8\x92m\x82\xe7\x82\xb9\r\n\x83\x5c\r\n"),
        ),
        Letter::new(
            "EUC-JP",
            "=?EUC-JP?Q?=B2=F1=B5=C4?=",
            text(
                "EUC-JP",
                "quoted-printable",
                b"=B2=F1=B5=C4=A4=CE=A4=AA=C3=CE=A4=E9=A4=BB\r\nsoft=\r\n end\r\n",
            ),
        ),
        Letter::new("format flowed", "Flowed", FLOWED),
        Letter::new("long lines", "Long", text("us-ascii", "7bit", long.as_bytes())),
        Letter::new(
            "8bit",
            "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=",
            text("utf-8", "8bit", "Grüße, 東京\r\n".as_bytes()),
        ),
        Letter::new("empty body", "Nothing", "Content-Type: text/plain; charset=us-ascii\r\n\r\n"),
        Letter::new(
            "no final newline",
            "End",
            "Content-Type: text/plain; charset=us-ascii\r\n\r\nno newline",
        ),
        Letter::new("blank lines at the end", "End", "Content-Type: text/plain\r\n\r\nend\r\n\r\n\r\n"),
        Letter::new("dots, dashes, From", "Odd lines", ODD_LINES),
    ]
}

/// What is done to a whole letter.
pub type Change = fn(&[u8]) -> Vec<u8>;

pub fn crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() + 64);
    for octet in octets {
        if *octet == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(*octet);
    }
    out
}

pub fn lf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    for octet in octets {
        if *octet == b'\n' && out.last() == Some(&b'\r') {
            out.pop();
        }
        out.push(*octet);
    }
    out
}

/// A signed letter with CRLF, taken apart by hand.
#[derive(Clone)]
pub struct Sealed {
    pub mail: Vec<u8>,
    /// What is signed: the first part, or the content inside the CMS message.
    pub content: Vec<u8>,
    /// DER, or OpenPGP armor; for an opaque letter the whole CMS message.
    pub signature: Vec<u8>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    /// The content in the mail.
    Mail(Range<usize>),
    /// The content in the CMS message, and the body of the mail.
    Cms(usize, usize),
}

impl Sealed {
    /// A letter as the composer writes it: no preamble, and content that is in one piece.
    pub fn detached(mail: &[u8]) -> Self {
        let text = latin1(mail);
        let head = text.find("\r\n\r\n").expect("a header");
        let boundary = text[..head].split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
        let delimiter = format!("\r\n--{}", boundary.expect("a boundary"));
        let places: Vec<usize> = text.match_indices(&delimiter).map(|(at, _)| at).collect();
        let range = places[0] + delimiter.len() + 2..places[1];
        let part = &text[places[1] + delimiter.len() + 2..places[2]];
        let (fields, body) = part.split_once("\r\n\r\n").expect("a part");
        let signature = match fields.to_ascii_lowercase().contains("base64") {
            true => unbase64(body.as_bytes()),
            false => body.as_bytes().to_vec(),
        };
        Self {
            mail: mail.to_vec(),
            content: mail[range.clone()].to_vec(),
            signature,
            place: Place::Mail(range),
        }
    }

    pub fn opaque(mail: &[u8], content: &[u8]) -> Self {
        let body = find(mail, b"\r\n\r\n").expect("a header") + 4;
        let signature = unbase64(&mail[body..]);
        let at = find(&signature, content).expect("the content in one piece");
        Self { mail: mail.to_vec(), content: content.to_vec(), signature, place: Place::Cms(at, body) }
    }

    /// The same with one octet of the content changed.
    pub fn altered(&self) -> Self {
        let mut changed = self.clone();
        let at = letter_at(&self.content);
        flip(&mut changed.content[at]);
        match &self.place {
            Place::Mail(range) => flip(&mut changed.mail[range.start + at]),
            Place::Cms(start, body) => {
                flip(&mut changed.signature[start + at]);
                changed.mail.truncate(*body);
                changed.mail.extend_from_slice(base64_lines(&changed.signature).as_bytes());
            }
        }
        changed
    }
}

/// Any signed letter of this file with one octet of this entity changed, where the letter holds it as it is.
pub fn altered(mail: &[u8], entity: &[u8]) -> Vec<u8> {
    let start = find(mail, entity).expect("the entity as it is");
    let mut changed = mail.to_vec();
    flip(&mut changed[start + letter_at(entity)]);
    changed
}

/// A letter that can be changed without changing the structure: in the text, or else in the header of an empty one.
fn letter_at(entity: &[u8]) -> usize {
    let body = find(entity, b"\r\n\r\n").map_or(0, |at| at + 4);
    let plain = |at: &usize| entity[*at].is_ascii_lowercase();
    let inner = find(&entity[body..], b"\r\n\r\n").map(|at| body + at + 4);
    let places = [inner.unwrap_or(body)..entity.len(), body..entity.len(), 0..entity.len()];
    places.into_iter().find_map(|mut range| range.find(plain)).expect("a letter")
}

fn flip(octet: &mut u8) {
    *octet = if *octet == b'x' { b'y' } else { b'x' };
}

pub fn find(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    octets.windows(wanted.len()).position(|window| window == wanted)
}

fn latin1(octets: &[u8]) -> String {
    octets.iter().map(|octet| if octet.is_ascii() { char::from(*octet) } else { '?' }).collect()
}

pub fn base64_lines(octets: &[u8]) -> String {
    let one = base64_simd::STANDARD.encode_to_string(octets);
    let lines: Vec<&str> = one.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\r\n")
}

pub fn unbase64(text: &[u8]) -> Vec<u8> {
    let dense: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    base64_simd::STANDARD.decode_to_vec(dense).expect("base64")
}

/// What an armor holds (RFC 9580 §6.2), up to its check sum or its end.
pub fn dearmored(armor: &[u8]) -> Vec<u8> {
    let text = latin1(&crlf(armor));
    let (_, rest) = text.split_once("\r\n\r\n").expect("the headers of an armor");
    let lines = rest.split("\r\n").take_while(|line| !line.starts_with(['=', '-']));
    unbase64(lines.collect::<String>().as_bytes())
}

/// What mailseal says of a letter to somebody who trusts these anchors.
pub fn judge(anchors: &[u8], mail: &[u8]) -> (Verdict, String) {
    let trust = TrustStore::new().anchors(anchors, Scope::any()).unwrap();
    let opened = Opener::new(&Context::new(trust)).open(mail, now()).unwrap();
    let verdict = Policy::standard().judge(&opened.report);
    let text = verdict.text(&opened.report).explain(true).to_string();
    (verdict, text)
}

/// Good as it is, bad when altered.
pub fn good_then_bad(anchors: &[u8], mail: &[u8], altered: &[u8]) -> Result<(), String> {
    outcomes(anchors, mail, altered, Outcome::Good)
}

pub fn outcomes(anchors: &[u8], mail: &[u8], altered: &[u8], wanted: Outcome) -> Result<(), String> {
    for (mail, wanted) in [(mail, wanted), (altered, Outcome::Bad)] {
        let (verdict, text) = judge(anchors, mail);
        if verdict.outcome != wanted {
            return Err(format!("we say {:?}, not {wanted:?}: {text}", verdict.outcome));
        }
    }
    Ok(())
}

/// Keys are made now, and no program likes signatures from the future.
pub fn now() -> SystemTime {
    SystemTime::now()
}

const NESTED: &str = "Content-Type: multipart/mixed; boundary=outer\r\n\r\npreamble\r\n--outer\r\n\
Content-Type: multipart/alternative; boundary=\"inner one\"\r\n\r\n--inner one\r\n\
Content-Type: text/plain; charset=us-ascii\r\n\r\nplain text\r\n--inner one\r\n\
Content-Type: text/html; charset=us-ascii\r\n\r\n<p>html text</p>\r\n--inner one--\r\n\r\n--outer\r\n\
Content-Type: text/x-note\r\n\r\na note\r\n\r\n--outer--\r\nepilogue\r\n";

const ATTACHMENT: &str = "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\n\
Content-Type: text/plain; charset=us-ascii\r\n\r\nsee the file\r\n--b1\r\n\
Content-Type: application/octet-stream; name*=UTF-8''%E8%B3%87%E6%96%99.bin\r\n\
Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"data.bin\"\r\n\r\n\
BASE64\r\n--b1--\r\n";

const FORWARDED: &str = "Content-Type: multipart/mixed; boundary=\"b2\"\r\n\r\n--b2\r\n\
Content-Type: text/plain; charset=us-ascii\r\n\r\nsee below\r\n--b2\r\nContent-Type: message/rfc822\r\n\r\n\
From: Carol <carol@example.com>\r\nSubject: Inner\r\nContent-Type: text/plain\r\n\r\ninner text\r\n--b2--\r\n";

const FLOWED: &str = "Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=no\r\n\r\n\
this paragraph is \r\nflowed over \r\nlines.\r\n-- \r\nAlice \r\n";

const ODD_LINES: &str = "Content-Type: text/plain; charset=us-ascii\r\n\r\nthe start\r\nFrom here on\r\n.\r\n..two\r\n\
- dash\r\n-----BEGIN something-----\r\n--not a boundary\r\n\ttab \r\n";
