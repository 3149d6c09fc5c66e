pub fn run(_: &crate::cells::Cells) {}
