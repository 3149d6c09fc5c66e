//! Any octets as certificates: the first is the leaf, the last the anchor, and a path is looked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::x509::path::{PathRequest, Purpose, find};
use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};

fuzz_target!(|octets: &[u8]| {
    let Ok(all) = Certificate::load_pem_or_der(octets) else { return };
    let ([leaf, ..], [.., anchor]) = (&all[..], &all[..]) else { return };
    let (provider, limits) = (Provider::default(), Limits::default());
    let _ = (leaf.name(), leaf.mailboxes(), leaf.assurance(), leaf.extensions());
    find(
        &PathRequest::new(
            leaf,
            std::slice::from_ref(anchor),
            Purpose::EmailSigning,
            UnixTime::from_seconds(1_800_000_000),
            &provider,
            &limits,
        )
        .intermediates(&all),
    );
});
