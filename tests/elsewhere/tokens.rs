//! SoftHSM2.

use std::fs;
use std::path::{Path, PathBuf};

use mailseal::crypto::{KeyError, SignatureScheme};
use mailseal::outside::tokens::Token;
use mailseal::{Certificate, Error, Password};

use crate::letters::{self, CONTENT, gpg_verifies, opened, openssl_verifies, pgp_mime, signed, smime};
use crate::openpgp;
use crate::support::gnupg::Gpg;
use crate::support::peers::newer_openssl;
use crate::support::pki::{KeyType, Leaf, Pki};
use crate::support::{Program, tool};

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

/// Two tokens, one of them with keys, and who judges what they do.
struct Desk {
    pki: Pki,
    gpg: Gpg,
    module: &'static str,
    folder: PathBuf,
    /// Name, files, PKCS#8.
    keys: Vec<(&'static str, Leaf, Vec<u8>)>,
}

/// SoftHSM reads where its tokens lie from the environment, which a test cannot change for itself: the test runs again
/// in a process of its own. None there where it began.
fn desk(test: &str) -> Option<Desk> {
    if let Some(configuration) = std::env::var_os("SOFTHSM2_CONF") {
        let folder = PathBuf::from(configuration).parent().unwrap().to_owned();
        return Desk::new(folder);
    }
    tool("softhsm2-util")?;
    let folder = tempfile::tempdir().unwrap();
    let (tokens, configuration) = (folder.path().join("tokens"), folder.path().join("softhsm2.conf"));
    fs::create_dir(&tokens).unwrap();
    fs::write(&configuration, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()))
        .unwrap();
    let again = Program::new(std::env::current_exe().unwrap()).env("SOFTHSM2_CONF", &configuration);
    let ran = again.words(&format!("--exact tokens::{test} --nocapture")).run();
    let said = ran.text();
    print!("{said}");
    assert!(ran.succeeded && said.contains("1 passed"), "{said}{}", ran.stderr);
    None
}

impl Desk {
    fn new(folder: PathBuf) -> Option<Self> {
        let (util, tool11) = (tool("softhsm2-util")?, tool("pkcs11-tool")?);
        let module = MODULES.into_iter().find(|path| Path::new(path).is_file())?;
        let (pki, gpg) = (Pki::new()?, Gpg::new()?);
        let mut desk = Self { pki, gpg, module, folder, keys: Vec::new() };
        let util = |words: &str| Program::new(&util).words(words);
        for token in ["office", "fragile"] {
            util(&format!("--init-token --free --label {token} --so-pin 12345678 --pin 1234")).ok();
        }
        let kinds = [("rsa", KeyType::Rsa(2048)), ("p256", KeyType::P256), ("ed25519", KeyType::Ed25519)];
        for (number, (name, kind)) in kinds.into_iter().enumerate() {
            let leaf = desk.pki.leaf("alice@example.org", kind);
            let id = format!("0{}", number + 1);
            let import =
                util("--token office --pin 1234").words(&format!("--label {name} --id {id} --import"));
            import.arg(&leaf.key).ok();
            let der = desk.folder.join(format!("{name}.der"));
            desk.pki.openssl("x509 -outform DER -in").arg(&leaf.certificate).arg("-out").arg(&der).ok();
            let write =
                Program::new(&tool11).words(&format!("--module {module} --token-label office --login"));
            let write =
                write.words(&format!("--pin 1234 --type cert --id {id} --label {name} --write-object"));
            write.arg(&der).ok();
            let pkcs8 = desk.pki.openssl("pkcs8 -topk8 -nocrypt -outform DER -in").arg(&leaf.key).ok();
            desk.keys.push((name, leaf, pkcs8));
        }
        desk.import_for_agreement(&tool11);
        Some(desk)
    }

    /// softhsm2-util does not say that a key agrees. Its public half is in its certificate alone.
    fn import_for_agreement(&self, tool11: &Path) {
        let (key, certificate) = (self.folder.join("ecdh.key"), self.folder.join("p256.der"));
        fs::write(&key, &self.keys[1].2).unwrap();
        let write = || {
            let words = format!("--module {} --token-label office --login --pin 1234 --id 14", self.module);
            Program::new(tool11).words(&words).words("--label agreement --write-object")
        };
        write().arg(&key).words("--type privkey --usage-derive").ok();
        write().arg(&certificate).words("--type cert").ok();
    }

    fn uri(&self, path: &str) -> String {
        format!("pkcs11:{path}?module-path={}", self.module)
    }

    fn token(&self, name: &str) -> Token {
        let uri = self.uri(&format!("token=office;object={name}"));
        Token::open(&uri, &Password::from("1234")).unwrap()
    }
}

#[test]
fn a10_both_protocols_are_signed() {
    let Some(desk) = desk("a10_both_protocols_are_signed") else { return };
    for (name, leaf, pkcs8) in &desk.keys {
        let token = desk.token(name);
        assert_eq!((token.label(), token.certificates().len()), (*name, 4));
        // The certificate lies on the token; its issuer comes along from a file, or does not.
        let key = token.signing_key(&[]).unwrap();
        assert_eq!(key.certificate(), Certificate::load(&fs::read(&leaf.certificate).unwrap()).unwrap()[0]);
        let chain = Certificate::load(&fs::read(&leaf.chain).unwrap()).unwrap();
        let mail = signed(&token.signing_key(&chain).unwrap()).unwrap();
        if *name == "ed25519" {
            // openssl 3.0 cannot look at it.
            if let Some(newer) = newer_openssl() {
                desk.pki.other_openssl(&newer, "cms -verify -purpose any -CAfile root.pem").input(&mail).ok();
            }
        } else {
            openssl_verifies(&desk.pki, &mail);
        }
        let (armored, certificate) = openpgp::certificate(pkcs8, None);
        let mail = signed(&token.signing_key(&[certificate]).unwrap()).unwrap();
        gpg_verifies(&desk.gpg, &armored, &mail);
    }
    let pss = desk.token("rsa");
    let chain = Certificate::load(&fs::read(&desk.keys[0].1.chain).unwrap()).unwrap();
    let pss = pss.signing_key(&chain).unwrap().scheme(SignatureScheme::RsaPssSha384).unwrap();
    openssl_verifies(&desk.pki, &signed(&pss).unwrap());
}

#[test]
fn a10_letters_of_both_protocols_are_opened() {
    let Some(desk) = desk("a10_letters_of_both_protocols_are_opened") else { return };
    let rsa = desk.token("rsa");
    for words in ["-aes-256-cbc", "-aes-256-cbc -keyopt rsa_padding_mode:oaep"] {
        let recipient = desk
            .pki
            .openssl("cms -encrypt -binary -outform DER")
            .words(words.split(" -keyopt").next().unwrap());
        let recipient = recipient.arg("-recip").arg(&desk.keys[0].1.certificate);
        let options = words.strip_prefix("-aes-256-cbc").unwrap();
        let der = recipient.words(options).input(CONTENT).ok();
        let out = opened(vec![rsa.decryption_key(&[]).unwrap()], &smime(&der)).unwrap();
        assert_eq!(out.as_deref(), Some(CONTENT), "{words}");
    }
    let p256 = desk.token("agreement");
    let encrypt = desk.pki.openssl("cms -encrypt -binary -outform DER -aes-256-cbc");
    let der = encrypt.arg(&desk.keys[1].1.certificate).input(CONTENT).ok();
    let out = opened(vec![p256.decryption_key(&[]).unwrap()], &smime(&der)).unwrap();
    assert_eq!(out.as_deref(), Some(CONTENT));

    for (name, token) in [("rsa", rsa), ("p256", p256)] {
        let pkcs8 = &desk.keys.iter().find(|one| one.0 == name).unwrap().2;
        let (armored, certificate) = openpgp::certificate(&desk.keys[2].2, Some(pkcs8));
        let words =
            "--trust-model always --armor --recipient alice@example.org --no-default-keyring --keyring";
        let ring = desk.folder.join(format!("{name}.kbx"));
        desk.gpg.words("--no-default-keyring --keyring").arg(&ring).words("--import").input(&armored).ok();
        let sealed = desk.gpg.words(words).arg(&ring).words("--encrypt").input(CONTENT).ok();
        let sealed = &sealed[letters::find(&sealed, b"-----BEGIN").unwrap()..];
        let sealed = &sealed[..letters::find(sealed, b"-----END PGP MESSAGE-----").unwrap() + 26];
        let out = opened(vec![token.decryption_key(&[certificate]).unwrap()], &pgp_mime(sealed)).unwrap();
        assert_eq!(out.as_deref(), Some(CONTENT), "{name}");
    }
}

#[test]
fn e_pins_and_names() {
    let Some(desk) = desk("e_pins_and_names") else { return };
    let open = |path: &str, pin: &str| Token::open(&desk.uri(path), &Password::from(pin));
    assert!(matches!(open("token=office;object=rsa", "4321"), Err(Error::Key(KeyError::WrongPassword))));
    assert!(matches!(open("token=home", "1234"), Err(Error::Key(KeyError::Unavailable(_)))));
    assert!(matches!(open("token=office;object=nobody", "1234"), Err(Error::Key(KeyError::Unavailable(_)))));
    assert!(matches!(open("token=fragile", "1234"), Err(Error::Key(KeyError::Unavailable(_)))));
    let several = open("token=office", "1234").unwrap_err().to_string();
    assert!(several.contains("object=rsa") && several.contains("object=p256"), "{several}");
    assert!(matches!(open("", "1234"), Err(Error::Key(KeyError::Malformed(_)))));
    let nowhere = "pkcs11:token=office?module-path=/nowhere/libnone.so";
    assert!(matches!(Token::open(nowhere, &Password::none()), Err(Error::Key(KeyError::Unavailable(_)))));
    assert_eq!(open("token=office;id=%02", "1234").unwrap().label(), "p256");
    // Cards lock after the third wrong PIN: one that is asked for is tried twice.
    let asked = std::sync::atomic::AtomicU32::new(0);
    let wrong = |request: &mailseal::PasswordRequest| {
        assert_eq!(asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed), request.attempt);
        Some(mailseal::Secret::from("4321"))
    };
    let result = Token::open(&desk.uri("token=office;object=rsa"), &wrong);
    assert!(matches!(result, Err(Error::Key(KeyError::WrongPassword))));
    assert_eq!(asked.into_inner(), 2);
    // Once somebody is in, others in the process are too: PKCS #11 §5.6 counts logins by application.
    let first = open("token=office;object=rsa", "1234").unwrap();
    drop(first);
    // The PIN in a file, and in the URI.
    let file = desk.folder.join("pin");
    fs::write(&file, "1234\n").unwrap();
    let asks = |_: &mailseal::PasswordRequest| -> Option<mailseal::Secret> { panic!("nobody is asked") };
    let uri = format!("{}&pin-source=file:{}", desk.uri("token=office;object=rsa"), file.display());
    Token::open(&uri, &asks).unwrap();
    Token::open(&format!("{}&pin-value=1234", desk.uri("token=office;object=rsa")), &asks).unwrap();
    let wrong = Token::open(&format!("{}&pin-value=4321", desk.uri("token=office;object=rsa")), &asks);
    assert!(matches!(wrong, Err(Error::Key(KeyError::WrongPassword))));
    // A certificate of another key.
    let other = Certificate::load(&fs::read(&desk.keys[1].1.certificate).unwrap()).unwrap();
    assert!(desk.token("rsa").signing_key(&other).is_err());
    assert!(desk.token("rsa").decryption_key(&other).is_err());
}

#[test]
fn e_threads_share_a_session() {
    let Some(desk) = desk("e_threads_share_a_session") else { return };
    let key = desk.token("p256").signing_key(&[]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| drop(signed(&key).unwrap())));
        }
    });
    // The token goes away.
    let tokens = desk.folder.join("tokens");
    fs::remove_dir_all(&tokens).unwrap();
    fs::create_dir(&tokens).unwrap();
    assert!(matches!(signed(&key), Err(Error::Key(_))));
}
