# Letters with chains of ARC, each sealed as its case says, with what dkimpy thinks of them. Arguments: the port of a DNS
# server, a folder with private keys, SELECTOR.key. Standard input: a JSON array of cases,
#   {"sets": [{"ams": {...}, "seal": {...}, "aar": "...", "key": "...", "drop": [...], "twice": [...]}], "after": [["from", "to"]]}
# where tags of `ams` and `seal` replace the usual ones, or leave them out (null), and `raw` is put behind them.
import base64, copy, hashlib, json, subprocess, sys, tempfile
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
    return (name.lower().strip() + ":" + " ".join(value.replace("\r\n", "").split()) + "\r\n").encode()


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


out = []
for case in json.load(sys.stdin):
    letter = made(case)
    try:
        said = dkim.arc_verify(letter, dnsfunc=text)[0]
        said = said.decode() if isinstance(said, bytes) else str(said)
    except Exception as error:
        said = type(error).__name__
    out.append(dict(letter=letter.decode("latin-1"), dkimpy=said))
print(json.dumps(out))
