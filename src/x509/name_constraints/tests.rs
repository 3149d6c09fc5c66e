use super::*;

fn constraints(permitted: &[GeneralName], excluded: &[GeneralName]) -> impl Fn(GeneralName) -> Fit + use<> {
    let constraints = NameConstraints { permitted: permitted.to_vec(), excluded: excluded.to_vec() };
    move |name| constraints.check(&name)
}

fn mailboxes(permitted: &[&str], excluded: &[&str]) -> impl Fn(&str) -> Fit + use<> {
    let list = |names: &[&str]| names.iter().map(|name| mailbox(name)).collect::<Vec<_>>();
    let check = constraints(&list(permitted), &list(excluded));
    move |name| check(mailbox(name))
}

fn mailbox(text: &str) -> GeneralName {
    GeneralName::Rfc822Name(text.to_owned())
}

fn utf8(text: &str) -> GeneralName {
    GeneralName::SmtpUtf8Mailbox(text.to_owned())
}

fn dns(text: &str) -> GeneralName {
    GeneralName::DnsName(text.to_owned())
}

fn uri(text: &str) -> GeneralName {
    GeneralName::Uri(text.to_owned())
}

#[test]
fn r_c2_mailboxes() {
    let host = mailboxes(&["example.org"], &[]);
    assert_eq!(host("a@EXAMPLE.org"), Fit::Allowed);
    assert_eq!(host("a@sub.example.org"), Fit::Violation);
    assert_eq!(host("a@badexample.org"), Fit::Violation);
    assert_eq!(host("\"a@example.org\"@evil.example"), Fit::Violation);
    let below = mailboxes(&[".example.org"], &["bad.example.org", "x@ok.example.org"]);
    assert_eq!(below("a@sub.example.org"), Fit::Allowed);
    assert_eq!(below("a@b.sub.example.org"), Fit::Allowed);
    assert_eq!(below("a@example.org"), Fit::Violation);
    assert_eq!(below("a@bad.example.org"), Fit::Violation);
    assert_eq!(below("x@ok.example.org"), Fit::Violation);
    assert_eq!(below("X@ok.example.org"), Fit::Allowed);
    assert_eq!(below("\"x\"@ok.example.org"), Fit::Violation);
    assert_eq!(below("\"\\x\"@OK.example.org"), Fit::Violation);
    assert_eq!(mailboxes(&[], &[""])("a@example.org"), Fit::Violation);
    assert_eq!(mailboxes(&[], &["[192.0.2.1]"])("a@[192.0.2.1]"), Fit::Violation);
    assert_eq!(mailboxes(&["example.org"], &[])("a@[192.0.2.1]"), Fit::Violation);
}

/// What is not well formed never passes, neither as a name nor as a base.
#[test]
fn r_c2_odd_mailboxes_are_refused() {
    let excluded = mailboxes(&[], &["example.org", ".example.net"]);
    for odd in [
        "no-host",
        "a@",
        "@example.org",
        "a@example.org.",
        "a@.example.org",
        "a@example..org",
        "a@b@example.org",
        "a@exa mple.org",
        "a@*.example.net",
        "\"a@example.org",
        "\"a\"b@example.org",
        "",
        "a@example.org\u{3002}",
    ] {
        assert_eq!(excluded(odd), Fit::Unknown, "{odd}");
    }
    for base in [
        ".",
        "example.org.",
        ".example..org",
        "..example.org",
        "@example.org",
        "a@",
        "*.example.org",
        "a@b@c",
    ] {
        assert_eq!(mailboxes(&[], &[base])("a@example.org"), Fit::Unknown, "{base}");
        assert_eq!(mailboxes(&[base], &[])("a@example.org"), Fit::Unknown, "{base}");
    }
    // Where nobody can tell whether two local parts are one.
    assert_eq!(mailboxes(&[], &["a@example.org"])("a b@example.org"), Fit::Unknown);
}

/// RFC 9598 §6: one space of names, hosts compared as A-labels.
#[test]
fn r_c2_utf8_mailboxes() {
    let check = constraints(&[mailbox("xn--exmple-cua.org")], &[]);
    assert_eq!(check(utf8("dörte@xn--exmple-cua.org")), Fit::Allowed);
    assert_eq!(check(utf8("dörte@XN--EXMPLE-CUA.org")), Fit::Allowed);
    assert_eq!(check(utf8("dörte@exämple.org")), Fit::Allowed);
    assert_eq!(check(utf8("dörte@exämple.net")), Fit::Violation);
    let excluded = constraints(&[], &[mailbox("xn--exmple-cua.org")]);
    assert_eq!(excluded(utf8("dörte@exämple.org")), Fit::Violation);
    assert_eq!(excluded(utf8("dörte@EXÄMPLE.org")), Fit::Violation);
    // Full-width letters are another spelling.
    assert_eq!(excluded(utf8("dörte@ｅxämple.org")), Fit::Unknown);
    let by_otherwise = constraints(&[], &[utf8("dörte@example.org")]);
    assert_eq!(by_otherwise(mailbox("a@b.example")), Fit::Unknown);
    assert_eq!(by_otherwise(utf8("ä@b.example")), Fit::Unknown);
    assert_eq!(by_otherwise(GeneralName::Other { tag: 0, der: vec![] }), Fit::Unknown);
    assert_eq!(by_otherwise(dns("b.example")), Fit::Allowed);
}

#[test]
fn r_c2_hosts() {
    let check = constraints(&[dns("example.org")], &[dns("bad.example.org")]);
    assert_eq!(check(dns("a.EXAMPLE.org")), Fit::Allowed);
    assert_eq!(check(dns("example.org")), Fit::Allowed);
    assert_eq!(check(dns("aexample.org")), Fit::Violation);
    assert_eq!(check(dns("x.bad.example.org")), Fit::Violation);
    // A wildcard stands for what is excluded, too.
    assert_eq!(check(dns("*.example.org")), Fit::Violation);
    assert_eq!(check(dns("*.ok.example.org")), Fit::Allowed);
    assert_eq!(constraints(&[dns("a.example.org")], &[])(dns("*.example.org")), Fit::Violation);
    for odd in ["", "example.org.", ".example.org", "a..example.org", "*", "a.*.example.org"] {
        assert_eq!(check(dns(odd)), Fit::Unknown, "{odd}");
    }
}

#[test]
fn r_c2_uris() {
    let check = constraints(&[uri(".example.org"), uri("example.net")], &[]);
    assert_eq!(check(uri("http://u@a.example.org:80/x")), Fit::Allowed);
    assert_eq!(check(uri("http://example.net")), Fit::Allowed);
    assert_eq!(check(uri("http://a.example.net")), Fit::Violation);
    assert_eq!(check(uri("http://evil.example/@a.example.org")), Fit::Violation);
    for odd in [
        "urn:x",
        "http://192.0.2.1/",
        "http://[::1]/",
        "http:///x",
        "http://a.example.org./",
        "http://%61.example.org",
    ] {
        assert_eq!(check(uri(odd)), Fit::Unknown, "{odd}");
    }
}

#[test]
fn r_c2_addresses_of_hosts() {
    let ip = |octets: &[u8]| GeneralName::IpAddress(octets.to_vec());
    let v4 = constraints(&[ip(&[10, 1, 0, 0, 255, 255, 0, 0])], &[ip(&[10, 1, 2, 0, 255, 255, 255, 0])]);
    assert_eq!(v4(ip(&[10, 1, 3, 4])), Fit::Allowed);
    assert_eq!(v4(ip(&[10, 1, 2, 4])), Fit::Violation);
    assert_eq!(v4(ip(&[10, 2, 3, 4])), Fit::Violation);
    assert_eq!(v4(ip(&[0; 16])), Fit::Violation, "a bound on addresses, and none of its kind");
    assert_eq!(v4(ip(&[10, 1, 3])), Fit::Unknown);
    let mut v6 = [0; 32];
    (v6[0], v6[16]) = (0xfe, 0xff);
    let v6 = constraints(&[ip(&v6)], &[]);
    assert_eq!(v6(ip(&[0xfe, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])), Fit::Allowed);
    assert_eq!(v6(ip(&[0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])), Fit::Violation);
    for base in [&[10, 0, 0, 0][..], &[10, 0, 0, 0, 255, 0, 255, 0], &[]] {
        assert_eq!(constraints(&[], &[ip(base)])(ip(&[10, 1, 3, 4])), Fit::Unknown);
    }
}

#[test]
fn r_c2_kinds_without_a_rule() {
    for tag in [0, 3, 5, 8] {
        let name = GeneralName::Other { tag, der: vec![1] };
        let check = constraints(&[], &[GeneralName::Other { tag, der: vec![2] }]);
        assert_eq!(check(name), Fit::Unknown);
        assert_eq!(check(mailbox("a@b.example")), Fit::Allowed);
    }
}

#[test]
fn r_c2_constraints_are_not_empty() {
    use crate::x509::der_reader::encode;
    let read = |octets: &[u8]| NameConstraints::read(Reader::new(octets));
    let subtree = encode(SEQUENCE, &[&encode(context(1), &[b"example.org"])]);
    assert!(read(&encode(constructed(0), &[&subtree])).is_ok());
    assert!(read(&[]).is_err());
    assert!(read(&encode(constructed(0), &[])).is_err());
    assert!(read(&[encode(constructed(0), &[&subtree]), encode(constructed(1), &[])].concat()).is_err());
    let with_maximum =
        encode(SEQUENCE, &[&encode(context(1), &[b"example.org"]), &encode(context(1), &[&[1]])]);
    assert!(read(&encode(constructed(0), &[&with_maximum])).is_err());
}
