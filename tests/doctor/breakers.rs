//! Other people's software, and what each is known to do to a letter.

use std::path::Path;
use std::sync::Mutex;

use mailseal::report::ChangeKind::{self, *};

use crate::postfix::Postfix;
use crate::support::{Program, missing};

/// One thing that one program does.
pub struct Breaker {
    pub name: &'static str,
    how: How,
    /// The kinds of which at least one has to be named: what the program does, by its manual.
    pub does: &'static [ChangeKind],
    /// Letters that it does this to; empty: any that it breaks.
    drafts: &'static [&'static str],
    /// Files without which it cannot run, beside what every run of these tests needs.
    needs: &'static [&'static str],
}

enum How {
    /// tests/doctor/programs, or a shell line: standard input to standard output. `$D` is the folder of programs, `$F` one
    /// of its own, in which the letter is `mail`, with LF, and `crlf`.
    Shell(&'static str),
    Postfix(&'static str),
}

impl Breaker {
    fn needs(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }

    /// Says which program is missing.
    fn is_there(&self) -> bool {
        let lacking = self.needs.iter().find(|path| !Path::new(path).exists());
        if let Some(path) = lacking {
            missing(&format!("{}: there is no {path}", self.name));
        }
        lacking.is_none()
    }

    pub fn fits(&self, draft: &str) -> bool {
        self.drafts.is_empty() || self.drafts.contains(&draft)
    }

    /// Nothing where the program is missing or refuses.
    pub fn run(&self, letter: &[u8], postfix: &Mutex<Option<Postfix>>) -> Option<Vec<u8>> {
        let line = match self.how {
            How::Shell(line) => line,
            How::Postfix(way) => return postfix.lock().unwrap().as_ref()?.through(way, letter),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let lf: Vec<u8> = String::from_utf8(letter.to_vec())
            .map(|text| text.replace("\r\n", "\n").into_bytes())
            .unwrap_or_else(|error| without_cr(error.as_bytes()));
        std::fs::write(path("mail"), &lf).unwrap();
        std::fs::write(path("crlf"), letter).unwrap();
        for (name, text) in FILES {
            std::fs::write(path(name), text).unwrap();
        }
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/programs");
        let ran = Program::new("sh")
            .arg("-c")
            .arg(line)
            .env("D", programs)
            .env("F", folder.path())
            .folder(folder.path())
            .input(letter)
            .run();
        if !ran.succeeded || ran.stdout.is_empty() {
            println!("{}: {}", self.name, ran.stderr.lines().last().unwrap_or_default());
            return None;
        }
        Some(ran.stdout)
    }
}

fn without_cr(octets: &[u8]) -> Vec<u8> {
    octets.iter().copied().filter(|octet| *octet != b'\r').collect()
}

/// What the programs are given.
const FILES: &[(&str, &str)] = &[
    ("note.txt", "\nThis message is confidential. If you are not the person it is meant for, delete it.\n"),
    (
        "list.txt",
        "_______________________________________________\nPapers mailing list\nTo unsubscribe: https://lists.example.org/listinfo/papers\n",
    ),
    (
        "note.html",
        "<p>This message is confidential. If you are not the person it is meant for, delete it.</p>\n",
    ),
    ("pixel.html", "<img src=\"https://t.example.net/o?u=7\" width=\"1\" height=\"1\" alt=\"\">\n"),
    ("rc", "DEFAULT=mbox\nLOGFILE=log\n"),
    ("filter", "to \"$F/mbox\"\n"),
];

const TEXTS: &[&str] = &["plain", "from", "blanks", "links", "attached", "long", "alternative"];
const EIGHT: &[&str] = &["eight", "latin", "japanese", "mixed_eight"];
const SHAPES: &[&str] = &["plain", "eight", "quoted", "alternative", "attached"];
const HTML: &[&str] = &["html", "alternative"];

const MLMMJ: &[&str] = &["/usr/bin/mlmmj-receive"];
const DOVECOT: &[&str] = &["/usr/sbin/dovecot"];
const PIGEONHOLE: &[&str] = &["/usr/bin/sieve-filter"];
const NODEMAILER: &[&str] = &["/usr/share/nodejs/nodemailer"];

/// All that are known, and are there.
pub fn all() -> Vec<Breaker> {
    known().into_iter().filter(Breaker::is_there).collect()
}

fn known() -> Vec<Breaker> {
    let shell = |name, line, does, drafts| Breaker { name, how: How::Shell(line), does, drafts, needs: &[] };
    let server = |name, way, does, drafts| Breaker { name, how: How::Postfix(way), does, drafts, needs: &[] };
    vec![
        // alterMIME.
        shell(
            "altermime --disclaimer",
            "python3 \"$D/python.py\" within 'altermime --input=ENTITY --disclaimer=note.txt' < crlf",
            &[DisclaimerAdded],
            TEXTS,
        ),
        shell(
            "altermime --disclaimer, a list's",
            "python3 \"$D/python.py\" within 'altermime --input=ENTITY --disclaimer=list.txt' < crlf",
            &[FooterAdded],
            TEXTS,
        ),
        shell(
            "altermime --disclaimer-html",
            "python3 \"$D/python.py\" within 'altermime --input=ENTITY --disclaimer=note.txt --disclaimer-html=note.html' < crlf",
            &[DisclaimerAdded],
            HTML,
        ),
        shell(
            "altermime, a picture",
            "python3 \"$D/python.py\" within 'altermime --input=ENTITY --disclaimer=/dev/null --disclaimer-html=pixel.html' < crlf",
            &[TrackingPixelAdded],
            HTML,
        ),
        shell(
            "altermime --removeall",
            "altermime --input=mail --altersigned --removeall >&2; cat mail",
            &[PartRemoved, TextRemoved, Other, SignatureRemoved, SignatureAltered],
            &["attached", "mixed_eight"],
        ),
        shell(
            "altermime, quoted-printable",
            "python3 \"$D/python.py\" within 'altermime --input=ENTITY --disclaimer=note.txt' < crlf",
            &[DisclaimerAdded],
            &["quoted"],
        ),
        // Postfix.
        server("postfix, to a server without 8BITMIME", "seven", &[EightBitDowngraded], EIGHT),
        server("postfix smtp_line_length_limit", "narrow", &[LinesWrapped], &["long"]),
        server("postfix mime_header_checks PREPEND", "inside", &[PartHeaderAdded], &[]),
        server("postfix body_checks REPLACE", "body", &[LinksRewritten], &["links"]),
        // Mailboxes.
        shell("procmail, mbox", "procmail ./rc < mail; sed 1d mbox", &[FromEscaping], &["from"]),
        shell(
            "maildrop, mbox",
            "chmod 600 filter; chmod 700 .; HOME=$F maildrop ./filter < mail >&2; sed 1d mbox",
            &[FromEscaping],
            &["from"],
        ),
        shell("formail", "formail < mail | sed 1d", &[FromEscaping], &["from"]),
        shell("python mailbox.mbox", "python3 \"$D/python.py\" mbox", &[FromEscaping], &["from"]),
        shell("python BytesGenerator", "python3 \"$D/python.py\" mangle", &[FromEscaping], &["from"]),
        // Python's email.
        shell("python cte_type=7bit", "python3 \"$D/python.py\" seven", &[EightBitDowngraded], EIGHT),
        shell(
            "python, quoted-printable",
            "python3 \"$D/python.py\" quoted_printable < crlf",
            &[EncodingChanged, EightBitDowngraded, QuotedPrintableRewritten, CharsetChanged],
            &["plain", "from", "blanks", "eight", "latin", "long", "links", "japanese"],
        ),
        shell(
            "python, quoted-printable anew",
            "python3 \"$D/python.py\" quoted_printable",
            &[QuotedPrintableRewritten],
            &["quoted"],
        ),
        shell(
            "python, base64",
            "python3 \"$D/python.py\" base64",
            &[EncodingChanged, EightBitDowngraded],
            &["plain", "from", "eight", "latin", "quoted", "links", "japanese", "blanks"],
        ),
        shell("python, utf-8", "python3 \"$D/python.py\" utf8", &[CharsetChanged], &["latin"]),
        shell("python, refolded", "python3 \"$D/python.py\" refold", &[PartHeaderRefolded], &["folded"]),
        shell(
            "python, boundaries",
            "python3 \"$D/python.py\" boundary",
            &[BoundaryChanged],
            &["alternative", "attached", "mixed_eight"],
        ),
        shell(
            "python, flat",
            "python3 \"$D/python.py\" flat",
            &[MultipartFlattened, SignedTypeChanged],
            &["alternative", "attached", "mixed_eight"],
        ),
        shell("python, multipart/mixed", "python3 \"$D/python.py\" mixed", &[SignedTypeChanged], &[]),
        shell("python, unsigned", "python3 \"$D/python.py\" unsigned", &[SignatureRemoved], &[]),
        shell("python smtplib, dots twice", "python3 \"$D/python.py\" dots", &[DotStuffing], &["from"]),
        shell("python textwrap", "python3 \"$D/python.py\" wrap", &[LinesWrapped], &["long", "blanks"]),
        shell(
            "python, safe links",
            "python3 \"$D/python.py\" safelinks",
            &[LinksRewritten],
            &["links", "alternative", "html"],
        ),
        shell(
            "python, counted links",
            "python3 \"$D/python.py\" counted",
            &[LinksRewritten],
            &["links", "alternative", "html"],
        ),
        shell(
            "python, fields inside",
            "python3 \"$D/python.py\" inside",
            &[PartHeaderAdded],
            &["plain", "from", "alternative", "attached", "eight", "html", "quoted"],
        ),
        // Perl.
        shell(
            "MIME::Tools, anew",
            "perl \"$D/perl.pl\" mime_tools",
            &[QuotedPrintableRewritten, Base64Rewritten, BlankLines, PartHeaderAdded, PartHeaderReordered],
            &["quoted", "attached", "mixed_eight"],
        ),
        shell(
            "MIME::Tools, sign",
            "perl \"$D/perl.pl\" mime_tools_sign",
            &[FooterAdded],
            &["plain", "from", "links", "attached", "eight"],
        ),
        shell(
            "MIME::Tools, a part",
            "perl \"$D/perl.pl\" mime_tools_add",
            &[PartAdded],
            &["plain", "eight", "html", "attached", "alternative"],
        ),
        shell(
            "Email::MIME, base64",
            "perl \"$D/perl.pl\" email_mime",
            &[EncodingChanged, EightBitDowngraded],
            &["plain", "eight", "latin", "links", "quoted", "japanese"],
        ),
        shell(
            "Email::MIME, quoted-printable",
            "perl \"$D/perl.pl\" email_mime_quoted",
            &[EncodingChanged, EightBitDowngraded, QuotedPrintableRewritten, CharsetChanged],
            &["plain", "eight", "latin", "links", "japanese", "blanks"],
        ),
        shell(
            "Mail::Message, quoted-printable",
            "perl \"$D/perl.pl\" mail_box",
            &[EncodingChanged, EightBitDowngraded, QuotedPrintableRewritten, CharsetChanged],
            &["plain", "eight", "latin", "links", "japanese"],
        ),
        // maildrop's MIME tool.
        shell("reformime -r7", "reformime -r7 < mail", &[EightBitDowngraded], EIGHT),
        shell("reformime -r8", "reformime -r8 < mail", &[EncodingChanged], &["quoted"]),
        // Tools for text.
        shell(
            "git stripspace",
            "git stripspace < mail",
            &[TrailingBlanks, BlankLines],
            &["blanks", "quoted"],
        ),
        shell("expand", "expand < mail", &[Whitespace], &["blanks"]),
        shell("fold", "fold -s -w 100 < mail", &[LinesWrapped], &["long"]),
        shell(
            "uconv, decomposed",
            "uconv -f utf-8 -t utf-8 -x any-nfd < crlf",
            &[UnicodeNormalised],
            &["eight", "japanese", "mixed_eight"],
        ),
        shell(
            "iconv to ASCII",
            "iconv -c -f utf-8 -t ascii < crlf",
            &[EightBitLost],
            &["eight", "japanese", "mixed_eight"],
        ),
        // nodemailer, where a gateway writes anew what it understood.
        shell(
            "nodemailer, a letter with attachments",
            "python3 \"$D/python.py\" parts < crlf | NODE_PATH=/usr/share/nodejs node \"$D/node.js\" letter",
            &[SignedTypeChanged, MultipartFlattened],
            &["plain", "eight", "attached", "quoted", "html", "alternative"],
        )
        .needs(NODEMAILER),
        shell(
            "nodemailer, base64",
            "python3 \"$D/python.py\" parts < crlf | NODE_PATH=/usr/share/nodejs node \"$D/node.js\" base64",
            &[EncodingChanged, EightBitDowngraded],
            &["plain", "eight", "latin", "links", "quoted", "japanese"],
        )
        .needs(NODEMAILER),
        shell(
            "nodemailer, quoted-printable",
            "python3 \"$D/python.py\" parts < crlf | NODE_PATH=/usr/share/nodejs node \"$D/node.js\" quoted-printable",
            &[EncodingChanged, EightBitDowngraded, QuotedPrintableRewritten, CharsetChanged],
            &["plain", "eight", "latin", "links", "long", "japanese"],
        )
        .needs(NODEMAILER),
        // mlmmj. Its own footers know no MIME: its README.footers says to put alterMIME in front.
        shell(
            "mlmmj, a footer by alterMIME",
            "python3 \"$D/python.py\" within 'altermime --input=ENTITY --disclaimer=list.txt' < crlf | python3 \"$D/mlmmj.py\" 'prefix=[papers]' 'customheaders=List-ID: <papers.lists.example.org>'",
            &[FooterAdded],
            TEXTS,
        )
        .needs(MLMMJ),
        shell(
            "mlmmj delheaders",
            "python3 \"$D/mlmmj.py\" delheaders=Content-Type: delheaders=MIME-Version: < crlf",
            &[SignedTypeChanged, PartHeaderRemoved],
            SHAPES,
        )
        .needs(MLMMJ),
        // Dovecot and its Pigeonhole.
        shell(
            "dovecot, IMAP FETCH BINARY",
            "python3 \"$D/dovecot.py\" binary < crlf",
            &[EncodingChanged],
            &["quoted", "attached", "mixed_eight"],
        )
        .needs(DOVECOT),
        shell(
            "dovecot, IMAP CATENATE",
            "python3 \"$D/dovecot.py\" catenate < crlf",
            &[SignatureRemoved],
            SHAPES,
        )
        .needs(DOVECOT),
        shell(
            "pigeonhole filter, a disclaimer",
            "cp \"$D/python.py\" .; chmod 755 .; python3 \"$D/dovecot.py\" filter python3 \"$F/python.py\" within \"altermime --input=ENTITY --disclaimer=$F/note.txt\" < crlf",
            &[DisclaimerAdded],
            TEXTS,
        )
        .needs(PIGEONHOLE),
        shell(
            "pigeonhole editheader",
            "python3 \"$D/dovecot.py\" sieve 'require \"editheader\"; deleteheader \"Content-Type\";' < crlf",
            &[SignedTypeChanged, PartHeaderRemoved],
            SHAPES,
        )
        .needs(PIGEONHOLE),
    ]
}
