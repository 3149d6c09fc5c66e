//! A layer in lines.

use mailseal::mime::PartPath;
use mailseal::report::{
    CompressedLayer, Coverage, Decryption, EncryptedLayer, Integrity, Layer, Recipient, RecipientKind,
    Signature, SignedLayer, Trust,
};

use super::tree::{Pens, Tree, range};
use crate::terminal;
use crate::words::{said, say};

/// Recipients in words; the JSON has them all.
const RECIPIENTS: usize = 16;

pub(super) fn part(layer: &Layer) -> PartPath {
    match layer {
        Layer::Signed(layer) => layer.part.clone(),
        Layer::Encrypted(layer) => layer.part.clone(),
        Layer::Compressed(layer) => layer.part.clone(),
        _ => PartPath::root(),
    }
}

/// A headline, then what is in it. Layers are counted as in the JSON, from 1.
pub(super) fn lines(layer: &Layer, number: usize, tree: &Tree<'_>, pens: &Pens) -> Vec<String> {
    let mut lines = match layer {
        Layer::Signed(layer) => signed(layer, number, tree, pens),
        Layer::Encrypted(layer) => encrypted(layer, number, pens),
        Layer::Compressed(layer) => compressed(layer, number, pens),
        _ => Vec::new(),
    };
    if tree.ranges
        && let Some(first) = lines.first_mut()
    {
        let (place, octets) = (part(layer), octets(layer));
        let own = tree.report.parts.iter().find(|one| one.part == place);
        first.push_str(pens.dot);
        first.push_str(&range(octets, &own.map(|one| one.content.clone()).unwrap_or_default()));
    }
    lines
}

fn octets(layer: &Layer) -> (u64, u64) {
    match layer {
        Layer::Signed(layer) => layer.range,
        Layer::Encrypted(layer) => layer.range,
        Layer::Compressed(layer) => layer.range,
        _ => (0, 0),
    }
}

fn headline(number: usize, words: &[&str], envelope: bool, pens: &Pens) -> String {
    let mut head = vec![said!("layer {number}", "層 {number}")];
    head.extend(words.iter().filter(|word| !word.is_empty()).map(|word| terminal::line(word)));
    if !envelope {
        head.push(say("not around the whole letter", "メール全体ではない").to_owned());
    }
    head.join(pens.dot)
}

fn signed(layer: &SignedLayer, number: usize, tree: &Tree<'_>, pens: &Pens) -> Vec<String> {
    let opaque = if layer.opaque { say("the content inside", "内容を含む") } else { "" };
    let words = [say("signed", "署名"), layer.protocol.name(), &covers(&layer.covers), opaque];
    let mut lines = vec![headline(number, &words, layer.envelope, pens)];
    for signature in &layer.signatures {
        lines.push(signer(signature, tree.verified, pens));
        lines.push(algorithms(signature, pens));
    }
    if layer.signatures.is_empty() {
        lines.push(say("no signature in it can be read", "読める署名がありません").to_owned());
    }
    lines
}

fn covers(coverage: &Coverage) -> String {
    let list = |parts: &[PartPath]| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match coverage {
        Coverage::Whole { parts } => {
            let parts = list(parts);
            said!("covers the whole body: {parts}", "本文全体: {parts}")
        }
        Coverage::Partial { parts } => {
            let parts = list(parts);
            said!("covers {parts} alone", "{parts} だけ")
        }
        _ => say("covers nothing", "範囲なし").to_owned(),
    }
}

fn signer(signature: &Signature, verified: bool, pens: &Pens) -> String {
    let who = match &signature.signer {
        Some(signer) => {
            let name = signer.name.as_deref().map(|name| format!("{name} ")).unwrap_or_default();
            terminal::line(&format!("{name}<{}>", signer.mailbox))
        }
        None => say("somebody whose certificate is not at hand", "証明書が手元にない人").to_owned(),
    };
    let octets = match signature.integrity {
        Integrity::Intact => say("the octets fit", "内容と一致"),
        Integrity::Weak => say("the octets fit, by weak algorithms", "内容と一致（弱い方式）"),
        Integrity::Altered => say("the octets do not fit", "内容と不一致"),
        Integrity::Malformed => say("not readable", "読めない"),
        _ => say("not checked", "未確認"),
    };
    let said = match (verified, signature.trust, signature.signer.is_some()) {
        (_, _, false) => said!("by {who}", "{who}の署名"),
        (true, Trust::Trusted, _) => said!("by {who}, whom you have reason to believe", "{who}（根拠あり）"),
        (true, Trust::Expired, _) => said!("by {who}, expired", "{who}（期限切れ）"),
        (true, Trust::Revoked, _) => said!("by {who}, revoked", "{who}（失効）"),
        _ => said!("claims to be by {who}", "{who} と称しています"),
    };
    format!("{said}{}{octets}", pens.dot)
}

fn algorithms(signature: &Signature, pens: &Pens) -> String {
    let used = &signature.algorithms;
    let bits = used.key_bits.map(|bits| said!("{bits} bits", "{bits} ビット"));
    let time = signature.claimed_time.map(|time| said!("claims {time}", "時刻の主張 {time}"));
    let words = [Some(used.signature.clone()), bits, used.digest.clone(), time];
    let words = words.into_iter().flatten().filter(|word| !word.is_empty());
    words.map(|word| terminal::line(&word)).collect::<Vec<_>>().join(pens.dot)
}

fn encrypted(layer: &EncryptedLayer, number: usize, pens: &Pens) -> Vec<String> {
    let cipher = layer.cipher.clone().unwrap_or_default();
    let checked = match (layer.authenticated, layer.cipher.is_some()) {
        (false, true) => say("nothing tells whether it was changed", "改変を検出できない方式"),
        _ => "",
    };
    let came = match layer.decryption {
        Decryption::Opened => say("opened", "復号しました"),
        Decryption::NoKey => say("not opened: no key for it", "復号せず: 鍵なし"),
        Decryption::Failed => say("not opened", "復号できません"),
        Decryption::Withheld => say("not opened: the policy forbids it", "復号せず: 方針による"),
        _ => say("not tried", "復号せず"),
    };
    let words = [say("encrypted", "暗号化"), layer.protocol.name(), &cipher, checked, came];
    let mut lines = vec![headline(number, &words, layer.envelope, pens)];
    lines.extend(layer.recipients.iter().take(RECIPIENTS).map(|one| recipient(one, pens)));
    let more = layer.recipients.len().saturating_sub(RECIPIENTS);
    if more > 0 {
        lines.push(said!("and {more} more", "ほか {more} 件"));
    }
    lines
}

fn recipient(one: &Recipient, pens: &Pens) -> String {
    let who = match (&one.name, one.kind) {
        (Some(name), _) => terminal::line(name),
        (None, RecipientKind::Password) => say("a password", "パスワード").to_owned(),
        (None, _) => say("somebody who is not named", "名前のない受信者").to_owned(),
    };
    let to = said!("to {who}", "宛先 {who}");
    format!("{to}{}{}", pens.dot, terminal::line(&one.algorithm))
}

fn compressed(layer: &CompressedLayer, number: usize, pens: &Pens) -> Vec<String> {
    vec![headline(number, &[say("compressed", "圧縮"), "S/MIME"], layer.envelope, pens)]
}
