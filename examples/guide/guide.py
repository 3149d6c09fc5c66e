"""The Python of docs/guide.md: each piece between two marks. A test runs it in a folder with the letters of
examples/letters and a draft."""

import time
from pathlib import Path

import mailseal


def trusting(file: str) -> mailseal.TrustStore:
    return mailseal.TrustStore().add_anchors(file, scope="any")


def sign() -> None:
    cx = mailseal.Context(mailseal.TrustStore())
    # [sign]
    key = mailseal.Key.load("bob.pem")
    mail = mailseal.Composer(cx).sign(key).compose("draft.eml", at=time.time())  # bytes, path, file or EmailMessage
    Path("signed.eml").write_bytes(mail)
    # [/sign]


def verify() -> None:
    # [verify]
    trust = mailseal.TrustStore().add_anchors("openssl-ca.pem", scope="*@example.com")
    opened = mailseal.Opener(mailseal.Context(trust)).open("openssl.eml", at=time.time())
    verdict = mailseal.Policy.standard().judge(opened.report)
    print(verdict.text(opened.report))
    # [/verify]
    assert verdict.outcome is mailseal.Outcome.GOOD


def act() -> None:
    opener = mailseal.Opener(mailseal.Context(trusting("openssl-ca.pem")))
    # [act]
    policy = mailseal.Policy.standard()
    opened = opener.open("openssl.eml", at=time.time())
    if letter := opened.require(policy, "alice@example.com"):
        letter.payload.save("invoice.eml")
    else:
        print("held back:", policy.judge(opened.report).reasons)
    # [/act]


def encrypt() -> None:
    key = mailseal.Key.load("bob.pem")
    # [encrypt]
    trust = mailseal.TrustStore().add_anchors("openssl-dave.pem", scope="dave@example.com")
    cx = mailseal.Context(trust, certificates=mailseal.Certificate.load("openssl-dave.pem"))
    now = time.time()
    plan = mailseal.Plan(cx, "draft.eml", mailseal.Policy.standard(), at=now)
    print(plan)
    composer = mailseal.Composer(cx).sign(key)
    for number, group in enumerate(plan.groups()):  # raises Unreachable while anyone is
        Path(f"encrypted-{number}.eml").write_bytes(composer.encrypt(group).compose("draft.eml", at=now))
    # [/encrypt]


def decrypt() -> None:
    cx = mailseal.Context(trusting("openssl-dave.pem"))
    # [decrypt]
    opener = mailseal.Opener(cx)
    for path in ("bob.pem", "bob.asc"):  # every key that the user ever had
        opener = opener.key(mailseal.Key.load(path))
    opened = opener.open("openssl-encrypted.eml", at=time.time())
    if opened.payload:
        opened.payload.save("letter.eml")
    else:
        print("not decrypted")
    # [/decrypt]


def trust() -> None:
    # [trust]
    trust = (
        mailseal.TrustStore()
        .add_anchors("openssl-ca.pem", scope="*@example.com until=2040-12-31 for=sign")
        .pin("carol@example.net", "4CBE56D25F8925B5FD0F42E12EEDC723E55B8957")
        .add_web_of_trust_root("CBB47BAA7122FBC47C12DEAB36197707BEE93BEE", amount=120)
    )
    opened = mailseal.Opener(mailseal.Context(trust)).open("openssl.eml", at=time.time())
    for signature in opened.report.signatures:
        print(*signature.evidence, sep="\n")
    # [/trust]


def fetch() -> None:
    trust = trusting("strict-ca.pem")

    # [fetch]
    def get(request: mailseal.FetchRequest) -> bytes | None:  # your HTTP client; None: unavailable
        known = "http://crl.example.com/strict-ca.crl"
        return Path("strict-ca.crl").read_bytes() if request.url == known else None

    cx = mailseal.Context(trust, fetcher=get)
    opened = mailseal.Opener(cx).open("eve-revoked.eml", at=time.time())
    verdict = mailseal.Policy.standard().judge(opened.report)  # Outcome.BAD: revoked
    # [/fetch]
    assert verdict.outcome is mailseal.Outcome.BAD


def gateway() -> None:
    policy = mailseal.Policy.standard()
    opener = mailseal.Opener(mailseal.Context(trusting("openssl-ca.pem")))
    # [gateway]
    opened = opener.open("openssl.eml", at=time.time())  # raises Error: later (451), never pass, never bounce
    stamped = opened.stamp(policy.judge(opened.report), "mx.example.org")
    Path("stamped.eml").write_bytes(stamped)
    # [/gateway]


for task in (sign, verify, act, encrypt, decrypt, trust, fetch, gateway):
    task()
