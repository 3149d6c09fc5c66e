//! Header protection (RFC 9788) against what others wrote, and before other people's programs.
//!
//! Seen to bite, with one thing taken out of the source: another author inside is nothing (`r_b15_an_author_*`,
//! `r_b15_the_author_*`); HP-Outer counts in what is only signed (`r_b16_the_parameter_*`); a Cc added outside is nothing
//! (`r_b16_what_is_changed_*`); answers in clear are let out (`no_answer_goes_out_in_clear`); a subject is answered as it is
//! (`the_example_of_the_rfc`); repeated header fields are found nowhere (the vectors, the judges, the older letters);
//! they need not say what the header says (`a_display_that_is_not_*`), or may stand in attachments (`a_display_in_*`); a
//! Subject that stands twice is nothing (`r_e3_a_protected_*`); of older letters an answer hides what looks hidden only
//! (`r_b16_an_answer_to_an_older_*`).

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod attacks;
mod judges;
mod older;
mod page;
mod people;
mod published;
mod tricks;
mod vectors;

use mailseal::report::{Code, FieldProtection, ProtectedField, Report};
use mailseal::{Opened, UnixTime};

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn field<'r>(report: &'r Report, name: &str) -> &'r ProtectedField {
    let mut fields = report.headers.fields.iter();
    fields
        .find(|field| field.name.eq_ignore_ascii_case(name))
        .unwrap_or_else(|| panic!("{name}: {report:#?}"))
}

fn state(report: &Report, name: &str) -> FieldProtection {
    field(report, name).protection
}

fn has(report: &Report, code: Code) -> bool {
    report.findings.iter().any(|finding| finding.code == code)
}

fn payload(opened: &Opened<'_>) -> String {
    let octets = opened.payload().unwrap().octets(1 << 20).unwrap();
    String::from_utf8_lossy(&octets).into_owned()
}
