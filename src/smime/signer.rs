//! Making S/MIME signatures (RFC 8551 §3.5).

use std::io::{self, Write};
use std::sync::Arc;

use crate::cms::{ContentHasher, PreparedSignedData, SignedDataBuilder, StreamedSignedData};
use crate::crypto::{ContentCipher, Provider, SignatureScheme, ToSign};
use crate::error::{Error, KeyError};
use crate::protocol::{self, Key, KeyKind, OwnedToSign, Prepared, Signing, SigningRequest, SmimeKey};
use crate::report::Protocol;
use crate::time::UnixTime;

/// Signs with one key or several; each gives one SignerInfo.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # use mailseal::{Key, Password, crypto::Provider, smime};
/// # let provider = Provider::default();
/// # let key = Key::load(pem.as_bytes(), Password::none())?;
/// use std::io::Write;
/// use mailseal::protocol::Signer as _;
/// let signer = smime::Signer::of(&[key], &provider)?;
/// let mut signing = signer.begin(at)?;
/// signing.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n")?; // the part as it goes out, CRLF line ends
/// let prepared = signing.prepare()?;
/// println!("to be signed: {:?}", prepared.requests());
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Signer {
    keys: Vec<(Arc<SmimeKey>, SignatureScheme)>,
    micalg: String,
    provider: Provider,
    /// What the signatures say that their owner reads, where it is not what this program reads.
    reads: Option<Vec<ContentCipher>>,
}

impl Signer {
    /// The same, whose signatures say to read these ciphers and no others (RFC 8551 §2.5.2).
    pub(crate) fn reads(mut self, ciphers: Option<&[ContentCipher]>) -> Self {
        self.reads = ciphers.map(<[_]>::to_vec);
        self
    }

    /// Signs with these keys; an error where one is none of S/MIME, or knows no signature scheme.
    pub fn of(keys: &[Key], provider: &Provider) -> Result<Self, Error> {
        let smime = |key: &Key| match &key.kind {
            KeyKind::Smime(key) => Ok(Arc::clone(key)),
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(_) => Err(Error::misuse("an OpenPGP key does not sign S/MIME")),
        };
        match keys {
            [] => Err(Error::misuse("there is no key to sign with")),
            _ => Self::new(keys.iter().map(smime).collect::<Result<Vec<_>, Error>>()?, provider),
        }
    }

    pub(crate) fn new(
        keys: impl IntoIterator<Item = Arc<SmimeKey>>,
        provider: &Provider,
    ) -> Result<Self, Error> {
        let mut chosen = Vec::new();
        for key in keys {
            if !key.may_sign() {
                return Err(KeyError::Unsupported("its certificate may not sign".into()).into());
            }
            let scheme = key.preferred();
            let scheme =
                scheme.ok_or_else(|| KeyError::Unsupported("it knows no signature scheme".into()))?;
            chosen.push((key, scheme));
        }
        let mut names: Vec<_> = chosen.iter().map(|(_, scheme)| scheme.hash().name()).collect();
        names.sort_unstable();
        names.dedup();
        Ok(Self { keys: chosen, micalg: names.join(","), provider: *provider, reads: None })
    }

    fn builder(&self, at: UnixTime) -> SignedDataBuilder {
        let mut builder = SignedDataBuilder::new();
        for (key, scheme) in &self.keys {
            let template = match &self.reads {
                Some(ciphers) => key.template_saying(*scheme, ciphers),
                None => key.template(*scheme),
            };
            builder.signer_by(template, at);
            builder.chain(&key.chain);
        }
        builder
    }

    /// A signature with the content inside, which is passed on to `out` as it is written.
    pub(crate) fn begin_opaque<W: Write>(&self, at: UnixTime, out: W) -> Result<OpaqueSigning<'_, W>, Error> {
        Ok(OpaqueSigning {
            signer: self,
            streamed: StreamedSignedData::new(self.builder(at), out, &self.provider)?,
        })
    }

    fn requests(&self, prepared: &PreparedSignedData) -> Vec<SigningRequest> {
        let request =
            |((key, scheme), waiting): (&(Arc<SmimeKey>, SignatureScheme), &crate::cms::ToBeSigned)| {
                let input = match waiting.to_sign() {
                    ToSign::Digest { algorithm, value } => {
                        OwnedToSign::Digest { algorithm, value: value.to_vec() }
                    }
                    ToSign::Message(message) => OwnedToSign::Message(message.to_vec()),
                };
                SigningRequest { key: key.public().clone(), scheme: *scheme, input }
            };
        self.keys.iter().zip(prepared.to_be_signed()).map(request).collect()
    }
}

impl protocol::Signer for Signer {
    fn protocol(&self) -> Protocol {
        Protocol::Smime
    }

    fn micalg(&self) -> &str {
        &self.micalg
    }

    fn begin(&self, at: UnixTime) -> Result<Box<dyn Signing + '_>, Error> {
        let builder = self.builder(at);
        let hasher = ContentHasher::new(&self.provider, &builder.hash_algorithms());
        Ok(Box::new(Detached { signer: self, builder, hasher }))
    }
}

struct Detached<'s> {
    signer: &'s Signer,
    builder: SignedDataBuilder,
    hasher: ContentHasher,
}

impl Write for Detached<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.hasher.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Signing for Detached<'_> {
    fn prepare(self: Box<Self>) -> Result<Prepared, Error> {
        let prepared = self.builder.prepare_with(self.hasher.finish(), &self.signer.provider)?;
        let requests = self.signer.requests(&prepared);
        Ok(Prepared { requests, complete: Box::new(move |signatures| prepared.complete(signatures)) })
    }
}

/// A signature with its content inside, in the making.
pub(crate) struct OpaqueSigning<'s, W> {
    signer: &'s Signer,
    streamed: StreamedSignedData<W>,
}

impl<W: Write> OpaqueSigning<'_, W> {
    /// The content is complete: what has to be signed, and what the signatures go to.
    pub(crate) fn prepare(self) -> Result<(Vec<SigningRequest>, PreparedSignedData, W), Error> {
        let (prepared, out) = self.streamed.prepare(&self.signer.provider)?;
        Ok((self.signer.requests(&prepared), prepared, out))
    }
}

impl<W: Write> Write for OpaqueSigning<'_, W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.streamed.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.streamed.flush()
    }
}
