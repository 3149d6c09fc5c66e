//! What an X.509 certificate says of itself (RFC 5280).

use std::net::{Ipv4Addr, Ipv6Addr};

use mailseal::UnixTime;
use mailseal::x509::{Certificate, Extensions, GeneralName, KeyUsage};
use serde_json::{Value, json};

use crate::cert::{Shown, validity};
use crate::terminal;

pub(crate) fn shown(certificate: &Certificate, at: UnixTime) -> Shown {
    let mut shown = Shown::new("x509", format!("S/MIME (X.509) · {}", certificate.name()));
    who(&mut shown, certificate);
    let dates = certificate.validity();
    shown.row("Valid", "有効期間", validity(dates.not_before, Some(dates.not_after), at));
    shown.json("not_before", json!(dates.not_before));
    shown.json("not_after", json!(dates.not_after));
    let key = match certificate.public_key() {
        Ok(key) => key.algorithm().to_string(),
        Err(error) => error.to_string(),
    };
    shown.json("key", key.as_str());
    shown.row("Key", "鍵", vec![key]);
    usages(&mut shown, certificate.extensions());
    policies(&mut shown, certificate);
    constraints(&mut shown, certificate.extensions());
    places(&mut shown, certificate.extensions());
    troubles(&mut shown, certificate.extensions());
    let fingerprint = hex(&certificate.fingerprint());
    shown.json("fingerprint", fingerprint.as_str());
    shown.row("Fingerprint (SHA-256)", "指紋 (SHA-256)", terminal::groups(&fingerprint));
    shown
}

fn who(shown: &mut Shown, certificate: &Certificate) {
    let (subject, issuer) = (certificate.subject().to_string(), certificate.issuer().to_string());
    let own = match terminal::say("itself", "自身") {
        own if certificate.is_self_issued() => own.to_owned(),
        _ => issuer.clone(),
    };
    let serial = hex(certificate.serial());
    shown.json("name", certificate.name());
    shown.json("subject", subject.as_str());
    shown.json("issuer", issuer);
    shown.json("serial", serial.as_str());
    shown.json("addresses", certificate.mailboxes());
    shown.row("Subject", "主体者", vec![subject]);
    shown.row("Addresses", "アドレス", certificate.mailboxes());
    shown.row("Issued by", "発行者", vec![own]);
    shown.row("Serial number", "シリアル番号", vec![serial]);
}

fn usages(shown: &mut Shown, extensions: &Extensions) {
    let usage = extensions.key_usage.map(key_usage);
    let purposes = extensions.ext_key_usage.clone();
    shown.json("key_usage", json!(usage));
    shown.json("ext_key_usage", json!(purposes));
    let named = purposes.iter().flatten().map(|oid| named(oid)).collect::<Vec<_>>();
    let lines = [usage.unwrap_or_default().join(", "), named.join(", ")];
    shown.row("For (keyUsage, extKeyUsage)", "用途 (keyUsage, extKeyUsage)", lines.to_vec());
    let basic = extensions.basic_constraints.filter(|basic| basic.ca);
    shown.json("ca", basic.is_some());
    shown.json("path_length", json!(basic.and_then(|basic| basic.path_len)));
    let below = basic.map(|basic| match (basic.path_len, terminal::language()) {
        (None, "ja") => "証明書を発行できます".to_owned(),
        (None, _) => "may issue certificates".to_owned(),
        (Some(most), "ja") => format!("証明書を発行できます（下位の認証局は {most} まで）"),
        (Some(most), _) => format!("may issue certificates, with {most} authorities below it at most"),
    });
    shown.row("Authority (basicConstraints)", "認証局 (basicConstraints)", below.into_iter().collect());
}

fn key_usage(usage: KeyUsage) -> Vec<&'static str> {
    let all = [
        ("digitalSignature", usage.digital_signature()),
        ("nonRepudiation", usage.non_repudiation()),
        ("keyEncipherment", usage.key_encipherment()),
        ("keyAgreement", usage.key_agreement()),
        ("keyCertSign", usage.key_cert_sign()),
        ("cRLSign", usage.crl_sign()),
    ];
    all.into_iter().filter_map(|(name, on)| on.then_some(name)).collect()
}

/// The purposes of RFC 5280 §4.2.1.12 by name.
fn named(oid: &str) -> String {
    match oid {
        "2.5.29.37.0" => "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.1" => "serverAuth",
        "1.3.6.1.5.5.7.3.2" => "clientAuth",
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        other => other,
    }
    .to_owned()
}

fn policies(shown: &mut Shown, certificate: &Certificate) {
    let extensions = certificate.extensions();
    shown.json("policies", extensions.certificate_policies.clone());
    shown.row("Policies", "証明書ポリシー", extensions.certificate_policies.clone());
    let (assurance, generation) = certificate.assurance().unzip();
    shown.json("assurance", json!(assurance));
    shown.json("generation", json!(generation));
    let word = |value: Value| value.as_str().map(str::to_owned);
    let words: Vec<String> = [json!(assurance), json!(generation)].into_iter().filter_map(word).collect();
    shown.row("Checked, it says (S/MIME BR)", "確認済みと称する内容 (S/MIME BR)", vec![words.join(", ")]);
    shown.json("qualified", json!(extensions.qualified));
    let qualified = extensions.qualified.as_ref().map(|stated| {
        let word = |on: bool, name: &str| on.then(|| name.to_owned());
        let kinds = stated.kinds.iter().filter_map(|kind| Some(json!(kind).as_str()?.to_owned()));
        let said = [word(stated.compliant, "QcCompliance"), word(stated.device, "QcSSCD")];
        said.into_iter().flatten().chain(kinds).chain(stated.countries.clone()).collect::<Vec<_>>().join(", ")
    });
    shown.row("Qualified, it says (eIDAS)", "適格と称する内容 (eIDAS)", qualified.into_iter().collect());
}

fn constraints(shown: &mut Shown, extensions: &Extensions) {
    let Some(constraints) = &extensions.name_constraints else { return };
    let text = |names: &[GeneralName]| names.iter().map(general_name).collect::<Vec<_>>();
    let (permitted, excluded) = (text(&constraints.permitted), text(&constraints.excluded));
    shown.json("permitted", permitted.clone());
    shown.json("excluded", excluded.clone());
    shown.row("Names only within (nameConstraints)", "許される名前 (nameConstraints)", permitted);
    shown.row("No names within (nameConstraints)", "許されない名前 (nameConstraints)", excluded);
}

fn general_name(name: &GeneralName) -> String {
    match name {
        GeneralName::Rfc822Name(text) | GeneralName::SmtpUtf8Mailbox(text) => format!("email {text}"),
        GeneralName::DnsName(text) => format!("dns {text}"),
        GeneralName::DirectoryName(name) => format!("directory {name}"),
        GeneralName::Uri(text) => format!("uri {text}"),
        GeneralName::IpAddress(octets) => format!("ip {}", ip(octets)),
        GeneralName::Other { tag, der } => format!("[{tag}] {}", hex(der)),
        _ => "?".to_owned(),
    }
}

/// An address, or an address and a mask.
fn ip(octets: &[u8]) -> String {
    let four = |octets: &[u8]| <[u8; 4]>::try_from(octets).map(|octets| Ipv4Addr::from(octets).to_string());
    let six = |octets: &[u8]| <[u8; 16]>::try_from(octets).map(|octets| Ipv6Addr::from(octets).to_string());
    let one = |octets: &[u8]| four(octets).or_else(|_| six(octets)).ok();
    let (first, second) = octets.split_at(octets.len() / 2);
    let both = || Some(format!("{}/{}", one(first)?, one(second)?));
    let masked = matches!(octets.len(), 8 | 32).then(both).flatten();
    masked.or_else(|| one(octets)).unwrap_or_else(|| hex(octets))
}

/// Where more may be asked.
fn places(shown: &mut Shown, extensions: &Extensions) {
    shown.json("crl", extensions.crl_distribution_points.clone());
    shown.json("delta_crl", extensions.freshest_crl.clone());
    shown.json("ocsp", extensions.ocsp.clone());
    shown.json("aia", extensions.ca_issuers.clone());
    shown.row("CRL", "CRL", extensions.crl_distribution_points.clone());
    shown.row("Delta CRL", "差分 CRL", extensions.freshest_crl.clone());
    shown.row("OCSP", "OCSP", extensions.ocsp.clone());
    shown.row("Issuer's certificate (AIA)", "発行者の証明書 (AIA)", extensions.ca_issuers.clone());
}

fn troubles(shown: &mut Shown, extensions: &Extensions) {
    shown.json("unknown_critical", extensions.unknown_critical.clone());
    shown.json("defects", extensions.defects.clone());
    let unknown = extensions.unknown_critical.clone();
    shown.row("Critical and not understood", "理解できない必須の拡張", unknown);
    shown.row("Not readable", "読めない拡張", extensions.defects.clone());
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}
