use crate::mime::{FromHeader, Headers};

fn read(header: &[u8]) -> FromHeader {
    FromHeader::read(&Headers::new(header))
}

fn sole(value: &str) -> Option<String> {
    read(format!("From: {value}\r\n").as_bytes()).sole().map(ToString::to_string)
}

#[test]
fn r_b15_clean_senders() {
    for (value, expected) in [
        ("alice@example.org", "alice@example.org"),
        ("Alice <alice@example.org>", "alice@example.org"),
        ("<alice@EXAMPLE.org>", "alice@example.org"),
        ("alice@example.org (Alice (the other) Smith)", "alice@example.org"),
        ("\"Smith, Alice\" <alice@example.org>", "alice@example.org"),
        ("John Q. Public <john@example.org>", "john@example.org"),
        ("Alice (a comment, with: all) < alice@example.org >", "alice@example.org"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\n <hi@例え.jp>", "hi@xn--r8jz45g.jp"),
        ("\"alice\"@example.org", "alice@example.org"),
        ("\"a b\"@example.org", "\"a b\"@example.org"),
        ("alice@example.org <alice@example.org>", "alice@example.org"),
        ("alice@[192.0.2.1]", "alice@[192.0.2.1]"),
    ] {
        assert_eq!(sole(value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn r_b15_a_name_is_only_a_name() {
    for name in [
        "\"good@bank.example\"",
        "\"good@bank.example\" ",
        "=?utf-8?Q?good=40bank.example?=",
        "\"<good@bank.example>,\"",
    ] {
        let from = read(format!("From: {name} <eve@evil.example>\r\n").as_bytes());
        assert_eq!(from.sole().map(ToString::to_string).as_deref(), Some("eve@evil.example"), "{name}");
        assert!(from.mailboxes[0].name.as_deref().unwrap().contains("good@bank.example"));
    }
}

#[test]
fn r_b15_doubt_gives_no_address() {
    for value in [
        "",
        "()",
        "<>",
        ",",
        "alice",
        "Alice <>",
        "good@bank.example, eve@evil.example",
        "good@bank.example eve@evil.example",
        "good@bank.example <eve@evil.example>",
        "<good@bank.example> <eve@evil.example>",
        "<good@bank.example> eve@evil.example",
        "eve@evil.example,",
        ", eve@evil.example",
        "good@bank.example;",
        "Group: good@bank.example;",
        "Group: good@bank.example",
        "undisclosed-recipients:;",
        "<@evil.example:good@bank.example>",
        "<@a.example,@b.example:good@bank.example>",
        "good@bank.example(@evil.example",
        "good(x)@bank.example",
        "good@(x)bank.example",
        "good @bank.example",
        "good@bank .example",
        "good@bank.example@evil.example",
        "<good@bank.example",
        "good@bank.example>",
        "<<good@bank.example>>",
        "\"good@bank.example <eve@evil.example>",
        "=?utf-8?Q?good=40bank.example=00?=@evil.example",
        "=?utf-8?B?Z29vZEBiYW5rLmV4YW1wbGU=?=",
        "<=?utf-8?Q?good=40bank.example=0A?=@evil.example>",
        "good@bank.example\0@evil.example",
        "good@bank.example\0",
        "good@bank.example\r",
        "Good\0 <good@bank.example>",
        "good\\@bank.example",
        "good@bank.example\u{202e}",
        "=?utf-8?Q?Good,_Alice?= <good@bank.example>",
        "good@bank.example.",
    ] {
        assert_eq!(sole(value), None, "{value:?}");
    }
}

#[test]
fn r_b15_several_fields() {
    let from = read(b"From: a@example.org\r\nFrom: a@example.org\r\n");
    assert_eq!((from.fields, from.mailboxes.len()), (2, 2));
    assert_eq!(from.sole(), None);
    let from = read(b"From: a@example.org\r\nFROM : eve@example.org\r\n");
    assert_eq!((from.fields, from.sole()), (2, None));
    assert_eq!(read(b"To: a@example.org\r\n").fields, 0);
}

#[test]
fn r_b15_raw_charsets_are_shown_but_not_clean() {
    let octets =
        [b"From: ", &*encoding_rs::SHIFT_JIS.encode("アリスの名前").0, b" <a@example.org>\r\n"].concat();
    let from = read(&octets);
    assert_eq!(from.mailboxes[0].name.as_deref(), Some("アリスの名前"));
    assert_eq!(from.sole(), None);
    assert_eq!(read(b"From: a@b\xe9.example\r\n").sole(), None);
}

#[test]
fn groups_and_lists_are_listed() {
    let to = FromHeader::of(
        &Headers::new(b"To: Team: a@example.org, \"B, C\" <b@example.org>;, c@example.org\r\n"),
        "to",
    );
    let found: Vec<_> =
        to.mailboxes.iter().map(|mailbox| mailbox.address.as_ref().unwrap().to_string()).collect();
    assert_eq!(found, ["a@example.org", "b@example.org", "c@example.org"]);
    assert!(to.group);
    assert_eq!(to.mailboxes[1].name.as_deref(), Some("B, C"));
}

#[test]
fn names_hold_no_controls() {
    let from = read(b"From: =?utf-8?Q?a=0D=0ATo:_b=00?= <a@example.org>\r\n");
    let name = from.mailboxes[0].name.as_deref().unwrap();
    assert!(!name.chars().any(char::is_control), "{name:?}");
}

proptest::proptest! {
    /// R-B15: noise around an address never makes another one of it.
    #[test]
    fn r_b15_noise(before in "[ -~]{0,12}", after in "[ -~]{0,12}") {
        let wanted = "good@bank.example";
        for value in [format!("{before}<eve@evil.example>{after}"), format!("{before} eve@evil.example {after}")] {
            if let Some(found) = sole(&value) {
                proptest::prop_assert_ne!(found, wanted);
            }
        }
    }
}
