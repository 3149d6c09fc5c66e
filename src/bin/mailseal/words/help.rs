//! The command line with its help in a language.

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use mailseal::policy::wrap;

use super::help_ja;
use super::{Language, language, say};
use crate::args::Args;

/// All that can be typed.
pub(crate) fn command(language: Language) -> Command {
    match language {
        Language::En => built(),
        Language::Ja => japanese(built(), &|text, columns| wrap(text, columns).join("\n")),
    }
}

/// The same for what breaks lines itself, and says what the values are.
pub(crate) fn unbroken(language: Language) -> Command {
    match language {
        Language::En => with_values(built()),
        Language::Ja => japanese(built(), &|text, _| text.to_owned()),
    }
}

fn with_values(command: Command) -> Command {
    let argument = |arg: Arg| match arg.get_help().map(|help| format!("{help}{}", values(&arg))) {
        Some(help) => arg.help(help),
        None => arg,
    };
    command.mut_args(argument).mut_subcommands(with_values)
}

fn built() -> Command {
    let mut command = Args::command();
    // What clap adds is there only then.
    command.build();
    command
}

const TEMPLATE: &str = "{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}";

/// Columns of a terminal that most have, and of what stands in it beside a name. Clap breaks at spaces alone.
const WHOLE: usize = 78;
const BESIDE: usize = 62;
const BELOW: usize = 68;

fn japanese(mut command: Command, wrapped: &dyn Fn(&str, usize) -> String) -> Command {
    let said = |english: Option<&StyledStr>, columns| Some(wrapped(&translated(english?), columns));
    let (about, long) = (said(command.get_about(), BESIDE), said(command.get_long_about(), WHOLE));
    let after = said(command.get_after_help(), WHOLE);
    command = command.help_template(TEMPLATE).subcommand_help_heading("コマンド");
    // Of a verb alone there is room for all of it.
    command = match long.or_else(|| said(command.get_about(), WHOLE)) {
        Some(text) => command.long_about(text),
        None => command,
    };
    command = match about {
        Some(text) => command.about(text),
        None => command,
    };
    command = match after {
        Some(text) => command.after_help(text),
        None => command,
    };
    command.mut_args(|arg| argument(arg, wrapped)).mut_subcommands(|one| japanese(one, wrapped))
}

fn argument(arg: Arg, wrapped: &dyn Fn(&str, usize) -> String) -> Arg {
    let heading = if arg.is_positional() { "引数" } else { "オプション" };
    let more = values(&arg);
    let said = |english: Option<&StyledStr>| Some(wrapped(&(translated(english?) + &more), BELOW));
    let (help, long) = (said(arg.get_help()), said(arg.get_long_help()));
    let mut arg = arg.help_heading(heading).hide_default_value(true).hide_possible_values(true);
    arg = match help {
        Some(text) => arg.help(text),
        None => arg,
    };
    match long {
        Some(text) => arg.long_help(text),
        None => arg,
    }
}

/// What can be given, and what is taken without.
fn values(arg: &Arg) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    let mut said = String::new();
    let known: Vec<_> = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    if !known.is_empty() {
        let names = known.iter().map(|value| match value.get_help() {
            Some(help) => format!("{} ({})", value.get_name(), in_language(help)),
            None => value.get_name().to_owned(),
        });
        let names = names.collect::<Vec<_>>().join(", ");
        said += &format!(" [{}: {names}]", say("values", "値"));
    }
    let defaults = arg.get_default_values().iter().map(|value| value.to_string_lossy());
    let defaults = defaults.collect::<Vec<_>>().join(",");
    if !defaults.is_empty() {
        said += &format!(" [{}: {defaults}]", say("default", "既定値"));
    }
    said
}

fn in_language(english: &StyledStr) -> String {
    if language() == "ja" { translated(english) } else { english.to_string() }
}

/// English where there is no other: a test holds that there is.
fn translated(english: &StyledStr) -> String {
    let english = english.to_string();
    help_ja::texts()
        .find(|(text, _)| *text == english)
        .map_or(english, |(_, japanese)| (*japanese).to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;

    /// Each text once, with where it is.
    fn texts(command: &Command, place: &str, all: &mut Vec<(String, String)>) {
        let place = format!("{place} {}", command.get_name());
        let own = [command.get_about(), command.get_long_about(), command.get_after_help()];
        let args = command.get_arguments().flat_map(|arg| {
            let values = arg.get_possible_values();
            let values = values.iter().filter_map(|value| value.get_help().cloned()).collect::<Vec<_>>();
            [arg.get_help().cloned(), arg.get_long_help().cloned()].into_iter().flatten().chain(values)
        });
        let texts = own.into_iter().flatten().cloned().chain(args);
        all.extend(texts.map(|text| (place.clone(), text.to_string())));
        command.get_subcommands().for_each(|one| self::texts(one, &place, all));
    }

    #[test]
    fn every_text_is_there_in_japanese_and_none_is_left_over() {
        let mut all = Vec::new();
        texts(&super::command(Language::En), "", &mut all);
        assert!(all.len() > 100);
        let known: BTreeSet<&str> = help_ja::texts().map(|(english, _)| *english).collect();
        let wanted: BTreeSet<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
        let missing: BTreeSet<_> =
            all.iter().filter(|(_, text)| !known.contains(text.as_str())).map(|(_, text)| text).collect();
        assert!(missing.is_empty(), "not in help_ja:\n{missing:#?}");
        let stale: Vec<_> = known.difference(&wanted).collect();
        // Without all features there are fewer verbs.
        assert!(
            stale.is_empty() || cfg!(not(feature = "openpgp")),
            "in help_ja, and nowhere else:\n{stale:#?}"
        );
        assert_eq!(known.len(), help_ja::texts().count(), "a text stands there twice");
    }
}
