"""Archives of evidence."""

from __future__ import annotations

import datetime
import io
import json
import pathlib
import pickle
import tarfile

import pytest
from conftest import AT, LETTERS

import mailseal

POLICY = mailseal.Policy.standard()
TRUST = mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any")


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    record = mailseal.EvidenceRecord(mailseal.Context(TRUST), LETTERS / "openssl.eml", at=AT)
    assert POLICY.judge(record.report).outcome and record.report is record.report
    record.save(POLICY, tmp_path / "evidence.tar")
    return tmp_path / "evidence.tar"


def test_it_is_a_tar_of_which_the_command_speaks(path: pathlib.Path) -> None:
    with tarfile.open(path) as archive:
        letter = archive.extractfile("letter.eml")
        report = archive.extractfile("report.json")
        assert letter and letter.read() == (LETTERS / "openssl.eml").read_bytes()
        assert report and "/usr" not in json.dumps(json.loads(report.read()))


def test_what_an_archive_says_of_itself(path: pathlib.Path) -> None:
    archive = mailseal.EvidenceArchive(path)
    assert archive.at == datetime.datetime.fromtimestamp(AT, datetime.timezone.utc)
    assert archive.outcome is mailseal.Outcome.GOOD
    assert archive.policy == POLICY.judge(mailseal.Opener(mailseal.Context(TRUST)).open(LETTERS / "openssl.eml", at=AT).report).policy
    assert repr(archive) == "<mailseal.EvidenceArchive of 2027-01-15T08:00:00Z: good>"


def test_it_is_judged_again_by_either_trust(path: pathlib.Path) -> None:
    archive = mailseal.EvidenceArchive(path)
    checked = archive.check(POLICY)
    assert checked.is_same and checked.whose is mailseal.WhoseTrust.ARCHIVE and checked.differences == ()
    assert checked.verdict and checked.verdict.outcome is mailseal.Outcome.GOOD
    assert checked.report and POLICY.judge(checked.report).outcome is mailseal.Outcome.GOOD
    assert pickle.loads(pickle.dumps(checked.report)) == checked.report
    for neither in (checked, mailseal.EvidenceRecord(mailseal.Context(TRUST), LETTERS / "openssl.eml", at=AT)):
        with pytest.raises(TypeError, match="neither true nor false"):
            bool(neither)
    stranger = archive.check(POLICY, trust=mailseal.TrustStore())
    assert stranger.whose is mailseal.WhoseTrust.YOURS and not stranger.is_same
    assert stranger.verdict is not None and not stranger.verdict
    assert any("the outcome was good" in one for one in stranger.differences)


def test_a_changed_archive_is_not_judged(path: pathlib.Path) -> None:
    changed = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=changed, mode="w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file
            octets = file.read().replace(b"Monday", b"Friday") if member.name == "letter.eml" else file.read()
            new.addfile(member, io.BytesIO(octets))
    path.write_bytes(changed.getvalue())
    checked = mailseal.EvidenceArchive(path).check(POLICY)
    assert (checked.report, checked.verdict, checked.is_same) == (None, None, False)
    assert checked.differences == ("letter.eml was changed",)


def test_something_else_is_no_archive(tmp_path: pathlib.Path) -> None:
    for octets in (b"", b"x" * 2000):
        (tmp_path / "evidence.tar").write_bytes(octets)
        with pytest.raises(mailseal.Error) as caught:
            mailseal.EvidenceArchive(tmp_path / "evidence.tar")
        assert caught.value.kind == "malformed"
    with pytest.raises(mailseal.Error) as caught:
        mailseal.EvidenceArchive(tmp_path / "nowhere.tar")
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_a_record_is_cancelled(tmp_path: pathlib.Path) -> None:
    cancel = mailseal.Cancel()
    cancel.cancel()
    with pytest.raises(mailseal.Error) as caught:
        mailseal.EvidenceRecord(mailseal.Context(TRUST), LETTERS / "openssl.eml", at=AT, cancel=cancel)
    assert caught.value.kind == "cancelled"


def test_what_the_dns_said_is_said_again(tmp_path: pathlib.Path) -> None:
    records = {"_dmarc.example.com": ["v=DMARC1; p=reject"]}
    check = mailseal.DomainCheck(lambda name, kind: records.get(name))
    opener = mailseal.Opener(mailseal.Context(TRUST)).trusted_hops(1)
    record = mailseal.EvidenceRecord(
        opener, LETTERS / "openssl.eml", at=AT, check=check, client="192.0.2.1", mail_from="a@example.com", asked=AT + 1
    )
    record.save(POLICY, tmp_path / "x.tar")
    records.clear()
    archive = mailseal.EvidenceArchive(tmp_path / "x.tar")
    assert archive.asked == datetime.datetime.fromtimestamp(AT + 1, datetime.timezone.utc)
    checked = archive.check(POLICY)
    assert checked.is_same and checked.report and checked.report.domain and checked.report.transport
    assert checked.report.domain.dmarc and checked.report.domain.dmarc.policy == "reject"
    plain = mailseal.EvidenceRecord(opener, LETTERS / "openssl.eml", at=AT)
    plain.save(POLICY, tmp_path / "y.tar")
    assert mailseal.EvidenceArchive(tmp_path / "y.tar").asked is None
    with pytest.raises(ValueError, match="client is not an address"):
        mailseal.EvidenceRecord(opener, LETTERS / "openssl.eml", at=AT, check=check, client="x")
