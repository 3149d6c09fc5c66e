//! Any octets as a SignedData: read, and each signer checked against every certificate that is in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::cms::{ContentHasher, SignedDataReader};
use mailseal::{Limits, crypto::Provider, x509::Certificate};

fuzz_target!(|octets: &[u8]| {
    let (limits, provider) = (Limits::default(), Provider::default());
    let Ok(data) = SignedDataReader::new(octets, &limits).and_then(SignedDataReader::finish) else { return };
    let content = ContentHasher::new(&provider, &data.hash_algorithms()).finish();
    for signer in &data.signers {
        signer.verify(&data.content_type, &content, None, &provider);
        for candidate in data.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()) {
            signer.verify(&data.content_type, &content, Some(&candidate), &provider);
        }
    }
});
