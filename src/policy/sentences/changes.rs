//! Changes on the way in words, and what to set where they happen.

use crate::report::ChangeKind;

impl ChangeKind {
    /// What was done, as a clause, in the language of a tag.
    ///
    /// ```
    /// use mailseal::report::ChangeKind;
    /// assert_eq!(ChangeKind::FooterAdded.sentence("en"), "a footer of a list or service was added");
    /// ```
    pub fn sentence(self, tag: &str) -> &'static str {
        let (english, japanese) = sentence(self);
        if tag.starts_with("ja") { japanese } else { english }
    }

    /// What to set at the service that does so, as a clause, in the language of a tag.
    ///
    /// ```
    /// use mailseal::report::ChangeKind;
    /// assert!(ChangeKind::LinksRewritten.advice("en").contains("tracking"));
    /// ```
    pub fn advice(self, tag: &str) -> &'static str {
        let (english, japanese) = advice(self);
        if tag.starts_with("ja") { japanese } else { english }
    }
}

fn sentence(kind: ChangeKind) -> (&'static str, &'static str) {
    match kind {
        ChangeKind::LineEnds => {
            ("line ends are others; verifiers restore them", "改行コードが変わりました。検証時に元に戻せます")
        }
        ChangeKind::TrailingBlanks => {
            ("blanks at line ends were removed or added", "行末の空白が削除または追加されました")
        }
        ChangeKind::BlankLines => ("empty lines were removed or added", "空行が削除または追加されました"),
        ChangeKind::Whitespace => {
            ("blanks or tabs within lines are others", "行内の空白やタブが変わりました")
        }
        ChangeKind::FromEscaping => (
            "`>` was put before lines that begin with \"From \", or taken away",
            "「From 」で始まる行の前に「>」が付いたか、外されました",
        ),
        ChangeKind::DotStuffing => (
            "dots at the beginning of lines were doubled or lost",
            "行頭のドットが二重になったか、失われました",
        ),
        ChangeKind::LinesWrapped => ("lines were broken or joined", "行が折り返されたか、つながりました"),
        ChangeKind::QuotedPrintableRewritten => {
            ("quoted-printable text was encoded anew", "quoted-printable が書き直されました")
        }
        ChangeKind::Base64Rewritten => ("base64 was encoded anew", "base64 が書き直されました"),
        ChangeKind::EightBitDowngraded => (
            "an 8-bit part was encoded for a server that takes 7 bits",
            "8 ビットのパートが、7 ビットのサーバー向けに符号化されました",
        ),
        ChangeKind::EncodingChanged => ("the transfer encoding was changed", "転送符号化が変わりました"),
        ChangeKind::CharsetChanged => ("the text was put into another charset", "文字コードが変わりました"),
        ChangeKind::EightBitLost => {
            ("octets above 127 were cut or replaced", "128 以上のバイトが壊れたか、置き換えられました")
        }
        ChangeKind::UnicodeNormalised => (
            "accented characters were composed in another way",
            "文字の合成の形（Unicode 正規化）が変わりました",
        ),
        ChangeKind::BoundaryChanged => {
            ("the boundary between parts has another name", "パートの境界文字列が変わりました")
        }
        ChangeKind::PreambleChanged => {
            ("text before, between or after the parts is another", "パートの前後や間の文章が変わりました")
        }
        ChangeKind::MultipartWrapped => {
            ("the message was put into a new multipart", "メールが新しい multipart の中に入れられました")
        }
        ChangeKind::MultipartFlattened => {
            ("parts were taken out of their multipart", "パートが multipart から取り出されました")
        }
        ChangeKind::SignedTypeChanged => {
            ("multipart/signed became another type", "multipart/signed が別の型になりました")
        }
        ChangeKind::PartAdded => ("a part was added", "パートが追加されました"),
        ChangeKind::PartRemoved => ("a part was removed or replaced", "パートが削除または置換されました"),
        ChangeKind::SignatureRemoved => ("the signature was removed", "署名が削除されました"),
        ChangeKind::PartsReordered => ("parts stand in another order", "パートの順序が変わりました"),
        ChangeKind::ContentTypeChanged => (
            "the type of a part, or a parameter of it, is another",
            "パートの型またはそのパラメーターが変わりました",
        ),
        ChangeKind::TnefMade => {
            ("all of it was put into winmail.dat (TNEF)", "全体が winmail.dat (TNEF) に変えられました")
        }
        ChangeKind::PartHeaderAdded => {
            ("a header field was added to a part", "パートにヘッダーが追加されました")
        }
        ChangeKind::PartHeaderRemoved => {
            ("a header field of a part was removed", "パートのヘッダーが削除されました")
        }
        ChangeKind::PartHeaderChanged => {
            ("a header field of a part says something else", "パートのヘッダーの値が変わりました")
        }
        ChangeKind::PartHeaderRefolded => (
            "a header field of a part is written or folded in another way",
            "パートのヘッダーの書き方や折り返しが変わりました",
        ),
        ChangeKind::PartHeaderReordered => {
            ("the header fields of a part stand in another order", "パートのヘッダーの順序が変わりました")
        }
        ChangeKind::FooterAdded => {
            ("a footer of a list or service was added", "リストやサービスのフッターが追加されました")
        }
        ChangeKind::DisclaimerAdded => {
            ("a disclaimer or another text was added", "免責文などの文章が追加されました")
        }
        ChangeKind::BannerAdded => ("a warning was put above the text", "本文の上に警告文が追加されました"),
        ChangeKind::LinksRewritten => (
            "links lead through somebody who counts or checks them",
            "リンクが計測や検査のためのものに書き換えられました",
        ),
        ChangeKind::TrackingPixelAdded => {
            ("a picture that tells when the letter is read was added", "開封を知らせる画像が追加されました")
        }
        ChangeKind::HtmlRewritten => ("HTML was written anew", "HTML が書き直されました"),
        ChangeKind::TextRemoved => ("text was removed", "文章が削除されました"),
        ChangeKind::TextAdded => ("text was added", "文章が追加されました"),
        ChangeKind::TextChanged => ("words are others", "語句が変わりました"),
        ChangeKind::FromRewritten => ("From is another address", "差出人 (From) が書き換えられました"),
        ChangeKind::SenderChanged => {
            ("Sender is another, or was added", "Sender が変わったか、追加されました")
        }
        ChangeKind::ReplyToChanged => {
            ("Reply-To is another, or was added", "Reply-To が変わったか、追加されました")
        }
        ChangeKind::SubjectTagged => ("a tag was put into Subject", "件名に印が付けられました"),
        ChangeKind::ListHeadersAdded => {
            ("header fields of a mailing list were added", "メーリングリストのヘッダーが追加されました")
        }
        ChangeKind::TraceAdded => ("traces of the way were added", "経路の記録が追加されました"),
        ChangeKind::HeaderAdded => ("a header field was added", "ヘッダーが追加されました"),
        ChangeKind::HeaderRemoved => ("a header field was removed", "ヘッダーが削除されました"),
        ChangeKind::HeaderChanged => ("a header field says something else", "ヘッダーの値が変わりました"),
        ChangeKind::HeaderRefolded => {
            ("a header field is folded or spaced in another way", "ヘッダーの折り返しや空白が変わりました")
        }
        ChangeKind::HeaderReencoded => {
            ("a header field is encoded in another way", "ヘッダーの符号化が変わりました")
        }
        ChangeKind::HeaderReordered => {
            ("header fields stand in another order", "ヘッダーの順序が変わりました")
        }
        ChangeKind::SignatureAltered => ("the signature itself is another", "署名そのものが変わりました"),
        ChangeKind::Other => ("something else was changed", "その他の変更があります"),
    }
}

fn advice(kind: ChangeKind) -> (&'static str, &'static str) {
    use ChangeKind as Kind;
    match kind {
        Kind::LineEnds
        | Kind::SenderChanged
        | Kind::ReplyToChanged
        | Kind::ListHeadersAdded
        | Kind::TraceAdded
        | Kind::HeaderAdded
        | Kind::HeaderRemoved
        | Kind::HeaderChanged
        | Kind::HeaderRefolded
        | Kind::HeaderReencoded
        | Kind::HeaderReordered => {
            ("nothing has to be set: signatures outlive it", "設定は不要です。署名には影響しません")
        }
        Kind::TrailingBlanks | Kind::BlankLines | Kind::Whitespace => (
            "send quoted-printable or base64, which have no blanks at line ends; or have the service leave text as it is",
            "行末に空白のない quoted-printable か base64 で送るか、サービスに本文を変えないよう設定する",
        ),
        Kind::FromEscaping => (
            "send quoted-printable with \"From \" encoded, as mailseal does; or store mail as Maildir, or mboxcl2",
            "mailseal のように行頭の「From 」を符号化して送るか、Maildir または mboxcl2 で保存する",
        ),
        Kind::DotStuffing => (
            "the program that speaks SMTP is wrong (RFC 5321 §4.5.2): update it",
            "SMTP を話すプログラムの誤りです (RFC 5321 §4.5.2)。更新する",
        ),
        Kind::LinesWrapped => (
            "send quoted-printable or base64 in lines of 76; or raise the line limit of the service (998, RFC 5322 §2.1.1)",
            "1 行 76 文字の quoted-printable か base64 で送るか、サービスの行長の制限を上げる（998、RFC 5322 §2.1.1）",
        ),
        Kind::QuotedPrintableRewritten
        | Kind::Base64Rewritten
        | Kind::EncodingChanged
        | Kind::CharsetChanged
        | Kind::UnicodeNormalised => (
            "have the service pass MIME parts as they are: no conversion, no re-encoding, no parsing and rebuilding",
            "サービスに MIME パートをそのまま通すよう設定する（変換、再符号化、組み立て直しをしない）",
        ),
        Kind::EightBitDowngraded | Kind::EightBitLost => (
            "sign 7-bit content (quoted-printable or base64), as mailseal does; or turn on 8BITMIME on all servers",
            "mailseal のように 7 ビットの内容（quoted-printable か base64）に署名するか、全サーバーで 8BITMIME を有効にする",
        ),
        Kind::BoundaryChanged
        | Kind::PreambleChanged
        | Kind::MultipartFlattened
        | Kind::SignedTypeChanged
        | Kind::PartsReordered
        | Kind::ContentTypeChanged => (
            "have the service pass multipart/signed as it is (RFC 1847 §2.1), or sign after it",
            "サービスに multipart/signed をそのまま通すよう設定する（RFC 1847 §2.1）か、その後で署名する",
        ),
        Kind::MultipartWrapped | Kind::PartAdded => (
            "what is added stands outside the signed part; have the service leave signed mail alone, or sign after it",
            "追加部分は署名の範囲外です。署名付きメールには何も加えないよう設定するか、その後で署名する",
        ),
        Kind::PartRemoved | Kind::SignatureRemoved => (
            "exempt signed mail from the filter that removes parts",
            "パートを取り除くフィルターの対象から署名付きメールを外す",
        ),
        Kind::TnefMade => (
            "turn off rich text (TNEF) for this recipient or domain at Exchange",
            "Exchange でこの宛先またはドメインへのリッチテキスト (TNEF) を無効にする",
        ),
        Kind::PartHeaderAdded
        | Kind::PartHeaderRemoved
        | Kind::PartHeaderChanged
        | Kind::PartHeaderRefolded
        | Kind::PartHeaderReordered => (
            "have the service write its header fields above the letter only, not into its parts",
            "サービスが付けるヘッダーはメールの先頭だけにし、パートの中には書かせない",
        ),
        Kind::FooterAdded | Kind::DisclaimerAdded | Kind::BannerAdded => (
            "turn the footer off for signed mail, have it added as a part outside the signed one, or sign after it",
            "署名付きメールではフッターを無効にするか、署名の範囲外のパートとして付けるか、その後で署名する",
        ),
        Kind::LinksRewritten | Kind::TrackingPixelAdded => (
            "turn click and open tracking off, and link protection for signed mail; or sign after it",
            "クリックや開封の計測と、署名付きメールのリンク保護を無効にするか、その後で署名する",
        ),
        Kind::HtmlRewritten => (
            "turn off the sanitising or inlining of HTML for signed mail, or sign after it",
            "署名付きメールでは HTML の無害化や整形を無効にするか、その後で署名する",
        ),
        Kind::TextRemoved | Kind::TextAdded | Kind::TextChanged | Kind::Other => (
            "find out who changed it: no setting makes up for that",
            "誰が変えたかを調べる。設定では補えません",
        ),
        Kind::FromRewritten => (
            "have the service leave From as it is, and use an own envelope sender; or sign as the address it writes",
            "From をそのままにし、封筒の差出人だけ変えるよう設定するか、書き換え後のアドレスで署名する",
        ),
        Kind::SubjectTagged => (
            "nothing has to be set, unless Subject is protected (RFC 9788): then turn the tag off",
            "設定は不要です。件名が保護されている場合 (RFC 9788) だけ、印を無効にする",
        ),
        Kind::SignatureAltered => {
            ("ask the sender to send it again by another way", "差出人に別の経路で送り直してもらう")
        }
    }
}
