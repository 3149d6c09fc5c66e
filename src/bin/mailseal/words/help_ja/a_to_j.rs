//! Texts of help that begin with these letters in English.

pub(super) const HELP: &[(&str, &str)] = &[
    ("A CRL (RFC 5280), which says who is revoked", "失効した証明書の一覧（CRL、RFC 5280）"),
    (
        "A DKIM key of the domain, by its name below _domainkey",
        "そのドメインの DKIM 鍵の名前（_domainkey の下）",
    ),
    (
        "A certificate that the key signs itself, instead of a request. Others believe it only by its fingerprint",
        "証明書要求の代わりに、鍵自身が署名した証明書を作る。他人は指紋でしか確かめられない",
    ),
    (
        "A finished letter, for what would become of it as it is; `-` is standard input",
        "完成したメール。そのまま送るとどうなるかを調べる。`-` は標準入力",
    ),
    (
        "A key for S/MIME, with a request to a certification authority; `key join` takes the answer in",
        "S/MIME 用の鍵と、認証局への証明書要求を作る。届いた証明書は `key join` で鍵に付ける",
    ),
    (
        "A private key on a token: `pkcs11:URI` (RFC 7512), as --key takes it too",
        "トークンにある秘密鍵（`pkcs11:URI`、RFC 7512）。--key にも同じように書ける",
    ),
    (
        "A scope is `any`, or addresses and domains (*@partner.example), then as far as wanted until=2027-12-31, for=sign, for=encrypt, assurance=organization. There is no default.\n\nExit status: 0 done, 2 could not; then nothing is changed.",
        "範囲は `any`、またはアドレスやドメイン (*@partner.example)。必要なら続けて until=2027-12-31、for=sign、for=encrypt、assurance=organization を書く。既定値はない。\n\n終了ステータス: 0 完了、2 できなかった（何も変わらない）。",
    ),
    (
        "Add a footer to a letter outside of what is signed, as a mailing list may: the signature stays verifiable",
        "署名の範囲の外にフッターを付ける（メーリングリスト向け）。署名は検証できるまま残る",
    ),
    (
        "Add an Autocrypt header field with the OpenPGP certificate of a signing key that names the From of the letter, so that others can write to it in secret; `mutual` says that you would have them do so. A letter that is encrypted to several people carries their certificates inside",
        "差出人 (From) の署名鍵の OpenPGP 証明書を Autocrypt ヘッダーで付け、相手が暗号化して返信できるようにする。`mutual` は暗号化を望むという意味。複数の宛先に暗号化するメールには、全員の証明書を中に入れる",
    ),
    (
        "All of the fingerprint; blanks and colons may stand in it",
        "指紋の全桁。空白やコロンが入っていてもよい",
    ),
    (
        "An OCSP response (RFC 6960), which says the same of one certificate",
        "1 枚の証明書が失効したかどうかの回答（OCSP、RFC 6960）",
    ),
    (
        "An OpenPGP key that says who others are (Web of Trust), by its fingerprint in full",
        "他人を認証する OpenPGP 鍵（信頼の輪）。指紋の全桁で指定する",
    ),
    (
        "An OpenPGP key, with its certificate, and a certificate that revokes it",
        "OpenPGP 鍵と、その証明書、失効証明書を作る",
    ),
    (
        "An address, a fingerprint, a file of the folder, or `email-roots`",
        "アドレス、指紋、フォルダー内のファイル名、または `email-roots`",
    ),
    (
        "Answer requests to sign, encrypt, and open letters, one by one, with the keys and the trust that are named here",
        "ここで指定した鍵と信頼で、署名・暗号化・検証・復号の要求に 1 件ずつ答える",
    ),
    ("Answer these requests alone; without it, all", "受け付ける要求。指定しなければすべて"),
    (
        "Append one line of JSON there for each use of a private key",
        "秘密鍵を使うたびに、JSON を 1 行ずつこのファイルに追記する",
    ),
    (
        "As an introducer, for addresses of this domain and those below it alone",
        "紹介者として認める範囲を、このドメインとその下位のアドレスに限る",
    ),
    (
        "Ask the network where a certificate says: for CRLs, OCSP responses, certificates of issuers (aia). Without it nothing is fetched",
        "証明書に書かれた場所へネットワークで問い合わせる: CRL、OCSP の回答、発行者の証明書 (aia)。指定しなければ何も取得しない",
    ),
    (
        "Ask the policy about this recipient; without it, about those of To, Cc, Bcc, Resent-To, -Cc and -Bcc",
        "この宛先について方針を確かめる。指定しなければ To、Cc、Bcc、Resent-To、-Cc、-Bcc の宛先",
    ),
    (
        "Ask this DNS server instead of those of the system",
        "システムの DNS サーバーの代わりに、このサーバーに問い合わせる",
    ),
    (
        "Begin the names of all files with this; otherwise with the address",
        "作るファイルの名前の始まり。指定しなければアドレス",
    ),
    (
        "Believe the mail server by these certificates (PEM) instead of the authorities of the web",
        "ウェブの認証局の代わりに、これらの証明書 (PEM) でメールサーバーを確かめる",
    ),
    (
        "Believe what your own mail server of this name says of the sending domain, in the Authentication-Results fields (RFC 8601) at the top of the letter",
        "自分のメールサーバー（この名前）が先頭の Authentication-Results（RFC 8601）に書いた、送信元ドメインの確認結果を信じる",
    ),
    ("CRLs (RFC 5280)", "CRL、RFC 5280"),
    (
        "Certificates (PEM, DER, OpenPGP, a keyring of GnuPG), CRLs, OCSP responses",
        "証明書（PEM、DER、OpenPGP、GnuPG の鍵束）、CRL、OCSP の回答",
    ),
    ("Certificates for a key that comes without", "鍵ファイルに証明書が含まれないときの証明書"),
    (
        "Certificates of issuers (RFC 5280, authority information access)",
        "発行者の証明書、RFC 5280 の authority information access",
    ),
    (
        "Certificates that may be needed and are not in the letter. They are not trusted",
        "メールに含まれていない、検証に必要な証明書。信頼の対象にはならない",
    ),
    (
        "Certificates: PEM or DER of certificate authorities, or a person's own, X.509 or OpenPGP",
        "証明書: 認証局の PEM または DER、あるいは本人の X.509 または OpenPGP の証明書",
    ),
    (
        "Certify whose an OpenPGP certificate is, with one's own key; the certificate comes back with it",
        "OpenPGP 証明書が誰のものかを自分の鍵で認証し、認証を付けた証明書を書き出す",
    ),
    (
        "Check SPF, DKIM, ARC and DMARC of the sending domain. This asks the DNS about names that stand in the letter",
        "送信元ドメインの SPF、DKIM、ARC、DMARC を確認する。メールに書かれた名前を DNS に問い合わせる",
    ),
    (
        "Check the file of a policy, and say what would become of mail by it",
        "方針のファイルを確かめ、それによってメールがどうなるかを示す",
    ),
    (
        "Check this signature, the decoded body of a signature part, over MESSAGE: the whole signed part, header and body, as it was received",
        "この署名（署名パートの本体を復号したもの）を MESSAGE について検証する。MESSAGE は受信したままの署名対象パート全体（ヘッダーと本体）",
    ),
    (
        "Compare with what this file remembers of the senders, and trust the pins in it",
        "差出人ごとの記録をこのファイルと照合し、その中の固定も信頼する",
    ),
    ("Compare: the message as it arrived", "比較する：届いたメール"),
    ("Compare: the message as it was sent", "比較する：送ったメール"),
    ("Deliver so many letters at most: 20/s, 600/m, 10000/h", "配送の速さの上限: 20/s、600/m、10000/h"),
    ("Do not show on the terminal how far it is", "進み具合を端末に表示しない"),
    (
        "Draw the parts of a letter and the layers around them. Nothing is verified",
        "メールのパートと、それを包む署名・暗号化の層を図示する。検証はしない",
    ),
    (
        "Encrypt S/MIME with this cipher, whatever the recipients are known to read",
        "宛先が何を読めるかによらず、S/MIME をこの方式で暗号化する",
    ),
    (
        "Encrypt a finished letter to its recipients: one letter for those of each protocol, and one for each Bcc",
        "完成したメールを宛先に暗号化する。方式ごとに 1 通、Bcc は 1 人 1 通",
    ),
    (
        "Encrypt every letter to its sender too, so that the copy that is kept can be read",
        "控えを自分で読めるように、どのメールも差出人にも暗号化する",
    ),
    (
        "Encrypt to this certificate, believed or not, instead of to those that are found for the recipients",
        "宛先から探した証明書ではなく、この証明書に暗号化する。信頼できるかは問わない",
    ),
    ("Encrypt, and sign if asked to", "暗号化し、求められれば署名もする"),
    (
        "Exit status: 0 all are delivered, 1 some are not, or it was refused; 2 could not. What was done is noted: say the same again to go on. As a page: docs/newsletters.md.",
        "終了ステータス: 0 すべて配送した、1 配送されないものがある、または取りやめた、2 できなかった。済んだことは記録してあり、同じコマンドをもう一度実行すると続きから始める。詳しくは docs/newsletters.md。",
    ),
    (
        "Exit status: 0 all of it would be sent, 1 not all, 2 could not look.",
        "終了ステータス: 0 すべて送られる、1 送られないものがある、2 調べられなかった。",
    ),
    (
        "Exit status: 0 decrypted, and what is inside is good, or unsigned and the policy lets that pass; 1 not decrypted, or any other verdict; 2 could not look. Of several messages, the worst.",
        "終了ステータス: 0 復号でき、中身が正常、または署名がなくポリシーがそれを許す、1 復号できない、またはそれ以外の判定、2 調べられなかった。複数のメールでは最も悪いもの。",
    ),
    (
        "Exit status: 0 done, 1 refused or somebody is unreachable, 2 could not. Where it is not 0, nothing is written.",
        "終了ステータス: 0 完了、1 拒否した、または暗号化して送れない宛先がある、2 できなかった。0 でなければ何も書き出さない。",
    ),
    (
        "Exit status: 0 done, 1 the certificate does not name the address, or the key may not; 2 could not.",
        "終了ステータス: 0 完了、1 証明書にそのアドレスがない、または鍵に認証の資格がない、2 できなかった。",
    ),
    (
        "Exit status: 0 done, 1 there was nothing to forget, 2 could not.",
        "終了ステータス: 0 完了、1 取り消すものがなかった、2 できなかった。",
    ),
    (
        "Exit status: 0 done, 2 could not. An encrypted letter stays as it is.",
        "終了ステータス: 0 完了、2 できなかった。暗号化されたメールはそのまま残す。",
    ),
    (
        "Exit status: 0 done, 2 could not; then no file is written.",
        "終了ステータス: 0 完了、2 できなかった（ファイルは書き出さない）。",
    ),
    (
        "Exit status: 0 done, 2 could not; then nothing is changed.",
        "終了ステータス: 0 完了、2 できなかった（何も変わらない）。",
    ),
    (
        "Exit status: 0 good, 1 any other verdict, 2 could not look. Of several messages, the worst.",
        "終了ステータス: 0 正常、1 それ以外の判定、2 調べられなかった。複数のメールでは最も悪いもの。",
    ),
    ("Exit status: 0 listed, 2 could not look.", "終了ステータス: 0 表示した、2 調べられなかった。"),
    (
        "Exit status: 0 no key ends within --expiring, and with --for, one signs; 1 otherwise; 2 could not look. Keys that ended before are listed, and do not count.",
        "終了ステータス: 0 --expiring の間に切れる鍵がなく、--for のとき署名できる鍵がある、1 それ以外、2 調べられなかった。すでに切れた鍵は表示するが数えない。",
    ),
    ("Exit status: 0 printed, 2 could not.", "終了ステータス: 0 出力した、2 できなかった。"),
    ("Exit status: 0 shown, 2 could not look.", "終了ステータス: 0 表示した、2 調べられなかった。"),
    (
        "Exit status: 0 shown, 2 could not look. Of several messages, the worst.",
        "終了ステータス: 0 表示した、2 調べられなかった。複数のメールでは最も悪いもの。",
    ),
    (
        "Exit status: 0 somebody is believed, 1 nobody is, 2 could not look.",
        "終了ステータス: 0 信頼できる証明書がある、1 ない、2 調べられなかった。",
    ),
    (
        "Exit status: 0 the input ended, 2 it is not made of frames, or it could not begin. Frames and requests: docs/serve.md.",
        "終了ステータス: 0 入力が終わった、2 入力がフレームになっていない、または始められなかった。フレームと要求の形式は docs/serve.md。",
    ),
    (
        "Exit status: 0 the same as then, and good; 1 the same but not good, not the same, or changed; 2 could not look.",
        "終了ステータス: 0 当時と同じで正常、1 同じだが正常でない、当時と違う、または書庫が変更されている、2 調べられなかった。",
    ),
    (
        "Exit status: 0 the signature holds, or the copies are the same; 1 anything else that was found, or nothing that explains it; 2 could not look.",
        "終了ステータス: 0 署名は有効、または 2 通が同じ、1 それ以外（説明できない場合も）、2 調べられなかった。",
    ),
    ("Exit status: 0 understood, 2 not.", "終了ステータス: 0 読み取れた、2 読み取れない。"),
    (
        "File of passwords, one a line, of which each is tried; otherwise they are asked for on the terminal",
        "1 行に 1 つずつパスワードを書いたファイル。順に試す。指定しなければ端末で尋ねる",
    ),
    ("File of the footer: UTF-8 text", "フッターのファイル（UTF-8 のテキスト）"),
    (
        "File whose first line is the password for --user; otherwise it is asked for on the terminal",
        "1 行目が --user のパスワードであるファイル。指定しなければ端末で尋ねる",
    ),
    (
        "File whose first line is the password; otherwise it is asked for on the terminal, twice",
        "1 行目にパスワードを書いたファイル。指定しなければ端末で 2 回尋ねる",
    ),
    (
        "Finished letters, mbox files, folders (Maildir, or files that end with .eml); `-` or nothing is standard input, one letter or an mbox. Each goes to those in its To, Cc and Bcc",
        "完成したメール、mbox ファイル、フォルダー（Maildir、または .eml で終わるファイル）。`-` または省略で標準入力（1 通、または mbox）。それぞれ To、Cc、Bcc の宛先に送る",
    ),
    ("For oneself alone: it is not to be passed on", "自分だけのための認証とし、他人に渡さない"),
    ("For whom, for what and how long they count", "誰について、何のために、いつまで信頼するか"),
    ("From whom", "差出人"),
    (
        "Hand them to this mail server: smtps://HOST[:PORT], or smtp://HOST[:PORT] with STARTTLS. Never without TLS",
        "このメールサーバーに渡す: smtps://HOST[:PORT]、または STARTTLS を使う smtp://HOST[:PORT]。TLS なしでは渡さない",
    ),
    (
        "Have failures told to this address instead of From",
        "不達の知らせを From の代わりにこのアドレスで受け取る",
    ),
    ("How far, of 120, which is without doubt", "信頼の量。120 で疑いなし"),
    (
        "How many introducers in a row it makes: with 1 its holder is believed about others; 255 is without end",
        "紹介者としての深さ。1 なら持ち主による他人の認証も信じる。255 は無制限",
    ),
    (
        "How many of the topmost Received lines your own systems added; these say how the letter came",
        "自分のシステムが付けた Received の行数（上から）。メールの経路がわかる",
    ),
    ("How strict to be, instead of as strict as then", "当時のものに代わる厳しさ"),
    (
        "How strict to be: `standard`, `strict`, or the file of a policy (docs/policy.md)",
        "厳しさ: `standard`、`strict`、または方針のファイル (docs/policy.md)",
    ),
    ("How sure it is: 120 is without doubt, 60 is half", "確かさ。120 で疑いなし、60 はその半分"),
    (
        "Its certificate, and those that lead from it towards an anchor",
        "鍵の証明書と、そこから信頼の起点へ至る証明書",
    ),
    (
        "Judge at this time instead of now: RFC 3339, or @SECONDS since 1970",
        "今ではなく、この時刻で判定する。RFC 3339、または @ に続けて 1970 年からの秒数",
    ),
    (
        "Judge the letter in an archive again, as of then and from what is in it, and compare",
        "書庫のメールを、当時の時刻と書庫の中身でもう一度判定し、当時と比べる",
    ),
    (
        "Judge the letter in an archive again, as of then and from what is in it, and compare.\n\nThe archive is not signed: when the letter came, and whom to trust, is its word. Bring anchors of your own.",
        "書庫のメールを、当時の時刻と書庫の中身でもう一度判定し、当時と比べる。\n\n書庫に署名はない。いつ届いたか、誰を信頼するかは、書庫がそう言っているだけである。信頼の起点は自分のものを指定するとよい。",
    ),
];
