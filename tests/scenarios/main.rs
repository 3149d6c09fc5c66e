//! What must hold, told in words: NAME.md says what happens, NAME.rs plays it and holds its end against the words.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[cfg(unix)]
#[allow(dead_code, unreachable_pub)]
#[path = "../../bindings/c/tests/abi/compiled.rs"]
mod compiled;
#[cfg(unix)]
#[allow(dead_code, unreachable_pub)]
#[path = "../../bindings/c/tests/milter/daemon.rs"]
mod daemon;
#[cfg(unix)]
#[allow(dead_code, unreachable_pub)]
#[path = "../../bindings/c/tests/milter/postfix.rs"]
mod postfix;
#[cfg(unix)]
#[allow(dead_code, unreachable_pub)]
#[path = "../../bindings/c/tests/milter/smtp.rs"]
mod smtp;
#[path = "../support/mod.rs"]
mod support;

// What the stories are played with.
mod command;
#[cfg(unix)]
mod dovecot;
#[cfg(unix)]
mod needle;
#[cfg(unix)]
mod post;
#[cfg(unix)]
mod python;
#[cfg(unix)]
mod scripted;
mod story;
#[cfg(unix)]
mod wire_tap;

mod another_authority;
#[cfg(unix)]
mod end_to_end;
mod lookalike_with_dmarc;
#[cfg(target_os = "linux")]
mod newsletter_each_step;
mod newsletter_footer;
#[cfg(unix)]
mod newsletter_killed;
#[cfg(unix)]
mod newsletter_pipeline;
mod organization_or_mailbox;
#[cfg(unix)]
mod partner_needs_encryption;
#[cfg(unix)]
mod servers;
#[cfg(unix)]
mod wire;
