//! Which domain stands behind a letter, and by which way it came, in words.

use crate::policy::origin::{Origin, Way};
use crate::report::{DomainResult, Relation};

pub(super) fn english(origin: &Origin) -> String {
    let results = origin.results.join(", ");
    let mut text = match (&origin.proven, &origin.dmarc) {
        (Some(domain), None) => format!("{domain} stands behind it ({results})"),
        (Some(domain), Some((DomainResult::Fail, from))) => {
            format!("{from} does not stand behind it, {domain} does ({results})")
        }
        (Some(domain), Some((_, from))) => {
            format!("{domain} stands behind it; of {from} nothing is known ({results})")
        }
        (None, Some((DomainResult::Fail, from))) => {
            format!("{from} does not stand behind it ({results})")
        }
        (None, Some((DomainResult::Temperror, from))) => {
            format!("the DNS does not say whether {from} stands behind it ({results})")
        }
        (None, _) if results.is_empty() => "no domain stands behind it".into(),
        (None, _) => format!("no domain stands behind it ({results})"),
    };
    text.push_str(match origin.from {
        None => "",
        Some(Relation::SameAddress) => "; for the From address",
        Some(Relation::SameDomain) => "; the domain of From",
        Some(Relation::OtherDomain) => "; NOT the domain of From",
    });
    text.push_str(match origin.signer {
        None => "",
        Some(Relation::SameAddress | Relation::SameDomain) => "; that of the signer too",
        Some(Relation::OtherDomain) => "; NOT that of the signer",
    });
    if let Some(by) = &origin.by {
        text.push_str(&format!(", says {by}"));
    }
    text
}

pub(super) fn english_way(way: &Way) -> String {
    let from = if way.from.is_empty() { String::new() } else { format!("from {} ", way.from) };
    let by = if way.by.is_empty() { String::new() } else { format!("to {} ", way.by) };
    let with = if way.protocol.is_empty() { String::new() } else { format!("with {}; ", way.protocol) };
    let hops = if way.hops == 1 { "the hop that counts" } else { "the hops that count" };
    let tls = match (way.tls, way.unknown) {
        (tls, _) if tls == way.hops => format!("TLS on {hops}"),
        (0, 0) => format!("no TLS on {hops}"),
        (tls, 0) => format!("TLS on {tls} of {}", way.hops),
        (0, unknown) if unknown == way.hops => "whether with TLS is not said".into(),
        (tls, unknown) => format!("TLS on {tls} of {}, not said of {unknown}", way.hops),
    };
    format!("{from}{by}{with}{tls}")
}

pub(super) fn japanese(origin: &Origin) -> String {
    let results = origin.results.join("、");
    let mut text = match (&origin.proven, &origin.dmarc) {
        (Some(domain), None) => format!("{domain} が送信を認めています（{results}）"),
        (Some(domain), Some((DomainResult::Fail, from))) => {
            format!("{from} は送信を認めていません。認めているのは {domain} です（{results}）")
        }
        (Some(domain), Some((_, from))) => {
            format!("{domain} が送信を認めています。{from} については不明です（{results}）")
        }
        (None, Some((DomainResult::Fail, from))) => format!("{from} は送信を認めていません（{results}）"),
        (None, Some((DomainResult::Temperror, from))) => {
            format!("{from} が認めているか、DNS から回答がありません（{results}）")
        }
        (None, _) if results.is_empty() => "送信を認めているドメインはありません".into(),
        (None, _) => format!("送信を認めているドメインはありません（{results}）"),
    };
    text.push_str(match origin.from {
        None => "",
        Some(Relation::SameAddress) => "。差出人のアドレスと一致",
        Some(Relation::SameDomain) => "。差出人のドメインと一致",
        Some(Relation::OtherDomain) => "。差出人のドメインと不一致",
    });
    text.push_str(match origin.signer {
        None => "",
        Some(Relation::SameAddress | Relation::SameDomain) => "、署名者のドメインと一致",
        Some(Relation::OtherDomain) => "、署名者のドメインと不一致",
    });
    if let Some(by) = &origin.by {
        text.push_str(&format!("（{by} による）"));
    }
    text
}

pub(super) fn japanese_way(way: &Way) -> String {
    let mut text = match (way.from.as_str(), way.by.as_str()) {
        ("", "") => String::new(),
        (from, "") => format!("{from} から"),
        ("", by) => format!("{by} へ"),
        (from, by) => format!("{from} から {by} へ"),
    };
    if !way.protocol.is_empty() {
        text.push_str(&format!("（{}）", way.protocol));
    }
    if !text.is_empty() {
        text.push('、');
    }
    let tls = match (way.tls, way.unknown) {
        (tls, _) if tls == way.hops => "信頼できる経路はすべて TLS".into(),
        (0, 0) => "信頼できる経路に TLS なし".into(),
        (tls, 0) => format!("{} 区間のうち {tls} 区間が TLS", way.hops),
        (0, unknown) if unknown == way.hops => "TLS の有無は不明".into(),
        (tls, unknown) => format!("{} 区間のうち {tls} 区間が TLS、{unknown} 区間は不明", way.hops),
    };
    text.push_str(&tls);
    text
}
