//! What mailseal does, in one run: `cargo run --release --example tour`
//!
//! Letters that openssl and gpg made are opened; throw-away identities of both kinds sign and encrypt letters, which are
//! then altered, forwarded through a mailing list, and given another sender; last, readers who trust differently look at
//! the same letters. Each is shown as a reader would see it.

use std::error::Error;
use std::time::{Duration, SystemTime};

use mail_builder::MessageBuilder;
use mailseal::outside::CertD;
use mailseal::report::Protocol;
use mailseal::x509::RevocationData;
use mailseal::{
    Certificate, CertificatePool, Composer, Context, Key, Opener, Password, Plan, Policy, Scope, TrustStore,
    openpgp,
};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let now = SystemTime::now();
    let bank = smime_identity("Example Bank, Ltd.", "notice@bank.example")?;
    let carol =
        openpgp::generate("Carol Jones <carol@example.net>", now.into(), openpgp::CipherSuite::Ed25519)?;

    let bank_pgp =
        openpgp::generate("Example Bank <notice@bank.example>", now.into(), openpgp::CipherSuite::Ed25519)?;

    let trust = TrustStore::new()
        .anchors(bank.authority.as_bytes(), Scope::domain("bank.example")?)?
        .anchors(bank_pgp.expose(), Scope::domain("bank.example")?)?
        .anchors(carol.expose(), Scope::any())?
        .anchors(include_bytes!("letters/openssl-ca.pem"), Scope::any())?
        .anchors(include_bytes!("letters/openssl-dave.pem"), Scope::any())?
        .anchors(include_bytes!("letters/gpg-carol.asc"), Scope::any())?
        .anchors(include_bytes!("letters/gpg-dave.asc"), Scope::any())?
        .anchors(include_bytes!("letters/bob.pem"), Scope::any())?;
    let cx = Context::new(trust);
    let key = |octets: &[u8]| Key::load(octets, Password::none());
    let carols = key(carol.expose())?;
    let opener = Opener::new(&cx)
        .key(key(include_bytes!("letters/bob.pem"))?)
        .key(key(include_bytes!("letters/bob.asc"))?)
        .key(carols.clone());
    let show = |title: &str, letter: &[u8]| -> Result<()> {
        let opened = opener.open(letter, now)?;
        println!("── {title}\n\n{}", Policy::standard().judge(&opened.report).text(&opened.report));
        if opened.payload().is_none() {
            println!("  Nothing of it comes out.\n");
        }
        Ok(())
    };

    show("A letter that openssl signed", include_bytes!("letters/openssl.eml"))?;
    show("A letter that gpg signed", include_bytes!("letters/gpg.eml"))?;
    show("A letter that openssl signed and encrypted", include_bytes!("letters/openssl-encrypted.eml"))?;
    show("A letter that gpg signed and encrypted", include_bytes!("letters/gpg-encrypted.eml"))?;

    let banks = key(bank.key.as_bytes())?;
    let mut signed = Vec::new();
    let invoice = draft("notice@bank.example", &["bob@example.org", "carol@example.net"])?;
    Composer::new(&cx).sign(&banks).compose(&invoice, now, &mut signed)?;
    show("A letter signed just now, with S/MIME", &signed)?;

    let mut pgp = Vec::new();
    let from_carol = draft("carol@example.net", &["bob@example.org"])?;
    Composer::new(&cx).sign(&carols).compose(&from_carol, now, &mut pgp)?;
    show("The same with OpenPGP", &pgp)?;

    let plan = Plan::new(&cx, &invoice, &Policy::standard(), now)?;
    println!("── Who gets what, where one recipient has S/MIME and the other OpenPGP\n\n{plan}");
    let composer = Composer::new(&cx).sign(&banks).sign(&key(bank_pgp.expose())?);
    for group in plan.groups()? {
        let mut sealed = Vec::new();
        composer.encrypt(&group).compose(&invoice, now, &mut sealed)?;
        show(&format!("Signed and encrypted just now: {}", group.protocol().name()), &sealed)?;
        if group.protocol() == Protocol::Openpgp {
            show("One letter of the ciphertext changed", &flipped(&sealed)?)?;
        }
    }

    show("A signed letter, changed", &replaced(&signed, "100 EUR", "900 EUR")?)?;
    show("A mailing list appended its footer", &with_footer(&signed)?)?;
    show("Sent on in another name", &replaced(&signed, "From: <notice@", "From: <president@")?)?;
    show("Not signed at all", &from_carol)?;
    whom_to_believe(now)
}

/// The same letters, read by people who trust differently.
fn whom_to_believe(now: SystemTime) -> Result<()> {
    let show = |title: &str, cx: &Context, letter: &[u8]| -> Result<()> {
        let opened = Opener::new(cx).open(letter, now)?;
        println!("── {title}\n\n{}", Policy::standard().judge(&opened.report).text(&opened.report));
        Ok(())
    };
    let authority = include_bytes!("letters/openssl-ca.pem");
    let partner = TrustStore::new().anchors(authority, Scope::domain("partner.example")?)?;
    let title = "An authority that is trusted, but not for this sender";
    show(title, &Context::new(partner), include_bytes!("letters/openssl.eml"))?;

    // Carol read her fingerprint out over the telephone.
    let carol = Certificate::load(include_bytes!("letters/gpg-carol.asc"))?;
    let fingerprint = carol.first().ok_or("no certificate")?.fingerprint();
    let pinned = TrustStore::new().pin(&"carol@example.net".parse()?, &fingerprint)?;
    let cx = Context::new(pinned).certificates(carol.into_iter().collect::<CertificatePool>());
    show(
        "A sender who is pinned, and needs nobody to vouch for her",
        &cx,
        include_bytes!("letters/gpg.eml"),
    )?;

    let strict = || TrustStore::new().anchors(include_bytes!("letters/strict-ca.pem"), Scope::any());
    let unchecked = Context::new(strict()?);
    let letter = include_bytes!("letters/eve-revoked.eml");
    show("Nobody looked whether this certificate is revoked", &unchecked, letter)?;
    let list = RevocationData::new().with(include_bytes!("letters/strict-ca.crl"))?;
    show("The same, with the list of what the authority revoked", &unchecked.revocations(list), letter)?;

    let known = CertD::open(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/letters/pgp.cert.d"))?;
    let grace = known.trust_root().ok_or("no root")?.fingerprint();
    let web = TrustStore::new().web_of_trust_root(&grace, 120)?;
    let cx = Context::new(web).certificates(known);
    show(
        "Introduced by somebody whom a friend lets introduce others",
        &cx,
        include_bytes!("letters/gpg-introduced.eml"),
    )
}

fn draft(from: &str, to: &[&str]) -> Result<Vec<u8>> {
    let builder = MessageBuilder::new()
        .from(from)
        .to(to.to_vec())
        .subject("Your invoice")
        .text_body("Dear Bob,\n\nplease pay 100 EUR.\n");
    Ok(builder.write_to_vec()?)
}

/// Replaces the first place where it stands.
fn replaced(letter: &[u8], old: &str, new: &str) -> Result<Vec<u8>> {
    let text = String::from_utf8(letter.to_vec())?;
    if !text.contains(old) {
        return Err(format!("`{old}` is not in the letter").into());
    }
    Ok(text.replacen(old, new, 1).into_bytes())
}

/// Changes one letter of the armor, in the middle of the encrypted data.
fn flipped(letter: &[u8]) -> Result<Vec<u8>> {
    let mut letter = letter.to_vec();
    let end = b"-----END PGP MESSAGE";
    let at = letter.windows(end.len()).position(|octets| octets == end).ok_or("no OpenPGP message")?;
    let octet = letter.get_mut(at - 200).ok_or("too short")?;
    *octet = if *octet == b'A' { b'B' } else { b'A' };
    Ok(letter)
}

/// Wraps the signed part as list servers do: the footer stands beside it.
fn with_footer(letter: &[u8]) -> Result<Vec<u8>> {
    let text = String::from_utf8(letter.to_vec())?;
    let at = text.find("MIME-Version:").ok_or("no MIME-Version")?;
    let (header, entity) = text.split_at(at);
    let entity = entity.split_once("\r\n").ok_or("no header")?.1;
    Ok(format!(
        "{header}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\n{entity}\r\n--list\r\n\
         Content-Type: text/plain\r\n\r\n____________\r\nexample mailing list\r\nunsubscribe: https://lists.example/\r\n--list--\r\n"
    )
    .into_bytes())
}

struct Identity {
    /// PEM of the authority that issued the certificate.
    authority: String,
    /// PEM of private key and certificate.
    key: String,
}

/// A certificate authority, and an organisation's certificate by it.
fn smime_identity(organization: &str, mailbox: &str) -> Result<Identity> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = DistinguishedName::new();
    authority.distinguished_name.push(DnType::CommonName, "Example Root CA");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate()?;
    let authority_pem = authority.self_signed(&authority_key)?.pem();
    let issuer = Issuer::new(authority, authority_key);

    let mut own = CertificateParams::default();
    own.distinguished_name = DistinguishedName::new();
    own.distinguished_name.push(DnType::OrganizationName, organization);
    own.distinguished_name.push(DnType::LocalityName, "Tokyo");
    own.distinguished_name.push(DnType::CountryName, "JP");
    own.subject_alt_names = vec![SanType::Rfc822Name(Ia5String::try_from(mailbox)?)];
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    own.not_after = (SystemTime::now() + Duration::from_secs(24 * 3600)).into();
    own.custom_extensions =
        vec![CustomExtension::from_oid_content(&CERTIFICATE_POLICIES, ORGANIZATION_STRICT.to_vec())];
    let key = KeyPair::generate()?;
    let certificate = own.signed_by(&key, &issuer)?;
    Ok(Identity { authority: authority_pem, key: key.serialize_pem() + &certificate.pem() })
}

/// RFC 5280 §4.2.1.4
const CERTIFICATE_POLICIES: [u64; 4] = [2, 5, 29, 32];
/// 2.23.140.1.5.2.3: organization-validated, strict (CA/Browser Forum S/MIME Baseline Requirements §7.1.6.1).
const ORGANIZATION_STRICT: [u8; 13] = [0x30, 11, 0x30, 9, 6, 7, 0x67, 0x81, 0x0c, 1, 5, 2, 3];
