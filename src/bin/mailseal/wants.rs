//! What was not asked of the network, and how to ask.

use std::io::{self, Write};

use mailseal::report::{FetchPurpose, Want};

use crate::terminal;
use crate::world::Fetch;

/// Places in words; the JSON has them all.
const PLACES: usize = 8;

/// One line that says what `--fetch` would look for; with `explain` every place too.
pub(crate) fn tell(out: &mut impl Write, missing: &[Want], asked: &[Fetch], explain: bool) -> io::Result<()> {
    let was_asked = |want: &&Want| asked.iter().any(|what| FetchPurpose::from(*what) == want.purpose);
    let (silent, unasked): (Vec<&Want>, Vec<&Want>) = missing.iter().partition(was_asked);
    let names = [("crl", FetchPurpose::Crl), ("ocsp", FetchPurpose::Ocsp), ("aia", FetchPurpose::Aia)];
    let wanted = names.iter().filter(|(_, purpose)| unasked.iter().any(|want| want.purpose == *purpose));
    let wanted = wanted.map(|(name, _)| *name).collect::<Vec<_>>().join(",");
    if !wanted.is_empty() {
        match terminal::language() {
            "ja" => writeln!(out, "  --fetch   {wanted} を指定すると、ネットワークで調べます")?,
            _ => writeln!(out, "  --fetch   {wanted} would look for what is missing, in the network")?,
        }
        places(out, &unasked, explain)?;
    }
    if explain && !silent.is_empty() {
        writeln!(
            out,
            "  --fetch   {}",
            terminal::say("no answer that helps from", "役に立つ回答がなかった場所")
        )?;
        places(out, &silent, explain)?;
    }
    Ok(())
}

fn places(out: &mut impl Write, wants: &[&Want], explain: bool) -> io::Result<()> {
    for want in wants.iter().take(PLACES).filter(|_| explain) {
        writeln!(out, "            {}", terminal::line(&want.url))?;
    }
    Ok(())
}
