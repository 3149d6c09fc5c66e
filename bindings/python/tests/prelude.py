"""What the code in README.md is given by its reader's program. mypy reads it together with that code."""

import email.message
import subprocess
from typing import Optional

import mailseal

sent: list[tuple[object, bytes]] = []
booked: list[email.message.EmailMessage] = []
held: list[tuple[mailseal.Reason, ...]] = []
later: list[bool] = []


class Smtp:
    def sendmail(self, sender: str, to: object, mail: bytes) -> None:
        sent.append((to, mail))


class Kms:
    def sign(self, name: str, digest: bytes) -> bytes:
        # The digest of the last step: openssl adds nothing to it.
        command = ["openssl", "pkeyutl", "-sign", "-inkey", "kms.key", "-pkeyopt", "digest:sha256"]
        return subprocess.run(command, input=digest, capture_output=True, check=True).stdout


class Client:
    asked: list[str] = []

    def send(self, url: str, body: bytes, limit: int) -> Optional[bytes]:
        self.asked.append(url)
        return None


class Dns:
    asked: list[str] = []

    def lookup(self, name: str, kind: str) -> Optional[list[str]]:
        self.asked.append(name)
        return None


class Directory:
    def find(self, address: Optional[str]) -> Optional[str]:
        return None


def ask(request: mailseal.PasswordRequest) -> Optional[str]:
    return "correct horse" if request.attempt < 3 else None


def book(message: email.message.EmailMessage) -> None:
    booked.append(message)


def hold(reasons: tuple[mailseal.Reason, ...]) -> None:
    held.append(reasons)


def retry_later() -> None:
    later.append(True)


smtp, my_kms, my_client, my_dns, my_directory = Smtp(), Kms(), Client(), Dns(), Directory()
draft: bytes = b""
mails: list[bytes] = []
drafts: list[bytes] = []
recipients: list[str] = []
pgp_key: mailseal.Key
carol: mailseal.Certificate
signature: mailseal.Signature
