//! RFC 9788 §6.1 and D.2: an answer keeps what the letter kept.

use mailseal::report::FieldProtection;
use mailseal::{Composer, Error, Group, HeaderConfidentiality, Opener};

use crate::people::{People, draft};
use crate::{AT, state};

/// The worked example of D.2.2, with the keys of RFC 9216.
#[test]
fn the_example_of_the_rfc() {
    let Some(people) = People::get() else { return };
    let letter =
        people.composed(&draft("Handling the Jones contract", "\r\nPlease review\r\n"), |composer| composer);
    let letter = letter.unwrap();
    let report = people.opener().open(&letter, AT).unwrap().report;
    let answer = "From: Bob <bob@smime.example>\r\nTo: Alice Lovelace <alice@smime.example>\r\n\
                  Subject: Re: Handling the Jones contract\r\nDate: Fri, 15 Jan 2027 08:00:00 +0000\r\n\
                  In-Reply-To: <1@smime.example>\r\nReferences: <1@smime.example>\r\n\r\nI'll get right on it\r\n";
    let group = Group::to(&people.to_bob, AT).unwrap();
    let composer =
        Composer::new(&people.cx).reply_to(&report).header_confidentiality(HeaderConfidentiality::None);
    let mut sent = Vec::new();
    composer.encrypt(&group).compose(answer.as_bytes(), AT, &mut sent).unwrap();
    let text = String::from_utf8(sent.clone()).unwrap();
    let (header, _) = text.split_once("MIME-Version").unwrap();
    assert_eq!(
        header,
        answer.split("\r\n\r\n").next().unwrap().replace("Handling the Jones contract", "[...]") + "\r\n"
    );
    let opened = Opener::new(&people.cx).key(people.bob.clone()).open(&sent, AT).unwrap();
    assert_eq!(
        opened.report.headers.show("Subject").collect::<Vec<_>>(),
        ["Re: Handling the Jones contract"]
    );
    assert_eq!(state(&opened.report, "Subject"), FieldProtection::Encrypted);
    assert!(opened.report.headers.mismatched.is_empty(), "{:?}", opened.report.headers);
}

/// What a shy letter hid, a baseline answer hides too.
#[test]
fn names_of_a_shy_letter_stay_inside() {
    let Some(people) = People::get() else { return };
    let shy = |composer: Composer| composer.header_confidentiality(HeaderConfidentiality::Shy);
    let letter = people.composed(&draft("Jones", "\r\nHello\r\n"), shy).unwrap();
    let report = people.opener().open(&letter, AT).unwrap().report;
    let answer = "From: Bob <bob@smime.example>\r\nTo: Alice Lovelace <alice@smime.example>\r\nSubject: Re: Jones\r\n\r\nYes\r\n";
    let group = Group::to(&people.to_bob, AT).unwrap();
    let mut sent = Vec::new();
    Composer::new(&people.cx)
        .reply_to(&report)
        .encrypt(&group)
        .compose(answer.as_bytes(), AT, &mut sent)
        .unwrap();
    let text = String::from_utf8(sent).unwrap();
    assert!(
        text.starts_with("From: bob@smime.example\r\nTo: alice@smime.example\r\nSubject: [...]\r\n"),
        "{text}"
    );
}

/// RFC 9787 §5.4.
#[test]
fn no_answer_goes_out_in_clear() {
    let Some(people) = People::get() else { return };
    let letter = people.composed(&draft("Jones", "\r\nHello\r\n"), |composer| composer).unwrap();
    let report = people.opener().open(&letter, AT).unwrap().report;
    let answer = draft("Re: Jones", "\r\nYes\r\n");
    let clear = Composer::new(&people.cx).sign(&people.alice).reply_to(&report);
    let mut out = Vec::new();
    assert!(matches!(clear.compose(answer.as_bytes(), AT, &mut out), Err(Error::Refused(_))));
    let group = Group::to(&people.to_bob, AT).unwrap();
    let bare = clear.protect_headers(false).encrypt(&group);
    assert!(matches!(bare.compose(answer.as_bytes(), AT, &mut out), Err(Error::Refused(_))));
    assert!(out.is_empty());
    // To a letter that was never secret, anybody may answer in any way.
    let mut signed = Vec::new();
    Composer::new(&people.cx).sign(&people.alice).compose(answer.as_bytes(), AT, &mut signed).unwrap();
    let report = people.opener().open(&signed, AT).unwrap().report;
    Composer::new(&people.cx)
        .sign(&people.alice)
        .reply_to(&report)
        .compose(answer.as_bytes(), AT, &mut out)
        .unwrap();
}

/// The subject is not told in another field either.
#[test]
fn no_other_field_repeats_the_subject() {
    let Some(people) = People::get() else { return };
    let letter = people.composed(&draft("Jones merger", "\r\nHello\r\n"), |composer| composer).unwrap();
    let report = people.opener().open(&letter, AT).unwrap().report;
    let more =
        "Thread-Topic: Jones merger\r\nX-Old-Subject: Re: Jones merger\r\nX-Kept: merger\r\n\r\nYes\r\n";
    let sent =
        people.composed(&draft("Re: Jones merger", more), |composer| composer.reply_to(&report)).unwrap();
    let text = String::from_utf8(sent).unwrap();
    assert!(!text.contains("Jones") && text.contains("X-Kept: merger\r\n"), "{text}");
}
