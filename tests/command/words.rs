//! What the command says, in which language and colour; what packages install of it.

use std::process::Command;

use crate::people::{Shell, error, expect};
use crate::support::{Program, tool};

const VERIFY: &str = "verify --at @1800000000 --anchor openssl-ca.pem openssl.eml";

fn has_japanese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{3041}'..='\u{9fff}').contains(&letter))
}

/// Every verb, by all of its names.
fn verbs(shell: &Shell, above: &str) -> Vec<String> {
    let help = expect(0, &shell.run(&format!("{above} --lang en --help")));
    let Some(list) = help.split("\nCommands:\n").nth(1) else { return vec![above.to_owned()] };
    let names = list.lines().take_while(|line| !line.is_empty()).filter_map(|line| {
        let name = line.strip_prefix("  ").filter(|name| !name.starts_with(' '))?.split(' ').next()?;
        (name != "help").then(|| format!("{above} {name}").trim().to_owned())
    });
    names.flat_map(|name| verbs(shell, &name)).collect()
}

#[test]
fn help_is_there_in_both_languages() {
    let shell = Shell::with_letters();
    let verbs = verbs(&shell, "");
    assert!(verbs.len() > 10, "{verbs:?}");
    for verb in verbs {
        for help in ["-h", "--help"] {
            let english = expect(0, &shell.run(&format!("{verb} {help}")));
            assert!(!has_japanese(&english) && english.contains("Usage: "), "{english}");
            let japanese = expect(0, &shell.in_japanese(&format!("{verb} {help}")));
            assert!(japanese.contains("使い方: "), "{verb}: {japanese}");
            for english in ["Usage", "Options:", "Arguments:", "Print", "default:", "possible values"] {
                assert!(!japanese.contains(english), "{verb}: {english}: {japanese}");
            }
            let exits =
                |text: &str| text.matches("Exit status:").count() + text.matches("終了ステータス:").count();
            assert_eq!(exits(&english), exits(&japanese), "{verb}");
        }
    }
}

#[test]
fn the_language_is_the_one_that_is_asked_for() {
    let shell = Shell::with_letters();
    let set = |name: &str, value: &str| {
        shell.command(VERIFY).env_remove("LC_ALL").env(name, value).output().unwrap()
    };
    for (name, value, word) in [
        ("LC_ALL", "ja_JP.UTF-8", "正常"),
        ("LC_MESSAGES", "ja", "正常"),
        ("LANG", "ja_JP.eucJP", "正常"),
        ("LANG", "de_DE.UTF-8", "GOOD"),
    ] {
        let mut command = shell.command(VERIFY);
        for other in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(other);
        }
        assert!(expect(0, &command.env(name, value).output().unwrap()).contains(word), "{name}={value}");
    }
    // Before and after the verb, and before the locale.
    for words in [format!("--lang ja {VERIFY}"), format!("{VERIFY} --lang=ja")] {
        assert!(expect(0, &shell.run(&words)).contains("正常"), "{words}");
    }
    let output = set("LC_ALL", "ja_JP.UTF-8");
    assert!(expect(0, &output).contains("正常"));
    assert!(expect(0, &shell.in_japanese(&format!("--lang en {VERIFY}"))).contains("GOOD"));
    // What stands after -- is no option.
    expect(2, &shell.run("--lang ja verify -- --lang"));
}

#[test]
fn what_was_typed_wrongly_is_told_in_both_languages() {
    let shell = Shell::with_letters();
    for (words, said) in [
        ("verfy", "'verfy' というコマンドはありません（近いもの: verify）"),
        ("verify --form x", "'--form' という引数はありません（近いもの: --from）"),
        (
            "verify --policy lax",
            "--policy lax: standard でも strict でもなく、そのようなファイルもありません",
        ),
        ("verify --at soon", "時刻は 2026-11-22T10:02:00Z または @1795341720 のように書きます"),
        ("verify --from", "'--from <ADDRESS>' には値が必要です"),
        ("serve", "次の引数が必要です: --stdio"),
        ("encrypt --plan --out x", "'--plan' は --out <FILE> と同時に指定できません"),
        ("trust", "コマンド"),
        ("sign --key absent openssl.eml", "absent"),
        ("verify --out x openssl.eml gpg.eml", "--out は 1 通にだけ使えます"),
    ] {
        let japanese = error(&shell.in_japanese(words));
        assert!(japanese.contains(said) || words == "trust", "{words}: {japanese}");
        let output = shell.run(words);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(!has_japanese(&error(&output)) && !error(&output).is_empty(), "{words}: {}", error(&output));
    }
    // What is in the command line does not move the terminal.
    let evil = shell.command("--lang ja verify").arg("--fr\u{1b}[2Jom").output().unwrap();
    assert!(!error(&evil).contains('\u{1b}'), "{}", error(&evil));
}

#[test]
fn errors_and_details_are_in_japanese_too() {
    let shell = Shell::with_letters();
    shell.file("draft", b"From: alice@example.org\r\nSubject: x\r\n\r\nHello\r\n");
    shell.file("nobody.p12", b"no key");
    for (words, said) in [
        ("encrypt --plan draft", "mailseal: 拒否しました: 下書きに宛先がありません"),
        ("sign --key nobody.p12 draft", "nobody.p12: "),
        ("trust add openssl-ca.pem --scope bob", "範囲"),
        ("decrypt draft", "復号するものがありません"),
    ] {
        let output = shell.in_japanese(words);
        assert!(error(&output).contains(said), "{words}: {}", error(&output));
        assert!(has_japanese(&error(&output)), "{words}: {}", error(&output));
    }
    // A CRL that is out of date is the doubt; the page and the list of those whom one trusts say so.
    let late = "--at 2041-01-01T00:00:00Z --crl strict-ca.crl --anchor strict-ca.pem --no-trust-folder";
    let page = shell.in_japanese(&format!("verify --explain {late} eve-revoked.eml"));
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(has_japanese(&page) && !page.contains("out of date ("), "{page}");
}

#[test]
fn colour_only_repeats_what_words_say() {
    let shell = Shell::with_letters();
    let run = |words: &str, set: &[(&str, &str)]| {
        let mut command = shell.command(words);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        String::from_utf8(command.envs(set.iter().copied()).output().unwrap().stdout).unwrap()
    };
    let plain = run(VERIFY, &[]);
    let always = format!("--color always {VERIFY}");
    assert!(!plain.contains('\u{1b}'), "no terminal, no colour");
    let coloured = run(&always, &[]);
    assert!(coloured.contains('\u{1b}'));
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(stripped + rest, plain);
    for (words, set, is) in [
        (VERIFY, &[("CLICOLOR_FORCE", "1")][..], true),
        (VERIFY, &[("CLICOLOR_FORCE", "0")], false),
        (VERIFY, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (VERIFY, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], true),
        (always.as_str(), &[("NO_COLOR", "1")], true),
        (&format!("--color never {VERIFY}"), &[("CLICOLOR_FORCE", "1")], false),
    ] {
        assert_eq!(run(words, set).contains('\u{1b}'), is, "{words} {set:?}");
    }
    // On a terminal.
    let Some(script) = tool("script") else { return };
    let line = format!("{} {VERIFY}", env!("CARGO_BIN_EXE_mailseal"));
    let terminal = |set: &[(&str, &str)]| {
        let mut command = Command::new(&script);
        command.args(["-qec", &line, "/dev/null"]).current_dir(shell.path("")).env("TERM", "xterm");
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LC_ALL"] {
            command.env_remove(name);
        }
        let output = command
            .env("LC_ALL", "C.UTF-8")
            .env("MAILSEAL_TRUST", shell.path("trust"))
            .envs(set.iter().copied())
            .output();
        let page = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(page.contains("GOOD"), "{page}");
        page.contains('\u{1b}')
    };
    assert_eq!(
        [&[][..], &[("NO_COLOR", "1")], &[("CLICOLOR", "0")], &[("TERM", "dumb")]].map(terminal),
        [true, false, false, false]
    );
}

#[test]
fn the_manual_page_is_without_warnings() {
    let shell = Shell::with_letters();
    for language in ["en", "ja"] {
        let page = expect(0, &shell.run(&format!("man --lang {language}")));
        let path = shell.file("mailseal.1", page.as_bytes());
        for verb in verbs(&shell, "") {
            assert!(page.contains(&format!("mailseal {}", verb.replace('-', "\\-"))), "{language}: {verb}");
        }
        assert_eq!(has_japanese(&page), language == "ja");
        if let Some(man) = tool("man") {
            let ran = Program::new(man)
                .arg("--warnings=w")
                .arg("-l")
                .arg(&path)
                .env("MANWIDTH", "80")
                .env("PAGER", "cat")
                .run();
            assert!(ran.succeeded && ran.stderr.is_empty(), "{language}: {}", ran.stderr);
            let text = ran.text();
            let word =
                if language == "ja" { "共通のオプション" } else { "OPTIONS OF SEVERAL COMMANDS" };
            assert!(text.contains(word), "{text}");
        }
    }
}

#[test]
fn bash_completes_verbs_options_and_values() {
    let shell = Shell::with_letters();
    let script = expect(0, &shell.run("completions bash"));
    let path = shell.file("completion.bash", script.as_bytes());
    let Some(bash) = tool("bash") else { return };
    Program::new(&bash).arg("-n").arg(&path).ok();
    for (words, wanted) in [
        ("mailseal ver", "verify"),
        ("mailseal verify --anc", "--anchor"),
        ("mailseal verify --color al", "always"),
        ("mailseal trust exp", "explain"),
        ("mailseal serve --allow se", "seal"),
    ] {
        let ask = format!(
            "source completion.bash\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}}-1))\n\
             COMP_LINE='{words}'\nCOMP_POINT=${{#COMP_LINE}}\n_mailseal mailseal \"${{COMP_WORDS[$COMP_CWORD]}}\" \
             \"${{COMP_WORDS[$((COMP_CWORD-1))]}}\"\necho ${{COMPREPLY[@]}}\n"
        );
        let said = Program::new(&bash).arg("-c").arg(ask).folder(&shell.path("")).ok();
        assert_eq!(String::from_utf8(said).unwrap().trim(), wanted, "{words}");
    }
    for (other, check) in [("zsh", "-n"), ("fish", "--no-execute")] {
        let script = expect(0, &shell.run(&format!("completions {other}")));
        assert!(script.contains("verify"), "{other}");
        let path = shell.file(other, script.as_bytes());
        let folders = std::env::var_os("PATH").unwrap_or_default();
        match std::env::split_paths(&folders).map(|folder| folder.join(other)).find(|path| path.is_file()) {
            Some(program) => drop(Program::new(program).arg(check).arg(path).ok()),
            None => println!("not asked: {other} is not installed"),
        }
    }
}
