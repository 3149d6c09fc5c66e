//! Header protection (RFC 9788) against what others wrote, and before other people's programs.

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
mod people;
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
