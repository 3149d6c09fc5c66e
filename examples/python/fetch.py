"""Fetches letters, opens them and says what they are worth: fetch.py SERVER ANCHORS[,ANCHORS...] [KEY...]

SERVER is imaps://HOST[:993] or pop3s://HOST[:995], TLS from the first octet (RFC 8314). Login and password are those of HOST in
~/.netrc, or in the file that NETRC names. What is signed or was decrypted goes to letter-1.eml and so on; all letters stay on the
server. Exit status: 0 all good, 1 others, 2 could not look.
"""

import getpass
import imaplib
import netrc
import os
import poplib
import ssl
import sys
import time
from collections.abc import Iterator
from typing import Optional
from urllib.parse import urlsplit

import mailseal


def ask(request: mailseal.PasswordRequest) -> Optional[str]:
    return getpass.getpass(f"Password of {request.subject}: ") if sys.stdin.isatty() else None


def fetch(server: str) -> Iterator[bytes]:
    """Each letter as it is stored. A server that has not proved its name over TLS is told neither login nor password."""
    url, tls = urlsplit(server), ssl.create_default_context()
    host = url.hostname or ""
    found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    if found is None:
        raise ValueError(f"no login for {host}")
    login, password = found[0], found[2] or ""
    if url.scheme == "imaps":
        with imaplib.IMAP4_SSL(host, url.port or 993, ssl_context=tls, timeout=60) as imap:
            imap.login(login, password)
            imap.select("INBOX", readonly=True)
            for number in imap.search(None, "ALL")[1][0].split():
                answer = imap.fetch(number.decode(), "(BODY.PEEK[])")[1]
                yield next(part[1] for part in answer if isinstance(part, tuple))
    elif url.scheme == "pop3s":
        pop = poplib.POP3_SSL(host, url.port or 995, timeout=60, context=tls)
        pop.user(login)
        pop.pass_(password)
        for number in range(1, pop.stat()[0] + 1):
            yield b"".join(line + b"\r\n" for line in pop.retr(number)[1])
        pop.quit()
    else:
        raise ValueError(f"{server} is neither imaps:// nor pop3s://")


def main() -> int:
    if len(sys.argv) < 3:
        print("usage: fetch.py SERVER ANCHORS[,ANCHORS...] [KEY...]", file=sys.stderr)
        return 2
    server, anchors, *keys = sys.argv[1:]
    policy, others = mailseal.Policy.standard(), 0
    try:
        trust = mailseal.TrustStore()
        for path in anchors.split(","):
            trust = trust.add_anchors(path, scope="any")
        opener = mailseal.Opener(mailseal.Context(trust))
        for path in keys:
            opener = opener.key(mailseal.Key.load(path, ask))
        for number, letter in enumerate(fetch(server), 1):
            opened = opener.open(letter, at=time.time())
            verdict = policy.judge(opened.report)
            others += verdict.outcome is not mailseal.Outcome.GOOD
            print(f"letter {number}\n{verdict.text(opened.report)}")
            if opened.payload:
                opened.payload.save(f"letter-{number}.eml")
    except (mailseal.Error, OSError, ValueError, netrc.NetrcParseError, imaplib.IMAP4.error, poplib.error_proto) as error:
        print(f"could not look: {error}", file=sys.stderr)
        return 2
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
