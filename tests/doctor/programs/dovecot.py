"""What Dovecot does to a letter: standard input to standard output. Its programs are run alone, in a folder of their own.

Arguments: `binary`: put in by IMAP and fetched decoded (RFC 3516); `catenate`: put together anew by IMAP without its
signature (RFC 4469); `filter COMMAND`: by Pigeonhole's vnd.dovecot.filter, through a command; `sieve SCRIPT`.
"""

import os
import pwd
import re
import shlex
import subprocess
import sys
import tempfile

CONFIGURATION = """base_dir = {0}/run
state_dir = {0}/run
log_path = {0}/log
protocols = imap
ssl = no
first_valid_uid = {1}
mail_location = maildir:{0}/mail
plugin {{
  sieve_extensions = +editheader
  sieve_plugins = sieve_extprograms
  sieve_global_extensions = +vnd.dovecot.filter
  sieve_filter_bin_dir = {0}/bin
}}
"""


class Dovecot:
    def __init__(self, folder):
        self.folder = folder
        # Its programs refuse to work as root.
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.user = user
        for name in ("run", "bin", "mail", "mail/cur", "mail/new", "mail/tmp"):
            os.mkdir(os.path.join(folder, name))
        with open(self.path("conf"), "w") as file:
            file.write(CONFIGURATION.format(folder, user.pw_uid))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, octets, mode=0o644):
        with open(self.path(name), "wb") as file:
            file.write(octets)
        os.chmod(self.path(name), mode)

    def run(self, *command, given=b""):
        if os.geteuid() == 0:
            for top, _, names in os.walk(self.folder):
                for name in (".", *names):
                    os.chown(os.path.join(top, name), self.user.pw_uid, self.user.pw_gid)
        environment = {"USER": self.user.pw_name, "HOME": self.folder, "PATH": os.environ["PATH"]}
        as_root = os.geteuid() == 0
        ids = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if as_root else {}
        ran = subprocess.run(
            command, input=given, stdout=subprocess.PIPE, env=environment, cwd=self.folder, timeout=60, check=True, **ids
        )
        return ran.stdout

    def imap(self, *lines):
        return self.run("doveadm", "-c", self.path("conf"), "exec", "imap", given=b"".join(lines))

    def sieve(self, letter, script):
        self.write("mail/cur/1.m1.test:2,", letter)
        self.write("script.sieve", script.encode())
        self.run("sieve-filter", "-c", self.path("conf"), "-e", "-W", self.path("script.sieve"), "INBOX", "keep")
        names = [os.path.join(self.path(box), name) for box in ("mail/cur", "mail/new") for name in os.listdir(self.path(box))]
        if len(names) != 1:
            raise SystemExit("Pigeonhole left %d letters" % len(names))
        with open(names[0], "rb") as file:
            return file.read()


def literal(answer, name):
    found = re.search(re.escape(name) + rb" ~?\{(\d+)\}\r\n", answer)
    if not found:
        raise SystemExit(answer[-300:].decode("ascii", "replace"))
    return answer[found.end() : found.end() + int(found.group(1))]


def append(letter):
    return b"a APPEND INBOX {%d+}\r\n" % len(letter) + letter + b"\r\nb SELECT INBOX\r\n"


def binary(dovecot, letter):
    return literal(dovecot.imap(append(letter), b"c FETCH 1 BINARY[]\r\nd LOGOUT\r\n"), b"BINARY[]")


def catenate(dovecot, letter):
    """As clients do that take parts away and leave the rest where it is."""
    boundary = re.search(rb'boundary="([^"]+)"', letter).group(1)
    start, end = b"--" + boundary + b"\r\n", b"\r\n--" + boundary + b"--\r\n"
    text = lambda octets: b"TEXT {%d+}\r\n" % len(octets) + octets
    url = lambda section: b'URL "/INBOX/;UID=1/;SECTION=' + section + b'"'
    pieces = [url(b"HEADER"), text(start), url(b"1.MIME"), url(b"1"), text(end)]
    dovecot.imap(append(letter), b"c APPEND INBOX CATENATE (" + b" ".join(pieces) + b")\r\nd LOGOUT\r\n")
    return literal(dovecot.imap(b"e SELECT INBOX\r\nf FETCH 2 BODY[]\r\ng LOGOUT\r\n"), b"BODY[]")


def filtered(dovecot, letter):
    command = "#!/bin/sh\nexec %s\n" % " ".join(shlex.quote(word) for word in sys.argv[2:])
    dovecot.write("bin/gateway", command.encode(), 0o755)
    return dovecot.sieve(letter, 'require ["vnd.dovecot.filter"];\nfilter "gateway";\n')


def main():
    letter = sys.stdin.buffer.read()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        dovecot = Dovecot(folder)
        verbs = {
            "binary": lambda: binary(dovecot, letter),
            "catenate": lambda: catenate(dovecot, letter),
            "filter": lambda: filtered(dovecot, letter),
            "sieve": lambda: dovecot.sieve(letter, sys.argv[2]),
        }
        sys.stdout.buffer.write(verbs[sys.argv[1]]())


if __name__ == "__main__":
    main()
