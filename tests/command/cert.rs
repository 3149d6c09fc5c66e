//! `mailseal cert show`: what openssl and gpg wrote, in words and as JSON.

use std::fs;

use crate::people::{Shell, expect, people};

#[test]
fn every_kind_is_shown() {
    let shell = Shell::with_letters();
    let text = expect(0, &shell.run("cert show bob.pem strict-ca.crl openssl-ca.pem gpg-carol.asc"));
    for said in [
        "S/MIME (X.509) · Bob\n",
        "bob@example.org",
        "digitalSignature, keyEncipherment",
        "emailProtection",
        "RSA-2048",
        "CRL (RFC 5280) · CN=Example Strict CA\n",
        "revoked certificates: 1",
        "S/MIME (X.509) · Example Root CA\n",
        "may issue certificates",
        "OpenPGP · Carol Jones\n",
        "Carol Jones <carol@example.net>; certifications by others: 0",
        "EdDSA (256) · certify, sign",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let japanese = expect(0, &shell.in_japanese("cert show bob.pem strict-ca.crl gpg-carol.asc"));
    for said in ["有効期間", "失効した証明書 1 件", "ユーザー ID", "認証, 署名"] {
        assert!(japanese.contains(said), "{said}: {japanese}");
    }
    let late = expect(0, &shell.run("cert show --at 2099-01-01T00:00:00Z bob.pem strict-ca.crl"));
    assert!(late.contains("expired") && late.contains("a newer one is due"), "{late}");
    let early = expect(0, &shell.run("cert show --at 2001-01-01T00:00:00Z bob.pem gpg-carol.asc"));
    assert!(early.contains("not valid yet") && early.contains("nothing binds it"), "{early}");
    for wrong in ["openssl.eml", "missing.pem", "."] {
        expect(2, &shell.run(&format!("cert show {wrong}")));
    }
    expect(2, &shell.run("cert show"));
}

#[test]
fn json_has_all_of_it() {
    let shell = Shell::with_letters();
    // Several in a file.
    let both = [shell.read("bob.pem"), shell.read("strict-ca.crl"), shell.read("openssl-ca.pem")].concat();
    shell.file("both.pem", &both);
    let lines = shell.json(0, "cert show --json both.pem gpg-carol.asc");
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["x509", "x509", "crl", "openpgp"]);
    let bob = &lines[0];
    assert_eq!(bob["addresses"], serde_json::json!(["bob@example.org"]));
    assert_eq!(bob["key_usage"], serde_json::json!(["digitalSignature", "keyEncipherment"]));
    assert_eq!(bob["ext_key_usage"], serde_json::json!(["1.3.6.1.5.5.7.3.4"]));
    assert_eq!((&bob["version"], &bob["ca"], &bob["key"]), (&1.into(), &false.into(), &"RSA-2048".into()));
    assert_eq!(bob["fingerprint"].as_str().unwrap().len(), 64);
    assert_eq!((&lines[1]["ca"], &lines[1]["path_length"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!((&lines[2]["by"], &lines[2]["revoked"]), (&"CN=Example Strict CA".into(), &1.into()));
    let carol = &lines[3];
    assert_eq!(carol["keys"][0]["usages"], serde_json::json!(["certify", "sign"]));
    assert_eq!(carol["user_ids"][0]["bound"], true);
}

/// As openssl writes them: an authority with constraints, places to ask at, an OCSP response.
#[test]
fn what_openssl_put_in_is_what_is_shown() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    let pki = &people.pki;
    let path = |name: &str| shell.path(name).display().to_string();
    shell.file(
        "extensions",
        b"basicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=critical,keyCertSign\n\
          nameConstraints=critical,permitted;email:.example.org,excluded;IP:10.0.0.0/255.0.0.0,excluded;DNS:example.com\n\
          certificatePolicies=2.23.140.1.5.3.2\ncrlDistributionPoints=URI:http://crl.example/a.crl\n\
          authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/a.cer\n",
    );
    pki.openssl(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -subj /CN=Bound -config ca.cnf -keyout",
    )
    .arg(path("bound.key"))
    .words("-out")
    .arg(path("bound.csr"))
    .ok();
    pki.openssl("x509 -req -CA intermediate.pem -CAkey intermediate.key -set_serial 0x1234 -days 9 -extfile")
        .arg(path("extensions"))
        .words("-in")
        .arg(path("bound.csr"))
        .words("-out")
        .arg(path("bound.pem"))
        .ok();
    let line = shell.json(0, "cert show --json bound.pem").remove(0);
    assert_eq!(
        (&line["serial"], &line["path_length"], &line["key"]),
        (&"1234".into(), &1.into(), &"P-384".into())
    );
    assert_eq!(line["permitted"], serde_json::json!(["email .example.org"]));
    assert_eq!(line["excluded"], serde_json::json!(["ip 10.0.0.0/255.0.0.0", "dns example.com"]));
    assert_eq!((&line["assurance"], &line["generation"]), (&"sponsor".into(), &"multipurpose".into()));
    assert_eq!(line["crl"], serde_json::json!(["http://crl.example/a.crl"]));
    assert_eq!(line["ocsp"], serde_json::json!(["http://ocsp.example/"]));
    assert_eq!(line["aia"], serde_json::json!(["http://ca.example/a.cer"]));
    let text = expect(0, &shell.run("cert show bound.pem"));
    for said in
        ["with 1 authorities below it", "email .example.org", "http://ocsp.example/", "sponsor, multipurpose"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }

    fs::write(shell.path("index"), "").unwrap();
    pki.openssl("ocsp -ndays 2 -issuer intermediate.pem -rsigner intermediate.pem -rkey intermediate.key -CA intermediate.pem -cert")
        .arg(&people.alice.certificate).words("-index").arg(path("index")).words("-respout").arg(path("answer")).ok();
    let line = shell.json(0, "cert show --json answer").remove(0);
    assert_eq!(
        (&line["kind"], &line["certificates"], &line["revoked"]),
        (&"ocsp".into(), &1.into(), &0.into())
    );
    assert_eq!(line["by"], "CN=Example Mail CA, O=Example");
    let text = expect(0, &shell.run("cert show answer"));
    assert!(text.starts_with("OCSP response (RFC 6960) · CN=Example Mail CA"), "{text}");

    // A keybox of gpg, and who certified whom.
    let keybox = people.gpg.home().join("pubring.kbx");
    let lines = shell.json(0, &format!("cert show --json {}", keybox.display()));
    assert!(lines.iter().any(|line| line["addresses"][0] == "carol@example.net"), "{lines:?}");
    let usages: Vec<_> = lines[0]["keys"].as_array().unwrap().iter().map(|key| &key["usages"]).collect();
    assert!(usages.contains(&&serde_json::json!(["encrypt"])), "{usages:?}");
}
