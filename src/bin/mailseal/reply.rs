//! The letter that is answered: `--reply-to`.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use mailseal::protocol::Purpose;
use mailseal::{Context, Input, Opener, Report, UnixTime};

use crate::args::UseArgs;
use crate::keys::{self, Loaded, Passwords};
use crate::words::said;

/// What was seen in it. One that stays closed would leave nothing to keep.
pub(crate) fn answered(
    path: &Path,
    names: &[OsString],
    uses: &UseArgs,
    certificates: &[PathBuf],
    passwords: &Passwords,
    cx: &Context,
    at: UnixTime,
) -> Result<Report, Box<dyn Error>> {
    let Loaded { keys, audit } = keys::load(names, uses, certificates, passwords, Purpose::Encrypt)?;
    let opener = keys.into_iter().fold(Opener::new(cx), Opener::key);
    let opened = opener.open(Input::file(path), at)?;
    audit.finish()?;
    if opened.payload().is_none() {
        let file = path.display();
        let why = said!(
            "{file} could not be opened, so nobody knows what it hides: name its key with --reply-key",
            "{file} を開けないため、何が隠されているか分かりません。--reply-key で鍵を指定してください"
        );
        return Err(mailseal::Error::Refused(why).into());
    }
    Ok(opened.report)
}
