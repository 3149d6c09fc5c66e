"""Seals and opens mail end to end: S/MIME and PGP/MIME behind one set of types.

- `Composer` signs a finished letter with a `Key`, and encrypts it to the groups of a `Plan`.
- `Opener` decrypts a letter and looks at it. What was seen is the `Report`; what that is worth, a `Policy` says in a
  `Verdict`; and `Opened.require` gives the letter to a program that names the sender it expects, or None.
- `TrustStore` holds whom the program trusts; `Context` joins it with all else that calls may know and use.

>>> import mailseal
>>> trust = mailseal.TrustStore().add_anchors("examples/letters/openssl-ca.pem", scope="*@example.com")
>>> opened = mailseal.Opener(mailseal.Context(trust)).open("examples/letters/openssl.eml", at=1_800_000_000)
>>> policy = mailseal.Policy.standard()
>>> policy.judge(opened.report).outcome
<Outcome.GOOD: 1>
>>> opened.require(policy, "alice@example.com")
<mailseal.Verified from alice@example.com>
>>> opened.require(policy, "mallory@example.com") is None
True

`mailseal.Error` says "could not look". A bad signature, an expired certificate, an unknown signer are data in the report.
`TypeError` and `ValueError` say that the program is wrong. Time is an argument: no clock, network, environment or global
is read.

Exceptions in functions that the program gave (passwords, fetchers, sources, keys elsewhere, file objects): the function counts as
having declined, as being unavailable or broken. If the call fails for that, the exception is the `__cause__` of its
`Error`; if the call succeeds all the same, `sys.unraisablehook` is told. `KeyboardInterrupt` and `SystemExit` are raised
by the call.
"""

from ._domain import (
    Agreement,
    ArcEvidence,
    DkimEvidence,
    DmarcEvidence,
    DomainEvidence,
    DomainSource,
    Hop,
    SpfEvidence,
    Transport,
)
from ._errors import Error, FetchRequest, KeyHint, KeyUse, PasswordRequest, Unreachable, UnreachablePerson
from ._evidence import (
    CertificateSummary,
    CertificationPath,
    Check,
    Direct,
    Evidence,
    Pinned,
    Qualified,
    RejectedPath,
    Revocation,
    SignerIdentity,
    Step,
    WebOfTrust,
)
from ._headers import FromIdentity, HeaderProtection, ProtectedField
from ._layers import (
    Algorithms,
    CompressedLayer,
    Coverage,
    EncryptedLayer,
    Finding,
    Layer,
    OpenedBy,
    Recipient,
    Signature,
    SignedLayer,
)
from ._mailseal import (
    EMAIL_ROOTS_AS_OF,
    Cancel,
    Certificate,
    Comparison,
    Composer,
    Context,
    Diagnosis,
    Dispatch,
    DkimSigner,
    DomainCheck,
    EvidenceArchive,
    EvidenceRecord,
    GnupgHome,
    Group,
    HttpFetcher,
    Key,
    Mailbox,
    Memory,
    Opened,
    Opener,
    Payload,
    Plan,
    Policy,
    Preflight,
    PreparedLetter,
    SharedKey,
    StoredMessage,
    TrustStore,
    Verdict,
    Verified,
    compare,
    diagnose,
    preflight,
)
from ._mailseal import VERSION as _VERSION
from ._people import Claim, Correspondent, KnownSigner, Pin
from ._report import CODES, PartSummary, Reason, Report, UncoveredPart, Want
from ._results import Checked, MadeKey
from ._words import (
    Assurance,
    Decryption,
    DomainResult,
    FetchPurpose,
    FieldProtection,
    Generation,
    HeaderForm,
    Integrity,
    Outcome,
    Protection,
    Protocol,
    RecipientKind,
    Relation,
    Severity,
    Source,
    Trust,
    WhoseTrust,
)

__all__ = [
    "Agreement",
    "Algorithms",
    "ArcEvidence",
    "Assurance",
    "CODES",
    "Cancel",
    "Certificate",
    "CertificateSummary",
    "CertificationPath",
    "Check",
    "Checked",
    "Claim",
    "Comparison",
    "Composer",
    "CompressedLayer",
    "Context",
    "Correspondent",
    "Coverage",
    "Decryption",
    "Diagnosis",
    "Direct",
    "Dispatch",
    "DkimEvidence",
    "DkimSigner",
    "DmarcEvidence",
    "DomainCheck",
    "DomainEvidence",
    "DomainResult",
    "DomainSource",
    "EMAIL_ROOTS_AS_OF",
    "EncryptedLayer",
    "Error",
    "Evidence",
    "EvidenceArchive",
    "EvidenceRecord",
    "FetchPurpose",
    "FetchRequest",
    "FieldProtection",
    "Finding",
    "FromIdentity",
    "Generation",
    "GnupgHome",
    "Group",
    "HeaderForm",
    "HeaderProtection",
    "Hop",
    "HttpFetcher",
    "Integrity",
    "Key",
    "KeyHint",
    "KeyUse",
    "KnownSigner",
    "Layer",
    "MadeKey",
    "Mailbox",
    "Memory",
    "Opened",
    "OpenedBy",
    "Opener",
    "Outcome",
    "PartSummary",
    "PasswordRequest",
    "Payload",
    "Pin",
    "Pinned",
    "Plan",
    "Policy",
    "Preflight",
    "PreparedLetter",
    "ProtectedField",
    "Protection",
    "Protocol",
    "Qualified",
    "Reason",
    "Recipient",
    "RecipientKind",
    "RejectedPath",
    "Relation",
    "Report",
    "Revocation",
    "Severity",
    "SharedKey",
    "Signature",
    "SignedLayer",
    "SignerIdentity",
    "Source",
    "SpfEvidence",
    "Step",
    "StoredMessage",
    "Transport",
    "Trust",
    "TrustStore",
    "UncoveredPart",
    "Unreachable",
    "UnreachablePerson",
    "Verdict",
    "Verified",
    "Want",
    "WebOfTrust",
    "WhoseTrust",
    "compare",
    "diagnose",
    "preflight",
]

__version__ = _VERSION

for _class in (Error, Unreachable):
    _class.__module__ = __name__  # where programs find it, and what a traceback shows
del _class
