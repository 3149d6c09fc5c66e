//! `mailseal trust`: what is written down counts in every other verb, and only there.

use std::fs;

use crate::people::{Shell, error, expect};

/// After the letters were made.
const AT: &str = "--at @1800000000";

const CAROL: &str = "carol@example.net";
const OTHER: &str = "5BB09E0CFE33A1D25BB09E0CFE33A1D25BB09E0C";

/// `trust add FILE --scope SCOPE`.
fn add(shell: &Shell, file: &str, scope: &str) -> std::process::Output {
    shell.command("trust add").args([file, "--scope", scope]).output().unwrap()
}

fn fingerprint(shell: &Shell, file: &str) -> String {
    shell.json(0, &format!("cert show --json {file}"))[0]["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn r_c10_what_is_added_counts_for_its_scope_until_it_is_forgotten() {
    let shell = Shell::with_letters();
    let verify = format!("verify {AT} openssl.eml");
    expect(1, &shell.run(&verify));
    assert!(!shell.path("trust").exists(), "looking makes no folder");
    assert!(error(&shell.run("trust list")).contains("you trust nobody yet"));
    assert!(expect(0, &shell.run("trust list --json")).is_empty());

    expect(2, &shell.run("trust add openssl-ca.pem"));
    expect(2, &add(&shell, "openssl-ca.pem", "everybody"));
    expect(2, &add(&shell, "openssl.eml", "any"));
    expect(2, &add(&shell, "missing.pem", "any"));
    expect(1, &shell.run(&verify));

    expect(0, &add(&shell, "openssl-ca.pem", "*@other.example"));
    expect(1, &shell.run(&verify));
    let said = expect(0, &add(&shell, "openssl-ca.pem", "*@example.com until=2027-12-31"));
    assert!(said.contains("Example Root CA: *@example.com until=2027-12-31"), "{said}");
    expect(0, &shell.run(&verify));
    expect(1, &shell.run(&format!("{verify} --no-trust-folder")));
    expect(1, &shell.run(&format!("{verify} --trust nowhere")));
    let nowhere = shell.command(&verify).env("MAILSEAL_TRUST", shell.path("nowhere")).output().unwrap();
    expect(1, &nowhere);
    let file = shell.path("trust");
    expect(
        0,
        &shell.command(&verify).env_remove("MAILSEAL_TRUST").arg("--trust").arg(file).output().unwrap(),
    );

    let text = expect(0, &shell.run(&format!("trust list {AT}")));
    assert!(text.starts_with("anchor: *@example.com until=2027-12-31\n    Example Root CA, 2026-"), "{text}");
    assert!(!text.contains("expired"), "{text}");
    let late = expect(0, &shell.run("trust list --at 2028-01-01T00:00:00Z"));
    assert!(late.contains("until=2027-12-31  (expired)"), "{late}");
    let late = expect(0, &shell.in_japanese("trust list --at 2099-01-01T00:00:00Z"));
    assert!(late.matches("（期限切れ）").count() == 2, "the scope and the certificate: {late}");
    let lines = shell.json(0, &format!("trust list --json {AT}"));
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(
        (&line["version"], &line["kind"], &line["expired"]),
        (&1.into(), &"anchor".into(), &false.into())
    );
    assert_eq!(line["scope"], "*@example.com until=2027-12-31");
    let held = &line["certificates"][0];
    assert_eq!((&held["name"], &held["expired"]), (&"Example Root CA".into(), &false.into()));
    assert!(held["not_before"].is_string() && held["not_after"].is_string(), "{held}");

    let forget = format!("trust forget {}", held["fingerprint"].as_str().unwrap());
    expect(0, &shell.run(&forget));
    expect(1, &shell.run(&verify));
    expect(1, &shell.run(&forget));
    assert!(error(&shell.run(&forget)).contains("nothing to forget"));
    assert!(error(&shell.in_japanese(&forget)).contains("取り消すものがありません"));
    expect(1, &shell.run("trust forget --trust nowhere somebody@example.com"));
    assert!(!shell.path("nowhere").exists());
}

#[test]
fn r_c13_a_pin_is_for_one_certificate_in_full() {
    let shell = Shell::with_letters();
    let verify = format!("verify {AT} --cert gpg-carol.asc gpg.eml");
    let page = expect(1, &shell.run(&verify));
    assert!(page.contains("mailseal trust pin carol@example.net FINGERPRINT"), "{page}");
    let own = fingerprint(&shell, "gpg-carol.asc");
    let pin = |fingerprint: &str| shell.run(&format!("trust pin {CAROL} {fingerprint}"));
    expect(2, &pin(&own[24..]));
    expect(2, &pin("not-one"));
    expect(2, &shell.run(&format!("trust pin carol {own}")));
    expect(1, &shell.run(&verify));
    // As it is read aloud, in groups.
    let groups: Vec<&str> = own.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
    let said = expect(0, &pin(&groups.join(" ")));
    assert!(said.contains(CAROL) && said.contains(&groups.join(" ")), "{said}");
    let page = expect(0, &shell.run(&verify));
    assert!(page.contains("you → "), "{page}");
    expect(0, &shell.run(&format!("{verify} --from {CAROL}")));

    // To another one: even whom an anchor vouches for is not that one.
    expect(0, &pin(OTHER));
    let page = expect(1, &shell.run(&format!("{verify} --anchor gpg-carol.asc")));
    assert!(page.contains("pin_mismatch"), "{page}");
    assert_eq!(shell.json(0, "trust list --json")[0]["fingerprint"], OTHER);
    expect(0, &shell.run("trust forget carol@EXAMPLE.net"));
    expect(0, &shell.run(&format!("{verify} --anchor gpg-carol.asc")));
    // On the command line alone.
    expect(0, &shell.run(&format!("{verify} --pin {CAROL}={own}")));
    expect(1, &shell.run(&format!("{verify} --pin {CAROL}={OTHER}")));
    expect(2, &shell.run(&format!("{verify} --pin {CAROL}={}", &own[..16])));
}

#[test]
fn whom_one_would_believe_without_any_letter() {
    let shell = Shell::with_letters();
    let explain = |more: &str| shell.run(&format!("trust explain {AT} {CAROL} {more}"));
    let nobody = expect(1, &explain(""));
    assert!(nobody.contains("certificates known: 0, believed: 0"), "{nobody}");
    let stranger = expect(1, &explain("--cert gpg-carol.asc"));
    assert!(stranger.contains("✗ NOT SO") && stranger.contains("nobody you trust says"), "{stranger}");
    let own = expect(0, &explain("--anchor gpg-carol.asc"));
    for said in
        ["✓ BELIEVED  OpenPGP · Carol Jones", "Path      you → Carol Jones (any sender)", "given by you"]
    {
        assert!(own.contains(said), "{own}");
    }
    let japanese = shell.in_japanese(&format!("trust explain {AT} {CAROL} --anchor gpg-carol.asc"));
    let japanese = expect(0, &japanese);
    assert!(japanese.contains("✓ 信頼") && japanese.contains("あなた → Carol Jones"), "{japanese}");
    // The same certificate in two places is one.
    expect(0, &add(&shell, "gpg-carol.asc", "carol@example.net for=sign"));
    let lines = shell.json(0, &format!("trust explain --json {AT} {CAROL} --cert gpg-carol.asc"));
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(
        (&line["version"], &line["address"], &line["for"]),
        (&1.into(), &CAROL.into(), &"sign".into())
    );
    let claims = line["claims"].as_array().unwrap();
    let [claim] = &claims[..] else { panic!("{line}") };
    assert_eq!((&claim["believed"], &claim["problem"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(claim["evidence"][0]["scope"], "carol@example.net for=sign");
    assert_eq!(claim["certificate"]["protocol"], "openpgp");
    // Her key of the letter is for signatures, and so is the scope.
    let lines = shell.json(1, &format!("trust explain --json --for encrypt {AT} {CAROL}"));
    assert_eq!(lines[0]["claims"][0]["problem"]["kind"], "cannot_encrypt");
    // A pin without its certificate.
    expect(0, &shell.run(&format!("trust pin {CAROL} {OTHER}")));
    let text = expect(1, &explain(""));
    assert!(text.contains("not at hand") && text.contains("pinned to another certificate"), "{text}");
    let lines = shell.json(1, &format!("trust explain --json {AT} {CAROL}"));
    assert_eq!(
        (&lines[0]["pinned_to_unknown"][0], &lines[0]["claims"][0]["pinned_to"][0]),
        (&OTHER.into(), &OTHER.into())
    );
    expect(2, &shell.run("trust explain nobody"));
    // Of an authority, for whom it does not count: the path that would be, and why not.
    let explain = "trust explain eve@example.com --cert eve-revoked.pem --anchor strict-ca.pem";
    let page = expect(0, &shell.run(&format!("{explain} {AT}")));
    assert!(page.contains("you → Example Strict CA (any sender) → Eve Young"), "{page}");
    let page = expect(1, &shell.run(&format!("{explain}=*@example.org {AT}")));
    assert!(page.contains("(out_of_scope)"), "{page}");
    let page = expect(1, &shell.run(&format!("{explain} --crl strict-ca.crl {AT}")));
    assert!(page.contains("certificate revoked") && page.contains("(revoked)"), "{page}");
    let page = expect(1, &shell.in_japanese(&format!("{explain} --crl strict-ca.crl {AT}")));
    assert!(page.contains("証明書が失効しています") && page.contains("失効しています (revoked)"), "{page}");
}

#[test]
fn authorities_of_mozilla_and_roots_of_the_web_of_trust() {
    let shell = Shell::with_letters();
    expect(2, &shell.run("trust add --email-roots"));
    expect(2, &shell.run("trust add"));
    expect(2, &shell.run("trust add --email-roots --scope any openssl-ca.pem"));
    expect(2, &shell.run(&format!("trust add --root {OTHER} --scope any")));
    expect(2, &shell.run(&format!("trust add --root {OTHER} --amount 0")));
    expect(2, &shell.run(&format!("trust add --root {}", &OTHER[24..])));
    expect(2, &shell.run("trust add openssl-ca.pem --scope any --amount 3"));
    assert!(expect(0, &shell.run("trust list --json")).is_empty());
    expect(0, &shell.run("trust add --email-roots --scope any"));
    expect(0, &shell.run(&format!("trust add --root {OTHER} --amount 60")));
    let kinds: Vec<_> = shell.json(0, "trust list --json").iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds, ["email_roots", "root"]);
    let text = expect(0, &shell.run("trust list"));
    assert!(text.contains("e-mail authorities of Mozilla: any") && text.contains("60/120"), "{text}");
    expect(0, &shell.run("trust forget email-roots"));
    expect(0, &shell.run(&format!("trust forget {OTHER}")));
    assert!(expect(0, &shell.run("trust list --json")).is_empty());
    // For one call only.
    let lines = shell.json(1, &format!("verify --json {AT} --email-roots openssl.eml"));
    assert!(lines[0]["report"]["anchors"].as_u64().unwrap() > 10, "{}", lines[0]["report"]["anchors"]);
    expect(2, &shell.run(&format!("verify {AT} --email-roots=everybody openssl.eml")));
}

#[test]
fn what_is_not_understood_in_the_folder_is_an_error_everywhere() {
    let shell = Shell::with_letters();
    fs::create_dir(shell.path("trust")).unwrap();
    fs::write(shell.path("trust/trust.toml"), "[[anchor]]\nfile = \"a.pem\"\n").unwrap();
    for words in ["trust list", "verify openssl.eml", "trust forget a", "trust explain a@example.org"] {
        let output = shell.run(words);
        expect(2, &output);
        assert!(error(&output).contains("trust.toml"), "{words}: {}", error(&output));
    }
    expect(1, &shell.run(&format!("verify {AT} --no-trust-folder openssl.eml")));
}
