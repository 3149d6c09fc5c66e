//! `mailseal doctor --domain`: what is wrong with the records of one's own domain, and what to set.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;

use clap::Args as ClapArgs;
use mailseal::outside::domain::{Advice, Examined, examine};
use mailseal::policy::escape;
use mailseal::report::Severity;
use serde_json::json;

use crate::words::{said, say};
use crate::{GOOD, NOT_GOOD, sending};

#[derive(ClapArgs)]
pub(crate) struct DomainArgs {
    /// Look at the SPF, DKIM and DMARC records of this domain instead, and say what to set.
    #[arg(long, value_name = "DOMAIN", conflicts_with_all = ["message", "sent"])]
    pub(crate) domain: Option<String>,
    /// A DKIM key of the domain, by its name below _domainkey.
    #[arg(long, value_name = "NAME", requires = "domain")]
    selector: Vec<String>,
    /// Ask this DNS server instead of those of the system.
    #[arg(long, value_name = "IP:PORT", requires = "domain")]
    dns: Option<SocketAddr>,
}

impl DomainArgs {
    pub(crate) fn run(&self, domain: &str, in_json: bool) -> Result<u8, Box<dyn Error>> {
        let selectors: Vec<&str> = self.selector.iter().map(String::as_str).collect();
        let found = examine(&sending::resolver(self.dns)?, domain, &selectors)?;
        let mut out = io::stdout().lock();
        if in_json {
            writeln!(out, "{}", json!({ "version": 1, "domain": domain, "findings": found }))?;
        } else {
            let page: String = found.iter().map(|one| page(one, domain)).collect();
            out.write_all(page.as_bytes())?;
            if !found.iter().any(is_wrong) {
                writeln!(out, "{}", say("✓ nothing is wrong", "✓ 問題はありません"))?;
            }
            if selectors.is_empty() {
                let hint = say(
                    "- no DKIM key was looked at; name one with --selector",
                    "- DKIM の鍵は確認していません。--selector で指定してください",
                );
                writeln!(out, "{hint}")?;
            }
        }
        Ok(if found.iter().any(is_wrong) { NOT_GOOD } else { GOOD })
    }
}

/// More than what could be better.
fn is_wrong(one: &Examined) -> bool {
    one.severity > Severity::Info
}

fn page(one: &Examined, domain: &str) -> String {
    let mark = match one.severity {
        Severity::Info => '-',
        Severity::Caution => '!',
        Severity::Bad => '✗',
    };
    let (problem, set) = words(one, domain);
    let mut text = format!(
        "{mark} {} {}: {problem} ({})\n",
        one.advice.about().to_uppercase(),
        escape(&one.name),
        one.advice.as_str()
    );
    if !one.record.is_empty() {
        text.push_str(&format!("    {} {}\n", say("now ", "現在"), escape(&one.record)));
    }
    if !set.is_empty() {
        text.push_str(&format!("    {} {set}\n", say("set ", "設定")));
    }
    text
}

/// What is wrong, and what to set.
fn words(one: &Examined, domain: &str) -> (String, String) {
    let detail = escape(&one.detail);
    let domain = escape(domain);
    let pair = |english: &str, japanese: &str, set: &str| (say(english, japanese).to_owned(), set.to_owned());
    match one.advice {
        Advice::SpfUndecided | Advice::DkimUndecided | Advice::DmarcUndecided => pair(
            "the DNS gave no answer; try again later",
            "DNS から回答がありません。後で試してください",
            "",
        ),
        Advice::SpfMissing => {
            pair("no record, so anybody may send", "レコードがなく、誰でも送信できます", "v=spf1 mx -all")
        }
        Advice::SpfSeveral => (
            said!("{detail} records, so none counts", "レコードが {detail} 個あり、どれも無効です"),
            say("one record with all terms", "1 つのレコードにまとめる").to_owned(),
        ),
        Advice::SpfUnreadable => pair(
            "the record cannot be read, so it fails for all",
            "読み取れないレコードです",
            "v=spf1 mx -all",
        ),
        Advice::SpfTooManyLookups => (
            said!(
                "{detail} terms ask the DNS; 10 are allowed",
                "DNS を引く項が {detail} 個あります（上限 10）"
            ),
            say("ip4: and ip6: instead of include:, a, mx", "include:、a、mx の代わりに ip4:、ip6:")
                .to_owned(),
        ),
        Advice::SpfIncludeMissing => (
            said!("{detail} has no record, so it fails for all", "{detail} にレコードがなく、常に失敗します"),
            said!("the record without {detail}", "{detail} を除いたレコード"),
        ),
        Advice::SpfPassAll => pair("anybody may send (+all)", "誰でも送信できます (+all)", "-all"),
        Advice::SpfNeutralAll => {
            pair("nothing is said of other senders", "他の送信者について何も述べていません", "-all")
        }
        Advice::SpfPtr => (
            say("ptr is slow and not to be used", "ptr は遅く、使うべきではありません").to_owned(),
            say("a:, mx or ip4: instead", "代わりに a:、mx、ip4:").to_owned(),
        ),
        Advice::DkimMissing => (
            say("no key", "鍵がありません").to_owned(),
            say("v=DKIM1; k=rsa; p=(the public key)", "v=DKIM1; k=rsa; p=（公開鍵）").to_owned(),
        ),
        Advice::DkimRevoked => (
            say("the key is revoked (p= is empty)", "鍵は失効しています（p= が空）").to_owned(),
            say("a new key under a new name", "新しい名前で新しい鍵").to_owned(),
        ),
        Advice::DkimUnreadable => (
            said!("the key cannot be read: {detail}", "鍵を読み取れません：{detail}"),
            say("v=DKIM1; k=rsa; p=(the public key)", "v=DKIM1; k=rsa; p=（公開鍵）").to_owned(),
        ),
        Advice::DkimWeak => (
            said!(
                "a key of {detail} bits, which nobody accepts",
                "鍵が {detail} ビットで、受け入れられません"
            ),
            say("a key of 2048 bits", "2048 ビットの鍵").to_owned(),
        ),
        Advice::DkimShort => (
            said!("a key of only {detail} bits", "鍵が {detail} ビットしかありません"),
            say("a key of 2048 bits", "2048 ビットの鍵").to_owned(),
        ),
        Advice::DkimTesting => (
            say("a test for receivers (t=y)", "受信側にはテストとみなされます (t=y)").to_owned(),
            say("the record without t=y", "t=y を除いたレコード").to_owned(),
        ),
        Advice::DkimNotForMail => (
            say(
                "not for mail (s=), or not for SHA-256 (h=)",
                "メール用 (s=) または SHA-256 用 (h=) ではありません",
            )
            .to_owned(),
            say("the record without s= and h=", "s= と h= を除いたレコード").to_owned(),
        ),
        Advice::DmarcMissing => (
            say("no record, so forged letters pass", "レコードがなく、偽のメールが届きます").to_owned(),
            format!("v=DMARC1; p=none; rua=mailto:dmarc@{domain}"),
        ),
        Advice::DmarcSeveral => (
            said!("{detail} records, so none counts", "レコードが {detail} 個あり、どれも無効です"),
            say("one record", "1 つのレコード").to_owned(),
        ),
        Advice::DmarcUnreadable => (
            say("the record cannot be read", "読み取れないレコードです").to_owned(),
            format!("v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}"),
        ),
        Advice::DmarcNone => pair(
            "forged letters are delivered (p=none)",
            "偽のメールも届きます (p=none)",
            say(
                "p=quarantine, then p=reject, once reports are clean",
                "報告に問題がなければ p=quarantine、次に p=reject",
            ),
        ),
        Advice::DmarcTesting => (
            say("receivers do less than asked (t=y)", "指定より緩く扱われます (t=y)").to_owned(),
            say("the record without t=y", "t=y を除いたレコード").to_owned(),
        ),
        Advice::DmarcSubdomains => pair(
            "forged letters of subdomains pass (sp=none)",
            "サブドメインの偽メールが届きます (sp=none)",
            "sp=reject",
        ),
        Advice::DmarcNoReports => (
            say("nobody reports to you (no rua)", "報告が届きません（rua がない）").to_owned(),
            format!("rua=mailto:dmarc@{domain}"),
        ),
        Advice::DmarcReportsRefused => (
            said!("{detail} does not ask for your reports", "{detail} が報告の受け取りを認めていません"),
            format!("{domain}._report._dmarc.{detail} TXT v=DMARC1"),
        ),
        Advice::MtaStsMissing => pair(
            "no MTA-STS: TLS to you can be stripped",
            "MTA-STS がなく、TLS を外されることがあります",
            "v=STSv1; id=1",
        ),
        Advice::TlsRptMissing => (
            say("nobody reports that TLS failed", "TLS の失敗が報告されません").to_owned(),
            format!("v=TLSRPTv1; rua=mailto:tls@{domain}"),
        ),
        _ => (one.advice.as_str().to_owned(), String::new()),
    }
}
