"""Whom to believe, for what, and why: trust.py, or trust.py MESSAGE"""

import pathlib
import sys
import time

import mailseal

LETTERS = pathlib.Path(__file__).resolve().parents[1] / "letters"


def opener() -> mailseal.Opener:
    """Trusts an authority within its scope, another one for all, one person by the fingerprint that she read out, and
    whom one's friends have certified."""
    folder = LETTERS / "pgp.cert.d"  # candidates; finding is not trusting
    friend = mailseal.Certificate.load(folder / "trust-root")[0]
    carol = mailseal.Certificate.load(LETTERS / "gpg-carol.asc")[0]
    trust = (
        mailseal.TrustStore()
        .add_anchors(LETTERS / "openssl-ca.pem", scope="*@example.com until=2040-12-31")
        .add_anchors(LETTERS / "strict-ca.pem", scope="any for=sign")
        .add_web_of_trust_root(friend.fingerprint, amount=120)  # 120 is full (RFC 9580 section 5.2.3.21)
        .pin("carol@example.net", carol.fingerprint)
    )
    cx = mailseal.Context(trust, certificates=[folder, carol], revocations=LETTERS / "strict-ca.crl")
    return mailseal.Opener(cx)


def explain(recipe: mailseal.Opener, letter: pathlib.Path) -> None:
    report = recipe.open(letter, at=time.time()).report
    print(f"── {letter}: {mailseal.Policy.standard().judge(report).outcome}")
    for signature in report.signatures:
        for evidence in signature.evidence:
            print(evidence, *evidence.steps, sep="\n  ")  # evidence.text("ja") for Japanese
        for path in signature.rejected:
            print(f"not believed: {path.reason!a} ({path.code})")
        for finding in signature.findings:
            print(f"found: {finding.code}")
    for want in report.wants:
        print(f"not fetched: {want.url}")
    print()


def main() -> int:
    names = sys.argv[1:] or ["openssl.eml", "gpg.eml", "gpg-introduced.eml", "eve-revoked.eml"]
    try:
        recipe = opener()
        for name in names:
            explain(recipe, LETTERS / name if len(sys.argv) == 1 else pathlib.Path(name))
    except mailseal.Error as error:
        print(f"could not look: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
