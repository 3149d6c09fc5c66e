"""The enumerations: words that are the same in the JSON."""

from __future__ import annotations

import enum
from typing import Optional


class Word(enum.Enum):
    """Enumerations that may grow: what is not known has its name and value, and equals no member."""

    @classmethod
    def _missing_(cls, value: object) -> Optional[Word]:
        if not isinstance(value, str):
            return None
        new = object.__new__(cls)
        new._name_, new._value_ = value.upper(), value
        return new

    def __str__(self) -> str:
        return str(self.value)


class Outcome(enum.Enum):
    """What a letter is worth. Only GOOD is true.

    >>> [bool(outcome) for outcome in Outcome]
    [False, True, False, False]
    >>> print(Outcome.CAUTION)
    caution
    """

    NONE = 0
    GOOD = 1
    CAUTION = 2
    BAD = 3

    def __bool__(self) -> bool:
        return self is Outcome.GOOD

    def __str__(self) -> str:
        return self.name.lower()


class Integrity(enum.Enum):
    """Whether the octets are those that were signed. Only INTACT is true.

    >>> Integrity.WEAK.holds, bool(Integrity.WEAK)
    (True, False)
    """

    UNVERIFIED = 0
    INTACT = 1
    WEAK = 2
    ALTERED = 3
    MALFORMED = 4

    @property
    def holds(self) -> bool:
        """True if the mathematics fits: intact or weak."""
        return self in (Integrity.INTACT, Integrity.WEAK)

    def __bool__(self) -> bool:
        return self is Integrity.INTACT

    def __str__(self) -> str:
        return self.name.lower()


class Trust(enum.Enum):
    """Whether anything the program trusts says who the signer is. Only TRUSTED is true.

    >>> Trust(0)
    <Trust.UNKNOWN: 0>
    """

    UNKNOWN = 0
    TRUSTED = 1
    EXPIRED = 2
    REVOKED = 3

    def __bool__(self) -> bool:
        return self is Trust.TRUSTED

    def __str__(self) -> str:
        return self.name.lower()


class Protocol(Word):
    """S/MIME or OpenPGP.

    >>> Protocol("smime")
    <Protocol.SMIME: 'smime'>
    """

    SMIME = "smime"
    OPENPGP = "openpgp"


class Severity(Word):
    """What a finding does to a verdict.

    >>> print(Severity.CAUTION)
    caution
    """

    INFO = "info"
    CAUTION = "caution"
    BAD = "bad"


class Decryption(Word):
    """What came of an encrypted layer. Why a failure is one is not said.

    >>> Decryption("opened") is Decryption.OPENED
    True
    """

    NOT_TRIED = "not_tried"
    NO_KEY = "no_key"
    FAILED = "failed"
    WITHHELD = "withheld"
    OPENED = "opened"


class RecipientKind(Word):
    """How a content key reaches its recipient.

    >>> RecipientKind("password")
    <RecipientKind.PASSWORD: 'password'>
    """

    KEY_TRANSPORT = "key_transport"
    KEY_AGREEMENT = "key_agreement"
    KEY_ENCRYPTION_KEY = "key_encryption_key"
    PASSWORD = "password"
    OTHER = "other"


class Protection(Word):
    """Whether header fields are protected (RFC 9788).

    >>> Protection("none")
    <Protection.NONE: 'none'>
    """

    NONE = "none"
    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    SIGNED_AND_ENCRYPTED = "signed_and_encrypted"


class HeaderForm(Word):
    """How protected header fields came to be in the payload.

    >>> HeaderForm("hp")
    <HeaderForm.HP: 'hp'>
    """

    HP = "hp"
    PROTECTED_HEADERS = "protected_headers"
    MESSAGE_RFC822 = "message_rfc822"


class FieldProtection(Word):
    """What protects one header field (RFC 9788 section 4.3).

    >>> FieldProtection("signed")
    <FieldProtection.SIGNED: 'signed'>
    """

    UNPROTECTED = "unprotected"
    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    SIGNED_AND_ENCRYPTED = "signed_and_encrypted"


class Assurance(Word):
    """What a certificate authority says it checked (CA/Browser Forum S/MIME Baseline Requirements 7.1.6.1).

    >>> Assurance("mailbox")
    <Assurance.MAILBOX: 'mailbox'>
    """

    MAILBOX = "mailbox"
    INDIVIDUAL = "individual"
    SPONSOR = "sponsor"
    ORGANIZATION = "organization"


class Generation(Word):
    """By which rules it did so.

    >>> Generation("strict")
    <Generation.STRICT: 'strict'>
    """

    LEGACY = "legacy"
    MULTIPURPOSE = "multipurpose"
    STRICT = "strict"


class FetchPurpose(Word):
    """What something is fetched for.

    >>> FetchPurpose("tomorrow's").name
    "TOMORROW'S"
    """

    AIA = "aia"
    CRL = "crl"
    OCSP = "ocsp"
    WKD = "wkd"


class Source(Word):
    """Where a certificate came from. None is better than another: what it proves is checked.

    >>> Source("letter")
    <Source.LETTER: 'letter'>
    """

    CALLER = "caller"
    LETTER = "letter"
    KNOWN = "known"
    FETCHED = "fetched"


class DomainResult(Word):
    """The words of RFC 8601 for what was found out about a sending domain.

    >>> print(DomainResult.TEMPERROR)
    temperror
    """

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Relation(Word):
    """How two identities agree."""

    SAME_ADDRESS = "same_address"
    SAME_DOMAIN = "same_domain"
    OTHER_DOMAIN = "other_domain"


class WhoseTrust(Word):
    """Whose trust a letter was judged by: that of the archive, or of who checks it.

    >>> WhoseTrust("archive")
    <WhoseTrust.ARCHIVE: 'archive'>
    """

    ARCHIVE = "archive"
    YOURS = "yours"
