//! Encrypted letters, both ways. A cell that accepts has seen a refusal too: of a changed letter, and by another key.
//!
//! - [`opens`]: what another program wrote comes out as the same octets, or not at all.
//! - [`compose`], [`Read`]: what mailseal wrote is read by another program.

pub mod bouncy_castle;
pub mod nss_and_gpgsm;
pub mod openssl;
pub mod pgp;
pub mod pgp_keys;
pub mod pgp_peers;
pub mod recipients;
pub mod smime;

use mailseal::crypto::ContentCipher;
use mailseal::report::{Decryption, EncryptedLayer, Layer};
use mailseal::{Certificate, Composer, Context, Group, Key, Opener, Password, TrustStore, UnixTime};

use crate::cells::must;
use crate::letters::{self, Letter, base64_lines, crlf, find, lf, unbase64};

/// What a letter is to be opened with.
#[derive(Clone)]
pub enum Opens {
    Key(Key),
    Password(&'static str),
}

/// What a report has to say of a letter.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'s> {
    /// Its name, or how that starts.
    pub cipher: &'s str,
    /// A changed letter is refused. False for CBC (RFC 8551 §6).
    pub authenticated: bool,
}

impl<'s> Seal<'s> {
    pub fn new(cipher: &'s str) -> Self {
        Self { cipher, authenticated: !cipher.ends_with("CBC") }
    }
}

fn opener(with: &Opens) -> Opener {
    let opener = Opener::new(&Context::new(TrustStore::new()));
    match with {
        Opens::Key(key) => opener.key(key.clone()),
        Opens::Password(words) => opener.password(Password::from(*words)),
    }
}

/// What mailseal makes of a letter: its outermost encrypted layer, and what is inside.
pub struct Looked {
    pub layer: EncryptedLayer,
    pub payload: Option<Vec<u8>>,
}

pub fn look(opener: &Opener, mail: &[u8]) -> Result<Looked, String> {
    let opened = opener.open(mail, letters::now()).map_err(|error| format!("we do not look: {error}"))?;
    let layer = opened.report.layers.iter().find_map(|layer| match layer {
        Layer::Encrypted(layer) => Some(layer.clone()),
        _ => None,
    });
    let payload = opened.payload().map(|payload| payload.octets(16 << 20)).transpose();
    let payload = payload.map_err(|error| format!("the payload is not read: {error}"))?;
    Ok(Looked { layer: layer.ok_or("we see no encrypted layer")?, payload })
}

/// The letter of another program comes out octet for octet, with LF and with CRLF on disk; not for somebody with another
/// key, and not after it was changed.
pub fn opens(
    mail: &[u8],
    with: &Opens,
    stranger: &Opens,
    content: &[u8],
    seal: Seal<'_>,
) -> Result<(), String> {
    for mail in [lf(mail), crlf(mail)] {
        let seen = look(&opener(with), &mail)?;
        let layer = &seen.layer;
        must(layer.decryption == Decryption::Opened, || format!("we do not open it: {layer:#?}"))?;
        must(seen.payload.as_deref() == Some(content), || "the content comes out changed".into())?;
        let cipher = layer.cipher.as_deref().unwrap_or_default();
        must(cipher.starts_with(seal.cipher), || format!("not {}: {layer:#?}", seal.cipher))?;
        must(layer.authenticated == seal.authenticated, || format!("authenticated: {layer:#?}"))?;
        must(layer.opened_by.is_some() && !layer.recipients.is_empty(), || format!("{layer:#?}"))?;
    }
    refused(&opener(stranger), mail, "by another key")?;
    let changed = look(&opener(with), &changed(mail))?;
    match seal.authenticated {
        true => {
            let failed = changed.layer.decryption == Decryption::Failed;
            must(failed, || format!("changed: {:#?}", changed.layer))?;
            must(changed.payload.is_none(), || "the changed letter has a payload".into())
        }
        // RFC 5652 has no check here: whatever comes out is not the content.
        false => must(changed.payload.as_deref() != Some(content), || "nothing was changed".into()),
    }
}

fn refused(opener: &Opener, mail: &[u8], how: &str) -> Result<(), String> {
    let seen = look(opener, mail)?;
    let layer = &seen.layer;
    let closed = layer.decryption != Decryption::Opened && layer.opened_by.is_none();
    must(closed, || format!("opened {how}: {layer:#?}"))?;
    must(seen.payload.is_none(), || format!("there is a payload {how}"))
}

/// The CMS message, or the OpenPGP message without its armor.
pub fn body(mail: &[u8]) -> Vec<u8> {
    let mail = crlf(mail);
    if let Some(start) = find(&mail, b"-----BEGIN PGP MESSAGE-----") {
        return letters::dearmored(&mail[start..]);
    }
    let start = find(&mail, b"\r\n\r\n").expect("a header") + 4;
    unbase64(&mail[start..])
}

/// The same letter with one bit of the ciphertext changed: near its end, before a tag and the end of its elements.
pub fn changed(mail: &[u8]) -> Vec<u8> {
    changed_at(mail, body(mail).len() - 48)
}

pub fn changed_at(mail: &[u8], place: usize) -> Vec<u8> {
    let mail = crlf(mail);
    let mut octets = body(&mail);
    octets[place] ^= 0x10;
    if let Some(start) = find(&mail, b"-----BEGIN PGP MESSAGE-----") {
        let end = find(&mail, b"-----END PGP MESSAGE-----").expect("the end of the armor");
        let armor = format!("-----BEGIN PGP MESSAGE-----\r\n\r\n{}\r\n", base64_lines(&octets));
        return [&mail[..start], armor.as_bytes(), &mail[end..]].concat();
    }
    let start = find(&mail, b"\r\n\r\n").expect("a header") + 4;
    [&mail[..start], base64_lines(&octets).as_bytes(), b"\r\n"].concat()
}

/// A letter encrypted by mailseal, and signed if there are keys to sign with.
pub fn compose(
    letter: &Letter,
    to: &[Certificate],
    cipher: Option<ContentCipher>,
    signing: &[Key],
    shape: impl Fn(Composer) -> Composer,
) -> Result<Vec<u8>, String> {
    let words = |error: mailseal::Error| format!("we do not write it: {error}");
    let at = UnixTime::from(letters::now());
    let group = Group::to(to, at).map_err(words)?;
    let group = match cipher {
        Some(cipher) => group.cipher(cipher),
        None => group,
    };
    let composer = Composer::new(&Context::new(TrustStore::new())).allow_other_from();
    let composer = signing.iter().fold(composer, Composer::sign);
    let mut mail = Vec::new();
    shape(composer.encrypt(&group)).compose(&letter.draft()[..], at, &mut mail).map_err(words)?;
    Ok(mail)
}

/// Another program that reads: the content of a letter, or its words.
pub type Read<'r> = &'r dyn Fn(&[u8]) -> Result<Vec<u8>, String>;

/// A program reads the very octets that mailseal itself reads, and not those of a changed letter.
pub fn read_by(mail: &[u8], own: &Opens, authenticated: bool, read: Read<'_>) -> Result<Vec<u8>, String> {
    let ours = look(&opener(own), mail)?;
    must(ours.layer.authenticated == authenticated, || format!("authenticated: {:#?}", ours.layer))?;
    let ours = ours.payload.ok_or_else(|| format!("we do not open it: {:#?}", ours.layer))?;
    let theirs = read(mail).map_err(|words| format!("refused: {words}"))?;
    must(theirs == ours, || "they read other octets than we".into())?;
    match read(&changed(mail)) {
        Ok(content) if authenticated || content == theirs => Err("the changed letter is read".to_owned()),
        _ => Ok(theirs),
    }
}
