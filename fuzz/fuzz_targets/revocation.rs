//! Any octets as CRLs and OCSP answers: what can be read is asked about a certificate of the examples.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::x509::path::{PathRequest, Purpose, find};
use mailseal::x509::{Certificate, RevocationData};
use mailseal::{Limits, UnixTime, crypto::Provider};

fuzz_target!(|octets: &[u8]| {
    let Ok(data) = RevocationData::new().with(octets) else { return };
    let load = |pem: &[u8]| Certificate::load_pem_or_der(pem).unwrap();
    let anchors = load(include_bytes!("../../examples/letters/strict-ca.pem"));
    let leaf = load(include_bytes!("../../examples/letters/eve-revoked.pem")).remove(0);
    let (provider, limits) = (Provider::default(), Limits::default());
    let at = UnixTime::from_seconds(1_800_000_000);
    let request = PathRequest::new(&leaf, &anchors, Purpose::EmailSigning, at, &provider, &limits);
    find(&request.revocations(&data));
});
