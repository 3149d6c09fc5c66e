"""What a reader by Python's email sees: are two letters the same to people?

Standard input: pairs of letters, each letter after its length in four octets. Standard output: one line for each pair,
`same` or what differs. Nothing here knows of mailseal; only the changes of form that servers make are passed over: the `>`
before `From `, a doubled dot, blanks and line breaks between words, composed characters.
"""

import email
import email.header
import email.policy
import re
import struct
import sys
import unicodedata

SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
FORM = ("content-type", "content-transfer-encoding", "mime-version", "content-disposition")


def read_letter():
    size = sys.stdin.buffer.read(4)
    return sys.stdin.buffer.read(struct.unpack(">I", size)[0]) if size else None


def unflowed(text, delsp):
    """RFC 3676: a line that ends with a blank goes on in the next."""
    out = []
    for line in text.split("\n"):
        if out and out[-1].endswith(" ") and out[-1] != "-- ":
            out[-1] = (out[-1][:-1] if delsp else out[-1]) + line
        else:
            out.append(line)
    return "\n".join(out)


def words(part):
    octets = part.get_payload(decode=True)
    charset = part.get_content_charset() or "us-ascii"
    try:
        text = octets.decode("utf-8" if charset == "us-ascii" else charset, "replace")
    except LookupError:
        text = octets.decode("latin-1")
    text = re.sub("\r\n|\r", "\n", text)
    text = re.sub("(?m)^>+(?=From )", "", text)
    text = re.sub(r"(?m)^\.\.+", ".", text)
    if (part.get_param("format") or "").lower() == "flowed":
        text = unflowed(text, (part.get_param("delsp") or "").lower() == "yes")
    return unicodedata.normalize("NFC", text).split()


def fields(part):
    """Those that people may see."""
    seen = []
    for name, value in part.items():
        name = name.lower()
        if name in FORM or name.startswith("x-"):
            continue
        decoded = str(email.header.make_header(email.header.decode_header(str(value))))
        seen.append((name, decoded.split()))
    return sorted(seen)


def parameters(part):
    found = part.get_params(failobj=[])[1:]
    kept = [(name.lower(), str(value)) for name, value in found if name.lower() not in ("charset", "boundary")]
    return sorted(kept)


def leaf(part, is_root):
    text = part.get_content_maintype() == "text"
    return {
        "type": part.get_content_type(),
        "parameters": parameters(part),
        "disposition": part.get_content_disposition(),
        "name": part.get_filename(),
        "fields": [] if is_root else fields(part),
        "content": words(part) if text else part.get_payload(decode=True),
    }


def seen(letter):
    root = email.message_from_bytes(letter, policy=email.policy.compat32)
    leaves = []

    def walk(part, around):
        kind = part.get_content_type()
        if kind in SIGNATURES:
            return
        if not part.is_multipart():
            leaves.append((around, leaf(part, part is root)))
            return
        if kind == "message/rfc822":
            leaves.append((around, {"type": kind, "fields": fields(part.get_payload(0))}))
        # multipart/signed is shown as multipart/mixed by those that do not know it.
        name = "multipart/mixed" if kind == "multipart/signed" else kind
        for inner in part.get_payload():
            walk(inner, around + [name])

    walk(root, [])
    return leaves


def differing(one, other):
    one, other = seen(one), seen(other)
    if len(one) != len(other):
        return "%d parts, then %d" % (len(one), len(other))
    for number, ((place, old), (place_now, new)) in enumerate(zip(one, other)):
        if place != place_now:
            return "part %d: lies in %s, then %s" % (number, place, place_now)
        for key in sorted(set(old) | set(new)):
            if old.get(key) != new.get(key):
                return "part %d: %s: %.200r, then %.200r" % (number, key, old.get(key), new.get(key))
    return "same"


def main():
    while (one := read_letter()) is not None:
        other = read_letter()
        try:
            answer = differing(one, other)
        except Exception as error:
            # What it cannot read, it does not show as it was.
            answer = "unreadable: %r" % error
        print(answer.replace("\n", " "))


if __name__ == "__main__":
    main()
