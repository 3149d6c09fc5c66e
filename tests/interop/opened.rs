//! What others sign, mailseal finds good, and bad when altered.
pub fn openssl(_: &crate::cells::Cells) {}
pub fn gpg(_: &crate::cells::Cells) {}
pub fn letters(_: &crate::cells::Cells) {}
pub fn nss_and_gpgsm(_: &crate::cells::Cells) {}
pub fn sq_and_rnp(_: &crate::cells::Cells) {}
