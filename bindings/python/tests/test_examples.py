"""The programs of examples/python, and a newsletter for 200 people by way of an SMTP server."""

from __future__ import annotations

import pathlib
import shutil
import socketserver
import subprocess
import sys
import threading

import pytest
from conftest import LETTERS, PASSWORD, ROOT, World, make_draft

FOLDER = ROOT / "examples" / "python"


def run(name: str, *words: object, cwd: pathlib.Path = ROOT, input: bytes = b"") -> tuple[int, bytes, str]:
    command = [sys.executable, "-X", "dev", "-W", "error", str(FOLDER / name), *map(str, words)]
    done = subprocess.run(command, cwd=cwd, input=input, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_they_are_short_typed_and_say_how_they_are_used(path: pathlib.Path) -> None:
    assert len(path.read_text().splitlines()) < 90
    check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / "target" / "mypy"), str(path)]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    if path.stem != "trust":
        status, _, said = run(path.name)
        assert status == 2 and said.startswith(f"usage: {path.name}")


def test_sign_and_verify(world: World, tmp_path: pathlib.Path) -> None:
    status, mail, said = run("sign.py", world / "alice.p12", PASSWORD, input=make_draft())
    assert status == 0, said
    (tmp_path / "mail.eml").write_bytes(mail)
    assert b"Monday" in world.openssl("cms", "-verify", "-CAfile", "anchors.pem", input=mail)
    status, out, said = run("verify.py", world / "anchors.pem", tmp_path / "mail.eml")
    assert status == 0 and b"intact by alice@example.com" in out, said
    (tmp_path / "altered.eml").write_bytes(mail.replace(b"Monday", b"Friday"))
    assert run("verify.py", world / "anchors.pem", tmp_path / "altered.eml")[0] == 1
    assert run("verify.py", world / "anchors.pem", "nowhere.eml")[0] == 2
    assert run("sign.py", world / "alice.p12", "wrong", input=make_draft())[:2] == (2, b"")


def test_encrypt_and_decrypt(world: World, tmp_path: pathlib.Path) -> None:
    (tmp_path / "draft.eml").write_bytes(make_draft("To: bob@example.org\r\nBcc: frank@example.org"))
    status, out, said = run("encrypt.py", world / "anchors.pem", world / "friends.pem", "draft.eml", cwd=tmp_path)
    assert status == 0 and b"letter-1.eml goes to frank@example.org" in out, said
    (tmp_path / "bob.pem").write_bytes((world / "bob.pem").read_bytes() + (world / "bob.key").read_bytes())
    status, out, said = run("decrypt.py", "letter-0.eml", "bob.pem", cwd=tmp_path)
    assert status == 0 and b"Monday" in (tmp_path / "letter.eml").read_bytes(), said
    assert run("decrypt.py", "letter-1.eml", "bob.pem", cwd=tmp_path)[0] == 1, "that one is Frank's"
    (tmp_path / "draft.eml").write_bytes(make_draft("To: dave@example.net"))
    status, _, said = run("encrypt.py", world / "anchors.pem", world / "friends.pem", "draft.eml", cwd=tmp_path)
    assert status == 2 and "dave@example.net" in said


def test_trust() -> None:
    status, out, said = run("trust.py")
    words = out.decode()
    assert status == 0 and words.count("good") >= 3 and "bad" in words and "you → " in words, words + said
    assert run("trust.py", LETTERS / "gpg.eml")[0] == 0


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client of a loopback server needs."""

    server: Server

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        to = ""
        for line in self.rfile:
            verb = line.split(b":")[0].split()[0].upper()
            if verb == b"RCPT":
                to = line.decode().split("<")[1].split(">")[0]
            if verb == b"RCPT" and "refused" in to:
                self.wfile.write(b"550 nobody here\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.taken[to] = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Smtp)
        self.taken: dict[str, bytes] = {}


def test_a_newsletter_arrives_signed(world: World) -> None:
    names = ["Zoë", "O'Neill", "山田太郎", "Bob"]
    people = {f"reader{number}@example.org": names[number % 4] for number in range(200)}
    lines = "".join(f"{mailbox}\t{name}\n" for mailbox, name in people.items())
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = "127.0.0.1:{1}".format(*server.server_address)
        news = world / "news.p12"
        status, out, said = run("newsletter.py", news, PASSWORD, address, input=lines.encode())
        assert (status, out.decode()) == (0, "200 sent, 0 not\n"), said
        assert set(server.taken) == set(people)
        for mailbox, mail in server.taken.items():
            verified = world.openssl("cms", "-verify", "-CAfile", "anchors.pem", input=mail)
            assert b"multipart/alternative" in verified
        assert len(set(server.taken.values())) == 200
        status, out, said = run("newsletter.py", news, PASSWORD, address, input=b"refused@example.org\tX\nb@example.org\tY\n")
        assert (status, out) == (1, b"1 sent, 1 not\n") and "refused@example.org" in said
        server.shutdown()
    assert run("newsletter.py", news, "wrong", "127.0.0.1:1", input=lines.encode())[0] == 2


def test_the_code_of_the_guide_runs(tmp_path: pathlib.Path) -> None:
    """docs/guide.md: each piece of it, in a folder with the letters."""
    if sys.version_info < (3, 10):
        pytest.skip("the guide is written for Python 3.10")
    shutil.copytree(LETTERS, tmp_path, dirs_exist_ok=True)
    shutil.copy(ROOT / "tests" / "cases" / "drafts" / "to-dave.eml", tmp_path / "draft.eml")
    guide = ROOT / "examples" / "guide" / "guide.py"
    done = subprocess.run([sys.executable, guide], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "letter.eml").exists() and (tmp_path / "encrypted-0.eml").exists()


def test_the_code_of_the_guide_is_typed() -> None:
    guide = ROOT / "examples" / "guide" / "guide.py"
    check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / "target" / "mypy"), str(guide)]
    assert subprocess.run(check, capture_output=True).returncode == 0
