//! The table itself. A fact without a public page that says so is no fact: it stays out, and is `Unknown`.

use super::{Client, Fact, Feature, Support};

use Feature::{
    AesGcm, Autocrypt, Ecdh, HeaderProtection, Oaep, PgpMime, ProtectedHeadersV1, Pss, Seipdv2, Smime,
};
use Support::{No, Yes};

/// The programs of docs/clients.md. The more particular names stand first.
///
/// ```
/// use mailseal::protocol::known_clients;
/// assert!(known_clients().iter().any(|client| client.name == "Delta Chat"));
/// ```
pub fn known_clients() -> &'static [Client] {
    KNOWN
}

const fn fact(feature: Feature, support: Support, note: &'static str, page: Page) -> Fact {
    Fact { feature, support, note, source: page.0, seen: page.1 }
}

/// Address, and when it was read.
#[derive(Clone, Copy)]
struct Page(&'static str, &'static str);

const NSS: Page = Page("https://github.com/nss-dev/nss/tree/master/lib/smime", "2026-05");
const GPGSM_22: Page = Page("https://lists.gnupg.org/pipermail/gnupg-announce/2021q2/000460.html", "2026-11");
const GPGSM_OIDS: Page = Page("https://github.com/gpg/gnupg/blob/master/sm/keylist.c", "2025-10");
const SEIPDV2_FAILS: Page = Page("https://github.com/anonaddy/anonaddy/issues/810", "2026-11");
const RNP: Page = Page("https://github.com/rnpgp/rnp/issues/1770", "2026-11");
const OUTLOOK_GCM: Page = Page("https://github.com/jstedfast/MimeKit/issues/1149", "2026-11");
const CHATMAIL_HP: Page = Page("https://github.com/chatmail/core/pull/7386", "2026-11");
const CHATMAIL_V1: Page = Page("https://github.com/chatmail/core/issues/7130", "2026-11");
const K9_V1: Page = Page("https://github.com/thunderbird/thunderbird-android/pull/3309", "2026-11");
const K9_NO_SMIME: Page = Page("https://github.com/thunderbird/thunderbird-android/issues/11576", "2026-11");
const AUTOCRYPT: Page =
    Page("https://github.com/autocrypt/autocrypt/blob/master/doc/dev-status.rst", "2026-11");
const MUTT_AUTOCRYPT: Page =
    Page("https://gitlab.com/muttmua/mutt/-/blob/stable/autocrypt/README", "2026-11");
const NEOMUTT: Page = Page("https://neomutt.org/guide/reference", "2026-11");
const MUTT: Page = Page("http://www.mutt.org/doc/manual/#crypt-protected-headers-read", "2026-11");
const NOTMUCH: Page =
    Page("https://github.com/notmuch/notmuch/tree/master/test/corpora/protected-headers", "2026-08");
const EXCHANGE_SMIME: Page = Page(
    "https://learn.microsoft.com/en-us/exchange/security-and-compliance/smime-exo/configure-smime-exo",
    "2026-11",
);
const APPLE_SMIME: Page = Page(
    "https://support.apple.com/guide/deployment-reference-ios/digital-signing-and-encryption-apdd8cd4aae3/web",
    "2026-11",
);
const GMAIL_SMIME: Page = Page("https://support.google.com/a/answer/13297070", "2026-11");
const GMAIL_DECRYPTS: Page =
    Page("https://developers.google.com/workspace/cse/reference/private-key-decrypt", "2026-11");
const PROTON_NO_SMIME: Page = Page("https://github.com/ProtonMail/proton-mail-android/issues/183", "2026-11");
const PROTON_MIME: Page =
    Page("https://github.com/ProtonMail/pmcrypto/blob/main/lib/message/processMIME.ts", "2026-11");
const PROTON_SUBJECT: Page = Page(
    "https://github.com/ProtonMail/WebClients/blob/main/applications/mail/src/app/components/message/extras/ExtraDecryptedSubject.tsx",
    "2026-11",
);
const KDE: Page = Page("https://invent.kde.org/pim/mimetreeparser", "2026-08");

const KNOWN: &[Client] = &[
    Client {
        name: "Outlook for Windows, classic",
        mailers: &["microsoft outlook"],
        facts: &[fact(AesGcm, No, "a user's test, in a dispute about who reads it at all", OUTLOOK_GCM)],
    },
    Client {
        name: "Outlook, new, on the web and on telephones",
        mailers: &["microsoft-macoutlook", "outlook-ios", "outlook-android"],
        facts: &[fact(Smime, Yes, "on the web in Windows, and on telephones", EXCHANGE_SMIME)],
    },
    Client {
        name: "Apple Mail (macOS, iOS)",
        mailers: &["apple mail", "iphone mail", "ipad mail"],
        facts: &[fact(Smime, Yes, "", APPLE_SMIME)],
    },
    Client {
        name: "Gmail (S/MIME)",
        mailers: &[],
        facts: &[
            fact(Smime, Yes, "accounts of some editions of Google Workspace only", GMAIL_SMIME),
            fact(Oaep, Yes, "client-side encryption: its key services are given the label", GMAIL_DECRYPTS),
        ],
    },
    Client {
        name: "Thunderbird for Android, K-9 Mail (with OpenKeychain)",
        mailers: &["k-9 mail", "thunderbird for android"],
        facts: &[
            fact(Smime, No, "", K9_NO_SMIME),
            fact(ProtectedHeadersV1, Yes, "Subject only", K9_V1),
            fact(Autocrypt, Yes, "", AUTOCRYPT),
        ],
    },
    Client {
        name: "Thunderbird",
        mailers: &["thunderbird", "betterbird"],
        facts: &[
            fact(AesGcm, No, "NSS has no AuthEnvelopedData", NSS),
            fact(Oaep, Yes, "", NSS),
            fact(Ecdh, Yes, "", NSS),
            fact(Pss, No, "not in the CMS code of NSS", NSS),
            fact(Seipdv2, No, "RNP reads it in experimental builds only", RNP),
            fact(HeaderProtection, No, "shows the outer Subject", CHATMAIL_HP),
            fact(ProtectedHeadersV1, Yes, "Subject only", CHATMAIL_V1),
        ],
    },
    Client {
        name: "Delta Chat",
        mailers: &["delta chat", "deltachat", "chat-core"],
        facts: &[
            fact(HeaderProtection, Yes, "since November 2025", CHATMAIL_HP),
            fact(Autocrypt, Yes, "with gossip", AUTOCRYPT),
        ],
    },
    Client {
        name: "KMail, Kleopatra and others with GnuPG",
        mailers: &["kmail", "gpgol", "kontact"],
        facts: &[
            fact(AesGcm, Yes, "GnuPG from 2.2.28 and 2.3.2", GPGSM_22),
            fact(Oaep, No, "gpgsm knows its name only", GPGSM_OIDS),
            fact(Seipdv2, No, "gpg: packet with unknown version 6", SEIPDV2_FAILS),
            fact(ProtectedHeadersV1, Yes, "", KDE),
        ],
    },
    Client {
        name: "Evolution",
        mailers: &["evolution"],
        facts: &[fact(AesGcm, No, "S/MIME by NSS, which has no AuthEnvelopedData", NSS)],
    },
    Client {
        name: "NeoMutt",
        mailers: &["neomutt"],
        facts: &[
            fact(ProtectedHeadersV1, Yes, "$crypt_protected_headers_read", NEOMUTT),
            fact(Autocrypt, Yes, "$autocrypt, where it was built with it", NEOMUTT),
        ],
    },
    Client {
        name: "Mutt",
        mailers: &["mutt"],
        facts: &[
            fact(ProtectedHeadersV1, Yes, "$crypt_protected_headers_read", MUTT),
            fact(Autocrypt, Yes, "where it was built with it", MUTT_AUTOCRYPT),
        ],
    },
    Client { name: "notmuch", mailers: &["notmuch"], facts: &[fact(ProtectedHeadersV1, Yes, "", NOTMUCH)] },
    Client {
        name: "Proton Mail",
        mailers: &["protonmail", "proton mail"],
        facts: &[
            fact(Smime, No, "Android: smime.p7s is shown as an attachment", PROTON_NO_SMIME),
            fact(PgpMime, Yes, "", PROTON_MIME),
            fact(HeaderProtection, No, "on the web: only where the outer Subject is `...`", PROTON_SUBJECT),
            fact(
                ProtectedHeadersV1,
                Yes,
                "on the web: Subject, where the outer one is `...`",
                PROTON_SUBJECT,
            ),
        ],
    },
];
