//! openpgp
