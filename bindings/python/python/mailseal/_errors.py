"""Exceptions, and what functions of the program are given."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._words import FetchPurpose, Protocol


class Error(Exception):
    """Could not look, or could not write. What was seen in a letter is never an error.

    `kind` is one of io, limit, malformed, key, refused, unreachable, input_changed, cancelled, other; `temporary` is True
    where the same call may succeed later. Of `io`, the OSError is the `__cause__`.

    >>> Error("the limit of 8 for depth was reached", "limit").kind
    'limit'
    """

    kind: str
    temporary: bool

    def __init__(self, message: str, kind: str = "other", temporary: bool = False) -> None:
        super().__init__(message, kind, temporary)
        self.kind = kind
        self.temporary = temporary

    def __str__(self) -> str:
        return str(self.args[0])


class Unreachable(Error):
    """Somebody a letter is for cannot be written to in secret, and nobody is dropped silently.

    >>> issubclass(Unreachable, Error)
    True
    """

    def __init__(self, message: str, kind: str = "unreachable", temporary: bool = False) -> None:
        super().__init__(message, kind, temporary)


@dataclasses.dataclass(frozen=True)
class PasswordRequest:
    """What a password is asked for: `subject` in words, and how often it was asked for before.

    >>> PasswordRequest("the key of alice@example.org", 0).attempt
    0
    """

    subject: str
    attempt: int


@dataclasses.dataclass(frozen=True)
class FetchRequest:
    """What to fetch, and its bounds. `body` is sent as application/ocsp-request; empty is a GET.

    Private addresses and chains that lead nowhere are not asked for; what a name resolves to, the program looks at.

    >>> from mailseal import FetchPurpose
    >>> request = FetchRequest(FetchPurpose.CRL, "http://ca.example/list.crl", b"", 1 << 20)
    >>> "POST" if request.body else "GET"
    'GET'
    """

    purpose: FetchPurpose
    url: str
    body: bytes
    max_bytes: int


@dataclasses.dataclass(frozen=True)
class KeyHint:
    """What is known of a certificate that is looked for; each field may be None. `issuer` (with `serial`) and `subject`
    are names in DER; `openpgp` is a fingerprint or key ID, of the certificate or of a subkey.

    Too many certificates are harmless; those that do not fit are left aside.

    >>> KeyHint("carol@example.net").openpgp is None
    True
    """

    address: Optional[str] = None
    issuer: Optional[bytes] = None
    serial: Optional[bytes] = None
    subject: Optional[bytes] = None
    subject_key_identifier: Optional[bytes] = None
    openpgp: Optional[bytes] = None


@dataclasses.dataclass(frozen=True)
class KeyUse:
    """One use of a private key: for what, of which certificate and key, how; `error` where it failed.

    >>> from mailseal import Protocol
    >>> KeyUse("sign", Protocol.SMIME, "41D0", "41D0", "rsa-pkcs1-sha256", None).operation
    'sign'
    """

    operation: str
    protocol: Protocol
    certificate: str
    key: str
    method: str
    error: Optional[str]


@dataclasses.dataclass(frozen=True)
class UnreachablePerson:
    """Somebody who cannot be written to in secret, and why.

    >>> print(UnreachablePerson("dave@example.net", "no certificate is known"))
    dave@example.net: no certificate is known
    """

    mailbox: str
    reason: str

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.reason}"
