//! The certificates that the system trusts, by way of p11-kit.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::outside::read_bounded;
use crate::protocol::Certificate;
use crate::trust::{Scope, TrustStore};

/// Which certificates of the system.
///
/// ```
/// use mailseal::outside::SystemRoots;
/// assert_ne!(SystemRoots::ForEmail, SystemRoots::AllThatItTrusts);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemRoots {
    /// Those that it trusts for mail, if it tells them from those for web sites.
    ForEmail,
    /// All that it trusts, for whatever purpose: who may vouch for web sites then vouches for mail as well.
    AllThatItTrusts,
}

/// Trusts the authorities that the system trusts (`trust extract` of p11-kit), for a scope.
///
/// Many systems keep one list for everything: Debian's says of every authority for web sites that it is one for
/// mail. [`SystemRoots::ForEmail`] is [`Error::Refused`] there; the feature `email-roots` has a list that was made for
/// mail.
///
/// ```no_run
/// use mailseal::outside::{SystemRoots, system_store};
/// use mailseal::{Scope, TrustStore};
/// let trust = system_store(TrustStore::new(), SystemRoots::ForEmail, &Scope::any())?;
/// # let _ = trust;
/// # Ok::<(), mailseal::Error>(())
/// ```
pub fn system_store(mut trust: TrustStore, roots: SystemRoots, scope: &Scope) -> Result<TrustStore, Error> {
    let chosen = match roots {
        SystemRoots::ForEmail => for_email()?,
        SystemRoots::AllThatItTrusts => extract(None)?,
    };
    if chosen.is_empty() {
        return Err(Error::Refused("the system trusts no certificate authority for this".into()));
    }
    for certificate in chosen {
        trust = trust.anchors(&certificate, scope.clone())?;
    }
    Ok(trust)
}

fn for_email() -> Result<BTreeSet<Vec<u8>>, Error> {
    let email = extract(Some("email"))?;
    if email == extract(Some("server-auth"))? {
        return Err(Error::Refused(
            "the system trusts the same authorities for mail as for web sites, so it does not tell them apart: use a \
             list made for mail, or ask for all that it trusts by name"
                .into(),
        ));
    }
    Ok(email)
}

/// The DER of the authorities for a purpose.
fn extract(purpose: Option<&str>) -> Result<BTreeSet<Vec<u8>>, Error> {
    let folder = tempfile::tempdir().map_err(Error::io("a temporary folder"))?;
    let file = folder.path().join("anchors.pem");
    let octets = run(purpose, &file).and_then(|()| read_bounded(&file, &crate::limits::Limits::default()))?;
    let mut found = BTreeSet::new();
    if !octets.is_empty() {
        for certificate in Certificate::load(&octets)? {
            match certificate {
                Certificate::X509(certificate) => found.insert(certificate.as_der().to_vec()),
                #[cfg(feature = "openpgp")]
                Certificate::Openpgp(_) => false,
            };
        }
    }
    Ok(found)
}

fn run(purpose: Option<&str>, out: &Path) -> Result<(), Error> {
    let mut command = Command::new("trust");
    command.args(["extract", "--format=pem-bundle", "--filter=ca-anchors"]);
    command.args(purpose.map(|purpose| format!("--purpose={purpose}"))).arg(out);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let ran = command.output().map_err(Error::io("the program `trust` of p11-kit"))?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let said: String = said.trim().chars().filter(|letter| !letter.is_control()).take(200).collect();
    Err(Error::Refused(format!("`trust extract` of p11-kit failed: {said}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::TrustModel;

    #[test]
    fn r_c10_a_list_for_web_sites_is_not_one_for_mail() {
        let (Ok(email), Ok(web)) = (extract(Some("email")), extract(Some("server-auth"))) else {
            return println!("skipped: p11-kit's `trust` is not installed, or has no store");
        };
        let asked = system_store(TrustStore::new(), SystemRoots::ForEmail, &Scope::any());
        if email == web {
            let refused = asked.unwrap_err();
            assert!(matches!(&refused, Error::Refused(why) if why.contains("web sites")), "{refused}");
        } else {
            assert_eq!(TrustModel::anchors(&asked.unwrap()), email.len());
        }
        let all = system_store(TrustStore::new(), SystemRoots::AllThatItTrusts, &Scope::any()).unwrap();
        assert!(TrustModel::anchors(&all) >= email.len());
    }
}
