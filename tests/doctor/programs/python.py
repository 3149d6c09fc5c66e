"""What programs in Python do to a letter: standard input to standard output, by the standard library."""

import base64 as b64
import email
import email.charset
import email.encoders
import email.generator
import email.message
import email.policy
import html
import io
import json
import mailbox
import os
import re
import smtplib
import subprocess
import sys
import tempfile
import textwrap
import unicodedata
import urllib.parse

CRLF = email.policy.compat32.clone(linesep="\r\n", max_line_length=None)


def written(message, policy=CRLF):
    out = io.BytesIO()
    email.generator.BytesGenerator(out, mangle_from_=False, policy=policy).flatten(message)
    return out.getvalue()


def texts(message):
    for part in message.walk():
        if part.get_content_maintype() == "text" and part.get_filename() is None:
            yield part


def unicode_text(part):
    charset = part.get_content_charset() or "us-ascii"
    return part.get_payload(decode=True).decode(charset, "replace").replace("\r\n", "\n")


def rewritten(part, text, encoding, charset=None):
    """As programs do that set a new content on an old part."""
    kind = email.charset.Charset(charset or part.get_content_charset() or "us-ascii")
    kind.body_encoding = encoding
    del part["Content-Transfer-Encoding"]
    part.set_payload(text, kind)


def mangle(octets):
    out = io.BytesIO()
    generator = email.generator.BytesGenerator(out, mangle_from_=True, policy=CRLF)
    generator.flatten(email.message_from_bytes(octets))
    return out.getvalue()


def seven(octets):
    return written(email.message_from_bytes(octets), CRLF.clone(cte_type="7bit"))


def quoted_printable(octets):
    message = email.message_from_bytes(octets)
    for part in texts(message):
        rewritten(part, unicode_text(part), email.charset.QP)
    return written(message)


def base64(octets):
    message = email.message_from_bytes(octets)
    for part in texts(message):
        rewritten(part, unicode_text(part), email.charset.BASE64)
    return written(message)


def utf8(octets):
    message = email.message_from_bytes(octets)
    for part in texts(message):
        text = unicode_text(part)
        del part["Content-Type"]
        del part["Content-Transfer-Encoding"]
        part.add_header("Content-Type", "text/plain", charset="utf-8")
        part.add_header("Content-Transfer-Encoding", "8bit")
        part.set_payload(text.encode("utf-8").decode("ascii", "surrogateescape"))
    return written(message)


def refold(octets):
    policy = email.policy.SMTP.clone(refold_source="all", max_line_length=60)
    return email.message_from_bytes(octets, policy=policy).as_bytes()


def boundary(octets):
    message = email.message_from_bytes(octets)
    for part in message.walk():
        if part.is_multipart() and part.get_content_type() != "multipart/signed":
            part.set_boundary(email.generator._make_boundary())
    return written(message)


def flat(octets):
    """All leaf parts side by side, as gateways rebuild a message."""
    message = email.message_from_bytes(octets)
    new = email.message.Message()
    for name, value in message.items():
        if not name.lower().startswith("content-") and name.lower() != "mime-version":
            new[name] = value
    new["MIME-Version"] = "1.0"
    new["Content-Type"] = "multipart/mixed"
    new.set_payload([part for part in message.walk() if not part.is_multipart()])
    return written(new)


def mixed(octets):
    """multipart/signed under another name, as bridges hand it on."""
    message = email.message_from_bytes(octets)
    boundary = message.get_boundary()
    del message["Content-Type"]
    message["Content-Type"] = 'multipart/mixed; boundary="%s"' % boundary
    return written(message)


def unsigned(octets):
    """Without its signature."""
    message = email.message_from_bytes(octets)
    message.set_payload(message.get_payload()[:1])
    return written(message)


def mbox(octets):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mbox")
        box = mailbox.mbox(path)
        box.add(octets)
        box.close()
        with open(path, "rb") as file:
            return file.read().split(b"\n", 1)[1]


def dots(octets):
    """One program doubled the dots, and the next did not know."""
    return smtplib._quote_periods(octets)


def wrap(octets):
    message = email.message_from_bytes(octets)
    for part in texts(message):
        lines = part.get_payload().split("\n")
        part.set_payload("\n".join(textwrap.fill(line, 60) if len(line) > 60 else line for line in lines))
    return written(message)


def decomposed(octets):
    text = octets.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFD", text).encode("utf-8", "surrogateescape")


def on_links(octets, rewrite):
    message = email.message_from_bytes(octets)
    for part in texts(message):
        if part.get("Content-Transfer-Encoding", "7bit").lower() not in ("7bit", "8bit"):
            continue
        as_html = part.get_content_subtype() == "html"
        text = re.sub(r"https?://[^\s\"<>]+", lambda found: rewrite(found.group(), as_html), part.get_payload())
        part.set_payload(text)
    return written(message)


def safelinks(octets):
    def rewrite(link, as_html):
        inner = urllib.parse.quote(html.unescape(link) if as_html else link, safe="")
        query = "?url=%s&data=05%%7C01%%7Cbob&sdata=x%%3D&reserved=0" % inner
        return "https://eur01.safelinks.protection.outlook.com/" + (html.escape(query) if as_html else query)

    return on_links(octets, rewrite)


def counted(octets):
    """Links that do not say where they lead."""
    return on_links(octets, lambda link, as_html: "https://u123.ct.sendgrid.net/ls/click?upn=%x" % abs(hash(link)))


def inside(octets):
    """A server that writes its fields under the header of a part."""
    message = email.message_from_bytes(octets)
    for part in message.walk():
        if not part.is_multipart() and part.get_content_maintype() == "text":
            part["X-hMailServer-ExternalAccount"] = "bob"
            break
    return written(message)


def parts(octets):
    """The parts as JSON, for programs in other languages that only write."""
    message = email.message_from_bytes(octets)
    leaves = []
    for part in message.walk():
        if part.is_multipart():
            continue
        octets = part.get_payload(decode=True)
        leaf = {"type": part.get_content_type(), "filename": part.get_filename()}
        leaf["octets"] = b64.b64encode(octets).decode()
        if part.get_content_maintype() == "text":
            leaf["text"] = unicode_text(part)
        leaves.append(leaf)
    names = {"from": "From", "to": "To", "subject": "Subject", "date": "Date", "messageId": "Message-ID"}
    header = {name: message[field] for name, field in names.items()}
    kind = message.get_content_type() + "; protocol=\"%s\"; micalg=%s" % (
        message.get_param("protocol"),
        message.get_param("micalg"),
    )
    return json.dumps({"type": kind, "header": header, "parts": leaves}).encode()


def within(octets):
    """Another program on the first part of a multipart/signed alone: alterMIME leaves such a message as it is."""
    octets = octets.replace(b"\r\n", b"\n")
    boundary = b"--" + email.message_from_bytes(octets).get_boundary().encode()
    head, entity, tail = octets.split(boundary + b"\n", 2)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "entity")
        with open(path, "wb") as file:
            file.write(entity[:-1])
        subprocess.run(sys.argv[2].replace("ENTITY", path), shell=True, check=True, stdout=sys.stderr)
        with open(path, "rb") as file:
            entity = file.read() + b"\n"
    return head + boundary + b"\n" + entity + boundary + b"\n" + tail


if __name__ == "__main__":
    sys.stdout.buffer.write(globals()[sys.argv[1]](sys.stdin.buffer.read()))
