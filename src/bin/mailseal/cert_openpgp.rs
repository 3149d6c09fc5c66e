//! What an OpenPGP certificate says of itself (RFC 9580).

use mailseal::UnixTime;
use mailseal::openpgp::{Certificate, Description, KeyDescription, UserId};
use serde_json::json;

use crate::cert::{Shown, span, validity};
use crate::terminal;

pub(crate) fn shown(certificate: &Certificate, at: UnixTime) -> Shown {
    let said = certificate.describe(at);
    let first = said.user_ids.first().map(|id| id.text.clone()).unwrap_or_default();
    let name = certificate.name(at).unwrap_or(first);
    let mut shown = Shown::new("openpgp", format!("OpenPGP · {name}"));
    shown.json("name", name);
    shown.json("addresses", certificate.mailboxes(at));
    shown.json("key_version", said.version);
    shown.row("User IDs", "ユーザー ID", said.user_ids.iter().map(user_id).collect());
    match certificate.validity(at) {
        None => {
            let why = terminal::say("nothing binds it at this time", "この時点で有効な署名がありません");
            shown.row("Valid", "有効期間", vec![why.to_owned()]);
        }
        Some(dates) => {
            let mut lines = validity(dates.created, dates.expires, at);
            lines.extend(dates.revoked.map(|_| terminal::say("revoked", "失効").to_owned()));
            shown.row("Valid", "有効期間", lines);
            shown.json("not_before", json!(dates.created));
            shown.json("not_after", json!(dates.expires));
            shown.json("revoked", dates.revoked.is_some());
        }
    }
    shown.row("Keys", "鍵", keys(&said, at));
    shown.row("Reads (features)", "読める形式 (features)", vec![said.features.join(", ")]);
    shown.json("user_ids", json!(said.user_ids));
    shown.json("keys", json!(said.keys));
    shown.json("features", json!(said.features));
    let fingerprint = certificate.fingerprint();
    shown.row("Fingerprint", "指紋", terminal::groups(&fingerprint));
    shown.json("fingerprint", fingerprint);
    shown
}

fn user_id(id: &UserId) -> String {
    let state = match (id.revoked, id.bound) {
        (true, _) => terminal::say(", revoked", "、失効"),
        (_, false) => terminal::say(", not valid", "、無効"),
        _ => "",
    };
    match terminal::language() {
        "ja" => format!("{}{state}、他者の認証 {} 件（未確認）", id.text, id.certifications),
        _ => format!("{}{state}; certifications by others: {} (not checked)", id.text, id.certifications),
    }
}

fn keys(said: &Description, at: UnixTime) -> Vec<String> {
    said.keys.iter().flat_map(|key| key_lines(key, at)).collect()
}

fn key_lines(key: &KeyDescription, at: UnixTime) -> [String; 2] {
    let bits = key.bits.map(|bits| format!(" ({bits})")).unwrap_or_default();
    let state = match key.expires {
        _ if key.revoked => terminal::say(" · revoked", " · 失効"),
        Some(until) if at > until => terminal::say(" · expired", " · 期限切れ"),
        _ if !key.bound => terminal::say(" · not valid", " · 無効"),
        _ => "",
    };
    let usages: Vec<&str> = key.usages.iter().map(|usage| word(usage)).collect();
    let span = span(Some(key.created), key.expires);
    let about = format!("{}{bits} · {} · {span}{state}", key.algorithm, usages.join(", "));
    [about, terminal::groups(&key.fingerprint).join(" ")]
}

fn word(usage: &'static str) -> &'static str {
    match usage {
        "certify" => terminal::say("certify", "認証"),
        "sign" => terminal::say("sign", "署名"),
        "encrypt" => terminal::say("encrypt", "暗号化"),
        "authenticate" => terminal::say("authenticate", "ログイン"),
        other => other,
    }
}
