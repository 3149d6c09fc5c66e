//! Letters of every kind that people send.

use std::fs;
use std::sync::OnceLock;

use crate::compiled::root;
use crate::stage::{ALICE, CAROL};

/// What has to come of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// Signed on the way, and good.
    Signed,
    /// Untouched: it was sealed by somebody else.
    Sealed,
    /// Untouched: its sender may not sign for that address.
    Unsigned,
}

pub struct Letter {
    pub login: &'static str,
    pub from: &'static str,
    pub octets: Vec<u8>,
    pub fate: Fate,
}

/// Results that somebody would like us to have said.
const FORGED: &str =
    "Authentication-Results: mx.box.test; smime=pass body.smime-identifier=president@example.org\r\n";

/// A letter of its kind; all that differs is its number.
pub fn letter(number: usize) -> Letter {
    let (login, from) = if number.is_multiple_of(3) { ("carol", CAROL) } else { ("alice", ALICE) };
    let head = |rest: &str| {
        format!(
            "Received: from nowhere by nobody; Mon, 21 Sep 2026 14:13:20 +0000\r\n{}From: Somebody <{from}>\r\n\
             To: bob@box.test\r\nSubject: letter {number}\r\nMessage-ID: <{number}@client.test>\r\n\
             Date: {}\r\nX-Number: {number}\r\n{rest}",
            if number.is_multiple_of(2) { FORGED } else { "" },
            now(),
        )
    };
    let signed = |text: String| Letter { login, from, octets: text.into_bytes(), fate: Fate::Signed };
    match number % 14 {
        0 => signed(head("\r\nPlain text.\r\n")),
        1 => signed(head(&format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             preamble\r\n--b\r\n\r\nText.\r\n--b\r\nContent-Type: application/octet-stream\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n{}--b--\r\n",
            "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n"
                .repeat(100)
        ))),
        2 => signed(head(
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\nGrüße aus Köln, 日本語。\r\n",
        )),
        3 => signed(head(&format!("\r\n{}\r\n", "long line ".repeat(90)))),
        4 => signed(head("X-Text: Grüße\r\n\r\nA header in UTF-8.\r\n")),
        5 => signed(head(
            "\r\nFrom here on\r\nFrom there\r\n.dot\r\n..\r\n>From quoted \r\ntrailing   \r\n\t\r\n\r\n\r\n",
        )),
        6 => signed(head(
            "Mime-version: 1.0 (made by hand)\r\nContent-Type: text/html; charset=iso-8859-1\r\n\
             Content-Transfer-Encoding: quoted-printable\r\nContent-Language: de\r\nContent-Description: x\r\n\r\n\
             <p>Gr=FC=DFe</p>\r\n",
        )),
        7 => signed(head(
            "Keywords: one\r\nKeywords: two\r\nComments:no blank\r\nX-Folded: a\r\n\tb\r\n  c\r\n\r\n",
        )),
        8 => signed(head(&format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_x\"\r\n\r\n\
             --=_x\r\nContent-Type: text/plain\r\n\r\nA\r\n--=_x\r\nContent-Type: multipart/related; boundary=in\r\n\r\n\
             --in\r\nContent-Type: text/html\r\n\r\n{}\r\n--in--\r\n--=_x--\r\n",
            "<b>x</b>\r\n".repeat(300)
        ))),
        9 => sealed("openssl.eml", number),
        10 => sealed("gpg.eml", number),
        11 => sealed(
            if number.is_multiple_of(2) { "gpg-encrypted.eml" } else { "openssl-encrypted.eml" },
            number,
        ),
        12 => {
            let inline = "\r\nSee below.\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nHello\r\n\
                 -----BEGIN PGP SIGNATURE-----\r\n\r\nAAAA\r\n-----END PGP SIGNATURE-----\r\n";
            Letter { login, from, octets: head(inline).into_bytes(), fate: Fate::Sealed }
        }
        _ => {
            let text = head("\r\nWho am I?\r\n").replace(from, "president@example.org");
            Letter { login, from, octets: text.into_bytes(), fate: Fate::Unsigned }
        }
    }
}

/// As somebody else sealed it, with our number above.
fn sealed(name: &str, number: usize) -> Letter {
    let letter = fs::read_to_string(root().join("examples/letters").join(name)).unwrap();
    let letter = letter.replace("\r\n", "\n").replace('\n', "\r\n");
    // From whom we would sign, if it were not sealed.
    let from = letter.lines().find(|line| line.starts_with("From: ")).unwrap();
    let letter = letter.replacen(from, &format!("From: {ALICE}"), 1);
    let octets = format!("X-Number: {number}\r\n{FORGED}{letter}").into_bytes();
    Letter { login: "alice", from: ALICE, octets, fate: Fate::Sealed }
}

/// The letter as it lies in a Maildir, without what was forged.
pub fn at_rest(letter: &[u8]) -> String {
    String::from_utf8_lossy(letter).replace(FORGED, "").replace("\r\n", "\n")
}

/// A letter is dated when it is sent: a signature of another time would be told. One date for all of a run.
fn now() -> &'static str {
    static NOW: OnceLock<String> = OnceLock::new();
    NOW.get_or_init(|| {
        let out = crate::support::Program::new("date").words("-u -R").ok();
        String::from_utf8(out).unwrap().trim().to_owned()
    })
}
