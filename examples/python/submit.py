"""Signs a draft and submits it: submit.py SERVER KEY DRAFT [ANCHORS CERTIFICATES]. With the last two it is encrypted as well.

SERVER is submissions://HOST[:465], TLS from the first octet, or submission://HOST[:587], STARTTLS (RFC 8314). Login and password
are those of HOST in ~/.netrc, or in the file that NETRC names. Exit status: 0 taken for all, 1 not for some, 2 nothing was sent.
"""

import email
import email.utils
import getpass
import netrc
import os
import pathlib
import smtplib
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Optional
from urllib.parse import urlsplit

import mailseal


def ask(request: mailseal.PasswordRequest) -> Optional[str]:
    return getpass.getpass(f"Password of {request.subject}: ") if sys.stdin.isatty() else None


def letters(key: mailseal.Key, draft: bytes, files: Sequence[str]) -> Iterator[tuple[Sequence[str], bytes]]:
    """What is sent to whom. People who read with different protocols, and each Bcc, get letters of their own."""
    trust, now = mailseal.TrustStore(), time.time()
    if files:
        anchors, certificates = files
        cx = mailseal.Context(trust.add_anchors(anchors, scope="any"), certificates=certificates)
        for group in mailseal.Plan(cx, draft, mailseal.Policy.standard(), at=now).groups():
            yield group.mailboxes, mailseal.Composer(cx).sign(key).encrypt(group).compose(draft, at=now)
    else:
        head = email.message_from_bytes(draft)
        fields = [value for name in ("To", "Cc", "Bcc") for value in head.get_all(name, [])]
        people = [mailbox for _, mailbox in email.utils.getaddresses(fields)]
        yield people, mailseal.Composer(mailseal.Context(trust)).sign(key).compose(draft, at=now)


def connect(server: str) -> smtplib.SMTP:
    """Logged in, over TLS, with a server that has proved its name. Any other is told neither login nor password."""
    url, tls = urlsplit(server), ssl.create_default_context()
    host = url.hostname or ""
    found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    if found is None or url.scheme not in ("submissions", "submission"):
        raise ValueError(f"no login for {host}" if found is None else f"{server} is neither submissions:// nor submission://")
    if url.scheme == "submissions":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=60, context=tls)
    else:
        smtp = smtplib.SMTP(host, url.port or 587, timeout=60)
        smtp.starttls(context=tls)  # raises where it is not offered: there is no going on without
    smtp.login(found[0], found[2] or "")
    return smtp


def main() -> int:
    if len(sys.argv) not in (4, 6):
        print("usage: submit.py SERVER KEY DRAFT [ANCHORS CERTIFICATES]", file=sys.stderr)
        return 2
    server, path, draft, *files = sys.argv[1:]
    try:
        key = mailseal.Key.load(path, ask)
        [sender, *_] = key.addresses(at=time.time())
        ready = list(letters(key, pathlib.Path(draft).read_bytes(), files))  # all of them, before one is sent
        smtp = connect(server)
    except (mailseal.Error, OSError, ValueError, netrc.NetrcParseError) as error:
        print(f"nothing was sent: {error}", file=sys.stderr)
        return 2
    refused: dict[str, object] = {}
    with smtp:
        for people, letter in ready:
            try:
                refused.update(smtp.sendmail(sender, people, letter))  # octets: nothing is encoded anew
            except OSError as error:
                refused.update(dict.fromkeys(people, error))
    for mailbox, why in refused.items():
        print(f"{mailbox}: {why}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
