# Letters with signatures of DKIM or chains of ARC, each as its case says, with what dkimpy thinks of them. Arguments: the
# port of a DNS server, a folder with private keys, SELECTOR.key. Standard input: a JSON array of cases,
#   {"dkim": {...}, "fields": [["From", " a@b.example"]], "body": "...", "more": "X: y\r\n", "tail": "..."}
#   {"sets": [{"ams": {...}, "seal": {...}, "aar": "...", "key": "...", "drop": [...], "twice": [...]}], "after": [["from", "to"]]}
# where tags of `dkim`, `ams` and `seal` replace the usual ones, or leave them out (null), and `raw` is put behind them.
import base64, copy, hashlib, json, re, subprocess, sys, tempfile
import dkim
import dns.resolver

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], int(sys.argv[1]), 5
folder = sys.argv[2]
LETTER = [("From", " Joe <joe@example.com>"), ("To", " a@example.net"), ("Subject", " Is  dinner\r\n\tready?"), ("Date", " Mon, 5 Jan 2026 10:00:00 +0000")]
BODY = b"Hello,  there\r\n\r\n"


def text(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    try:
        return b"".join(list(resolver.resolve(name, "TXT"))[0].strings)
    except dns.resolver.NXDOMAIN:
        return None


def relaxed(name, value):
    return (name.lower().strip() + ":" + " ".join(value.replace("\r\n", "").split()) + "\r\n").encode("latin-1")


def signed(octets, algorithm, key):
    digest = "sha1" if algorithm == "rsa-sha1" else "sha256"
    with tempfile.NamedTemporaryFile() as file:
        if algorithm.startswith("ed25519"):
            file.write(hashlib.sha256(octets).digest()); file.flush()
            words = ["pkeyutl", "-sign", "-inkey", f"{folder}/{key}.key", "-rawin", "-in", file.name]
        else:
            file.write(octets); file.flush()
            words = ["dgst", "-" + digest, "-sign", f"{folder}/{key}.key", file.name]
        return base64.b64encode(subprocess.run(["openssl", *words], check=True, capture_output=True).stdout).decode()


def tags(usual, own):
    named = {**usual, **{name: value for name, value in own.items() if name != "raw"}}
    return " " + "; ".join(f"{name}={value}" for name, value in named.items() if value is not None) + own.get("raw", "")


def made(case):
    fields, sets = copy.copy(LETTER), []
    for index, given in enumerate(case["sets"], 1):
        i, key = str(given.get("i", index)), given.get("key", "s1024")
        ams, seal = given.get("ams", {}), given.get("seal", {})
        aar = ("ARC-Authentication-Results", " " + given.get("aar", f"i={i}; mx.example.org; dkim=pass header.d=example.com"))
        algorithm = ams.get("a") or "rsa-sha256"
        bh = base64.b64encode(hashlib.new("sha1" if algorithm == "rsa-sha1" else "sha256", b"Hello, there\r\n").digest()).decode()
        usual = dict(i=i, a=algorithm, c="relaxed/relaxed", d="example.org", s=key, t="1767600000", h="from:to:subject:date", bh=bh)
        value = tags(usual, ams) + "; b="
        names = [name.strip().lower() for name in (ams.get("h", usual["h"]) or "").split(":")]
        left, octets = copy.copy(fields), b""
        for name in names:
            found = [at for at, (known, _) in enumerate(left) if known.lower() == name]
            if found:
                octets += relaxed(*left.pop(found[-1]))
        octets += relaxed("ARC-Message-Signature", value)[:-2]
        ams = ("ARC-Message-Signature", value + signed(octets, algorithm, ams.get("key", ams.get("s") or key)))
        algorithm = seal.get("a") or "rsa-sha256"
        usual = dict(i=i, a=algorithm, cv="none" if index == 1 else "pass", d="example.org", s=key, t="1767600000")
        value = tags(usual, seal) + "; b="
        octets = b"".join(relaxed(*field) for one in sets for field in one) + relaxed(*aar) + relaxed(*ams)
        octets += relaxed("ARC-Seal", value)[:-2]
        seal = ("ARC-Seal", value + signed(octets, algorithm, seal.get("key", seal.get("s") or key)))
        sets.append([aar, ams, seal])
        kinds = dict(aar=aar, ams=ams, seal=seal)
        new = [kinds[kind] for kind in ("seal", "ams", "aar") if kind not in given.get("drop", [])]
        new += [kinds[kind] for kind in given.get("twice", [])]
        fields = new + fields
    letter = "".join(f"{name}:{value}\r\n" for name, value in fields).encode() + b"\r\n" + BODY
    for old, new in case.get("after", []):
        assert old.encode() in letter, old
        letter = letter.replace(old.encode(), new.encode(), 1)
    return letter


def canonical_field(how, name, value):
    return relaxed(name, value) if how == "relaxed" else f"{name}:{value}\r\n".encode("latin-1")


def canonical_body(how, body):
    lines = body.split(b"\r\n")
    if how == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    body = b"".join(line + b"\r\n" for line in lines)
    return body or (b"" if how == "relaxed" else b"\r\n")


def made_dkim(case):
    given, fields = case["dkim"], [tuple(field) for field in case.get("fields", LETTER)]
    body = case["body"].encode("latin-1") if "body" in case else BODY
    how = (given.get("c") or "simple/simple") if "c" in given else "relaxed/relaxed"
    header, _, of_body = how.partition("/")
    octets = canonical_body(of_body or "simple", body)
    if (given.get("l") or "").isdigit():
        octets = octets[: int(given["l"])]
    algorithm = given.get("a") or "rsa-sha256"
    bh = base64.b64encode(hashlib.new("sha1" if algorithm == "rsa-sha1" else "sha256", octets).digest()).decode()
    key = given.get("key") or given.get("s") or "s1024"
    usual = dict(v="1", a=algorithm, c="relaxed/relaxed", d="example.org", s=key, t="1600000000", h="from:to:subject:date", bh=bh)
    value = tags(usual, {name: tag for name, tag in given.items() if name != "key"}) + "; b="
    left, octets = list(fields), b""
    for name in (given.get("h", usual["h"]) or "").split(":"):
        found = [at for at, (known, _) in enumerate(left) if known.strip().lower() == name.strip().lower()]
        if found:
            octets += canonical_field(header, *left.pop(found[-1]))
    octets += canonical_field(header, "DKIM-Signature", value)[:-2]
    fields = [("DKIM-Signature", value + signed(octets, algorithm, key))] + fields
    letter = case.get("more", "").encode("latin-1")
    letter += "".join(f"{name}:{value}\r\n" for name, value in fields).encode("latin-1")
    letter += b"\r\n" + body + case.get("tail", "").encode("latin-1")
    for old, new in case.get("after", []):
        assert old.encode() in letter, old
        letter = letter.replace(old.encode(), new.encode(), 1)
    return letter


out = []
for case in json.load(sys.stdin):
    letter = made_dkim(case) if "dkim" in case else made(case)
    try:
        if "dkim" in case:
            good = dkim.verify(letter, dnsfunc=text)
            out.append(dict(letter=letter.decode("latin-1"), dkimpy="pass" if good else "fail"))
            continue
        said = dkim.arc_verify(letter, dnsfunc=text)[0]
        said = said.decode() if isinstance(said, bytes) else str(said)
    except Exception as error:
        said = type(error).__name__
    out.append(dict(letter=letter.decode("latin-1"), dkimpy=said))
print(json.dumps(out))
