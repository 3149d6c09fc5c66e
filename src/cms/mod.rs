//! Cryptographic Message Syntax (RFC 5652): SignedData, read and written. Knows nothing of MIME and asks nobody.

pub(crate) mod ber;
