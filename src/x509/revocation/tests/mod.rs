//! CRLs and OCSP answers, judged by other people's data.

mod answers;
mod crls;
mod crowds;
mod hostile;
mod maker;
