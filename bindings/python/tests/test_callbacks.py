"""Functions of the program's own: passwords, fetchers, keys elsewhere, file objects; and what they raise."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any, Optional

import pytest
from conftest import AT, LETTERS, PASSWORD, World

import mailseal


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: told.append(args.exc_value))
    return told


def test_a_password_is_asked_for_until_it_fits(world: World) -> None:
    asked: list[mailseal.PasswordRequest] = []

    def ask(request: mailseal.PasswordRequest) -> Optional[bytes]:
        asked.append(request)
        return PASSWORD.encode() if request.attempt == 2 else b"wrong"

    mailseal.Key.load(world / "alice.p12", ask)
    assert [request.attempt for request in asked] == [0, 1, 2] and asked[0].subject
    with pytest.raises(mailseal.Error) as caught:
        mailseal.Key.load(world / "alice.p12", lambda request: None)
    assert caught.value.kind == "key" and caught.value.__cause__ is None


def test_an_exception_is_the_cause_of_the_error_that_comes_of_it(world: World, unraisable: list[BaseException]) -> None:
    def ask(request: mailseal.PasswordRequest) -> str:
        raise LookupError("no terminal")

    with pytest.raises(mailseal.Error) as caught:
        mailseal.Key.load(world / "alice.p12", ask)
    assert caught.value.kind == "key" and isinstance(caught.value.__cause__, LookupError) and not unraisable


def test_an_exception_that_changes_nothing_is_told(unraisable: list[BaseException]) -> None:
    def fetch(request: mailseal.FetchRequest) -> bytes:
        raise ConnectionError(request.url)

    trust = mailseal.TrustStore().add_anchors(LETTERS / "strict-ca.pem", scope="any")
    opened = mailseal.Opener(mailseal.Context(trust, fetcher=fetch)).open(LETTERS / "eve-revoked.eml", at=AT)
    assert [finding.code for finding in opened.report.signatures[0].findings if "revocation" in finding.code]
    assert unraisable and all(isinstance(one, ConnectionError) for one in unraisable)


def test_a_fetcher_answers_and_is_told_what_for() -> None:
    asked: list[mailseal.FetchRequest] = []

    def fetch(request: mailseal.FetchRequest) -> Optional[bytes]:
        asked.append(request)
        return (LETTERS / "strict-ca.crl").read_bytes() if request.purpose is mailseal.FetchPurpose.CRL else None

    trust = mailseal.TrustStore().add_anchors(LETTERS / "strict-ca.pem", scope="any")
    policy = mailseal.Policy.standard()
    offline = mailseal.Opener(mailseal.Context(trust)).open(LETTERS / "eve-revoked.eml", at=AT)
    assert policy.judge(offline.report).outcome is not mailseal.Outcome.BAD
    assert [want.purpose for want in offline.report.wants] == [mailseal.FetchPurpose.CRL]
    assert offline.report.wants[0].max_bytes > 0
    online = mailseal.Opener(mailseal.Context(trust, fetcher=fetch)).open(LETTERS / "eve-revoked.eml", at=AT)
    assert policy.judge(online.report).outcome is mailseal.Outcome.BAD
    assert online.report.signatures[0].trust is mailseal.Trust.REVOKED
    assert asked[0].url == offline.report.wants[0].url and asked[0].max_bytes == offline.report.wants[0].max_bytes


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_ends_the_call(world: World, error: type[BaseException]) -> None:
    def ask(request: mailseal.PasswordRequest) -> str:
        raise error

    with pytest.raises(error):
        mailseal.Key.load(world / "alice.p12", ask)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_ends_the_asking_of_the_dns(error: type[BaseException]) -> None:
    def lookup(name: str, kind: str) -> list[str]:
        raise error

    opener = mailseal.Opener(mailseal.Context(mailseal.TrustStore()))
    with pytest.raises(error):
        mailseal.DomainCheck(lookup).open(opener, b"From: a@b.example\r\n\r\nHello\r\n", client="192.0.2.1", at=AT)


def test_an_answer_of_the_wrong_type_is_misuse(world: World) -> None:
    with pytest.raises(TypeError, match="a password is str, bytes or bytearray"):
        mailseal.Key.load(world / "alice.p12", lambda request: 42)  # type: ignore[arg-type,return-value]
    trust = mailseal.TrustStore().add_anchors(LETTERS / "strict-ca.pem", scope="any")
    cx = mailseal.Context(trust, fetcher=lambda request: "text")  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="a fetcher answers with bytes or None"):
        mailseal.Opener(cx).open(LETTERS / "eve-revoked.eml", at=AT)


class Broken(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError("gone")

    def write(self, octets: Any) -> int:
        raise ConnectionResetError("gone")


def test_a_broken_file_object_is_an_io_error(cx: mailseal.Context, key: mailseal.Key, draft: bytes, now: float) -> None:
    composer = mailseal.Composer(cx).sign(key)
    for broken in (lambda: composer.compose(Broken(), at=now), lambda: composer.write(draft, Broken(), at=now)):
        with pytest.raises(mailseal.Error) as caught:
            broken()
        assert (caught.value.kind, caught.value.temporary) == ("io", True)
        assert isinstance(caught.value.__cause__, ConnectionResetError)


def kms(world: World, digest: bytes) -> bytes:
    command = ["openssl", "pkeyutl", "-sign", "-inkey", str(world / "kms.key"), "-pkeyopt", "digest:sha256"]
    return subprocess.run(command, input=digest, capture_output=True, check=True).stdout


def test_a_key_that_signs_elsewhere(world: World, cx: mailseal.Context, draft: bytes, now: float) -> None:
    def compose(sign: Any) -> bytes:
        key = mailseal.Key.external(world / "kms.pem", "ecdsa-p256-sha256", sign)
        return mailseal.Composer(cx).sign(key).compose(draft, at=now)

    mail = compose(lambda scheme, digest: kms(world, digest))
    assert mailseal.Opener(cx).open(mail, at=now).require(mailseal.Policy.standard(), "alice@example.com")

    def away(scheme: str, digest: bytes) -> bytes:
        raise TimeoutError(scheme)

    for sign, cause in ((away, TimeoutError), (lambda scheme, digest: None, type(None))):
        with pytest.raises(mailseal.Error) as caught:
            compose(sign)
        assert (caught.value.kind, caught.value.temporary) == ("key", True)
        assert isinstance(caught.value.__cause__, cause)
    with pytest.raises(mailseal.Error):
        compose(lambda scheme, digest: b"0" * 70)  # verified before it is used


def test_a_key_that_decrypts_elsewhere(world: World, cx: mailseal.Context, draft: bytes, now: float) -> None:
    methods = []

    def decrypt(method: str, wrapped: bytes) -> bytes:
        methods.append(method)
        padding = {"rsa-pkcs1": [], "rsa-oaep-sha256": ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]}
        return world.openssl("pkeyutl", "-decrypt", "-inkey", "bob.key", *padding[method], input=wrapped)

    group = mailseal.Group.to(world / "bob.pem", at=now)
    mail = mailseal.Composer(cx).encrypt(group).compose(draft, at=now)
    opener = mailseal.Opener(cx).key(mailseal.Key.external_decryption(world / "bob.pem", decrypt))
    opened = opener.open(mail, at=now)
    assert opened.payload and b"Monday" in bytes(opened.payload) and methods


def test_uses_of_a_key_are_told(key: mailseal.Key, cx: mailseal.Context, draft: bytes, now: float) -> None:
    uses: list[mailseal.KeyUse] = []
    mailseal.Composer(cx).sign(key.audited(uses.append)).compose(draft, at=now)
    [use] = uses
    assert (use.protocol, use.certificate, use.error) == (mailseal.Protocol.SMIME, key.certificate.fingerprint, None)


def test_callbacks_may_use_mailseal(world: World, unraisable: list[BaseException]) -> None:
    def ask(request: mailseal.PasswordRequest) -> str:
        with pytest.raises(mailseal.Error) as inner:
            mailseal.Key.load(world / "bob.p12", lambda request: (_ for _ in ()).throw(LookupError))
        assert isinstance(inner.value.__cause__, LookupError)
        return PASSWORD

    mailseal.Key.load(world / "alice.p12", ask)
    assert not unraisable
