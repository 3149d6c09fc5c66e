//! `mailseal completions` and `mailseal man`: what packages install, made from the command line itself.

use std::error::Error;
use std::io::{self, Write};

use clap::builder::StyledStr;
use clap::{Arg, Args as ClapArgs, Command, ValueEnum};
use clap_complete::{Shell, generate};
use roff::{Roff, bold, italic, roman};

use crate::GOOD;
use crate::words::{self, Language, say};

#[derive(ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    shell: For,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    Bash,
    Zsh,
    Fish,
}

pub(crate) fn completions(args: &CompletionsArgs) -> Result<u8, Box<dyn Error>> {
    let shell = match args.shell {
        For::Bash => Shell::Bash,
        For::Zsh => Shell::Zsh,
        For::Fish => Shell::Fish,
    };
    // What it completes is the same in every language; the descriptions are installed for all users.
    let mut command = words::command(Language::En);
    let mut script = Vec::new();
    generate(shell, &mut command, "mailseal", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(GOOD)
}

/// One page for all verbs. What several of them take is said once.
pub(crate) fn page(language: Language) -> Result<u8, Box<dyn Error>> {
    let command = words::unbroken(language);
    let verbs = verbs(&command, "");
    let shared = shared(&verbs);
    let mut page = Roff::new();
    let version = format!("mailseal {}", env!("CARGO_PKG_VERSION"));
    page.control("TH", ["MAILSEAL", "1", " ", version.as_str()]);
    if language == Language::Ja {
        // Where lines may break; and none is stretched.
        page.control("do", ["mso", "ja.tmac"]);
        page.control("ad", ["l"]);
    }
    page.control("SH", [say("NAME", "名前")]);
    page.text([roman(format!("mailseal - {}", text(command.get_about())))]);
    page.control("SH", [say("SYNOPSIS", "書式")]);
    for (number, (name, _)) in verbs.iter().enumerate() {
        if number > 0 {
            page.control("br", []);
        }
        page.text([bold(name.as_str()), roman(" ...")]);
    }
    for (name, verb) in &verbs {
        self::verb(&mut page, name, verb, &shared);
    }
    page.control("SH", [say("OPTIONS OF SEVERAL COMMANDS", "共通のオプション")]);
    shared.iter().for_each(|arg| option(&mut page, arg));
    surroundings(&mut page);
    io::stdout().lock().write_all(page.to_roff().as_bytes())?;
    Ok(GOOD)
}

/// Those that do something, by all of their names.
fn verbs<'a>(command: &'a Command, before: &str) -> Vec<(String, &'a Command)> {
    let name = format!("{before}{}", command.get_name());
    if !command.has_subcommands() {
        return vec![(name, command)];
    }
    let below = command.get_subcommands().filter(|one| one.get_name() != "help");
    below.flat_map(|one| verbs(one, &format!("{name} "))).collect()
}

fn same(one: &Arg, other: &Arg) -> bool {
    one.get_id() == other.get_id() && text(one.get_help()) == text(other.get_help())
}

fn shared<'a>(verbs: &[(String, &'a Command)]) -> Vec<&'a Arg> {
    let mut shared: Vec<&Arg> = Vec::new();
    for arg in verbs.iter().flat_map(|(_, verb)| verb.get_opts()) {
        let count = verbs.iter().filter(|(_, verb)| verb.get_opts().any(|other| same(arg, other))).count();
        if count > 2 && !shared.iter().any(|known| same(known, arg)) {
            shared.push(arg);
        }
    }
    shared
}

fn verb(page: &mut Roff, name: &str, verb: &Command, shared: &[&Arg]) {
    page.control("SH", [name]);
    page.text([roman(text(verb.get_long_about().or_else(|| verb.get_about())))]);
    let (below, own): (Vec<&Arg>, Vec<&Arg>) = verb
        .get_arguments()
        .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        .partition(|arg| shared.iter().any(|known| same(known, arg)));
    own.iter().for_each(|arg| option(page, arg));
    if !below.is_empty() {
        page.control("TP", []);
        page.text([roman(say("and, as below", "後述"))]);
        let names: Vec<_> = below.iter().filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect();
        page.text([roman(names.join(", "))]);
    }
    let after = text(verb.get_after_help());
    for paragraph in after.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        page.control("PP", []);
        page.text([roman(paragraph)]);
    }
}

fn option(page: &mut Roff, arg: &Arg) {
    page.control("TP", []);
    let values: Vec<_> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let values = if arg.get_action().takes_values() { values.join(" ") } else { String::new() };
    let mut head = Vec::new();
    if let Some(long) = arg.get_long() {
        head.push(bold(format!("--{long}")));
        let open = if arg.is_require_equals_set() { "=" } else { " " };
        head.push(roman(if values.is_empty() { "" } else { open }));
    }
    head.push(italic(values));
    page.text(head);
    page.text([roman(text(arg.get_long_help().or_else(|| arg.get_help())))]);
}

fn surroundings(page: &mut Roff) {
    page.control("SH", [say("ENVIRONMENT", "環境変数")]);
    for (name, about) in [
        ("MAILSEAL_TRUST", say("the folder of those you trust", "信頼のフォルダー")),
        ("LC_ALL, LC_MESSAGES, LANG", say("the language", "表示する言語")),
        ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE", say("whether there are colours", "色を付けるかどうか")),
    ] {
        page.control("TP", []);
        page.text([bold(name)]);
        page.text([roman(about)]);
    }
    page.control("SH", [say("FILES", "ファイル")]);
    page.control("TP", []);
    page.text([bold("~/.config/mailseal/trust")]);
    page.text([roman(say("whom you trust", "信頼している相手"))]);
    page.control("SH", [say("SEE ALSO", "関連項目")]);
    page.text([bold("gpg"), roman("(1), "), bold("openssl-cms"), roman("(1)")]);
}

fn text(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}
