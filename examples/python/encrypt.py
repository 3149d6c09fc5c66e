"""Encrypts a draft to all its recipients: encrypt.py ANCHORS CERTIFICATES DRAFT"""

import sys
import time

import mailseal


def main() -> int:
    if len(sys.argv) != 4:
        print("usage: encrypt.py ANCHORS CERTIFICATES DRAFT", file=sys.stderr)
        return 2
    anchors, certificates, draft = sys.argv[1:]
    now = time.time()
    try:
        # Finding a certificate is not trusting it. An anchor is an authority, or a person's own certificate.
        trust = mailseal.TrustStore().add_anchors(anchors, scope="any")
        cx = mailseal.Context(trust, certificates=certificates)

        # Whoever is written to has to be believed by the same policy that judges incoming mail.
        plan = mailseal.Plan(cx, draft, mailseal.Policy.standard(), at=now)
        print(plan)

        # Raises Unreachable while anybody is. People of one protocol share a letter; each Bcc has one alone.
        composer = mailseal.Composer(cx)  # .sign(key): once for each protocol
        for number, group in enumerate(plan.groups()):
            path = f"letter-{number}.eml"
            composer.encrypt(group).save(draft, path, at=now)
            for who in group.mailboxes:
                print(f"{path} goes to {who}")
    except mailseal.Error as error:
        print(f"not encrypted: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
