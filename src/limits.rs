//! Bounds on everything that a letter can make us do.

/// Declares each limit once: the field, its default with the reason, and its setter.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// Bounds on loops and allocations. Running out of one is [`Error::Limit`](crate::Error::Limit) with its name.
        ///
        /// ```
        /// use mailseal::Limits;
        /// let limits = Limits::default().message_bytes(50 << 20).depth(8);
        /// assert_eq!(limits.depth, 8);
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits { $($(#[$doc])* pub $name: $type,)* }

        impl Default for Limits {
            fn default() -> Self { Self { $($name: $default,)* } }
        }

        impl Limits {
            $($(#[$doc])* #[must_use] pub fn $name(mut self, value: $type) -> Self { self.$name = value; self })*

            /// Sets a limit by its name; false if there is none of that name, or the value does not fit.
            #[must_use]
            pub fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $(stringify!($name) => match value.try_into() {
                        Ok(value) => { self.$name = value; true }
                        Err(_) => false,
                    },)*
                    _ => false,
                }
            }
        }
    };
}

limits! {
    /// Octets of a letter. Default 64 GiB: larger than any mail server takes.
    message_bytes: u64 = 64 << 30;
    /// Octets of one letter, or of all content inside its layers, that are held in memory; beyond it, they are read
    /// again. Default 12 MiB: an attachment of 8 MB, which base64 made a third larger, with room for its letter.
    memory_bytes: usize = 12 << 20;
    /// Nesting of parts and layers. Default 32: MIME nests 3 or 4 deep in practice; threats D4.
    depth: u32 = 32;
    /// Parts of one letter. Default 10,000 (threats D4).
    parts: usize = 10_000;
    /// Header fields of one part. Default 1,000 (threats D4).
    header_fields: usize = 1_000;
    /// Octets of one header field. Default 64 KiB (threats D4).
    header_field_bytes: usize = 64 << 10;
    /// Octets of a whole header. Default 1 MiB: a thousand fields of usual size.
    header_bytes: usize = 1 << 20;
    /// Octets of all headers of one letter together, which are held in memory. Default 16 MiB: the most parts with
    /// headers of 1.6 KiB each.
    all_header_bytes: usize = 16 << 20;
    /// Octets of one signature part, decoded. Default 4 MiB: a hundred certificates of usual size with room for CRLs.
    signature_bytes: usize = 4 << 20;
    /// Signatures of one layer. Default 32 (threats D5).
    signatures: usize = 32;
    /// Signatures of all layers of a letter. Default 128 (threats D5).
    all_signatures: usize = 128;
    /// Layers of a letter, signed or encrypted. Default 1,000: a digest of as many encrypted letters.
    layers: usize = 1_000;
    /// How often content too large for memory may be decoded again while its parts are looked at. Default 100: a part
    /// needs it once or twice, and half of it on average.
    passes: u32 = 100;
    /// Certificates that are tried for one signature. Default 16: one fits, or two where its authority renewed it.
    candidates: usize = 16;
    /// Signed or unsigned attributes of one signer, and values of one attribute. Default 100: signers write 3 to 10.
    attributes: usize = 100;
    /// Recipients of one encrypted layer. Default 10,000 (threats D5).
    recipients: usize = 10_000;
    /// Private-key operations on one encrypted layer, which hidden recipients and repeated entries can ask for. Default
    /// 16 (threats D5).
    trial_decryptions: usize = 16;
    /// Passwords tried on one encrypted layer. Default 8 (threats D6).
    password_trials: usize = 8;
    /// Certificates in one layer. Default 100 (threats D5).
    certificates: usize = 100;
    /// Nesting of ASN.1. Default 32 (threats D1).
    asn1_depth: u32 = 32;
    /// Certificates in one certification path. Default 10 (threats C4).
    path_depth: usize = 10;
    /// Signature checks while one path is looked for. Default 100, as rustls-webpki (threats C4).
    path_signatures: usize = 100;
    /// Candidate issuers looked at while one path is looked for. Default 200 (threats C4).
    path_candidates: usize = 200;
    /// Signatures on certificates that were good and that a context remembers; and half as many certificates that came with
    /// letters, and a quarter as many paths. Default 1,024: the authorities of a large organization with some hundreds of
    /// its people, in some 3 MiB.
    path_cache: usize = 1_024;
    /// Comparisons of names with name constraints, and policies looked at, while one path is looked for. Default 250,000, as rustls-webpki (threats C4).
    path_names: usize = 250_000;
    /// Octets of a file of CRLs or OCSP answers. Default 64 MiB: the largest CRLs of public authorities are a few MB, some
    /// of governments tens.
    revocation_bytes: usize = 64 << 20;
    /// Entries of one CRL. Default 2,000,000: what so many octets can hold.
    crl_entries: usize = 2_000_000;
    /// CRLs and OCSP answers, and answers inside one of these, that are looked at. Default 200: a letter needs two for
    /// each certificate of a path (threats D5).
    revocations: usize = 200;
    /// Signature checks of CRLs and OCSP answers while one path is looked for, of those from the caller, the network and the
    /// letter each. Default 100, as for the path itself.
    revocation_signatures: usize = 100;
    /// Other authorities that sign CRLs for one path, of those from the caller, the network and the letter each; each needs
    /// a path of its own. Default 8: a CRL has one.
    crl_issuers: usize = 8;
    /// Requests to the network for one certificate of a signer. Default 12: two for each certificate of a long path, and
    /// its missing issuers.
    fetches: usize = 12;
    /// Octets of one answer from the network. Default 1 MiB (threats C7).
    fetch_bytes: u64 = 1 << 20;
    /// DKIM signatures of one letter that are looked at; each may cost a pass over the body and a question to the DNS.
    /// Default 10: forwarders make 2 or 3.
    domain_signatures: usize = 10;
    /// Questions to the DNS about one letter. Default 100: SPF asks at most 10 times (RFC 7208 §4.6.4), DMARC 8 for each
    /// domain (RFC 9989 §4.10).
    dns_lookups: usize = 100;
    /// Octets of a letter whose sending domain is looked at, which is held in memory. Default 128 MiB: more than mail servers
    /// let pass.
    domain_bytes: usize = 128 << 20;
    /// Iterations of password-based key derivations, all those for one file together. Default 10,000,000 (threats D6).
    kdf_iterations: u32 = 10_000_000;
    /// KiB of memory of an Argon2 key derivation. Default 2 GiB: what RFC 9106 §4 recommends first (threats D6).
    kdf_memory_kib: u64 = 2 << 20;
    /// Certifications by others that are kept of one OpenPGP certificate. Default 1,000: floods had 100,000 (threats B21).
    /// One whose signatures, times its keys and user IDs, are more than the square of this, or than a million, is not read.
    certifications: usize = 1_000;
    /// Certificates of a Web of Trust that are looked at for one question. Default 10,000: the strong set of the largest
    /// web there was had 60,000, and two steps from anyone lie a few thousand.
    web_certificates: usize = 10_000;
    /// Certifications of a Web of Trust that are read for one question, most of them not checked. Default 100,000: ten
    /// for each certificate.
    web_certifications: usize = 100_000;
    /// Signatures of a Web of Trust that are checked for one question. Default 4,000: half a second.
    web_signatures: usize = 4_000;
    /// Certifications of a Web of Trust that one search walks over. Default 200,000: a fifth of a second.
    web_steps: usize = 200_000;
    /// Introducers between a root and whom it leads to. Default 10: gpg takes 5, and trust depths are 1 or 2.
    web_depth: usize = 10;
    /// Octets of memory for a password-based key derivation (scrypt). Default 256 MiB: eight times what OpenSSL writes.
    kdf_memory_bytes: usize = 256 << 20;
    /// Octets that compressed data may become. Default 256 MiB (threats D3).
    expanded_bytes: u64 = 256 << 20;
    /// How many times its own size compressed data may become, beyond the first 64 KiB. Default 100 (threats D3).
    expanded_ratio: u64 = 100;
    /// Compressed layers inside one another (RFC 3274). Default 1: each multiplies what a letter may become (threats D3).
    compressions: u32 = 1;
    /// Remembered correspondents that one From is compared with. Default 64: those who look alike, not all who are known.
    look_alikes: usize = 64;
    /// Octets of an archive of evidence beside its letter, which are held in memory. Default 256 MiB: the largest CRLs
    /// several times over.
    archive_bytes: u64 = 256 << 20;
    /// Members of an archive of evidence. Default 20,000: a Web of Trust as large as is looked at, twice.
    archive_members: usize = 20_000;
    /// Forms of signed content that are tried while it is looked for what changed a letter. Default 20,000: a second.
    diagnosis_candidates: usize = 20_000;
    /// Octets of all these forms together. Default 256 MiB: half a second to hash.
    diagnosis_bytes: usize = 256 << 20;
    /// Octets of a file of keys or certificates. Default 16 MiB.
    key_file_bytes: usize = 16 << 20;
}

impl Limits {
    /// Octets that so many compressed octets may become.
    pub(crate) fn expanded(&self, compressed: usize) -> u64 {
        let compressed = u64::try_from(compressed).unwrap_or(u64::MAX);
        let by_ratio = compressed.saturating_mul(self.expanded_ratio).saturating_add(64 << 10);
        by_ratio.min(self.expanded_bytes)
    }
}
