"""What others made is read, and what is made here, others read."""

from __future__ import annotations

import pathlib

import pytest
from conftest import AT, LETTERS, PASSWORD, World, make_draft

import mailseal


def test_letters_of_openssl_and_gpg() -> None:
    trust = (
        mailseal.TrustStore()
        .add_anchors(LETTERS / "openssl-ca.pem", scope="any")
        .add_anchors(LETTERS / "gpg-carol.asc", scope="any")
    )
    policy, opener = mailseal.Policy.standard(), mailseal.Opener(mailseal.Context(trust))
    for name, sender in (("openssl.eml", "alice@example.com"), ("gpg.eml", "carol@example.net")):
        opened = opener.open(LETTERS / name, at=AT)
        assert policy.judge(opened.report).outcome is mailseal.Outcome.GOOD, name
        assert opened.require(policy, sender) and not opened.require(policy, "mallory@example.com")
        altered = (LETTERS / name).read_bytes().replace(b"Monday", b"Friday")
        assert altered != (LETTERS / name).read_bytes()
        assert policy.judge(opener.open(altered, at=AT).report).outcome is mailseal.Outcome.BAD, name


def test_encrypted_letters_of_openssl_and_gpg() -> None:
    opener = mailseal.Opener(mailseal.Context(mailseal.TrustStore()))
    for name in ("bob.pem", "bob.asc"):
        opener = opener.key(mailseal.Key.load(LETTERS / name))
    for name in ("openssl-encrypted.eml", "gpg-encrypted.eml"):
        opened = opener.open(LETTERS / name, at=AT)
        assert opened.payload and opened.payload.message(), name
        [layer] = [one for one in opened.report.layers if isinstance(one, mailseal.EncryptedLayer)]
        assert layer.decryption is mailseal.Decryption.OPENED and layer.opened_by and layer.opened_by.mailboxes


def test_openssl_verifies(world: World, cx: mailseal.Context, key: mailseal.Key, draft: bytes, now: float) -> None:
    for composer in (mailseal.Composer(cx).sign(key), mailseal.Composer(cx).sign(key).opaque()):
        mail = composer.compose(draft, at=now)
        verified = world.openssl("cms", "-verify", "-CAfile", "anchors.pem", input=mail)
        assert b"The parcel leaves on Monday." in verified
        assert not world.run(
            "openssl", "cms", "-verify", "-CAfile", "bob.pem", input=mail, ok=False
        ), "by another authority it does not"


def test_openssl_decrypts(world: World, cx: mailseal.Context, key: mailseal.Key, draft: bytes, now: float) -> None:
    for cipher in ("AES-256-CBC", "AES-256-GCM"):
        group = mailseal.Group.to(world / "bob.pem", at=now, cipher=cipher)
        mail = mailseal.Composer(cx).sign(key).encrypt(group).compose(draft, at=now)
        inner = world.openssl("cms", "-decrypt", "-inkey", "bob.key", "-recip", "bob.pem", input=mail)
        assert b"multipart/signed" in inner
        assert b"Monday" in world.openssl("cms", "-verify", "-CAfile", "anchors.pem", input=inner)


def test_gpg_verifies(world: World, cx: mailseal.Context, pgp_key: mailseal.Key, draft: bytes, now: float) -> None:
    mail = mailseal.Composer(cx).sign(pgp_key).compose(draft, at=now)
    boundary = b"--" + mail.split(b'boundary="')[1].split(b'"')[0]
    _, signed, signature, _ = mail.split(b"\r\n" + boundary)
    (world / "signed").write_bytes(signed.lstrip(b"\r\n"))
    (world / "signature").write_bytes(signature.split(b"\r\n\r\n", 1)[1])
    said = world.gpg("--status-fd", "1", "--verify", "signature", "signed")
    assert b"VALIDSIG" in said and world.fingerprint("alice@example.com").encode() in said


def test_gpg_decrypts(world: World, cx: mailseal.Context, pgp_key: mailseal.Key, now: float) -> None:
    draft = make_draft("To: carol@example.net")
    [group] = mailseal.Plan(cx, draft, mailseal.Policy.standard(), at=now).groups()
    assert group.protocol is mailseal.Protocol.OPENPGP
    mail = mailseal.Composer(cx).sign(pgp_key).encrypt(group).compose(draft, at=now)
    armor = b"-----BEGIN" + mail.split(b"-----BEGIN")[1].split(b"-----END")[0] + b"-----END PGP MESSAGE-----\n"
    said = world.gpg("--status-fd", "2", "--decrypt", input=armor)
    assert b"The parcel leaves on Monday." in said


@pytest.mark.parametrize("name", ["alice.p12", "alicia-secret.asc"])
def test_what_gpg_and_openssl_encrypted_for_us(world: World, cx: mailseal.Context, now: float, name: str) -> None:
    key = mailseal.Key.load(world / name, PASSWORD)
    text = b"Content-Type: text/plain\r\n\r\nHello\r\n"
    if key.protocol is mailseal.Protocol.SMIME:
        head = ["-from", "bob@example.org", "-to", "alice@example.com", "-subject", "Hi"]
        mail = world.openssl("cms", "-encrypt", "-aes-256-gcm", *head, "alice.pem", input=text)
    else:
        armor = world.gpg("--armor", "--encrypt", "-r", "alice@example.com", input=text)
        mail = (
            b"From: bob@example.org\r\nContent-Type: multipart/encrypted; boundary=b;\r\n"
            b" protocol=application/pgp-encrypted\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
            b"Version: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n" + armor + b"\r\n--b--\r\n"
        )
    opened = mailseal.Opener(cx).key(key).open(mail, at=now)
    assert opened.payload and opened.payload.message().get_content().strip() == "Hello"


def test_a_password_and_a_shared_key(cx: mailseal.Context, draft: bytes, now: float) -> None:
    shared = mailseal.SharedKey(b"archive", bytes(32))
    opener = mailseal.Opener(cx).password("agreed").shared_key(shared)
    groups = [
        mailseal.Group.password(mailseal.Protocol.SMIME, "agreed"),
        mailseal.Group.password("openpgp", "agreed"),
        mailseal.Group.shared(shared),
    ]
    for group in groups:
        mail = mailseal.Composer(cx).encrypt(group).compose(draft, at=now)
        opened = opener.open(mail, at=now)
        assert opened.payload and b"Monday" in bytes(opened.payload)
        assert mailseal.Opener(cx).open(mail, at=now).payload is None


def test_a_detached_signature(world: World, cx: mailseal.Context, now: float) -> None:
    content = b"Content-Type: text/plain\r\n\r\nHello\r\n"
    sign = ["-signer", "alice.pem", "-inkey", "alice.key", "-outform", "DER", "-binary"]
    signature = world.openssl("cms", "-sign", *sign, input=content)
    opener = mailseal.Opener(cx)
    header = b"From: alice@example.com\r\n"
    opened = opener.verify_detached(content, signature, header, at=now)
    assert opened.require(mailseal.Policy.standard(), "alice@example.com")
    altered = opener.verify_detached(content.replace(b"Hello", b"Hullo"), signature, header, at=now)
    assert altered.report.signatures[0].integrity is mailseal.Integrity.ALTERED


def test_a_part_by_its_place(cx: mailseal.Context, world: World, draft: bytes, now: float) -> None:
    group = mailseal.Group.to(world / "bob.pem", at=now)
    inner = mailseal.Composer(cx).encrypt(group).compose(draft, at=now)
    mail = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n\r\nSee below.\r\n"
        b"--outer\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--outer--\r\n"
    )
    opener = mailseal.Opener(cx).key(mailseal.Key.load(world / "bob.p12", PASSWORD))
    opened = opener.open(mail, at=now)
    [layer] = opened.report.layers
    assert isinstance(layer, mailseal.EncryptedLayer) and layer.decryption is mailseal.Decryption.NOT_TRIED
    asked = opener.open_part(mail, layer.part, at=now)
    assert asked.payload and b"Monday" in bytes(asked.payload)


def test_plans_name_people(cx: mailseal.Context, trust: mailseal.TrustStore, world: World, now: float) -> None:
    draft = make_draft("To: bob@example.org, dave@example.net")
    plan = mailseal.Plan(cx, draft, mailseal.Policy.standard(), at=now)
    assert [(person.mailbox, str(person)) for person in plan.unreachable] == [
        ("dave@example.net", "dave@example.net: no certificate is known")
    ]
    with pytest.raises(mailseal.Unreachable, match="dave@example.net"):
        plan.groups()
    plan.remove("dave@example.net")
    [group] = plan.groups()
    with pytest.raises(mailseal.Error) as caught:
        mailseal.Composer(cx).encrypt(group).compose(make_draft("To: frank@example.org"), at=now)
    assert caught.value.kind == "refused", "the group of another draft"
    stranger = mailseal.Context(mailseal.TrustStore(), certificates=world / "bob.pem")
    plan = mailseal.Plan(stranger, make_draft(), mailseal.Policy.standard(), at=now)
    plan.accept("bob@example.org", mailseal.Certificate.load(world / "bob.pem")[0].fingerprint)
    assert plan.groups() and "bob@example.org" in plan.text("ja")
    [reached] = plan.recipients("ja")
    assert reached["content"].startswith("AES-") and reached["text"] and plan.to_json()
    assert plan.autocrypt(we_prefer=True) == "disable"
    with pytest.raises(mailseal.Unreachable):
        plan.copy_to_sender()


def test_two_phases(world: World, cx: mailseal.Context, draft: bytes, now: float, tmp_path: pathlib.Path) -> None:
    composer = mailseal.Composer(cx).sign(mailseal.Key.deferred(world / "kms.pem"))
    prepared = composer.prepare(draft, at=now)
    signature = world.openssl("pkeyutl", "-sign", "-inkey", "kms.key", "-pkeyopt", "digest:sha256", input=prepared.to_sign)
    prepared.save(signature, tmp_path / "letter.eml")
    assert b"Monday" in world.openssl("cms", "-verify", "-CAfile", "anchors.pem", "-in", tmp_path / "letter.eml")
