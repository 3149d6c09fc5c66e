use std::path::Path;
use std::process::Command;

use super::*;
use crate::crypto::Provider;
use crate::x509::testing::{corpora, files};

fn octets(file: &Path) -> Vec<u8> {
    let octets = std::fs::read(file).unwrap();
    if pem::is_pem(&octets) { pem::blocks(&octets).unwrap()[0].der.to_vec() } else { octets }
}

/// Every key that can be loaded belongs to a certificate of the file; says how many.
fn pairs(pfx: &Pfx, file: &Path) -> usize {
    let loader = Provider::default().key_loader;
    let keys = pfx.keys.iter().filter_map(|key| Some((key, loader.signing_key(&key.pkcs8).ok()?)));
    keys.map(|(key, loaded)| {
        let with_id = pfx.certificates.iter().filter(|one| one.local_key_id == key.local_key_id);
        let fits = |one: &PfxCertificate| one.certificate.spki() == loaded.public().spki();
        assert!(pfx.certificates.is_empty() || with_id.into_iter().any(fits), "{}", file.display());
    })
    .count()
}

/// Folder, ending of the names, password.
const CORPORA: [(&str, &str, &str); 14] = [
    ("pkits/pkcs12", ".p12", "password"),
    ("mimekit/TestData/smime", ".pfx", "no.secret"),
    ("gmime/smime", ".p12", "no.secret"),
    ("thunderbird-smime", ".p12", "nss"),
    ("nss-smime/tests/smime", ".p12", "nss"),
    ("nss-smime/tests/tools", "testoldca.p12", "nss"),
    ("nss-smime/tests/tools", "testrsapss.p12", ""),
    ("autocrypt-protected-headers", ".p12", "bob"),
    ("rustcrypto-formats/pkcs12/tests/examples", "ee.p12", "password"),
    ("rustcrypto-formats/pkcs12/tests/examples", "_firefox.p12", "password"),
    ("rustcrypto-formats/pkcs12/tests/examples", "_macos.p12", "password"),
    ("rustcrypto-formats/pkcs12/tests/examples", "s.p12.pfx", "password"),
    ("pyca-vectors/pkcs12", "-no-pwd.p12", ""),
    ("pyca-vectors/pkcs12", "-pwd.p12", "password"),
];

#[test]
fn of_others() {
    if corpora("").is_none() {
        return;
    }
    for (folder, ending, password) in CORPORA {
        let Some(folder) = corpora(folder) else { continue };
        let without_password = |file: &&std::path::PathBuf| file.to_string_lossy().ends_with("-no-pwd.p12");
        let found = files(&folder, &[ending]);
        assert!(!found.is_empty());
        for file in found.iter().filter(|file| password.is_empty() || !without_password(file)) {
            let pfx = read(&octets(file), password, &Limits::default());
            let pfx = pfx.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(!pfx.certificates.is_empty() || !pfx.keys.is_empty());
            pairs(&pfx, file);
            if file != &found[0] {
                continue;
            }
            let wrong = read(&octets(file), "not this", &Limits::default());
            assert!(matches!(wrong, Err(Error::Key(KeyError::WrongPassword))), "{}", file.display());
        }
    }
}

#[test]
fn rfc_9216() {
    let Some(folder) = corpora("rfc9216") else { return };
    for person in ["alice", "bob", "carlos", "dana"] {
        let file = files(&folder, &[&format!("{person}.pkcs12.pem")]).remove(0);
        let pfx = read(&octets(&file), person, &Limits::default()).unwrap();
        assert_eq!((pfx.keys.len(), pfx.certificates.len()), (2, 3));
    }
}

#[test]
fn pbmac1() {
    for (folder, valid) in
        [("openssl/test/recipes/80-test_pkcs12_data", ".good"), ("nss-smime/tests/tools", "-valid")]
    {
        let Some(folder) = corpora(folder) else { return };
        for file in files(&folder, &[".p12"]) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.contains("pbmac1") && !name.contains("sha1") {
                let result = read(&octets(&file), "1234", &Limits::default());
                assert_eq!(result.is_ok(), name.contains(valid), "{name}: {result:?}");
            }
        }
    }
}

#[test]
fn d6_iterations_are_bounded() {
    let Some(folder) = corpora("pkits/pkcs12") else { return };
    let file = octets(&folder.join("GoodCACert.p12"));
    let few = Limits::default().kdf_iterations(1000);
    assert!(matches!(
        read(&file, "password", &few),
        Err(Error::Limit { name: "kdf_iterations", limit: 1000 })
    ));
    let small = Limits::default().key_file_bytes(100);
    assert!(matches!(read(&file, "password", &small), Err(Error::Limit { name: "key_file_bytes", .. })));
}

#[test]
fn mutated_files_do_no_harm() {
    let Some(folder) = corpora("rustcrypto-formats/pkcs12/tests/examples") else { return };
    let limits = Limits::default().kdf_iterations(20_000);
    for file in files(&folder, &["ee.p12", "_firefox.p12"]) {
        let original = octets(&file);
        let mut random = 7_u64;
        for _ in 0..100 {
            let mut changed = original.clone();
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(random >> 33).unwrap() % changed.len();
            changed[at] ^= u8::try_from(random >> 56).unwrap() | 1;
            let _ = read(&changed, "password", &limits);
            let _ = read(&changed[..at], "password", &limits);
        }
    }
}

#[test]
fn written_by_openssl_and_nss() {
    let folder = tempfile::tempdir().unwrap();
    let run = |line: &str| {
        let output = Command::new("sh").args(["-c", line]).current_dir(folder.path()).output();
        output.is_ok_and(|output| output.status.success())
    };
    let key = "-newkey rsa:2048 -nodes -batch -subj /CN=x -days 9";
    if !run(&format!("openssl req -x509 {key} -keyout key.pem -out cert.pem")) {
        println!("skipped: no openssl");
        return;
    }
    let export = "openssl pkcs12 -export -inkey key.pem -in cert.pem -name Ключ -passout pass:пароль";
    let mut written = vec![("new", ""), ("legacy", "-legacy"), ("no MAC", "-nomac")];
    written.push(("SHA-512 MAC", "-macalg sha512 -keypbe AES-128-CBC"));
    written.push(("2DES, RC2-128", "-legacy -keypbe PBE-SHA1-2DES -certpbe PBE-SHA1-RC2-128"));
    written.push(("no encryption", "-keypbe NONE -certpbe NONE"));
    for (name, options) in written {
        assert!(run(&format!("{export} {options} -out it.p12")), "{name}");
        let file = folder.path().join("it.p12");
        let pfx = read(&octets(&file), "пароль", &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pfx.keys[0].friendly_name.as_deref(), Some("Ключ"));
        assert_eq!(pairs(&pfx, &file), 1);
    }
    assert!(run(
        "openssl pkcs12 -export -inkey key.pem -in cert.pem -name x -passout pass:secret -out it.p12"
    ));
    let nss = "mkdir db && certutil -N -d db --empty-password && pk12util -i it.p12 -d db -W secret -K ''";
    for cipher in
        ["", "-c AES-256-CBC -C AES-128-CBC", "-c 'PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC'"]
    {
        let _ = run(nss);
        if !run(&format!("pk12util -o nss.p12 -n x -d db -W secret -K '' {cipher}")) {
            println!("skipped: no pk12util {cipher}");
            continue;
        }
        let file = folder.path().join("nss.p12");
        let pfx = read(&octets(&file), "secret", &Limits::default()).unwrap();
        assert_eq!(pairs(&pfx, &file), 1);
    }
}
