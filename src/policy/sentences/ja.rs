//! 日本語。

use crate::policy::Outcome;
use crate::policy::facts::{
    Amount, Covers, Encryption, Facts, Headers, Leaf, Path, Rejection, Role, Who, Why, lacks_issuer,
};
use crate::policy::origin::{Origin, Way};
use crate::policy::sentences::origin;
use crate::policy::sentences::{Label, Outside, Sentences, State, Validity};
use crate::report::{
    Assurance, Check, Code, FULL_TRUST, FieldProtection, Generation, Integrity, LooksLike, Qualified,
    QualifiedKind, Revocation, RevocationSource, Source, Trust,
};

pub(super) struct Japanese;

impl Sentences for Japanese {
    fn word(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::None => "- なし",
            Outcome::Good => "✓ 正常",
            Outcome::Caution => "! 注意",
            Outcome::Bad => "✗ 異常",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Who => "署名者",
            Label::Covers => "範囲",
            Label::Why => "根拠",
            Label::Wrong => "問題",
            Label::Next => "次に",
            Label::Signature => "署名",
            Label::Path => "経路",
            Label::Rejected => "却下",
            Label::Findings => "所見",
            Label::Encrypted => "暗号",
            Label::Domain => "送信元",
            Label::Way => "経由",
            Label::Header => "ヘッダ",
        }
    }

    fn headline(&self, facts: &Facts<'_>) -> String {
        let code = facts.code();
        let name = facts.name();
        match facts.verdict.outcome {
            Outcome::Good => {
                let signed =
                    name.map_or("署名されています".to_owned(), |name| format!("{name} の署名です"));
                format!("{signed}。全体が署名され、改変はありません。")
            }
            Outcome::Caution => self.caution(code, name, facts),
            Outcome::None => match code {
                Some(Code::NoSigners) => "署名の形をしていますが、誰も署名していません。".into(),
                Some(Code::CertificatesOnly) => "署名がありません。証明書だけが入っています。".into(),
                _ if facts.is_closed() => "暗号化されたままです。署名の有無はわかりません。".into(),
                _ => "署名がありません。誰が書いたものか確かめられません。".into(),
            },
            Outcome::Bad => match code {
                Some(Code::Altered) => "署名の後で改変されています。内容を信用しないでください。".into(),
                Some(Code::SignerRevoked) => {
                    "失効した証明書による署名です。内容を信用しないでください。".into()
                }
                _ => "署名が壊れています。内容を信用しないでください。".into(),
            },
        }
    }

    fn who(&self, who: &Who) -> String {
        match who {
            Who::Unsigned { from } | Who::Broken { claims: from } if from.is_empty() => {
                "名乗りがありません".into()
            }
            Who::Unsigned { from } => format!("{from} と称していますが、証明するものがありません"),
            Who::Broken { claims } => format!("{claims} と称していますが、何の証明にもなりません"),
            Who::Missing => "不明です。署名者の証明書がありません".into(),
            Who::Nameless { name } if name.is_empty() => "アドレスのない証明書".into(),
            Who::Nameless { name } => format!("アドレスのない証明書（「{name}」と名乗っています）"),
            Who::Signer { who, is_from: true, claimed: true } => {
                format!("{who} と名乗っています（差出人と同じ）")
            }
            Who::Signer { who, is_from: false, claimed: true } => {
                format!("{who} と名乗っています（差出人と不一致）")
            }
            Who::Signer { who, is_from, claimed: false } => {
                format!("{who}（差出人と{}）", if *is_from { "一致" } else { "不一致" })
            }
        }
    }

    fn how(&self, protocol: &str, assurance: Option<Assurance>) -> String {
        let validated = assurance.map(|one| format!("、{}", validated(one))).unwrap_or_default();
        format!("· {protocol}{validated}")
    }

    fn revoked(&self) -> &'static str {
        "。失効しています"
    }

    fn covers(&self, covers: &Covers, headers: &Headers, unaltered: bool) -> String {
        let body = match covers {
            Covers::Nothing => return "なし".into(),
            Covers::Unchecked => return "確認できた部分はありません".into(),
            Covers::Whole { parts: 0 } => "本文全体".into(),
            Covers::Whole { parts } => format!("本文全体（{parts} パート）"),
            Covers::Parts { parts, leaf } => {
                let list: Vec<String> = parts.iter().take(5).map(|part| format!("パート {part}")).collect();
                let leaf = leaf.as_ref().map(|leaf| format!("（{}）", kind(leaf))).unwrap_or_default();
                format!("{}{}{leaf}", list.join("、"), if parts.len() > 5 { "…" } else { "" })
            }
        };
        let unaltered = if unaltered { "、改変なし" } else { "" };
        match headers {
            Headers::Silent => format!("{body}{unaltered}"),
            Headers::Unsigned => format!("{body}{unaltered}。件名・宛先・日付は署名されていません。"),
            Headers::Signed(names) => format!("{body}{unaltered}と、ヘッダー {}", names.join("・")),
        }
    }

    fn encryption(&self, encryption: &Encryption) -> String {
        let cipher = encryption.cipher.as_ref().map(|cipher| format!("{cipher}、")).unwrap_or_default();
        match (encryption.opened, encryption.key.as_str()) {
            (false, _) => format!("{cipher}開いていません"),
            (true, "") => format!("{cipher}パスワードで開きました"),
            (true, key) => format!("{cipher}{key} の鍵で開きました"),
        }
    }

    fn origin(&self, origin: &Origin) -> String {
        origin::japanese(origin)
    }

    fn way(&self, way: &Way) -> String {
        origin::japanese_way(way)
    }

    fn why(&self, why: &Why) -> String {
        match why {
            Why::Closed => "開かれるまで、根拠はわかりません".into(),
            Why::Unsigned => "署名がないので、根拠もありません".into(),
            Why::Broken => "改変されたメールでは、どの根拠も意味を持ちません".into(),
            Why::Unchecked => "署名を確認できないので、どの根拠も意味を持ちません".into(),
            Why::NoPath(None) => "あなたから署名者への経路なし".into(),
            Why::NoPath(Some(rejection)) => format!("あなたからの経路なし：{}", self.rejected(rejection)),
            Why::Path(path) => self.path(path),
        }
    }

    fn path(&self, path: &Path) -> String {
        let mut text = String::from("あなた");
        for hop in &path.hops {
            let role = match &hop.role {
                Role::Plain => String::new(),
                Role::Anchor(scope) => format!("（{}）", scope.as_deref().unwrap_or("限定なし")),
                Role::Pinned => "（固定）".into(),
                Role::Introducer { depth, scope: None } => format!("（紹介者、深さ {depth}）"),
                Role::Introducer { depth, scope: Some(scope) } => {
                    format!("（{scope} の紹介者、深さ {depth}）")
                }
                Role::Depth(depth) => format!("（深さ {depth}）"),
            };
            // A full-width bracket brings its own space.
            text.push_str(if text.ends_with('）') { "→ " } else { " → " });
            text.push_str(&format!("{}{role}", hop.name));
        }
        if let Some((by, age)) = path.not_revoked {
            text.push_str(&format!("、失効なし（{}、{}前）", source(by), ago(age)));
        }
        match &path.trust {
            None => {}
            Some(Amount { amount, more: 0 }) => text.push_str(&format!("、信用量 {amount}/{FULL_TRUST}")),
            Some(Amount { amount, more }) => {
                text.push_str(&format!("、ほか {more} 経路と合わせて信用量 {amount}/{FULL_TRUST}"));
            }
        }
        text
    }

    fn problem(&self, code: Code) -> &'static str {
        match code {
            Code::NotSigned => "署名がありません",
            Code::NoSigners => "署名の形だけで、署名者が一人もいません",
            Code::PartialCoverage => "署名の範囲がメール全体ではありません",
            Code::UnsignedExtra => "署名されたパートの前後に、メールソフトが表示しない文字列があります",
            Code::FromMissing => "差出人 (From) がありません",
            Code::FromAmbiguous => "差出人 (From) が複数あり、一人に決まりません",
            Code::FromUnreadable => "差出人 (From) がアドレスとして読めません",
            Code::SenderDiffers => "送信者 (Sender) が差出人 (From) と異なります",
            Code::DateDiffers => "日付 (Date) が署名時刻と 1 時間以上離れているか、読み取れません",
            Code::FromDiffers => "内側の From が外側と異なり、裏付ける署名もありません",
            Code::HeaderMismatch => "ヘッダーが、署名された写しと異なります",
            Code::AmbiguousStructure => "構造が一通りに読めません",
            Code::MicalgMismatch => "予告されたハッシュ (micalg) が実際と異なります",
            Code::TypeMismatch => "宣言された種類が内容と異なります",
            Code::NotDecrypted => "復号できませんでした",
            Code::NoDecryptionKey => "あなたのどの鍵に宛てても暗号化されていません",
            Code::EncryptedPart => "単独で暗号化された部分です。場所を指定し、単独で開いてください",
            Code::EncryptionWithheld => {
                "改変に気づけない方式で暗号化されているため、指定どおり開いていません"
            }
            Code::NotAuthenticated => "途中で改変されても気づけない方式で暗号化されています",
            Code::KeyTooSmall => "あなたの鍵に宛てて暗号化されていますが、小さすぎてここでは使えません",
            Code::OldDecryptionKey => "有効期限の過ぎたあなたの鍵に宛てて暗号化されています",
            Code::LibrepgpEncryption => {
                "GnuPG 独自の方式で暗号化されています。送信者に AEAD の停止を頼んでください"
            }
            Code::EncryptionRepaired => "メールサーバーが書き換えた暗号文を元の形に戻して読みました",
            Code::SignedCiphertext => "暗号文の外側にだけ署名があり、署名者が中身を知っているとは限りません",
            Code::NoRecipientBinding => "誰に宛てたものかは署名されていません",
            Code::PolicyNotMet => "この差出人のメールに、方針はもっと多くを求めています",
            Code::NotForYou => "別の人に宛てて署名されたものが、あなたに宛てて暗号化し直されています",
            Code::Compressed => "圧縮されています",
            Code::CertificatesOnly => "証明書だけで、署名がありません",
            Code::InlineSignature => "インラインの OpenPGP 署名です。範囲はその中の文字列だけです",
            Code::EightBit => "8 ビットの文字を含み、配送途中で書き換えられることがあります",
            Code::DomainFailed => "差出人のドメインが送信を認めていません",
            Code::DomainUndecided => {
                "送信元ドメインについて DNS から回答がありません（後で変わることがあります）"
            }
            Code::DkimBodyLength => "ドメインの署名は本文の先頭部分だけが対象です",
            Code::SenderId => "Sender ID は廃止された方式で、意味を持ちません",
            Code::Altered => "内容と署名が一致しません",
            Code::Malformed => "署名が読めないか、形式の規則に反しています",
            Code::UnsupportedAlgorithm => "未知の、または拒否されている方式です",
            Code::SignerMissing => "署名者の証明書がありません",
            Code::SignerUnknown => "署名者が不明です",
            Code::SignerNotFrom => "署名者が差出人と一致しません",
            Code::SignerExpired => "証明書が有効期間の外です",
            Code::SignerRevoked => "証明書が失効しています",
            Code::SignerNotForMail => "メールの署名に使えない証明書です",
            Code::SignerAmbiguous => "別人の証明書が複数、この署名に当てはまります",
            Code::PinMismatch => "このアドレスに固定した証明書とは別の証明書です",
            Code::WeakAlgorithm => "信頼するには弱すぎる方式です",
            Code::WeakKey => "信頼するには短すぎる鍵です",
            Code::SignedAttributesMissing => "署名属性がなく、何の種類の内容に署名したか示されていません",
            Code::RevocationUnknown => "失効は未確認です",
            Code::CertificateProfile => "RFC 5280 の書き方に従わない証明書があります",
            Code::LineEndsRepaired => "改行が途中で変えられましたが、本来の形なら署名と一致します",
            Code::TrailingOctets => "署名の後に余分なデータがあります",
            Code::AttributesReordered => "署名属性の順序が通常と異なりますが、通常の順序なら一致します",
            Code::SignedInFuture => "称する署名時刻が未来です",
            Code::SignatureExpired => "署名の有効期限が切れています",
            Code::FirstLetter => "このアドレスからの最初のメールです",
            Code::AutocryptChanged => "Autocrypt の鍵が前のメールと異なります",
            Code::UsuallySigned => "いつも署名のあるアドレスですが、このメールには署名がありません",
            Code::LookAlike => "あなたの知っているアドレスに似た、別のアドレスです",
            Code::NameOfAnother => "あなたの知っている人の名前ですが、アドレスが違います",
            Code::MixedScripts => "アドレスに複数の文字体系が混ざっています",
            Code::SameSigner => "以前のメールと同じ証明書です (通数)",
            Code::KeyRenewed => "証明書が以前と異なりますが、同じ認証局かあなた自身によるものです",
            Code::KeyChanged => "証明書が以前と異なり、本人のものと確かめられません",
            Code::IssuerChanged => "このアドレスを保証する認証局が以前と異なります",
            Code::ReadsLess => "改変に気づける暗号を読めるという申告が、なくなりました",
        }
    }

    fn outside(&self, part: &Outside) -> String {
        let leaf = Leaf { media_type: part.media_type.clone(), lines: part.lines };
        let looks = match part.looks_like {
            None => "",
            Some(LooksLike::ListFooter) => "、メーリングリストのフッターと思われます",
        };
        format!("パート {} は署名の範囲外です。{}{looks}", part.part, kind(&leaf))
    }

    fn not_from(&self, from: &str) -> String {
        if from.is_empty() {
            self.problem(Code::SignerNotFrom).into()
        } else {
            format!("署名者を {from} と結ぶ根拠なし")
        }
    }

    fn detail(&self, detail: &str) -> String {
        super::in_language(detail, "ja")
    }

    fn with_detail(&self, sentence: &str, detail: &str) -> String {
        format!("{sentence}：「{detail}」")
    }

    fn other(&self, address: &str, sentence: &str) -> String {
        let by =
            if address.is_empty() { String::new() } else { format!("（{address} と名乗るもの）") };
        format!("別の署名{by}：{sentence}")
    }

    fn nothing(&self) -> &'static str {
        "なし"
    }

    fn more(&self, count: usize) -> String {
        format!("ほか {count} 件")
    }

    fn join(&self, sentences: &[String]) -> String {
        sentences.join("。")
    }

    fn next(&self, facts: &Facts<'_>) -> Option<String> {
        Some(match facts.code()? {
            Code::SignerUnknown => {
                let fingerprint = facts.fingerprint()?;
                format!(
                    "この指紋を、このメール以外で知った番号に電話して本人と照合してから：\n\
                     {fingerprint}\nその全桁を FINGERPRINT として：\nmailseal trust pin {} FINGERPRINT",
                    facts.typable()
                )
            }
            Code::PinMismatch => format!(
                "新しい証明書かどうか、このメール以外で知った番号に電話して本人に確かめる：\n{}",
                facts.fingerprint()?
            ),
            Code::SignerMissing => "差出人から証明書をもらってから：\nmailseal verify --cert FILE".into(),
            Code::SignerExpired => {
                "有効な証明書での再送を頼む。受け取った日の時点で調べるには：\nmailseal verify --at TIME"
                    .into()
            }
            Code::Altered if facts.verdict.outcome == Outcome::Bad => {
                "配送途中のサーバーが原因か調べる：mailseal doctor MESSAGE\nわからなければ、差出人に再送を頼む".into()
            }
            Code::NoDecryptionKey => {
                "宛先の秘密鍵のファイルを FILE として：\nmailseal decrypt --key FILE".into()
            }
            _ => return None,
        })
    }

    fn integrity(&self, integrity: Integrity) -> &'static str {
        match integrity {
            Integrity::Unverified => "未確認",
            Integrity::Intact => "改変なし",
            Integrity::Weak => "弱い方式でわかる限り改変なし",
            Integrity::Altered => "改変あり",
            Integrity::Malformed => "破損",
        }
    }

    fn trust(&self, trust: Trust) -> &'static str {
        match trust {
            Trust::Unknown => "署名者不明",
            Trust::Trusted => "署名者は信頼済み",
            Trust::Expired => "証明書が有効期間の外",
            Trust::Revoked => "証明書が失効",
        }
    }

    fn part(&self, part: &str) -> String {
        format!("パート {part}")
    }

    fn bits(&self, bits: usize) -> String {
        format!("{bits} ビット")
    }

    fn field(&self, protection: FieldProtection, outer: Option<&str>) -> String {
        let protection = match protection {
            FieldProtection::Unprotected => "保護なし",
            FieldProtection::Signed => "署名済み",
            FieldProtection::Encrypted => "暗号化",
            FieldProtection::SignedAndEncrypted => "署名済み・暗号化",
        };
        match outer {
            None => protection.to_owned(),
            Some("") => format!("{protection}、外側には記載なし"),
            Some(outer) => format!("{protection}、外側の表示: {outer}"),
        }
    }

    fn claims(&self, time: &str) -> String {
        format!("称する署名時刻 {time}")
    }

    fn speaks_for(&self, address: &str) -> String {
        format!("{address} について")
    }

    fn validity(&self, validity: &Validity) -> String {
        let from = validity.from.as_deref().map(|date| format!("{date} から ")).unwrap_or_default();
        let until = validity.until.as_deref().map(|date| format!("{date} まで")).unwrap_or("無期限".into());
        let state = match validity.state {
            State::Valid => "確認時に有効",
            State::NotYet => "確認時にはまだ無効",
            State::Expired => "確認時に期限切れ",
        };
        format!("{from}{until}：{state}")
    }

    fn fingerprint(&self, groups: &str) -> String {
        format!("指紋 {groups}")
    }

    fn source(&self, source: &Source) -> String {
        match source {
            Source::Caller => "あなたの指定".into(),
            Source::Letter => "メールに添付".into(),
            Source::Known => "手元の証明書".into(),
            Source::Fetched(url) => format!("{url} から取得"),
        }
    }

    fn check(&self, check: &Check) -> String {
        match check {
            Check::Signature(algorithm) => format!("前の段が署名 ({algorithm})"),
            Check::Validity => "有効期間内".into(),
            Check::Issuer(None) => "証明書を発行できる".into(),
            Check::Issuer(Some(0)) => "証明書を発行できる（認証局の証明書は除く）".into(),
            Check::Issuer(Some(most)) => format!("証明書を発行できる（下位の認証局は {most} まで）"),
            Check::Usage => "メールに使える".into(),
            Check::NameConstraints => "下位の名前が許された範囲内".into(),
            Check::Policies(policies) => format!("証明書ポリシー {}", policies.join("・")),
            Check::Revocation(Revocation::Unknown) => "失効は未確認".into(),
            Check::Revocation(Revocation::None) => "失効の対象外".into(),
            Check::Revocation(Revocation::NotRevoked { by, at }) => {
                format!("失効なし（{}、{at} 現在）", self::source(*by))
            }
            Check::Certification { amount, depth, made, only } => {
                let introduces = match depth {
                    0 => String::new(),
                    depth => format!("、紹介できる（深さ {depth}）"),
                };
                let only =
                    if only.is_empty() { String::new() } else { format!("、{} のみ", only.join(" ")) };
                format!("{} に前の段が認証、信用量 {amount}/{FULL_TRUST}{introduces}{only}", made.date())
            }
        }
    }

    fn asserted(&self, assurance: Assurance, generation: Option<Generation>) -> String {
        let rules = match generation {
            None => "",
            Some(Generation::Legacy) => "（Legacy 規則）",
            Some(Generation::Multipurpose) => "（Multipurpose 規則）",
            Some(Generation::Strict) => "（Strict 規則）",
        };
        format!("証明書の称する認証 {}{rules}", validated(assurance))
    }

    fn qualified(&self, qualified: &Qualified) -> String {
        let kind = |kind: &QualifiedKind| match kind {
            QualifiedKind::Signature => "電子署名",
            QualifiedKind::Seal => "e シール",
            QualifiedKind::Website => "ウェブサイト",
        };
        let compliant = if qualified.compliant { "適格証明書" } else { "適格証明書ではない" };
        let mut said = vec![format!("証明書の記載（eIDAS）：{compliant}")];
        if !qualified.kinds.is_empty() {
            said.push(format!("用途 {}", qualified.kinds.iter().map(kind).collect::<Vec<_>>().join("・")));
        }
        said.extend(qualified.device.then(|| "鍵は適格装置の中".to_owned()));
        if !qualified.countries.is_empty() {
            said.push(format!("準拠法 {}", qualified.countries.join("・")));
        }
        said.join("、")
    }

    fn rejection(&self, code: &str) -> Option<&'static str> {
        Some(match code {
            "unknown_issuer" | "no_issuer" => "発行者が見つかりません",
            "expired" => "有効期限が切れています",
            "not_yet_valid" => "まだ有効ではありません",
            "not_a_ca" => "認証局の証明書ではありません",
            "bad_signature" => "証明書の署名が発行者と一致しません",
            "key_usage" => "鍵の用途 (keyUsage) が署名用ではありません",
            "ext_key_usage" => "メール用の証明書ではありません (extKeyUsage)",
            "name_constraint" => "発行者に許されていない名前です",
            "path_length" => "下位の認証局が、許された数を超えています",
            "path_too_long" => "経路が長すぎます",
            "unknown_critical_extension" => "理解できない必須の拡張があります",
            "constraint_not_enforced" => "対応していない制約があります",
            "malformed" => "証明書が壊れています",
            "unsupported" => "証明書の署名を確認できません",
            "out_of_scope" => "登録されていますが、この相手・用途には使えません",
            "budget_exceeded" | "limit" => "調べる回数の上限に達しました",
            "revoked" => "失効しています",
            "policy" => "証明書ポリシーが合いません",
            "not_named" => "その時点では、このアドレスの証明書ではありません",
            _ => return None,
        })
    }
}

impl Japanese {
    fn caution(&self, code: Option<Code>, name: Option<String>, facts: &Facts<'_>) -> String {
        let signed =
            name.map_or("署名があります".to_owned(), |name| format!("{name} の署名があります"));
        match code {
            Some(Code::SignerUnknown) => "改変はありませんが、署名者が誰かを保証する人がいません。".into(),
            Some(Code::PartialCoverage) => format!("{signed}が、メール全体ではありません。"),
            Some(Code::SignerNotFrom) if !facts.from().is_empty() && !facts.mailbox().is_empty() => {
                format!("署名は {}、差出人は {} です。", facts.mailbox(), facts.from())
            }
            Some(Code::SignerExpired) => format!("{signed}が、証明書が有効期間の外です。"),
            Some(Code::SignerMissing | Code::UnsupportedAlgorithm) => {
                "署名がありますが、確認できませんでした。".into()
            }
            Some(Code::Altered | Code::Malformed | Code::SignerRevoked) => {
                format!("{signed}が、別の署名が壊れています。")
            }
            Some(code) => format!("{signed}が、注意が必要です：{}。", self.problem(code)),
            None => format!("{signed}が、注意が必要です。"),
        }
    }

    fn rejected(&self, rejection: &Rejection) -> String {
        let name = &rejection.name;
        if lacks_issuer(&rejection.code) && !name.is_empty() {
            return match rejection.anchors {
                0 => format!("「{name}」を含め、認証局が一つも登録されていません"),
                many => format!("「{name}」は登録済みの {many} 認証局にありません"),
            };
        }
        if let Some(date) = &rejection.until {
            return format!("「{name}」の有効期限は {date} まででした");
        }
        let words = self.rejection(&rejection.code);
        let reason =
            words.unwrap_or(if rejection.reason.is_empty() { &rejection.code } else { &rejection.reason });
        if name.is_empty() { reason.to_owned() } else { format!("「{name}」：{reason}") }
    }
}

fn validated(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Mailbox => "メールアドレス認証",
        Assurance::Individual => "個人認証",
        Assurance::Sponsor => "所属組織による個人認証",
        Assurance::Organization => "組織認証",
    }
}

fn source(source: RevocationSource) -> &'static str {
    match source {
        RevocationSource::Crl => "CRL",
        RevocationSource::Ocsp => "OCSP",
    }
}

/// `2 時間`
fn ago(seconds: u64) -> String {
    match seconds {
        0..7_200 => format!("{} 分", seconds / 60),
        7_200..172_800 => format!("{} 時間", seconds / 3_600),
        _ => format!("{} 日", seconds / 86_400),
    }
}

/// `テキスト 41 行`
fn kind(leaf: &Leaf) -> String {
    if leaf.media_type.starts_with("text/") {
        return format!("テキスト {} 行", leaf.lines);
    }
    leaf.media_type.clone()
}
