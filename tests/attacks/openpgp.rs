//! OpenPGP as an attacker writes it (R-B3, R-B9, R-B11, R-B13, R-B14, R-B20, R-B21).

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mailseal::report::Code;
use mailseal::{Context, Outcome, Scope, TrustStore, UnixTime};
use sequoia_openpgp as pgp;

use pgp::cert::{CertBuilder, CertRevocationBuilder, CipherSuite};
use pgp::crypto::KeyPair;
use pgp::packet::signature::SignatureBuilder;
use pgp::packet::signature::subpacket::{NotationDataFlags, Subpacket, SubpacketValue};
use pgp::packet::{Packet, Signature, UserID};
use pgp::serialize::SerializeInto;
use pgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use pgp::{Cert, armor};

use crate::stage::{AT, CONTENT, EVIL, Seen, look};

const ALICE: &str = "alice@example.org";

pub(crate) fn time(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(AT.seconds() + seconds).unwrap())
}

pub(crate) fn builder(user_id: &str) -> CertBuilder<'_> {
    let all = KeyFlags::empty().set_certification().set_signing();
    let new = CertBuilder::new().set_creation_time(time(-1000)).set_primary_key_flags(all);
    new.set_cipher_suite(CipherSuite::Cv25519).add_userid(user_id)
}

pub(crate) fn cert(user_id: &str) -> Cert {
    builder(user_id).generate().unwrap().0
}

pub(crate) fn alice() -> Cert {
    cert("Alice <alice@example.org>")
}

/// The key pair of the primary key, or of its subkey.
pub(crate) fn pair(cert: &Cert, index: usize) -> KeyPair {
    let key = cert.keys().secret().nth(index).unwrap().key().clone();
    key.into_keypair().unwrap()
}

pub(crate) fn usual() -> SignatureBuilder {
    signature_of(SignatureType::Binary)
}

pub(crate) fn signature_of(kind: SignatureType) -> SignatureBuilder {
    let new = SignatureBuilder::new(kind).set_hash_algo(HashAlgorithm::SHA256);
    new.set_signature_creation_time(time(0)).unwrap()
}

pub(crate) fn signed(builder: SignatureBuilder, cert: &Cert, content: &[u8]) -> Signature {
    builder.sign_message(&mut pair(cert, 0), content).unwrap()
}

fn armored(kind: armor::Kind, octets: &[u8]) -> Vec<u8> {
    let mut writer = armor::Writer::new(Vec::new(), kind).unwrap();
    writer.write_all(octets).unwrap();
    writer.finalize().unwrap()
}

pub(crate) fn packets(signatures: &[Signature]) -> Vec<u8> {
    signatures.iter().flat_map(|one| Packet::from(one.clone()).to_vec().unwrap()).collect()
}

/// `multipart/signed` with these signature packets.
pub(crate) fn letter(from: &str, content: &[u8], packets: &[u8]) -> Vec<u8> {
    let head = format!(
        "From: {from}\r\nTo: bob@example.com\r\nSubject: Payment\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/signed; protocol=\"application/pgp-signature\";\r\n micalg=pgp-sha256; boundary=b\r\n\
         \r\n--b\r\n"
    );
    let tail = b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n";
    let signature = armored(armor::Kind::Signature, packets);
    [head.as_bytes(), content, tail, &signature, b"\r\n--b--\r\n"].concat()
}

pub(crate) fn trusting(certs: &[&Cert]) -> Context {
    let mut trust = TrustStore::new();
    for cert in certs {
        trust = trust.anchors(&cert.armored().to_vec().unwrap(), Scope::any()).unwrap();
    }
    Context::new(trust)
}

fn seen(certs: &[&Cert], signatures: &[Signature]) -> Seen {
    look(&trusting(certs), &letter(ALICE, CONTENT, &packets(signatures)), AT)
}

#[test]
fn the_genuine_one_is_good() {
    let alice = alice();
    let signature = signed(usual(), &alice, CONTENT);
    seen(&[&alice], std::slice::from_ref(&signature)).is_good_for(ALICE);
    look(&trusting(&[&alice]), &letter(ALICE, EVIL, &packets(&[signature])), AT).is_bad("altered");
}

#[test]
fn r_b3_each_openpgp_signature_speaks_for_itself() {
    let (alice, mallory) = (alice(), cert("Mallory <mallory@evil.example>"));
    let hers = signed(usual(), &alice, CONTENT);
    let broken = signed(usual(), &alice, EVIL);
    let mallorys = signed(usual(), &mallory, CONTENT);
    let both = [&alice, &mallory];
    let cases = [
        ("hers and a stranger's", vec![hers.clone(), mallorys.clone()], Outcome::Good),
        ("hers and a broken one of hers", vec![hers, broken.clone()], Outcome::Caution),
        ("a broken one and a stranger's", vec![broken, mallorys.clone()], Outcome::Bad),
        ("a stranger's", vec![mallorys], Outcome::Caution),
    ];
    for (what, signatures, outcome) in cases {
        let reversed = signatures.iter().rev().cloned().collect();
        for order in [signatures, reversed] {
            assert_eq!(seen(&both, &order).outcome, outcome, "{what}");
        }
    }
    look(&trusting(&both), &letter(ALICE, CONTENT, &[]), AT).is_not_good("no signature in the block");
}

#[test]
fn r_b9_ed25519_numbers_are_in_range() {
    let alice = alice();
    let octets = packets(&[signed(usual(), &alice, CONTENT)]);
    let order = [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10_u8,
    ];
    // EdDSALegacy: two MPIs at the end; S in the last 32 octets, if it has no zero in front.
    let start = octets.len() - 32;
    if octets[start - 2..start] != [1, 0] && octets[start - 2] != 0 {
        return;
    }
    let (mut more, mut carry) = (octets.clone(), 0_u16);
    for (place, digit) in order.iter().enumerate() {
        let sum = u16::from(more[start + place]) + u16::from(*digit) + carry;
        more[start + place] = u8::try_from(sum & 0xFF).unwrap();
        carry = sum >> 8;
    }
    assert_ne!(more, octets);
    look(&trusting(&[&alice]), &letter(ALICE, CONTENT, &more), AT).is_bad("S plus the order");
    let mut zero = octets;
    zero[start..].fill(0);
    look(&trusting(&[&alice]), &letter(ALICE, CONTENT, &zero), AT).is_not_good("S is zero");
}

#[test]
fn r_b13_only_signatures_of_documents_count() {
    let alice = alice();
    let kinds = [
        SignatureType::Standalone,
        SignatureType::GenericCertification,
        SignatureType::PersonaCertification,
        SignatureType::CasualCertification,
        SignatureType::PositiveCertification,
        SignatureType::SubkeyBinding,
        SignatureType::PrimaryKeyBinding,
        SignatureType::DirectKey,
        SignatureType::KeyRevocation,
        SignatureType::SubkeyRevocation,
        SignatureType::CertificationRevocation,
        SignatureType::Timestamp,
        SignatureType::Confirmation,
        SignatureType::Unknown(0x42),
    ];
    for kind in kinds {
        // Over the digest of the document, whatever that type should cover.
        let mut hash = HashAlgorithm::SHA256.context().unwrap().for_signature(4);
        hash.update(CONTENT);
        let signature = signature_of(kind).sign_hash(&mut pair(&alice, 0), hash).unwrap();
        seen(&[&alice], &[signature]).is_bad(&format!("{kind:?}"));
    }
    // What she really certified is no document either.
    let certification = alice.userids().next().unwrap().self_signatures().next().unwrap().clone();
    seen(&[&alice], &[certification]).is_bad("of her own user ID");
}

#[test]
fn r_b13_only_what_is_hashed_counts() {
    let alice = alice();
    let genuine = signed(usual(), &alice, CONTENT);
    let with = |value: SubpacketValue| {
        let mut signature = genuine.clone();
        let area = signature.unhashed_area_mut();
        area.add(Subpacket::new(value, false).unwrap()).unwrap();
        seen(&[&alice], &[signature])
    };
    let claims = [
        SubpacketValue::SignersUserID(b"ceo@bank.example".to_vec()),
        SubpacketValue::SignatureExpirationTime(Duration::from_secs(1).try_into().unwrap()),
        SubpacketValue::PrimaryUserID(true),
    ];
    for claim in claims {
        let what = format!("{claim:?}");
        let seen = with(claim);
        seen.is_good_for(ALICE);
        assert!(!seen.verified_for.iter().any(|one| one.contains("bank")), "{what}");
    }
    // The time of signing outside of what is hashed is no time.
    let mut without = SignatureBuilder::new(SignatureType::Binary).set_hash_algo(HashAlgorithm::SHA256);
    without = without.suppress_signature_creation_time().unwrap();
    let mut without = without.sign_message(&mut pair(&alice, 0), CONTENT).unwrap();
    seen(&[&alice], std::slice::from_ref(&without)).is_not_good("no time");
    let late = SubpacketValue::SignatureCreationTime(time(0).try_into().unwrap());
    without.unhashed_area_mut().add(Subpacket::new(late, false).unwrap()).unwrap();
    seen(&[&alice], &[without]).is_not_good("a time that is not hashed");
    // What has to be understood and is not.
    let flags = NotationDataFlags::empty().set_human_readable();
    let critical = usual().add_notation("unknown@example.org", b"x", flags, true).unwrap();
    seen(&[&alice], &[signed(critical, &alice, CONTENT)]).is_not_good("critical notation");
}

#[test]
fn r_b14_old_hashes_of_openpgp() {
    let alice = alice();
    for hash in [HashAlgorithm::MD5, HashAlgorithm::SHA1, HashAlgorithm::RipeMD] {
        if !hash.is_supported() {
            continue;
        }
        let signature = signed(usual().set_hash_algo(hash), &alice, CONTENT);
        seen(&[&alice], &[signature]).is_not_good(&format!("{hash:?}"));
    }
}

/// The same, with a word of its owner.
pub(crate) fn revoked(cert: &Cert, reason: ReasonForRevocation, at: i64) -> Cert {
    let builder = CertRevocationBuilder::new().set_signature_creation_time(time(at)).unwrap();
    let builder = builder.set_reason_for_revocation(reason, b"").unwrap();
    let revocation = builder.build(&mut pair(cert, 0), cert, None).unwrap();
    cert.clone().insert_packets(revocation).unwrap().0
}

#[test]
fn r_b20_revoked_keys() {
    let alice = alice();
    let signature = signed(usual(), &alice, CONTENT);
    let revoked = |reason: ReasonForRevocation, at: i64| revoked(&alice, reason, at);
    let at = |cert: &Cert, seconds: i64| {
        let at = UnixTime::from_seconds(AT.seconds() + seconds);
        look(&trusting(&[cert]), &letter(ALICE, CONTENT, &packets(std::slice::from_ref(&signature))), at)
    };
    at(&alice, 5000).is_good_for(ALICE);
    for reason in [ReasonForRevocation::KeyCompromised, ReasonForRevocation::Unspecified] {
        // The thief may date as he likes.
        at(&revoked(reason, 1000), 5000).is_bad("compromised after it signed");
        at(&revoked(reason, -500), 5000).is_bad("compromised before");
        at(&revoked(reason, 9000), 5000).is_bad("compromised, says a time to come");
    }
    at(&revoked(ReasonForRevocation::KeyRetired, -500), 5000).is_not_good("signed after it was retired");
    // Two copies of one certificate: the one that is not revoked hides nothing.
    let gone = revoked(ReasonForRevocation::KeyCompromised, 1000);
    seen(&[&alice, &gone], std::slice::from_ref(&signature)).is_bad("both copies");
    seen(&[&gone, &alice], std::slice::from_ref(&signature)).is_bad("both copies");
}

#[test]
fn r_b20_times_of_keys_and_signatures() {
    let short = builder("Alice <alice@example.org>").set_validity_period(Duration::from_secs(1500));
    let short = short.generate().unwrap().0;
    let signature = signed(usual(), &short, CONTENT);
    let open = |cert: &Cert, signature: &Signature, seconds: i64| {
        let at = UnixTime::from_seconds(AT.seconds() + seconds);
        look(&trusting(&[cert]), &letter(ALICE, CONTENT, &packets(std::slice::from_ref(signature))), at)
    };
    open(&short, &signature, 10).is_good_for(ALICE);
    open(&short, &signature, 1000).is_not_good("expired when looked at");
    open(&short, &signature, -999_999).is_not_good("not yet made");
    let alice = alice();
    let ahead = usual().set_signature_creation_time(time(90_000)).unwrap();
    open(&alice, &signed(ahead, &alice, CONTENT), 0).is_not_good("signed tomorrow");
    let before = usual().set_signature_creation_time(time(-90_000)).unwrap();
    open(&alice, &signed(before, &alice, CONTENT), 0).is_not_good("signed before there was a key");
    let brief = usual().set_signature_validity_period(Duration::from_secs(60)).unwrap();
    let brief = signed(brief, &alice, CONTENT);
    open(&alice, &brief, 10).is_good_for(ALICE);
    open(&alice, &brief, 100).is_not_good("the signature expired");
}

#[test]
fn r_b20_what_others_add_changes_nothing() {
    let (alice, mallory) = (alice(), cert("Mallory <mallory@evil.example>"));
    let signature = signed(usual(), &alice, CONTENT);
    let plain = seen(&[&alice], std::slice::from_ref(&signature));
    let user_id = alice.userids().next().unwrap().userid().clone();
    let mut additions: Vec<Packet> = Vec::new();
    let mut thief = pair(&mallory, 0);
    let primary = alice.primary_key().key();
    for kind in [SignatureType::GenericCertification, SignatureType::CertificationRevocation] {
        let made = signature_of(kind).sign_userid_binding(&mut thief, primary, &user_id).unwrap();
        additions.push(made.into());
    }
    let revocation = signature_of(SignatureType::KeyRevocation).sign_direct_key(&mut thief, primary).unwrap();
    additions.push(revocation.into());
    additions.push(UserID::from("CHIEF <ceo@bank.example>").into());
    let ceos = UserID::from("CHIEF <ceo@bank.example>");
    additions.push(
        ceos.bind(&mut thief, &alice, signature_of(SignatureType::PositiveCertification)).unwrap().into(),
    );
    additions.push(mallory.primary_key().key().clone().role_into_subordinate().into());
    let more = alice.clone().insert_packets(additions).unwrap().0;
    for trusted in [vec![&more], vec![&alice, &more], vec![&more, &alice]] {
        let seen = seen(&trusted, std::slice::from_ref(&signature));
        assert_eq!(seen, plain);
        look(
            &trusting(&trusted),
            &letter("ceo@bank.example", CONTENT, &packets(std::slice::from_ref(&signature))),
            AT,
        )
        .is_not_good("a user ID by somebody else");
    }
    let by_thief = signed(usual(), &mallory, CONTENT);
    seen(&[&more], &[by_thief]).is_not_good("a subkey that nobody bound");
}

#[test]
fn r_b21_user_ids_and_subkeys_need_their_owner() {
    let mallory = cert("Mallory <mallory@evil.example>");
    let alice_is = UserID::from("Alice <alice@example.org>");
    let claimed = mallory.clone().insert_packets(Packet::from(alice_is)).unwrap().0;
    let signature = signed(usual(), &mallory, CONTENT);
    seen(&[&claimed], std::slice::from_ref(&signature)).is_not_good("a user ID without a signature");
    look(&trusting(&[&claimed]), &letter("mallory@evil.example", CONTENT, &packets(&[signature])), AT)
        .is_good_for("mallory@evil.example");
    // Alice binds Mallory's key as a subkey of hers, without the back signature of that key: or Mallory does, so as to
    // be taken for the author of what Alice signed.
    let alice = alice();
    let theirs = alice.primary_key().key().clone().role_into_subordinate();
    let flags = KeyFlags::empty().set_signing();
    let binding = signature_of(SignatureType::SubkeyBinding).set_key_flags(flags).unwrap();
    let binding = theirs.bind(&mut pair(&mallory, 0), &mallory, binding).unwrap();
    let thief = mallory.insert_packets([Packet::from(theirs), binding.into()]).unwrap().0;
    let signature = signed(usual(), &alice, CONTENT);
    let stolen = letter("mallory@evil.example", CONTENT, &packets(std::slice::from_ref(&signature)));
    look(&trusting(&[&thief]), &stolen, AT).is_not_good("no back signature");
    look(&trusting(&[&thief, &alice]), &stolen, AT).is_not_good("no back signature");
    look(&trusting(&[&thief, &alice]), &letter(ALICE, CONTENT, &packets(&[signature])), AT)
        .is_good_for(ALICE);
    let certifies = CertBuilder::new().set_creation_time(time(-1000)).set_cipher_suite(CipherSuite::Cv25519);
    let certifies = certifies.set_primary_key_flags(KeyFlags::empty().set_certification());
    let certifies = certifies.add_userid("Alice <alice@example.org>").generate().unwrap().0;
    seen(&[&certifies], &[signed(usual(), &certifies, CONTENT)]).is_not_good("a key that only certifies");
}

#[test]
fn r_b11_inline_signatures_speak_for_no_letter() {
    let alice = alice();
    let text = "Pay 100 to Alice.";
    let mut hash = HashAlgorithm::SHA256.context().unwrap().for_signature(4);
    hash.update(text.as_bytes());
    let signature = signature_of(SignatureType::Text).sign_hash(&mut pair(&alice, 0), hash).unwrap();
    let block = armored(armor::Kind::Signature, &packets(&[signature]));
    let block = String::from_utf8(block).unwrap();
    let framed =
        |headers: &str, text: &str| format!("-----BEGIN PGP SIGNED MESSAGE-----\n{headers}\n{text}\n{block}");
    let genuine = framed("Hash: SHA256\n", text);
    let letter = |kind: &str, body: &str| {
        let head = "From: alice@example.org\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n";
        format!("{head}Content-Type: {kind}\r\n\r\n{}", body.replace('\n', "\r\n")).into_bytes()
    };
    let cx = trusting(&[&alice]);
    let whole = look(&cx, &letter("text/plain", &genuine), AT);
    whole.is_caution(Code::InlineSignature, "the mathematics fits");
    assert!(whole.integrity.iter().all(|one| one.holds()), "{whole:#?}");
    let bodies = [
        ("text before", format!("Pay 999.\n{genuine}")),
        ("text behind", format!("{genuine}\nPay 999.")),
        ("a second block", format!("{genuine}\n{}", framed("", "Pay 999."))),
        ("a header", framed("Hash: SHA256\nNotDashEscaped: yes\n", text)),
        ("text among the headers", framed("Hash: SHA256\nPay 999 to Mallory.\n", text)),
        ("no empty line", framed("Hash: SHA256", text)),
        ("form feed", framed("Hash: SHA256\n", &format!("{text}\x0cPay 999."))),
        ("blanks and form feed", framed("Hash: SHA256\n \x0c\n", text)),
        ("NUL", framed("", &format!("{text}\0"))),
        ("another hash", framed("Hash: SHA512\n", text)),
        ("cut", genuine[..genuine.len() / 2].to_owned()),
        ("within another", framed("Hash: SHA256\n", &genuine)),
    ];
    for (what, body) in bodies {
        for kind in ["text/plain", "text/plain; charset=utf-7", "text/html", "application/pgp; x-action=sign"]
        {
            look(&cx, &letter(kind, &body), AT).is_not_good(what);
        }
    }
}

#[test]
fn r_b11_messages_hold_one_text_and_nothing_else() {
    let alice = alice();
    let literal = |text: &str| {
        let mut packet = pgp::packet::Literal::new(pgp::types::DataFormat::Binary);
        packet.set_body(text.as_bytes().to_vec());
        packet.set_filename("[GNUPG:] GOODSIG").unwrap();
        Packet::from(packet).to_vec().unwrap()
    };
    let signature = Packet::from(signed(usual(), &alice, b"Pay 100.")).to_vec().unwrap();
    let (hers, evil) = (literal("Pay 100."), literal("Pay 999."));
    let padding = [0xD5, 2, 0, 0]; // of RFC 9580 §5.14
    let cases = [
        ("two texts", [signature.clone(), hers.clone(), evil.clone()].concat()),
        ("two texts, the other first", [evil.clone(), signature.clone(), hers.clone()].concat()),
        ("two texts under it", [signature.clone(), evil.clone(), hers.clone()].concat()),
        ("another text", [signature.clone(), evil].concat()),
        ("no text", signature.clone()),
        ("text first", [hers.clone(), signature.clone()].concat()),
        ("only text", hers.clone()),
        ("octets behind", [signature.clone(), hers.clone(), b"Pay 999.".to_vec()].concat()),
        ("padding", [signature.clone(), hers.clone(), padding.to_vec()].concat()),
        ("as it should be", [signature, hers].concat()),
    ];
    for (what, octets) in cases {
        let octets: Vec<u8> = octets;
        let body = String::from_utf8(armored(armor::Kind::Message, &octets)).unwrap();
        let letter = format!("From: {ALICE}\r\nContent-Type: text/plain\r\n\r\n{body}");
        let seen = look(&trusting(&[&alice]), letter.as_bytes(), AT);
        seen.is_not_good(what);
        let holds = seen.integrity.iter().any(|one| one.holds());
        assert_eq!(holds, what == "as it should be" || what == "padding", "{what}: {seen:#?}");
    }
}
