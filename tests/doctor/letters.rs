//! Letters of every shape, signed by openssl, gpg and mailseal over their very octets.

use std::collections::BTreeMap;

use mailseal::{CertificatePool, Composer, Context, Key, Password, TrustStore};

use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Leaf, PASSWORD, Pki};
use crate::support::{Program, tool};

pub const ALICE: &str = "alice@example.org";

/// A letter to sign: name and entity, with CRLF.
pub struct Draft {
    pub name: &'static str,
    pub entity: Vec<u8>,
}

fn part(fields: &str, body: &str) -> Vec<u8> {
    let text = format!("{}\n{body}", fields).replace('\n', "\r\n");
    text.into_bytes()
}

const SMALL: &str = "Dear Bob,\n\nwe meet on Monday at nine.\nPlease bring the papers.\n\nAlice\n";

pub fn drafts() -> Vec<Draft> {
    let draft = |name, entity| Draft { name, entity };
    let long = format!("See the figures: {}\n\nAlice\n", "one two three four five six seven ".repeat(60));
    let latin = "Sch\u{f6}ne Gr\u{fc}\u{df}e aus K\u{f6}ln, bis Montag.\n\nAlice\n";
    let latin_octets: Vec<u8> =
        latin.replace('\n', "\r\n").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ\nRU5ErkJggg==\n";
    vec![
        draft("plain", part("Content-Type: text/plain; charset=us-ascii\n", SMALL)),
        draft(
            "from",
            part(
                "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n",
                "Dear Bob,\n\nFrom Monday on we meet at nine.\nFrom then on, daily.\n.. and at ten\n.profile is there\n\nAlice\n",
            ),
        ),
        draft(
            "blanks",
            part(
                "Content-Type: text/plain; charset=us-ascii; format=flowed\n",
                "Dear Bob, \n\nwe meet on Monday at nine; bring all of the papers please, \nand the pens.\n\n\ta\tb\n\n\n-- \nAlice\n",
            ),
        ),
        draft(
            "eight",
            part(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
                "Lieber J\u{f6}rg,\n\nGr\u{fc}\u{df}e aus K\u{f6}ln; wir treffen uns am Montag.\n\nAlice\n",
            ),
        ),
        draft(
            "latin",
            [
                part("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n", ""),
                latin_octets,
            ]
            .concat(),
        ),
        draft(
            "quoted",
            part(
                "Content-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n",
                "Lieber J=C3=B6rg,\n\nGr=C3=BC=C3=9Fe aus K=C3=B6ln, wo wir uns am n=C3=A4chsten Montag zum =\nEssen treffen wollen, wie immer um neun, und wo es dann weiter geht bis =\nzum Abend.=20\n\nAlice\n",
            ),
        ),
        draft(
            "links",
            part(
                "Content-Type: text/plain; charset=us-ascii\n",
                "Dear Bob,\n\nthe papers: https://example.org/papers?year=2029&part=2\nthe map: https://maps.example.com/a/b\n\nAlice\n",
            ),
        ),
        draft(
            "alternative",
            part(
                "Content-Type: multipart/alternative; boundary=\"alt\"\n",
                "--alt\nContent-Type: text/plain; charset=us-ascii\n\nDear Bob,\n\nthe papers: https://example.org/papers?year=2029\n\nAlice\n\n--alt\n\
                 Content-Type: text/html; charset=us-ascii\n\n<html><body>\n<p>Dear Bob,</p>\n<p>the <a href=\"https://example.org/papers?year=2029\">papers</a></p>\n<p>Alice</p>\n</body></html>\n\n--alt--\n",
            ),
        ),
        draft(
            "attached",
            part(
                "Content-Type: multipart/mixed; boundary=\"mix\"\n",
                &format!(
                    "--mix\nContent-Type: text/plain; charset=us-ascii\n\n{SMALL}\n--mix\n\
                     Content-Type: image/png; name=\"dot.png\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"dot.png\"\n\n{picture}\n--mix--\n"
                ),
            ),
        ),
        draft("long", part("Content-Type: text/plain; charset=us-ascii\n", &long)),
        draft(
            "japanese",
            part(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
                "ボブ様\n\n月曜日の九時に会いましょう。\n書類をお持ちください。\n\nアリス\n",
            ),
        ),
        draft(
            "html",
            part(
                "Content-Type: text/html; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n",
                "<html>\n<body>\n<p>Dear Bob,</p>\n<p>see <a href=\"https://example.org/a?b=1\">this</a>.</p>\n<p>Alice</p>\n</body>\n</html>\n",
            ),
        ),
        draft(
            "folded",
            part(
                "Content-Type: text/plain; charset=us-ascii;\n name=\"minutes of the meeting on Monday, which everybody is to read.txt\"\nContent-Disposition: inline;\n filename=\"minutes of the meeting on Monday, which everybody is to read.txt\"\n",
                SMALL,
            ),
        ),
        draft(
            "mixed_eight",
            part(
                "Content-Type: multipart/mixed; boundary=\"mix8\"\n",
                &format!(
                    "--mix8\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\u{fc}\u{df}e aus K\u{f6}ln.\n\n--mix8\n\
                     Content-Type: image/png; name=\"dot.png\"\nContent-Transfer-Encoding: base64\n\n{picture}\n--mix8--\n"
                ),
            ),
        ),
    ]
}

/// Who signs, and what a reader needs to know of them.
pub struct Signers {
    /// Its folder goes with it.
    _pki: Pki,
    gpg: Gpg,
    fingerprint: String,
    leaf: Leaf,
    pub cx: Context,
    keys: BTreeMap<&'static str, Key>,
}

impl Signers {
    pub fn new() -> Option<Self> {
        let (pki, gpg) = (Pki::new()?, Gpg::new()?);
        let leaf = pki.leaf(ALICE, KeyType::P256);
        let fingerprint = gpg.make_key(&format!("Alice <{ALICE}>"), "ed25519");
        let (certificate, secret) = (gpg.certificate(&fingerprint), gpg.secret_key(&fingerprint));
        let cx =
            Context::new(TrustStore::new()).certificates(CertificatePool::new().with(&certificate).unwrap());
        let keys = BTreeMap::from([
            (
                "mailseal S/MIME",
                Key::load(&std::fs::read(&leaf.pkcs12).unwrap(), Password::from(PASSWORD)).unwrap(),
            ),
            ("mailseal OpenPGP", Key::load(&secret, Password::none()).unwrap()),
        ]);
        Some(Self { _pki: pki, gpg, fingerprint, leaf, cx, keys })
    }

    pub fn sign(&self, draft: &Draft, signer: &str) -> Vec<u8> {
        match signer {
            "openssl" => self.openssl(&draft.entity),
            "gpg" => self.gpg(&draft.entity),
            other => {
                let finished = [HEADER.as_bytes(), b"MIME-Version: 1.0\r\n", &draft.entity].concat();
                let mut mail = Vec::new();
                let at = std::time::SystemTime::now();
                Composer::new(&self.cx).sign(&self.keys[other]).compose(&finished, at, &mut mail).unwrap();
                mail
            }
        }
    }

    fn openssl(&self, entity: &[u8]) -> Vec<u8> {
        let der = Program::new(tool("openssl").unwrap())
            .words("cms -sign -binary -outform DER -md sha256 -signer")
            .arg(&self.leaf.certificate)
            .arg("-inkey")
            .arg(&self.leaf.key)
            .input(entity)
            .ok();
        let lines: Vec<u8> = base64(&der);
        let body = [b"Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n".as_slice(), &lines].concat();
        wrapped("application/pkcs7-signature", "sha-256", entity, &body)
    }

    fn gpg(&self, entity: &[u8]) -> Vec<u8> {
        let armored = self.gpg.sign(&self.fingerprint, entity, "--digest-algo SHA256");
        let armored = String::from_utf8(armored).unwrap().replace('\n', "\r\n");
        let body =
            format!("Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n{armored}");
        wrapped("application/pgp-signature", "pgp-sha256", entity, body.as_bytes())
    }
}

pub const HEADER: &str = "From: Alice <alice@example.org>\r\nTo: Bob <bob@example.net>\r\nSubject: Meeting\r\n\
    Date: Mon, 1 Jan 2029 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n";

fn wrapped(protocol: &str, micalg: &str, entity: &[u8], signature: &[u8]) -> Vec<u8> {
    let head = format!(
        "{HEADER}MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"{protocol}\";\r\n\tmicalg={micalg}; boundary=\"=-sig-=\"\r\n\r\n\
         --=-sig-=\r\n"
    );
    [head.as_bytes(), entity, b"\r\n--=-sig-=\r\n", signature, b"\r\n--=-sig-=--\r\n"].concat()
}

fn base64(der: &[u8]) -> Vec<u8> {
    let encoded = Program::new(tool("openssl").unwrap()).words("base64").input(der).ok();
    String::from_utf8(encoded).unwrap().replace('\n', "\r\n").into_bytes()
}
