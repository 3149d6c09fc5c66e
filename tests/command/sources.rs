//! Where belief and certificates come from: the options that `verify`, `decrypt`, `encrypt` and `trust explain` share.

use std::fs;

use crate::people::{AT, CONTENT, People, Shell, error, expect, people};
use crate::support::gnupg::Gpg;

/// Signed by Alice's S/MIME key.
fn letter(shell: &Shell) {
    shell.file("draft", &[b"From: alice@example.org\r\n".as_slice(), CONTENT].concat());
    expect(0, &shell.run("sign --key alice.p12 --password-file password --out signed draft"));
}

fn verify(shell: &Shell, words: &[&str]) -> std::process::Output {
    shell.command(&format!("verify --at {AT} signed")).args(words).output().unwrap()
}

#[test]
fn r_c10_anchors_have_scopes_on_the_command_line_too() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    letter(&shell);
    fs::create_dir(shell.path("anchors")).unwrap();
    fs::copy(shell.path("root.pem"), shell.path("anchors/root.pem")).unwrap();
    fs::copy(shell.path("root.pem"), shell.path("a=b.pem")).unwrap();
    for (anchor, status) in [
        ("root.pem", 0),
        ("root.pem=any", 0),
        ("root.pem=*@example.org until=2035-01-01 for=sign", 0),
        ("root.pem=*@example.com", 1),
        ("root.pem=*@example.org for=encrypt", 1),
        ("root.pem=any until=2027-01-01", 1),
        ("anchors", 0),
        ("anchors=*@example.org", 0),
        ("anchors=*@example.com", 1),
        ("a=b.pem", 0),
        ("a=b.pem=*@example.com", 1),
        ("root.pem=", 2),
        ("root.pem=everybody", 2),
        ("missing.pem", 2),
        ("missing.pem=any", 2),
        ("draft", 2),
    ] {
        let output = verify(&shell, &["--anchor", anchor]);
        assert_eq!(output.status.code(), Some(status), "{anchor}: {}", error(&output));
        assert!(status != 2 || error(&output).starts_with("mailseal: "), "{anchor}");
    }
    // Any of several may speak.
    expect(
        0,
        &verify(&shell, &["--anchor", "root.pem=*@example.com", "--anchor", "root.pem=alice@example.org"]),
    );
}

#[test]
fn keyrings_roots_and_owner_trust_of_gpg() {
    let Some(gpg) = Gpg::new() else { return };
    let shell = Shell::with_letters();
    let alice = gpg.make_key("Alice <alice@example.org>", "ed25519");
    let bob = gpg.make_key("Bob <bob@example.net>", "ed25519");
    gpg.words("--yes --local-user").arg(&alice).words("--quick-sign-key").arg(&bob).ok();
    gpg.words("--output").arg(shell.path("ring.gpg")).words("--export").ok();
    fs::write(shell.path("bob.asc"), gpg.certificate(&bob)).unwrap();
    let trust = gpg.words("--export-ownertrust").run().text();
    let only_alice: Vec<_> = trust.lines().filter(|line| line.starts_with(&alice)).collect();
    shell.file("owners", format!("{}\n", only_alice.join("\n")).as_bytes());
    let home = gpg.home().display().to_string();
    let explain = |more: &str| shell.run(&format!("trust explain bob@example.net {more}"));

    // Finding is not trusting.
    for found in ["--keyring ring.gpg", &format!("--keyring {home}"), "--cert bob.asc"] {
        let page = expect(1, &explain(found));
        assert!(page.contains("certificates known: 1, believed: 0"), "{found}: {page}");
    }
    for ring in ["ring.gpg", &home, &format!("{home}/pubring.kbx")] {
        let page = expect(0, &explain(&format!("--keyring {ring} --trust-root {alice}")));
        assert!(page.contains("you → Alice") && page.contains("120"), "{page}");
        expect(0, &explain(&format!("--keyring {ring} --ownertrust owners")));
    }
    let page = expect(1, &explain(&format!("--keyring ring.gpg --trust-root {alice}=60")));
    assert!(page.contains("60 of 120"), "{page}");
    expect(0, &shell.run(&format!("trust add --root {alice}")));
    expect(0, &explain("--keyring ring.gpg"));
    expect(1, &explain("--keyring ring.gpg --no-trust-folder"));
    for wrong in [
        "--trust-root 0011",
        &format!("--trust-root {alice}=121"),
        "--ownertrust bob.asc",
        "--keyring missing",
    ] {
        expect(2, &explain(wrong));
    }

    // As sq and others keep them, by fingerprint.
    let cert_d = |fingerprint: &str| {
        let name = fingerprint.to_ascii_lowercase();
        let folder = shell.path("cert.d").join(&name[..2]);
        fs::create_dir_all(&folder).unwrap();
        gpg.words("--output").arg(folder.join(&name[2..])).words("--export").arg(fingerprint).ok();
    };
    cert_d(&alice);
    cert_d(&bob);
    expect(0, &explain("--keyring cert.d"));
    // A file that is something else is told of, and harms nothing.
    fs::write(shell.path("cert.d").join(&bob.to_ascii_lowercase()[..2]).join("0".repeat(38)), "?").unwrap();
    let output = explain("--keyring cert.d");
    expect(0, &output);
    assert!(error(&output).contains("not read, 1 in all"), "{}", error(&output));
}

/// A certificate that says where to ask, and what openssl answers.
fn asked(people: &People, shell: &Shell) {
    let path = |name: &str| shell.path(name).display().to_string();
    shell.file(
        "extensions",
        b"subjectAltName=email:alice@example.org\nextendedKeyUsage=emailProtection\nkeyUsage=digitalSignature\n\
          crlDistributionPoints=URI:http://127.0.0.1:9/a.crl,URI:http://crl.example/a.crl\n\
          authorityInfoAccess=OCSP;URI:http://ocsp.example/\n",
    );
    shell.file(
        "config",
        format!(
            "[ca]\ndefault_ca=x\n[x]\ndatabase={}\ndefault_md=sha256\ndefault_crl_days=9000\n",
            path("index")
        )
        .as_bytes(),
    );
    shell.file("index", b"");
    let run = |words: &str| {
        // Words with @ are files of the shell.
        let program = words.split_whitespace().fold(people.pki.openssl(""), |program, word| {
            match word.strip_prefix('@') {
                Some(name) => program.arg(shell.path(name)),
                None => program.arg(word),
            }
        });
        program.ok()
    };
    run(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Alice -config ca.cnf -keyout @a.key -out @a.csr",
    );
    let ca = "-CA intermediate.pem -CAkey intermediate.key";
    run(&format!("x509 -req {ca} -set_serial 7 -days 9000 -extfile @extensions -in @a.csr -out @a.pem"));
    run("ca -config @config -cert root.pem -keyfile root.key -gencrl -out @root.crl");
    let ca = "ca -config @config -cert intermediate.pem -keyfile intermediate.key";
    run(&format!("{ca} -gencrl -out @clean.crl"));
    run(&format!("{ca} -revoke @a.pem -crl_reason keyCompromise"));
    run(&format!("{ca} -gencrl -out @listed.crl"));
    let ocsp = "ocsp -ndays 9000 -issuer intermediate.pem -rsigner intermediate.pem -rkey intermediate.key -CA intermediate.pem";
    run(&format!("{ocsp} -cert @a.pem -index @index -respout @answer"));
    let whole =
        [shell.read("a.pem"), shell.read("a.key"), fs::read(people.pki.intermediate()).unwrap()].concat();
    shell.file("whole.pem", &whole);
    shell.file("draft", &[b"From: alice@example.org\r\n".as_slice(), CONTENT].concat());
    expect(0, &shell.run("sign --key whole.pem --out signed draft"));
}

#[test]
fn revocation_by_files_and_what_the_network_would_be_asked() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    asked(&people, &shell);
    let root = ["--anchor", "root.pem"];
    let with = |more: &[&str]| verify(&shell, &[&root, more].concat());
    // At the time of the test nothing is late; in the year of AT all is.
    let now = |more: &[&str]| shell.command("verify signed").args(root).args(more).output().unwrap();

    let page = expect(0, &with(&[]));
    assert!(page.contains("--fetch   crl,ocsp would look for what is missing"), "{page}");
    assert!(!page.contains("http://"), "{page}");
    let page = expect(0, &with(&["--explain"]));
    assert!(page.contains("http://crl.example/a.crl") && page.contains("http://ocsp.example/"), "{page}");
    assert!(!page.contains("127.0.0.1"), "nobody would ask there: {page}");
    let page = shell
        .command(&format!("verify --at {AT} --anchor root.pem signed"))
        .env("LC_ALL", "ja_JP.UTF-8")
        .output();
    assert!(expect(0, &page.unwrap()).contains("crl,ocsp を指定すると"));

    let explain = "trust explain alice@example.org --cert whole.pem --anchor root.pem";
    let page = expect(0, &shell.run(explain));
    assert!(page.contains("revocation not checked") && page.contains("http://ocsp.example/"), "{page}");
    let page = expect(0, &shell.run(&format!("{explain} --crl clean.crl --crl root.crl")));
    assert!(!page.contains("revocation not checked") && !page.contains("--fetch"), "{page}");

    let page = expect(0, &now(&["--crl", "clean.crl", "--crl", "root.crl"]));
    assert!(page.contains("revoked (CRL"), "{page}");
    for (option, file) in [("--crl", "listed.crl"), ("--ocsp", "answer")] {
        let page = expect(1, &now(&[option, file]));
        assert!(page.contains("signer_revoked"), "{option}: {page}");
    }
    for wrong in ["root.pem", "missing", "draft"] {
        expect(2, &now(&["--crl", wrong]));
        expect(2, &now(&["--ocsp", wrong]));
    }
    // Names that nobody has (RFC 2606): whoever was asked did not help, and that fails nothing.
    let page = expect(0, &now(&["--fetch", "crl,ocsp", "--explain"]));
    assert!(page.contains("no answer that helps from") && page.contains("http://ocsp.example/"), "{page}");
    assert!(!page.contains("would look for"), "{page}");
    let page = expect(0, &now(&["--fetch", "ocsp"]));
    assert!(page.contains("--fetch   crl would look"), "{page}");
    expect(2, &now(&["--fetch", "everything"]));
}

#[test]
fn memory_learns_only_where_it_is_told_to() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    letter(&shell);
    let codes = |more: &str| {
        let line = shell
            .json(0, &format!("verify --json --at {AT} --anchor root.pem --memory known {more} signed"))
            .remove(0);
        line["report"]["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "first_letter")
    };
    assert!(codes("") && codes(""), "nothing is learnt by looking");
    assert!(codes("--remember"));
    assert!(!codes(""), "the second letter is no first one");
    expect(2, &shell.run("verify --remember signed"));
    shell.file("broken", b"not a file of memory, and longer than nothing at all");
    expect(2, &shell.run("verify --memory broken signed"));
}

/// The folder counts for those one writes to as well, by the same scopes.
#[test]
fn r_c10_encrypt_and_decrypt_read_the_folder_too() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    shell.file("draft", b"From: alice@example.org\r\nTo: bob@example.org\r\n\r\nHello\r\n");
    let plan = format!("encrypt --at {AT} --plan --cert bob.pem draft");
    let add = |scope: &str| shell.command("trust add root.pem").args(["--scope", scope]).output().unwrap();
    expect(1, &shell.run(&plan));
    expect(0, &add("*@example.org for=sign"));
    expect(1, &shell.run(&plan));
    expect(0, &add("*@example.org"));
    assert!(expect(0, &shell.run(&plan)).contains("bob@example.org"));
    expect(1, &shell.run(&format!("{plan} --no-trust-folder")));

    let seal = "--cert bob.pem --sign alice.p12 --password-file password --out sealed draft";
    expect(0, &shell.run(&format!("encrypt {seal}")));
    let open = "decrypt --key bob.p12 --password-file password sealed";
    expect(0, &shell.run(open));
    let page = expect(1, &shell.run(&format!("{open} --no-trust-folder")));
    assert!(page.contains("signer_unknown"), "{page}");
}
