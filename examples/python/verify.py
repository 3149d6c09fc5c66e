"""Says who signed a letter: verify.py ANCHORS MESSAGE

Exit status: 0 good, 1 any other verdict, 2 could not look.
"""

import sys
import time

import mailseal


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: verify.py ANCHORS MESSAGE", file=sys.stderr)
        return 2
    anchors, message = sys.argv[1:]
    try:
        trust = mailseal.TrustStore().add_anchors(anchors, scope="any")
        opened = mailseal.Opener(mailseal.Context(trust)).open(message, at=time.time())
    except mailseal.Error as error:
        print(f"could not look: {error}", file=sys.stderr)
        return 2

    verdict = mailseal.Policy.standard().judge(opened.report)
    print(verdict.text(opened.report))
    for signature in opened.report.signatures:
        if signature.signer:
            print(f"{signature.integrity} by {signature.signer.mailbox}")
    return 0 if verdict.outcome is mailseal.Outcome.GOOD else 1


if __name__ == "__main__":
    sys.exit(main())
