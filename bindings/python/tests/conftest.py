"""A world for the tests, made by openssl and gpg: a certificate authority, people, their keys."""

from __future__ import annotations

import email.utils
import os
import pathlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import NoReturn, Optional

import pytest

import mailseal

ROOT = pathlib.Path(__file__).resolve().parents[3]
LETTERS = ROOT / "examples" / "letters"
PASSWORD = "correct horse"
# Within the life of what lies in examples/letters.
AT = 1_800_000_000


def need(program: str) -> None:
    """A test whose judge is missing says so; in CI it fails."""
    if shutil.which(program) is None:
        missing(program)


def missing(what: str) -> NoReturn:
    if os.environ.get("MAILSEAL_REQUIRE_TOOLS"):
        pytest.fail(f"{what} is missing")
    print(f"skipped: {what} is missing")
    pytest.skip(f"{what} is missing")


class World:
    """Files by name, and programs of others."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.home = folder / "gnupg"

    def __truediv__(self, name: str) -> pathlib.Path:
        return self.folder / name

    def run(self, *command: object, input: Optional[bytes] = None, ok: bool = True) -> bytes:
        words = [str(word) for word in command]
        env = {**os.environ, "GNUPGHOME": str(self.home)}
        done = subprocess.run(words, input=input, cwd=self.folder, env=env, capture_output=True)
        assert not ok or done.returncode == 0, (words, done.stderr.decode())
        return done.stdout if done.returncode == 0 else b""

    def openssl(self, *command: object, input: Optional[bytes] = None) -> bytes:
        return self.run("openssl", *command, input=input)

    def gpg(self, *command: object, input: Optional[bytes] = None) -> bytes:
        batch = ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", PASSWORD, "--trust-model", "always"]
        return self.run("gpg", *batch, *command, input=input)

    def certificate(self, name: str, mailbox: str, key: tuple[str, ...] = ("rsa:2048",)) -> None:
        """NAME.pem, NAME.key and NAME.p12, issued by the authority."""
        options = [word for one in key[1:] for word in ("-pkeyopt", one)]
        self.openssl(
            "req", "-newkey", key[0], *options, "-nodes", "-keyout", f"{name}.key", "-out", "csr", "-subj", f"/CN={name}"
        )
        (self / "ext").write_text(
            f"subjectAltName=email:{mailbox}\nextendedKeyUsage=emailProtection\nkeyUsage=digitalSignature,"
            f"keyEncipherment,keyAgreement\nbasicConstraints=CA:FALSE\n"
        )
        issue = ["-CA", "anchors.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", "ext"]
        self.openssl("x509", "-req", "-in", "csr", *issue, "-out", f"{name}.pem")
        self.openssl(
            "pkcs12", "-export", "-inkey", f"{name}.key", "-in", f"{name}.pem", "-out", f"{name}.p12",
            "-passout", f"pass:{PASSWORD}",
        )  # fmt: skip

    def person(self, name: str, mailbox: str) -> None:
        """NAME.asc, an OpenPGP certificate, and NAME-secret.asc."""
        self.gpg("--quick-gen-key", f"{name} <{mailbox}>", "rsa2048", "sign,cert", "never")
        fingerprint = self.fingerprint(mailbox)
        self.gpg("--quick-add-key", fingerprint, "rsa2048", "encr", "never")
        (self / f"{name}.asc").write_bytes(self.gpg("--armor", "--export", fingerprint))
        (self / f"{name}-secret.asc").write_bytes(self.gpg("--armor", "--export-secret-keys", fingerprint))

    def fingerprint(self, mailbox: str) -> str:
        lines = self.gpg("--with-colons", "--list-keys", mailbox).decode().splitlines()
        return next(line.split(":")[9] for line in lines if line.startswith("fpr:"))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    need("openssl")
    need("gpg")
    # A socket of gpg's agent has a path of 108 octets at most.
    home = pathlib.Path(subprocess.run(["mktemp", "-d"], capture_output=True, check=True).stdout.decode().strip())
    world = World(tmp_path_factory.mktemp("world"))
    world.home = home
    ca = ["-keyout", "ca.key", "-out", "anchors.pem", "-subj", "/CN=Example CA", "-days", "3650"]
    world.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", *ca, "-addext", "keyUsage=keyCertSign,cRLSign")
    world.certificate("alice", "alice@example.com")
    world.certificate("kms", "alice@example.com", ("ec", "ec_paramgen_curve:P-256"))
    world.certificate("news", "news@example.com")
    world.certificate("bob", "bob@example.org")
    world.certificate("frank", "frank@example.org")
    world.person("alicia", "alice@example.com")
    world.person("carol", "carol@example.net")
    (world / "friends.pem").write_bytes((world / "bob.pem").read_bytes() + (world / "frank.pem").read_bytes())
    yield world
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], timeout=20)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def now(world: World) -> float:
    """After all that the world was made of began."""
    return time.time() + 1


@pytest.fixture(scope="session")
def trust(world: World) -> mailseal.TrustStore:
    store = mailseal.TrustStore().add_anchors(world / "anchors.pem", scope="any")
    for name in ("alicia", "carol"):
        store = store.add_anchors(world / f"{name}.asc", scope="any")
    return store


@pytest.fixture(scope="session")
def cx(world: World, trust: mailseal.TrustStore) -> mailseal.Context:
    return mailseal.Context(trust, certificates=[world / "friends.pem", world / "carol.asc"])


@pytest.fixture(scope="session")
def key(world: World) -> mailseal.Key:
    return mailseal.Key.load(world / "alice.p12", PASSWORD)


@pytest.fixture(scope="session")
def pgp_key(world: World) -> mailseal.Key:
    return mailseal.Key.load(world / "alicia-secret.asc", PASSWORD)


def make_draft(to: str = "To: bob@example.org", sender: str = "Alice <alice@example.com>") -> bytes:
    """Of today: a Date far from the time of signing is a reason for caution."""
    head = f"From: {sender}\r\n{to}\r\nSubject: Parcel\r\nDate: {email.utils.formatdate()}\r\nMIME-Version: 1.0\r\n"
    return head.encode() + b"Content-Type: text/plain; charset=us-ascii\r\n\r\nThe parcel leaves on Monday.\r\n"


@pytest.fixture
def draft() -> bytes:
    return make_draft()
