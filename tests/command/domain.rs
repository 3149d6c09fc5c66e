//! The sending domain at the shell, over a DNS server of our own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::knot::{Knot, txt};
use crate::support::{Program, tool};

const LETTER: &str = "From: joe@example.com\r\nTo: a@example.net\r\nSubject: Hi\r\n\r\nHello\r\n";

fn mailseal(folder: &Path, language: &str, words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    command.current_dir(folder).env("LC_ALL", language).args(words.split_ascii_whitespace()).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn signed_published_examined_and_checked() {
    let Some(openssl) = tool("openssl") else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str| mailseal(folder.path(), "C.UTF-8", words);
    let openssl = |words: &str| Program::new(&openssl).folder(folder.path()).words(words).ok();
    openssl("genrsa -out key.pem 2048");
    let public = String::from_utf8(openssl("rsa -in key.pem -pubout")).unwrap();
    let public: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    fs::write(folder.path().join("draft.eml"), LETTER).unwrap();

    let dkim = "--dkim-key key.pem --dkim-domain example.com --dkim-selector s";
    let signed = run(&format!("sign {dkim} --out signed.eml draft.eml"));
    assert!(signed.status.success(), "{}", text(&signed));
    let letter = fs::read_to_string(folder.path().join("signed.eml")).unwrap();
    assert!(letter.starts_with("DKIM-Signature: ") && letter.ends_with(LETTER), "{letter}");

    let zone = txt("s._domainkey.example.com", &format!("v=DKIM1; k=rsa; p={public}"))
        + "example.com. TXT \"v=spf1 ip4:192.0.2.1 ?all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n";
    let Some(knot) = Knot::start(&zone) else { return };
    let check = format!(
        "verify --check-domain --dns {} --client-address 192.0.2.1 --helo h.example.com --envelope-from joe@example.com",
        knot.address
    );
    let page = text(&run(&format!("{check} signed.eml")));
    assert!(page.contains("example.com stands behind it (DMARC pass, DKIM pass, SPF pass);"), "{page}");
    let japanese = text(&mailseal(folder.path(), "ja_JP.UTF-8", &format!("{check} signed.eml")));
    assert!(japanese.contains("送信元"), "{japanese}");
    let json: Value = serde_json::from_slice(&run(&format!("{check} --json signed.eml")).stdout).unwrap();
    assert_eq!(json["report"]["domain"]["dkim"][0]["selector"], "s");
    assert_eq!(json["report"]["domain"]["source"]["kind"], "checked");
    assert_eq!(json["verdict"]["outcome"], "none", "a domain is nobody");

    // What the DNS said is kept, and said again without it.
    let printed = run(&format!("{check} --json --at @1800000000 --evidence x.tar signed.eml"));
    let again = run("evidence check --json x.tar");
    let [then, now] = [printed, again].map(|output| serde_json::from_slice::<Value>(&output.stdout).unwrap());
    assert_eq!((&now["same"], &now["report"]), (&true.into(), &then["report"]));
    assert_eq!(now["report"]["domain"]["dkim"][0]["result"], "pass");
    assert!(now["then"]["asked"].is_string(), "{now}");
    assert!(text(&run("evidence check x.tar")).contains("by its word"));
    let stamped =
        format!("Authentication-Results: mx.box.test; dmarc=pass header.from=example.com\r\n{letter}");
    fs::write(folder.path().join("stamped.eml"), stamped).unwrap();
    let page = text(&run("verify --trust-results mx.box.test --evidence y.tar stamped.eml"));
    assert!(page.contains("example.com stands behind it"), "{page}");
    assert!(text(&run("evidence check y.tar")).contains("example.com stands behind it"));

    let examine = format!("doctor --domain example.com --selector s --dns {}", knot.address);
    let examined = run(&examine);
    assert_eq!(examined.status.code(), Some(1));
    for word in ["spf_neutral_all", "set  -all", "dmarc_no_reports", "mta_sts_missing"] {
        assert!(text(&examined).contains(word), "{word}: {}", text(&examined));
    }
    assert!(!text(&examined).contains("dkim_"), "{}", text(&examined));
    let json: Value = serde_json::from_slice(&run(&format!("{examine} --json")).stdout).unwrap();
    assert_eq!(json["findings"][0]["advice"], "spf_neutral_all");
}

/// Who is believed is not asked, and who is asked is the one that was named.
#[test]
fn nobody_else_is_asked() {
    let Some(strace) = tool("strace") else { return };
    let folder = tempfile::tempdir().unwrap();
    let letter =
        format!("Authentication-Results: mx.example.net; dmarc=pass header.from=example.com\r\n{LETTER}");
    fs::write(folder.path().join("in.eml"), letter).unwrap();
    let Some(knot) = Knot::start("example.com. TXT \"v=spf1 -all\"\n") else { return };
    let calls = |words: &str| {
        let path = folder.path().join("calls");
        let ran = Command::new(&strace)
            .current_dir(folder.path())
            .args(["-f", "-qq", "-e", "trace=%network,openat", "-o"])
            .arg(&path)
            .arg(env!("CARGO_BIN_EXE_mailseal"))
            .args(words.split_ascii_whitespace())
            .output()
            .unwrap();
        (text(&ran), fs::read_to_string(path).unwrap())
    };
    let (page, seen) =
        calls("verify --no-trust-folder --trust-results mx.example.net --trusted-hops 1 in.eml");
    assert!(page.contains("DMARC pass") && seen.contains("openat("), "{page}");
    assert!(!seen.contains("socket(") && !seen.contains("resolv.conf"), "{seen}");

    let check = "verify --no-trust-folder --check-domain --client-address 192.0.2.1 --envelope-from a@example.com in.eml";
    let (page, seen) = calls(&format!("{check} --dns {}", knot.address));
    assert!(page.contains("SPF fail"), "{page}");
    assert!(!seen.contains("resolv.conf") && !seen.contains("/etc/hosts"), "{seen}");
    let port = format!("sin_port=htons({}), sin_addr=inet_addr(\"127.0.0.1\")", knot.address.port());
    let named: Vec<&str> =
        seen.lines().filter(|call| call.contains("sin_addr") || call.contains("AF_UNIX")).collect();
    // What a socket is bound to, or came from, is an address too.
    let others = named
        .iter()
        .filter(|call| call.contains("connect(") || call.contains("sendto(") || call.contains("AF_UNIX"));
    let others: Vec<_> = others.filter(|call| !call.contains(&port)).collect();
    assert!(named.iter().any(|call| call.contains(&port)) && others.is_empty(), "{others:?}: {seen}");
}
