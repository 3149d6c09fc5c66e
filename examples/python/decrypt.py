"""Opens an encrypted letter: decrypt.py MESSAGE KEY..."""

import getpass
import sys
import time
from typing import Optional

import mailseal


def ask(request: mailseal.PasswordRequest) -> Optional[str]:
    """None gives up."""
    if request.attempt == 3 or not sys.stdin.isatty():
        return None
    return getpass.getpass(f"Password of {request.subject}: ")


def main() -> int:
    if len(sys.argv) < 2:
        print("usage: decrypt.py MESSAGE KEY...", file=sys.stderr)
        return 2
    message, *keys = sys.argv[1:]
    try:
        # Give every key that the user ever had, of either kind. The password is asked for when it is needed.
        opener = mailseal.Opener(mailseal.Context(mailseal.TrustStore())).password(ask)
        for path in keys:
            opener = opener.key(mailseal.Key.load(path, ask))
        opened = opener.open(message, at=time.time())
        for layer in opened.report.layers:
            print(layer)
        if opened.payload:
            # All of it, or no file: nothing comes out of a letter that was changed on its way.
            opened.payload.save("letter.eml")
        else:
            print("not decrypted")
    except mailseal.Error as error:
        print(f"could not look: {error}", file=sys.stderr)
        return 2
    # Who wrote it is another question.
    print(mailseal.Policy.standard().judge(opened.report).text(opened.report))
    return 0 if opened.payload else 1


if __name__ == "__main__":
    sys.exit(main())
