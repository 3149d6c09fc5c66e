//! Signs a finished letter: `cargo run --example sign -- KEY PASSWORD < draft.eml > signed.eml`

use std::{env, error::Error, fs, io, time::SystemTime};

use mailseal::{Composer, Context, Input, Key, Password, TrustStore};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let path = args.next().ok_or("usage: sign KEY [PASSWORD] < draft.eml")?;
    let password = args.next().map_or_else(Password::none, Password::from);

    // PKCS#12, PEM or an OpenPGP secret key: what the key is decides the protocol.
    let key = Key::load(&fs::read(path)?, password)?;
    let cx = Context::new(TrustStore::new());
    let draft = Input::pipe(io::stdin());
    Composer::new(&cx).sign(&key).compose(draft, SystemTime::now(), &mut io::stdout().lock())?;
    Ok(())
}
