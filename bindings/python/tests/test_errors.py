"""Three kinds of "no": could not look, looked and it is not good, the program is wrong."""

from __future__ import annotations

import errno
import gc
import pathlib
import pickle
from typing import Any, Callable

import pytest
from conftest import AT, LETTERS, PASSWORD, World

import mailseal

EMPTY = mailseal.Context(mailseal.TrustStore())


def kinds(world: World, cx: mailseal.Context, key: mailseal.Key) -> dict[str, Callable[[], Any]]:
    draft = b"From: alice@example.com\r\nTo: dave@example.net\r\n\r\nHi\r\n"
    composer = mailseal.Composer(cx).sign(key)
    small = mailseal.Context(mailseal.TrustStore(), limits={"message_bytes": 10})
    return {
        "io": lambda: mailseal.Opener(cx).open("nowhere.eml", at=AT),
        "limit": lambda: mailseal.Opener(small).open(LETTERS / "openssl.eml", at=AT),
        "malformed": lambda: mailseal.Certificate.load(b"nothing"),
        "key": lambda: mailseal.Key.load(world / "alice.p12", "wrong"),
        "refused": lambda: composer.compose(draft.replace(b"alice", b"mallory"), at=AT),
        "unreachable": lambda: mailseal.Plan(cx, draft, mailseal.Policy.standard(), at=AT).groups(),
    }


def test_could_not_look_is_an_error_with_its_kind(world: World, cx: mailseal.Context, key: mailseal.Key) -> None:
    for kind, fails in kinds(world, cx, key).items():
        with pytest.raises(mailseal.Error) as caught:
            fails()
        assert caught.value.kind == kind and str(caught.value)
        assert caught.value.temporary is (kind == "io")
        assert isinstance(caught.value, mailseal.Unreachable) is (kind == "unreachable")
        again = pickle.loads(pickle.dumps(caught.value))
        assert (again.kind, str(again)) == (kind, str(caught.value))


def test_input_changed_while_it_was_read(tmp_path: pathlib.Path) -> None:
    cx = mailseal.Context(mailseal.TrustStore(), limits={"memory_bytes": 100})
    letter = tmp_path / "letter.eml"
    letter.write_bytes(b"From: a@b.example\r\n\r\n" + b"Hello\r\n" * 100)
    opened = mailseal.Opener(cx).open(letter, at=AT)
    letter.write_bytes(b"From: a@b.example\r\n\r\n" + b"HELLO\r\n" * 100)
    with pytest.raises(mailseal.Error) as caught:
        assert opened.payload and opened.payload.octets()
    assert caught.value.kind == "input_changed"


def test_the_cause_of_an_io_error_is_the_systems(cx: mailseal.Context) -> None:
    with pytest.raises(mailseal.Error, match="nowhere.eml") as caught:
        mailseal.Opener(cx).open("nowhere.eml", at=AT)
    cause = caught.value.__cause__
    assert isinstance(cause, FileNotFoundError) and cause.errno == errno.ENOENT


def test_looked_and_it_is_not_good_is_no_exception() -> None:
    letter = (LETTERS / "openssl.eml").read_bytes().replace(b"Monday", b"Friday")
    trust = mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any")
    policy = mailseal.Policy.standard()
    outcomes = {}
    for name, cx in {"trusting": mailseal.Context(trust), "nobody": EMPTY}.items():
        opened = mailseal.Opener(cx).open(letter, at=AT)
        verdict = policy.judge(opened.report)
        outcomes[name] = verdict.outcome
        assert not verdict and not verdict.outcome and opened.require(policy, "alice@example.com") is None
        assert opened.report.signatures[0].integrity is mailseal.Integrity.ALTERED
    assert outcomes == {"trusting": mailseal.Outcome.BAD, "nobody": mailseal.Outcome.BAD}
    closed = mailseal.Opener(EMPTY).open(LETTERS / "openssl-encrypted.eml", at=AT)
    assert closed.payload is None and closed.report.layers[0].decryption is mailseal.Decryption.NO_KEY  # type: ignore[union-attr]


def test_a_program_that_is_wrong(world: World, cx: mailseal.Context, draft: bytes) -> None:
    opened = mailseal.Opener(cx).open(draft, at=AT)
    plan = mailseal.Plan(cx, draft, mailseal.Policy.standard(), at=AT)
    wrong: list[tuple[type[Exception], Callable[[], Any]]] = [
        (ValueError, lambda: mailseal.Composer(cx).compose(draft, at=AT)),  # nothing to do
        (ValueError, lambda: opened.require(mailseal.Policy.standard(), "nobody")),
        (ValueError, lambda: plan.accept("x@y.example", "0" * 40)),
        (ValueError, lambda: plan.remove("x@y.example")),
        (TypeError, lambda: mailseal.Policy.standard().judge(None)),  # type: ignore[arg-type]
        (TypeError, lambda: mailseal.Composer(cx).sign("alice.p12")),  # type: ignore[arg-type]
        (TypeError, lambda: mailseal.Opener(cx).open(draft)),  # type: ignore[call-arg]
        (TypeError, lambda: mailseal.Context(mailseal.TrustStore(), fetcher="curl")),  # type: ignore[arg-type]
        (TypeError, lambda: mailseal.Verified()),
        (TypeError, lambda: mailseal.Opened()),
        (TypeError, lambda: bool(opened)),
        (AttributeError, lambda: setattr(opened, "report", None)),
    ]
    for error, misuse in wrong:
        with pytest.raises(error):
            misuse()


def test_a_letter_is_finished_once(world: World, cx: mailseal.Context, draft: bytes, now: float) -> None:
    composer = mailseal.Composer(cx).sign(mailseal.Key.deferred(world / "kms.pem"))
    prepared = composer.prepare(draft, at=now)
    assert prepared.scheme == "ecdsa-p256-sha256" and len(prepared.to_sign) == 32
    with pytest.raises(mailseal.Error):
        prepared.finish(b"no signature")
    with pytest.raises(ValueError, match="finished before"):
        prepared.finish(b"no signature")


def test_secrets_stay_where_they_are(world: World, key: mailseal.Key, pgp_key: mailseal.Key) -> None:
    shared = mailseal.SharedKey(b"archive", b"0123456789abcdef")
    private = (world / "alice.key").read_text().splitlines()[1]
    for secret in (key, pgp_key, shared):
        shown = repr(secret) + str(secret)
        assert PASSWORD not in shown and private not in shown and "0123456789abcdef" not in shown
        assert not hasattr(secret, "__dict__")
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError):
                pickle.dumps(secret, protocol)


def test_no_exception_is_left_over(cx: mailseal.Context) -> None:
    for _ in range(100):
        with pytest.raises(mailseal.Error):
            mailseal.Opener(cx).open("nowhere.eml", at=AT)
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, mailseal.Error)]
