//! `mailseal footer`

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use mailseal::{Context, Footer, TrustStore};
use serde_json::json;
use tempfile::SpooledTempFile;

use crate::outgoing::IN_MEMORY;
use crate::words::say;
use crate::{GOOD, keys, look, terminal};

#[derive(ClapArgs)]
pub(crate) struct FooterArgs {
    /// File of the footer: UTF-8 text.
    #[arg(long, value_name = "FILE")]
    text: PathBuf,
    /// Write there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one line of JSON about it.
    #[arg(long, requires = "out")]
    pub(crate) json: bool,
    /// The letter; `-` or nothing is standard input.
    #[arg(value_name = "MESSAGE")]
    message: Option<PathBuf>,
}

pub(crate) fn run(args: &FooterArgs) -> Result<u8, Box<dyn Error>> {
    let text = String::from_utf8(keys::read(&args.text)?)?;
    let cx = Context::new(TrustStore::new());
    let letter = look::input(args.message.as_deref());
    let became = match &args.out {
        Some(path) => {
            let became = cx.append_footer_file(letter, &text, path)?;
            if args.json {
                let file = path.display().to_string();
                writeln!(io::stdout(), "{}", json!({ "version": 1, "file": file, "footer": became.name() }))?;
            }
            became
        }
        None => {
            // Whoever reads it gets nothing of a letter that fails in the middle.
            let mut whole = SpooledTempFile::new(IN_MEMORY);
            let became = cx.append_footer(letter, &text, &mut whole)?;
            io::Seek::rewind(&mut whole)?;
            io::copy(&mut whole, &mut io::stdout().lock())?;
            became
        }
    };
    if became == Footer::Left {
        let words = say(
            "the letter is encrypted and stays as it is, without the footer",
            "暗号化されたメールのため、フッターを付けずにそのまま出力しました",
        );
        terminal::tell(args.message.as_deref(), words);
    }
    Ok(GOOD)
}
