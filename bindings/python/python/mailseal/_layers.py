"""What lies around a letter: signed, encrypted and compressed layers."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Literal, Optional, Union

from ._evidence import Evidence, RejectedPath, SignerIdentity
from ._read import hidden
from ._words import Decryption, Integrity, Protocol, RecipientKind, Severity, Trust


@dataclasses.dataclass(frozen=True)
class Finding:
    """One observation: `code` is a key of CODES and never changes, `detail` words of the letter, not escaped."""

    code: str
    severity: Severity
    part: str
    detail: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Algorithms:
    """What a signature was made with."""

    signature: str
    digest: Optional[str] = None
    key_bits: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Signature:
    """One signature, by one signer. Integrity, identity and trust are three fields.

    `claimed_time` is when the signer says they signed. `signer` is None where there is no certificate.
    """

    integrity: Integrity
    claimed_time: Optional[datetime.datetime]
    algorithms: Algorithms
    signer: Optional[SignerIdentity]
    trust: Trust
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    intended_recipients: tuple[str, ...] = ()
    rejected: tuple[RejectedPath, ...] = ()


@dataclasses.dataclass(frozen=True)
class Coverage:
    """What a signed layer speaks for: `kind` is nothing, partial or whole."""

    kind: str
    parts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SignedLayer:
    """A signed layer. `range` is its octets in the letter; `envelope`: it wraps the whole message (RFC 9787)."""

    kind: Literal["signed"]
    part: str
    range: tuple[int, int]
    protocol: Protocol
    envelope: bool
    opaque: bool
    covers: Coverage
    signatures: tuple[Signature, ...]
    findings: tuple[Finding, ...]
    _text: str = hidden("text", "")

    def __str__(self) -> str:
        return self._text


@dataclasses.dataclass(frozen=True)
class Recipient:
    """A key that a layer is encrypted to, as the letter names it: nothing here is signed."""

    kind: RecipientKind
    algorithm: str
    name: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class OpenedBy:
    """The key that opened a layer. `old`: its certificate is no longer valid."""

    mailboxes: tuple[str, ...]
    old: bool
    fingerprint: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class EncryptedLayer:
    """An encrypted layer. `authenticated`: a change of the ciphertext is noticed."""

    kind: Literal["encrypted"]
    part: str
    range: tuple[int, int]
    protocol: Protocol
    envelope: bool
    decryption: Decryption
    authenticated: bool
    recipients: tuple[Recipient, ...]
    findings: tuple[Finding, ...]
    cipher: Optional[str] = None
    opened_by: Optional[OpenedBy] = None
    _text: str = hidden("text", "")

    def __str__(self) -> str:
        return self._text


@dataclasses.dataclass(frozen=True)
class CompressedLayer:
    """A compressed layer (RFC 3274)."""

    kind: Literal["compressed"]
    part: str
    range: tuple[int, int]
    envelope: bool
    findings: tuple[Finding, ...]
    _text: str = hidden("text", "")

    def __str__(self) -> str:
        return self._text


Layer = Union[SignedLayer, EncryptedLayer, CompressedLayer]
