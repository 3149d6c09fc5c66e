"""Signs a finished letter: sign.py KEY [PASSWORD] < draft.eml > signed.eml"""

import sys
import time

import mailseal


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print("usage: sign.py KEY [PASSWORD] < draft.eml", file=sys.stderr)
        return 2
    path, *password = sys.argv[1:]
    try:
        # PKCS #12, PEM or an OpenPGP secret key: what the key is decides the protocol.
        key = mailseal.Key.load(path, password[0] if password else None)
        composer = mailseal.Composer(mailseal.Context(mailseal.TrustStore())).sign(key)
        letter = composer.compose(sys.stdin.buffer, at=time.time())
    except mailseal.Error as error:
        print(f"not signed: {error}", file=sys.stderr)
        return 2
    sys.stdout.buffer.write(letter)
    return 0


if __name__ == "__main__":
    sys.exit(main())
