"""What the half in Rust calls: it gives names, numbers and the data of the JSON, and takes objects."""

from __future__ import annotations

import dataclasses
import datetime
import typing
from typing import Any, Optional

from ._evidence import Evidence, RejectedPath
from ._mailseal import _Seen
from ._people import Claim, Correspondent
from ._read import read, time
from ._report import Reason, Report
from ._results import Checked, MadeKey
from ._words import FetchPurpose, Outcome, Protocol, Trust, WhoseTrust

if typing.TYPE_CHECKING:
    from ._mailseal import Certificate, Verdict

__all__ = [
    "FetchPurpose",
    "MadeKey",
    "Outcome",
    "Protocol",
    "checked",
    "claim",
    "correspondent",
    "moment",
    "outcome",
    "reason",
    "report",
]

_Evidence: Any = Evidence


def report(seen: _Seen, data: dict[str, Any]) -> Report:
    return dataclasses.replace(read(Report, data), _seen=seen)


def reason(data: dict[str, Any]) -> Reason:
    return read(Reason, data)


def correspondent(data: dict[str, Any]) -> Correspondent:
    return read(Correspondent, data)


def moment(text: str) -> datetime.datetime:
    return time(text)


def outcome(word: str) -> Outcome:
    return Outcome.__members__.get(word.upper(), Outcome.NONE)


def checked(whose: str, differences: tuple[str, ...], report: Optional[Report], verdict: Optional[Verdict]) -> Checked:
    return Checked(WhoseTrust(whose), differences, report, verdict)


def claim(certificate: Certificate, data: dict[str, Any]) -> Claim:
    return Claim(
        certificate=certificate,
        trust=Trust[data["trust"].upper()],
        evidence=tuple(read(_Evidence, path) for path in data["evidence"]),
        rejected=tuple(read(RejectedPath, path) for path in data["rejected"]),
        problem=data["problem"],
    )
