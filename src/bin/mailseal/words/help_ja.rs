//! The texts of help, English and Japanese, in the order of English.

mod a_to_j;
mod k_to_z;

pub(super) fn texts() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    a_to_j::HELP.iter().chain(k_to_z::HELP)
}
