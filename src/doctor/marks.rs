//! Marks that software leaves in a message that it handled.

use serde::Serialize;

use crate::doctor::tree::{Tree, fields};
use crate::report::ChangeKind;

/// Software that left its mark, and what it is known to do. A mark is not a proof: anybody can write one.
///
/// ```
/// let letter = b"From: a@b.example\r\nX-Mailman-Version: 3.3.8\r\n\r\nHello\r\n";
/// let seen = mailseal::doctor::compare(letter, letter, &Default::default())?;
/// assert_eq!(seen.marks[0].software, "Mailman");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mark {
    /// Whose mark it is.
    pub software: &'static str,
    /// Where it was seen: the name of a header field, or a word.
    pub seen: String,
    /// What this software is known to change, the most likely first.
    pub does: &'static [ChangeKind],
}

/// The start of a field's name, whose it is, what that does. From their sources or manuals: Exchange (MS-OXCMAIL and
/// "X-MS-Exchange-" firewalls), the Gmail API's `users.messages.send`, Mailman 2 and 3 (`Decorate`, `cook-headers`),
/// mlmmj, Sympa, Proton Bridge, hMailServer (`X-hMailServer-` fields), amavis, MailScanner, AVG, Avast, Postfix,
/// sendmail, Mimecast, Proofpoint, Barracuda.
const FIELDS: &[(&str, &str, &[ChangeKind])] = {
    use ChangeKind::*;
    &[
        (
            "X-MS-Exchange-",
            "Exchange",
            &[BoundaryChanged, SignedTypeChanged, EncodingChanged, TnefMade, PartHeaderChanged],
        ),
        ("X-MS-TNEF-Correlator", "Exchange", &[TnefMade]),
        ("X-Gmail-Original-Message-ID", "Gmail", &[BoundaryChanged, EncodingChanged]),
        ("X-Google-Original-Message-ID", "Gmail", &[BoundaryChanged, EncodingChanged]),
        ("X-Mailman-Version", "Mailman", &[FooterAdded, PartAdded, MultipartWrapped, SubjectTagged]),
        ("X-Mlmmj", "mlmmj", &[FooterAdded, SubjectTagged]),
        ("X-Loop", "a mailing list", &[FooterAdded]),
        ("Mailing-List", "a mailing list", &[FooterAdded, SubjectTagged]),
        ("List-Id", "a mailing list", &[FooterAdded, SubjectTagged, FromRewritten]),
        ("List-Unsubscribe", "a mailing list", &[FooterAdded, SubjectTagged]),
        ("X-Pm-", "Proton", &[SignedTypeChanged, BoundaryChanged, EncodingChanged]),
        ("X-hMailServer-", "hMailServer", &[PartHeaderAdded]),
        ("X-Virus-Scanned", "amavis", &[DisclaimerAdded]),
        ("X-MailScanner", "MailScanner", &[BannerAdded, LinksRewritten, DisclaimerAdded]),
        ("X-AVG", "AVG", &[DisclaimerAdded]),
        ("X-Antivirus", "an antivirus", &[DisclaimerAdded]),
        ("X-Disclaimer", "alterMIME", &[DisclaimerAdded]),
        ("X-MIME-Autoconverted", "sendmail", &[EightBitDowngraded]),
        ("X-Mimecast", "Mimecast", &[LinksRewritten, BannerAdded]),
        ("X-Proofpoint", "Proofpoint", &[LinksRewritten, BannerAdded]),
        ("X-Barracuda", "Barracuda", &[LinksRewritten, BannerAdded]),
        ("X-SG-EID", "SendGrid", &[LinksRewritten, TrackingPixelAdded]),
        ("X-Mandrill", "Mandrill", &[LinksRewritten, TrackingPixelAdded]),
        ("X-Mailgun", "Mailgun", &[LinksRewritten, TrackingPixelAdded]),
        ("X-SES-", "Amazon SES", &[LinksRewritten, TrackingPixelAdded]),
    ]
};

/// How boundaries begin, and who writes them so.
const BOUNDARIES: &[(&str, &str)] = &[
    ("_000_", "Exchange"),
    ("===============", "Python"),
    ("------------=_", "MIME::Tools"),
    ("----_NmP-", "nodemailer"),
    ("--_NmP-", "nodemailer"),
    ("000000000000", "Gmail"),
    ("----sinikael-", "nodemailer"),
    ("mimepart_", "Ruby Mail"),
];

/// All marks, each software once for each place.
pub(super) fn marks(tree: &Tree<'_>) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for part in tree.parts() {
        for field in fields(&part.header_octets) {
            let starts = |start: &str| {
                field.name.get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start))
            };
            if let Some((_, software, does)) = FIELDS.iter().find(|(start, ..)| starts(start)) {
                note(&mut marks, Mark { software, seen: field.name.to_owned(), does });
            }
        }
        let boundary = part.media_type.parameter("boundary").unwrap_or_default();
        if let Some((_, software)) = BOUNDARIES.iter().find(|(start, _)| boundary.starts_with(start)) {
            let does = &[ChangeKind::BoundaryChanged, ChangeKind::EncodingChanged];
            note(&mut marks, Mark { software, seen: "boundary".to_owned(), does });
        }
    }
    marks
}

fn note(marks: &mut Vec<Mark>, mark: Mark) {
    if !marks.iter().any(|known| known.software == mark.software) {
        marks.push(mark);
    }
}

/// Who of them is known to do such a thing.
pub(super) fn by(marks: &[Mark], kind: ChangeKind) -> Option<String> {
    marks.iter().find(|mark| mark.does.contains(&kind)).map(|mark| mark.software.to_owned())
}
