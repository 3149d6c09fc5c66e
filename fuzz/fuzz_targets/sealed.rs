//! Any octets as the body of a letter that is encrypted to us: whatever comes out, nobody signed it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mailseal::{Context, Key, Limits, Opener, Outcome, Password, Policy, TrustStore, UnixTime};

static OPENER: LazyLock<Opener> = LazyLock::new(|| {
    let limits = Limits::default().kdf_iterations(1_000).kdf_memory_kib(1 << 10);
    let key = |octets: &[u8]| Key::load(octets, Password::none()).unwrap();
    Opener::new(&Context::new(TrustStore::new()).limits(limits))
        .key(key(include_bytes!("../../examples/letters/bob.pem")))
        .key(key(include_bytes!("../../examples/letters/bob.asc")))
        .password(Password::from("fuzz"))
});

const SMIME: &[u8] = b"From: a@b.example\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\
    Content-Transfer-Encoding: binary\r\n\r\n";
const PGP: &[u8] = b"From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=b;\r\n \
    protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
    --b\r\nContent-Type: application/octet-stream\r\n\r\n";

fuzz_target!(|body: &[u8]| {
    for (start, end) in [(SMIME, &b""[..]), (PGP, b"\r\n--b--\r\n")] {
        let letter = [start, body, end].concat();
        let Ok(opened) = OPENER.open(&letter, UnixTime::from_seconds(1_800_000_000)) else { continue };
        assert_ne!(Policy::standard().judge(&opened.report).outcome, Outcome::Good);
    }
});
