"""What comes of a call and is no report: a new key, and a letter that was judged again."""

from __future__ import annotations

import dataclasses
import typing
from typing import Optional

from ._report import Report
from ._words import WhoseTrust

if typing.TYPE_CHECKING:
    from ._mailseal import Certificate, Verdict


@dataclasses.dataclass(frozen=True)
class MadeKey:
    """A new key. `key` is a file of it: an OpenPGP secret key in armor; of S/MIME, PKCS #12 with the certificate that it
    signed itself, or PEM until an authority has answered `request` (PKCS #10). `certificate` is given away; `revocation`,
    the certificate as revoked, is kept in a safe place until the key is lost."""

    key: bytes = dataclasses.field(repr=False)
    certificate: Optional[Certificate]
    request: Optional[bytes]
    revocation: Optional[bytes]


@dataclasses.dataclass(frozen=True)
class Checked:
    """What came of judging the letter of an archive again; in an `if` it is a TypeError. `differences` says in words what
    is not as it was; where the archive was changed nothing is judged, and `report` and `verdict` are None."""

    whose: WhoseTrust
    differences: tuple[str, ...]
    report: Optional[Report]
    verdict: Optional[Verdict]

    @property
    def is_same(self) -> bool:
        """True where nothing was changed, and the letter is worth now what it was worth then, for the same reasons. That
        may be nothing good."""
        return self.verdict is not None and not self.differences

    def __bool__(self) -> bool:
        raise TypeError("a letter that was judged again is neither true nor false; look at `is_same` and at its verdict")
