//! Opens an encrypted letter: `cargo run --example decrypt -- MESSAGE KEY...`

use std::{env, error::Error, fs, io, time::SystemTime};

use mailseal::{Context, Input, Key, Opener, PasswordRequest, Policy, Secret, TrustStore};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let message = args.next().ok_or("usage: decrypt MESSAGE KEY...")?;

    // Give every key that the user ever had, of either kind. The password is asked for when a key or a letter needs one.
    let mut opener = Opener::new(&Context::new(TrustStore::new())).password(ask);
    for path in args {
        opener = opener.key(Key::load(&fs::read(path)?, ask)?);
    }
    let opened = opener.open(Input::file(message), SystemTime::now())?;
    for layer in &opened.report.layers {
        println!("{layer}");
    }
    match opened.payload() {
        // All of it, or no file: nothing comes out of a letter that was changed on its way.
        Some(payload) => payload.save("letter.eml")?,
        None => println!("not decrypted"),
    }
    // Who wrote it is another question.
    println!("{}", Policy::standard().judge(&opened.report).text(&opened.report));
    Ok(())
}

/// `None` gives up. A real program does not show what is typed.
fn ask(request: &PasswordRequest) -> Option<Secret> {
    eprint!("Password of {}: ", request.subject);
    let mut line = String::new();
    (request.attempt < 3 && io::stdin().read_line(&mut line).is_ok()).then(|| Secret::from(line.trim_end()))
}
