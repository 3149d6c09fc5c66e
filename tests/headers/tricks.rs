//! Payloads that claim more than they are, made with openssl: no composer here would write them.

use mailseal::report::{Code, FieldProtection, HeaderForm, Protection, Report};
use mailseal::{Composer, Group, HeaderConfidentiality, Outcome, Policy};

use crate::people::{People, draft};
use crate::vectors::{encrypted, opaque};
use crate::{AT, field, has, state};

const OUTER: &str = "From: Alice <alice@smime.example>\r\nTo: Bob <bob@smime.example>\r\nSubject: [...]\r\n";
/// With what stands outside said inside.
const TOLD: &str = "From: Alice <alice@smime.example>\r\nTo: Bob <bob@smime.example>\r\nSubject: Jones\r\n\
                    HP-Outer: From: Alice <alice@smime.example>\r\nHP-Outer: To: Bob <bob@smime.example>\r\n\
                    HP-Outer: Subject: [...]\r\n";

/// Signed by Alice, then encrypted.
fn sealed(people: &People, outer: &str, payload: &str) -> Report {
    read(people, &format!("{outer}{}", encrypted(people, &opaque(people, payload))))
}

fn read(people: &People, letter: &str) -> Report {
    people.opener().open(letter.as_bytes(), AT).unwrap().report
}

fn outcome(report: &Report) -> Outcome {
    Policy::standard().judge(report).outcome
}

fn shown<'r>(report: &'r Report, name: &'r str) -> Vec<&'r str> {
    report.headers.show(name).collect()
}

/// §10.1, signed: the sender has a good certificate, and names somebody else inside.
#[test]
fn r_b15_a_signer_who_names_somebody_else_inside() {
    let Some(people) = People::get() else { return };
    let inside = TOLD.replacen("alice@smime.example", "boss@corp.example", 1);
    let cipher = format!("Content-Type: text/plain; hp=cipher\r\n{inside}\r\nPay\r\n");
    let clear = "Content-Type: text/plain; hp=clear\r\nFrom: Alice <boss@corp.example>\r\nSubject: [...]\r\n\r\nPay\r\n";
    for report in
        [sealed(&people, OUTER, &cipher), read(&people, &format!("{OUTER}{}", opaque(&people, clear)))]
    {
        assert!(has(&report, Code::FromDiffers) && report.headers.from_outer, "{report:#?}");
        assert_eq!(shown(&report, "From"), ["Alice <alice@smime.example>"]);
        assert_eq!(field(&report, "From").value.as_deref(), Some("Alice <boss@corp.example>"));
        assert_ne!(outcome(&report), Outcome::Good);
    }
}

/// §4.4.5: one address, spelled as servers spell it.
#[test]
fn one_author_in_two_spellings() {
    let Some(people) = People::get() else { return };
    for (outer, inner, differs) in [
        ("a@xn--bcher-kva.example", "a@b\u{fc}cher.example", false),
        ("A@EXAMPLE.ORG", "a@example.org", false),
        ("a@b\u{fc}cher.example", "a@bucher.example", true),
        ("a@example.org.", "b@example.org", true),
    ] {
        let payload = format!(
            "Content-Type: text/plain; hp=cipher\r\nFrom: {inner}\r\nHP-Outer: From: {outer}\r\n\r\nx\r\n"
        );
        let report = read(&people, &format!("From: {outer}\r\n{}", encrypted(&people, &payload)));
        assert_eq!(has(&report, Code::FromDiffers), differs, "{outer} {inner}");
    }
}

/// Another name beside the same address.
#[test]
fn another_name_of_the_same_author() {
    let Some(people) = People::get() else { return };
    let payload = format!("Content-Type: text/plain; hp=cipher\r\n{TOLD}\r\nHello\r\n");
    let outer = OUTER.replacen("Alice", "\"boss@corp.example\"", 1);
    let report = sealed(&people, &outer, &payload);
    assert!(has(&report, Code::HeaderMismatch) && !report.headers.from_outer);
    assert_eq!(shown(&report, "From"), ["Alice <alice@smime.example>"]);
    assert_eq!(outcome(&report), Outcome::Caution);
}

/// §4.1: only at the root of the payload; §2.2: so HP-Outer.
#[test]
fn r_b16_a_promise_in_another_place() {
    let Some(people) = People::get() else { return };
    let part = format!("Content-Type: text/plain; hp=cipher; protected-headers=v1\r\n{TOLD}\r\nHello\r\n");
    let mixed = |kind: &str, part: &str| {
        format!("Content-Type: {kind}; boundary=b\r\n\r\n--b\r\n{part}\r\n--b--\r\n")
    };
    let letter = format!("Content-Type: message/rfc822\r\n\r\n{part}");
    for payload in [
        mixed("multipart/mixed", &part),
        mixed("multipart/alternative", &part),
        mixed("multipart/mixed", &letter),
        letter.clone(),
        letter
            .replacen("rfc822", "rfc822; forwarded=yes", 1)
            .replace("; hp=cipher; protected-headers=v1", ""),
    ] {
        let report = sealed(&people, OUTER, &payload);
        assert_eq!((report.headers.protection, report.headers.form), (Protection::None, None), "{payload}");
        assert!(shown(&report, "Subject").is_empty());
    }
    // Outside, and in a part of the payload, HP-Outer is nobody's word.
    let payload = format!("Content-Type: multipart/mixed; boundary=b; hp=cipher\r\n{TOLD}\r\n");
    let inner = "--b\r\nHP-Outer: Subject: Jones\r\n\r\nHello\r\n--b--\r\n";
    let outer = format!("{OUTER}HP-Outer: Subject: Jones\r\n");
    let report = sealed(&people, &outer, &format!("{payload}{inner}"));
    assert_eq!(state(&report, "Subject"), FieldProtection::SignedAndEncrypted);
    assert_eq!(state(&report, "To"), FieldProtection::Signed);
    assert_eq!(outcome(&report), Outcome::Good, "{report:#?}");
}

/// One reading of the parameter, or none (R-E3).
#[test]
fn r_e3_spellings_of_the_parameter() {
    let Some(people) = People::get() else { return };
    for (parameters, is) in [
        ("hp=cipher (\"; hp=clear\")", true),
        ("HP = \"CIPHER\"", true),
        ("hp*0=ci;\r\n hp*1=\"pher\"", true),
        ("hp*=us-ascii'en'c%69pher", true),
        ("hp=cipher; hp=clear", false),
        ("hp=cipher; hp=cipher", false),
        ("hp=cipher; hp*=us-ascii''clear", false),
        ("hp*1=pher; hp*2=ci", false),
        ("hp=ciphers", false),
        ("hp=\"\"", false),
        ("x=\"; hp=cipher\"", false),
        ("x=y (; hp=cipher)", false),
    ] {
        let payload = format!("Content-Type: text/plain; {parameters}\r\n{TOLD}\r\nHello\r\n");
        let report = sealed(&people, OUTER, &payload);
        let form = is.then_some(HeaderForm::Hp);
        assert_eq!(report.headers.form, form, "{parameters}");
        assert_eq!(shown(&report, "Subject").len(), usize::from(is), "{parameters}");
    }
}

/// §10.2: what says `clear` has told nothing of an outside.
#[test]
fn r_b16_clear_hides_nothing() {
    let Some(people) = People::get() else { return };
    let payload = format!("Content-Type: text/plain; hp=clear\r\n{TOLD}\r\nHello\r\n");
    let report = sealed(&people, OUTER, &payload);
    assert_eq!(report.headers.mismatched, ["subject"]);
    assert_eq!(state(&report, "Subject"), FieldProtection::Signed);
    let wrong = TOLD
        .replace("HP-Outer: Subject: [...]", "HP-Outer: Subject: Smith\r\nHP-Outer: Cc: eve@evil.example");
    let payload = format!("Content-Type: text/plain; hp=cipher\r\n{wrong}\r\nHello\r\n");
    let outer = format!("{OUTER}Cc: eve@evil.example\r\n");
    let report = sealed(&people, &outer, &payload);
    assert_eq!(report.headers.mismatched, ["subject", "cc"]);
    assert!(shown(&report, "Cc").is_empty());
}

/// Programs differ in which of two fields they show.
#[test]
fn r_e3_a_protected_field_that_stands_twice() {
    let Some(people) = People::get() else { return };
    for (twice, name) in [
        ("Subject: Jones\r\nSubject: Smith", "subject"),
        ("Subject: Jones\r\nsubject : Jones", "subject"),
        (
            "Subject: Jones\r\nDate: Fri, 15 Jan 2027 08:00:00 +0000\r\nDate: Fri, 15 Jan 2027 08:00:01 +0000",
            "date",
        ),
    ] {
        let inside = TOLD.replace("Subject: Jones", twice);
        let payload = format!("Content-Type: text/plain; hp=cipher\r\n{inside}\r\nHello\r\n");
        let report = sealed(&people, OUTER, &payload);
        assert_eq!(report.headers.mismatched, [name], "{twice}");
        assert_eq!(outcome(&report), Outcome::Caution, "{twice}");
    }
    let inside = TOLD.replacen("\r\n", "\r\nFrom: Eve <eve@evil.example>\r\n", 1);
    let report =
        sealed(&people, OUTER, &format!("Content-Type: text/plain; hp=cipher\r\n{inside}\r\nHello\r\n"));
    assert!(has(&report, Code::FromDiffers) && report.headers.from_outer);
}

/// Servers fold and encode anew; that is no change.
#[test]
fn one_value_in_two_spellings() {
    let Some(people) = People::get() else { return };
    let payload = "Content-Type: text/plain; hp=clear\r\nFrom: =?utf-8?q?Al=C3=ADce?= <alice@smime.example>\r\n\
                   Subject: Gr=?utf-8?q?=C3=BC?= =?utf-8?q?=C3=9Fe?= an alle\r\n\r\nHello\r\n";
    let letter = |from: &str, subject: &str| {
        read(&people, &format!("From: {from}\r\nSubject: {subject}\r\n{}", opaque(&people, payload)))
    };
    let same = [
        (
            "=?ISO-8859-1?B?QWztY2U=?=\r\n <alice@smime.example>",
            "Gr=?utf-8?q?=C3=BC?= =?utf-8?q?=C3=9Fe?=\r\n an  alle",
        ),
        ("\"Al\u{ed}ce\" <alice@smime.example>", "Gr=?utf-8?q?=C3=BC?= =?utf-8?q?=C3=9Fe?=\r\n\tan alle"),
    ];
    for (from, subject) in same {
        assert!(letter(from, subject).headers.mismatched.is_empty(), "{from} {subject}");
    }
    let report = letter(same[0].0, "Gr\u{fc}sse an alle");
    assert_eq!(report.headers.mismatched, ["subject"]);
    // The address is what stands in angle brackets, whatever a word decodes to.
    let report = letter("=?utf-8?q?alice=40smime.example?= <eve@evil.example>", same[0].1);
    assert!(report.headers.mismatched.contains(&"from".to_owned()));
}

fn displays(report: &Report) -> Vec<(String, usize)> {
    let marked = report.parts.iter().filter(|part| !part.legacy_display.is_empty());
    marked.map(|part| (part.part.to_string(), part.legacy_display.len())).collect()
}

fn marked(people: &People, kind: &str, more: &str, text: &[u8]) -> Report {
    let text = base64_simd::STANDARD.encode_to_string(text);
    let payload = format!(
        "Content-Type: text/{kind}; hp-legacy-display=1; hp=cipher\r\nContent-Transfer-Encoding: base64\r\n{more}{}\r\n{text}\r\n",
        TOLD.replace("Subject: Jones", "Subject: =?utf-8?q?M=C3=BCller_=26?= \u{2014} Co"),
    );
    sealed(people, OUTER, &payload)
}

/// §4.5.3: what leaves the element out must leave out nothing else: the same letter would say two things.
#[test]
fn a_display_that_is_not_the_header_is_shown() {
    let Some(people) = People::get() else { return };
    for (kind, text, is) in [
        ("plain; charset=utf-8", "Subject: M\u{fc}ller & \u{2014} Co\r\n\r\nHello", true),
        (
            "plain; charset=utf-8",
            "Subject: =?utf-8?q?M=C3=BCller_=26?= \u{2014}\r\n Co\r\nFrom: Alice <alice@smime.example>\r\n\r\nHello",
            true,
        ),
        ("plain; charset=utf-8", "Subject: M&#252;ller &amp; &#8212; Co\r\n\r\nHello", true),
        ("plain; charset=utf-8", "Subject: Pay Mallory 100\r\n\r\nHello", false),
        ("plain; charset=utf-8", "Subject: M\u{fc}ller & \u{2014} Co\r\nDate: tomorrow\r\n\r\nHello", false),
        (
            "plain; charset=utf-8",
            "Subject: M\u{fc}ller & \u{2014} Co\r\nFrom: Eve <alice@smime.example>\r\n\r\nHello",
            false,
        ),
        (
            "html; charset=utf-8",
            "<div class=header-protection-legacy-display><pre>Subject: M\u{fc}ller &amp; &mdash; Co</pre></div>Hello",
            true,
        ),
        (
            "html; charset=utf-8",
            "<div class=header-protection-legacy-display><pre>Subject: Pay Mallory</pre></div>Hello",
            false,
        ),
    ] {
        let report = marked(&people, kind, "", text.as_bytes());
        assert_eq!(displays(&report).len(), usize::from(is), "{text}");
    }
    let latin = b"Subject: M\xfcller &amp; \x97 Co\r\n\r\nHello";
    assert_eq!(displays(&marked(&people, "plain; charset=windows-1252", "", latin)).len(), 1);
}

/// §5.2.4: an attachment is whole; so is a letter that is passed on, with a header of its own.
#[test]
fn a_display_in_what_is_attached_is_shown() {
    let Some(people) = People::get() else { return };
    let same = "Subject: Jones\r\n\r\nHello";
    let part = |kind: &str, more: &str, text: &str| {
        format!("--b\r\nContent-Type: text/{kind}; hp-legacy-display=1\r\n{more}\r\n{text}\r\n")
    };
    let html = "<div class=\"header-protection-legacy-display\">Subject: Jones</div>Hello";
    let passed = "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Old\r\nContent-Type: text/plain; hp-legacy-display=1\r\n\r\nSubject: Old\r\n\r\nHello\r\n";
    let all = [
        part("plain", "", same),
        part("html", "", html),
        part("plain", "Content-Disposition: attachment; filename=a.txt\r\n", same),
        part("plain", "Content-Disposition: inline\r\n", "Subject: Smith\r\n\r\nHello"),
        part("calendar", "", same),
        passed.to_owned(),
    ];
    for kind in ["alternative", "mixed"] {
        let payload = format!(
            "Content-Type: multipart/{kind}; boundary=b; hp=cipher\r\n{TOLD}\r\n{}--b--\r\n",
            all.concat()
        );
        let report = sealed(&people, OUTER, &payload);
        let found: Vec<String> = displays(&report).into_iter().map(|(part, _)| part).collect();
        assert_eq!(found.len(), 2, "{kind}: {found:?}");
        assert!(found[0].ends_with('1') && found[1].ends_with('2'), "{kind}: {found:?}");
    }
}

/// §4.10.2: of the older forms only the outside says what was hidden, and anybody may change that. An answer keeps it.
#[test]
fn r_b16_an_answer_to_an_older_letter_whose_outside_was_changed() {
    let Some(people) = People::get() else { return };
    let inside =
        "From: Alice <alice@smime.example>\r\nTo: Bob <bob@smime.example>\r\nSubject: Jones merger\r\n";
    let older = format!("Content-Type: text/plain; protected-headers=\"v1\"\r\n{inside}\r\nHello\r\n");
    let wrapped = format!(
        "Content-Type: message/rfc822; forwarded=no\r\n\r\n{inside}Content-Type: text/plain\r\n\r\nHello\r\n"
    );
    for (payload, form) in [(older, HeaderForm::ProtectedHeaders), (wrapped, HeaderForm::MessageRfc822)] {
        for outside in ["...", "Hello", "Jones merger"] {
            let outer = OUTER.replace("[...]", outside);
            let report = sealed(&people, &outer, &payload);
            assert_eq!(report.headers.form, Some(form), "{outside}");
            let answer = draft("Re: Jones merger", "\r\nYes\r\n");
            let group = Group::to(&people.to_bob, AT).unwrap();
            let mut sent = Vec::new();
            Composer::new(&people.cx)
                .reply_to(&report)
                .header_confidentiality(HeaderConfidentiality::None)
                .encrypt(&group)
                .compose(answer.as_bytes(), AT, &mut sent)
                .unwrap();
            let sent = String::from_utf8(sent).unwrap();
            // Where it stands outside already, nothing is left to keep.
            assert_eq!(sent.contains("Jones"), outside == "Jones merger", "{outside}: {sent}");
            assert!(sent.contains("To: Bob <bob@smime.example>"), "{sent}");
        }
    }
}
