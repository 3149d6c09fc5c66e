"""Calls that are ended early, and calls that tell how far they are."""

from __future__ import annotations

import io
import signal
import subprocess
import threading
import time
from typing import Any, Callable, Optional

import pytest
from conftest import AT, World

import mailseal

OPENER = mailseal.Opener(mailseal.Context(mailseal.TrustStore()))


class Endless(io.RawIOBase):
    """A letter that never ends: if nothing ends its reading, it breaks before the disk is full."""

    def __init__(self) -> None:
        self.left = 500_000

    def read(self, size: int = -1) -> bytes:
        self.left -= 1
        if self.left == 0:
            raise OSError("nothing ended it")
        return b"From: a@b.example\r\n\r\n" + b"x" * 1000


def test_another_thread_ends_a_call() -> None:
    cancel = mailseal.Cancel()
    threading.Timer(0.2, cancel.cancel).start()
    start = time.monotonic()
    with pytest.raises(mailseal.Error) as caught:
        OPENER.open(Endless(), at=AT, cancel=cancel)
    assert caught.value.kind == "cancelled" and time.monotonic() - start < 20 and cancel.is_cancelled


def test_every_call_that_reads_a_letter_ends(cx: mailseal.Context, world: World) -> None:
    policy, header = mailseal.Policy.standard(), b"From: a@b.example\r\n"
    deferred = mailseal.Composer(cx).sign(mailseal.Key.deferred(world / "kms.pem"))
    calls: list[Callable[[Any, mailseal.Cancel], object]] = [
        lambda letter, cancel: deferred.prepare(letter, at=AT, cancel=cancel),
        lambda letter, cancel: mailseal.Plan(cx, letter, policy, at=AT, cancel=cancel),
        lambda letter, cancel: OPENER.verify_detached(letter, b"0", header, at=AT, cancel=cancel),
        lambda letter, cancel: OPENER.verify_detached(b"\r\n", letter, header, at=AT, cancel=cancel),
        lambda letter, cancel: mailseal.EvidenceRecord(cx, letter, at=AT, cancel=cancel),
    ]
    for number, call in enumerate(calls):
        cancel = mailseal.Cancel()
        threading.Timer(0.1, cancel.cancel).start()
        with pytest.raises(mailseal.Error) as caught:
            call(Endless(), cancel)
        assert caught.value.kind == "cancelled", number


def test_a_cancelled_letter_is_not_finished(cx: mailseal.Context, world: World, draft: bytes, now: float) -> None:
    cancel = mailseal.Cancel()
    prepared = mailseal.Composer(cx).sign(mailseal.Key.deferred(world / "kms.pem")).prepare(draft, at=now, cancel=cancel)
    cancel.cancel()
    digest = ["openssl", "pkeyutl", "-sign", "-inkey", str(world / "kms.key"), "-pkeyopt", "digest:sha256"]
    signature = subprocess.run(digest, input=prepared.to_sign, capture_output=True, check=True).stdout
    with pytest.raises(mailseal.Error) as caught:
        prepared.finish(signature)
    assert caught.value.kind == "cancelled"


def test_more_calls_tell_how_far_they_are(cx: mailseal.Context, world: World, now: float) -> None:
    letter = b"From: alice@example.com\r\nTo: bob@example.org\r\n\r\n" + b"x" * (5 << 20)
    told: list[tuple[int, Optional[int]]] = []

    def tell(read: int, total: Optional[int]) -> None:
        told.append((read, total))

    mailseal.Composer(cx).sign(mailseal.Key.deferred(world / "kms.pem")).prepare(letter, at=now, progress=tell)
    assert len(told) > 5
    told.clear()
    OPENER.verify_detached(letter, b"0", b"From: a@b.example\r\n", at=AT, progress=tell)
    assert len(told) > 4 and told[-1][1] == len(letter)
    told.clear()
    mailseal.Plan(cx, letter, mailseal.Policy.standard(), at=now, progress=tell)
    assert told


def test_progress_is_told_and_what_it_raises_ends_the_call(cx: mailseal.Context, key: mailseal.Key) -> None:
    letter = b"From: alice@example.com\r\n\r\n" + b"x" * (5 << 20)
    told: list[tuple[int, Optional[int]]] = []
    OPENER.open(letter, at=AT, progress=lambda read, total: told.append((read, total)))
    assert len(told) > 5 and all(total == len(letter) for _, total in told)
    told.clear()
    mailseal.Composer(cx).sign(key).compose(letter, at=AT, progress=lambda read, total: told.append((read, total)))
    assert len(told) > 5

    def tired(read: int, total: Optional[int]) -> None:
        raise LookupError("enough")

    with pytest.raises(mailseal.Error) as caught:
        OPENER.open(letter, at=AT, progress=tired)
    assert caught.value.kind == "cancelled" and isinstance(caught.value.__cause__, LookupError)
    cancel = mailseal.Cancel()
    with pytest.raises(mailseal.Error):
        OPENER.open(letter, at=AT, cancel=cancel, progress=tired)
    assert not cancel.is_cancelled  # others may have it
    cancel.cancel()
    with pytest.raises(mailseal.Error):
        OPENER.open(letter, at=AT, cancel=cancel, progress=lambda read, total: None)


def test_control_c_ends_the_reading_of_a_file_object() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has it ignored
    try:
        threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            OPENER.open(Endless(), at=AT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_new_keys() -> None:
    for protocol, options in (("openpgp", {}), ("smime", {"self_signed": True})):
        made = mailseal.Key.generate(protocol, ["a@b.example"], at=AT, name="Ann", password="secret", **options)  # type: ignore[arg-type]
        key = mailseal.Key.load(made.key, "secret")
        assert made.certificate and key.certificate == made.certificate and key.addresses(at=AT) == ["a@b.example"]
        assert mailseal.Certificate.load(made.certificate.to_text()) == [made.certificate]
        assert b"PRIVATE" not in repr(made).encode() and str(made.key) not in repr(made)
        trust = mailseal.TrustStore().add_anchors(made.certificate, scope="any")
        mail = mailseal.Composer(mailseal.Context(trust)).sign(key).compose(b"From: a@b.example\r\n\r\nHi\r\n", at=AT + 60)
        opened = mailseal.Opener(mailseal.Context(trust)).open(mail, at=AT + 60)
        assert opened.report.signatures[0].trust is mailseal.Trust.TRUSTED
    assert mailseal.Key.generate("smime", ["a@b.example"], at=AT).request
    for wrong in ({"algorithm": "rot13"}, {"version_6": True}):
        with pytest.raises(ValueError):
            mailseal.Key.generate("smime", ["a@b.example"], at=AT, **wrong)
