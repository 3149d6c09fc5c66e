"""Where trust and certificates come from besides files: folders, the system, GnuPG, functions, the network."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import tarfile
from typing import Any

import pytest
from conftest import AT, LETTERS, World, make_draft, need

import mailseal

POLICY = mailseal.Policy.standard()


def test_a_trust_folder(tmp_path: pathlib.Path) -> None:
    shutil.copy(LETTERS / "openssl-ca.pem", tmp_path / "ca.pem")
    (tmp_path / "trust.toml").write_text('[[anchor]]\nfile = "ca.pem"\nscope = "*@example.com"\n')
    trust = mailseal.TrustStore.open(tmp_path)
    opened = mailseal.Opener(mailseal.Context(trust)).open(LETTERS / "openssl.eml", at=AT)
    assert opened.require(POLICY, "alice@example.com")
    assert repr(trust.add_anchors(LETTERS / "gpg-carol.asc", scope="any")) == "<mailseal.TrustStore of 2 anchors>"
    (tmp_path / "trust.toml").write_text("[[anchor]]\nfile = 5\n")
    with pytest.raises(mailseal.Error, match="trust.toml"):
        mailseal.TrustStore.open(tmp_path)


def test_anchors_of_a_folder(tmp_path: pathlib.Path) -> None:
    with pytest.raises(mailseal.Error, match="no file in it"):
        mailseal.TrustStore().add_anchors(tmp_path, scope="any")
    shutil.copy(LETTERS / "openssl-ca.pem", tmp_path / "one.pem")
    shutil.copy(LETTERS / "gpg-carol.asc", tmp_path / "two.asc")
    (tmp_path / "notes.txt").write_text("nothing")
    for folder in (tmp_path, str(tmp_path)):
        assert repr(mailseal.TrustStore().add_anchors(folder, scope="any")) == "<mailseal.TrustStore of 2 anchors>"
    (tmp_path / "three.pem").write_text("nothing")
    with pytest.raises(mailseal.Error, match="three.pem"):
        mailseal.TrustStore().add_anchors(tmp_path, scope="any")


def test_roots_of_the_system() -> None:
    need("trust")
    listed = subprocess.run(["trust", "list", "--filter=ca-anchors"], capture_output=True, text=True).stdout
    if not listed:
        pytest.skip("skipped: p11-kit has no store of this system")
    every = mailseal.TrustStore().add_system_roots(scope="any", all_that_it_trusts=True)
    assert repr(every) == f"<mailseal.TrustStore of {listed.count('pkcs11:')} anchors>"
    try:
        mailseal.TrustStore().add_system_roots(scope="any")
    except mailseal.Error as error:
        assert error.kind == "refused" and "web sites" in str(error)
    with pytest.raises(ValueError):
        mailseal.TrustStore().add_system_roots(scope="")


def test_a_home_of_gnupg(world: World, now: float) -> None:
    carol = world.fingerprint("carol@example.net")
    world.gpg("--import-ownertrust", input=f"{carol}:4:\n".encode())
    home = mailseal.GnupgHome(world.home)
    assert home.owner_trust[carol] == 40
    assert home.owner_trust[world.fingerprint("alice@example.com")] == 120, "made there"
    cx = mailseal.Context(mailseal.TrustStore(), certificates=[home, world / "bob.pem"])
    assert [claim.certificate.fingerprint for claim in cx.who_is("carol@example.net", POLICY, at=now)] == [carol]
    assert cx.who_is("bob@example.org", POLICY, at=now)
    assert not cx.who_is("carol@example.net", POLICY, at=now)[0].trust, "finding is not trusting"


def test_a_directory_of_certificates(world: World, now: float, tmp_path: pathlib.Path) -> None:
    """As the draft of pgp.cert.d lays it out: two digits of the fingerprint, then the others."""
    fingerprint = world.fingerprint("carol@example.net").lower()
    (tmp_path / fingerprint[:2]).mkdir()
    (tmp_path / fingerprint[:2] / fingerprint[2:]).write_bytes(world.gpg("--export", fingerprint))
    cx = mailseal.Context(mailseal.TrustStore(), certificates=[tmp_path, world / "bob.pem"])
    assert cx.who_is("carol@example.net", POLICY, at=now) and cx.who_is("bob@example.org", POLICY, at=now)


def test_a_function_that_finds_certificates(world: World, trust: mailseal.TrustStore, now: float) -> None:
    asked: list[mailseal.KeyHint] = []

    def find(hint: mailseal.KeyHint) -> Any:
        asked.append(hint)
        if hint.address == "bob@example.org":
            return mailseal.Certificate.load(world / "bob.pem")
        return [world / "frank.pem"] if hint.address else None

    cx = mailseal.Context(trust, certificates=find)
    plan = mailseal.Plan(cx, make_draft("To: bob@example.org, dave@example.net"), POLICY, at=now)
    # Whose the certificate of a function is, the certificate says.
    assert [person.mailbox for person in plan.unreachable] == ["dave@example.net"]
    assert {"bob@example.org", "dave@example.net"} <= {hint.address for hint in asked}
    signed = world.openssl("cms", "-sign", "-nocerts", "-signer", "alice.pem", "-inkey", "alice.key", input=make_draft())
    asked.clear()
    mailseal.Opener(cx).open(b"From: alice@example.com\r\n" + signed, at=now)
    assert any(hint.issuer and hint.serial for hint in asked)


def test_what_such_a_function_raises_ends_the_call(trust: mailseal.TrustStore, now: float) -> None:
    def away(hint: mailseal.KeyHint) -> None:
        raise TimeoutError("directory")

    with pytest.raises(mailseal.Error) as caught:
        mailseal.Plan(mailseal.Context(trust, certificates=away), make_draft(), POLICY, at=now)
    assert caught.value.temporary and isinstance(caught.value.__cause__, TimeoutError)
    with pytest.raises(mailseal.Error) as caught:
        mailseal.Plan(mailseal.Context(trust, certificates=lambda hint: b"rubbish"), make_draft(), POLICY, at=now)
    assert isinstance(caught.value.__cause__, mailseal.Error) and caught.value.__cause__.kind == "malformed"
    wrong = mailseal.Context(trust, certificates=lambda hint: 42)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="wanted bytes, a path"):
        mailseal.Plan(wrong, make_draft(), POLICY, at=now)


def test_the_fetcher_that_is_there_is_asked(tmp_path: pathlib.Path) -> None:
    """An archive notes what was asked for. That CRLs come over the wire, the tests of the library show."""
    trust = mailseal.TrustStore().add_anchors(LETTERS / "strict-ca.pem", scope="any")
    cx = mailseal.Context(trust, fetcher=mailseal.HttpFetcher(mailseal.FetchPurpose.OCSP, "aia"))
    record = mailseal.EvidenceRecord(cx, LETTERS / "eve-revoked.eml", at=AT)
    [want] = record.report.wants
    assert want.purpose is mailseal.FetchPurpose.CRL, "not one of its purposes"
    record.save(POLICY, tmp_path / "evidence.tar")
    with tarfile.open(tmp_path / "evidence.tar") as archive:
        index = archive.extractfile("fetched/index.json")
        assert index
        [asked] = json.load(index)
    assert (asked["url"], asked["file"]) == (want.url, None)


def test_a_fetcher_for_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        mailseal.HttpFetcher()
    with pytest.raises(ValueError):
        mailseal.HttpFetcher("crl", timeout=-1)
    with pytest.raises(ValueError):
        mailseal.HttpFetcher(mailseal.FetchPurpose.WKD)
