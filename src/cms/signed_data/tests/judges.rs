//! Other people's programs as judges: OpenSSL and gpgsm sign, we verify; we sign, OpenSSL and gpgsm verify.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::writing::{opaque, streamed};
use super::*;

/// A folder with a root, and keys of every kind with a certificate each.
struct Folder(tempfile::TempDir);

const EXTENSIONS: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
    extendedKeyUsage=emailProtection\nsubjectAltName=email:bob@example.org\nsubjectKeyIdentifier=hash\n";

const KEYS: [(&str, &[&str]); 4] = [
    ("rsa", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("p256", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p384", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ("p521", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
];

impl Folder {
    /// `None`, and said so, where there is no OpenSSL.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: there is no openssl");
            return None;
        }
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path("text"), TEXT).unwrap();
        fs::write(folder.path("ext"), EXTENSIONS).unwrap();
        folder.openssl(
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=Root -keyout root.key -out root.pem -days 9 \
            -addext keyUsage=critical,keyCertSign,cRLSign",
        );
        for (number, (name, arguments)) in KEYS.iter().enumerate() {
            folder.openssl(&format!("{} -out {name}.key", arguments.join(" ")));
            folder.openssl(&format!("req -new -key {name}.key -subj /CN=Bob-{name} -out csr"));
            folder.openssl(&format!(
                "x509 -req -in csr -CA root.pem -CAkey root.key -set_serial {} -days 9 -sha256 -extfile ext -out {name}.pem",
                0x80 + number
            ));
        }
        Some(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn try_run(&self, program: &str, arguments: &str) -> Result<String, String> {
        let mut command = Command::new(program);
        command
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .env("GNUPGHOME", self.path("gnupg"));
        if let Ok(password) = fs::File::open(self.path("password")) {
            command.stdin(password);
        }
        let output = command.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(said) } else { Err(said) }
    }

    fn openssl(&self, arguments: &str) {
        self.try_run("openssl", arguments).unwrap_or_else(|said| panic!("openssl {arguments}: {said}"));
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn certificate(&self, name: &str) -> Certificate {
        Certificate::load_pem_or_der(&self.read(&format!("{name}.pem"))).unwrap().remove(0)
    }

    fn key(&self, name: &str) -> Arc<dyn SigningKey> {
        key(std::str::from_utf8(&self.read(&format!("{name}.key"))).unwrap())
    }
}

#[test]
fn openssl_signs_and_we_verify() {
    let Some(folder) = Folder::new() else { return };
    let forms = [
        "cms -sign",
        "cms -sign -nodetach",
        "cms -sign -nodetach -stream",
        "cms -sign -nosmimecap",
        "cms -sign -noattr",
        "cms -sign -noattr -nodetach -stream",
        "cms -sign -keyid",
        "cms -sign -cades",
        "cms -sign -md sha1",
        "cms -sign -md sha224",
        "cms -sign -md sha384 -nodetach",
        "cms -sign -md sha512",
        "cms -sign -econtent_type 1.2.3.4 -nodetach",
        "smime -sign",
        "smime -sign -nodetach -stream",
    ];
    for (name, _) in KEYS {
        let signer = format!("-signer {name}.pem -inkey {name}.key");
        let mut all: Vec<_> = forms.iter().map(|form| format!("{form} {signer}")).collect();
        let second = if name == "rsa" { "p256" } else { "rsa" };
        all.push(format!("cms -sign {signer} -signer {second}.pem -inkey {second}.key -md sha256"));
        if name == "rsa" {
            for options in [
                "-keyopt rsa_padding_mode:pss",
                "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20 -md sha384",
            ] {
                all.push(format!("cms -sign {signer} {options}"));
            }
        }
        for form in all {
            folder.openssl(&format!("{form} -binary -in text -outform DER -out sig"));
            let message = folder.read("sig");
            let seen = read(&message, TEXT).unwrap();
            assert_eq!(seen.data.detached, !form.contains("-nodetach"), "{form}");
            let outcomes = seen.verify_with_own();
            assert!(
                !outcomes.is_empty() && outcomes.iter().all(|one| *one == Outcome::Intact),
                "{form}: {outcomes:?}"
            );
            let verification = &seen.verify(&folder.certificate(name))[0];
            assert_eq!(verification.notes.contains(&Note::SignedAttributesMissing), form.contains("-noattr"));
            let altered = match seen.data.detached {
                true => read(&message, b"other").unwrap(),
                false => read(&flip(&message, b"Pay 100"), b"").unwrap(),
            };
            let attributes = !form.contains("-noattr");
            let expected = if attributes { Outcome::ContentAltered } else { Outcome::SignatureAltered };
            assert!(altered.verify_with_own().iter().all(|one| *one == expected), "{form}");
        }
    }
}

fn flip(message: &[u8], words: &[u8]) -> Vec<u8> {
    let mut octets = message.to_vec();
    let at = octets.windows(words.len()).position(|window| window == words).unwrap();
    octets[at] ^= 1;
    octets
}

#[test]
fn ber_of_openssl_streams_whole_content() {
    let Some(folder) = Folder::new() else { return };
    for length in [41, 405_264] {
        let content: Vec<u8> = TEXT.iter().copied().cycle().take(length).collect();
        fs::write(folder.path("content"), &content).unwrap();
        for form in ["", "-stream"] {
            folder.openssl(&format!(
                "cms -sign -nodetach {form} -binary -in content -signer p256.pem -inkey p256.key -outform DER -out sig"
            ));
            let seen = read(&folder.read("sig"), b"").unwrap();
            assert!(seen.content.as_ref() == Some(&content), "{length} {form}");
            assert_eq!(seen.verify_with_own(), [Outcome::Intact]);
        }
    }
}

#[test]
fn we_sign_and_openssl_verifies() {
    use SignatureScheme::*;
    let Some(folder) = Folder::new() else { return };
    let signers: [&[(&str, SignatureScheme)]; 8] = [
        &[("rsa", RsaPkcs1Sha256)],
        &[("rsa", RsaPkcs1Sha512)],
        &[("rsa", RsaPssSha256)],
        &[("rsa", RsaPssSha384)],
        &[("p256", EcdsaP256Sha256)],
        &[("p384", EcdsaP384Sha384)],
        &[("p521", EcdsaP521Sha512)],
        &[("rsa", RsaPssSha512), ("p256", EcdsaP256Sha256)],
    ];
    for signers in signers {
        let mut builder = SignedDataBuilder::new();
        let mut keys = Vec::new();
        for (name, scheme) in signers {
            builder.signer(&folder.certificate(name), *scheme, UnixTime::from(std::time::SystemTime::now()));
            keys.push(folder.key(name));
        }
        builder.chain(&[folder.certificate("root")]);
        let keys: Vec<&dyn SigningKey> = keys.iter().map(|key| &**key).collect();
        let prepared = builder
            .clone()
            .prepare(&digests(&builder.hash_algorithms(), TEXT), &Provider::default())
            .unwrap();
        let signatures = sign(&prepared, &keys);
        let detached = prepared.complete(signatures).unwrap();
        assert_eq!(
            read(&detached, TEXT).unwrap().data.certificates.len(),
            signers.len(),
            "the root is left out"
        );
        let verify = "cms -verify -binary -inform DER -in sig -CAfile root.pem -out out";
        fs::write(folder.path("sig"), &detached).unwrap();
        folder.openssl(&format!("{verify} -content text"));
        fs::write(folder.path("other"), b"other").unwrap();
        assert!(folder.try_run("openssl", &format!("{verify} -content other")).is_err());
        for message in [opaque(builder.clone(), &keys, TEXT), streamed(builder.clone(), &keys, TEXT)] {
            fs::write(folder.path("sig"), &message).unwrap();
            folder.openssl(verify);
            assert_eq!(folder.read("out"), TEXT);
        }
    }
}

#[test]
fn certificates_alone_are_read_by_openssl_and_back() {
    let Some(folder) = Folder::new() else { return };
    fs::write(folder.path("sig"), certs_only(&[folder.certificate("rsa"), folder.certificate("root")]))
        .unwrap();
    folder.openssl("pkcs7 -inform DER -in sig -print_certs -out out");
    let printed = String::from_utf8(folder.read("out")).unwrap();
    assert_eq!(printed.matches("BEGIN CERTIFICATE").count(), 2);
    folder.openssl("crl2pkcs7 -nocrl -certfile rsa.pem -certfile root.pem -outform DER -out theirs");
    let seen = read(&folder.read("theirs"), b"").unwrap();
    assert_eq!(seen.data.certificates.len(), 2);
    assert!(seen.data.signers.is_empty());
}

#[test]
fn gpgsm_signs_and_verifies() {
    let Some(folder) = Folder::new() else { return };
    let Some(fingerprint) = gpgsm_home(&folder) else {
        println!("skipped: there is no usable gpgsm");
        return;
    };
    for (options, content) in
        [("--detach-sign", TEXT), ("--sign", b"".as_slice()), ("--detach-sign --digest-algo SHA512", TEXT)]
    {
        let sign = format!("{GPGSM} {options} -u {fingerprint} --yes -o sig text");
        folder.try_run("gpgsm", &sign).unwrap_or_else(|said| panic!("gpgsm {sign}: {said}"));
        let seen = read(&folder.read("sig"), content).unwrap();
        assert_eq!(seen.verify_with_own(), [Outcome::Intact], "{options}");
        if content.is_empty() {
            assert_eq!(seen.content.as_deref(), Some(TEXT));
        }
    }
    let mut builder = SignedDataBuilder::new();
    builder.signer(
        &folder.certificate("rsa"),
        SignatureScheme::RsaPkcs1Sha256,
        UnixTime::from(std::time::SystemTime::now()),
    );
    let prepared =
        builder.clone().prepare(&digests(&builder.hash_algorithms(), TEXT), &Provider::default()).unwrap();
    let signatures = sign(&prepared, &[&*folder.key("rsa")]);
    fs::write(folder.path("sig"), prepared.complete(signatures).unwrap()).unwrap();
    let said = folder.try_run("gpgsm", &format!("{GPGSM} --verify sig text"));
    assert!(said.as_ref().is_ok_and(|said| said.contains("Good signature")), "{said:?}");
    let _ = folder.try_run("gpgconf", "--kill gpg-agent");
}

const GPGSM: &str =
    "--batch --pinentry-mode loopback --passphrase-fd 0 --disable-crl-checks --disable-dirmngr";

/// The fingerprint of the RSA certificate there.
fn gpgsm_home(folder: &Folder) -> Option<String> {
    fs::create_dir(folder.path("gnupg")).ok()?;
    #[cfg(unix)]
    fs::set_permissions(folder.path("gnupg"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).ok()?;
    fs::write(folder.path("password"), "x\n").ok()?;
    let sha1 = |name: &str| {
        let digest = Provider::default().hash(HashAlgorithm::Sha1, folder.certificate(name).as_der())?;
        Some(digest.iter().map(|octet| format!("{octet:02X}")).collect::<String>())
    };
    fs::write(folder.path("gnupg/trustlist.txt"), format!("{} S relax\n", sha1("root")?)).ok()?;
    let export =
        "pkcs12 -export -legacy -in rsa.pem -inkey rsa.key -certfile root.pem -passout pass:x -out p12";
    folder.try_run("openssl", export).ok()?;
    folder.try_run("gpgsm", &format!("{GPGSM} --import p12")).ok()?;
    sha1("rsa")
}
