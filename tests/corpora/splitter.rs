//! A second reading of MIME, apart from the library's: what other programs are given is cut out by this one.
//!
//! - [`split`]: a letter as a tree of [`Entity`]s with the places of their octets.
//! - [`decode`]: a body without its transfer encoding.
//!
//! Plain and slow on purpose: lines are compared, nothing is clever.

/// One MIME entity: `start..body` is its header with the empty line, `body..end` its body.
#[derive(Debug)]
pub(crate) struct Entity {
    pub(crate) start: usize,
    pub(crate) body: usize,
    pub(crate) end: usize,
    /// In lower case: `multipart/signed`.
    pub(crate) kind: String,
    pub(crate) protocol: String,
    pub(crate) encoding: String,
    pub(crate) children: Vec<Entity>,
}

impl Entity {
    /// The entity and all below it, outermost first.
    pub(crate) fn all(&self) -> Vec<&Entity> {
        let mut found = vec![self];
        found.extend(self.children.iter().flat_map(Entity::all));
        found
    }
}

pub(crate) fn split(octets: &[u8]) -> Entity {
    let start = if octets.starts_with(b"From ") { line_end(octets, 0) } else { 0 };
    entity(octets, start, octets.len(), 0)
}

fn entity(octets: &[u8], start: usize, end: usize, depth: usize) -> Entity {
    let (fields, body) = header(octets, start, end);
    let field =
        |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let media = field("content-type");
    let kind = media.split(';').next().unwrap().trim().to_ascii_lowercase();
    let kind = if kind.is_empty() { "text/plain".to_owned() } else { kind };
    let mut children = Vec::new();
    if kind.starts_with("multipart/") && depth < 20 {
        let boundary = parameter(media, "boundary").unwrap_or_default();
        children = parts(octets, body, end, &boundary)
            .into_iter()
            .map(|(start, end)| entity(octets, start, end, depth + 1))
            .collect();
    }
    Entity {
        start,
        body,
        end,
        kind,
        protocol: parameter(media, "protocol").unwrap_or_default().to_ascii_lowercase(),
        encoding: field("content-transfer-encoding").trim().to_ascii_lowercase(),
        children,
    }
}

/// The fields, names in lower case, values unfolded; and where the body starts.
fn header(octets: &[u8], start: usize, end: usize) -> (Vec<(String, String)>, usize) {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut place = start;
    while place < end {
        let next = line_end(octets, place).min(end);
        let line = String::from_utf8_lossy(bare(&octets[place..next])).into_owned();
        if line.is_empty() {
            return (fields, next);
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(&line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        } else {
            return (fields, place);
        }
        place = next;
    }
    (fields, end)
}

/// What stands between delimiter lines. The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
fn parts(octets: &[u8], body: usize, end: usize, boundary: &str) -> Vec<(usize, usize)> {
    let (mut found, mut open, mut place) = (Vec::new(), None, body);
    while place < end {
        let next = line_end(octets, place).min(end);
        let line = bare(&octets[place..next]).trim_ascii_end();
        let delimiter = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary.as_bytes()));
        if let Some(rest) = delimiter.filter(|rest| rest.is_empty() || *rest == b"--") {
            if let Some(from) = open {
                found.push((from, from + bare(&octets[from..place]).len()));
            }
            open = rest.is_empty().then_some(next);
            if open.is_none() {
                return found;
            }
        }
        place = next;
    }
    found.extend(open.map(|from| (from, end)));
    found
}

/// The place after the line end.
fn line_end(octets: &[u8], from: usize) -> usize {
    octets[from..].iter().position(|octet| *octet == b'\n').map_or(octets.len(), |at| from + at + 1)
}

/// Without one line end.
fn bare(octets: &[u8]) -> &[u8] {
    let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
    octets.strip_suffix(b"\r").unwrap_or(octets)
}

fn parameter(field: &str, name: &str) -> Option<String> {
    let (mut rest, mut quoted, mut words) = (String::new(), false, Vec::new());
    for letter in field.chars() {
        quoted ^= letter == '"';
        if letter == ';' && !quoted {
            words.push(std::mem::take(&mut rest));
        } else {
            rest.push(letter);
        }
    }
    words.push(rest);
    let named = words.iter().find_map(|word| {
        let (known, value) = word.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })?;
    Some(match named.strip_prefix('"') {
        Some(value) => value.split('"').next().unwrap().to_owned(),
        None => named,
    })
}

pub(crate) fn decode(octets: &[u8], encoding: &str) -> Vec<u8> {
    match encoding {
        "base64" => base64(octets),
        "quoted-printable" => quoted_printable(octets),
        _ => octets.to_vec(),
    }
}

fn base64(octets: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = octets.iter().take_while(|octet| **octet != b'=');
    let (mut out, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for digit in digits.filter_map(|octet| LETTERS.iter().position(|letter| letter == octet)) {
        held = (held << 6 | u32::try_from(digit).unwrap()) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    out
}

pub(crate) fn to_base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (index, chunk) in octets.chunks(3).enumerate() {
        if index > 0 && index % 16 == 0 {
            out.push_str("\r\n");
        }
        let three = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let held = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for digit in 0..4 {
            let value = usize::try_from(held >> (18 - 6 * digit) & 63).unwrap();
            out.push(if digit > chunk.len() { '=' } else { char::from(LETTERS[value]) });
        }
    }
    out
}

fn quoted_printable(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        let text = bare(line).trim_ascii_end();
        let (text, soft) = text.strip_suffix(b"=").map_or((text, false), |text| (text, true));
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            let hex = (*first == b'=').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
            match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(octet) => {
                    out.push(octet);
                    rest = &after[2..];
                }
                None => {
                    out.push(*first);
                    rest = after;
                }
            }
        }
        if !soft {
            out.extend_from_slice(&line[bare(line).len()..]);
        }
    }
    out
}

#[test]
fn reads_a_small_letter() {
    let letter = b"Content-Type: multipart/signed; protocol=\"application/pgp-signature\";\r\n boundary=\"a;b\"\r\n\r\n\
        pre\r\n--a;b\r\n\r\none\r\n--a;b \r\nContent-Type: X/Y\r\n\r\ntwo\r\n\r\n--a;b--\r\nepilogue";
    let root = split(letter);
    assert_eq!(
        (root.kind.as_str(), root.protocol.as_str()),
        ("multipart/signed", "application/pgp-signature")
    );
    let cut: Vec<&[u8]> = root.children.iter().map(|part| &letter[part.start..part.end]).collect();
    assert_eq!(cut, [&b"\r\none"[..], b"Content-Type: X/Y\r\n\r\ntwo\r\n"]);
    assert_eq!(root.children[1].kind, "x/y");
    for text in [&b""[..], b"a", b"ab", b"abc", b"abcd"] {
        assert_eq!(decode(to_base64(text).as_bytes(), "base64"), text);
    }
    assert_eq!(decode(b"a=3Db =\r\nc  \r\n=zz", "quoted-printable"), b"a=b c\r\n=zz");
}
