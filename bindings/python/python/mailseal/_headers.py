"""Whom a letter says it is from, and which of its header fields are protected.

>>> subject = ProtectedField("Subject", FieldProtection.ENCRYPTED, "The true one", "[...]")
>>> HeaderProtection(Protection.ENCRYPTED, (), ("Subject",), (), fields=(subject,)).show("subject")
('The true one',)
"""

from __future__ import annotations

import dataclasses
from typing import Optional

from ._words import FieldProtection, HeaderForm, Protection


@dataclasses.dataclass(frozen=True)
class FromIdentity:
    """Whom a letter says it is from. Only exactly one mailbox can be anybody's."""

    mailboxes: tuple[str, ...]
    signed: bool
    name: Optional[str] = None
    sender: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class ProtectedField:
    """One field of a letter whose header is protected: `value` is what its author wrote (None where it stands outside
    only), `outer` what stands outside, `told` what its author let stand there in its place. Escape them before you show
    them."""

    name: str
    protection: FieldProtection
    value: Optional[str] = None
    outer: Optional[str] = None
    told: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class HeaderProtection:
    """Header fields that stand under the signature as well (RFC 9788). `part` is the part whose header they are;
    `from_outer` says that another author is named inside than outside, and nothing ties a signature to him."""

    protection: Protection
    signed: tuple[str, ...]
    hidden: tuple[str, ...]
    mismatched: tuple[str, ...]
    from_outer: bool = False
    fields: tuple[ProtectedField, ...] = ()
    form: Optional[HeaderForm] = None
    part: Optional[str] = None

    def show(self, name: str) -> tuple[str, ...]:
        """What a reader is to show for the fields of that name (RFC 9788 section 4). Empty where nothing of it is
        protected."""
        outer = self.from_outer and name.lower() == "from"
        same = (field for field in self.fields if field.name.lower() == name.lower())
        shown = (field.outer if outer else field.value for field in same)
        return tuple(value for value in shown if value is not None)
