//! Recipe for outgoing letters.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::crypto::ContentCipher;
use mailseal_core::report::Protocol;
use mailseal_core::{Certificate, Composer, Group, HeaderConfidentiality, Input, UnixTime};

use crate::boundary::{Failure, answer, status};
use crate::certificate::mailseal_certificate;
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::key::mailseal_key;
use crate::opener::address;
use crate::output::{Sink, mailseal_output};
use crate::prepared::{Waiting, mailseal_prepared};
use crate::recipe::Recipe;
use crate::report::mailseal_report;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// Recipe for outgoing letters. Takes settings until the first letter.
pub struct mailseal_composer {
    handle: Handle<Recipe<Settings>>,
}

object!(mailseal_composer, Recipe<Settings>, 9);

/// What a composer was told.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    composer: Composer,
    /// Whom it encrypts to outright.
    to: Vec<Certificate>,
    cipher: Option<ContentCipher>,
}

impl Settings {
    fn map(self, change: impl FnOnce(Composer) -> Composer) -> Result<Self, Failure> {
        Ok(Self { composer: change(self.composer), ..self })
    }

    /// For those it encrypts to outright, if anybody.
    fn composer(self, at: UnixTime) -> Result<Composer, Failure> {
        match (self.to.is_empty(), self.cipher) {
            (false, _) => {
                let group = Group::to(&self.to, at)?;
                Ok(self.encrypting(group))
            }
            (true, None) => Ok(self.composer),
            (true, Some(_)) => Err(Failure::misuse("a cipher takes somebody to encrypt to")),
        }
    }

    /// For a group of a plan.
    pub(crate) fn composer_for(self, group: Group) -> Result<Composer, Failure> {
        match self.to.is_empty() {
            true => Ok(self.encrypting(group)),
            false => Err(Failure::misuse("the composer encrypts to certificates of its own, not to a plan")),
        }
    }

    fn encrypting(self, group: Group) -> Composer {
        let group = match self.cipher {
            Some(cipher) if group.protocol() == Protocol::Smime => group.cipher(cipher),
            _ => group,
        };
        self.composer.encrypt(&group)
    }
}

/// The certificate of one recipient: the first of a file, in which only those of authorities may follow, as nobody is
/// left out unseen.
fn recipient(octets: &[u8]) -> Result<Certificate, Failure> {
    let mut certificates = Certificate::load(octets)?.into_iter();
    let first = certificates.next().ok_or_else(|| Failure::misuse("there is no certificate in it"))?;
    let authority = |one: &Certificate| match one {
        Certificate::X509(one) => one.extensions().basic_constraints.as_ref().is_some_and(|basic| basic.ca),
        _ => false,
    };
    match certificates.all(|one| authority(&one)) {
        true => Ok(first),
        false => {
            Err(Failure::misuse("there are certificates of several recipients in it: give each by itself"))
        }
    }
}

fn cipher(name: &str) -> Result<ContentCipher, Failure> {
    name.parse().map_err(|_| Failure::misuse(format_args!("nothing is encrypted with `{name}`")))
}

/// Writes one letter.
pub(crate) fn write(
    composer: &Composer,
    draft: Input<'_>,
    at: UnixTime,
    output: Sink,
) -> Result<mailseal_status, Failure> {
    output.deliver(
        draft,
        |draft, path| composer.save(draft, at, path),
        |draft, stream| composer.compose(draft, at, stream),
    )?;
    Ok(MAILSEAL_OK)
}

/// A composer that does nothing yet. NULL of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_new(context: *const mailseal_context) -> *mut mailseal_composer {
    answer(ptr::null_mut(), |call| {
        let context = borrowed!(call, context).ok()?.settled();
        let composer = Composer::new(&context);
        Some(handle::give(Recipe::new(Settings { composer, to: Vec::new(), cipher: None })))
    })
}

/// Signs with this key, too. Each key gives one signature; all that sign a letter are of one protocol: that of the group
/// it is encrypted to, where it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_sign(
    composer: *mut mailseal_composer,
    key: *const mailseal_key,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let key = borrowed!(call, key)?;
        composer.change(|settings| settings.map(|composer| composer.sign(key)))
    })
}

/// Puts the letter inside the signature, as application/pkcs7-mime, instead of beside it. S/MIME only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_opaque(
    composer: *mut mailseal_composer,
    opaque: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, composer)?.change(|settings| settings.map(|composer| composer.opaque(opaque)))
    })
}

/// Signs header fields as well (RFC 9788). On unless switched off.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_protect_headers(
    composer: *mut mailseal_composer,
    protect: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        composer.change(|settings| settings.map(|composer| composer.protect_headers(protect)))
    })
}

/// Says in S/MIME signatures that who signs reads these ciphers, the preferred first, instead of those that this library
/// reads: for whoever signs for people who read with another program. Names as for `mailseal_composer_cipher`, with
/// commas between; none says nothing of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_reads(
    composer: *mut mailseal_composer,
    ciphers: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let names = text!(ciphers)?.split(',').map(str::trim).filter(|name| !name.is_empty());
        let ciphers: Vec<ContentCipher> = names.map(cipher).collect::<Result<_, _>>()?;
        composer.change(|settings| settings.map(|composer| composer.reads(&ciphers)))
    })
}

/// Adds an Autocrypt header field for From: the OpenPGP certificate of a key of the composer that names it, also where
/// another key signs. `mutual` says that one would have letters encrypted. A letter that is encrypted with OpenPGP to
/// several people of To and Cc carries their certificates inside. A draft that has such a field keeps its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_autocrypt(
    composer: *mut mailseal_composer,
    mutual: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        composer.change(|settings| settings.map(|composer| composer.autocrypt(mutual)))
    })
}

/// What stands outside of the header of an encrypted letter (RFC 9788 section 3.2): `"baseline"`, as without it, no subject;
/// `"shy"`, no names beside addresses and no time zone either; `"none"`, all of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_header_confidentiality(
    composer: *mut mailseal_composer,
    name: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let policy: HeaderConfidentiality = text!(name)?.parse()?;
        composer.change(|settings| settings.map(|composer| composer.header_confidentiality(policy)))
    })
}

/// Repeats at the head of the text what an encrypted letter does not show outside, for programs that do not know RFC 9788
/// (section 5.2.2). Off unless switched on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_legacy_display(
    composer: *mut mailseal_composer,
    legacy_display: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        composer.change(|settings| settings.map(|composer| composer.legacy_display(legacy_display)))
    })
}

/// What was seen in the letter that is answered or passed on: what that one hid in its header stays hidden (RFC 9788
/// section 6.1), and an answer to an encrypted letter that is not encrypted is refused. The report is not kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_reply_to(
    composer: *mut mailseal_composer,
    report: *const mailseal_report,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let report = borrowed!(call, report)?;
        composer.change(|settings| settings.map(|composer| composer.reply_to(report.report())))
    })
}

/// Signs although a key does not name the From of the draft: receivers will be warned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_allow_other_from(
    composer: *mut mailseal_composer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| borrowed!(call, composer)?.change(|settings| settings.map(Composer::allow_other_from)))
}

/// Encrypts to this certificate, too, believed or not: the program says so. `input` has the certificate of one
/// recipient first, then perhaps those that lead towards an anchor; nobody is encrypted to by the latter. All
/// recipients are of one protocol. For the recipients of a draft, make a plan instead.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_encrypt_to(
    composer: *mut mailseal_composer,
    input: *mut mailseal_input,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let composer = borrowed!(call, composer)?;
        let certificate = recipient(&input?.octets()?)?;
        composer.change(|mut settings| {
            settings.to.push(certificate);
            Ok(settings)
        })
    })
}

/// The same to a certificate; nobody is encrypted to by the others of its file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_encrypt_to_certificate(
    composer: *mut mailseal_composer,
    certificate: *const mailseal_certificate,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let certificate = borrowed!(call, certificate)?.owned()?;
        composer.change(|mut settings| {
            settings.to.push(certificate);
            Ok(settings)
        })
    })
}

/// Encrypts S/MIME with this cipher instead of the one that all are known to read: `"AES-256-GCM"`, `"AES-192-GCM"`,
/// `"AES-128-GCM"`, `"ChaCha20-Poly1305"`, `"AES-256-CBC"`, `"AES-192-CBC"`, `"AES-128-CBC"`. For CBC nothing tells the
/// reader whether the letter was changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_cipher(
    composer: *mut mailseal_composer,
    name: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let cipher = cipher(text!(name)?)?;
        composer.change(|settings| Ok(Settings { cipher: Some(cipher), ..settings }))
    })
}

/// Signs once more around the encryption (RFC 2634 section 1.1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_triple_wrap(
    composer: *mut mailseal_composer,
    triple: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, composer)?.change(|settings| settings.map(|composer| composer.triple_wrap(triple)))
    })
}

/// Sends to this address, a recipient of the envelope, besides those named before: the policy's rules are asked about them.
/// Without any, they are asked about To, Cc, Bcc, Resent-To, -Cc and -Bcc of the draft, or about the group of a plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_add_recipient(
    composer: *mut mailseal_composer,
    mailbox: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let mailbox = address(text!(mailbox)?)?;
        composer.change(|settings| settings.map(|composer| composer.recipient(&mailbox)))
    })
}

/// Somebody has said yes to the first letter to this domain, where the policy asks. The memory of the context keeps that
/// once a letter was composed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_confirm(
    composer: *mut mailseal_composer,
    domain: *const c_char,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let composer = borrowed!(call, composer)?;
        let domain = text!(domain)?;
        composer.change(|settings| settings.map(|composer| composer.confirm(domain)))
    })
}

/// Writes what the policy holds: the program keeps it until somebody lets it go. Without this it is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_hold(
    composer: *mut mailseal_composer,
    holds: bool,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        borrowed!(call, composer)?.change(|settings| settings.map(|composer| composer.hold(holds)))
    })
}

/// Signs and encrypts a draft, a finished RFC 5322 message, and writes the letter. `at` is the time of signing in
/// seconds since 1970, as of `time(NULL)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_compose(
    composer: *const mailseal_composer,
    draft: *mut mailseal_input,
    at: i64,
    output: *mut mailseal_output,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (draft, output) = (taken!(draft), taken!(output));
        let composer = borrowed!(call, composer)?;
        let (draft, output) = (draft?.letter()?, output?);
        let at = UnixTime::from_seconds(at);
        write(&composer.settled().composer(at)?, draft, at, output)
    })
}

/// The first of two phases, for a signature that is made elsewhere or later. The composer has one key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_prepare(
    composer: *const mailseal_composer,
    draft: *mut mailseal_input,
    at: i64,
    prepared: *mut *mut mailseal_prepared,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let draft = taken!(draft);
        let composer = borrowed!(call, composer)?;
        let draft = draft?;
        let prepared = out!(prepared)?;
        let at = UnixTime::from_seconds(at);
        let letter = composer.settled().composer(at)?.prepare(draft.letter()?, at)?;
        prepared.set(handle::give(Waiting::new(letter)?));
        Ok(MAILSEAL_OK)
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_composer_free(composer: *mut mailseal_composer) {
    freed!(composer);
}
