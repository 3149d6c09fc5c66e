"""examples/worker: three workers on RabbitMQ, one of them killed."""

from __future__ import annotations

import collections
import os
import pathlib
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from conftest import PASSWORD, ROOT, World, make_draft, missing, need

FOLDER = ROOT / "examples" / "worker"
LETTERS = int(os.environ.get("MAILSEAL_WORKER_LETTERS", "600"))


def free_ports() -> int:
    """The first of three in a row."""
    while True:
        first = random.randrange(20000, 30000)
        try:
            for port in range(first, first + 3):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


@pytest.fixture
def broker(tmp_path: pathlib.Path) -> Iterator[str]:
    need("rabbitmq-server")
    try:
        import pika  # type: ignore[import-untyped]
    except ImportError:
        missing("pika")
    port = free_ports()
    url = f"amqp://guest:guest@127.0.0.1:{port}/"
    log = open(tmp_path / "broker.log", "wb")
    script = ["sh", str(FOLDER / "rabbitmq.sh"), str(tmp_path / "broker"), str(port)]
    running = subprocess.Popen(script, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(240):
            assert running.poll() is None, (tmp_path / "broker.log").read_text()
            try:
                pika.BlockingConnection(pika.URLParameters(url)).close()
                break
            except pika.exceptions.AMQPError:
                time.sleep(0.25)
        else:
            pytest.fail((tmp_path / "broker.log").read_text())
        yield url
    finally:
        running.terminate()
        running.wait(60)
        log.close()


def test_usage() -> None:
    pytest.importorskip("pika")
    done = subprocess.run([sys.executable, FOLDER / "worker.py"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("usage: worker.py")
    assert len((FOLDER / "worker.py").read_text().splitlines()) < 90


def test_one_of_three_workers_is_killed(world: World, broker: str, tmp_path: pathlib.Path) -> None:
    import pika

    channel = pika.BlockingConnection(pika.URLParameters(broker)).channel()
    for queue in ("drafts", "letters"):
        channel.queue_declare(queue, durable=True)
    channel.confirm_delivery()
    at = int(time.time())
    ids = {f"<{number}.run-41@example.com>" for number in range(LETTERS)}
    for number, message_id in enumerate(sorted(ids)):
        draft = make_draft(f"To: reader{number}@example.org", "News <news@example.com>")
        properties = pika.BasicProperties(delivery_mode=2, timestamp=at)
        channel.basic_publish("", "drafts", f"Message-ID: {message_id}\r\n".encode() + draft, properties)
    (tmp_path / "password").write_text(PASSWORD + "\n")

    def there() -> int:
        return int(channel.queue_declare("letters", durable=True, passive=True).method.message_count)

    words = [sys.executable, str(FOLDER / "worker.py"), str(world / "news.p12"), str(tmp_path / "password"), broker]
    workers = [subprocess.Popen(words) for _ in range(3)]
    try:
        while there() < LETTERS // 4:
            time.sleep(0.001)
        workers[0].kill()
        assert workers[0].wait() < 0 and there() < LETTERS, "in the middle"
        end = time.monotonic() + 120
        while there() < LETTERS and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)
    finally:
        for worker in workers[1:]:
            worker.kill()
        for worker in workers[1:]:
            worker.wait()
    letters = collections.defaultdict(list)
    while True:
        _, properties, letter = channel.basic_get("letters", auto_ack=True)
        if properties is None:
            break
        letters[properties.message_id].append(letter)
    assert set(letters) == ids, "none is lost"
    twice = [copies for copies in letters.values() if len(copies) > 1]
    assert sum(len(copies) - 1 for copies in twice) <= 4, "what the killed one had, and no more"
    print(f"{len(twice)} letters came twice")
    for copies in [*twice, *list(letters.values())[:3]]:
        for letter in copies:
            assert b"Monday" in world.openssl("cms", "-verify", "-CAfile", "anchors.pem", input=letter)
