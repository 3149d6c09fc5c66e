//! The texts of help, English and Japanese, in the order of English.

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
        "Ask the network where a certificate says: for CRLs, OCSP responses, certificates of issuers (aia). Without it no network is used",
        "証明書に書かれた場所へネットワークで問い合わせる: CRL、OCSP の回答、発行者の証明書 (aia)。指定しなければネットワークを使わない",
    ),
    (
        "Ask the policy about this recipient; without it, about those of To, Cc and Bcc",
        "この宛先について方針を確かめる。指定しなければ To、Cc、Bcc の宛先",
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
    (
        "Keys, as --key of `sign` takes them; certificates alone are listed as keys that are elsewhere",
        "鍵。`sign` の --key と同じ書き方。証明書だけなら、鍵は別の場所にあるものとして表示する",
    ),
    (
        "Learn from the letters what is usual of their senders, into the file of --memory",
        "差出人のふだんの様子をメールから学び、--memory のファイルに記録する",
    ),
    (
        "Leave out the folder of those you trust; only what is named here counts",
        "信頼のフォルダーを使わず、ここで指定したものだけを信頼する",
    ),
    ("Leave out this recipient, who gets no letter", "この宛先を除く。この人には送らない"),
    (
        "Leave the header fields of the letter unsigned, as older programs do; otherwise they are signed too (RFC 9788)",
        "古いプログラムのように、メールのヘッダーには署名しない。指定しなければヘッダーにも署名する (RFC 9788)",
    ),
    (
        "Let --out write what was decrypted whatever it is worth. The exit status stays",
        "判定によらず、復号した内容を --out に書き出す。終了ステータスは変わらない",
    ),
    (
        "Letter with places {{name}}, which are filled from --recipients, one letter for each row",
        "{{name}} の形の差し込み欄を持つメール。--recipients の各行の値を入れて 1 通ずつ作る",
    ),
    (
        "Letters, mbox files, folders (Maildir, or files that end with .eml); `-` or nothing is standard input",
        "メール、mbox ファイル、フォルダー（Maildir、または .eml で終わるファイル）。`-` または省略で標準入力",
    ),
    (
        "Letters, mbox files, folders (Maildir, or files that end with .eml); `-` or nothing is standard input. Several letters give one line each, and a table at the end",
        "メール、mbox ファイル、フォルダー（Maildir、または .eml で終わるファイル）。`-` または省略で標準入力。複数なら 1 通 1 行で、最後に集計を表示する",
    ),
    (
        "List keys, for whom they are, and whether they may be used",
        "鍵と、そのアドレス、今使えるかどうかを表示する",
    ),
    ("List whom you trust", "信頼している相手を表示する"),
    ("Log in to the mail server as this user", "このユーザーとしてメールサーバーにログインする"),
    ("Look at certificates", "証明書を調べる"),
    ("Look at so many letters at a time", "同時に調べるメールの数"),
    (
        "Look at the SPF, DKIM and DMARC records of this domain instead, and say what to set",
        "代わりに、このドメインの SPF、DKIM、DMARC のレコードを調べ、設定すべき内容を示す",
    ),
    (
        "Look at this time instead of now: RFC 3339, or @SECONDS since 1970",
        "今ではなく、この時刻で調べる。RFC 3339、または @ に続けて 1970 年からの秒数",
    ),
    (
        "Make a key for an address: an OpenPGP key, or one for S/MIME with a request to a certification authority",
        "アドレスの鍵を作る。OpenPGP 鍵、または S/MIME 用の鍵と認証局への証明書要求",
    ),
    ("Make keys, and work on keys and certificates", "鍵を作り、鍵と証明書を扱う"),
    (
        "No password, where the key has none: whoever reads the file has the key",
        "鍵にパスワードがないとき、付けないままにする。ファイルを読める人は誰でも鍵を使える",
    ),
    (
        "No password: whoever reads the file has the key",
        "パスワードを付けない。ファイルを読める人は誰でも鍵を使える",
    ),
    (
        "Note there what was done, and go on from there when the same is said again; one file for each run",
        "済んだことをこのファイルに記録し、同じコマンドをもう一度実行すると続きから始める。配信ごとに 1 ファイル",
    ),
    ("OCSP responses (RFC 6960)", "OCSP の回答、RFC 6960"),
    ("One's own OpenPGP secret key, with its primary key", "自分の OpenPGP 秘密鍵。主鍵を含むもの"),
    (
        "Only keys that name this address, the one to take first",
        "このアドレスの鍵だけを、使うべき順に表示する",
    ),
    ("Only show who gets what, and who gets nothing", "誰に何を送り、誰に送れないかを表示するだけ"),
    (
        "Open an encrypted letter, and say of what is inside what `verify` says",
        "暗号化されたメールを復号し、中身を `verify` と同じように調べる",
    ),
    ("Open each step of the reasons", "根拠を一段ずつ詳しく表示する"),
    (
        "Open this part, which is encrypted by itself, apart from all around it; parts are counted as in 2.1",
        "単独で暗号化されたこのパートだけを、周りと切り離して開く。パートは 2.1 のように数える",
    ),
    (
        "Print an Authentication-Results field (RFC 8601) by this name of your system instead of the page",
        "判定の表示の代わりに、この名前（自分のシステムの名前）で Authentication-Results フィールド (RFC 8601) を出力する",
    ),
    ("Print help", "ヘルプを表示する"),
    ("Print help (see a summary with '-h')", "ヘルプを表示する（要約は '-h'）"),
    ("Print help (see more with '--help')", "ヘルプを表示する（詳しくは '--help'）"),
    ("Print one line of JSON", "JSON を 1 行で出力する"),
    ("Print one line of JSON about it", "結果を JSON 1 行で出力する"),
    (
        "Print one line of JSON about it: with --plan, --out or --out-dir",
        "結果を JSON 1 行で出力する。--plan、--out、--out-dir と使う",
    ),
    ("Print one line of JSON for each", "1 件につき JSON を 1 行で出力する"),
    (
        "Print one line of JSON for each certificate or root",
        "証明書または起点 1 つにつき JSON を 1 行で出力する",
    ),
    ("Print one line of JSON for each entry", "1 項目につき JSON を 1 行で出力する"),
    ("Print one line of JSON for each key", "鍵 1 つにつき JSON を 1 行で出力する"),
    (
        "Print one line of JSON for each letter that is not there, and one about all",
        "届かなかったメールごとに 1 行と、全体について 1 行の JSON を出力する",
    ),
    ("Print one line of JSON for each message", "メール 1 通につき JSON を 1 行で出力する"),
    ("Print the manual page (roff)", "マニュアルページを出力する (roff)"),
    (
        "Print this message or the help of the given subcommand(s)",
        "この説明、または指定したコマンドのヘルプを表示する",
    ),
    ("Print version", "バージョンを表示する"),
    ("Print what completes words in a shell", "シェルの補完スクリプトを出力する"),
    (
        "Private key of either kind, to open encrypted layers with: a file (PKCS#12, PEM, or an OpenPGP secret key), `pkcs11:URI` (RFC 7512), or `gpg-agent:KEYGRIP`",
        "暗号化の層を開く秘密鍵: ファイル（PKCS#12、PEM、OpenPGP の秘密鍵）、`pkcs11:URI` (RFC 7512)、または `gpg-agent:KEYGRIP`",
    ),
    (
        "Private key of either kind: a file (PKCS#12, PEM, or an OpenPGP secret key), `pkcs11:URI` (RFC 7512), or `gpg-agent:KEYGRIP`. Give every key that you ever had",
        "秘密鍵: ファイル（PKCS#12、PEM、OpenPGP の秘密鍵）、`pkcs11:URI` (RFC 7512)、または `gpg-agent:KEYGRIP`。これまでに使った鍵をすべて指定するとよい",
    ),
    (
        "Private key that opens letters, as --key of `decrypt` takes it",
        "復号に使う秘密鍵。`decrypt` の --key と同じ書き方",
    ),
    (
        "Private key that signs letters of the senders it names, as --key of `sign` takes it",
        "その鍵のアドレスを差出人とするメールに署名する秘密鍵。`sign` の --key と同じ書き方",
    ),
    ("Private key to open the letter of --reply-to with", "--reply-to のメールを開く秘密鍵"),
    ("Private key, as --key of `sign` takes it", "秘密鍵。`sign` の --key と同じ"),
    (
        "Private key: a file (PKCS#12, PEM, or an OpenPGP secret key), `pkcs11:URI` (RFC 7512), `gpg-agent:KEYGRIP`, or `gpg-agent:` for the key of the certificate",
        "秘密鍵: ファイル（PKCS#12、PEM、OpenPGP の秘密鍵）、`pkcs11:URI` (RFC 7512)、`gpg-agent:KEYGRIP`。`gpg-agent:` だけなら証明書に対応する鍵",
    ),
    (
        "Put the certificate that an authority gave together with its key, into PKCS#12",
        "認証局から届いた証明書を鍵と合わせて PKCS#12 にする",
    ),
    (
        "Put the letter inside the signature (application/pkcs7-mime) instead of beside it. S/MIME only",
        "署名をメールに添えるのではなく、メールを署名の中に入れる (application/pkcs7-mime)。S/MIME のみ",
    ),
    ("Put them into this Maildir, each exactly once", "この Maildir に、1 通ずつ正確に 1 度だけ入れる"),
    (
        "Read by all, but nothing tells whether it was changed; so the other AES-CBC",
        "誰でも読めるが、改変を検出できない。他の AES-CBC も同じ",
    ),
    (
        "Read requests from standard input, and answer on standard output",
        "要求を標準入力から読み、標準出力に答える",
    ),
    (
        "Refuse where this service, as `doctor --profile` measured it, would break what is signed; say what to set there",
        "`doctor --profile` で調べたこのサービスが署名を壊すなら取りやめ、サービスで何を設定すべきかを示す",
    ),
    ("Remember in this file which domains were confirmed", "承認したドメインをこのファイルに覚える"),
    (
        "Repeat what does not stand outside at the head of the text, for programs that do not know RFC 9788",
        "外側で隠したヘッダーを本文の先頭にも書く。RFC 9788 を知らないソフトのため",
    ),
    ("Replace a file that is there", "すでにあるファイルを置き換える"),
    ("Replace files that are there", "すでにあるファイルを置き換える"),
    ("Replace the profile that is there", "すでにあるプロファイルを置き換える"),
    (
        "Say in S/MIME signatures that who signs reads these ciphers, the preferred first, instead of those that this program reads: where the answers are read with another program",
        "S/MIME の署名で、読める暗号としてこれらを（望む順に）申告する。返信を別のプログラムで読む場合に使う。指定しなければこのプログラムの読めるものを申告する",
    ),
    (
        "Say for every recipient what would become of mail, and by which line",
        "宛先ごとに、メールがどうなるか、どの行によるかを示す",
    ),
    ("Say of each part and layer where its octets lie", "パートと層ごとに、そのオクテットの位置を表示する"),
    (
        "Say what certificates, CRLs and OCSP answers say of themselves. Nothing of it is checked",
        "証明書、CRL、OCSP の回答に書かれている内容を表示する。真偽は確かめない",
    ),
    ("Say what the policy says of a letter as it is", "そのままのメールについて、方針の判断を示す"),
    (
        "Say what was done to a letter on its way: why its signature broke, or how two copies differ. Never a verdict",
        "配送途中でメールに何が起きたかを調べる。署名が壊れた原因、または 2 通の違い。判定はしない",
    ),
    (
        "Say whether the file of a policy is understood; otherwise what is wrong, in which line",
        "方針のファイルが読み取れるかを示す。読み取れなければ、どの行の何が誤りかを示す",
    ),
    ("Say who of the recipients gets what", "どの宛先に何を送るかを答える"),
    (
        "Say who signed a letter, what is covered, why that is believed, and what is wrong",
        "誰が署名したか、どの部分が署名されているか、なぜ信じるのか、何が問題かを示す",
    ),
    (
        "Say whom you trust, for whom and how long, and see whom you would believe",
        "誰を、誰について、いつまで信頼するかを決め、誰を信じることになるかを調べる",
    ),
    (
        "Say yes to the first letter to this domain, where the policy asks; the file of --memory keeps it",
        "方針が確認を求めるとき、このドメインへの最初のメールを承認する。--memory のファイルに残る",
    ),
    (
        "Say, without any letter, whom you would believe to be the holder of an address, and why",
        "メールなしで、あるアドレスの持ち主として誰を信じるか、なぜかを示す",
    ),
    (
        "Seals and opens mail end to end: S/MIME and PGP/MIME",
        "メールの署名・暗号化・検証・復号を端から端まで: S/MIME と PGP/MIME",
    ),
    (
        "Set a limit by its name, as in `message_bytes=50000000` or `depth=8`: the fields of `Limits` in the documentation",
        "制限を名前で指定する。`message_bytes=50000000` や `depth=8` など、文書にある `Limits` の項目",
    ),
    ("Sign", "署名する"),
    (
        "Sign a finished letter; what the key is decides the protocol",
        "完成したメールに署名する。方式は鍵の種類で決まる",
    ),
    (
        "Sign although the key does not name the From of the letter; who receives it is warned",
        "鍵がメールの差出人のものでなくても署名する。受け取った人には警告が出る",
    ),
    (
        "Sign and deliver so many letters at a time; without it, as many as there are processors",
        "同時に署名・配送するメールの数。指定しなければプロセッサーの数",
    ),
    (
        "Sign as of this time instead of now: RFC 3339, or @SECONDS since 1970",
        "今ではなく、この時刻で署名する。RFC 3339、または @ に続けて 1970 年からの秒数",
    ),
    (
        "Sign as of this time instead of now: RFC 3339, or @SECONDS since 1970. A run that is resumed keeps its own",
        "現在の代わりにこの時刻で署名する（RFC 3339、または 1970 年からの秒数 @SECONDS）。再開した配信は元の時刻のまま",
    ),
    (
        "Sign for the domain too (DKIM), after all else, with this private key: RSA or Ed25519, PEM or DER. Without --key, do only that",
        "最後にドメインの署名（DKIM）も付ける秘密鍵（RSA、Ed25519。PEM、DER）。--key がなければ、これだけを行う",
    ),
    (
        "Sign many letters, of a template and a table or finished ones, and deliver each of them once",
        "ひな形と表から作ったメール、または完成した多数のメールに署名し、それぞれ 1 度だけ配送する",
    ),
    ("Sign once more around the encryption", "暗号化の外側にもう一度署名する"),
    (
        "Sign with this private key, inside the encryption; for letters of either protocol, one of each. A file, `pkcs11:URI` (RFC 7512), or `gpg-agent:KEYGRIP`",
        "暗号化の内側に署名する秘密鍵。両方の方式で送るなら 1 つずつ。ファイル、`pkcs11:URI` (RFC 7512)、または `gpg-agent:KEYGRIP`",
    ),
    (
        "Speak this language; without it, that of the locale (LC_ALL, LC_MESSAGES, LANG)",
        "表示する言語。指定しなければロケール (LC_ALL、LC_MESSAGES、LANG) に従う",
    ),
    (
        "Succeed only if the letter is good and from this address",
        "正常で、かつ差出人がこのアドレスのときだけ成功とする",
    ),
    (
        "Table of recipients: CSV whose first row names the columns, or one JSON object a line (.jsonl)",
        "宛先の表。1 行目が列名の CSV、または 1 行に 1 つの JSON オブジェクト (.jsonl)",
    ),
    (
        "Take a certificate that was found for a recipient and is not believed, by its fingerprint in full",
        "宛先のものとして見つかったが信頼できない証明書を使う。指紋の全桁で指定する",
    ),
    ("The OpenPGP certificate", "OpenPGP 証明書"),
    (
        "The address has this certificate and no other, by its fingerprint in full",
        "このアドレスの証明書はこれだけとする。指紋の全桁で指定する",
    ),
    (
        "The address of the client that delivered the letter, for SPF",
        "メールを届けたクライアントの IP アドレス（SPF 用）",
    ),
    ("The certificate authorities that Mozilla trusts for e-mail", "Mozilla がメール用に信頼する認証局"),
    ("The domain that signs", "署名するドメイン"),
    ("The envelope sender; empty for a delivery report", "エンベロープの送信者。配送報告では空"),
    ("The file of a policy", "方針のファイル"),
    ("The file that remembers which domains were confirmed", "承認したドメインを覚えているファイル"),
    (
        "The folder of those you trust; otherwise $MAILSEAL_TRUST, or `mailseal/trust` in your folder of settings (~/.config)",
        "信頼のフォルダー。指定しなければ $MAILSEAL_TRUST、または設定フォルダー (~/.config) の `mailseal/trust`",
    ),
    (
        "The header of the letter that the signature was in, of which From, Sender and Date are read",
        "署名の入っていたメールのヘッダー。From・Sender・Date を読む",
    ),
    (
        "The letter that this one answers: what that one hides in its header stays hidden. Opened with the keys of --sign and --reply-key",
        "返信元のメール。そのヘッダーで隠されていたものは返信でも隠す。--sign と --reply-key の鍵で開く",
    ),
    (
        "The letter whose signature broke; `-` or nothing is standard input",
        "署名が壊れたメール。`-` または省略で標準入力",
    ),
    ("The letter; `-` or nothing is standard input", "メール。`-` または省略で標準入力"),
    ("The name of the key in the DNS, below _domainkey", "DNS での鍵の名前（_domainkey の下）"),
    (
        "The private key: PKCS#8, as `key new` wrote it, or any other of PEM",
        "秘密鍵。`key new` で書き出した PKCS#8、またはほかの PEM",
    ),
    (
        "The same for a keyring of GnuPG (pubring.kbx, pubring.gpg), its folder, or a shared certificate directory (pgp.cert.d)",
        "同じく、GnuPG の鍵束 (pubring.kbx、pubring.gpg) やそのフォルダー、または共有の証明書フォルダー (pgp.cert.d)",
    ),
    ("The shell", "シェル"),
    (
        "Tie an address to one certificate and no other, by the fingerprint that its owner read out to you",
        "持ち主から聞いた指紋で、アドレスの証明書をただ 1 枚に固定する",
    ),
    ("To whom; without it, those of the letter", "宛先。指定しなければメールの宛先"),
    (
        "Trust certificates for a scope, the e-mail authorities of Mozilla, or a root of the Web of Trust",
        "範囲を定めて証明書を、または Mozilla のメール用認証局を、または信頼の輪の起点を信頼する",
    ),
    ("Trust no longer", "信頼を取り消す"),
    (
        "Trust the certificate authorities that Mozilla trusts for e-mail, for this scope; without one for any sender",
        "Mozilla がメール用に信頼する認証局を、この範囲で信頼する。範囲がなければ差出人を限らない",
    ),
    (
        "Trust the owners of keys as GnuPG does: what `gpg --export-ownertrust` wrote",
        "鍵の持ち主を GnuPG と同じように信頼する。`gpg --export-ownertrust` の出力",
    ),
    (
        "Trust these certificates: PEM or DER of certificate authorities, or OpenPGP certificates; or all in a folder. With a scope, for nothing else: `ca.pem=*@partner.example until=2027-12-31`; without one for any sender",
        "信頼する証明書: 認証局の PEM または DER、OpenPGP の証明書、あるいはそれらのフォルダー。範囲を付けるとそれだけに限る: `ca.pem=*@partner.example until=2027-12-31`。付けなければ差出人を限らない",
    ),
    (
        "Trust this OpenPGP key to say who others are (Web of Trust), by its fingerprint in full; of 120, which is without doubt",
        "他人を認証する鍵としてこの OpenPGP 鍵を信頼する（信頼の輪）。指紋の全桁で指定する。量は 120 で疑いなし",
    ),
    (
        "Trust whom this folder names, and not whom the archive says; so with everybody who is named here",
        "書庫の言う相手ではなく、このフォルダーにある相手を信頼する。他の指定も同じ",
    ),
    (
        "Use colours, which only repeat what words say; auto, as without it: on a terminal, if NO_COLOR and CLICOLOR do not say otherwise",
        "色を付ける。色は言葉の繰り返しにすぎない。auto または指定なしでは、端末で、NO_COLOR や CLICOLOR に反しないときだけ",
    ),
    ("Verify and decrypt", "検証し、復号する"),
    (
        "Verify too, and say whom you believe; the options of `verify` say whom you trust",
        "検証もして、誰を信じるかを示す。信頼は `verify` と同じオプションで指定する",
    ),
    (
        "Version 6 of OpenPGP (RFC 9580), which GnuPG does not read",
        "OpenPGP のバージョン 6 (RFC 9580)。GnuPG では読めない",
    ),
    ("What `verify --evidence` wrote", "`verify --evidence` で書き出した書庫"),
    (
        "What for: letters that they signed, or letters to them",
        "用途: 相手が署名したメール (sign)、または相手に送るメール (encrypt)",
    ),
    ("What its holder is called", "持ち主の名前"),
    (
        "What kind: ed25519 (with X25519; default of OpenPGP), p-256 (default of S/MIME), p-384, p-521, rsa-3072, rsa-4096",
        "鍵の種類: ed25519（X25519 と組で。OpenPGP の既定）、p-256（S/MIME の既定）、p-384、p-521、rsa-3072、rsa-4096",
    ),
    (
        "What stands outside of the header (RFC 9788); baseline, as without it: no subject. shy: no names, no time zone either",
        "暗号化したメールの外側に残すヘッダー (RFC 9788)。baseline（指定しない場合）は件名を隠し、shy は名前とタイムゾーンも隠す",
    ),
    ("What that client called itself after HELO or EHLO", "そのクライアントが HELO、EHLO で名乗った名前"),
    ("What the service is called in the profile", "プロファイルに書くサービスの名前"),
    (
        "When it ends: RFC 3339, or @SECONDS since 1970",
        "認証の期限。RFC 3339、または @ に続けて 1970 年からの秒数",
    ),
    (
        "When it ends: a duration (365d, 52w, 3y), a time (RFC 3339, or @SECONDS since 1970), or `never`. What an authority certifies ends when the authority says",
        "期限: 期間 (365d、52w、3y)、時刻（RFC 3339、または @ に続けて 1970 年からの秒数）、または `never`。認証局が発行する証明書の期限は認証局が決める",
    ),
    (
        "Whether a key ends within so many days: 30d, or weeks: 4w",
        "この日数 (30d) または週数 (4w) のうちに切れる鍵があるかを調べる",
    ),
    ("Whose", "調べるアドレス"),
    ("Whose it is", "持ち主のアドレス"),
    ("Whose it is; the first is the usual one", "持ち主のアドレス。最初のものをふだん使う"),
    (
        "Work on archives of evidence, which `verify --evidence` writes",
        "`verify --evidence` で書き出した、根拠の書庫を扱う",
    ),
    (
        "Write the certificate there instead of to standard output",
        "証明書を標準出力ではなくこのファイルに書き出す",
    ),
    (
        "Write the letter there instead of to standard output, if it is one",
        "メールが 1 通なら、標準出力ではなくこのファイルに書き出す",
    ),
    (
        "Write the letter with that field on top there, whatever the verdict, and without those that claim to be yours",
        "判定によらず、そのフィールドを先頭に付けたメールをここに書き出す。自分のものと称する同じフィールドは取り除く",
    ),
    (
        "Write the letter, what is said of it, and all that was used to say so into one file (tar), whatever the verdict; `evidence check` judges it again",
        "判定によらず、メールと判定、その根拠のすべてを 1 つのファイル (tar) に書き出す。`evidence check` で判定し直せる",
    ),
    (
        "Write the letters into this folder, and print for each its file and its recipients",
        "メールをこのフォルダーに書き出し、それぞれのファイル名と宛先を表示する",
    ),
    ("Write there instead of to standard output", "標準出力ではなくこのファイルに書き出す"),
    (
        "Write there; otherwise beside the key, as .p12",
        "書き出すファイル。指定しなければ鍵と同じ場所に .p12 で",
    ),
    (
        "Write what the policy holds: keep it until somebody lets it go",
        "方針が保留するメールも書き出す。送ってよいと言われるまで手元に置く",
    ),
    (
        "Write what the service does there, for a preflight (JSON)",
        "サービスが行う変更をこのファイルに書く。送信前の検査に使う (JSON)",
    ),
    (
        "Write what was verified or decrypted there, if the exit status is 0; otherwise no file appears",
        "終了ステータスが 0 のときだけ、検証または復号した内容をここに書き出す。それ以外ではファイルを作らない",
    ),
];
