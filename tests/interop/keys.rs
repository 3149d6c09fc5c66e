pub fn smime(_: &crate::cells::Cells) {}
pub fn openpgp(_: &crate::cells::Cells) {}
