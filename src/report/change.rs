//! Changes to mail on its way, by names that never change.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::mime::PartPath;

/// One difference between a message as it was sent and as it arrived.
///
/// ```
/// use mailseal::mime::PartPath;
/// use mailseal::report::{Change, ChangeKind};
/// let mut change = Change::new(ChangeKind::FooterAdded, PartPath::root().child(1));
/// change.after = "To unsubscribe: https://lists.example/".into();
/// change.breaks = true;
/// let again: Change = serde_json::from_str(&serde_json::to_string(&change).unwrap()).unwrap();
/// assert_eq!(again, change);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// What was done.
    pub kind: ChangeKind,
    /// The part that it was done to, counted in the message as it was sent; as it arrived where it was added.
    pub part: PartPath,
    /// What more there is to say: the name of a header field, the two encodings.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Where it was in the message as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Span>,
    /// Where it is in the message as it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Span>,
    /// What stood there, its first octets; unescaped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// What stands there now, its first octets; unescaped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
    /// A signature that was made before it no longer holds or no longer counts.
    pub breaks: bool,
    /// What software does so, where its marks were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Change {
    /// A change of a kind at a part, of which nothing more is known.
    pub fn new(kind: ChangeKind, part: PartPath) -> Self {
        Self {
            kind,
            part,
            detail: String::new(),
            sent: None,
            received: None,
            before: String::new(),
            after: String::new(),
            breaks: false,
            by: None,
        }
    }
}

/// Where octets lie in a message.
///
/// ```
/// use mailseal::report::Span;
/// let third = Span::of(b"a\r\nb\r\nc\r\n", 6..9);
/// assert_eq!((third.first_line, third.last_line), (3, 3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Span {
    /// The first octet, from 0.
    pub start: usize,
    /// The octet behind the last.
    pub end: usize,
    /// The line of the first octet, from 1.
    pub first_line: usize,
    /// The line of the last octet.
    pub last_line: usize,
}

impl Span {
    /// Octets of a message, with the lines that they are on.
    pub fn of(message: &[u8], octets: Range<usize>) -> Self {
        let lines = |end: usize| memchr::memchr_iter(b'\n', message.get(..end).unwrap_or(message)).count();
        let last = octets.end.saturating_sub(1).max(octets.start);
        let first_line = lines(octets.start).saturating_add(1);
        let last_line = lines(last).saturating_add(1);
        Self { start: octets.start, end: octets.end, first_line, last_line }
    }
}

/// Declares each kind once: name, what it touches, meaning.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal $touches:ident;)*) => {
        /// What was done to a message. The names in JSON and C are the texts here; they never change.
        ///
        /// ```
        /// use mailseal::report::ChangeKind;
        /// let kind: ChangeKind = "footer_added".parse().unwrap();
        /// assert_eq!((kind, kind.as_str()), (ChangeKind::FooterAdded, "footer_added"));
        /// println!("{}\n  {}", kind.sentence("en"), kind.advice("en"));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ChangeKind { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl ChangeKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, `footer_added`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where such a change happens.
            pub fn touches(self) -> Touches {
                match self { $(Self::$name => Touches::$touches,)* }
            }
        }
    };
}

/// Where a kind of change happens, and so what it does to a signature that was made before.
///
/// ```
/// use mailseal::report::{ChangeKind, Touches};
/// assert_eq!(ChangeKind::LineEnds.touches(), Touches::LineEnds);
/// assert_eq!(ChangeKind::FromRewritten.touches(), Touches::Identity);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Touches {
    /// The header of the letter, which a usual signature does not cover.
    Header,
    /// Whom the letter is from: the signer may no longer be the sender.
    Identity,
    /// Line ends alone, which verifiers restore (RFC 8551 §3.1.1, RFC 3156 §5).
    LineEnds,
    /// Octets of parts: breaks where the part is signed.
    Content,
    /// The tree of parts: a signature and its content may no longer be found.
    Structure,
}

kinds! {
    // Lines.
    /// Line ends are others: CRLF became LF, or the other way round.
    LineEnds "line_ends" LineEnds;
    /// Blanks at the ends of lines were removed or added.
    TrailingBlanks "trailing_blanks" Content;
    /// Empty lines were removed or added.
    BlankLines "blank_lines" Content;
    /// Blanks within lines, or at their beginnings, are others: tabs, indents, non-breaking spaces.
    Whitespace "whitespace" Content;
    /// Lines that begin with `From ` got a `>` in front, or lost it.
    FromEscaping "from_escaping" Content;
    /// Lines that begin with a dot have one more or one less (RFC 5321 §4.5.2).
    DotStuffing "dot_stuffing" Content;
    /// Lines were broken or joined.
    LinesWrapped "lines_wrapped" Content;
    // Encodings.
    /// Quoted-printable text was written anew; what it stands for is the same.
    QuotedPrintableRewritten "quoted_printable_rewritten" Content;
    /// base64 was written anew; what it stands for is the same.
    Base64Rewritten "base64_rewritten" Content;
    /// An 8-bit part was encoded for servers that carry 7 bits (RFC 6152).
    EightBitDowngraded "eight_bit_downgraded" Content;
    /// An encoded part was decoded, or encoded in another way.
    EncodingChanged "encoding_changed" Content;
    /// The text is in another charset.
    CharsetChanged "charset_changed" Content;
    /// Octets above 127 were cut to 7 bits or replaced.
    EightBitLost "eight_bit_lost" Content;
    /// The same characters are composed in another way (Unicode normalisation forms).
    UnicodeNormalised "unicode_normalised" Content;
    // Parts.
    /// The boundary between parts has another name.
    BoundaryChanged "boundary_changed" Structure;
    /// Text before, after or between the parts, which no reader shows, is another.
    PreambleChanged "preamble_changed" Structure;
    /// The message was put into a new multipart, beside other parts.
    MultipartWrapped "multipart_wrapped" Structure;
    /// Parts were taken out of their multipart.
    MultipartFlattened "multipart_flattened" Structure;
    /// multipart/signed became another type.
    SignedTypeChanged "signed_type_changed" Structure;
    /// A part was added.
    PartAdded "part_added" Structure;
    /// A part was removed or replaced.
    PartRemoved "part_removed" Structure;
    /// The signature part was removed.
    SignatureRemoved "signature_removed" Structure;
    /// Parts stand in another order.
    PartsReordered "parts_reordered" Structure;
    /// The type of a part, or a parameter of it, is another.
    ContentTypeChanged "content_type_changed" Content;
    /// All of it was put into Microsoft's TNEF (winmail.dat).
    TnefMade "tnef_made" Structure;
    /// A header field was added to a part.
    PartHeaderAdded "part_header_added" Content;
    /// A header field of a part was removed.
    PartHeaderRemoved "part_header_removed" Content;
    /// A header field of a part says something else.
    PartHeaderChanged "part_header_changed" Content;
    /// A header field of a part is written or folded in another way.
    PartHeaderRefolded "part_header_refolded" Content;
    /// The header fields of a part stand in another order.
    PartHeaderReordered "part_header_reordered" Content;
    // Content.
    /// A footer of a mailing list or a service was added to a text.
    FooterAdded "footer_added" Content;
    /// A disclaimer or another text was added below or above a text.
    DisclaimerAdded "disclaimer_added" Content;
    /// A warning was put above a text: that it comes from outside, that it was scanned.
    BannerAdded "banner_added" Content;
    /// Links lead through somebody who counts or checks them.
    LinksRewritten "links_rewritten" Content;
    /// A picture that tells when the letter is read was added.
    TrackingPixelAdded "tracking_pixel_added" Content;
    /// HTML was written anew.
    HtmlRewritten "html_rewritten" Content;
    /// Text was removed.
    TextRemoved "text_removed" Content;
    /// Text was added within.
    TextAdded "text_added" Content;
    /// Words are others: nothing harmless explains it.
    TextChanged "text_changed" Content;
    // The header of the letter.
    /// From is another.
    FromRewritten "from_rewritten" Identity;
    /// Sender is another, or was added.
    SenderChanged "sender_changed" Identity;
    /// Reply-To is another, or was added.
    ReplyToChanged "reply_to_changed" Header;
    /// A tag was put into Subject.
    SubjectTagged "subject_tagged" Header;
    /// Header fields of a mailing list were added (RFC 2369, RFC 2919).
    ListHeadersAdded "list_headers_added" Header;
    /// Traces of the way were added: Received, Return-Path, DKIM-Signature, ARC, results of filters.
    TraceAdded "trace_added" Header;
    /// A header field was added.
    HeaderAdded "header_added" Header;
    /// A header field was removed.
    HeaderRemoved "header_removed" Header;
    /// A header field says something else.
    HeaderChanged "header_changed" Header;
    /// A header field is folded or spaced in another way.
    HeaderRefolded "header_refolded" Header;
    /// A header field is encoded in another way (RFC 2047); its text is the same.
    HeaderReencoded "header_reencoded" Header;
    /// Header fields stand in another order.
    HeaderReordered "header_reordered" Header;
    // The signature.
    /// The signature itself is another.
    SignatureAltered "signature_altered" Content;
    /// None of these. Nothing is hidden: where and what is said.
    Other "other" Content;
}

/// Why text is no [`ChangeKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no kind of change has this name")]
pub struct ChangeKindError;

impl std::str::FromStr for ChangeKind {
    type Err = ChangeKindError;

    fn from_str(text: &str) -> Result<Self, ChangeKindError> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(ChangeKindError)
    }
}

impl std::fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
