"""Everything is shared by threads; the interpreter's lock is free while mailseal works."""

from __future__ import annotations

import concurrent.futures
import resource
import threading
import time

from conftest import AT, LETTERS, World

import mailseal


def test_eight_threads_share_all(
    world: World, cx: mailseal.Context, key: mailseal.Key, pgp_key: mailseal.Key, draft: bytes, now: float
) -> None:
    composers = [mailseal.Composer(cx).sign(key), mailseal.Composer(cx).sign(pgp_key)]
    opener, policy = mailseal.Opener(cx), mailseal.Policy.standard()

    def both(number: int) -> str:
        mail = composers[number % 2].compose(draft, at=now)
        opened = opener.open(mail, at=now)
        letter = opened.require(policy, "alice@example.com")
        assert letter and opened.report.signatures[0].signer
        return policy.judge(opened.report).text(opened.report)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(both, range(200)))) == 2


def test_one_report_in_many_threads() -> None:
    opened = mailseal.Opener(mailseal.Context(mailseal.TrustStore())).open(LETTERS / "openssl.eml", at=AT)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len({id(report) for report in pool.map(lambda _: opened.report, range(100))}) == 1


def test_other_threads_go_on_while_it_works(cx: mailseal.Context) -> None:
    """They count while a letter of 64 MB is read. With the lock held they would not come to it at all."""
    mail = b"From: a@b.example\r\n\r\n" + b"x" * 76 + b"\r\n"
    mail += (b"y" * 76 + b"\r\n") * 800_000
    opener, counted, done = mailseal.Opener(cx), 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=count)
    thread.start()
    time.sleep(0.01)
    before, start = counted, time.monotonic()
    opener.open(mail, at=AT)
    took, during = time.monotonic() - start, counted - before
    done.set()
    thread.join()
    assert took > 0.02, "too fast to tell"
    # With the lock held they come to it two or three times, before and after.
    assert during > 50 * took, (took, during)


def test_eight_letters_are_open_at_the_same_time() -> None:
    """Each waits in its callback until all eight are there."""
    barrier = threading.Barrier(8, timeout=60)
    trust = mailseal.TrustStore().add_anchors(LETTERS / "strict-ca.pem", scope="any")

    def fetch(request: mailseal.FetchRequest) -> None:
        barrier.wait()

    opener = mailseal.Opener(mailseal.Context(trust, fetcher=fetch))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: opener.open(LETTERS / "eve-revoked.eml", at=AT), range(8)))
    assert not barrier.broken and len(opened) == 8


def rss() -> int:
    """KiB that are resident now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def test_nothing_is_left_of_ten_thousand_letters() -> None:
    """All that a letter brings with it: report, payload, texts, a callback, an exception."""
    trust = mailseal.TrustStore().add_anchors(LETTERS / "openssl-ca.pem", scope="any")
    letter, policy = (LETTERS / "openssl.eml").read_bytes(), mailseal.Policy.standard()
    padded = letter + b"x" * 50_000
    opener = mailseal.Opener(mailseal.Context(trust, fetcher=lambda request: None))

    def look(number: int) -> None:
        opened = opener.open(padded if number % 10 == 0 else letter, at=AT)
        if number % 10 == 0:
            assert opened.report.signatures and opened.payload
            bytes(opened.payload)
            policy.judge(opened.report).text(opened.report)
            try:
                mailseal.Opener(mailseal.Context(trust)).password(lambda request: None).open("nowhere", at=AT)
            except mailseal.Error:
                pass

    for number in range(1_000):
        look(number)
    before = rss()
    for number in range(10_000):
        look(number)
    grown = rss() - before
    # A leak of 1 KiB for each letter would be 10 MiB.
    assert grown < 4_096, f"{grown} KiB"
