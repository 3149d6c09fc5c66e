"""Letters of Python's own mail package."""

from __future__ import annotations

import email
import email.message
import email.policy
from typing import Any


def octets(message: email.message.Message[Any, Any]) -> bytes:
    """A draft, written out once. What it was parsed from stays as it is: no header field is folded anew, no `From ` at
    the beginning of a line changed, no part encoded again. So a signed letter inside it stays signed.

    >>> octets(email.message_from_bytes(b"From: a@b.example\\n\\nFrom here on\\n"))
    b'From: a@b.example\\r\\n\\r\\nFrom here on\\r\\n'
    """
    policy = message.policy.clone(linesep="\r\n", mangle_from_=False, cte_type="8bit")
    if isinstance(policy, email.policy.EmailPolicy):
        policy = policy.clone(refold_source="none")
    return message.as_bytes(policy=policy)


def message(octets: bytes) -> email.message.EmailMessage:
    """Octets, parsed.

    >>> message(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\\r\\n\\r\\n")["Subject"]
    'Grüße'
    """
    return email.message_from_bytes(octets, policy=email.policy.default)
