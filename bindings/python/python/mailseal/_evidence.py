"""Who a certificate says its owner is, and why that is believed.

>>> print(Pinned("pinned", "carol@example.net", (), {"en": "you said so"}))
you said so
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any, Literal, Optional, Union

from ._read import hidden, tagged
from ._words import Assurance, Generation, Source


@dataclasses.dataclass(frozen=True)
class CertificateSummary:
    """A certificate, in short. `issuer` is empty for OpenPGP."""

    fingerprint: str
    issuer: str = ""
    serial: str = ""
    not_before: Optional[datetime.datetime] = None
    not_after: Optional[datetime.datetime] = None


@dataclasses.dataclass(frozen=True)
class Qualified:
    """What a certificate states of itself under eIDAS (ETSI EN 319 412-5)."""

    compliant: bool
    device: bool
    kinds: tuple[str, ...]
    countries: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SignerIdentity:
    """Who a certificate says the signer is. `is_from`: `mailbox` is the one address of From."""

    mailbox: str
    mailboxes: tuple[str, ...]
    is_from: bool
    certificate: CertificateSummary
    name: Optional[str] = None
    organization: Optional[str] = None
    assurance: Optional[Assurance] = None
    generation: Optional[Generation] = None
    qualified: Optional[Qualified] = None


@dataclasses.dataclass(frozen=True)
class Revocation:
    """Whether revocation was looked at: `kind` is unknown, none (it does not apply) or not_revoked, which `by` a crl or
    ocsp says, as of `at`."""

    kind: str
    by: Optional[str] = None
    at: Optional[datetime.datetime] = None

    @staticmethod
    def _shaped(data: Any) -> dict[str, Any]:
        kind, detail = tagged(data)
        return {"kind": kind, **(detail or {})}


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was checked of a step, and held: `kind` such as validity, signature; `detail` where there is more."""

    kind: str
    detail: Any = None

    @staticmethod
    def _shaped(data: Any) -> dict[str, Any]:
        kind, detail = tagged(data)
        return {"kind": kind, "detail": detail}


class Spoken:
    _texts: Optional[Mapping[str, str]]

    def text(self, language: str = "en") -> str:
        """In words, `en` or `ja`; escaped."""
        primary = language.replace("_", "-").split("-")[0].lower()
        texts = self._texts or {}
        return texts.get(primary) or texts.get("en", "")

    def __str__(self) -> str:
        return self.text()


@dataclasses.dataclass(frozen=True)
class Step(Spoken):
    """One certificate of a path; `str` says it in words. `url` is where it was fetched from."""

    name: str
    fingerprint: str
    not_before: Optional[datetime.datetime]
    not_after: Optional[datetime.datetime]
    source: Source
    checks: tuple[Check, ...]
    url: Optional[str] = None
    _texts: Optional[Mapping[str, str]] = hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class CertificationPath(Spoken):
    """X.509: a certification path (RFC 5280 section 6) for an address, the anchor first."""

    kind: Literal["certification_path"]
    address: str = dataclasses.field(metadata={"json": "for"})
    anchor: str
    scope: str
    steps: tuple[Step, ...]
    revocation: Revocation
    _texts: Optional[Mapping[str, str]] = hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class Direct(Spoken):
    """A certificate that the program gave as an anchor itself."""

    kind: Literal["direct"]
    address: str = dataclasses.field(metadata={"json": "for"})
    scope: str
    steps: tuple[Step, ...]
    _texts: Optional[Mapping[str, str]] = hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class Pinned(Spoken):
    """A certificate that the program tied to the address by its fingerprint."""

    kind: Literal["pinned"]
    address: str = dataclasses.field(metadata={"json": "for"})
    steps: tuple[Step, ...]
    _texts: Optional[Mapping[str, str]] = hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class WebOfTrust(Spoken):
    """OpenPGP: certifications from one of the program's roots; `amount` is what this path adds, of 120."""

    kind: Literal["web_of_trust"]
    address: str = dataclasses.field(metadata={"json": "for"})
    scope: str
    amount: int
    steps: tuple[Step, ...]
    _texts: Optional[Mapping[str, str]] = hidden("texts", None)


Evidence = Union[CertificationPath, Direct, Pinned, WebOfTrust]


@dataclasses.dataclass(frozen=True)
class RejectedPath:
    """A path that was tried and did not hold: `code` is stable, `reason` is in words."""

    steps: tuple[Step, ...]
    code: str
    reason: str
