"""Letters, times and settings in all the forms that they are given in."""

from __future__ import annotations

import datetime
import email
import email.message
import email.policy
import io
import pathlib
from typing import Any

import pytest
from conftest import AT, LETTERS, World

import mailseal

OPENER = mailseal.Opener(
    mailseal.Context(mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any"))
)
LETTER = (LETTERS / "openssl.eml").read_bytes()


class Dribble(io.RawIOBase):
    """Gives less than it is asked for."""

    def __init__(self, octets: bytes) -> None:
        self.rest = octets

    def read(self, size: int = -1) -> bytes:
        piece, self.rest = self.rest[:7], self.rest[7:]
        return piece


@pytest.mark.parametrize(
    "letter",
    [
        LETTER,
        bytearray(LETTER),
        memoryview(LETTER),
        memoryview(LETTER + b"x")[:-1],
        str(LETTERS / "openssl.eml"),
        LETTERS / "openssl.eml",
        io.BytesIO(LETTER),
        Dribble(LETTER),
    ],
    ids=lambda letter: type(letter).__name__,
)
def test_a_letter_in_every_form(letter: Any) -> None:
    opened = OPENER.open(letter, at=AT)
    assert opened.require(mailseal.Policy.standard(), "alice@example.com")


def test_a_file_is_read_from_where_it_stands() -> None:
    with open(LETTERS / "openssl.eml", "rb") as file:
        assert OPENER.open(file, at=AT).report.signatures
        assert not OPENER.open(file, at=AT).report.signatures, "nothing is left of it"


def test_what_is_no_letter_is_misuse() -> None:
    for wrong in [None, 1, object(), [LETTER]]:
        with pytest.raises(TypeError, match="wanted bytes, a path or a binary file object"):
            OPENER.open(wrong, at=AT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a str is the path of a file"):
        OPENER.open(LETTER.decode("ascii"), at=AT)
    with pytest.raises(TypeError, match="gives bytes, not <class 'str'>"):
        OPENER.open(io.StringIO("From: a@b.example\n\n"), at=AT)  # type: ignore[arg-type]


def test_a_parsed_letter_is_refused_for_opening() -> None:
    """It no longer has the octets that were signed: written out again, many are altered."""
    with pytest.raises(TypeError, match="give the bytes it was parsed from"):
        OPENER.open(email.message_from_bytes(LETTER, policy=email.policy.default), at=AT)  # type: ignore[arg-type]


def test_the_time_in_every_form() -> None:
    utc = datetime.datetime.fromtimestamp(AT, datetime.timezone.utc)
    elsewhere = utc.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    for at in (AT, float(AT), AT + 0.9, utc, elsewhere):
        assert OPENER.open(LETTER, at=at).report.at == utc
    assert OPENER.open(LETTER, at=-1.5).report.at.isoformat() == "1969-12-31T23:59:58+00:00"


@pytest.mark.parametrize(
    ("at", "error"),
    [
        (datetime.datetime(2027, 1, 1), ValueError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        (1 << 80, ValueError),
        ("2027-01-01", TypeError),
        (None, TypeError),
        (True, TypeError),
    ],
)
def test_what_is_no_time_is_misuse(at: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        OPENER.open(LETTER, at=at)


def test_an_email_message_is_written_once_and_what_is_in_it_stays(
    cx: mailseal.Context, key: mailseal.Key, now: float, tmp_path: pathlib.Path
) -> None:
    """A signed letter inside a draft is still signed when it arrives."""
    message = email.message.EmailMessage()
    message["From"], message["To"] = "alice@example.com", "bob@example.org"
    message["Subject"] = "Grüße " + "and a long line of words that has to be folded somewhere " * 3
    message["Date"] = email.utils.formatdate(now)
    message.set_content("From here on\nlines begin with From \n\n🎁\n")
    message.add_attachment(email.message_from_bytes(LETTER, policy=email.policy.SMTP))
    mail = mailseal.Composer(cx).sign(key).compose(message, at=now)
    opened = mailseal.Opener(cx).open(mail, at=now)
    letter = opened.require(mailseal.Policy.standard(), "alice@example.com")
    assert letter and letter.payload.message()["Subject"] == message["Subject"].rstrip()
    body = letter.payload.message().get_body()
    assert body and body.get_content().splitlines()[:2] == ["From here on", "lines begin with From "]
    inner = mailseal.Opener(cx).open(mail, at=now).report.signatures[-1]
    assert len(opened.report.signatures) == 2 and inner.integrity is mailseal.Integrity.INTACT


def test_a_parsed_draft_is_signed_as_it_was(cx: mailseal.Context, key: mailseal.Key, now: float) -> None:
    odd = b"From:alice@example.com\r\nX-Odd:  two   blanks\r\n\tand a tab\r\nSubject: =?utf-8?q?a?=  =?utf-8?q?b?=\r\n\r\nFrom x\r\n"
    composer = mailseal.Composer(cx).sign(key).protect_headers(False)
    for policy in (email.policy.default, email.policy.compat32, email.policy.SMTPUTF8):
        mail = composer.compose(email.message_from_bytes(odd, policy=policy), at=now)
        # What stands between colon and value, Python's parser does not keep.
        for line in (b"two   blanks\r\n\tand a tab\r\n", b"=?utf-8?q?a?=  =?utf-8?q?b?="):
            assert line in mail, policy
        payload = mailseal.Opener(cx).open(mail, at=now).payload
        assert payload and payload.message().get_content() .strip() == "From x"


def test_letters_go_to_files_and_file_objects(
    cx: mailseal.Context, key: mailseal.Key, draft: bytes, now: float, tmp_path: pathlib.Path
) -> None:
    composer = mailseal.Composer(cx).sign(key)
    composer.save(draft, tmp_path / "letter.eml", at=now)
    out = io.BytesIO()
    composer.write(io.BytesIO(draft), out, at=now)
    for letter in (tmp_path / "letter.eml", out.getvalue()):
        opened = mailseal.Opener(cx).open(letter, at=now)
        assert opened.payload
        copy = io.BytesIO()
        opened.payload.write(copy)
        assert copy.getvalue() == bytes(opened.payload) == opened.payload.octets(1 << 20)
        assert len(copy.getvalue()) == opened.payload.length


def test_a_failed_letter_leaves_no_file(cx: mailseal.Context, key: mailseal.Key, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "letter.eml"
    with pytest.raises(mailseal.Error) as caught:
        mailseal.Composer(cx).sign(key).save(b"From: mallory@example.com\r\n\r\nHi\r\n", path, at=AT)
    assert caught.value.kind == "refused" and not list(tmp_path.iterdir())


def test_settings_that_do_not_exist_are_misuse(world: World) -> None:
    store = mailseal.TrustStore()
    wrong: list[Any] = [
        lambda: mailseal.Context(store, limits={"deepness": 1}),
        lambda: mailseal.Context(store, algorithms="lax"),  # type: ignore[arg-type]
        lambda: store.add_anchors(world / "anchors.pem", scope="everybody"),
        lambda: store.pin("carol@example.net", "5BB09E0CFE33A1D2"),
        lambda: store.pin("Carol <carol@example.net>", "0" * 40),
        lambda: store.add_web_of_trust_root("0" * 40, amount=121),
        lambda: mailseal.Group.password("pgp", "x"),  # type: ignore[arg-type]
        lambda: mailseal.Group.to(world / "bob.pem", at=AT, cipher="ROT13"),
        lambda: mailseal.Key.external(world / "kms.pem", "rot13", lambda scheme, digest: b""),
        lambda: OPENER.open_part(LETTER, "one", at=AT),
    ]
    for one in wrong:
        with pytest.raises(ValueError):
            one()


def test_a_mailbox_is_many_letters(tmp_path: pathlib.Path) -> None:
    mbox = tmp_path / "inbox.mbox"
    lines = [b">" + line if line.startswith(b"From ") else line for line in LETTER.splitlines(keepends=True)]
    one = b"From a@b.example Sun Nov 22 10:00:00 2026\n" + b"".join(lines) + b"\n"
    mbox.write_bytes(one * 3)
    letters = list(mailseal.Mailbox(mbox))
    assert [letter.number for letter in letters] == [1, 2, 3] and letters[0].path == str(mbox)
    for letter in letters:
        assert letter.length == len(LETTER) and str(letter).startswith(str(mbox))
        assert letter.open(OPENER, at=AT).require(mailseal.Policy.standard(), "alice@example.com")
    with pytest.raises(ValueError, match="one letter"):
        mailseal.Mailbox(LETTERS / "openssl.eml")
    with pytest.raises(mailseal.Error):
        mailseal.Mailbox(tmp_path / "nowhere")
