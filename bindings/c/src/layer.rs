//! One layer of cryptography: what came of an encrypted one, and whom it is encrypted to.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{Arc, OnceLock};

use mailseal_core::Opened;
use mailseal_core::report::{Decryption, EncryptedLayer, Layer, OpenedBy, Recipient, RecipientKind};

use crate::boundary::answer;
use crate::finding::{self, mailseal_finding};
use crate::handle::Handle;
use crate::part::mailseal_range;
use crate::slice::mailseal_slice;

/// One layer of cryptography. Lives as long as its report.
pub struct mailseal_layer {
    handle: Handle<Shell>,
}

object!(mailseal_layer, Shell, 20);

/// What a layer is: one of `MAILSEAL_LAYER_...`.
pub type mailseal_layer_type = i32;
/// Something that this version of the C ABI has no number for.
pub const MAILSEAL_LAYER_UNKNOWN: mailseal_layer_type = 0;
/// Signed.
pub const MAILSEAL_LAYER_SIGNED: mailseal_layer_type = 1;
/// Encrypted.
pub const MAILSEAL_LAYER_ENCRYPTED: mailseal_layer_type = 2;
/// Compressed.
pub const MAILSEAL_LAYER_COMPRESSED: mailseal_layer_type = 3;

/// What came of an encrypted layer: one of `MAILSEAL_DECRYPTION_...`.
pub type mailseal_decryption = i32;
/// It does not wrap the whole letter, and nobody asked for it by its place; or it cannot be read as what it says.
pub const MAILSEAL_DECRYPTION_NOT_TRIED: mailseal_decryption = 0;
/// None of the keys given is named by it.
pub const MAILSEAL_DECRYPTION_NO_KEY: mailseal_decryption = 1;
/// A key was tried, and nothing came of it. Why is not said: an attacker would learn from it.
pub const MAILSEAL_DECRYPTION_FAILED: mailseal_decryption = 2;
/// The algorithms of the context do not allow to open it: nothing would tell whether it was changed.
pub const MAILSEAL_DECRYPTION_WITHHELD: mailseal_decryption = 3;
/// Decrypted; whatever check it has, held.
pub const MAILSEAL_DECRYPTION_OPENED: mailseal_decryption = 4;

/// How a content key reaches its recipient: one of `MAILSEAL_RECIPIENT_...`.
pub type mailseal_recipient_kind = i32;
/// Something else.
pub const MAILSEAL_RECIPIENT_OTHER: mailseal_recipient_kind = 0;
/// Encrypted to a public key (RFC 5652 section 6.2.1).
pub const MAILSEAL_RECIPIENT_KEY_TRANSPORT: mailseal_recipient_kind = 1;
/// Wrapped in a key that both sides agree on (RFC 5652 section 6.2.2).
pub const MAILSEAL_RECIPIENT_KEY_AGREEMENT: mailseal_recipient_kind = 2;
/// Wrapped in a key that both sides have (RFC 5652 section 6.2.3).
pub const MAILSEAL_RECIPIENT_KEY_ENCRYPTION_KEY: mailseal_recipient_kind = 3;
/// Wrapped in a key made of a password (RFC 5652 section 6.2.4, RFC 9580 section 5.3).
pub const MAILSEAL_RECIPIENT_PASSWORD: mailseal_recipient_kind = 4;

pub(crate) struct Shell {
    opened: Arc<Opened<'static>>,
    index: usize,
    part: CString,
    findings: OnceLock<Box<[mailseal_finding]>>,
}

impl Shell {
    pub(crate) fn new(opened: &Arc<Opened<'static>>, index: usize, layer: &Layer) -> Self {
        let part = CString::new(layer.part().to_string()).unwrap_or_default();
        Self { opened: Arc::clone(opened), index, part, findings: OnceLock::new() }
    }

    fn findings(&self) -> Option<&[mailseal_finding]> {
        let findings = self.layer()?.findings();
        Some(self.findings.get_or_init(|| finding::objects(findings)))
    }

    fn layer(&self) -> Option<&Layer> {
        self.opened.report.layers.get(self.index)
    }

    fn encrypted(&self) -> Option<&EncryptedLayer> {
        match self.layer()? {
            Layer::Encrypted(layer) => Some(layer),
            _ => None,
        }
    }

    fn opened_by(&self) -> Option<&OpenedBy> {
        self.encrypted()?.opened_by.as_ref()
    }

    fn recipient(&self, index: usize) -> Option<&Recipient> {
        self.encrypted()?.recipients.get(index)
    }
}

/// What is not known here is not opened.
fn decryption(decryption: Decryption) -> mailseal_decryption {
    match decryption {
        Decryption::NoKey => MAILSEAL_DECRYPTION_NO_KEY,
        Decryption::Failed => MAILSEAL_DECRYPTION_FAILED,
        Decryption::Withheld => MAILSEAL_DECRYPTION_WITHHELD,
        Decryption::Opened => MAILSEAL_DECRYPTION_OPENED,
        _ => MAILSEAL_DECRYPTION_NOT_TRIED,
    }
}

fn recipient_kind(kind: RecipientKind) -> mailseal_recipient_kind {
    match kind {
        RecipientKind::KeyTransport => MAILSEAL_RECIPIENT_KEY_TRANSPORT,
        RecipientKind::KeyAgreement => MAILSEAL_RECIPIENT_KEY_AGREEMENT,
        RecipientKind::KeyEncryptionKey => MAILSEAL_RECIPIENT_KEY_ENCRYPTION_KEY,
        RecipientKind::Password => MAILSEAL_RECIPIENT_PASSWORD,
        _ => MAILSEAL_RECIPIENT_OTHER,
    }
}

/// Text of the report, or nothing.
fn words(text: Option<&str>) -> mailseal_slice {
    text.map_or(mailseal_slice::EMPTY, |text| mailseal_slice::of(text.as_bytes()))
}

/// What the layer is. 0 of NULL: unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_kind(layer: *const mailseal_layer) -> mailseal_layer_type {
    answer(MAILSEAL_LAYER_UNKNOWN, |call| {
        Some(match borrowed!(call, layer).ok()?.layer()? {
            Layer::Signed(_) => MAILSEAL_LAYER_SIGNED,
            Layer::Encrypted(_) => MAILSEAL_LAYER_ENCRYPTED,
            Layer::Compressed(_) => MAILSEAL_LAYER_COMPRESSED,
            _ => MAILSEAL_LAYER_UNKNOWN,
        })
    })
}

/// The part that is the layer: `"0"` is the letter itself, `"2.1"` the first part of its second part. Lives as long as
/// the report; empty of NULL, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_part(layer: *const mailseal_layer) -> *const c_char {
    answer(c"".as_ptr(), |call| Some(borrowed!(call, layer).ok()?.part.as_ptr()))
}

/// Its octets, counted as those of that part.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_range(layer: *const mailseal_layer) -> mailseal_range {
    answer(mailseal_range::default(), |call| {
        Some(mailseal_range::of(borrowed!(call, layer).ok()?.layer()?.range()))
    })
}

/// How many observations there are on the layer; those on a signature are with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_finding_count(layer: *const mailseal_layer) -> usize {
    answer(0, |call| Some(borrowed!(call, layer).ok()?.layer()?.findings().len()))
}

/// One of them; NULL where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_finding(
    layer: *const mailseal_layer,
    index: usize,
) -> *const mailseal_finding {
    answer(ptr::null(), |call| borrowed!(call, layer).ok()?.findings()?.get(index).map(ptr::from_ref))
}

/// Which protocol: `"S/MIME"` or `"OpenPGP"`; empty of a compressed layer. Lives as long as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_protocol(layer: *const mailseal_layer) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let protocol = match borrowed!(call, layer).ok()?.layer()? {
            Layer::Signed(layer) => layer.protocol,
            Layer::Encrypted(layer) => layer.protocol,
            _ => return None,
        };
        Some(words(Some(protocol.name())))
    })
}

/// Whether it wraps the whole letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_is_envelope(layer: *const mailseal_layer) -> bool {
    answer(false, |call| {
        Some(match borrowed!(call, layer).ok()?.layer()? {
            Layer::Signed(layer) => layer.envelope,
            Layer::Encrypted(layer) => layer.envelope,
            Layer::Compressed(layer) => layer.envelope,
            _ => false,
        })
    })
}

/// What came of an encrypted layer. 0 of NULL, and of any other layer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_decryption(layer: *const mailseal_layer) -> mailseal_decryption {
    answer(MAILSEAL_DECRYPTION_NOT_TRIED, |call| {
        Some(decryption(borrowed!(call, layer).ok()?.encrypted()?.decryption))
    })
}

/// With what it is encrypted: `"AES-256-GCM"`. Empty where that could not be read. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_cipher(layer: *const mailseal_layer) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(words(borrowed!(call, layer).ok()?.encrypted()?.cipher.as_deref()))
    })
}

/// Whether a change of the ciphertext is noticed. No for CBC, whose content anyone on the way could have changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_is_authenticated(layer: *const mailseal_layer) -> bool {
    answer(false, |call| Some(borrowed!(call, layer).ok()?.encrypted()?.authenticated))
}

/// The fingerprint of the certificate whose key opened it, upper-case hexadecimal. Empty where a password did, or
/// nothing. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_opened_by_fingerprint(
    layer: *const mailseal_layer,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(words(borrowed!(call, layer).ok()?.opened_by()?.fingerprint.as_deref()))
    })
}

/// How many addresses that certificate names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_opened_by_mailbox_count(layer: *const mailseal_layer) -> usize {
    answer(0, |call| Some(borrowed!(call, layer).ok()?.opened_by()?.mailboxes.len()))
}

/// One of them; empty where there is none of that number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_opened_by_mailbox(
    layer: *const mailseal_layer,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(words(borrowed!(call, layer).ok()?.opened_by()?.mailboxes.get(index).map(String::as_str)))
    })
}

/// Whether that certificate is no longer valid at the time of opening: the sender should be given the new one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_opened_by_is_old(layer: *const mailseal_layer) -> bool {
    answer(false, |call| Some(borrowed!(call, layer).ok()?.opened_by()?.old))
}

/// How many keys it is encrypted to, as it says itself: nothing there is signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_recipient_count(layer: *const mailseal_layer) -> usize {
    answer(0, |call| Some(borrowed!(call, layer).ok()?.encrypted()?.recipients.len()))
}

/// How the content key reaches one of them. 0 where there is none of that number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_recipient_kind(
    layer: *const mailseal_layer,
    index: usize,
) -> mailseal_recipient_kind {
    answer(MAILSEAL_RECIPIENT_OTHER, |call| {
        Some(recipient_kind(borrowed!(call, layer).ok()?.recipient(index)?.kind))
    })
}

/// As the letter names it: issuer and serial number, key identifier, key ID or fingerprint; empty for a hidden recipient
/// or a password. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_recipient_name(
    layer: *const mailseal_layer,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(words(borrowed!(call, layer).ok()?.recipient(index)?.name.as_deref()))
    })
}

/// By what algorithm: `"RSAES-OAEP SHA-256"`. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_layer_recipient_algorithm(
    layer: *const mailseal_layer,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(words(Some(borrowed!(call, layer).ok()?.recipient(index)?.algorithm.as_str())))
    })
}
