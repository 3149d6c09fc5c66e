//! RFC 9788 §5.2.2-5.2.5: what the outside hides, at the head of the text.

use super::*;
use crate::mime::{HeaderConfidentiality, legacy_display};

const HEAD: &str = "From: Alice <a@example.org>\r\nTo: b@example.org\r\nSubject: =?utf-8?Q?Jones_<b>_&_'Co'?=\r\nDate: Sun, 22 Nov 2026 06:36:18 +0000\r\n";

fn composed(rest: &str) -> String {
    let letter = format!("{HEAD}{rest}");
    let recipe = Recipe {
        protect: Protect::Cipher,
        hcp: Hcp { policy: HeaderConfidentiality::Baseline, reference: None },
        legacy_display: true,
        outside: b"",
        inside: b"",
    };
    let letter = letter.as_bytes();
    text(written(&prepare(&Source::memory(letter), &structure(letter), &Limits::default(), recipe).unwrap()))
}

#[test]
fn a_plain_text_gets_lines() {
    let entity = composed("\r\nHello\r\n");
    assert!(
        entity.starts_with("Content-Type: text/plain; hp-legacy-display=\"1\";\r\n hp=\"cipher\"\r\n"),
        "{entity}"
    );
    let (_, body) = entity.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "Subject: Jones <b> & 'Co'\r\n\r\nHello\r\n");
    let range = legacy_display::in_plain(body.as_bytes(), &|_, _| true);
    assert_eq!(&body[range[0].end..], "Hello\r\n");
}

#[test]
fn a_page_gets_an_element() {
    let page =
        "<html><head><title>&lt;body></title></head><body class='x'>\r\n<p>Hello</p>\r\n</body></html>\r\n";
    let entity = composed(&format!("Content-Type: text/html; charset=utf-8\r\n\r\n{page}"));
    let (_, body) = entity.split_once("\r\n\r\n").unwrap();
    assert!(
        body.contains("<body class='x'><div class=\"header-protection-legacy-display\">\r\n<pre>Subject: Jones &lt;b&gt; &amp; &apos;Co&apos;</pre></div>\r\n\r\n<p>Hello"),
        "{body}"
    );
    let ranges = legacy_display::in_html(body.as_bytes(), &|_, _| true);
    assert_eq!(
        [&body[..ranges[0].start], &body[ranges[0].end + 2..]].concat(),
        page,
        "what is left is what was written"
    );
}

#[test]
fn only_main_texts_get_one() {
    let entity = composed(
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
         --a\r\n\r\nplain\r\n--a\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
         --r\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+aHRtbDwvcD4=\r\n\
         --r\r\nContent-Type: text/plain\r\n\r\nrelated\r\n--r--\r\n\
         --a--\r\n--m\r\nContent-Type: text/plain\r\n\r\nsecond\r\n\
         --m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nthird\r\n--m--\r\n",
    );
    assert_eq!(entity.matches("hp-legacy-display=\"1\"").count(), 2, "{entity}");
    assert!(entity.contains("\r\n\r\nSubject: Jones <b> & 'Co'\r\n\r\nplain\r\n--a"), "{entity}");
    let html = "<div class=\"header-protection-legacy-display\">\r\n<pre>";
    assert!(entity.contains(&base64_simd::STANDARD.encode_to_string(&html[..48])), "{entity}");
    assert!(entity.contains("\r\n\r\nrelated\r\n") && entity.contains("\r\n\r\nsecond\r\n"), "{entity}");
    let attached = composed("Content-Disposition: attachment\r\n\r\nHello\r\n");
    assert!(!attached.contains("hp-legacy-display"), "{attached}");
}

#[test]
fn it_is_written_in_the_charset_of_the_part() {
    let japanese = HEAD.replace("=?utf-8?Q?Jones_<b>_&_'Co'?=", "=?utf-8?B?5aWR57SE?=");
    let compose = |rest: &[u8]| {
        let letter = [japanese.as_bytes(), rest].concat();
        let recipe = Recipe { protect: Protect::Cipher, legacy_display: true, ..Recipe::default() };
        let draft = prepare(&Source::memory(&letter), &structure(&letter), &Limits::default(), recipe);
        text(written(&draft.unwrap()))
    };
    let iso = compose(b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$\"\x1b(B\r\n");
    assert!(iso.contains("Subject: \x1b$B7@Ls\x1b(B\r\n\r\n\x1b$B$\"\x1b(B\r\n"), "{iso}");
    let ascii = compose(b"\r\nHello\r\n");
    assert!(
        ascii.contains("charset=\"utf-8\"") && ascii.contains("Subject: =E5=A5=91=E7=B4=84\r\n\r\nHello"),
        "{ascii}"
    );
    let raw = compose(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nあ\r\n".as_bytes(),
    );
    assert!(
        raw.contains("quoted-printable") && raw.contains("Subject: =E5=A5=91=E7=B4=84\r\n\r\n=E3=81=82"),
        "{raw}"
    );
    let wide = compose(
        b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n/v8AYQ==\r\n",
    );
    assert!(!wide.contains("hp-legacy-display"), "{wide}");
}
