//! Says who signed a letter: `cargo run --example verify -- ANCHORS MESSAGE`

use std::{env, error::Error, fs, process::ExitCode, time::SystemTime};

use mailseal::{Context, Input, Opener, Outcome, Policy, Scope, TrustStore};

fn main() -> ExitCode {
    verify().unwrap_or_else(|error| {
        eprintln!("could not look: {error}");
        ExitCode::from(2)
    })
}

fn verify() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(anchors), Some(message)) = (args.next(), args.next()) else {
        return Err("usage: verify ANCHORS MESSAGE".into());
    };
    let trust = TrustStore::new().anchors(&fs::read(anchors)?, Scope::any())?;
    let opened = Opener::new(&Context::new(trust)).open(Input::file(message), SystemTime::now())?;

    let verdict = Policy::standard().judge(&opened.report);
    println!("{}", verdict.text(&opened.report));
    for signature in opened.report.signatures() {
        if let Some(signer) = &signature.signer {
            println!("{:?} by {}", signature.integrity, signer.mailbox);
        }
    }
    Ok(ExitCode::from(if verdict.outcome == Outcome::Good { 0 } else { 1 }))
}
