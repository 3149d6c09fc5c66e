//! Certifications that mailseal made, judged by gpg and by mailseal; they have to agree where trust is full.

use std::time::SystemTime;

use mailseal::crypto::Provider;
use mailseal::openpgp::{Certificate, Certification, CipherSuite, SigningIdentity, certify, generate};
use mailseal::protocol::CertificateSource;
use mailseal::report::{Check, Trust};
use mailseal::{CertificatePool, Context, Opener, Outcome, Password, Policy, TrustStore, UnixTime};

use crate::support::Program;
use crate::support::gnupg::Gpg;

fn now() -> UnixTime {
    SystemTime::now().into()
}

/// People whose keys mailseal certifies with, all in one home of gpg.
pub(crate) struct People {
    pub(crate) gpg: Gpg,
    identities: Vec<SigningIdentity>,
}

impl People {
    /// None without gpg. The first is oneself. `pN@dN.example` is the address of the others.
    pub(crate) fn new(count: usize) -> Option<Self> {
        let gpg = Gpg::new()?;
        let at = UnixTime::from_seconds(now().seconds() - 100);
        let identity = |number: usize| {
            let name = format!("Person {number} <p{number}@d{number}.example>");
            let secret = generate(&name, at, CipherSuite::Ed25519).unwrap();
            gpg.import(secret.expose());
            SigningIdentity::load(secret.expose(), Password::none(), &Provider::default()).unwrap().remove(0)
        };
        let identities: Vec<SigningIdentity> = (0..count).map(identity).collect();
        let people = Self { gpg, identities };
        let own = format!("{}:6:\n", people.fingerprint(0));
        people.gpg.words("--import-ownertrust").input(own.as_bytes()).ok();
        Some(people)
    }

    pub(crate) fn fingerprint(&self, person: usize) -> String {
        self.identities[person].certificate().fingerprint()
    }

    pub(crate) fn certifies(&self, issuer: usize, target: usize, what: &Certification) {
        let certificate = self.gpg.certificate(&self.fingerprint(target));
        let certificate = Certificate::load(&certificate).unwrap().remove(0);
        let address = format!("p{target}@d{target}.example").parse().unwrap();
        let at = UnixTime::from_seconds(now().seconds() - 10);
        let made = certify(&self.identities[issuer], &certificate, &address, what, at, &Provider::default());
        self.gpg.words("--import-options import-local-sigs --import").input(&made.unwrap()).ok();
    }

    /// Whether gpg takes the key for that of its user ID, in full.
    fn gpg_believes(&self, person: usize) -> bool {
        self.gpg.words("--check-trustdb").ok();
        let listed =
            self.gpg.words("--with-colons --list-keys").words(&self.fingerprint(person)).run().text();
        listed.lines().any(|line| line.starts_with("uid:f:") || line.starts_with("uid:u:"))
    }

    pub(crate) fn known(&self) -> CertificatePool {
        CertificatePool::new().with(&self.export("--export-options export-local-sigs", "")).unwrap()
    }

    /// Binary certificates, all or one.
    pub(crate) fn export(&self, options: &str, which: &str) -> Vec<u8> {
        let out = self.gpg.home().join("exported.pgp");
        self.gpg.words(options).arg("--output").arg(&out).words("--export").words(which).ok();
        std::fs::read(out).unwrap()
    }

    pub(crate) fn letter(&self, person: usize, from: &str, fields: &str) -> Vec<u8> {
        let content = "Content-Type: text/plain\r\n\r\nPay at once.\r\n";
        let signature = self.gpg.sign(&self.fingerprint(person), content.as_bytes(), "");
        let signature = String::from_utf8(signature).unwrap();
        let head = "Content-Type: multipart/signed; micalg=pgp-sha256; boundary=b;\r\n \
                    protocol=\"application/pgp-signature\"\r\n\r\n";
        format!(
            "From: {from}\r\n{fields}MIME-Version: 1.0\r\n{head}--b\r\n{content}\r\n--b\r\n\
             Content-Type: application/pgp-signature\r\n\r\n{signature}\r\n--b--\r\n"
        )
        .into_bytes()
    }

    pub(crate) fn context(&self, known: impl CertificateSource + 'static) -> Context {
        let trust = TrustStore::new().web_of_trust_root(&self.fingerprint(0), 120).unwrap();
        Context::new(trust).certificates(known)
    }

    /// What mailseal thinks of a letter of that person.
    fn believed(&self, person: usize) -> bool {
        let letter = self.letter(person, &format!("p{person}@d{person}.example"), "");
        let opened = Opener::new(&self.context(self.known())).open(letter, SystemTime::now()).unwrap();
        let good = Policy::standard().judge(&opened.report).outcome == Outcome::Good;
        let trusted =
            opened.report.signatures().all(|one| one.trust == Trust::Trusted && !one.evidence.is_empty());
        assert_eq!(good, trusted, "{:?}", opened.report.findings);
        good
    }

    fn agree(&self, person: usize, believed: bool, why: &str) {
        assert_eq!((self.believed(person), self.gpg_believes(person)), (believed, believed), "{why}");
    }
}

#[test]
fn r_c11_gpg_takes_certifications_and_trusts_alike() {
    let Some(people) = People::new(8) else { return };
    let introducer = |depth| Certification::full().depth(depth);
    people.certifies(0, 1, &introducer(1));
    people.certifies(1, 2, &Certification::full());
    people.certifies(2, 3, &Certification::full());
    people.certifies(0, 4, &introducer(1).domain("d5.example").unwrap());
    people.certifies(4, 5, &Certification::full());
    people.certifies(4, 6, &Certification::full());
    people.certifies(7, 7, &Certification::full());

    // RFC 9580 §5.2.1.3: checked, each of them.
    let listed = people.gpg.words("--with-colons --check-sigs").run().text();
    assert!(!listed.lines().any(|line| line.starts_with("sig:-") || line.starts_with("sig:%")), "{listed}");
    let by = |person: usize| {
        let key = people.fingerprint(person)[24..].to_owned();
        listed.lines().filter(|line| line.starts_with("sig:!:") && line.contains(&key)).count()
    };
    // Its own binding, those of its two subkeys, and what it certified.
    assert!(by(0) >= 3 && by(1) >= 2 && by(4) >= 3, "{listed}");

    people.agree(0, true, "oneself");
    people.agree(1, true, "certified by oneself");
    people.agree(2, true, "by an introducer");
    people.agree(3, false, "whose holder introduces nobody");
    people.agree(5, true, "in the domain of the introducer");
    people.agree(6, false, "outside of it");
    people.agree(7, false, "by nobody");
}

#[test]
fn r_c11_the_steps_say_what_was_certified() {
    let Some(people) = People::new(3) else { return };
    people.certifies(0, 1, &Certification::full().depth(1).domain("d2.example").unwrap());
    people.certifies(1, 2, &Certification::full());
    let letter = people.letter(2, "p2@d2.example", "");
    let opened = Opener::new(&people.context(people.known())).open(letter, SystemTime::now()).unwrap();
    let signature = opened.report.signatures().next().unwrap();
    let path = &signature.evidence[0];
    assert_eq!(path.to_string(), "you → Person 0 (any) → Person 1 → p2@d2.example");
    let Check::Certification { amount, depth, only, .. } = &path.steps()[1].checks[0] else { panic!() };
    assert_eq!((*amount, *depth, only.len()), (120, 1, 1));

    // Half of what is needed is said to be half.
    let Some(people) = People::new(2) else { return };
    people.certifies(0, 1, &Certification::of(60).unwrap());
    // (gpg asks for the amount of introducers only.)
    assert!(!people.believed(1));
    let letter = people.letter(1, "p1@d1.example", "");
    let opened = Opener::new(&people.context(people.known())).open(letter, SystemTime::now()).unwrap();
    let signature = opened.report.signatures().next().unwrap();
    assert_eq!((signature.trust, signature.evidence.len()), (Trust::Unknown, 0));
    assert_eq!(signature.rejected[0].reason, "60 of 120");
}

#[test]
fn r_b20_a_revoked_introducer_counts_with_neither() {
    let Some(people) = People::new(3) else { return };
    people.certifies(0, 1, &Certification::full().depth(1));
    people.certifies(1, 2, &Certification::full());
    people.agree(2, true, "until then");
    let file = people.gpg.home().join("revoked.asc");
    let made = Program::new("gpg").arg("--homedir").arg(people.gpg.home());
    let made =
        made.words("--no-tty --pinentry-mode loopback --command-fd 0 --status-fd 2 --output").arg(&file);
    made.words("--gen-revoke").words(&people.fingerprint(1)).input(b"y\n1\nstolen\n\ny\n").ok();
    people.gpg.words("--import").arg(&file).ok();
    people.agree(2, false, "its certifier is revoked");
}

/// R-A9: a certificate that comes with a letter is found afterwards, and believed no more than before.
#[test]
fn r_a9_what_letters_bring_along_is_not_trusted() {
    let Some(people) = People::new(2) else { return };
    people.certifies(0, 1, &Certification::full());
    // A stranger takes the name of the one who is trusted, and certifies itself and the other.
    let key = people.gpg.make_key("Person 1 <p1@d1.example>", "ed25519");
    people
        .gpg
        .words("--quick-sign-key")
        .words(&people.fingerprint(1))
        .words("--local-user")
        .words(&key)
        .run();
    let exported = people.export("--export-options export-minimal", &key);
    let fields = format!("Autocrypt: addr=p1@d1.example; keydata={}\r\n", folded(&exported));
    let content = b"Content-Type: text/plain\r\n\r\nPay at once.\r\n";
    let signature = String::from_utf8(people.gpg.sign(&key, content, "")).unwrap();
    let genuine = String::from_utf8(people.letter(1, "p1@d1.example", &fields)).unwrap();
    let start = genuine.find("-----BEGIN PGP SIGNATURE").unwrap();
    let forged = format!("{}{signature}\r\n--b--\r\n", &genuine[..start]);

    let trusted = people.gpg.certificate(&people.fingerprint(1));
    let known = || CertificatePool::new().with(&people.gpg.certificate(&people.fingerprint(0))).unwrap();
    let outcome = |pool: CertificatePool, letter: &str| {
        let opened = Opener::new(&people.context(pool)).open(letter.as_bytes(), SystemTime::now()).unwrap();
        let harvested = opened.certificates().to_vec();
        (Policy::standard().judge(&opened.report).outcome, harvested)
    };
    let (first, harvested) = outcome(known().with(&trusted).unwrap(), &forged);
    assert_eq!((first, harvested.len()), (Outcome::Caution, 1));
    assert_eq!(harvested[0].fingerprint(), key);
    let mut pool = known().with(&trusted).unwrap();
    harvested.into_iter().for_each(|one| pool.add(one));
    assert_eq!(outcome(pool.clone(), &forged).0, Outcome::Caution);
    assert_eq!(outcome(pool, &genuine).0, Outcome::Good, "nor does it hide the one who is");
}

fn folded(octets: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), octets).unwrap();
    let text = Program::new("base64").arg(file.path()).ok();
    String::from_utf8(text).unwrap().lines().map(|line| format!("\r\n {line}")).collect()
}
