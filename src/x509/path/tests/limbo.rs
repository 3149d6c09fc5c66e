//! x509-limbo: paths of TLS servers, judged as the strict policy judges: a departure from the profile is a refusal. What
//! differs is in `limbo_divergences.json`, each with the rule that decides. Only rules of TLS alone are not kept.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::x509::GeneralName;
use crate::x509::testing::corpora;

/// Within the time of most cases; the others say theirs.
const USUAL: &str = "2023-12-02T12:00:00Z";

fn pem(value: &Value) -> Vec<Certificate> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    // What cannot be read at all is no certificate that a path could go through.
    list.iter()
        .filter_map(|one| Certificate::load_pem_or_der(one.as_str()?.as_bytes()).ok())
        .flatten()
        .collect()
}

/// The reference identity of a server (RFC 9525 §6.3), for what the cases ask.
fn names_peer(leaf: &Certificate, peer: &Value) -> bool {
    let wanted = peer["value"].as_str().unwrap();
    let is_peer = |name: &GeneralName| match (peer["kind"].as_str().unwrap(), name) {
        ("DNS", GeneralName::DnsName(name)) => match name.strip_prefix("*.") {
            Some(parent) => wanted.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
            None => !name.contains('*') && name.eq_ignore_ascii_case(wanted),
        },
        ("IP", GeneralName::IpAddress(octets)) => match wanted.parse().unwrap() {
            std::net::IpAddr::V4(v4) => octets[..] == v4.octets(),
            std::net::IpAddr::V6(v6) => octets[..] == v6.octets(),
        },
        _ => false,
    };
    leaf.extensions().subject_alt_name.iter().any(is_peer)
}

/// The rules that a valid path departs from, or why there is none.
fn verdict(case: &Value) -> Result<Vec<&'static str>, String> {
    let [leaf] = &pem(&case["peer_certificate"])[..] else { return Err("not a certificate".into()) };
    let (anchors, between) = (pem(&case["trusted_certs"]), pem(&case["untrusted_intermediates"]));
    let at: der::DateTime =
        case["validation_time"].as_str().unwrap_or(USUAL).replace("+00:00", "Z").parse().unwrap();
    let at = UnixTime::from_seconds(at.unix_duration().as_secs().try_into().unwrap());
    let depth = case["max_chain_depth"].as_u64().map_or(8, |most| usize::try_from(most).unwrap());
    let (provider, limits) = (Provider::default(), Limits::default().path_depth(depth.min(8) + 2));
    let usage = |name: &Value| match name.as_str().unwrap() {
        "digitalSignature" => KeyUsage::DIGITAL_SIGNATURE,
        other => panic!("{other}"),
    };
    let usages = case["key_usage"].as_array().map(|list| list.iter().map(usage));
    let purposes = case["extended_key_usage"].as_array();
    assert!(purposes.is_none_or(|list| list[..] == ["serverAuth"]));
    let purpose = Purpose::Other {
        ext_key_usage: Some("1.3.6.1.5.5.7.3.1"),
        key_usage: usages.and_then(|usages| usages.reduce(KeyUsage::or)),
    };
    let request = PathRequest::new(leaf, &anchors, purpose, at, &provider, &limits);
    let outcome = find(&request.intermediates(&between));
    match &outcome.valid {
        None => Err(outcome.rejected.first().map_or_else(String::new, |path| path.reason.to_string())),
        Some(_) if !names_peer(leaf, &case["expected_peer_name"]) => Err("another name".into()),
        Some(path) => Ok(path.departures.iter().map(|departure| departure.rule).collect()),
    }
}

fn accepted(departures: Vec<&'static str>) -> String {
    match departures.first() {
        None => "accepted".into(),
        Some(rule) => format!("accepted, and told: not so that {rule}"),
    }
}

#[test]
fn r_c1_x509_limbo() {
    let Some(folder) = corpora("x509-limbo") else { return };
    let cases = std::fs::read(folder.join("limbo-2023-12-02.json")).unwrap();
    let cases: Value = serde_json::from_slice(&cases).unwrap();
    let cases = cases["testcases"].as_array().unwrap();
    let known: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("limbo_divergences.json")).unwrap();
    let mut differing = BTreeMap::new();
    for case in cases {
        let (ours, theirs) = (verdict(case), case["expected_result"] == "SUCCESS");
        let strict = ours.as_ref().is_ok_and(Vec::is_empty);
        if strict != theirs {
            let id = case["id"].as_str().unwrap().to_owned();
            differing.insert(id, ours.map_or_else(|why| format!("refused: {why}"), accepted));
        }
    }
    let surprising =
        |(id, ours): &(&String, &String)| known.get(*id).is_none_or(|known| known["ours"] != **ours);
    let surprises: Vec<_> = differing.iter().filter(surprising).collect();
    let gone: Vec<_> = known.keys().filter(|id| !differing.contains_key(*id)).collect();
    assert!(surprises.is_empty() && gone.is_empty(), "new: {surprises:#?}\ngone: {gone:#?}");
    let accepted = known.iter().filter(|(_, known)| known["ours"] == "accepted");
    assert!(
        accepted
            .clone()
            .all(|(id, known)| id.starts_with("webpki::")
                && known["rule"].as_str().unwrap().starts_with("TLS"))
    );
    assert!(known.values().all(|known| known["rule"].as_str().is_some_and(|rule| rule.len() > 20)));
    assert_eq!(cases.len(), 135);
}
