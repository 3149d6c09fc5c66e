//! Canonical S-expressions (RFC 9804 §6.1), as libgcrypt writes keys and signatures.

use zeroize::Zeroizing;

/// Nesting that is read. Keys of libgcrypt nest four deep.
const DEPTH: usize = 16;

/// An atom or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sexp {
    /// Some are secret.
    Atom(Zeroizing<Vec<u8>>),
    List(Vec<Self>),
}

impl Sexp {
    /// Reads one expression. Zeros may follow: the agent pads what it decrypted.
    pub(super) fn read(mut octets: &[u8]) -> Option<Self> {
        let mut open: Vec<Vec<Self>> = Vec::new();
        loop {
            let (first, rest) = octets.split_first()?;
            let whole = match first {
                b'(' if open.len() < DEPTH => {
                    open.push(Vec::new());
                    octets = rest;
                    continue;
                }
                b')' => {
                    octets = rest;
                    Self::List(open.pop()?)
                }
                _ => {
                    let colon = octets.iter().take(8).position(|octet| *octet == b':')?;
                    let length: usize = std::str::from_utf8(octets.get(..colon)?).ok()?.parse().ok()?;
                    let (atom, rest) = octets.get(colon + 1..)?.split_at_checked(length)?;
                    octets = rest;
                    Self::Atom(Zeroizing::new(atom.to_vec()))
                }
            };
            match open.last_mut() {
                Some(parent) => parent.push(whole),
                None => return octets.iter().all(|octet| *octet == 0).then_some(whole),
            }
        }
    }

    /// The list in it that begins with that word, at whatever depth; the first.
    pub(super) fn list(&self, word: &str) -> Option<&[Self]> {
        let Self::List(items) = self else { return None };
        match items.split_first() {
            Some((Self::Atom(first), rest)) if first.as_slice() == word.as_bytes() => Some(rest),
            _ => items.iter().find_map(|item| item.list(word)),
        }
    }

    /// The value of `(word value)`.
    pub(super) fn value(&self, word: &str) -> Option<&[u8]> {
        match self.list(word)? {
            [Self::Atom(value), ..] => Some(value),
            _ => None,
        }
    }
}

/// An atom.
pub(super) fn atom(octets: &[u8]) -> Vec<u8> {
    [octets.len().to_string().as_bytes(), b":", octets].concat()
}

/// A list.
pub(super) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(", &*items.concat(), b")"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_signatures() {
        let text = b"(7:sig-val(5:ecdsa(1:r2:ab)(1:s0:)))";
        let read = Sexp::read(text).unwrap();
        assert_eq!(
            (read.value("r"), read.value("s"), read.value("t")),
            (Some(&b"ab"[..]), Some(&b""[..]), None)
        );
        assert!(read.list("ecdsa").is_some() && read.list("rsa").is_none());
        let written = list(&[
            atom(b"sig-val"),
            list(&[atom(b"ecdsa"), list(&[atom(b"r"), atom(b"ab")]), list(&[atom(b"s"), atom(b"")])]),
        ]);
        assert_eq!(written, text);
        assert_eq!(Sexp::read(b"5:value\0\0"), Some(Sexp::Atom(Zeroizing::new(b"value".to_vec()))));
    }

    #[test]
    fn broken() {
        let deep = [vec![b'('; 100], vec![b')'; 100]].concat();
        for octets in [
            &b""[..],
            b"(",
            b")",
            b"(1:a",
            b"3:ab",
            b"x:ab",
            b"-1:a",
            b"1:a)",
            b"99999999999999999999:a",
            &deep,
        ] {
            assert_eq!(Sexp::read(octets), None, "{}", String::from_utf8_lossy(octets));
        }
    }
}
