//! What mail servers, clients and lists do to a letter on its way.

use mailseal::{Key, Outcome};

use crate::cells::{Cells, Outcome as Cell, Seen, must};
use crate::letters::{self, Change, Letter, crlf, judge, lf};
use crate::pgp;
use crate::sealed::{seal, sealed};
use crate::smime::{World, load};

const TABLE: &str = "On the way";

/// What is done to a whole letter that harms nothing.
const HARMLESS: &[(&str, Change)] = &[
    ("as it is", <[u8]>::to_vec),
    ("LF on disk", lf),
    ("LF and back", |mail| crlf(&lf(mail))),
    ("dots doubled and taken away", |mail| unstuffed(&stuffed(mail))),
    ("Received and Return-Path", |mail| [TRACE.as_bytes(), mail].concat()),
    ("header refolded", refolded),
    ("header unfolded", |mail| on_header(mail, unfolded)),
    ("names of fields in small letters", |mail| on_header(mail, small_names)),
    ("other order of fields", |mail| on_header(mail, reversed)),
    ("blanks at the ends of lines cut off", |mail| lines(mail, |line| line.trim_ascii_end().to_vec())),
    (">From", |mail| {
        lines(mail, |line| [if line.starts_with(b"From ") { ">" } else { "" }.as_bytes(), line].concat())
    }),
    ("a scanner's footer in the epilogue", |mail| [mail, b"checked by a scanner\r\n"].concat()),
    ("lines beyond 998 octets broken", |mail| {
        lines(mail, |line| line.chunks(998).collect::<Vec<_>>().join(&b"\r\n"[..]))
    }),
];

pub fn run(cells: &Cells) {
    let mut signers: Vec<(&str, Key, bool, Vec<u8>)> = Vec::new();
    if let Some(world) = World::get(cells) {
        signers.push(("S/MIME detached", load(world.leaf("P-256")), false, world.anchors.clone()));
        signers.push(("S/MIME opaque", load(world.leaf("P-256")), true, world.anchors.clone()));
    }
    if let Some(world) = pgp::World::get(cells) {
        let maker = world.key("gpg", "Ed25519").expect("a key");
        signers.push(("PGP/MIME", maker.load(), false, maker.certificate.clone()));
    }
    for (signer, key, opaque, anchors) in &signers {
        for letter in letters::all() {
            for (what, change) in HARMLESS {
                // base64 has no epilogue.
                if !(*opaque && what.contains("epilogue")) {
                    cells.cell(TABLE, what, &format!("{signer}, {}", letter.name), || {
                        harmless(key, &letter, *opaque, anchors, *change)
                    });
                }
            }
        }
        cells.cell(TABLE, "footer of a list: caution", &format!("{signer}, plain"), || {
            list_footer(key, *opaque, anchors)
        });
        cells.cell(TABLE, "subject of a list: caution", &format!("{signer}, plain"), || {
            list_subject(key, *opaque, anchors)
        });
    }
}

fn harmless(key: &Key, letter: &Letter, opaque: bool, anchors: &[u8], change: Change) -> Cell {
    let sealed = sealed(key, letter, opaque, anchors);
    letters::good_then_bad(anchors, &change(&sealed.mail), &change(&sealed.altered().mail))?;
    Ok(Seen::Accepted)
}

/// As Mailman does it: the signed letter becomes one part, the footer another.
fn list_footer(key: &Key, opaque: bool, anchors: &[u8]) -> Cell {
    let sealed = sealed(key, &letters::plain(), opaque, anchors);
    let listed = |mail: &[u8]| {
        let (header, body) = split(mail);
        let (own, outer): (Vec<_>, Vec<_>) =
            fields(header).into_iter().partition(|field| field.to_ascii_lowercase().starts_with(b"content-"));
        [
            &outer.concat()[..],
            b"Content-Type: multipart/mixed; boundary=\"=-list-=\"\r\n\r\n--=-list-=\r\n",
            &own.concat(),
            b"\r\n",
            body,
            b"\r\n--=-list-=\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Disposition: inline\r\n\r\n",
            b"_______________________________________________\r\nTalk mailing list\r\nTalk@lists.example.org\r\n",
            b"https://lists.example.org/talk\r\n\r\n--=-list-=--\r\n",
        ]
        .concat()
    };
    let mail = listed(&sealed.mail);
    for mail in [mail.clone(), lf(&mail)] {
        let (verdict, text) = judge(anchors, &mail);
        must(verdict.outcome == Outcome::Caution, || format!("{:?}: {text}", verdict.outcome))?;
        let first = verdict.reasons.first().map(|reason| reason.code.as_str());
        must(first == Some("partial_coverage"), || format!("{first:?}: {text}"))?;
        must(looks_like_a_footer(anchors, &mail), || format!("not told to be a footer: {text}"))?;
    }
    let (verdict, text) = judge(anchors, &listed(&sealed.altered().mail));
    must(verdict.outcome == Outcome::Bad, || format!("altered, {:?}: {text}", verdict.outcome))?;
    Ok(Seen::Accepted)
}

fn looks_like_a_footer(anchors: &[u8], mail: &[u8]) -> bool {
    let trust = mailseal::TrustStore::new().anchors(anchors, mailseal::Scope::any()).unwrap();
    let opened = mailseal::Opener::new(&mailseal::Context::new(trust)).open(mail, letters::now()).unwrap();
    let uncovered = &opened.report.uncovered;
    uncovered.len() == 1 && uncovered[0].looks_like == Some(mailseal::report::LooksLike::ListFooter)
}

/// `[list] ` before the subject, which stands under the signature.
fn list_subject(key: &Key, opaque: bool, anchors: &[u8]) -> Cell {
    let mail = seal(key, &letters::plain(), opaque);
    let changed = altered_subject(&mail);
    let (verdict, text) = judge(anchors, &changed);
    let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    must(verdict.outcome == Outcome::Caution && codes.contains(&"header_mismatch"), || {
        format!("{codes:?}: {text}")
    })?;
    Ok(Seen::Accepted)
}

fn altered_subject(mail: &[u8]) -> Vec<u8> {
    on_header(mail, |fields| {
        let prefixed = |field: Vec<u8>| match field.strip_prefix(b"Subject: ") {
            Some(rest) => [b"Subject: [talk] ", rest].concat(),
            None => field,
        };
        fields.into_iter().map(prefixed).collect()
    })
}

const TRACE: &str = "Return-Path: <alice@example.org>\r\nDelivered-To: bob@example.net\r\n\
Received: from mx.example.org (mx.example.org [192.0.2.1])\r\n\tby mx.example.net (Postfix) with ESMTPS id 4Yz\r\n\
\tfor <bob@example.net>; Sun, 22 Nov 2026 07:41:00 +0000 (UTC)\r\nX-Spam-Status: No, score=-1.9\r\n";

fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    let at = letters::find(mail, b"\r\n\r\n").expect("a header");
    (&mail[..at + 2], &mail[at + 4..])
}

/// Each with its continuation lines.
fn fields(header: &[u8]) -> Vec<Vec<u8>> {
    let mut fields: Vec<Vec<u8>> = Vec::new();
    for line in header.split_inclusive(|octet| *octet == b'\n') {
        match fields.last_mut() {
            Some(last) if line.starts_with(b" ") || line.starts_with(b"\t") => last.extend_from_slice(line),
            _ => fields.push(line.to_vec()),
        }
    }
    fields
}

fn on_header(mail: &[u8], change: impl Fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>) -> Vec<u8> {
    let (header, body) = split(mail);
    [&change(fields(header)).concat()[..], b"\r\n", body].concat()
}

fn unfolded(fields: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let one = |field: Vec<u8>| {
        [&crlf(&field).split(|octet| *octet == b'\n').map(strip).collect::<Vec<_>>().concat()[..], b"\r\n"]
            .concat()
    };
    fields.into_iter().map(one).collect()
}

fn strip(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn small_names(fields: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let small = |mut field: Vec<u8>| {
        let colon = field.iter().position(|octet| *octet == b':').expect("a colon");
        field[..colon].make_ascii_lowercase();
        field
    };
    fields.into_iter().map(small).collect()
}

fn reversed(fields: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    fields.into_iter().rev().collect()
}

/// After the colon, and at every blank outside quotes and addresses that may be folded.
fn refolded(mail: &[u8]) -> Vec<u8> {
    on_header(mail, |fields| {
        let refold = |field: Vec<u8>| {
            let mut out = Vec::new();
            let mut quoted = false;
            for octet in unfolded(vec![field]).concat() {
                quoted ^= octet == b'"';
                if octet == b' ' && !quoted {
                    out.extend_from_slice(b"\r\n");
                }
                out.push(octet);
            }
            // A first line of nothing but the name is obsolete (RFC 5322 §4.2).
            let colon = out.windows(4).position(|octets| octets == b":\r\n ");
            if let Some(colon) = colon {
                out.drain(colon + 1..colon + 3);
            }
            out
        };
        fields.into_iter().map(refold).collect()
    })
}

fn lines(mail: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let lines = mail.split(|octet| *octet == b'\n').map(strip).map(change);
    lines.collect::<Vec<_>>().join(&b"\r\n"[..])
}

/// RFC 5321 §4.5.2, with the line that ends the data.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let dot = |line: &[u8]| [if line.starts_with(b".") { "." } else { "" }.as_bytes(), line].concat();
    [&lines(mail, dot)[..], b".\r\n"].concat()
}

fn unstuffed(data: &[u8]) -> Vec<u8> {
    let data = data.strip_suffix(b".\r\n").expect("the end of the data");
    lines(data, |line| line.strip_prefix(b".").unwrap_or(line).to_vec())
}
