"""Signs drafts that a broker hands out: worker.py KEY PASSWORD_FILE [AMQP_URL]

Takes a draft from the queue `drafts`, puts the signed letter into the queue `letters`, and acknowledges the draft when
the broker has the letter. Start as many as you like, on as many machines: a draft whose worker dies goes to another one.
Exit status: 0 ended by Ctrl-C, 2 it could not work.
"""

import sys
import time
from email.parser import BytesHeaderParser
from typing import Any

import mailseal
import pika


def work(composer: mailseal.Composer, url: str) -> None:
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    for queue in ("drafts", "letters"):
        channel.queue_declare(queue, durable=True)
    channel.confirm_delivery()  # basic_publish returns when the broker keeps the letter, and raises where it does not
    channel.basic_qos(prefetch_count=4)

    def sign(_: Any, delivery: Any, properties: pika.BasicProperties, draft: bytes) -> None:
        message_id = BytesHeaderParser().parsebytes(draft)["Message-ID"]
        if message_id is None:  # a second copy could not be told from a second letter
            return channel.basic_reject(delivery.delivery_tag, requeue=False)
        try:
            # Whoever signs it again signs it as of the same time.
            letter = composer.compose(draft, at=properties.timestamp or time.time())
        except mailseal.Error as error:
            print(f"{message_id}: {error}", file=sys.stderr)
            return channel.basic_reject(delivery.delivery_tag, requeue=error.temporary)
        kept = pika.BasicProperties(delivery_mode=2, message_id=str(message_id), content_type="message/rfc822")
        channel.basic_publish("", "letters", letter, kept, mandatory=True)
        # Killed here, the letter is there and its draft comes again: one more letter of the same Message-ID.
        channel.basic_ack(delivery.delivery_tag)

    channel.basic_consume("drafts", sign)
    channel.start_consuming()


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print("usage: worker.py KEY PASSWORD_FILE [AMQP_URL]", file=sys.stderr)
        return 2
    url = sys.argv[3] if len(sys.argv) == 4 else "amqp://guest:guest@127.0.0.1:5672/"
    try:
        with open(sys.argv[2]) as file:
            key = mailseal.Key.load(sys.argv[1], file.readline().rstrip("\n"))
        work(mailseal.Composer(mailseal.Context(mailseal.TrustStore())).sign(key), url)
    except KeyboardInterrupt:
        return 0
    except (OSError, mailseal.Error, pika.exceptions.AMQPError) as error:
        print(f"it cannot work: {error!r}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
