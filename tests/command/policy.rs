//! `mailseal policy`, and what `--policy FILE` does to the other verbs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const POLICY: &str = "own = \"*@example.org\"

[[sending]]
to = \"bob@partner.example\"
encrypt = true
reason = \"agreed\"

[[sending]]
to = \"outside\"
except = \"bob@partner.example\"
ask_new_domain = true

[[sending]]
to = \"press@example.org\"
hold = true
";

fn run(folder: &Path, words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    command
        .args(words.split_ascii_whitespace())
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.toml"), POLICY).unwrap();
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/letters/bob.pem");
    fs::copy(key, folder.path().join("key.pem")).unwrap();
    for (name, to) in [
        ("partner", "bob@partner.example"),
        ("stranger", "dave@example.net"),
        ("press", "press@example.org"),
        ("own", "carol@example.org"),
    ] {
        let draft = format!("From: bob@example.org\r\nTo: {to}\r\nSubject: a\r\n\r\nHello\r\n");
        fs::write(folder.path().join(format!("{name}.eml")), draft).unwrap();
    }
    folder
}

#[test]
fn explains_by_which_line() {
    let folder = folder();
    let explain = "policy explain --policy policy.toml --from alice@example.org --to";
    let shown =
        run(folder.path(), &format!("{explain} bob@partner.example press@example.org carol@example.org"));
    assert_eq!(shown.status.code(), Some(1));
    assert_eq!(
        out(&shown),
        "sent        bob@partner.example\n            encrypted (policy.toml:5: agreed)\n\
         held        press@example.org\n            held (policy.toml:15)\n\
         sent        carol@example.org\n"
    );
    let mut japanese = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    japanese.args(explain.split_ascii_whitespace()).arg("bob@partner.example").args(["--lang", "ja"]);
    let japanese = out(&japanese.current_dir(folder.path()).output().unwrap());
    assert!(japanese.contains("暗号化する（policy.toml:5: agreed）"), "{japanese}");
    let json = run(folder.path(), &format!("{explain} bob@partner.example --json"));
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["policy"], "standard-2026-11+policy.toml");
    assert_eq!(json["recipients"][0]["demands"][0]["rule"], "policy.toml:5");
    // A letter as it is.
    let letter = run(folder.path(), "policy explain --policy policy.toml --message partner.eml");
    assert_eq!(letter.status.code(), Some(1));
    assert!(
        out(&letter).contains("not sent    bob@partner.example\n          ✗ encrypted"),
        "{}",
        out(&letter)
    );
    let nothing = run(folder.path(), "policy explain --from a@example.org --to b@example.org");
    assert_eq!((nothing.status.code(), out(&nothing).lines().count()), (Some(0), 2));
}

#[test]
fn a_file_that_is_not_understood_stops_every_verb() {
    let folder = folder();
    let misspelt = POLICY.replace("encrypt =", "encrpyt =");
    fs::write(folder.path().join("wrong.toml"), misspelt).unwrap();
    assert_eq!(run(folder.path(), "policy check policy.toml").status.code(), Some(0));
    for words in [
        "policy check wrong.toml",
        "policy explain --policy wrong.toml --from a@example.org --to b@example.org",
        "sign --policy wrong.toml --key key.pem --out letter.eml own.eml",
        "encrypt --no-trust-folder --policy wrong.toml --to key.pem --out letter.eml own.eml",
        "verify --no-trust-folder --policy wrong.toml own.eml",
        "decrypt --no-trust-folder --policy wrong.toml own.eml",
        "inspect --verify --no-trust-folder --policy wrong.toml own.eml",
        "trust explain --no-trust-folder --policy wrong.toml a@example.org",
        "serve --stdio --no-trust-folder --policy wrong.toml",
        "verify --no-trust-folder --policy none.toml own.eml",
    ] {
        let output = run(folder.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words}");
        let said = out(&output) + &String::from_utf8_lossy(&output.stderr);
        let why = if words.contains("none") { "none.toml" } else { "wrong.toml:5: unknown key" };
        assert!(said.contains(why), "{words}: {said}");
        assert!(!folder.path().join("letter.eml").exists(), "{words}");
    }
}

#[test]
fn asks_holds_and_remembers() {
    let folder = folder();
    let sign = |words: &str| {
        let _ = fs::remove_file(folder.path().join("letter.eml"));
        let common = "sign --policy policy.toml --memory memory.db --key key.pem --out letter.eml";
        let output = run(folder.path(), &format!("{common} {words}"));
        assert_eq!(folder.path().join("letter.eml").exists(), output.status.success(), "{words}");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = sign("partner.eml");
    assert!(code == Some(1) && said.contains("encrypted (policy.toml:5: agreed)"), "{said}");
    assert_eq!(sign("own.eml").0, Some(0));
    assert_eq!(sign("--recipient bob@partner.example own.eml").0, Some(1), "of the envelope");
    let (code, said) = sign("stranger.eml");
    assert!(code == Some(1) && said.contains("ask before the first mail"), "{said}");
    assert_eq!(sign("--confirm example.com stranger.eml").0, Some(1), "another domain");
    assert_eq!(sign("--confirm example.net stranger.eml").0, Some(0));
    assert_eq!(sign("stranger.eml").0, Some(0), "once");
    assert_eq!(sign("press.eml").0, Some(1));
    assert_eq!(sign("--hold press.eml").0, Some(0));
}

#[test]
fn plans_by_it() {
    let folder = folder();
    let plan = |words: &str| {
        let common =
            "encrypt --plan --json --no-trust-folder --policy policy.toml --cert key.pem --anchor key.pem";
        let output = run(folder.path(), &format!("{common} {words}"));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let held = plan("press.eml");
    assert_eq!(held["unreachable"][0]["reason"]["kind"], "policy");
    assert!(held["unreachable"][0]["text"].as_str().unwrap().contains("policy.toml:15"), "{held}");
    let held = plan("--hold press.eml");
    assert_eq!(held["unreachable"][0]["reason"]["kind"], "no_certificate");
}
