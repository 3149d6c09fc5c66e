// The report on `openssl.eml`, for the examples in the documentation: `let report = include!(...)`.
{
    use mailseal::{Context, Opener, Scope, TrustStore, UnixTime};
    let anchors = include_bytes!("openssl-ca.pem");
    let trust = TrustStore::new().anchors(anchors, Scope::domain("example.com").unwrap()).unwrap();
    let at = UnixTime::from_seconds(1_800_000_000);
    Opener::new(&Context::new(trust)).open(include_bytes!("openssl.eml"), at).unwrap().report
}
