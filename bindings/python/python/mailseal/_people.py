"""What is known of people: whose certificates are believed to be theirs, and what is remembered of them."""

from __future__ import annotations

import dataclasses
import datetime
import typing
from typing import Optional

from ._evidence import Evidence, RejectedPath
from ._words import Protocol, Trust

if typing.TYPE_CHECKING:
    from ._mailseal import Certificate


@dataclasses.dataclass(frozen=True)
class Claim:
    """A certificate that is known for an address, and why it is believed to be its own. `problem` says why the policy
    does not rely on it; None if it does."""

    certificate: Certificate
    trust: Trust
    evidence: tuple[Evidence, ...]
    rejected: tuple[RejectedPath, ...]
    problem: Optional[str]


@dataclasses.dataclass(frozen=True)
class KnownSigner:
    """A certificate that somebody has signed with."""

    protocol: Protocol
    fingerprint: str
    issuer: str
    anchors: tuple[str, ...]
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    letters: int
    certain: bool


@dataclasses.dataclass(frozen=True)
class Pin:
    """A certificate that is tied to an address."""

    address: str
    fingerprint: str
    since: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Correspondent:
    """What is remembered of one address."""

    address: str
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    letters: int
    certain: int
    signed_in_row: int
    known_since: Optional[datetime.datetime]
    confirmed: bool
    names: tuple[str, ...]
    signers: tuple[KnownSigner, ...]
    pins: tuple[Pin, ...]
