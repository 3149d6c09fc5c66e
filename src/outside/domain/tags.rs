//! Lists of `tag=value`, as DKIM, DMARC and others write them (RFC 6376 §3.2).

/// The tags of a record in their order, and whether all of it could be read.
pub(super) fn read(record: &[u8]) -> (Vec<(String, String)>, bool) {
    let text = String::from_utf8_lossy(record);
    let mut readable = true;
    let mut tags: Vec<(String, String)> = Vec::new();
    for piece in text.split(';').map(str::trim).filter(|piece| !piece.is_empty()) {
        match piece.split_once('=') {
            Some((name, value)) if is_tag(name.trim()) => {
                readable &= !tags.iter().any(|(known, _)| known == name.trim());
                tags.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            _ => readable = false,
        }
    }
    (tags, readable)
}

/// The value of one tag.
pub(super) fn value(record: &[u8], name: &str) -> Option<String> {
    let (tags, _) = read(record);
    tags.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn is_tag(name: &str) -> bool {
    let mut octets = name.bytes();
    octets.next().is_some_and(|first| first.is_ascii_alphabetic())
        && octets.all(|octet| octet.is_ascii_alphanumeric() || octet == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_records() {
        assert_eq!(value(b"v=DKIM1; k = rsa ;p=A=", "p").as_deref(), Some("A="));
        assert_eq!(value(b"v=DKIM1; k = rsa ;p=A=", "k").as_deref(), Some("rsa"));
        assert!(read(b"v=DMARC1;p=none;").1);
        assert!(!read(b"v=DMARC1 p").1 || !read(b"p").1);
        assert!(!read(b"p=a; p=b").1);
        assert!(!read(b"9=a").1);
    }
}
