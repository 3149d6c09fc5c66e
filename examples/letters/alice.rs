// PEM of a new private key and of its own certificate, for the examples in the documentation: `let pem = include!(...)`.
{
    let mut certificate = rcgen::CertificateParams::default();
    certificate.distinguished_name = rcgen::DistinguishedName::new();
    certificate.distinguished_name.push(rcgen::DnType::CommonName, "Alice");
    certificate.subject_alt_names =
        vec![rcgen::SanType::Rfc822Name(rcgen::string::Ia5String::try_from("alice@example.org").unwrap())];
    let key = rcgen::KeyPair::generate().unwrap();
    key.serialize_pem() + &certificate.self_signed(&key).unwrap().pem()
}
