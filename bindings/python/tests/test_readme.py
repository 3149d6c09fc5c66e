"""The code in README.md runs, in its order, in one program; its users' type checker is content with it."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
from conftest import ROOT, World, make_draft

import mailseal

README = ROOT / "bindings" / "python" / "README.md"
PRELUDE = pathlib.Path(__file__).with_name("prelude.py")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README.read_text(), re.M | re.S)


TO = "To: bob@example.org, carol@example.net, dave@example.net\r\nBcc: frank@example.org"


def test_the_code_of_the_readme_runs(
    world: World, pgp_key: mailseal.Key, now: float, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("anchors.pem", "carol.asc", "friends.pem", "alice.p12", "kms.key"):
        shutil.copy(world / name, tmp_path)
    renamed = {"kms.pem": "alice.pem", "bob.p12": "work.p12", "alicia-secret.asc": "private-2019.asc"}
    for name, to in {**renamed, "anchors.pem": "partner-ca.pem"}.items():
        shutil.copy(world / name, tmp_path / to)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(PRELUDE.read_text(), "prelude.py", "exec"), names)
    draft = make_draft(TO)
    names.update(draft=draft, pgp_key=pgp_key, carol=mailseal.Certificate.load("carol.asc")[0])
    code = blocks("python")
    assert len(code) == 15

    def run(block: str) -> None:
        exec(compile(block, "README.md", "exec"), names)

    setup, sign, require, encrypt, rules, decrypt, why, elsewhere, evidence, gateway, doctor, bulk, fetch, sources, no = code
    run(setup)
    run(sign)
    [(_, mail)] = names["sent"]
    (tmp_path / "signed.eml").write_bytes(mail)
    run(require)
    assert not names["booked"] and len(names["held"]) == 1, "nobody expects it from Alice"
    run(require.replace("invoices@supplier.example", "alice@example.com"))
    assert names["booked"][0].get_content().strip() == "The parcel leaves on Monday."

    run(encrypt)
    written = {to: mail for to, mail in names["sent"][1:]}
    assert set(written) == {("bob@example.org",), ("carol@example.net",), ("frank@example.org",)}
    (tmp_path / "policy.toml").write_text('[[sending]]\nto = "carol@example.net"\nencrypt = true\n')
    run(rules)
    assert names["decision"].action == "refuse", "it is signed only"

    (tmp_path / "in.eml").write_bytes(written[("bob@example.org",)])
    run(decrypt)
    assert b"The parcel leaves on Monday." in (tmp_path / "letter.eml").read_bytes()
    names["signature"] = names["opened"].report.signatures[0]
    run(why)
    run(elsewhere)
    run(evidence)
    assert names["checked"].is_same
    run_program(tmp_path, names["mail"])
    names["mails"] = [mail] * 20
    run(gateway)
    run(doctor)
    assert names["diagnosis"].outcome == "not_signed", "it is encrypted"
    assert "example.com" in names["my_dns"].asked and names["opened"].report.domain.agreement.domain is None
    names.update(recipients=[f"{n}@example.org" for n in range(20)], drafts=[draft] * 20, sent=names["sent"][:0])
    names["composer"] = mailseal.Composer(names["cx"]).sign(names["key"])
    run(bulk)
    run(fetch)
    run(sources)
    run(no)
    names["opener"] = mailseal.Opener(names["cx"])
    names["mail"] = "nowhere.eml"
    run(no)
    assert names["later"] == [True]


def run_program(folder: pathlib.Path, mail: bytes) -> None:
    [program] = blocks("python program")
    (folder / "verify.py").write_text(program)
    (folder / "kms.eml").write_bytes(mail)

    def verify(letter: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "verify.py", letter], cwd=folder, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    status, said = verify("kms.eml")
    assert status == 0 and "intact alice@example.com" in said, said
    (folder / "altered.eml").write_bytes(mail.replace(b"Monday", b"Friday"))
    status, said = verify("altered.eml")
    assert status == 1 and "altered alice@example.com" in said, said
    status, said = verify("nowhere.eml")
    assert status == 2 and "could not look: nowhere.eml" in said, said


def test_the_code_of_the_readme_is_typed(tmp_path: pathlib.Path) -> None:
    """With `mypy --strict`. Each block as a function of its own, so that names may be used again."""
    setup, *rest = blocks("python") + blocks("python token")
    names = "opened opener key composer mail".split()
    context = (
        "opened = mailseal.Opener(cx).open(draft, at=now)\nopener = mailseal.Opener(cx)\n"
        "key = mailseal.Key.deferred('a')\ncomposer = mailseal.Composer(cx)\nmail: bytes = draft\n"
    )
    code = PRELUDE.read_text() + setup + context
    for number, block in enumerate(rest):
        used = [name for name in [*names, "cx", "trust"] if re.search(rf"^ *{name} = |, {name} in|for {name} in", block, re.M)]
        body = "".join(f"    global {name}\n" for name in used if not re.search(rf"for [\w, ]*{name} in", block))
        code += f"\n\ndef block_{number}() -> None:\n{body}" + re.sub("^(?=.)", "    ", block, flags=re.M)
    (tmp_path / "readme.py").write_text(code)
    [program] = blocks("python program")
    (tmp_path / "program.py").write_text(program)
    for name in ("readme.py", "program.py"):
        check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / "target" / "mypy"), name]
        done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_type_is_seen(tmp_path: pathlib.Path) -> None:
    wrong = "import mailseal\nmailseal.Opener(mailseal.Context(mailseal.TrustStore())).open('in.eml')\n"
    (tmp_path / "wrong.py").write_text(wrong)
    check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / "target" / "mypy"), "wrong.py"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and 'Missing named argument "at"' in done.stdout, done.stdout
