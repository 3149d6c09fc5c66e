//! Whom to believe, for what, and why: `cargo run --example trust`, or `cargo run --example trust -- MESSAGE`

use std::{env, error::Error, fs, path::Path, process::ExitCode, time::SystemTime};

use mailseal::outside::CertD;
use mailseal::policy::{escape, path_text, step_text};
use mailseal::x509::RevocationData;
use mailseal::{Certificate, Context, Input, Opener, Policy, TrustStore};

fn main() -> ExitCode {
    match env::args().nth(1).map_or_else(letters, |message| explain(&opener()?, Path::new(&message))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("could not look: {error}");
            ExitCode::from(2)
        }
    }
}

/// One letter for each way to be believed, and one whose signer was revoked.
fn letters() -> Result<(), Box<dyn Error>> {
    let opener = opener()?;
    for name in ["openssl.eml", "gpg.eml", "gpg-introduced.eml", "eve-revoked.eml"] {
        explain(&opener, &folder().join(name))?;
    }
    Ok(())
}

/// Trusts an authority within its scope, another one for all, one person by the fingerprint that she read out, and whom
/// one's friends have certified.
fn opener() -> Result<Opener, Box<dyn Error>> {
    let read = |name: &str| fs::read(folder().join(name));
    let known = CertD::open(folder().join("pgp.cert.d"))?; // candidates; finding is not trusting
    let friend = known.trust_root().ok_or("no trust-root in the folder")?.fingerprint();
    let carol = Certificate::load(&read("gpg-carol.asc")?)?.remove(0);

    let trust = TrustStore::new()
        .anchors(&read("openssl-ca.pem")?, "*@example.com until=2040-12-31".parse()?)?
        .anchors(&read("strict-ca.pem")?, "any for=sign".parse()?)?
        .web_of_trust_root(&friend, 120)? // 120 is full (RFC 9580 section 5.2.3.21)
        .pin(&"carol@example.net".parse()?, &carol.fingerprint())?;
    let cx = Context::new(trust)
        .certificates(known)
        .certificates([carol].into_iter().collect::<mailseal::CertificatePool>())
        .revocations(RevocationData::new().with(&read("strict-ca.crl")?)?);
    Ok(Opener::new(&cx))
}

fn explain(opener: &Opener, letter: &Path) -> Result<(), Box<dyn Error>> {
    let opened = opener.open(Input::file(letter), SystemTime::now())?;
    let report = &opened.report;
    println!("── {}: {:?}", letter.display(), Policy::standard().judge(report).outcome);
    for signature in report.signatures() {
        for evidence in &signature.evidence {
            println!("{}", path_text(evidence, report.at, "en")); // "ja" for Japanese
            for step in evidence.steps() {
                println!("  {}", step_text(step, report.at, "en"));
            }
        }
        for path in &signature.rejected {
            println!("not believed: {} ({})", escape(&path.reason), path.code);
        }
        for finding in &signature.findings {
            println!("found: {}", finding.code.as_str());
        }
    }
    for want in &report.wants {
        println!("not fetched: {}", want.url);
    }
    println!();
    Ok(())
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/letters"))
}
