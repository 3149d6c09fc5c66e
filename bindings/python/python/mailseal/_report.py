"""What was seen in a letter, as dataclasses: the names are those of the JSON.

`from` and `for` are words of Python: they are called `from_` and `address`. Lists are tuples, times are datetimes in UTC.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Optional, Union

from ._mailseal import _Seen, codes
from ._read import read, tagged, time

if typing.TYPE_CHECKING:
    from ._mailseal import Certificate, Verdict


class _Word(enum.Enum):
    """Enumerations that may grow: what is not known has its name and value, and equals no member."""

    @classmethod
    def _missing_(cls, value: object) -> Optional[_Word]:
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


class Protocol(_Word):
    """S/MIME or OpenPGP.

    >>> Protocol("smime")
    <Protocol.SMIME: 'smime'>
    """

    SMIME = "smime"
    OPENPGP = "openpgp"


class Severity(_Word):
    """What a finding does to a verdict.

    >>> print(Severity.CAUTION)
    caution
    """

    INFO = "info"
    CAUTION = "caution"
    BAD = "bad"


class Decryption(_Word):
    """What came of an encrypted layer. Why a failure is one is not said.

    >>> Decryption("opened") is Decryption.OPENED
    True
    """

    NOT_TRIED = "not_tried"
    NO_KEY = "no_key"
    FAILED = "failed"
    WITHHELD = "withheld"
    OPENED = "opened"


class RecipientKind(_Word):
    """How a content key reaches its recipient.

    >>> RecipientKind("password")
    <RecipientKind.PASSWORD: 'password'>
    """

    KEY_TRANSPORT = "key_transport"
    KEY_AGREEMENT = "key_agreement"
    KEY_ENCRYPTION_KEY = "key_encryption_key"
    PASSWORD = "password"
    OTHER = "other"


class Protection(_Word):
    """Whether header fields are protected (RFC 9788).

    >>> Protection("none")
    <Protection.NONE: 'none'>
    """

    NONE = "none"
    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    SIGNED_AND_ENCRYPTED = "signed_and_encrypted"


class HeaderForm(_Word):
    """How protected header fields came to be in the payload.

    >>> HeaderForm("hp")
    <HeaderForm.HP: 'hp'>
    """

    HP = "hp"
    PROTECTED_HEADERS = "protected_headers"
    MESSAGE_RFC822 = "message_rfc822"


class FieldProtection(_Word):
    """What protects one header field (RFC 9788 section 4.3).

    >>> FieldProtection("signed")
    <FieldProtection.SIGNED: 'signed'>
    """

    UNPROTECTED = "unprotected"
    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    SIGNED_AND_ENCRYPTED = "signed_and_encrypted"


class Assurance(_Word):
    """What a certificate authority says it checked (CA/Browser Forum S/MIME Baseline Requirements 7.1.6.1).

    >>> Assurance("mailbox")
    <Assurance.MAILBOX: 'mailbox'>
    """

    MAILBOX = "mailbox"
    INDIVIDUAL = "individual"
    SPONSOR = "sponsor"
    ORGANIZATION = "organization"


class Generation(_Word):
    """By which rules it did so.

    >>> Generation("strict")
    <Generation.STRICT: 'strict'>
    """

    LEGACY = "legacy"
    MULTIPURPOSE = "multipurpose"
    STRICT = "strict"


class FetchPurpose(_Word):
    """What something is fetched for.

    >>> FetchPurpose("tomorrow's").name
    "TOMORROW'S"
    """

    AIA = "aia"
    CRL = "crl"
    OCSP = "ocsp"
    WKD = "wkd"


class Source(_Word):
    """Where a certificate came from. None is better than another: what it proves is checked.

    >>> Source("letter")
    <Source.LETTER: 'letter'>
    """

    CALLER = "caller"
    LETTER = "letter"
    KNOWN = "known"
    FETCHED = "fetched"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One observation: `code` is a key of CODES and never changes, `detail` words of the letter, not escaped."""

    code: str
    severity: Severity
    part: str
    detail: Optional[str] = None


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
class Algorithms:
    """What a signature was made with."""

    signature: str
    digest: Optional[str] = None
    key_bits: Optional[int] = None


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


def _hidden(json: str, default: Any) -> Any:
    return dataclasses.field(default=default, repr=False, compare=False, metadata={"json": json})


class _Spoken:
    _texts: Optional[Mapping[str, str]]

    def text(self, language: str = "en") -> str:
        """In words, `en` or `ja`; escaped."""
        primary = language.replace("_", "-").split("-")[0].lower()
        texts = self._texts or {}
        return texts.get(primary) or texts.get("en", "")

    def __str__(self) -> str:
        return self.text()


@dataclasses.dataclass(frozen=True)
class Step(_Spoken):
    """One certificate of a path; `str` says it in words. `url` is where it was fetched from."""

    name: str
    fingerprint: str
    not_before: Optional[datetime.datetime]
    not_after: Optional[datetime.datetime]
    source: Source
    checks: tuple[Check, ...]
    url: Optional[str] = None
    _texts: Optional[Mapping[str, str]] = _hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class CertificationPath(_Spoken):
    """X.509: a certification path (RFC 5280 section 6) for an address, the anchor first."""

    kind: Literal["certification_path"]
    address: str = dataclasses.field(metadata={"json": "for"})
    anchor: str
    scope: str
    steps: tuple[Step, ...]
    revocation: Revocation
    _texts: Optional[Mapping[str, str]] = _hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class Direct(_Spoken):
    """A certificate that the program gave as an anchor itself."""

    kind: Literal["direct"]
    address: str = dataclasses.field(metadata={"json": "for"})
    scope: str
    steps: tuple[Step, ...]
    _texts: Optional[Mapping[str, str]] = _hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class Pinned(_Spoken):
    """A certificate that the program tied to the address by its fingerprint."""

    kind: Literal["pinned"]
    address: str = dataclasses.field(metadata={"json": "for"})
    steps: tuple[Step, ...]
    _texts: Optional[Mapping[str, str]] = _hidden("texts", None)


@dataclasses.dataclass(frozen=True)
class WebOfTrust(_Spoken):
    """OpenPGP: certifications from one of the program's roots; `amount` is what this path adds, of 120."""

    kind: Literal["web_of_trust"]
    address: str = dataclasses.field(metadata={"json": "for"})
    scope: str
    amount: int
    steps: tuple[Step, ...]
    _texts: Optional[Mapping[str, str]] = _hidden("texts", None)


Evidence = Union[CertificationPath, Direct, Pinned, WebOfTrust]


@dataclasses.dataclass(frozen=True)
class RejectedPath:
    """A path that was tried and did not hold: `code` is stable, `reason` is in words."""

    steps: tuple[Step, ...]
    code: str
    reason: str


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
    _text: str = _hidden("text", "")

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
    _text: str = _hidden("text", "")

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
    _text: str = _hidden("text", "")

    def __str__(self) -> str:
        return self._text


Layer = Union[SignedLayer, EncryptedLayer, CompressedLayer]


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


class DomainResult(_Word):
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


class Relation(_Word):
    """How two identities agree."""

    SAME_ADDRESS = "same_address"
    SAME_DOMAIN = "same_domain"
    OTHER_DOMAIN = "other_domain"


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


@dataclasses.dataclass(frozen=True)
class MadeKey:
    """A new key. `key` is a file of it: an OpenPGP secret key in armor; of S/MIME, PKCS #12 with the certificate that it
    signed itself, or PEM until an authority has answered `request` (PKCS #10). `certificate` is given away; `revocation`,
    the certificate as revoked, is kept in a safe place until the key is lost."""

    key: bytes = dataclasses.field(repr=False)
    certificate: Optional[Certificate]
    request: Optional[bytes]
    revocation: Optional[bytes]


class WhoseTrust(_Word):
    """Whose trust a letter was judged by: that of the archive, or of who checks it.

    >>> WhoseTrust("archive")
    <WhoseTrust.ARCHIVE: 'archive'>
    """

    ARCHIVE = "archive"
    YOURS = "yours"


@dataclasses.dataclass(frozen=True)
class Checked:
    """What came of judging the letter of an archive again; in an `if` it is a TypeError. `differences` says in words what is not as it was; where the
    archive was changed nothing is judged, and `report` and `verdict` are None."""

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


CODES: Mapping[str, Severity] = types.MappingProxyType({code: Severity(severity) for code, severity in codes().items()})
"""All codes of findings, each with its severity; they never change."""

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
