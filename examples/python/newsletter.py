"""Signs a personalised letter for each recipient, with one key, and sends them: newsletter.py KEY PASSWORD SERVER[:PORT] < list

Each line of the list: ADDRESS, a tab, NAME. From is the address of the key. Exit status: 0 all were taken by the server,
1 some were not, 2 nothing was sent.
"""

import concurrent.futures
import email.message
import email.utils
import smtplib
import sys
import threading
import time

import mailseal

WORKERS = 8
connections = threading.local()


def draft(sender: str, mailbox: str, name: str) -> email.message.EmailMessage:
    message = email.message.EmailMessage()
    message["From"], message["To"] = sender, email.utils.formataddr((name, mailbox))
    message["Subject"] = f"{name}, the parcel leaves on Monday"
    message["Date"], message["Message-ID"] = email.utils.localtime(), email.utils.make_msgid(domain=sender.split("@")[1])
    message.set_content(f"Dear {name},\n\nyour parcel leaves on Monday.\n")
    message.add_alternative(f"<p>Dear {name},</p><p>your parcel leaves on <b>Monday</b>.</p>", subtype="html")
    return message


def send(server: str, sender: str, mailbox: str, letter: bytes) -> None:
    """One connection for each thread. A letter is signed for the octets it has: nothing is encoded anew on the way."""
    if not hasattr(connections, "smtp"):
        connections.smtp = smtplib.SMTP(server)  # starttls() and login() where the server wants them
    connections.smtp.sendmail(sender, mailbox, letter)


def main() -> int:
    if len(sys.argv) != 4:
        print("usage: newsletter.py KEY PASSWORD SERVER[:PORT] < list", file=sys.stderr)
        return 2
    path, password, server = sys.argv[1:]
    try:
        key = mailseal.Key.load(path, password)  # unlocked once
        [sender, *_] = key.addresses(at=time.time())
        composer = mailseal.Composer(mailseal.Context(mailseal.TrustStore())).sign(key)
    except (mailseal.Error, ValueError) as error:
        print(f"nothing was sent: {error}", file=sys.stderr)
        return 2

    def one(mailbox: str, name: str) -> None:
        send(server, sender, mailbox, composer.compose(draft(sender, mailbox, name), at=time.time()))

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        people = [line.rstrip("\n").split("\t", 1) for line in sys.stdin if "\t" in line]
        for (mailbox, _), done in [(person, pool.submit(one, *person)) for person in people]:
            try:
                done.result()
            except (mailseal.Error, smtplib.SMTPException, OSError) as error:
                failed += 1
                print(f"{mailbox}: {error}", file=sys.stderr)
    print(f"{len(people) - failed} sent, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
