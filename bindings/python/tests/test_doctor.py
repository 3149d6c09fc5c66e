"""Why a signature broke, and how two copies differ."""

from __future__ import annotations

import json
import pathlib

import pytest
from conftest import LETTERS as EXAMPLES

import mailseal

LETTERS = EXAMPLES.parents[1] / "tests" / "cases" / "letters"
SENT = EXAMPLES / "openssl.eml"
AT = 1_800_000_000


@pytest.fixture
def context() -> mailseal.Context:
    return mailseal.Context(mailseal.TrustStore())


@pytest.mark.parametrize(
    ("letter", "outcome"),
    [
        (SENT, "intact"),
        (LETTERS / "doctor-field.eml", "explained"),
        (LETTERS / "doctor-encoded.eml", "explained"),
        (LETTERS / "smime-altered.eml", "unexplained"),
        (LETTERS / "unsigned.eml", "not_signed"),
    ],
)
def test_what_came_of_it(context: mailseal.Context, letter: pathlib.Path, outcome: str) -> None:
    seen = mailseal.diagnose(context, letter, at=AT)
    assert seen.outcome == outcome
    assert mailseal.diagnose(context, letter.read_bytes(), at=AT).to_json() == seen.to_json()
    assert json.loads(seen.to_json())["outcome"] == outcome
    assert seen.text() != seen.text("ja")


def test_a_diagnosis_is_no_verdict(context: mailseal.Context) -> None:
    seen = mailseal.diagnose(context, LETTERS / "doctor-field.eml", at=AT)
    with pytest.raises(TypeError):
        bool(seen)
    opened = mailseal.Opener(context).open(LETTERS / "doctor-field.eml", at=AT)
    assert mailseal.Policy.standard().judge(opened.report).outcome == mailseal.Outcome.BAD


def test_two_copies(context: mailseal.Context) -> None:
    seen = mailseal.compare(context, SENT, LETTERS / "doctor-field.eml")
    assert seen
    assert seen.kinds == ["part_header_added"]
    assert "X-Inspected" in seen.text()
    profile = json.loads(seen.profile("relay.example"))
    assert profile["service"] == "relay.example"
    assert not mailseal.compare(context, SENT, SENT)


def test_limits_count(context: mailseal.Context) -> None:
    small = mailseal.Context(mailseal.TrustStore(), limits={"memory_bytes": 100})
    with pytest.raises(mailseal.Error) as caught:
        mailseal.diagnose(small, SENT, at=AT)
    assert caught.value.kind == "limit"
    with pytest.raises(mailseal.Error) as caught:
        mailseal.compare(small, SENT, SENT)
    assert caught.value.kind == "limit"
