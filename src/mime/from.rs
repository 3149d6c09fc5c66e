//! Who a From or Sender names (RFC 5322 §3.6.2), read so that doubt never gives a single clean address (R-B15).
//!
//! - [`FromHeader::read`], [`FromHeader::of`], [`FromHeader::sole`].

use super::address::Address;
use super::encoded_word::decode_words;
use super::header::Headers;

/// The mailboxes of all From fields of a header, or of another field of addresses.
///
/// ```
/// use mailseal::mime::{FromHeader, Headers};
/// let from = FromHeader::read(&Headers::new(b"From: =?utf-8?Q?Zo=C3=AB?= <zoe@example.org>\r\n"));
/// assert_eq!(from.mailboxes[0].name.as_deref(), Some("Zoë"));
/// assert_eq!(from.sole().map(ToString::to_string), Some("zoe@example.org".into()));
/// let two = FromHeader::read(&Headers::new(b"From: zoe@example.org, eve@example.com\r\n"));
/// assert_eq!(two.sole(), None);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct FromHeader {
    /// How many fields of this name there are.
    pub fields: usize,
    /// The mailboxes in all of them, in order.
    pub mailboxes: Vec<Mailbox>,
    /// There is group syntax (RFC 6854).
    pub group: bool,
    /// Everything follows RFC 5322 §3.4, is UTF-8 and holds no control characters.
    pub readable: bool,
    /// Nobody is hidden in what is no list of addresses: a quote or comment without end, an address in the place of a
    /// group's name.
    pub(crate) complete: bool,
}

/// One mailbox of a field of addresses.
///
/// ```
/// use mailseal::mime::{FromHeader, Headers};
/// let to = FromHeader::of(&Headers::new(b"To: Bob <bob@example.org>, undisclosed\r\n"), "To");
/// for mailbox in &to.mailboxes {
///     println!("{} {}", if mailbox.address.is_ok() { "send to" } else { "cannot send to" }, mailbox.address_text());
/// }
/// # assert_eq!(to.mailboxes.iter().filter(|mailbox| mailbox.address.is_ok()).count(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded; where there is none, the comment after the address. Only a name, whatever it
    /// looks like. Control characters are replaced.
    pub name: Option<String>,
    /// The address, or the text that stands in its place.
    pub address: Result<Address, String>,
}

impl Mailbox {
    /// The address, or the text that stands in its place.
    pub fn address_text(&self) -> String {
        match &self.address {
            Ok(address) => address.to_string(),
            Err(text) => text.clone(),
        }
    }
}

impl FromHeader {
    /// Reads From.
    pub fn read(headers: &Headers<'_>) -> Self {
        Self::of(headers, "From")
    }

    /// Reads another field of addresses: Sender, To, Cc …
    pub fn of(headers: &Headers<'_>, name: &str) -> Self {
        let mut found = Self { readable: true, complete: true, ..Self::default() };
        for field in headers.fields().filter(|field| field.name.eq_ignore_ascii_case(name)) {
            found.fields += 1;
            let control = |letter: char| letter.is_control() && letter != '\t';
            found.readable &=
                std::str::from_utf8(&field.unfolded()).is_ok_and(|text| !text.contains(control));
            let text = field.raw_text();
            found.read_list(&text);
        }
        found
    }

    /// The address, if there is exactly one field with exactly one mailbox, all of it readable (R-B15).
    pub fn sole(&self) -> Option<&Address> {
        match self.mailboxes.as_slice() {
            [Mailbox { address: Ok(address), .. }] if self.fields == 1 && self.readable && !self.group => {
                Some(address)
            }
            _ => None,
        }
    }

    /// The addresses, if there is exactly one field, all of it readable, and all are of one domain.
    #[cfg(feature = "domain-auth")]
    pub(crate) fn of_one_domain(&self) -> Option<Vec<&Address>> {
        let all: Option<Vec<_>> =
            self.mailboxes.iter().map(|mailbox| mailbox.address.as_ref().ok()).collect();
        let all = all.filter(|_| self.fields == 1 && self.readable && !self.group)?;
        let domain = all.first()?.domain();
        all.iter().all(|one| one.domain().eq_ignore_ascii_case(domain)).then_some(all)
    }

    fn read_list(&mut self, text: &str) {
        let (tokens, whole) = tokens(text);
        self.readable &= whole;
        self.complete &= whole;
        let mut element = Element { words: Vec::with_capacity(tokens.len()), comment: None };
        let (mut angle, mut in_group) = (false, false);
        let mut after_comma = true;
        for token in &tokens {
            match token.kind {
                Kind::Special('<') => angle = true,
                Kind::Special('>') => angle = false,
                Kind::Special(',') if !angle => {
                    self.readable &= !element.words.is_empty();
                    self.end(text, &mut element);
                    after_comma = true;
                    continue;
                }
                Kind::Special(':') if !angle => {
                    self.group = true;
                    self.readable &= !in_group;
                    in_group = true;
                    let address = |token: &&Token| matches!(token.kind, Kind::Special('@' | '<'));
                    self.complete &= !element.words.iter().any(address);
                    element.clear();
                    continue;
                }
                Kind::Special(';') if !angle => {
                    self.readable &= in_group;
                    in_group = false;
                    self.end(text, &mut element);
                    after_comma = false;
                    continue;
                }
                Kind::Comment => {
                    element.comment.get_or_insert(token);
                    continue;
                }
                _ => {}
            }
            element.words.push(token);
        }
        let nothing = after_comma && element.words.is_empty();
        self.readable &= !(in_group || angle || nothing);
        self.end(text, &mut element);
    }

    fn end(&mut self, text: &str, element: &mut Element<'_>) {
        self.mailboxes.extend(mailbox(text, element));
        element.clear();
    }
}

/// What stands between two commas.
struct Element<'t> {
    words: Vec<&'t Token>,
    /// The first one.
    comment: Option<&'t Token>,
}

impl Element<'_> {
    fn clear(&mut self) {
        self.words.clear();
        self.comment = None;
    }
}

/// name-addr, or addr-spec with a comment after it; `None` if there is nothing.
fn mailbox(text: &str, Element { words, comment }: &Element<'_>) -> Option<Mailbox> {
    let raw = slice(text, words.first()?.start, words.last()?.end);
    let named = |name: String| Some(name).filter(|name| !name.is_empty());
    let Some(open) = words.iter().position(|token| token.kind == Kind::Special('<')) else {
        let name = comment.and_then(|token| named(shown(&decode_words(&token.text))));
        return Some(Mailbox { name, address: addr_spec(text, words).ok_or_else(|| raw.to_owned()) });
    };
    let (phrase, rest) = words.split_at_checked(open)?;
    let inside = match rest {
        [_, inside @ .., last] if last.kind == Kind::Special('>') => inside,
        _ => &[],
    };
    let address = addr_spec(text, inside).filter(|address| is_name(text, phrase, address));
    Some(Mailbox { name: named(shown(&name(text, phrase))), address: address.ok_or_else(|| raw.to_owned()) })
}

/// The tokens as an addr-spec: nothing may stand between them, no blank and no comment, since readers differ on
/// what such an address is.
fn addr_spec(text: &str, tokens: &[&Token]) -> Option<Address> {
    let together = tokens.windows(2).all(|pair| matches!(pair, [a, b] if a.end == b.start));
    let raw = slice(text, tokens.first()?.start, tokens.last()?.end);
    raw.parse().ok().filter(|_| together)
}

/// A phrase (RFC 5322 §3.2.5, with the dots of §4.1). Mailers that repeat the address as the name forget to quote
/// it: no harm if it is the same one.
fn is_name(text: &str, phrase: &[&Token], address: &Address) -> bool {
    let word = |token: &&Token| matches!(token.kind, Kind::Atom | Kind::Quoted | Kind::Special('.'));
    phrase.iter().all(word) || addr_spec(text, phrase).as_ref() == Some(address)
}

/// The phrase as one text. Encoded words are decoded inside quotes too, as most programs show them.
fn name(text: &str, phrase: &[&Token]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = None;
    for token in phrase {
        if end.is_some_and(|end| end != token.start) {
            out.push(' ');
        }
        end = Some(token.end);
        match token.kind {
            Kind::Quoted => out.push_str(&token.text),
            _ => out.push_str(slice(text, token.start, token.end)),
        }
    }
    decode_words(&out)
}

fn shown(name: &str) -> String {
    name.trim().replace(char::is_control, "\u{fffd}")
}

fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// A token of RFC 5322 §3.2 and its place.
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
    /// What stands in quotes or in a comment.
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Atom,
    Quoted,
    Comment,
    /// domain-literal
    Literal,
    Special(char),
}

/// All tokens, and whether each quote, comment and literal has its end.
fn tokens(text: &str) -> (Vec<Token>, bool) {
    let mut found: Vec<Token> = Vec::with_capacity(16);
    let mut whole = true;
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        let mut inside = String::new();
        let kind = match letter {
            ' ' | '\t' => continue,
            '"' | '(' | '[' => {
                whole &= enclosed(letter, &mut letters, &mut inside);
                match letter {
                    '"' => Kind::Quoted,
                    '(' => Kind::Comment,
                    _ => Kind::Literal,
                }
            }
            '<' | '>' | '@' | ',' | ':' | ';' | '.' => Kind::Special(letter),
            ')' | ']' | '\\' => {
                whole = false;
                Kind::Atom
            }
            _ => {
                while letters.next_if(|(_, next)| !ends_atom(*next)).is_some() {}
                Kind::Atom
            }
        };
        let end = letters.peek().map_or(text.len(), |(at, _)| *at);
        found.push(Token { kind, start, end, text: inside });
    }
    (found, whole)
}

fn ends_atom(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '\t' | '"' | '(' | '[' | '<' | '>' | '@' | ',' | ':' | ';' | '.' | ')' | ']' | '\\'
    )
}

/// Reads to the end of a quote, comment or literal; comments nest. False if there is none.
fn enclosed(open: char, letters: &mut impl Iterator<Item = (usize, char)>, inside: &mut String) -> bool {
    let close = match open {
        '"' => '"',
        '(' => ')',
        _ => ']',
    };
    let mut depth = 1usize;
    while let Some((_, letter)) = letters.next() {
        if letter == close {
            depth -= 1;
            if depth == 0 {
                return true;
            }
        } else if open == '(' && letter == '(' {
            depth += 1;
        } else if letter == '\\' {
            match letters.next() {
                Some((_, letter)) => inside.push(letter),
                None => return false,
            }
            continue;
        }
        inside.push(letter);
    }
    false
}
