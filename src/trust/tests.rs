//! What a store believes: scopes and pins over certificates made to order.

use const_oid::ObjectIdentifier;
use proptest::prelude::*;

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::policy::Algorithms;
use crate::protocol::{Certificate, NoCertificates};
use crate::report::{Assurance, Evidence, Trust};
use crate::time::UnixTime;
use crate::trust::{Belief, EvidenceRequest, Purpose, Scope, TrustModel, TrustStore};
use crate::x509::der_reader::{GENERALIZED_TIME, INTEGER, OID, SEQUENCE, encode};
use crate::x509::testing::{Make, assemble, ed25519, make, name, sign, spki, toy_provider};
use crate::x509::{self, RevocationData, oid};

/// 2026-01-01.
const NOW: UnixTime = UnixTime::from_seconds(1_767_225_600);
const MAILBOX: &str = "2.23.140.1.5.1.3";
const ORGANIZATION: &str = "2.23.140.1.5.2.3";
const ANY_POLICY: &str = "2.5.29.32.0";

fn policies(make: Make, policies: &[&str]) -> Make {
    let one =
        |policy: &&str| encode(SEQUENCE, &[&encode(OID, &[ObjectIdentifier::new_unwrap(policy).as_bytes()])]);
    let list: Vec<u8> = policies.iter().flat_map(one).collect();
    make.with(oid::CERTIFICATE_POLICIES, false, encode(SEQUENCE, &[&list]))
}

fn root() -> x509::Certificate {
    make("Root").ca(None).signed_by("Root")
}

fn leaf(name: &str) -> Make {
    make(name).mailbox(name).key_usage(0x80)
}

fn ask(store: &TrustStore, leaf: &x509::Certificate, between: &[x509::Certificate], address: &str) -> Belief {
    ask_for(store, leaf, between, address, Purpose::Sign)
}

fn ask_for(
    store: &TrustStore,
    leaf: &x509::Certificate,
    between: &[x509::Certificate],
    address: &str,
    purpose: Purpose,
) -> Belief {
    ask_with(store, leaf, between, address, (purpose, &RevocationData::new()))
}

fn ask_with(
    store: &TrustStore,
    leaf: &x509::Certificate,
    between: &[x509::Certificate],
    address: &str,
    (purpose, revocations): (Purpose, &RevocationData),
) -> Belief {
    let provider: Provider = toy_provider();
    let intermediates: Vec<Certificate> = between.iter().cloned().map(Certificate::X509).collect();
    let request = EvidenceRequest {
        certificate: &Certificate::X509(leaf.clone()),
        intermediates: &intermediates,
        candidates: &NoCertificates,
        address: &address.parse().unwrap(),
        purpose,
        at: NOW,
        provider: &provider,
        limits: &Limits::default(),
        algorithms: &Algorithms::standard(),
        revocations,
        signatures: None,
        fetcher: None,
    };
    store.evidence(&request).unwrap()
}

fn trusting(scope: &str) -> TrustStore {
    TrustStore::new().anchor(Certificate::X509(root()), scope.parse().unwrap())
}

fn pinning(address: &str, leaf: &x509::Certificate) -> TrustStore {
    pin(TrustStore::new(), address, leaf)
}

fn pin(store: TrustStore, address: &str, leaf: &x509::Certificate) -> TrustStore {
    store.pin(&address.parse().unwrap(), &Certificate::X509(leaf.clone()).fingerprint()).unwrap()
}

/// It is nobody's until somebody says so, and then that one's only.
#[test]
fn r_c10_a_self_signed_certificate_counts_if_pinned_for_that_very_address() {
    let bob = leaf("bob@b.example").signed_by("bob@b.example");
    assert_eq!(ask(&TrustStore::new(), &bob, &[], "bob@b.example").trust, Trust::Unknown);
    assert_eq!(ask(&trusting("any"), &bob, &[], "bob@b.example").trust, Trust::Unknown);
    let belief = ask(&pinning("bob@b.example", &bob), &bob, &[], "bob@b.example");
    assert_eq!(belief.trust, Trust::Trusted);
    assert!(matches!(&belief.evidence[..], [Evidence::Pinned { address, .. }] if address == "bob@b.example"));
    // Another address, even if the certificate names it too.
    assert_eq!(ask(&pinning("eve@b.example", &bob), &bob, &[], "bob@b.example").trust, Trust::Unknown);
    // And one that it does not name.
    assert_eq!(ask(&pinning("eve@b.example", &bob), &bob, &[], "eve@b.example").trust, Trust::Unknown);
    let anchored = TrustStore::new().anchor(Certificate::X509(bob.clone()), "*@b.example".parse().unwrap());
    assert_eq!(ask(&anchored, &bob, &[], "bob@b.example").trust, Trust::Trusted);
}

/// A pin says whose it is, not that it may be used for anything at any time.
#[test]
fn r_c10_a_pinned_certificate_still_has_to_be_valid() {
    let old = leaf("bob@b.example").valid("20200101000000Z", "20210101000000Z").signed_by("Somebody");
    assert_eq!(ask(&pinning("bob@b.example", &old), &old, &[], "bob@b.example").trust, Trust::Expired);
    let sealed = make("bob@b.example").mailbox("bob@b.example").key_usage(0x20).signed_by("Somebody");
    let store = pinning("bob@b.example", &sealed);
    assert_eq!(ask(&store, &sealed, &[], "bob@b.example").trust, Trust::Unknown);
    let web = leaf("bob@b.example").ext_key_usage("1.3.6.1.5.5.7.3.1").signed_by("Somebody");
    assert_eq!(ask(&pinning("bob@b.example", &web), &web, &[], "bob@b.example").trust, Trust::Unknown);
}

/// A CRL of the root about these.
fn root_crl(listed: &[&x509::Certificate]) -> RevocationData {
    let time = |text: &str| encode(GENERALIZED_TIME, &[text.as_bytes()]);
    let entry = |one: &&x509::Certificate| {
        encode(SEQUENCE, &[&encode(INTEGER, &[one.serial()]), &time("20250101000000Z")])
    };
    let list = encode(SEQUENCE, &[&listed.iter().flat_map(entry).collect::<Vec<_>>()]);
    let times = [time("20251231000000Z"), time("20260131000000Z")].concat();
    let tbs = encode(SEQUENCE, &[&encode(INTEGER, &[&[1]]), &ed25519(), &name("Root", None), &times, &list]);
    RevocationData::new().with(&assemble(&tbs, &ed25519(), &sign(&spki("Root"), &tbs))).unwrap()
}

/// R-B20, R-C10: whose it is, a pin says, or the caller who gave it as an anchor; that it is revoked, the authority that
/// issued it says, whatever that authority is trusted for otherwise.
#[test]
fn r_b20_revoked_is_revoked_whoever_vouches() {
    let bob = leaf("bob@b.example").signed_by("Root");
    let root = || Certificate::X509(root());
    let anchored =
        || TrustStore::new().anchor(Certificate::X509(bob.clone()), "*@b.example".parse().unwrap());
    for scope in ["any", "*@c.example", "any until=2025-12-31", "any for=encrypt"] {
        let pinned = pinning("bob@b.example", &bob).anchor(root(), scope.parse().unwrap());
        for store in [anchored().anchor(root(), scope.parse().unwrap()), pinned] {
            let trust = |data: &RevocationData| {
                ask_with(&store, &bob, &[], "bob@b.example", (Purpose::Sign, data)).trust
            };
            assert_eq!(trust(&root_crl(&[&bob])), Trust::Revoked, "{scope}");
            assert_eq!(trust(&root_crl(&[])), Trust::Trusted, "{scope}");
        }
    }
    // Somebody else of that name says nothing.
    let other = Make { key: "another".into(), ..make("Root").ca(None) }.signed_with("Root", "another");
    let store = anchored().anchor(Certificate::X509(other), Scope::any());
    let trust = ask_with(&store, &bob, &[], "bob@b.example", (Purpose::Sign, &root_crl(&[&bob]))).trust;
    assert_eq!(trust, Trust::Trusted);
}

/// What an authority says of a pinned certificate is told beside the pin.
#[test]
fn r_c10_a_pin_takes_no_knowledge_away() {
    let bank = policies(leaf("notice@bank.example"), &[ORGANIZATION]).signed_by("Root");
    let store = pin(trusting("any"), "notice@bank.example", &bank);
    let belief = ask(&store, &bank, &[], "notice@bank.example");
    assert_eq!((belief.trust, belief.assurance), (Trust::Trusted, Some(Assurance::Organization)));
}

#[test]
fn r_c10_another_certificate_for_a_pinned_address_is_noticed() {
    let own = leaf("bob@b.example").signed_by("bob@b.example");
    let other = leaf("bob@b.example").signed_by("Root");
    let store = pin(trusting("any"), "bob@b.example", &own);
    let belief = ask(&store, &other, &[], "bob@b.example");
    assert_eq!(belief.pinned_to, [Certificate::X509(own.clone()).fingerprint()]);
    assert!(ask(&store, &own, &[], "bob@b.example").pinned_to.is_empty());
    // Two pins stand beside each other.
    let store = pin(store, "bob@b.example", &other);
    let belief = ask(&store, &other, &[], "bob@b.example");
    assert!(belief.pinned_to.is_empty());
    assert!(matches!(&belief.evidence[..], [Evidence::Pinned { .. }, Evidence::CertificationPath { .. }]));
    assert!(ask(&store, &leaf("eve@b.example").signed_by("Root"), &[], "eve@b.example").pinned_to.is_empty());
}

#[test]
fn r_c13_a_pin_wants_all_of_a_fingerprint() {
    let carol = "carol@example.net".parse().unwrap();
    let whole = "3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10";
    for text in [
        whole.to_owned(),
        whole.to_lowercase(),
        "3F:2A:91:C4:D0:E7:5B:86:A1:F2:C9:3D:5E:6B:7A:80:91:4C:7D:10".into(),
        "3F2A 91C4 D0E7 5B86 A1F2  C93D 5E6B 7A80 914C 7D10".into(),
        format!("{whole}{}", &whole[..24]),
    ] {
        assert!(TrustStore::new().pin(&carol, &text).is_ok(), "{text}");
    }
    let says = |text: &str| match TrustStore::new().pin(&carol, text) {
        Err(Error::Misuse(why)) => why,
        other => panic!("{text}: {other:?}"),
    };
    for short in ["", "914C7D10", "5E6B7A80914C7D10", &whole[1..], &format!("{whole}00")] {
        assert!(says(short).contains("all of it is wanted"), "{short}");
    }
    assert!(says(&whole[..32]).contains("version 3"));
    assert!(says(&whole.replace('3', "x")).contains("hexadecimal"));
    assert!(says(&whole.replace('3', "３")).contains("hexadecimal"));
}

#[test]
fn r_c10_an_anchor_counts_for_its_purposes() {
    let both = make("bob@b.example").mailbox("bob@b.example").key_usage(0xa0).signed_by("Root");
    for (scope, sign, encrypt) in
        [("any", true, true), ("any for=sign", true, false), ("any for=encrypt", false, true)]
    {
        let trusts =
            |purpose| ask_for(&trusting(scope), &both, &[], "bob@b.example", purpose).trust == Trust::Trusted;
        assert_eq!((trusts(Purpose::Sign), trusts(Purpose::Encrypt)), (sign, encrypt), "{scope}");
    }
}

/// Given up in 2022, a root still speaks for what it issued before (R-C10).
#[test]
fn r_c10_what_was_issued_after_the_day_of_distrust_does_not_count() {
    let store = trusting("any issued-until=2022-11-30");
    for (from, trust) in [("20221130235959Z", Trust::Trusted), ("20221201000000Z", Trust::Unknown)] {
        let bob = leaf("bob@b.example").valid(from, "20300101000000Z").signed_by("Root");
        assert_eq!(ask(&store, &bob, &[], "bob@b.example").trust, trust, "{from}");
        assert_eq!(ask(&trusting("any"), &bob, &[], "bob@b.example").trust, Trust::Trusted);
    }
}

fn intermediate(kept: &[&str]) -> x509::Certificate {
    let made = make("Mail CA").ca(Some(0));
    let made = if kept.is_empty() { made } else { policies(made, kept) };
    made.signed_by("Root")
}

/// Mis-issuance: who may only check mailboxes makes nobody an organisation.
#[test]
fn r_c10_an_assurance_has_to_be_kept_by_every_authority() {
    let bank = policies(leaf("notice@bank.example"), &[ORGANIZATION]).signed_by("Mail CA");
    let mailbox = policies(leaf("notice@bank.example"), &[MAILBOX]).signed_by("Mail CA");
    let store = trusting("any assurance=organization");
    for (kept, trusted) in [
        (&[ORGANIZATION][..], true),
        (&[ANY_POLICY], true),
        (&[MAILBOX, ORGANIZATION], true),
        (&[MAILBOX], false),
        (&[], false),
    ] {
        let between = [intermediate(kept)];
        let trust = if trusted { Trust::Trusted } else { Trust::Unknown };
        assert_eq!(ask(&store, &bank, &between, "notice@bank.example").trust, trust, "{kept:?}");
        assert_eq!(ask(&store, &mailbox, &between, "notice@bank.example").trust, Trust::Unknown);
        // Without the demand it is believed, but not to be what it may not be called.
        let belief = ask(&trusting("any"), &bank, &between, "notice@bank.example");
        let told = trusted.then_some(Assurance::Organization);
        assert_eq!((belief.trust, belief.assurance), (Trust::Trusted, told), "{kept:?}");
    }
}

/// The anchor that asks for less takes over where the path keeps less.
#[test]
fn r_c10_one_authority_may_have_two_scopes() {
    let bank = policies(leaf("notice@bank.example"), &[ORGANIZATION]).signed_by("Mail CA");
    let store = trusting("any assurance=organization");
    let store = store.anchor(Certificate::X509(root()), "*@bank.example".parse().unwrap());
    let belief = ask(&store, &bank, &[intermediate(&[MAILBOX])], "notice@bank.example");
    assert_eq!(belief.trust, Trust::Trusted);
    assert_eq!(belief.evidence[0].scope(), "*@bank.example");
}

/// Another certificate of an authority, which anybody may add to a letter, does not hide the one that keeps it.
#[test]
fn r_c10_a_path_that_keeps_less_does_not_hide_one_that_keeps_enough() {
    let bank = policies(leaf("notice@bank.example"), &[ORGANIZATION]).signed_by("Mail CA");
    let newer = |made: Make| made.valid("20210101000000Z", "20300101000000Z").signed_by("Root");
    let less = newer(policies(make("Mail CA").ca(Some(0)), &[MAILBOX]));
    let between = [less.clone(), intermediate(&[ORGANIZATION])];
    let belief = ask(&trusting("any assurance=organization"), &bank, &between, "notice@bank.example");
    assert_eq!((belief.trust, belief.assurance), (Trust::Trusted, Some(Assurance::Organization)));
    let belief = ask(&trusting("any assurance=organization"), &bank, &[less], "notice@bank.example");
    assert_eq!(belief.trust, Trust::Unknown);
}

/// Somebody who is known, but not for this, is told apart from a stranger.
#[test]
fn an_anchor_that_is_not_for_this_is_named() {
    let bob = leaf("bob@b.example").signed_by("Root");
    for scope in [
        "*@c.example",
        "any for=encrypt",
        "any until=2025-12-31",
        "any assurance=mailbox",
        "any issued-until=2019-12-31",
    ] {
        let belief = ask(&trusting(scope), &bob, &[], "bob@b.example");
        assert_eq!((belief.trust, belief.evidence.len()), (Trust::Unknown, 0), "{scope}");
        let why = &belief.rejected[0];
        assert_eq!(why.code, "out_of_scope", "{scope}");
        assert_eq!(why.reason, format!("Root is an anchor, but not for this: {scope}"));
        assert_eq!(why.steps.last().unwrap().name, "Root");
    }
    let stranger = leaf("bob@b.example").signed_with("Root", "another key");
    assert!(
        ask(&trusting("*@c.example"), &stranger, &[], "bob@b.example")
            .rejected
            .iter()
            .all(|one| one.code != "out_of_scope")
    );
}

#[test]
#[cfg(feature = "openpgp")]
fn an_openpgp_certificate_asserts_no_assurance() {
    let carol = include_bytes!("../../examples/letters/gpg-carol.asc");
    for scope in ["any assurance=mailbox", "any issued-until=2030-01-01"] {
        let refused = TrustStore::new().anchors(carol, scope.parse().unwrap()).unwrap_err();
        let Error::Misuse(why) = refused else { panic!("{refused:?}") };
        assert!(why.contains("OpenPGP") && why.contains(scope.split_once(' ').unwrap().1), "{why}");
    }
}

const NARROWER: [&str; 8] = [
    "until=2025-12-31",
    "until=2030-01-01",
    "issued-until=2021-12-31",
    "issued-until=2019-12-31",
    "for=sign",
    "for=encrypt",
    "assurance=mailbox",
    "assurance=organization",
];

proptest! {
    /// Whatever is added to a scope, nobody is believed who was not.
    #[test]
    fn r_c10_narrowing_a_scope_never_adds_trust(
        words in prop::sample::subsequence(NARROWER.to_vec(), 0..NARROWER.len()),
        added in prop::sample::select(NARROWER.to_vec()),
        patterns in prop::sample::subsequence(vec!["*@b.example", "bob@b.example", "*@c.example", "eve@b.example"], 1..4),
        asserted in prop::sample::subsequence(vec![MAILBOX, ORGANIZATION], 0..2),
        kept in prop::sample::subsequence(vec![MAILBOX, ORGANIZATION, ANY_POLICY], 0..3),
        encrypt in any::<bool>(),
    ) {
        let made = make("bob@b.example").mailbox("bob@b.example").key_usage(0xa0);
        let made = if asserted.is_empty() { made } else { policies(made, &asserted) };
        let (bob, between) = (made.signed_by("Mail CA"), [intermediate(&kept)]);
        let purpose = if encrypt { Purpose::Encrypt } else { Purpose::Sign };
        let trusts = |scope: &str| {
            // A word that stands twice is no scope.
            let store = scope.parse().ok().map(|scope: Scope| TrustStore::new().anchor(Certificate::X509(root()), scope));
            store.map(|store| ask_for(&store, &bob, &between, "bob@b.example", purpose).trust == Trust::Trusted)
        };
        let rest = words.join(" ");
        let wide = trusts(&format!("any {rest}"));
        let named = trusts(&format!("{} {rest}", patterns.join(" ")));
        let fewer = trusts(&format!("{} {rest}", patterns[0]));
        let narrow = trusts(&format!("{} {rest} {added}", patterns[0]));
        for (wider, narrower) in [(wide, named), (named, fewer), (fewer, narrow)] {
            prop_assert!(narrower != Some(true) || wider == Some(true), "{patterns:?} {rest} {added}");
        }
    }
}
