"""A letter through a list of mlmmj: standard input to standard output, what the list's relay was given.

Arguments: lines for files of the list's control folder, as `name=line`; a name again is a line more.
"""

import os
import socket
import subprocess
import sys
import tempfile

FOLDERS = (
    "incoming queue queue/discarded archive text subconf unsubconf bounce control moderation requeue "
    "subscribers.d digesters.d nomailsubs.d"
)


def folder_of_list(path, port, settings):
    for name in FOLDERS.split():
        os.makedirs(os.path.join(path, name))
    control = {
        "listaddress": "papers@lists.example.org\n",
        "owner": "owner@lists.example.org\n",
        "relayhost": "127.0.0.1\n",
        "smtpport": "%d\n" % port,
        "noarchive": "",
        "tocc": "",
    }
    for setting in settings:
        name, line = setting.split("=", 1)
        control[name] = control.get(name, "") + line + "\n"
    for name, text in control.items():
        with open(os.path.join(path, "control", name), "w") as file:
            file.write(text)
    with open(os.path.join(path, "subscribers.d", "b"), "w") as file:
        file.write("bob@example.net\n")


def relayed(server):
    """What one client hands in, without the dots that stand for dots (RFC 5321 section 4.5.2)."""
    client, _ = server.accept()
    client.settimeout(20)
    letter = b""
    with client, client.makefile("rwb") as stream:

        def say(line):
            stream.write(line + b"\r\n")
            stream.flush()

        say(b"220 relay.test")
        while command := stream.readline():
            if command[:4].upper() == b"DATA":
                say(b"354 go on")
                while (line := stream.readline()) not in (b".\r\n", b""):
                    letter += line[1:] if line.startswith(b".") else line
            elif command[:4].upper() == b"QUIT":
                say(b"221 bye")
                break
            say(b"250 ok")
    return letter


def main():
    letter = sys.stdin.buffer.read().replace(b"\r\n", b"\n")
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        path = os.path.join(folder, "papers")
        folder_of_list(path, server.getsockname()[1], sys.argv[1:])
        # As Postfix's pipe hands it on; what has no envelope sender, mlmmj throws away.
        letter = b"Return-Path: <alice@example.org>\n" + letter
        receive = ["/usr/bin/mlmmj-receive", "-F", "-L", path]
        with subprocess.Popen(receive, stdin=subprocess.PIPE, stdout=sys.stderr) as process:
            process.stdin.write(letter)
            process.stdin.close()
            sys.stdout.buffer.write(relayed(server))


if __name__ == "__main__":
    main()
