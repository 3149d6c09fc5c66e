//! What is written is read again.

use std::io::Write;

use super::*;

fn builder() -> (SignedDataBuilder, Arc<dyn SigningKey>) {
    let (certificate, key) = alice();
    let mut builder = SignedDataBuilder::new();
    builder.signer(&certificate, SignatureScheme::EcdsaP256Sha256, AT);
    (builder, key)
}

/// DER with the content inside.
pub(super) fn opaque(builder: SignedDataBuilder, keys: &[&dyn SigningKey], content: &[u8]) -> Vec<u8> {
    let provider = Provider::default();
    let prepared = builder.clone().prepare(&digests(&builder.hash_algorithms(), content), &provider).unwrap();
    let (signatures, mut out) = (sign(&prepared, keys), Vec::new());
    prepared.complete_with_content(signatures, &mut &*content, &mut out, &provider).unwrap();
    out
}

/// BER in one pass.
pub(super) fn streamed(builder: SignedDataBuilder, keys: &[&dyn SigningKey], content: &[u8]) -> Vec<u8> {
    let provider = Provider::default();
    let mut streamed = StreamedSignedData::new(builder, Vec::new(), &provider).unwrap();
    streamed.write_all(content).unwrap();
    let (prepared, mut out) = streamed.prepare(&provider).unwrap();
    let signatures = sign(&prepared, keys);
    prepared.complete_streamed(signatures, &mut out).unwrap();
    out
}

#[test]
fn content_inside_in_both_forms() {
    for length in [0, 1, 127, 128, 16_383, 16_384, 16_385, 70_000] {
        let content = TEXT.iter().copied().cycle().take(length).collect::<Vec<_>>();
        let (builder, key) = builder();
        let der = opaque(builder.clone(), &[&*key], &content);
        assert!(crate::cms::ber::is_der(&der, 32).unwrap());
        for message in [der, streamed(builder, &[&*key], &content)] {
            let seen = read(&message, b"").unwrap();
            assert_eq!(seen.content.as_ref(), Some(&content));
            assert_eq!(seen.verify_with_own(), [Outcome::Intact], "{length}");
            assert!(!seen.data.trailing && !seen.data.detached);
        }
    }
}

#[test]
fn content_that_changed_is_refused() {
    for changed in [b"Pay 900 to Alice.".as_slice(), b"Pay 100 to Alice. ", b"Pay 100 to Alice"] {
        let (builder, key) = builder();
        let provider = Provider::default();
        let content = digests(&builder.hash_algorithms(), b"Pay 100 to Alice.");
        let prepared = builder.prepare(&content, &provider).unwrap();
        let signatures = sign(&prepared, &[&*key]);
        let result = prepared.complete_with_content(signatures, &mut &*changed, &mut Vec::new(), &provider);
        assert!(matches!(result, Err(Error::InputChanged)));
    }
}

#[test]
fn signers_are_named_in_both_ways() {
    let (certificate, key) = alice();
    let mut builder = SignedDataBuilder::new();
    builder.signer_by_key_identifier(&certificate, SignatureScheme::EcdsaP256Sha256, AT);
    let seen = read(&opaque(builder, &[&*key], TEXT), b"").unwrap();
    assert!(matches!(seen.data.signers[0].hint(), Some(SignerIdentifier::SubjectKeyIdentifier(_))));
    assert_eq!(seen.data.version, [3]);
    assert_eq!(seen.verify_with_own(), [Outcome::Intact]);
    let seen = read(&detached(), TEXT).unwrap();
    assert_eq!(seen.data.version, [1]);
    assert_eq!(seen.data.signers[0].signed_attributes().unwrap().len(), 6);
    assert!(seen.data.signers[0].smime_capabilities().is_some());
    assert!(seen.data.signers[0].unsigned_attributes().is_empty());
}

#[test]
fn misuse_is_told() {
    let (builder, key) = builder();
    let provider = Provider::default();
    assert!(matches!(builder.clone().prepare(&digests(&[], TEXT), &provider), Err(Error::Misuse(_))));
    let content = digests(&builder.hash_algorithms(), TEXT);
    assert!(matches!(SignedDataBuilder::new().prepare(&content, &provider), Err(Error::Misuse(_))));
    let prepared = builder.prepare(&content, &provider).unwrap();
    assert!(matches!(prepared.clone().complete(Vec::new()), Err(Error::Misuse(_))));
    let signatures = vec![sign(&prepared, &[&*key]).remove(0); 2];
    assert!(matches!(prepared.complete(signatures), Err(Error::Misuse(_))));
}

#[test]
fn certificates_alone() {
    let (one, other) = (certificate("alice"), certificate("other"));
    let message = certs_only(&[one.clone(), other.clone(), one]);
    assert!(crate::cms::ber::is_der(&message, 32).unwrap());
    let seen = read(&message, b"").unwrap();
    assert_eq!(seen.data.certificates.len(), 2);
    assert!(seen.data.certificates.contains(&other.as_der().to_vec()));
    assert!(seen.data.signers.is_empty() && seen.data.detached);
}
