"""Keys on tokens (SoftHSM2) and in GnuPG's agent, by name. openssl and gpg judge what they sign."""

from __future__ import annotations

import os
import pathlib
import re

import pytest
from conftest import PASSWORD, World, make_draft, missing, need

import mailseal

MODULES = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
]
PIN = "1234"


@pytest.fixture
def token(world: World, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of a token with Alice's key and its certificate, without PIN."""
    need("softhsm2-util")
    need("pkcs11-tool")
    module = next((path for path in MODULES if os.path.exists(path)), None)
    if module is None:
        missing("libsofthsm2.so")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    world.run("softhsm2-util", "--init-token", "--free", "--label", "office", "--so-pin", "12345678", "--pin", PIN)
    into = ["--token", "office", "--pin", PIN, "--label", "alice", "--id", "01"]
    world.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "alice.key", "-out", "alice.p8")
    world.run("softhsm2-util", "--import", world / "alice.p8", *into)
    world.openssl("x509", "-in", "alice.pem", "-outform", "DER", "-out", "alice.der")
    beside = ["--login", "--token-label", "office", "--pin", PIN, "--label", "alice", "--id", "01"]
    world.run("pkcs11-tool", "--module", module, *beside, "--type", "cert", "--write-object", "alice.der")
    return f"pkcs11:token=office;object=alice?module-path={module}"


def test_a_key_on_a_token_signs_and_opens(token: str, world: World, cx: mailseal.Context, now: float) -> None:
    asked: list[int] = []

    def wrong(request: mailseal.PasswordRequest) -> str:
        asked.append(request.attempt)
        return "4321"

    for password in ("4321", wrong):
        with pytest.raises(mailseal.Error, match="wrong") as caught:
            mailseal.Key.open(token, password)
        assert caught.value.kind == "key"
    assert asked == [0, 1], "a card is locked after the third"
    with pytest.raises(mailseal.Error) as caught:
        mailseal.Key.open(token.replace("object=alice", "object=nobody"), PIN)
    assert (caught.value.kind, caught.value.temporary) == ("key", True)

    key = mailseal.Key.open(token, PIN)
    assert key.certificate == mailseal.Certificate.load(world / "alice.pem")[0]
    mail = mailseal.Composer(cx).sign(key).compose(make_draft(), at=now)
    assert b"Monday" in world.openssl("cms", "-verify", "-CAfile", "anchors.pem", input=mail)

    sealed = world.openssl("cms", "-encrypt", "-aes-256-cbc", "alice.pem", input=make_draft())
    opened = mailseal.Opener(cx).named_keys(token, PIN, certificates=world / "alice.pem").open(sealed, at=now)
    assert opened.payload and b"Monday" in bytes(opened.payload)
    assert mailseal.Opener(cx).open(sealed, at=now).payload is None


def test_a_key_in_gpgs_agent_signs_and_opens(
    world: World, cx: mailseal.Context, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GNUPGHOME", str(world.home))
    listed = world.gpg("--with-colons", "--with-keygrip", "-K", "alice@example.com").decode()
    keygrip = re.findall(r"^grp:+(\w+):", listed, re.M)[0]
    own = world / "alicia.asc"
    with pytest.raises(ValueError, match="certificates"):
        mailseal.Key.open("gpg-agent:" + keygrip)
    with pytest.raises(mailseal.Error) as caught:
        mailseal.Key.open("gpg-agent:" + "0" * 40, certificates=own)
    assert caught.value.kind == "key"
    composer = mailseal.Composer(cx)
    for name in ("gpg-agent:" + keygrip, "gpg-agent:"):
        mail = composer.sign(mailseal.Key.open(name, PASSWORD, certificates=own)).compose(make_draft(), at=now)
        judged_by_gpg(world, mail)
        assert mailseal.Opener(cx).open(mail, at=now).require(mailseal.Policy.standard(), "alice@example.com")
    sealed = world.gpg("--armor", "-r", "alice@example.com", "--encrypt", input=b"Content-Type: text/plain\r\n\r\nMonday\r\n")
    opener = mailseal.Opener(cx).named_keys("gpg-agent:", PASSWORD, certificates=own)
    opened = opener.open(pgp_mime(sealed), at=now)
    assert opened.payload and b"Monday" in bytes(opened.payload)


def judged_by_gpg(world: World, mail: bytes) -> None:
    [boundary] = re.findall(rb'boundary="?([^";\r\n]+)', mail)[:1]
    _, content, signature, _ = mail.split(b"--" + boundary)
    (world / "content").write_bytes(content[2:-2])
    (world / "signature").write_bytes(signature)
    world.gpg("--verify", "signature", "content")


def pgp_mime(sealed: bytes) -> bytes:
    head = b'From: a@b.example\r\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'
    version = b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
    body = sealed.replace(b"\n", b"\r\n")
    return head + version + b"--b\r\nContent-Type: application/octet-stream\r\n\r\n" + body + b"\r\n--b--\r\n"
