//! CRLs and OCSP answers, judged by other people's data.

mod pkits;
