//! What people say to read, learned from their letters, and what a plan makes of it.

use std::fs;

use mailseal::plan::{Sees, Why};
use mailseal::protocol::{Feature, Support};
use mailseal::report::{Code, Protocol};
use mailseal::trust::{Memory, Recommendation};
use mailseal::{Composer, Context, Group, Key, Opener, Password, Plan, Policy, Scope, TrustStore};

use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Leaf, Pki};
use crate::support::{self, Program};
use crate::{ALICE, CAROL, Desk, GPG, OPENSSL, at, judged, saw};

const BOB: &str = "bob@example.org";

fn key_of(leaf: &Leaf) -> Key {
    Key::load(&fs::read(&leaf.pkcs12).unwrap(), Password::from("secret")).unwrap()
}

/// A letter of theirs that this program signed: it lists AES-GCM.
fn signed_by_us(leaf: &Leaf, day: i64) -> Vec<u8> {
    let cx = Context::new(TrustStore::new());
    let draft = format!("From: {}\r\nTo: {BOB}\r\nSubject: Hi\r\n\r\nHello\r\n", leaf.address);
    let mut letter = Vec::new();
    Composer::new(&cx).sign(&key_of(leaf)).compose(draft.as_bytes(), at(day), &mut letter).unwrap();
    letter
}

/// One that openssl signed: AES-CBC, 3DES and less.
fn signed_by_openssl(pki: &Pki, leaf: &Leaf) -> Vec<u8> {
    let content = b"Content-Type: text/plain\r\n\r\nHello\r\n";
    let signing = pki.openssl("cms -sign -binary -md sha256 -certfile intermediate.pem -signer");
    let signing = signing.arg(&leaf.certificate).words("-inkey").arg(&leaf.key);
    let signed = String::from_utf8(signing.input(content).ok()).unwrap();
    format!("From: {}\r\n{}", leaf.address, signed.replace("\r\n", "\n").replace('\n', "\r\n")).into_bytes()
}

/// Trusts the root, and finds the certificates of the leaves.
fn desk_of(pki: &Pki, leaves: &[&Leaf]) -> Desk {
    let root = fs::read(pki.root()).unwrap();
    let desk = Desk::new(TrustStore::new().anchors(&root, Scope::any()).unwrap());
    let chains = leaves.iter().flat_map(|leaf| fs::read(&leaf.chain).unwrap());
    desk.with(&chains.collect::<Vec<u8>>())
}

fn plan(desk: &Desk, to: &[&str]) -> Plan {
    let draft = draft(to);
    Plan::new(&desk.cx, draft.as_bytes(), &Policy::standard(), at(40)).unwrap()
}

fn draft(to: &[&str]) -> String {
    format!("From: {BOB}\r\nTo: {}\r\nSubject: Secret\r\n\r\nThe parcel.\r\n", to.join(", "))
}

/// Content and reason of the one recipient.
fn alone(desk: &Desk, who: &str) -> (String, Why) {
    let reached = plan(desk, &[who]).recipients().remove(0);
    (reached.content, reached.why)
}

#[test]
fn what_a_trusted_letter_says_is_written_to_them_and_openssl_opens_it() {
    let Some(pki) = Pki::new() else { return };
    let [dora, emil] = ["dora@example.com", "emil@example.com"].map(|who| pki.leaf(who, KeyType::Rsa(2048)));
    let desk = desk_of(&pki, &[&dora, &emil]);
    assert_eq!(alone(&desk, &dora.address), ("AES-256-CBC".into(), Why::Unknown));
    desk.learn(&signed_by_us(&dora, 10), 11);
    assert_eq!(alone(&desk, &dora.address), ("AES-256-GCM".into(), Why::Said { on: at(10) }));

    // Somebody else of whom nothing is known holds the letter back, and the plan says who.
    let both = plan(&desk, &[&dora.address, &emil.address]);
    let [first, second] = both.recipients().try_into().unwrap();
    let held = Why::Others { alone: "AES-256-GCM".into(), who: vec![emil.address.parse().unwrap()] };
    assert_eq!((first.content.as_str(), &first.why), ("AES-256-CBC", &held));
    assert_eq!(second.why, Why::Unknown);
    assert!(first.sees.contains(&Sees::Unnoticed));
    assert!(both.text("en").contains("dora@example.com: AES-256-CBC: they read AES-256-GCM; of others"));
    assert!(both.text("ja").contains("emil@example.com が読めるかわかりません"));
    desk.learn(&signed_by_us(&emil, 12), 12);

    let both = plan(&desk, &[&dora.address, &emil.address]);
    let group = both.groups().unwrap().remove(0);
    let mut letter = Vec::new();
    let to = draft(&[&dora.address, &emil.address]);
    Composer::new(&desk.cx).encrypt(&group).compose(to.as_bytes(), at(40), &mut letter).unwrap();
    assert!(String::from_utf8_lossy(&letter).contains("authEnveloped-data"));
    for leaf in [&dora, &emil] {
        let opening =
            pki.openssl("cms -decrypt -recip").arg(&leaf.certificate).words("-inkey").arg(&leaf.key);
        assert!(String::from_utf8(opening.input(&letter).ok()).unwrap().contains("The parcel."));
    }
}

/// RFC 8551 §2.7.1: a newer list takes the place of an older one, never the other way round.
#[test]
fn r_a9_only_newer_lists_of_trusted_intact_signatures_count() {
    let Some(pki) = Pki::new() else { return };
    let dora = pki.leaf("dora@example.com", KeyType::Rsa(2048));
    let desk = desk_of(&pki, &[&dora]);
    let strong = || desk.memory_of("dora@example.com").reads.unwrap();
    desk.learn(&signed_by_us(&dora, 10), 11);
    let before = strong();
    assert_eq!((before.reads.ciphers[0].as_str(), before.signed_at), ("AES-256-GCM", at(10)));

    // Signed earlier, seen later; of the future; altered; by a certificate that nobody vouches for; not signed at all.
    desk.learn(&signed_by_openssl(&pki, &dora), 20);
    desk.learn(&signed_by_us(&dora, 60), 20);
    let altered = String::from_utf8(signed_by_us(&dora, 15)).unwrap().replace("Hello", "Hullo");
    desk.learn(altered.as_bytes(), 20);
    let Some(stranger) = Pki::new() else { return };
    desk.learn(&signed_by_us(&stranger.leaf("dora@example.com", KeyType::Rsa(2048)), 16), 20);
    desk.learn(&crate::unsigned("dora@example.com"), 21);
    assert_eq!(strong(), before);
    assert_eq!(alone(&desk, &dora.address).0, "AES-256-GCM");

    desk.learn(&signed_by_us(&dora, 17), 22);
    assert_eq!(strong().signed_at, at(17));
}

/// A list that falls is a finding that lowers nothing, and the floor holds.
#[test]
fn a_list_that_falls_is_said_and_never_leads_below_aes() {
    let Some(pki) = Pki::new() else { return };
    let dora = pki.leaf("dora@example.com", KeyType::Rsa(2048));
    let desk = desk_of(&pki, &[&dora]);
    // openssl signs now; so this program did long before.
    desk.learn(&signed_by_us(&dora, -1_000), 0);
    let fallen = signed_by_openssl(&pki, &dora);
    let now = now();
    let report = Opener::new(&desk.cx).open(&fallen, now).unwrap().report;
    let found = report.signatures().flat_map(|one| &one.findings).find(|one| one.code == Code::ReadsLess);
    assert_eq!(found.unwrap().detail.as_deref(), Some("AES-256-GCM"));
    assert_eq!(judged(&report).0, mailseal::Outcome::Good);
    Opener::new(&desk.cx).open(&fallen, now).unwrap().remember(&desk.memory).unwrap();
    let known = desk.memory_of("dora@example.com").reads.unwrap();
    assert!(known.reads.ciphers.iter().all(|cipher| cipher.ends_with("-CBC")), "{:?}", known.reads);
    assert_eq!(alone(&desk, &dora.address).0, "AES-256-CBC");
    assert!(!saw(&Opener::new(&desk.cx).open(&fallen, now).unwrap().report, Code::ReadsLess));
}

fn now() -> mailseal::UnixTime {
    std::time::SystemTime::now().into()
}

/// A mail program's name is said and changes nothing; who makes it knows what it shows.
#[test]
fn a_mailer_is_a_hint_alone() {
    let desk = Desk::of_examples();
    let named = [b"User-Agent: Mozilla Thunderbird\r\n", OPENSSL].concat();
    desk.learn(&named, 5);
    let known = desk.memory_of(ALICE);
    assert_eq!(known.mailer.unwrap().name, "Mozilla Thunderbird");
    // Not from what anybody can write.
    let forged = b"From: alice@example.com\r\nX-Mailer: Microsoft Outlook 16.0\r\n\r\nHi\r\n";
    desk.learn(forged, 6);
    assert_eq!(desk.memory_of(ALICE).mailer.unwrap().name, "Mozilla Thunderbird");
}

#[test]
fn the_plan_says_what_their_program_is_known_to_read() {
    let Some(pki) = Pki::new() else { return };
    let dora = pki.leaf("dora@example.com", KeyType::Rsa(2048));
    let desk = desk_of(&pki, &[&dora]);
    let letter = [b"User-Agent: Mozilla Thunderbird\r\n".as_slice(), &signed_by_us(&dora, 10)].concat();
    desk.learn(&letter, 11);
    let reached = plan(&desk, &[&dora.address]).recipients().remove(0);
    assert_eq!(reached.content, "AES-256-GCM", "the hint lowers nothing");
    assert_eq!(reached.mailer.as_ref().unwrap().client, Some("Thunderbird"));
    assert!(reached.sees.contains(&Sees::Subject { reads: Support::No }));
    assert_eq!(closed_to(&reached.sees), [Feature::AesGcm]);
    let json: serde_json::Value = serde_json::from_str(&plan(&desk, &[&dora.address]).json("ja")).unwrap();
    let first = &json["letters"][0]["recipients"][0];
    assert_eq!(first["why"], serde_json::json!({ "kind": "said", "on": at(10) }));
    assert_eq!(first["key"], "RSAES-PKCS1-v1_5");
    assert!(first["text"][0].as_str().unwrap().contains("本人の申告"), "{first}");
}

/// What their program is known not to read.
fn closed_to(sees: &[Sees]) -> Vec<Feature> {
    let feature = |one: &Sees| match one {
        Sees::MayNotOpen { feature, .. } => Some(*feature),
        _ => None,
    };
    sees.iter().filter_map(feature).collect()
}

/// Who has a certificate may yet read his mail with a program that knows nothing of S/MIME.
#[test]
fn the_plan_says_that_their_program_reads_no_smime() {
    let Some(pki) = Pki::new() else { return };
    let dora = pki.leaf("dora@example.com", KeyType::Rsa(2048));
    let desk = desk_of(&pki, &[&dora]);
    desk.learn(&[b"X-Mailer: ProtonMail\r\n".as_slice(), &signed_by_us(&dora, 10)].concat(), 11);
    let reached = plan(&desk, &[&dora.address]).recipients().remove(0);
    assert_eq!(closed_to(&reached.sees), [Feature::Smime]);
    assert!(reached.sentences("en").iter().any(|one| one.contains("does not read S/MIME (https://")));
    assert!(reached.sentences("ja").iter().any(|one| one.contains("S/MIME を読めません")));
}

/// The file of a program that knew nothing of all this opens, says what it said, and learns on.
#[test]
fn a_file_of_the_first_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("version-1.sql")).unwrap();
    drop(old);
    let memory = mailseal::outside::MemoryFile::open(&path).unwrap();
    let [alice] = memory.list().unwrap().try_into().unwrap();
    assert_eq!((alice.letters, alice.signed_in_row, alice.names.len()), (2, 2, 1));
    assert!(alice.is_well_known() && alice.reads.is_none() && alice.autocrypt.key.is_none());
    let report = Desk::of_examples().report(OPENSSL, 1);
    memory.learn(&mailseal::trust::Lesson::of(&report).unwrap()).unwrap();
    drop(memory);
    let version = |path| {
        let file = rusqlite::Connection::open(path).unwrap();
        file.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(version(&path), 2);
    let again = mailseal::outside::MemoryFile::open(&path).unwrap();
    let [alice] = again.list().unwrap().try_into().unwrap();
    assert_eq!(alice.letters, 3);
    assert!(alice.reads.unwrap().reads.ciphers.contains(&"AES-256-CBC".to_owned()));
}

/// A certificate of somebody, and an Autocrypt field with it.
fn offer(who: &str, prefers_encryption: bool) -> (Vec<u8>, String) {
    use mailseal::openpgp::{Autocrypt, Certificate, CipherSuite, generate};
    let secret = generate(&format!("<{who}>"), at(0), CipherSuite::Ed25519).unwrap();
    let certificate = Certificate::load(secret.expose()).unwrap().remove(0);
    let field = Autocrypt::field(&certificate, &who.parse().unwrap(), prefers_encryption, at(0)).unwrap();
    (secret.expose().to_vec(), field)
}

/// R-A9: what a header field offers is a candidate, which somebody has to believe or to accept.
#[test]
fn r_a9_autocrypt_makes_nobody_reachable() {
    let desk = Desk::new(TrustStore::new());
    let letter = |date: &str, field: &str| format!("From: {CAROL}\r\nDate: {date}\r\n{field}\r\nHi\r\n");
    let (_, field) = offer(CAROL, true);
    desk.learn(letter("Mon, 18 Jan 2027 08:00:00 +0000", &field).as_bytes(), 10);
    let known = desk.memory_of(CAROL);
    let key = known.autocrypt.key.unwrap();
    assert_eq!((key.prefers_encryption, key.since), (true, at(3)));
    assert_eq!((known.certain, known.signers.len(), known.pins.len()), (0, 0, 0));
    let mut carol = plan(&desk, &[CAROL]);
    let reason = carol.unreachable().next().unwrap().reason.clone();
    assert_eq!(reason, mailseal::Unreached::NotBelieved(key.fingerprint.clone()));
    assert!(carol.groups().is_err());
    assert_eq!(carol.autocrypt(true, false), Recommendation::Encrypt);
    assert_eq!(carol.autocrypt(false, false), Recommendation::Available);
    assert!(saw(&desk.report(GPG, 10), Code::SignerMissing), "it verifies nothing either");
    // Accepted by hand, as any other candidate.
    carol.accept(&CAROL.parse().unwrap(), &key.fingerprint).unwrap();
    let reached = carol.recipients().remove(0);
    assert_eq!((reached.protocol, reached.autocrypt), (Protocol::Openpgp, Some(Recommendation::Available)));
    assert!(["ECDH", "X25519"].contains(&&*reached.key), "{}", reached.key);

    // Letters without a field make it old; replies by machines do not.
    let automatic = "Auto-Submitted: auto-replied\r\n";
    desk.learn(letter("Mon, 19 Apr 2027 08:00:00 +0000", automatic).as_bytes(), 100);
    assert_eq!(plan(&desk, &[CAROL]).autocrypt(true, false), Recommendation::Encrypt);
    desk.learn(letter("Mon, 19 Apr 2027 08:00:00 +0000", "").as_bytes(), 100);
    assert_eq!(plan(&desk, &[CAROL]).autocrypt(true, false), Recommendation::Discourage);
    // Several fields, or several authors: none counts. Of the future: the time of looking.
    desk.learn(letter("Thu, 20 May 2027 08:00:00 +0000", &[&*field, &*field].concat()).as_bytes(), 130);
    assert_eq!(desk.memory_of(CAROL).autocrypt.key.unwrap().since, at(3));
    desk.learn(letter("Sun, 20 May 2040 08:00:00 +0000", &field).as_bytes(), 140);
    assert_eq!(desk.memory_of(CAROL).autocrypt.key.unwrap().since, at(140));
}

/// Another key in somebody's name takes nothing from whom one believes.
#[test]
fn r_a9_a_forged_field_is_said_and_changes_no_letter() {
    let ((hers, field), (_, attack)) = (offer(CAROL, false), offer(CAROL, true));
    let desk = Desk::new(TrustStore::new().anchors(&hers, Scope::any()).unwrap());
    let letter =
        |field: &str| format!("From: {CAROL}\r\nDate: Mon, 18 Jan 2027 08:00:00 +0000\r\n{field}\r\nHi\r\n");
    desk.learn(letter(&field).as_bytes(), 5);
    let before = plan(&desk, &[CAROL]).recipients().remove(0);
    let attack = letter(&attack);
    assert!(saw(&desk.report(attack.as_bytes(), 6), Code::AutocryptChanged));
    desk.learn(attack.as_bytes(), 6);
    let offered = desk.memory_of(CAROL).autocrypt.key.unwrap();
    assert!(
        offered.prefers_encryption && offered.fingerprint != before.certificate,
        "the newest, as specified"
    );
    let after = plan(&desk, &[CAROL]).recipients().remove(0);
    assert_eq!(after.certificate, before.certificate);
}

/// What this program writes, others read; what they write, it reads.
#[test]
fn fields_of_sq_and_for_sq() {
    let Some(sq) = support::tool("sq") else { return };
    let Some(gpg) = Gpg::new() else { return };
    let fingerprint = gpg.make_key_with("Alice <alice@example.org>", "ed25519", "cv25519");
    let key = Key::load(&gpg.secret_key(&fingerprint), Password::none()).unwrap();
    let cx = Context::new(TrustStore::new());
    let now = now();
    let mut mail = Vec::new();
    let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\n\r\nHello\r\n";
    Composer::new(&cx).sign(&key).autocrypt(true).compose(draft, now, &mut mail).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mail.eml");
    fs::write(&file, &mail).unwrap();
    let decoded = Program::new(&sq).words("autocrypt decode").arg(&file).ok();
    let read = mailseal::Certificate::load(&decoded).unwrap();
    assert_eq!(read[0].fingerprint(), fingerprint);
    let shown = String::from_utf8(Program::new(&sq).words("inspect").input(&decoded).ok()).unwrap();
    assert_eq!((shown.matches("Subkey:").count(), shown.matches("UserID:").count()), (1, 1), "{shown}");

    let encoded =
        Program::new(&sq).words("autocrypt encode-sender --prefer-encrypt mutual --email alice@example.org");
    let field = String::from_utf8(encoded.input(&gpg.certificate(&fingerprint)).ok()).unwrap();
    let letter = format!("From: alice@example.org\r\n{}\r\n\r\nHi\r\n", field.trim().replace('\n', "\r\n"));
    let opened = Opener::new(&cx).open(letter.as_bytes(), now).unwrap();
    let offer = opened.report.told.autocrypt.as_ref().unwrap();
    assert_eq!((offer.fingerprint.as_str(), offer.prefers_encryption), (fingerprint.as_str(), true));
}

/// A letter to several carries their keys inside, where nobody else sees them; each of them learns the others'.
#[test]
fn gossip_is_inside_and_teaches_candidates() {
    let Some(gpg) = Gpg::new() else { return };
    let people = ["alice@example.org", "dora@example.org", "emil@example.org"];
    let keys = people.map(|who| gpg.make_key_with(&format!("<{who}>"), "ed25519", "cv25519"));
    let now = now();
    let certificates: Vec<_> =
        keys.iter().flat_map(|key| mailseal::Certificate::load(&gpg.certificate(key)).unwrap()).collect();
    let [alice, dora, _] =
        keys.clone().map(|key| Key::load(&gpg.secret_key(&key), Password::none()).unwrap());
    let cx = Context::new(TrustStore::new());
    let group = Group::to(&certificates[1..], now).unwrap();
    let draft =
        b"From: alice@example.org\r\nTo: dora@example.org, emil@example.org\r\nSubject: Us\r\n\r\nHello\r\n";
    let mut mail = Vec::new();
    let composer = Composer::new(&cx).sign(&alice).autocrypt(false);
    composer.encrypt(&group).compose(draft, now, &mut mail).unwrap();
    let text = String::from_utf8_lossy(&mail);
    assert!(text.contains("\r\nAutocrypt: addr=alice@example.org; keydata=") && !text.contains("Gossip"));

    // gpg is the judge of what is inside.
    let armored: String = text[text.find("-----BEGIN").unwrap()..].replace("\r\n", "\n");
    let inside = gpg.words("--decrypt").input(armored.as_bytes()).run();
    assert_eq!(String::from_utf8_lossy(&inside.stdout).matches("Autocrypt-Gossip: addr=").count(), 2);

    let desk = Desk::new(TrustStore::new());
    let opened = Opener::new(&desk.cx).key(dora.clone()).open(&mail, now).unwrap();
    assert_eq!(opened.report.told.gossip.len(), 2);
    opened.remember(&desk.memory).unwrap();
    let emil = desk.memory_of("emil@example.org");
    assert_eq!(
        (emil.letters, emil.autocrypt.gossip.as_ref().unwrap().fingerprint.as_str()),
        (0, keys[2].as_str())
    );
    // Who was only spoken of has not written yet.
    assert!(saw(&desk.report(&crate::unsigned("emil@example.org"), 0), Code::FirstLetter));
    let answer = super::reach::draft(&["emil@example.org"]);
    let to_emil = Plan::new(&desk.cx, answer.as_bytes(), &Policy::standard(), now);
    let plan = to_emil.unwrap();
    assert!(plan.groups().is_err());
    assert_eq!(plan.autocrypt(false, false), Recommendation::Discourage);
    // To one alone, there is nobody to tell of.
    let mut one = Vec::new();
    let alone = Group::to(&certificates[1..2], now).unwrap();
    let to_one = b"From: alice@example.org\r\nTo: dora@example.org\r\n\r\nHello\r\n";
    composer.encrypt(&alone).compose(to_one, now, &mut one).unwrap();
    assert!(Opener::new(&cx).key(dora).open(&one, now).unwrap().report.told.gossip.is_empty());
    // No OpenPGP key, no field.
    let stranger = b"From: zoe@example.org\r\nTo: dora@example.org\r\n\r\nHello\r\n";
    let refused = Composer::new(&cx).autocrypt(false).encrypt(&alone).compose(stranger, now, &mut Vec::new());
    assert!(matches!(refused, Err(mailseal::Error::Refused(_))));
}

/// Every Autocrypt field in letters of others.
#[test]
fn fields_of_other_programs() {
    let Some(corpora) = support::corpora() else { return };
    let desk = Desk::new(TrustStore::new());
    let read = |path: &str| fs::read(corpora.join(path)).unwrap();
    let opener = Opener::new(&desk.cx);
    for (file, address, mutual) in [
        ("hpk.txt", "holger@merlinux.eu", true),
        ("vincent.txt", "look@my.amazin.horse", false),
        ("patrick.txt", "patrick@enigmail.net", true),
        ("patrick_unfolded.txt", "patrick@enigmail.net", true),
    ] {
        let field = read(&format!("sequoia-autocrypt/{file}"));
        let letter = [field.trim_ascii(), b"\n\nHi\n"].concat();
        let opened = opener.open(&letter, now()).unwrap();
        let offer = opened.report.told.autocrypt.as_ref().unwrap_or_else(|| panic!("{file}"));
        assert_eq!(
            (offer.address.to_string().as_str(), offer.prefers_encryption),
            (address, mutual),
            "{file}"
        );
        opened.remember(&desk.memory).unwrap();
    }
    let folder = "thunderbird-openpgp/mail/test/browser/openpgp/data";
    let mut offers = 0;
    for entry in fs::read_dir(corpora.join(folder).join("eml")).unwrap() {
        let letter = fs::read(entry.unwrap().path()).unwrap();
        let head = letter.windows(11).any(|window| window == b"\nAutocrypt:");
        let opened = opener.open(&letter, now()).unwrap();
        assert!(opened.report.told.autocrypt.is_none() || head);
        offers += usize::from(opened.report.told.autocrypt.is_some());
    }
    // One more stands in a letter that is passed on: it says nothing of who passed it on.
    assert_eq!(offers, 9);

    let secret = read(&format!("{folder}/keys/alice@openpgp.example-0xf231550c4f47e38e-secret.asc"));
    let alice = Key::load(&secret, Password::none()).unwrap();
    let letter = read(&format!("{folder}/eml/signed-encrypted-autocrypt-gossip.eml"));
    let opened = Opener::new(&desk.cx).key(alice).open(&letter, now()).unwrap();
    let gossip: Vec<_> = opened.report.told.gossip.iter().map(|one| one.address.to_string()).collect();
    assert_eq!(gossip, ["alice@openpgp.example", "carol@example.com"]);
    assert_eq!(opened.report.told.mailer.as_deref(), Some("Thunderbird Daily"));
}

/// Thunderbird's signatures say what it reads, and which certificate it wants.
#[test]
fn capabilities_in_letters_of_other_programs() {
    let Some(corpora) = support::corpora() else { return };
    let cx = Context::new(TrustStore::new());
    let (mut reads, mut preferred, mut gcm) = (0, 0, 0);
    for file in letters(&corpora.join("thunderbird-smime")) {
        let letter = fs::read(&file).unwrap();
        let Ok(opened) = Opener::new(&cx).open(&letter, now()) else { continue };
        for said in opened.report.signatures().filter_map(|signature| signature.reads.as_ref()) {
            reads += 1;
            preferred += usize::from(said.encrypt_to.is_some());
            gcm += usize::from(said.ciphers.iter().any(|cipher| cipher.ends_with("GCM")));
        }
    }
    println!("{reads} {preferred} {gcm}");
    assert!(reads > 0 && preferred > 0);
}

fn letters(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| if path.is_dir() { letters(&path) } else { vec![path] });
    all.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect()
}
