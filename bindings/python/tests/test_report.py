"""Reports are dataclasses, named as the JSON: a key without an attribute is seen here."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import pathlib
import pickle
from typing import Any

import pytest
from conftest import AT, LETTERS, World

import mailseal


def letters(world: World, trust: mailseal.TrustStore, now: float) -> list[mailseal.Report]:
    store = trust
    for name in ("openssl-ca.pem", "strict-ca.pem", "gpg-carol.asc"):
        store = store.add_anchors(LETTERS / name, scope="any")
    friend = mailseal.Certificate.load(LETTERS / "pgp.cert.d" / "trust-root")[0]
    store = store.add_web_of_trust_root(friend.fingerprint)
    revoked = LETTERS / "strict-ca.crl"
    knowing = mailseal.Context(store, certificates=[LETTERS / "pgp.cert.d"], revocations=revoked)
    keys = [mailseal.Key.load(LETTERS / name) for name in ("bob.pem", "bob.asc")]
    reports = []
    for cx in (knowing, mailseal.Context(store), mailseal.Context(mailseal.TrustStore())):
        opener = mailseal.Opener(cx)
        for key in keys:
            opener = opener.key(key)
        reports += [opener.open(letter, at=AT).report for letter in sorted(LETTERS.glob("*.eml"))]
    return reports


def corpora() -> list[pathlib.Path]:
    import os

    folder = pathlib.Path(os.environ.get("MAILSEAL_CORPORA", LETTERS / ".." / ".." / ".." / "shared" / "corpora"))
    return sorted(folder.rglob("*.eml"))[::7][:300] if folder.is_dir() else []


def same(made: Any, data: Any, where: str = "") -> None:
    """Each key of JSON is an attribute, and has its value."""
    if isinstance(data, dict) and dataclasses.is_dataclass(made):
        names = {field.metadata.get("json", field.name): field.name for field in dataclasses.fields(made)}
        for key, value in data.items():
            assert key in names, f"{where}/{key} is no attribute of {type(made).__name__}"
            same(getattr(made, names[key]), value, f"{where}/{key}")
    elif isinstance(made, mailseal.Revocation):
        assert made.kind == (data if isinstance(data, str) else next(iter(data))), where
    elif isinstance(made, mailseal.Step):
        assert made.name == data, where
    elif isinstance(made, enum.Enum):
        assert str(made) == data and made in list(type(made)), f"{where}: {data}"
    elif isinstance(made, datetime.datetime):
        assert made.strftime("%Y-%m-%dT%H:%M:%SZ") == data, where
    elif isinstance(made, tuple):
        assert len(made) == len(data), where
        for number, (one, item) in enumerate(zip(made, data)):
            same(one, item, f"{where}/{number}")
    else:
        assert made == data, where


def test_each_key_of_the_json_is_an_attribute(world: World, trust: mailseal.TrustStore, now: float) -> None:
    seen: set[str] = set()
    reports = letters(world, trust, now)
    opener = mailseal.Opener(mailseal.Context(mailseal.TrustStore()))
    for letter in corpora():
        try:
            reports.append(opener.open(letter, at=AT).report)
        except mailseal.Error:
            continue
    for report in reports:
        data = json.loads(report.to_json())
        same(report, data)
        seen |= {evidence.kind for signature in report.signatures for evidence in signature.evidence}
        seen |= {layer.kind for layer in report.layers}
    assert {"signed", "encrypted", "certification_path", "web_of_trust", "direct"} <= seen


def test_drift_is_seen() -> None:
    finding = mailseal.Finding("altered", mailseal.Severity.BAD, "1")
    with pytest.raises(AssertionError, match="/colour is no attribute of Finding"):
        same(finding, {"code": "altered", "severity": "bad", "part": "1", "colour": "red"})
    with pytest.raises(AssertionError):
        same(mailseal.Severity("terrible"), "terrible")


def test_reports_are_values(world: World, trust: mailseal.TrustStore, now: float) -> None:
    for report in letters(world, trust, now):
        again = pickle.loads(pickle.dumps(report))
        assert again == report and again.to_json() == report.to_json() and repr(again) == repr(report)
        with pytest.raises(ValueError, match="pickled"):
            mailseal.Policy.standard().judge(again)
        with pytest.raises(dataclasses.FrozenInstanceError):
            report.anchors = 0  # type: ignore[misc]
        for layer in report.layers:
            assert str(layer).startswith(f"part {layer.part}: {layer.kind}")


def test_only_good_is_true() -> None:
    assert [outcome for outcome in mailseal.Outcome if outcome] == [mailseal.Outcome.GOOD]
    assert [one for one in mailseal.Integrity if one] == [mailseal.Integrity.INTACT]
    assert [one for one in mailseal.Trust if one] == [mailseal.Trust.TRUSTED]
    for kind in (mailseal.Outcome, mailseal.Integrity, mailseal.Trust):
        assert not kind(0)
    tomorrow = mailseal.Severity("terrible")
    assert tomorrow.value == "terrible" and tomorrow not in list(mailseal.Severity)


def test_codes_are_those_of_the_pages() -> None:
    page = (LETTERS.parents[1] / "docs" / "outcomes.md").read_text()
    assert mailseal.CODES["altered"] is mailseal.Severity.BAD
    assert all(f"`{code}`" in page for code in mailseal.CODES)


def test_words_in_two_languages() -> None:
    trust = mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any")
    report = mailseal.Opener(mailseal.Context(trust)).open(LETTERS / "openssl.eml", at=AT).report
    [evidence] = report.signatures[0].evidence
    assert str(evidence) == evidence.text("en-GB") and evidence.text("ja_JP.UTF-8").startswith("あなた")
    assert "来た" in evidence.steps[1].text("ja") or evidence.steps[1].text("ja") != str(evidence.steps[1])
    verdict = mailseal.Policy.standard().judge(report)
    assert "GOOD" in verdict.text(report) and "正常" in verdict.text(report, "ja")
    assert len(verdict.text(report, explain=True)) > len(verdict.text(report))
    assert "\x1b" in verdict.text(report, colour=True)
    assert json.loads(verdict.to_json())["outcome"] == "good"


def test_stamped_and_forged_lines_out() -> None:
    forged = b"Authentication-Results: mx.example.org; smime=pass\r\n" + (LETTERS / "openssl.eml").read_bytes()
    trust = mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any")
    opened = mailseal.Opener(mailseal.Context(trust)).open(forged.replace(b"Monday", b"Friday"), at=AT)
    verdict = mailseal.Policy.standard().judge(opened.report)
    results = verdict.authentication_results(opened.report, "mx.example.org")
    stamped = opened.stamp(verdict, "mx.example.org")
    assert "smime=fail" in results and stamped.startswith(results.encode())
    assert stamped.count(b"Authentication-Results") == 1
    with pytest.raises(ValueError):
        verdict.authentication_results(opened.report, "mx example")


def test_memory_learns(tmp_path: pathlib.Path) -> None:
    memory = mailseal.Memory(tmp_path / "correspondents")
    trust = mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any")
    opener = mailseal.Opener(mailseal.Context(trust, memory=memory))
    opener.open(LETTERS / "openssl.eml", at=AT).remember(memory)
    [alice] = memory.list()
    assert (alice.address, alice.signed_in_row, alice.letters) == ("alice@example.com", 1, 1)
    assert alice.signers[0].protocol is mailseal.Protocol.SMIME
    other = mailseal.Memory(tmp_path / "other")
    assert other.import_(memory.export()) == 1 and other.list() == [alice]
    memory.pin("bob@example.org", "0" * 40, at=AT)
    assert memory.unpin("bob@example.org", "0" * 40) and memory.forget("alice@example.com") and not memory.list()


def test_who_is() -> None:
    carol = mailseal.TrustStore().add_anchors(LETTERS / "gpg-carol.asc", scope="any")
    policy = mailseal.Policy.standard()
    [claim] = mailseal.Context(carol).who_is("carol@example.net", policy, at=AT)
    assert claim.trust is mailseal.Trust.TRUSTED and claim.problem is None and claim.evidence
    stranger = mailseal.Context(mailseal.TrustStore(), certificates=LETTERS / "gpg-carol.asc")
    [claim] = stranger.who_is("carol@example.net", policy, at=AT)
    assert claim.problem and not claim.evidence and claim.trust is mailseal.Trust.UNKNOWN


def test_headers_field_by_field(world: World) -> None:
    cx, key = mailseal.Context(mailseal.TrustStore()), mailseal.Key.load(LETTERS / "bob.pem")
    group = mailseal.Group.to(mailseal.Certificate.load(LETTERS / "bob.pem"), at=AT)
    draft = b"From: Bob <bob@example.org>\r\nTo: Dave <dave@example.com>\r\nSubject: Parcel\r\n\r\nHello\r\n"
    composer = mailseal.Composer(cx).sign(key).header_confidentiality("shy").legacy_display()
    letter = composer.encrypt(group).compose(draft, at=AT)
    opened = mailseal.Opener(cx).key(key).open(letter, at=AT)
    headers = opened.report.headers
    assert headers.form == mailseal.HeaderForm.HP and headers.show("subject") == ("Parcel",)
    to = next(field for field in headers.fields if field.name == "To")
    assert (to.value, to.outer) == ("Dave <dave@example.com>", "dave@example.com")
    assert to.protection == mailseal.FieldProtection.SIGNED_AND_ENCRYPTED
    assert any(part.legacy_display for part in opened.report.parts)
    answer = mailseal.Composer(cx).sign(key).reply_to(opened.report)
    with pytest.raises(mailseal.Error) as refused:
        answer.compose(draft, at=AT)
    assert refused.value.kind == "refused"
    with pytest.raises(ValueError):
        composer.header_confidentiality("loud")
    properties = mailseal.Policy.standard().judge(opened.report).smime_properties(opened.report)
    assert properties["smimeStatus"] == "encrypted+signed/failed" and properties["smimeErrors"]
