//! Which addresses may be asked at all (threats C7): they stand in certificates, which strangers write.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Octets of an address; longer ones carry more than a place.
const LONGEST: usize = 2048;

/// `http` or `https` to a public place, on the usual port, and nothing that readers of addresses disagree about.
pub(crate) fn is_allowed(url: &str) -> bool {
    let plain = |octet: u8| {
        octet.is_ascii_graphic()
            && !matches!(octet, b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    if url.len() > LONGEST || !url.bytes().all(plain) {
        return false;
    }
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let port = match scheme.to_ascii_lowercase().as_str() {
        "http" => "80",
        "https" => "443",
        _ => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    match authority.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((address, after)) => {
                is_port(after, port) && address.parse().is_ok_and(|address| is_public(IpAddr::V6(address)))
            }
            None => false,
        },
        None => {
            let (host, after) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            is_port(after, port) && is_public_host(host)
        }
    }
}

/// Nothing, or the usual port.
fn is_port(after: &str, usual: &str) -> bool {
    after.is_empty() || after.strip_prefix(':').is_some_and(|port| port == usual)
}

/// A name with a dot that is not of a private network, or a public address in its one usual form.
fn is_public_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return is_public(IpAddr::V4(address));
    }
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    // 2130706433, 0x7f.1, 127.1: other forms of addresses in numbers.
    let numeric = last.starts_with(|c: char| c.is_ascii_digit());
    let private = PRIVATE.iter().any(|name| host == *name || host.ends_with(&format!(".{name}")));
    labels.len() > 1
        && labels.iter().all(|label| !label.is_empty() && label.len() <= 63 && label.chars().all(letter))
        && !numeric
        && !private
}

/// Names that lead into the network of who asks (RFC 6761, RFC 6762, RFC 8375, and `.internal`).
const PRIVATE: [&str; 6] = ["localhost", "local", "internal", "home.arpa", "lan", "intranet"];

/// Whether an address is one of the public network: no loopback, private, link-local, shared, documentation or multicast
/// address, and none that carries such a one inside (RFC 6890).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b) {
        (0 | 10 | 127 | 224.., _) => true,
        (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19) => true,
        (192, 0) => matches!(c, 0 | 2),
        (192, 88) => c == 99,
        (198, 51) => c == 100,
        (203, 0) => c == 113,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // 6to4, Teredo and other protocols' own, documentation.
        [0x2002, ..] | [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_c7_only_public_places_are_asked() {
        for url in [
            "http://crl.example/ca.crl",
            "HTTPS://ocsp.ca.example:443/",
            "http://8.8.8.8/ca.crl",
            "http://[2606:4700::1]:80/x?y=z",
            "http://crl.example./ca.crl",
            "http://crl.example",
        ] {
            assert!(is_allowed(url), "{url}");
        }
        let long = format!("http://crl.example/{}", "x".repeat(2048));
        for url in [
            "",
            "crl.example",
            "ldap://crl.example/",
            "file:///etc/passwd",
            "ftp://crl.example/",
            "gopher://a.example/",
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://017700000001/",
            "http://0.0.0.0/",
            "http://10.1.2.3/",
            "http://100.64.0.1/",
            "http://169.254.169.254/",
            "http://172.31.0.1/",
            "http://192.168.1.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[fd12::1]/",
            "http://[ff02::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[2002:7f00:1::]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[::1",
            "http://[fe80::1%25eth0]/",
            "http://localhost/",
            "http://a.localhost/",
            "http://printer/",
            "http://nas.local/",
            "http://x.internal/",
            "http://user@crl.example/",
            "http://user:password@crl.example/",
            "http://crl.example@10.0.0.1/",
            "http://crl.example:8080/",
            "http://crl.example:443/",
            "https://crl.example:80/",
            "http://crl.example:/",
            "http://crl.example\\@10.0.0.1/",
            "http://crl example/",
            "http://crl.example/\r\nHost: x",
            "http:///x",
            "http://.example/",
            "http://a..example/",
            "http://crl.example/\u{e4}",
            "http://%31%30.0.0.1/",
            &long,
        ] {
            assert!(!is_allowed(url), "{url}");
        }
    }
}
