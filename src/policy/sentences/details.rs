//! What the library says outside of the catalogue, in Japanese: details of findings, errors, differences. They are data
//! in one language, English; who shows them to people in another takes [`in_language`].

/// A detail of a finding, an error or another sentence of the library in the language of a tag: `ja`; as it is for all
/// other languages, and where it is no sentence of the library. Not escaped.
///
/// ```
/// use mailseal::policy::in_language;
/// let error = mailseal::Error::Refused("the draft has no recipients".into());
/// assert_eq!(in_language(&error.to_string(), "ja"), "拒否しました: 下書きに宛先がありません");
/// assert_eq!(in_language("alice@example.org", "ja"), "alice@example.org");
/// ```
pub fn in_language(text: &str, tag: &str) -> String {
    if tag.starts_with("ja") { translated(text, NESTED) } else { text.to_owned() }
}

/// Sentences within sentences.
const NESTED: usize = 3;

fn translated(text: &str, nested: usize) -> String {
    let found = JAPANESE.iter().find_map(|(english, japanese)| Some((holes(text, english)?, japanese)));
    let Some((holes, japanese)) = found.filter(|_| nested > 0) else { return text.to_owned() };
    let mut pieces = japanese.split("{}");
    let mut said = pieces.next().unwrap_or_default().to_owned();
    for (piece, hole) in pieces.zip(holes) {
        said.push_str(&translated(hole, nested.saturating_sub(1)));
        said.push_str(piece);
    }
    said
}

/// What stands in the holes of a sentence, if the text is one.
fn holes<'t>(text: &'t str, sentence: &str) -> Option<Vec<&'t str>> {
    let (rest, last) = match sentence.rsplit_once("{}") {
        None => return (text == sentence).then(Vec::new),
        Some((before, last)) => (before, last),
    };
    let mut pieces = rest.split("{}");
    let mut text = text.strip_prefix(pieces.next()?)?.strip_suffix(last)?;
    let mut holes = Vec::new();
    for piece in pieces {
        let (hole, after) = text.split_once(piece)?;
        holes.push(hole);
        text = after;
    }
    holes.push(text);
    Some(holes)
}

/// English and Japanese; `{}` is anything, in the same order.
const JAPANESE: &[(&str, &str)] = &[
    // Errors, by their frames.
    ("refused: {}", "拒否しました: {}"),
    ("the policy asks of mail to {}: {}", "方針は {} 宛てのメールに次を求めています: {}"),
    (
        "the policy has rules for sending, and nobody says to whom it goes",
        "方針に送信の規則がありますが、宛先がわかりません",
    ),
    ("no way to encrypt to {}", "{} に暗号化して送る手段がありません"),
    ("the limit of {} for {} was reached", "制限に達しました（{}、{}）"),
    ("not readable as {}: {}", "{} として読めません: {}"),
    ("the input changed while it was being read", "読んでいる間に入力が変わりました"),
    ("cancelled", "取り消しました"),
    ("misuse: {}", "使い方の誤りです: {}"),
    ("the key does not support this: {}", "この鍵ではできません: {}"),
    ("the key is not available: {}", "鍵を利用できません: {}"),
    ("the password of the key is wrong or missing", "鍵のパスワードが違うか、指定されていません"),
    ("the key is locked after wrong passwords", "パスワードの誤りが続いたため、鍵がロックされています"),
    ("not a usable key: {}", "使える鍵ではありません: {}"),
    ("the key has {} bits; at least {} are needed", "鍵は {} ビットです。{} ビット以上が必要です"),
    // Letters that are not written.
    ("the draft has no recipients", "下書きに宛先がありません"),
    ("nobody is left to write to", "送る相手が残っていません"),
    (
        "the draft has not exactly one readable From address",
        "下書きの差出人が、読める 1 つのアドレスではありません",
    ),
    ("the key does not name {}, from whom the draft is", "鍵は差出人 {} のものではありません"),
    (
        "the draft has other recipients than those it was planned for",
        "下書きの宛先が、計画したときの宛先と違います",
    ),
    ("there is no {} key to sign with", "署名に使う {} の鍵がありません"),
    ("an address in {} cannot be read: {}", "{} に読めないアドレスがあります: {}"),
    ("who is named in {} cannot be told", "{} に誰が書かれているのか判別できません"),
    ("part {} of the letter ({}): {}", "メールのパート {}（{}）: {}"),
    ("its Content-Type cannot be read", "Content-Type が読めません"),
    (
        "it has no Content-Type, and its text is neither ASCII nor UTF-8",
        "Content-Type がなく、本文が ASCII でも UTF-8 でもありません",
    ),
    (
        "it is signed or encrypted already and is not 7-bit",
        "すでに署名または暗号化されていて、7 ビットではありません",
    ),
    ("its transfer encoding is unknown, and it is not 7-bit", "転送符号化が不明で、7 ビットではありません"),
    ("its boundary cannot be written", "境界文字列が書けない形です"),
    ("it is a multipart without parts", "パートのないマルチパートです"),
    (
        "its field {} is not 7-bit or has a line of more than 998 octets",
        "フィールド {} が 7 ビットでないか、998 オクテットを超える行があります",
    ),
    (
        "no key of {} may sign at {}: expired, revoked or not for signing",
        "{} には {} に署名できる鍵がありません: 期限切れ、失効、または署名用でない",
    ),
    ("{} does not say that it is {}", "{} は {} のものと書かれていません"),
    ("{} is expired, revoked or not bound at {}", "{} は期限切れか失効、または {} に有効ではありません"),
    ("it is empty", "空です"),
    // Misuse that is typed at a command line.
    ("{} is there and is not a file", "{} はファイルではありません"),
    ("{} is not in the plan", "{} は計画にいません"),
    ("no certificate of that fingerprint was found for {}", "{} にその指紋の証明書は見つかりません"),
    ("there is no encrypted part at that place", "その場所に暗号化されたパートはありません"),
    ("there is nobody to encrypt to", "暗号化する相手がいません"),
    ("only S/MIME puts a letter inside its signature", "メールを署名の中に入れられるのは S/MIME だけです"),
    (
        "a fingerprint is hexadecimal digits, with blanks or colons between them",
        "指紋は 16 進数の数字で、間に空白やコロンが入ります",
    ),
    (
        "a scope says for whom: `any`, `*@a.example` or `eve@b.example`",
        "範囲には誰についてかを書きます: `any`、`*@a.example`、`eve@b.example` など",
    ),
    ("a scope is either `any` or names addresses", "範囲は `any` か、アドレスの列です"),
    ("a scope has no `{}={}`: {}", "範囲に `{}={}` とは書けません: {}"),
    ("a scope has no `{}=`: {}", "範囲に `{}=` はありません: {}"),
    ("`{}` is not an address or a pattern: {}", "`{}` はアドレスでも範囲の書き方でもありません: {}"),
    (
        "write `any`, `*@a.example` or `eve@b.example`",
        "`any`、`*@a.example`、`eve@b.example` のように書きます",
    ),
    ("did you mean `{}`?", "`{}` のことですか"),
    ("`{}=` stands twice in a scope", "範囲に `{}=` が 2 回あります"),
    ("not an e-mail address: {}", "メールアドレスではありません: {}"),
    // Why nobody knows whether a certificate is revoked.
    ("a delta CRL without its base ({})", "差分 CRL の元になる CRL がありません ({})"),
    ("not signed by who may say so ({})", "失効を言える人の署名ではありません ({})"),
    ("signed in a way that cannot be checked ({})", "確かめられない方式の署名です ({})"),
    ("a critical extension that is not understood ({})", "理解できない必須の拡張があります ({})"),
    ("from after the time of looking ({})", "調べた時刻より後のものです ({})"),
    ("out of date ({})", "期限を過ぎています ({})"),
    ("nobody says whether its signer is revoked ({})", "その署名者が失効したかどうかがわかりません ({})"),
    ("its signer is revoked ({})", "その署名者が失効しています ({})"),
    ("only some reasons for revocation are covered ({})", "失効理由の一部しか含まれていません ({})"),
    ("the OCSP responder does not know it ({})", "OCSP の回答者が知らない証明書です ({})"),
    ("signed over a weak hash ({})", "弱いハッシュで署名されています ({})"),
    ("too much to look at ({})", "調べるものが多すぎます ({})"),
    // OpenPGP keys that may not speak.
    ("the certificate does not bind the key", "証明書がその鍵を有効としていません"),
    ("the key is not for signing", "署名用の鍵ではありません"),
    ("the key is younger than the signature", "鍵が署名より後に作られています"),
    ("expired when it signed", "署名した時に期限切れでした"),
    ("out of use since {}", "{} から使われていません"),
    ("encrypted without protection against changes", "改変を検出できない方式で暗号化されています"),
    // Departures from RFC 5280.
    (
        "{}: the serial number is positive and of at most 20 octets ({})",
        "{}: シリアル番号は 20 オクテット以下の正の数であること ({})",
    ),
    ("{}: the issuer has a name ({})", "{}: 発行者に名前があること ({})"),
    ("{}: the key is of a known kind ({})", "{}: 鍵が既知の種類であること ({})"),
    (
        "{}: authorityKeyIdentifier is there, except where a certificate signs itself ({})",
        "{}: 自己署名のほかは authorityKeyIdentifier があること ({})",
    ),
    ("{}: an authority has a subjectKeyIdentifier ({})", "{}: 認証局に subjectKeyIdentifier があること ({})"),
    ("{}: only an authority has keyCertSign ({})", "{}: keyCertSign は認証局だけが持つこと ({})"),
    (
        "{}: where there is no subject, subjectAltName is critical ({})",
        "{}: 主体者名がなければ subjectAltName が必須 (critical) であること ({})",
    ),
    (
        "{}: where there is a subject, subjectAltName is not critical ({})",
        "{}: 主体者名があれば subjectAltName が必須 (critical) でないこと ({})",
    ),
    (
        "{}: basicConstraints and nameConstraints of an authority are critical ({})",
        "{}: 認証局の basicConstraints と nameConstraints が必須 (critical) であること ({})",
    ),
    ("{}: only an authority has nameConstraints ({})", "{}: nameConstraints は認証局だけが持つこと ({})"),
    // What differs in an archive of evidence.
    ("{} was changed", "{} が変更されています"),
    ("the outcome was {}, and is {}", "判定は {} でしたが、今は {} です"),
    ("the reasons were {}, and are {}", "理由は {} でしたが、今は {} です"),
    ("the report says something else of {}", "{} についての報告が違います"),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("details.rs") {
                all.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_sentence_is_still_said() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        for (english, japanese) in JAPANESE {
            // Some are put together from two: `{doubt} ({name})`.
            let longest = english
                .split("{}")
                .map(|piece| piece.trim_matches([':', ' ', '(', ')']))
                .max_by_key(|piece| piece.len());
            assert!(all.contains(longest.unwrap()), "nobody says: {english}");
            assert_eq!(english.matches("{}").count(), japanese.matches("{}").count(), "{english}");
            assert!(!japanese.is_ascii(), "{english}");
        }
    }

    #[test]
    fn holes_hold_anything_and_are_translated_too() {
        let text = "refused: part 1.2 of the letter (text/plain): its Content-Type cannot be read";
        assert_eq!(
            in_language(text, "ja-JP"),
            "拒否しました: メールのパート 1.2（text/plain）: Content-Type が読めません"
        );
        assert_eq!(in_language(text, "en"), text);
        assert_eq!(in_language("out of date (it) (CA)", "ja"), "期限を過ぎています (it) (CA)");
        for text in ["", "refused:", "misuse", "{}", "何か", "out of date"] {
            assert_eq!(in_language(text, "ja"), text);
        }
        // What stands in a letter cannot make it long.
        let deep = "misuse: ".repeat(1000);
        assert!(in_language(&deep, "ja").len() < deep.len() + 100);
    }
}
