//! DKIM signatures on letters that go.

use std::error::Error;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use mailseal::outside::domain::DkimSigner;

use crate::keys;

#[derive(ClapArgs)]
pub(crate) struct DkimArgs {
    /// Sign for the domain too (DKIM), after all else, with this private key: RSA or Ed25519, PEM or DER. Without --key, do
    /// only that.
    #[arg(long, value_name = "KEY", requires_all = ["dkim_domain", "dkim_selector"])]
    pub(crate) dkim_key: Option<PathBuf>,
    /// The domain that signs.
    #[arg(long, value_name = "DOMAIN", requires = "dkim_key")]
    dkim_domain: Option<String>,
    /// The name of the key in the DNS, below _domainkey.
    #[arg(long, value_name = "NAME", requires = "dkim_key")]
    dkim_selector: Option<String>,
}

impl DkimArgs {
    pub(crate) fn signer(&self) -> Result<Option<DkimSigner>, Box<dyn Error>> {
        let (Some(key), Some(domain), Some(selector)) =
            (&self.dkim_key, &self.dkim_domain, &self.dkim_selector)
        else {
            return Ok(None);
        };
        Ok(Some(DkimSigner::load(&keys::read(key)?, domain, selector)?))
    }
}
