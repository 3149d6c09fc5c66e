//! The grammar of Content-Type and its parameters (RFC 2045 §5.1), with the pieces and charsets of RFC 2231.

use super::charset;

/// A place in the value of a field.
pub(super) struct Scan<'a> {
    rest: &'a [u8],
}

/// One `name=value` as it stands: name, number of the piece, percent-encoded or not, value.
struct Piece {
    name: String,
    number: Option<usize>,
    extended: bool,
    value: Vec<u8>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn type_and_subtype(&mut self) -> Option<(String, String)> {
        self.blanks()?;
        let main = self.token(is_token)?;
        self.expect(b'/')?;
        let sub = self.token(is_token)?;
        self.blanks()?;
        Some((lower(main), lower(sub)))
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Passes one octet, with blanks and comments around it.
    fn expect(&mut self, octet: u8) -> Option<()> {
        self.blanks()?;
        self.next().filter(|found| *found == octet)?;
        self.blanks()
    }

    /// Passes blanks and comments, which nest. `None` if a comment has no end.
    pub(super) fn blanks(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                Some(b'(') => depth += 1,
                Some(b')') if depth > 0 => depth -= 1,
                Some(b'\\') if depth > 0 => {
                    self.next();
                }
                Some(b' ' | b'\t' | b'\r' | b'\n') => {}
                Some(_) if depth > 0 => {}
                _ => return (depth == 0).then_some(()),
            }
            self.next();
        }
    }

    fn skip_to_semicolon(&mut self) {
        let end = memchr::memchr(b';', self.rest).unwrap_or(self.rest.len());
        self.rest = self.rest.get(end..).unwrap_or_default();
    }

    pub(super) fn token(&mut self, legal: impl Fn(&u8) -> bool) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|octet| !legal(octet)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!token.is_empty()).then_some(token)
    }

    pub(super) fn quoted(&mut self) -> Option<Vec<u8>> {
        self.next();
        let special = |octet: &u8| matches!(octet, b'"' | b'\\');
        let end = self.rest.iter().position(special).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        let mut value = plain.to_vec();
        loop {
            match self.next()? {
                b'"' => return Some(value),
                b'\\' => value.push(self.next()?),
                octet => value.push(octet),
            }
        }
    }

    fn piece(&mut self) -> Option<Piece> {
        let name = lower(self.token(is_token)?);
        self.expect(b'=')?;
        let value = match self.peek()? {
            b'"' => self.quoted()?,
            _ => self.token(is_loose_token)?.to_vec(),
        };
        self.blanks()?;
        if !name.contains('*') {
            return Some(Piece { name, number: None, extended: false, value });
        }
        let (name, extended) = name.strip_suffix('*').map_or((name.as_str(), false), |name| (name, true));
        let (name, number) = match name.split_once('*') {
            Some((name, number)) => (name, Some(piece_number(number)?)),
            None => (name, None),
        };
        (!name.is_empty()).then(|| Piece { name: name.to_owned(), number, extended, value })
    }
}

/// All parameters, and whether every octet was understood and no name stands twice.
pub(super) fn read(scan: &mut Scan<'_>) -> (Vec<(String, String)>, bool) {
    let mut pieces = Vec::new();
    let mut readable = true;
    while scan.peek().is_some() {
        if scan.expect(b';').is_none() {
            readable = false;
            scan.skip_to_semicolon();
        } else if !matches!(scan.peek(), None | Some(b';')) {
            match scan.piece() {
                Some(piece) => pieces.push(piece),
                None => {
                    readable = false;
                    scan.skip_to_semicolon();
                }
            }
        }
    }
    join(pieces, readable)
}

/// Joins the pieces of each name (RFC 2231 §3), names in the order of their first piece. Sorting keeps this
/// from being quadratic in hostile fields.
fn join(mut pieces: Vec<Piece>, mut readable: bool) -> (Vec<(String, String)>, bool) {
    if are_simple(&pieces) {
        let decoded = pieces.into_iter().map(|piece| {
            let clean = plain_octets(&piece.value);
            readable &= clean;
            let value = match String::from_utf8(piece.value) {
                Ok(value) if clean => value,
                Ok(value) => charset::decode(value.as_bytes(), None),
                Err(error) => charset::decode(error.as_bytes(), None),
            };
            (piece.name, value)
        });
        return (decoded.collect(), readable);
    }
    let mut order: Vec<(usize, Piece)> = pieces.drain(..).enumerate().collect();
    order.sort_by(|(at_a, a), (at_b, b)| (&a.name, a.number, at_a).cmp(&(&b.name, b.number, at_b)));
    let mut joined = Vec::new();
    for same in order.chunk_by(|(_, a), (_, b)| a.name == b.name) {
        let first = same.iter().map(|(at, _)| *at).min();
        let pieces: Vec<&Piece> = same.iter().map(|(_, piece)| piece).collect();
        let (value, clean) = value_of(&pieces);
        readable &= clean;
        if let Some(name) = pieces.first().map(|piece| piece.name.clone()) {
            joined.push((first, name, value));
        }
    }
    joined.sort_by_key(|(first, ..)| *first);
    (joined.into_iter().map(|(_, name, value)| (name, value)).collect(), readable)
}

/// As nearly all are: few, each whole, in plain octets, and none twice.
fn are_simple(pieces: &[Piece]) -> bool {
    const FEW: usize = 4;
    let whole = |piece: &Piece| piece.number.is_none() && !piece.extended;
    let alone =
        |(at, piece): (usize, &Piece)| pieces.iter().skip(at + 1).all(|other| other.name != piece.name);
    pieces.len() <= FEW && pieces.iter().all(whole) && pieces.iter().enumerate().all(alone)
}

fn value_of(pieces: &[&Piece]) -> (String, bool) {
    let single = pieces.first().filter(|piece| piece.number.is_none());
    let used = if single.is_some() { pieces.get(..1).unwrap_or_default() } else { pieces };
    let numbered = used.iter().enumerate().all(|(at, piece)| piece.number == Some(at));
    let mut clean = pieces.len() == used.len() && (single.is_some() || numbered);
    let (mut charset, mut octets) = (None, Vec::new());
    for (at, piece) in used.iter().enumerate() {
        let mut value = piece.value.as_slice();
        if piece.extended && at == 0 {
            let mut parts = value.splitn(3, |octet| *octet == b'\'');
            match (parts.next(), parts.next(), parts.next()) {
                (Some(name), Some(_), Some(rest)) => {
                    charset = std::str::from_utf8(name).ok();
                    value = rest;
                }
                _ => clean = false,
            }
        }
        clean &= if piece.extended { percent(value, &mut octets) } else { plain(value, &mut octets) };
    }
    (charset::decode(&octets, charset), clean)
}

fn plain(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(value);
    plain_octets(value)
}

fn plain_octets(value: &[u8]) -> bool {
    !value.iter().any(|octet| matches!(octet, 0..=8 | 10..=31 | 127))
}

/// Undoes the percent encoding (RFC 2231 §4); false if some of it is none.
fn percent(value: &[u8], out: &mut Vec<u8>) -> bool {
    let mut parts = value.split(|octet| *octet == b'%');
    out.extend_from_slice(parts.next().unwrap_or_default());
    let mut clean = true;
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let octet = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match octet {
            Some(octet) => {
                out.push(octet);
                out.extend_from_slice(part.get(2..).unwrap_or_default());
            }
            None => {
                clean = false;
                out.push(b'%');
                out.extend_from_slice(part);
            }
        }
    }
    clean
}

/// 0, 1, 2 … without leading zeros (RFC 2231 §7).
fn piece_number(text: &str) -> Option<usize> {
    let number: usize = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Of a token, which is ASCII.
fn lower(token: &[u8]) -> String {
    String::from_utf8(token.to_ascii_lowercase()).unwrap_or_default()
}

/// token (RFC 2045 §5.1).
pub(crate) fn is_token(octet: &u8) -> bool {
    let special = matches!(
        octet,
        b'(' | b')'
            | b'<'
            | b'>'
            | b'@'
            | b','
            | b';'
            | b':'
            | b'\\'
            | b'"'
            | b'/'
            | b'['
            | b']'
            | b'?'
            | b'='
    );
    octet.is_ascii_graphic() && !special
}

/// As [`is_token`], with what real mailers leave unquoted: most of all `=`, `/` and `?` in boundaries. Everything
/// that could end a value in some other reading is not in it.
fn is_loose_token(octet: &u8) -> bool {
    is_token(octet) || b"=/?:@[]<>,".contains(octet) || !octet.is_ascii()
}
