//! Look-alikes among the letters of other projects, and in the ways of mailsploit.

use std::fs;

use mailseal::report::Code;
use mailseal::trust::Lesson;
use mailseal::{Outcome, TrustStore, UnixTime};

use crate::support;
use crate::{ALICE, Desk, OPENSSL, judged, saw, unsigned};

const MANAGER: &str = "manager@bigcorporation.de";

/// The manager is known by a pin and by name; of all letters that eve sends as if she were him, none goes without a word.
#[test]
fn r_b15_rub_johnny_with_a_memory() {
    let Some(folder) = support::corpora().map(|folder| folder.join("rub-johnny")) else { return };
    let desk = Desk::new(TrustStore::new());
    let mut lesson = Lesson::of(&desk.report(&unsigned(&format!("The Manager <{MANAGER}>")), 0)).unwrap();
    lesson.at = UnixTime::from_seconds(1_500_000_000);
    mailseal::trust::Memory::learn(&desk.memory, &lesson.vouched()).unwrap();
    let expected: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let (mut looked_at, mut found) = (0, 0);
    for file in expected["messages"].as_object().unwrap().keys().filter(|file| file.starts_with("04-id/i2")) {
        let report = desk.report(&fs::read(folder.join(file)).unwrap(), 0);
        looked_at += 1;
        let [from] = report.from.mailboxes.as_slice() else { continue };
        let borrows = saw(&report, Code::NameOfAnother) || saw(&report, Code::LookAlike);
        let by_another = from.as_str() != MANAGER;
        let shows_manager =
            report.from.name.as_deref().is_some_and(|name| name.to_lowercase().contains("manager"));
        assert_eq!(borrows, by_another && shows_manager, "{file}: {:?}", report.from);
        assert_ne!(judged(&report).0, Outcome::Good, "{file}");
        found += u32::from(borrows);
    }
    assert_eq!((looked_at, found), (16, 6));
}

/// The ways in which mailsploit and homographs show a known address, or its owner's name, in a From that is another's.
#[test]
fn r_b15_homographs() {
    let desk = Desk::of_examples();
    desk.learn(OPENSSL, 0);
    desk.learn(OPENSSL, 1);
    for from in [
        // mailsploit: a name that is an address, a NUL or line ends after it, an address in an encoded word.
        "\"alice@example.com\" <demo@mailsploit.example>",
        "=?utf-8?B?YWxpY2VAZXhhbXBsZS5jb20=?= <demo@mailsploit.example>",
        "=?utf-8?Q?alice=40example=2Ecom=00?= <demo@mailsploit.example>",
        "=?utf-8?Q?alice=40example=2Ecom=0A=0D?= <demo@mailsploit.example>",
        "=?utf-8?Q?alice=40example=2Ecom?= =?utf-8?Q?=20=20=20?= <demo@mailsploit.example>",
        "alice@example.com <demo@mailsploit.example>",
        "\"Alice <alice@example.com>\" <demo@mailsploit.example>",
        "demo@mailsploit.example (alice@example.com)",
        // Her name, and what looks like it.
        "Alice Liddell <demo@mailsploit.example>",
        "\"ALICE  LIDDELL\" <demo@mailsploit.example>",
        "=?utf-8?Q?=D0=90lice_Liddell?= <demo@mailsploit.example>",
        "AIice LiddelI <demo@mailsploit.example>",
        "=?utf-8?Q?Alice=E2=80=8B_Liddell?= <demo@mailsploit.example>",
        // Addresses that look like hers.
        "alice@exarnple.com",
        "alice@examp1e.com",
        "alice@exampIe.com",
        "alice@xn--exmple-4nf.com",
        "alice@exаmple.com",
        "аlice@example.com",
        "alicе@ехаmple.com",
        "alice@example.co",
        "alice@exmaple.com",
        "alice@ｅxample.com",
        "alice@example。com",
    ] {
        let report = desk.report(&unsigned(from), 2);
        let found =
            report.findings.iter().find(|one| [Code::LookAlike, Code::NameOfAnother].contains(&one.code));
        let found = found.unwrap_or_else(|| panic!("{from}: {:?} {:?}", report.from, report.findings));
        assert_eq!(found.detail.as_deref(), Some(ALICE), "{from}");
        assert_eq!(judged(&report).0, Outcome::None, "{from}");
    }
    for from in [
        "Alice Liddell <alice@example.com>",
        "Bob <bob@example.com>",
        "alice@other.example",
        "Alice <x@y.example>",
    ] {
        let report = desk.report(&unsigned(from), 2);
        assert!(!saw(&report, Code::LookAlike) && !saw(&report, Code::NameOfAnother), "{from}");
    }
}
