//! `mailseal trust explain`: whom one would believe, without any letter.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};

use clap::{Args as ClapArgs, ValueEnum};
use mailseal::mime::Address;
use mailseal::outside::TrustEntry;
use mailseal::policy::{Paths, in_language};
use mailseal::report::{Evidence, Revocation, Want};
use mailseal::trust::Purpose;
use mailseal::{Claim, UnixTime, Unreached};
use serde_json::{Value, json};

use crate::args::address;
use crate::cert;
use crate::world::{TrustArgs, World};
use crate::{GOOD, NOT_GOOD, terminal, wants};

#[derive(ClapArgs)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    trust: TrustArgs,
    /// What for: letters that they signed, or letters to them.
    #[arg(long = "for", value_name = "PURPOSE", value_enum, default_value_t = For::Sign)]
    purpose: For,
    /// Print one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Whose.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: Address,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    Sign,
    Encrypt,
}

/// What was found of one address.
struct Found<'a> {
    address: &'a Address,
    claims: Vec<Claim>,
    /// Fingerprints that it is pinned to and no certificate is known of.
    missing: Vec<String>,
    at: UnixTime,
}

pub(crate) fn run(args: &ExplainArgs) -> Result<u8, Box<dyn Error>> {
    let (policy, at) = (args.trust.policy()?, args.trust.time());
    let World { cx, .. } = World::new(&args.trust, &policy)?;
    let purpose = match args.purpose {
        For::Sign => Purpose::Sign,
        For::Encrypt => Purpose::Encrypt,
    };
    let claims = cx.who_is(&args.address, purpose, &policy, at)?;
    let mut missing = pins(args)?;
    missing.retain(|pin| claims.iter().all(|claim| claim.certificate.fingerprint() != *pin));
    let found = Found { address: &args.address, claims, missing, at };
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", found.json(args.purpose))?,
        false => {
            out.write_all(found.text().as_bytes())?;
            let mut missing: Vec<Want> = Vec::new();
            for want in found.claims.iter().flat_map(|claim| &claim.belief.wants) {
                if !missing.contains(want) {
                    missing.push(want.clone());
                }
            }
            wants::tell(&mut out, &missing, &args.trust.fetch, true)?;
        }
    }
    Ok(if found.claims.iter().any(|claim| claim.problem.is_none()) { GOOD } else { NOT_GOOD })
}

/// What the address is pinned to, here and in the folder.
fn pins(args: &ExplainArgs) -> Result<Vec<String>, Box<dyn Error>> {
    let entries = args.trust.folder()?.map(|folder| folder.entries()).unwrap_or_default();
    let kept = entries.into_iter().filter_map(|entry| match entry {
        TrustEntry::Pin { address, fingerprint } => Some((address.parse().ok()?, fingerprint)),
        _ => None,
    });
    let all = kept.chain(args.trust.whom.pin.iter().cloned());
    let plain =
        |text: String| text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_uppercase();
    Ok(all
        .filter(|(who, _): &(Address, String)| who.matches(&args.address))
        .map(|(_, pin)| plain(pin))
        .collect())
}

impl Found<'_> {
    fn json(&self, purpose: For) -> Value {
        json!({
            "version": 1,
            "address": self.address.to_string(),
            "at": self.at,
            "for": match purpose { For::Sign => "sign", For::Encrypt => "encrypt" },
            "claims": self.claims.iter().map(|claim| self.claim_json(claim)).collect::<Vec<_>>(),
            "pinned_to_unknown": self.missing,
        })
    }

    fn claim_json(&self, claim: &Claim) -> Value {
        let (certificate, belief) = (&claim.certificate, &claim.belief);
        let (from, until) = cert::dates(certificate, self.at);
        json!({
            "certificate": {
                "protocol": certificate.protocol(),
                "fingerprint": certificate.fingerprint(),
                "name": certificate.name(self.at),
                "not_before": from,
                "not_after": until,
            },
            "believed": claim.problem.is_none(),
            "problem": claim.problem,
            "evidence": belief.evidence,
            "rejected": belief.rejected,
            "weak": belief.weak,
            "doubts": belief.doubts,
            "pinned_to": belief.pinned_to,
            "wants": belief.wants,
        })
    }

    fn text(&self) -> String {
        let who = terminal::line(&self.address.to_string());
        let believed = self.claims.iter().filter(|claim| claim.problem.is_none()).count();
        let known = self.claims.len();
        let mut text = match terminal::language() {
            "ja" => format!("{who}: 証明書 {known} 件、うち信頼できるもの {believed} 件\n"),
            _ => format!("{who}: certificates known: {known}, believed: {believed}\n"),
        };
        for pin in &self.missing {
            let said = terminal::say(
                "pinned to a certificate that is not at hand; name it with --cert FILE or --keyring PATH:",
                "固定された証明書が手元にありません。--cert FILE か --keyring PATH で指定してください:",
            );
            let _ = writeln!(text, "\n{said}\n    {}", terminal::groups(pin).join(" "));
        }
        for claim in &self.claims {
            text.push('\n');
            self.claim_text(claim, &mut text);
        }
        text
    }

    fn claim_text(&self, claim: &Claim, text: &mut String) {
        let (certificate, belief) = (&claim.certificate, &claim.belief);
        let word = match &claim.problem {
            None => terminal::say("✓ BELIEVED  ", "✓ 信頼      "),
            Some(_) => terminal::say("✗ NOT SO    ", "✗ 信頼不可  "),
        };
        let name = terminal::line(&certificate.name(self.at).unwrap_or_default());
        let (from, until) = cert::dates(certificate, self.at);
        let _ =
            writeln!(text, "{word}{} · {name} · {}", certificate.protocol().name(), cert::span(from, until));
        let problem = claim.problem.as_ref().map(|problem| match problem {
            Unreached::NotBelieved(_) => terminal::say(
                "nobody you trust says that it is theirs",
                "本人のものと言う、信頼できる人がいません",
            )
            .to_owned(),
            problem => problem.text(terminal::language()),
        });
        let pinned = belief.pinned_to.iter().map(|pin| match terminal::language() {
            "ja" => format!("このアドレスは別の証明書に固定されています: {pin}"),
            _ => format!("the address is pinned to another certificate: {pin}"),
        });
        let said = terminal::groups(&certificate.fingerprint()).into_iter().chain(problem).chain(pinned);
        let doubt = |doubt: &String| in_language(doubt, terminal::language());
        let unchecked = belief.evidence.iter().any(is_unchecked);
        let unchecked = unchecked.then(|| terminal::say("revocation not checked", "失効は未確認").to_owned());
        for line in said.chain(unchecked).chain(belief.doubts.iter().map(doubt)) {
            let _ = writeln!(text, "            {}", terminal::line(&line));
        }
        let paths = Paths::new(&belief.evidence, &belief.rejected, self.at).language(terminal::language());
        let _ = write!(text, "{paths}");
    }
}

/// Nobody could say whether a certificate on the way is revoked.
fn is_unchecked(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::CertificationPath { revocation: Revocation::Unknown, .. })
}
