//! Texts of help that begin with these letters in English.

pub(super) const HELP: &[(&str, &str)] = &[
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
    ("Say whether signed letters may go through a service", "署名したメールがそのサービスを通せるかを答える"),
    (
        "Say why a signature broke, or how two copies of a letter differ",
        "署名が壊れた原因、または 2 通のメールの違いを答える",
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
        "The letter that this one answers: an encrypted one is not answered in clear. Opened with the keys of --key and --reply-key",
        "返信元のメール。暗号化されたメールには平文で返信しない。--key と --reply-key の鍵で開く",
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
