//! What is wrong with a command line, in Japanese. In English clap says it.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Language;

/// Nothing where clap says it, or it is no error.
pub(crate) fn wrong(error: &Error, language: Language) -> Option<String> {
    if language == Language::En {
        return None;
    }
    let what = what(error)?.lines().map(crate::terminal::line).collect::<Vec<_>>().join("\n");
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => {
            format!("{}\n\n", usage.to_string().replacen("Usage:", "使い方:", 1))
        }
        _ => String::new(),
    };
    Some(format!("mailseal: {what}\n\n{usage}詳しくは '--help' を指定してください。"))
}

fn what(error: &Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.join("、"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(all)) => {
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
        }
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (arg, value, prior) =
        (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue), text(ContextKind::PriorArg));
    Some(match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("'{arg}' には値が必要です{}", values(&text(ContextKind::ValidValue)))
        }
        ErrorKind::InvalidValue => {
            format!("'{arg}' の値 '{value}' は使えません{}", values(&text(ContextKind::ValidValue)))
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error)
                .map(|why| format!(": {}", super::of(why)))
                .unwrap_or_default();
            format!("'{arg}' の値 '{value}' は使えません{why}")
        }
        ErrorKind::UnknownArgument => {
            format!("'{arg}' という引数はありません{}", similar(&text(ContextKind::SuggestedArg)))
        }
        ErrorKind::InvalidSubcommand => {
            let (command, near) =
                (text(ContextKind::InvalidSubcommand), text(ContextKind::SuggestedSubcommand));
            format!("'{command}' というコマンドはありません{}", similar(&near))
        }
        ErrorKind::MissingSubcommand => "コマンドを指定してください".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("次の引数が必要です: {arg}"),
        ErrorKind::ArgumentConflict if prior.is_empty() || prior == arg => {
            format!("'{arg}' は 1 回だけ指定できます")
        }
        ErrorKind::ArgumentConflict => format!("'{arg}' は {prior} と同時に指定できません"),
        ErrorKind::NoEquals => format!("'{arg}' の値は '=' でつなげてください"),
        ErrorKind::TooManyValues => format!("'{arg}' に余分な値 '{value}' があります"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("'{arg}' の値の数が違います"),
        ErrorKind::InvalidUtf8 => "引数に UTF-8 でない文字があります".to_owned(),
        _ => return None,
    })
}

fn values(valid: &str) -> String {
    if valid.is_empty() { String::new() } else { format!("（使える値: {valid}）") }
}

fn similar(near: &str) -> String {
    if near.is_empty() { String::new() } else { format!("（近いもの: {near}）") }
}
