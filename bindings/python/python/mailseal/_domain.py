"""The sending domain, and the hops that a letter came by."""

from __future__ import annotations

import dataclasses
from typing import Optional

from ._words import DomainResult, Relation


@dataclasses.dataclass(frozen=True)
class DomainSource:
    """Who looked at the sending domain: `checked` by this program, or `trusted`, the system of that name."""

    kind: str
    authserv_id: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class SpfEvidence:
    """SPF (RFC 7208). `identity` is `helo` or `mailfrom`."""

    result: DomainResult
    identity: str
    domain: str
    aligned: bool


@dataclasses.dataclass(frozen=True)
class DkimEvidence:
    """One DKIM signature (RFC 6376). `unsigned_octets` at the end of the body anybody may have written."""

    result: DomainResult
    domain: str
    selector: str
    algorithm: str
    reason: str
    aligned: bool
    signed: tuple[str, ...]
    identity: Optional[str] = None
    unsigned_octets: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class ArcEvidence:
    """The chain of ARC (RFC 8617)."""

    result: DomainResult
    sealers: tuple[str, ...]
    reason: str


@dataclasses.dataclass(frozen=True)
class DmarcEvidence:
    """DMARC (RFC 9989): whether the domain of From stands behind the letter."""

    result: DomainResult
    domain: str
    policy: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How From, who signed the letter and the domain that stands behind it agree."""

    domain: Optional[str] = None
    signer: Optional[str] = None
    signer_with_from: Optional[Relation] = None
    domain_with_from: Optional[Relation] = None
    domain_with_signer: Optional[Relation] = None


@dataclasses.dataclass(frozen=True)
class DomainEvidence:
    """What was found out about the sending domain. It changes no verdict."""

    source: DomainSource
    spf: tuple[SpfEvidence, ...]
    dkim: tuple[DkimEvidence, ...]
    sender_id: bool
    agreement: Agreement
    arc: Optional[ArcEvidence] = None
    dmarc: Optional[DmarcEvidence] = None


@dataclasses.dataclass(frozen=True)
class Hop:
    """One Received line. `tls` is None where its keyword does not tell."""

    from_: str = dataclasses.field(metadata={"json": "from"})
    by: str
    protocol: str
    tls: Optional[bool] = None


@dataclasses.dataclass(frozen=True)
class Transport:
    """The Received lines that are trusted, the last hop first, and how many there are below."""

    hops: tuple[Hop, ...]
    untrusted: int
