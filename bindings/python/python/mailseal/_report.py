"""What was seen in a letter, as dataclasses: the names are those of the JSON.

`from` and `for` are words of Python: they are called `from_` and `address`. Lists are tuples, times are datetimes in UTC.

>>> CODES["lookalike"]
<Severity.CAUTION: 'caution'>
"""

from __future__ import annotations

import dataclasses
import datetime
import types
from collections.abc import Mapping
from typing import Any, Optional

from ._domain import DomainEvidence, Transport
from ._headers import FromIdentity, HeaderProtection
from ._layers import Finding, Layer, Signature, SignedLayer
from ._mailseal import _Seen, codes
from ._words import FetchPurpose, Severity


@dataclasses.dataclass(frozen=True)
class UncoveredPart:
    """A leaf part that no signature covers. `looks_like` is a guess for the reader."""

    part: str
    media_type: str
    lines: int
    looks_like: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class PartSummary:
    """One part and where its octets lie: `range` from its header to the end of its body, `body` where that begins, both
    counted in the part `content` (`0` is the letter); `layers` are the indices of the layers that speak for it.
    `legacy_display` are octets of its decoded content that only repeat header fields, not to be shown (RFC 9788)."""

    part: str
    media_type: str
    encoding: str
    content: str
    range: tuple[int, int]
    body: int
    lines: int
    layers: tuple[int, ...]
    charset: Optional[str] = None
    file_name: Optional[str] = None
    legacy_display: tuple[tuple[int, int], ...] = ()


@dataclasses.dataclass(frozen=True)
class Want:
    """Something that was not fetched, and would have helped. `body` would be sent; empty is a GET."""

    purpose: FetchPurpose
    url: str
    body: bytes = b""
    max_bytes: int = 0


@dataclasses.dataclass(frozen=True)
class Report:
    """What was seen in a letter. What that is worth, Policy.judge says.

    `payload` is the part that `Opened.payload` is. A report can be pickled; what comes out can be read, but not judged.
    """

    at: datetime.datetime
    from_: FromIdentity = dataclasses.field(metadata={"json": "from"})
    layers: tuple[Layer, ...]
    uncovered: tuple[UncoveredPart, ...]
    headers: HeaderProtection
    parts: tuple[PartSummary, ...]
    anchors: int
    wants: tuple[Want, ...]
    findings: tuple[Finding, ...]
    payload: Optional[str] = None
    domain: Optional[DomainEvidence] = None
    transport: Optional[Transport] = None
    _json: str = dataclasses.field(default="", repr=False, compare=False)
    _seen: Optional[_Seen] = dataclasses.field(default=None, repr=False, compare=False)

    @property
    def signed_layers(self) -> tuple[SignedLayer, ...]:
        """The signed layers."""
        return tuple(layer for layer in self.layers if isinstance(layer, SignedLayer))

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The signatures of all layers."""
        return tuple(signature for layer in self.signed_layers for signature in layer.signatures)

    def to_json(self) -> str:
        """As JSON, in one line: `report` of what `mailseal verify --json` prints."""
        return self._json if self._seen is None else self._seen.to_json()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_json": self.to_json(), "_seen": None}


@dataclasses.dataclass(frozen=True)
class Reason:
    """One reason of a verdict: what was observed, and where."""

    code: str
    parts: tuple[str, ...]


CODES: Mapping[str, Severity] = types.MappingProxyType({code: Severity(severity) for code, severity in codes().items()})
"""All codes of findings, each with its severity; they never change."""
