//! The sending domain: checks of letters, and signatures for domains (DKIM).

use std::ffi::{CString, c_char, c_void};
use std::net::{IpAddr, SocketAddr};
use std::ptr;

use mailseal_core::UnixTime;
use mailseal_core::outside::domain::{
    Connection, DkimSigner, DnsError, DnsResolver, DomainCheck, RecordKind, Resolver, examine,
};

use crate::boundary::{Failure, answer, status};
use crate::buffer::{Octets, filled, mailseal_buffer};
use crate::callback::{Userdata, mailseal_finalizer, mailseal_lookup_callback};
use crate::error::mailseal_error;
use crate::handle::{self, Handle, Object};
use crate::input::mailseal_input;
use crate::opened::{Looked, mailseal_opened};
use crate::opener::mailseal_opener;
use crate::output::mailseal_output;
use crate::status::{MAILSEAL_DECLINED, MAILSEAL_OK, MAILSEAL_OPENED, mailseal_status};

/// Checks SPF, DKIM, ARC and DMARC of letters. Never changes; shared by all threads.
pub struct mailseal_domain_check {
    handle: Handle<Checks>,
}

object!(mailseal_domain_check, Checks, 34);

pub(crate) struct Checks {
    check: DomainCheck,
    resolver: std::sync::Arc<dyn Resolver>,
}

impl Checks {
    fn new(resolver: impl Resolver + 'static) -> Self {
        let resolver: std::sync::Arc<dyn Resolver> = std::sync::Arc::new(resolver);
        Self { check: DomainCheck::new(std::sync::Arc::clone(&resolver)), resolver }
    }

    pub(crate) fn check(&self) -> &DomainCheck {
        &self.check
    }
}

/// How a letter arrived; nothing where no `client` is named.
pub(crate) fn connection(client: &str, helo: &str, mail_from: &str) -> Result<Option<Connection>, Failure> {
    if client.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Failure::misuse("`client` is not an address");
    Ok(Some(Connection::new(client.parse::<IpAddr>().map_err(wrong)?, helo, mail_from)))
}

type Lookup = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, *mut mailseal_buffer) -> i32;

struct Asks {
    callback: Lookup,
    userdata: Userdata,
}

impl Resolver for Asks {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        let name = CString::new(name).map_err(|_| DnsError::NoSuchName)?;
        let kind = CString::new(kind.as_str()).map_err(|_| DnsError::NoSuchName)?;
        let octets = Octets::default();
        let mut records = mailseal_buffer::new(octets.clone());
        // SAFETY: the program gave the function for this; all that it is given outlives the call.
        let status = unsafe {
            (self.callback)(
                self.userdata.pointer(),
                name.as_ptr(),
                kind.as_ptr(),
                ptr::from_mut(&mut records),
            )
        };
        match status {
            MAILSEAL_OK => {
                let octets = octets.take();
                let octets = octets.strip_suffix(&[0]).unwrap_or(&octets);
                let records = octets.split(|octet| *octet == 0).filter(|record| !record.is_empty());
                Ok(records.map(<[u8]>::to_vec).collect())
            }
            MAILSEAL_DECLINED => Err(DnsError::NoSuchName),
            _ => Err(DnsError::Temporary),
        }
    }
}

/// A check that asks the program. `lookup` is called in the threads that check letters, until the check is freed; then
/// `finalizer`, which may be NULL, also where this call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_domain_check_new(
    lookup: mailseal_lookup_callback,
    userdata: *mut c_void,
    finalizer: mailseal_finalizer,
    check: *mut *mut mailseal_domain_check,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let userdata = Userdata::new(userdata, finalizer);
        let callback = lookup.ok_or_else(|| Failure::null("lookup"))?;
        let check = out!(check)?;
        check.set(handle::give(Checks::new(Asks { callback, userdata })));
        Ok(MAILSEAL_OK)
    })
}

/// A check that asks a server of the DNS, `"127.0.0.1:53"`; `""` is those of the system.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_domain_check_dns(
    server: *const c_char,
    check: *mut *mut mailseal_domain_check,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let server = text!(server)?;
        let check = out!(check)?;
        let resolver = if server.is_empty() {
            DnsResolver::system()?
        } else {
            let wrong = |_| Failure::misuse("`server` is not an address and a port");
            DnsResolver::at(server.parse::<SocketAddr>().map_err(wrong)?)?
        };
        check.set(handle::give(Checks::new(resolver)));
        Ok(MAILSEAL_OK)
    })
}

/// Looks at a letter as `mailseal_opener_open` does, and at its sending domain: `/domain` of the report. `client` is the
/// address of the client that delivered it, `"192.0.2.1"`, `helo` what it called itself, `mail_from` the envelope sender;
/// all `""` where they are not known, and then SPF is not looked at. No verdict changes by what is found.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_domain_check_open(
    check: *const mailseal_domain_check,
    opener: *const mailseal_opener,
    input: *mut mailseal_input,
    client: *const c_char,
    helo: *const c_char,
    mail_from: *const c_char,
    at: i64,
    opened: *mut *mut mailseal_opened,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let check = borrowed!(call, check)?;
        let opener = borrowed!(call, opener)?;
        let input = input?;
        let (client, helo, mail_from) = (text!(client)?, text!(helo)?, text!(mail_from)?);
        let opened = out!(opened)?;
        let connection = connection(client, helo, mail_from)?;
        let mut looked = opener.settled().open(input.letter()?, UnixTime::from_seconds(at))?;
        check.check.add_to(&mut looked, connection.as_ref())?;
        opened.set(handle::give(Looked::new(looked)));
        Ok(MAILSEAL_OPENED)
    })
}

/// What is wrong with the SPF, DKIM and DMARC records of a domain: appends a JSON array to `findings`, each with `advice`,
/// `severity`, `name`, `record` and `detail`; nothing is wrong with what is not in it. `selectors` are names of DKIM keys,
/// separated by blanks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_domain_check_examine(
    check: *const mailseal_domain_check,
    domain: *const c_char,
    selectors: *const c_char,
    findings: *mut mailseal_buffer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let check = borrowed!(call, check)?;
        let (domain, selectors) = (text!(domain)?, text!(selectors)?);
        let findings = borrowed!(call, findings)?;
        let selectors: Vec<&str> = selectors.split_ascii_whitespace().collect();
        let found = examine(&*check.resolver, domain, &selectors)?;
        let json = serde_json::to_vec(&found).map_err(|error| Failure::misuse(error.to_string()))?;
        findings.append(&json)?;
        Ok(MAILSEAL_OK)
    })
}

/// NULL frees nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_domain_check_free(check: *mut mailseal_domain_check) {
    freed!(check);
}

/// Signs letters for a domain (DKIM). Never changes; shared by all threads.
pub struct mailseal_dkim_signer {
    handle: Handle<DkimSigner>,
}

object!(mailseal_dkim_signer, DkimSigner, 35);

/// A signer with the private key of a file, RSA or Ed25519, PEM or DER. `selector` is the name of the key in the DNS, below
/// `_domainkey`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dkim_signer_load(
    key: *mut mailseal_input,
    domain: *const c_char,
    selector: *const c_char,
    signer: *mut *mut mailseal_dkim_signer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let key = taken!(key);
        let (domain, selector) = (text!(domain)?, text!(selector)?);
        let signer = out!(signer)?;
        let octets = zeroize::Zeroizing::new(key?.octets()?);
        signer.set(handle::give(DkimSigner::load(&octets, domain, selector)?));
        Ok(MAILSEAL_OK)
    })
}

/// Writes the letter with a signature for the domain on top, after all else was done to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dkim_signer_sign(
    signer: *const mailseal_dkim_signer,
    letter: *mut mailseal_input,
    at: i64,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (letter, output) = (taken!(letter), taken!(output));
        let signer = borrowed!(call, signer)?;
        let (letter, output) = (letter?.letter()?, output?);
        let at = UnixTime::from_seconds(at);
        output.deliver(
            letter,
            |letter, path| signer.save(letter, at, path),
            |letter, stream| signer.sign(letter, at, stream),
        )?;
        Ok(MAILSEAL_OK)
    })
}

/// What has to stand in the DNS, as TXT of `SELECTOR._domainkey.DOMAIN`. To be freed by `mailseal_buffer_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dkim_signer_record(
    signer: *const mailseal_dkim_signer,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| Some(filled(borrowed!(call, signer).ok()?.record().as_bytes())))
}

/// NULL frees nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_dkim_signer_free(signer: *mut mailseal_dkim_signer) {
    freed!(signer);
}
