//! Whom to believe, after strangers added to what is known (R-A9, R-B20, R-B21, R-C11).

use mailseal::protocol::{Fit, Purpose, keys_for};
use mailseal::{CertificatePool, Composer, Context, Key, Password, Plan, Policy, Scope, TrustStore};
use sequoia_openpgp as pgp;

use pgp::Cert;
use pgp::cert::{SubkeyRevocationBuilder, UserIDRevocationBuilder};
use pgp::packet::{Packet, Signature};
use pgp::serialize::SerializeInto;
use pgp::types::{KeyFlags, ReasonForRevocation, SignatureType};

use crate::openpgp::{
    alice, builder, cert, letter, packets, pair, revoked, signature_of, signed, time, trusting, usual,
};
use crate::stage::{AT, CONTENT, look};

const ALICE: &str = "alice@example.org";

fn pool(certs: &[Cert]) -> CertificatePool {
    certs.iter().fold(CertificatePool::new(), |pool, cert| pool.with(&cert.to_vec().unwrap()).unwrap())
}

/// Whether a letter to Alice can be encrypted.
fn reached(cx: &Context) -> bool {
    let draft = format!("From: bob@example.com\r\nTo: {ALICE}\r\nSubject: x\r\n\r\nHello\r\n");
    let plan = Plan::new(cx, draft.as_bytes(), &Policy::standard(), AT).unwrap();
    plan.unreachable().count() == 0
}

/// The caller trusts a copy of long ago; a keyring has what its owner said since.
#[test]
fn r_b20_nobody_writes_to_what_another_copy_revokes() {
    let old = builder("Alice <alice@example.org>").add_transport_encryption_subkey().generate().unwrap().0;
    let with = |packet: Signature| old.clone().insert_packets(Packet::from(packet)).unwrap().0;
    let (mut signer, compromised) = (pair(&old, 0), ReasonForRevocation::KeyCompromised);
    let key = revoked(&old, compromised, -10);
    let subkey = SubkeyRevocationBuilder::new().set_reason_for_revocation(compromised, b"").unwrap();
    let subkey = subkey.set_signature_creation_time(time(-10)).unwrap();
    let encrypts = old.keys().subkeys().next().unwrap().key().clone();
    let subkey = with(subkey.build(&mut signer, &old, encrypts.parts_as_public(), None).unwrap());
    let user_id = UserIDRevocationBuilder::new();
    let user_id = user_id.set_reason_for_revocation(ReasonForRevocation::UIDRetired, b"").unwrap();
    let user_id = user_id.set_signature_creation_time(time(-10)).unwrap();
    let name = old.userids().next().unwrap().userid().clone();
    let user_id = with(user_id.build(&mut signer, &old, &name, None).unwrap());
    let anchored = || TrustStore::new().anchors(&old.to_vec().unwrap(), Scope::any()).unwrap();
    let pinned = || TrustStore::new().pin(&ALICE.parse().unwrap(), &old.fingerprint().to_hex()).unwrap();
    for (what, newer) in [("key", &key), ("subkey", &subkey), ("user ID", &user_id)] {
        assert!(reached(&Context::new(anchored()).certificates(pool(std::slice::from_ref(&old)))), "{what}");
        assert!(
            !reached(&Context::new(anchored()).certificates(pool(std::slice::from_ref(newer)))),
            "{what}"
        );
        assert!(reached(&Context::new(pinned()).certificates(pool(std::slice::from_ref(&old)))), "{what}");
        for known in [[old.clone(), newer.clone()], [newer.clone(), old.clone()]] {
            assert!(!reached(&Context::new(pinned()).certificates(pool(&known))), "{what}");
        }
    }
}

/// Anybody may bind Alice's key to theirs, to be encrypted to, and put it where Alice's is found.
#[test]
fn r_b20_strangers_with_a_copy_of_the_key_crowd_nobody_out() {
    let alice = alice();
    let theirs = alice.primary_key().key().clone().role_into_subordinate();
    let stranger = |number: usize| {
        let name = format!("Stranger {number} <s{number}@evil.example>");
        let mallory = cert(&name);
        let flags = KeyFlags::empty().set_transport_encryption();
        let binding = signature_of(SignatureType::SubkeyBinding).set_key_flags(flags).unwrap();
        let binding = theirs.bind(&mut pair(&mallory, 0), &mallory, binding).unwrap();
        mallory.insert_packets([Packet::from(theirs.clone()), binding.into()]).unwrap().0
    };
    let strangers: Vec<Cert> = (0..120).map(stranger).collect();
    let letter = letter(ALICE, CONTENT, &packets(&[signed(usual(), &alice, CONTENT)]));
    for count in [1, 20, 120] {
        let known: Vec<Cert> = strangers[..count].iter().chain([&alice]).cloned().collect();
        let pinned = TrustStore::new().pin(&ALICE.parse().unwrap(), &alice.fingerprint().to_hex()).unwrap();
        look(&Context::new(pinned).certificates(pool(&known)), &letter, AT).is_good_for(ALICE);
    }
}

/// A flood of certifications in front of the one that takes another back.
#[cfg(feature = "web-of-trust")]
#[test]
fn r_b21_a_flood_hides_no_revocation() {
    let (root, alice, stranger) = (cert("Root <root@example.org>"), alice(), cert("S <s@evil.example>"));
    let name = alice.userids().next().unwrap().userid().clone();
    let by = |who: &Cert, kind: SignatureType, at: i64| {
        let made = signature_of(kind).set_signature_creation_time(time(at)).unwrap();
        let primary = alice.primary_key().key();
        Packet::from(made.sign_userid_binding(&mut pair(who, 0), primary, &name).unwrap()).to_vec().unwrap()
    };
    let certified = by(&root, SignatureType::GenericCertification, -500);
    let taken_back = by(&root, SignatureType::CertificationRevocation, -100);
    let junk = by(&stranger, SignatureType::GenericCertification, -300);
    let unsaid = by(&stranger, SignatureType::CertificationRevocation, -300);
    let letter = letter(ALICE, CONTENT, &packets(&[signed(usual(), &alice, CONTENT)]));
    let seen = |more: &[&[u8]]| {
        let alice =
            [&alice.clone().strip_secret_key_material().to_vec().unwrap(), &more.concat()[..]].concat();
        let trust = TrustStore::new().web_of_trust_root(&root.fingerprint().to_hex(), 120).unwrap();
        let known = pool(std::slice::from_ref(&root)).with(&alice).unwrap();
        look(&Context::new(trust).certificates(known), &letter, AT)
    };
    seen(&[&certified]).is_good_for(ALICE);
    seen(&[&certified, &junk.repeat(1_500)]).is_good_for(ALICE);
    seen(&[&certified, &taken_back]).is_not_good("taken back");
    seen(&[&certified, &junk.repeat(1_500), &taken_back]).is_not_good("taken back, behind a flood");
    seen(&[&certified, &unsaid.repeat(1_500)]).is_good_for(ALICE);
    seen(&[&certified, &unsaid.repeat(1_500), &taken_back]).is_not_good("behind a flood of revocations");
}

/// What is told beforehand is what happens: the key of a user ID that its owner gave up signs no letter of it.
#[test]
fn r_b20_a_key_whose_user_id_is_gone_is_not_offered() {
    let at_work = cert("Alice <alice@example.org>");
    let mut signer = pair(&at_work, 0);
    let both = pgp::packet::UserID::from("Alice <alice@home.example>");
    let binding =
        signature_of(SignatureType::PositiveCertification).set_signature_creation_time(time(-900)).unwrap();
    let binding = binding.set_key_flags(KeyFlags::empty().set_certification().set_signing()).unwrap();
    let binding = both.bind(&mut signer, &at_work, binding).unwrap();
    let both = at_work.insert_packets([Packet::from(both), binding.into()]).unwrap().0;
    let name = both.userids().find(|id| id.userid().value().ends_with(b"example.org>")).unwrap();
    let gone = UserIDRevocationBuilder::new();
    let gone = gone.set_reason_for_revocation(ReasonForRevocation::UIDRetired, b"").unwrap();
    let gone = gone.set_signature_creation_time(time(-10)).unwrap();
    let gone = gone.build(&mut signer, &both, name.userid(), None).unwrap();
    let left = both.clone().insert_packets(Packet::from(gone)).unwrap().0;
    for (cert, from, fits) in
        [(&both, ALICE, true), (&left, ALICE, false), (&left, "alice@home.example", true)]
    {
        let keys = [Key::load(&cert.as_tsk().to_vec().unwrap(), Password::none()).unwrap()];
        let choices = keys_for(&keys, &from.parse().unwrap(), Purpose::Sign, AT);
        assert_eq!(choices.iter().any(|one| one.fit == Fit::Fits), fits, "{from}");
        let draft = format!("From: {from}\r\nTo: bob@example.com\r\n\r\nHello\r\n");
        let cx = Context::new(TrustStore::new());
        let composed = Composer::new(&cx).sign(&keys[0]).compose(draft.as_bytes(), AT, &mut Vec::new());
        assert_eq!(composed.is_ok(), fits, "{from}: {composed:?}");
    }
}

/// Whose user ID is it, that shows two addresses?
#[test]
fn r_b15_a_user_id_with_two_addresses_names_nobody() {
    for name in ["<alice@example.org> <eve@evil.example>", "a@b <eve@evil.example> <alice@example.org>"] {
        let both = cert(name);
        let signature = signed(usual(), &both, CONTENT);
        for from in [ALICE, "eve@evil.example"] {
            let letter = letter(from, CONTENT, &packets(std::slice::from_ref(&signature)));
            look(&trusting(&[&both]), &letter, AT).is_not_good(name);
        }
    }
}
