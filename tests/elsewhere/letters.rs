//! Letters, and who judges them.

use std::fs;

use mailseal::{Composer, Context, Key, Opener, TrustStore, UnixTime};

use crate::support::gnupg::Gpg;
use crate::support::pki::Pki;

pub(crate) const DRAFT: &[u8] =
    b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello from elsewhere\r\n";
pub(crate) const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nThe parcel leaves on Monday.\r\n";

/// After gpg made its keys, and within all certificates.
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_900_000_000);

pub(crate) fn cx() -> Context {
    Context::new(TrustStore::new())
}

/// At the time of now: gpg does not believe signatures of the future.
pub(crate) fn signed(key: &Key) -> Result<Vec<u8>, mailseal::Error> {
    let mut mail = Vec::new();
    Composer::new(&cx()).sign(key).compose(DRAFT, std::time::SystemTime::now(), &mut mail)?;
    Ok(mail)
}

pub(crate) fn openssl_verifies(pki: &Pki, mail: &[u8]) {
    let root = pki.root();
    let verify = |mail: &[u8]| pki.openssl("cms -verify -purpose any -CAfile").arg(&root).input(mail).run();
    verify(mail).ok();
    let altered = String::from_utf8(mail.to_vec()).unwrap().replace("elsewhere", "nowhere!!");
    assert!(!verify(altered.as_bytes()).succeeded);
}

/// gpg with a ring of that certificate alone.
pub(crate) fn gpg_verifies(gpg: &Gpg, certificate: &[u8], mail: &[u8]) {
    let (content, signature) = parts(mail);
    let ring = tempfile::tempdir().unwrap();
    let words = |words: &str| {
        gpg.words("--no-default-keyring --trust-model always --keyring")
            .arg(ring.path().join("r.kbx"))
            .words(words)
    };
    words("--import").input(certificate).ok();
    let file = ring.path().join("signature.asc");
    fs::write(&file, signature).unwrap();
    let verify = |content: &[u8]| words("--verify").arg(&file).arg("-").input(content).run();
    let ran = verify(&content);
    assert!(ran.succeeded && ran.text().contains("VALIDSIG"), "{}{}", ran.text(), ran.stderr);
    assert!(!verify(b"Content-Type: text/plain\r\n\r\nother\r\n").succeeded);
}

/// The first part of a multipart, and the body of the second.
fn parts(mail: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = String::from_utf8(mail.to_vec()).unwrap();
    let (_, after) = text.split_once("boundary=\"").unwrap();
    let (boundary, _) = after.split_once('"').unwrap();
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = text.split(&delimiter).skip(1);
    let first = parts.next().unwrap().strip_prefix("\r\n").unwrap();
    let (_, second) = parts.next().unwrap().split_once("\r\n\r\n").unwrap();
    (first.as_bytes().to_vec(), second.as_bytes().to_vec())
}

/// A letter of S/MIME of DER, as openssl makes it.
pub(crate) fn smime(der: &[u8]) -> Vec<u8> {
    let kind = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m";
    let head = format!(
        "From: bob@example.org\r\nTo: alice@example.org\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    );
    [head.as_bytes(), der].concat()
}

pub(crate) fn pgp_mime(armored: &[u8]) -> Vec<u8> {
    let armored = String::from_utf8(armored.to_vec()).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    format!(
        "From: bob@example.org\r\nTo: alice@example.org\r\nContent-Type: multipart/encrypted; \
         protocol=\"application/pgp-encrypted\"; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: \
         application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\n\
         {armored}\r\n--x--\r\n"
    )
    .into_bytes()
}

/// What comes out of it.
pub(crate) fn opened(keys: Vec<Key>, mail: &[u8]) -> Result<Option<Vec<u8>>, mailseal::Error> {
    let opener = keys.into_iter().fold(Opener::new(&cx()), |opener: Opener, key| opener.key(key));
    let opened = opener.open(mail, AT)?;
    let mut out = Vec::new();
    let Some(payload) = opened.payload() else { return Ok(None) };
    payload.write(&mut out)?;
    Ok(Some(out))
}

pub(crate) fn find(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    octets.windows(wanted.len()).position(|window| window == wanted)
}
