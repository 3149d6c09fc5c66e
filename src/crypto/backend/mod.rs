//! The crates that compute. Nothing above names them.

pub(crate) mod portable;
