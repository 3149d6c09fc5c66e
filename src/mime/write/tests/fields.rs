//! R-E1: fields from values hold what was put in, and nothing else.

use proptest::prelude::*;

use super::field::{parameterized, split, unstructured};
use super::*;
use crate::mime::{Headers, MediaType};

fn limits() -> Limits {
    Limits::default()
}

#[test]
fn r_e1_line_ends_and_nul_are_refused() {
    for value in ["a\r\nBcc: b", "a\nb", "a\rb", "a\0b", "a\u{85}b"] {
        assert!(matches!(
            parameterized("Content-Type", "text/plain", &[("name", value)]),
            Err(Error::Refused(_))
        ));
        assert!(matches!(unstructured("Subject", value), Err(Error::Refused(_))));
        assert!(parameterized("Content-Type", value, &[]).is_err());
        assert!(parameterized(value, "text/plain", &[]).is_err());
        assert!(parameterized("Content-Type", "text/plain", &[(value, "x")]).is_err());
        assert!(unstructured(value, "x").is_err());
    }
}

#[test]
fn r_e1_outer_fields_are_checked_once_more() {
    let begin = |outer: &'static [u8]| {
        Pkcs7Mime::begin(Vec::new(), [outer], "signed-data").and_then(Pkcs7Mime::finish)
    };
    for outer in [
        &b"Subject: a\r\n\r\nBody"[..],
        b"Subject: a\r\n\r\n",
        b"Subject: a",
        b"Subject: a\rBcc: b\r\n",
        b"Subject: a\0\r\n",
        b"no field\r\n",
        b" continued\r\n",
        b"Content-Type: text/plain\r\n",
        b"mime-version: 1.0\r\n",
    ] {
        assert!(begin(outer).is_err(), "{:?}", String::from_utf8_lossy(outer));
    }
    assert!(
        text(begin(b"Subject: a\r\n").unwrap())
            .starts_with("Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: ")
    );
    assert!(text(begin(b"").unwrap()).starts_with("Content-Type: "), "a part in another");
}

#[test]
fn short_values_stay_readable() {
    let field = parameterized("Content-Type", "text/plain", &[("name", "a \"b\" \\ c")]).unwrap();
    assert_eq!(text(field), "Content-Type: text/plain; name=\"a \\\"b\\\" \\\\ c\"\r\n");
    assert_eq!(text(unstructured("Subject", "Hello  there").unwrap()), "Subject: Hello  there\r\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn r_e1_a_parameter_comes_back(value in "(\\PC|[ -~]){0,200}") {
        let field = parameterized("Content-Type", "text/plain", &[("name", &value), ("x", "y")]).unwrap();
        prop_assert!(field.is_ascii());
        prop_assert!(text(field.clone()).lines().all(|line| line.len() < 78 && line.trim_end() == line));
        let fields = split(&field, &limits()).unwrap();
        prop_assert_eq!(fields.len(), 1);
        let parsed = MediaType::parse(&fields[0].value()).unwrap();
        prop_assert_eq!(parsed.parameter("name"), Some(value.as_str()));
        prop_assert_eq!(parsed.parameter("x"), Some("y"));
    }

    #[test]
    fn r_e1_a_text_comes_back(value in "(\\PC|[ -~]|=\\?utf-8\\?Q\\?a\\?= ){0,200}") {
        let value = value.trim();
        let field = unstructured("Subject", value).unwrap();
        prop_assert!(field.is_ascii());
        prop_assert_eq!(split(&field, &limits()).unwrap().len(), 1);
        prop_assert_eq!(Headers::new(&field).get("Subject").unwrap().text(), value);
    }

    #[test]
    fn r_e1_no_field_is_gained_or_lost(values in proptest::collection::vec("\\PC{0,80}", 0..8)) {
        let header: Vec<u8> = values.iter().flat_map(|value| unstructured("Comments", value).unwrap()).collect();
        prop_assert_eq!(split(&header, &limits()).unwrap().len(), values.len());
    }

    #[test]
    fn r_e1_octets_that_pass_stay_one_field_each(header in "([A-Za-z]{1,5}: ?[ -~\r\n\0]{0,20}\r?\n){1,6}") {
        let letter = format!("{header}\r\nHello\r\n");
        if let Ok(draft) = draft(letter.as_bytes()) {
            let outer: Vec<u8> = draft.outer().flatten().copied().collect();
            let kept = structure(letter.as_bytes()).parts[0].headers().fields().filter(|field| {
                let name = field.name.to_ascii_lowercase();
                name != "bcc" && !name.starts_with("content-") && name != "mime-version"
            }).count();
            prop_assert_eq!(Headers::new(&outer).fields().count(), kept);
            prop_assert_eq!(split(&outer, &limits()).unwrap().len(), kept);
        }
    }
}
