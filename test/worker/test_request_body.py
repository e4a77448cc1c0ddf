"""wsgi.input over DATA frames behaves as a file of the same content would, however the frames are cut."""

import io
import random
import threading
import unittest

from wsgid_worker.request_body import CREDIT_STEP, WINDOW, BodyBrokeOff, RequestBody


class Client:
    """In the place of an exchange: waits for what the test feeds."""

    def __init__(self):
        self.credit = []
        self.credits, self.waits = threading.Semaphore(0), threading.Semaphore(0)

    def give_credit(self, amount):
        self.credit.append(amount)
        self.credits.release()

    def wait(self, satisfied, bell):
        self.waits.release()
        while not satisfied():
            bell.wait()

    def wake(self):
        """Nobody reads by itself."""


def body_of(parts, end=True):
    client = Client()
    body = RequestBody(client)
    for part in parts:
        body.feed(part)
    if end:
        body.end()
    return body, client.credit


def waiting_body():
    """A body without content, and two semaphores: released by each credit, and by each reader that begins to wait."""
    client = Client()
    return RequestBody(client), client.credits, client.waits


def feed_a_step(body):
    for _ in range(4):
        body.feed(b"x" * (CREDIT_STEP // 4))


CONTENT = b"first\nsecond line\n\n" + b"x" * 1000 + b"\nlast without newline"

READS = [
    lambda file: file.read(),
    lambda file: file.read(-1),
    lambda file: [file.read(7), file.read(0), file.read(100000), file.read(1)],
    lambda file: [file.readline(), file.readline(3), file.readline(500), file.read()],
    lambda file: file.readlines(),
    lambda file: [file.readlines(10), file.readlines()],
    lambda file: list(file),
    lambda file: [file.read(3), list(file), file.readline(), file.read()],
]


class RequestBodyTest(unittest.TestCase):
    def test_reads_like_a_file_however_the_body_is_cut(self):
        chance = random.Random(1)
        for read in READS:
            for size in (1, 2, 5, 64, 5000):
                cuts, rest = [], CONTENT
                while rest:
                    length = chance.randint(1, size)
                    cuts.append(rest[:length])
                    rest = rest[length:]
                with self.subTest(size=size):
                    self.assertEqual(read(body_of(cuts)[0]), read(io.BytesIO(CONTENT)))

    def test_read_waits_until_it_has_all_it_was_asked_for(self):
        body, _ = body_of([b"ab"], end=False)
        result = []
        reader = threading.Thread(target=lambda: result.append(body.read(4)), daemon=True)
        reader.start()
        body.feed(b"c")
        body.feed(b"de")
        reader.join(10)
        self.assertEqual(result, [b"abcd"])
        body.end()
        self.assertEqual(body.read(), b"e")

    def test_a_reader_that_must_wait_says_so_and_goes_on_at_the_end(self):
        body, _, waits = waiting_body()
        reader = threading.Thread(target=body.read, daemon=True)
        reader.start()
        self.assertTrue(waits.acquire(timeout=10))
        body.end()
        reader.join(10)
        self.assertFalse(reader.is_alive())

    def test_credit_comes_back_as_the_application_reads_and_not_before(self):
        body, credit = body_of([b"x" * CREDIT_STEP] * 3)
        self.assertEqual(credit, [])
        body.read(1)
        # More than was read, once: it reads, so the router may send ahead.
        self.assertEqual(credit, [WINDOW])
        body.read()
        self.assertEqual(credit, [WINDOW, CREDIT_STEP, CREDIT_STEP])

    def test_a_reader_that_wants_much_is_woken_when_there_is_a_credit_step_of_it(self):
        body, credits, waits = waiting_body()
        pieces = []
        reader = threading.Thread(target=lambda: pieces.append(body.read(2 * CREDIT_STEP)), daemon=True)
        reader.start()
        self.assertTrue(waits.acquire(timeout=10))
        # Not for each frame, and not only when the client can send no more because nobody gives credit.
        self.assertEqual(body._wanted, CREDIT_STEP)
        feed_a_step(body)
        self.assertTrue(credits.acquire(timeout=10), "no credit for the first step: the client would wait for ever")
        feed_a_step(body)
        reader.join(10)
        self.assertEqual([len(piece) for piece in pieces], [2 * CREDIT_STEP])

    def test_what_had_arrived_can_be_read_then_a_broken_body_raises(self):
        body, _ = body_of([b"abc"], end=False)
        body.break_off()
        self.assertEqual(body.read(3), b"abc")
        with self.assertRaises(BodyBrokeOff):
            body.read(1)


    def test_a_client_that_waits_to_be_asked_is_asked_once_by_the_first_read(self):
        client = Client()
        body, credit = RequestBody(client, uninvited=True), client.credit
        body.feed(b"ab")
        body.end()
        self.assertEqual(credit, [])
        self.assertEqual([body.read(1), body.read()], [b"a", b"b"])
        self.assertEqual(credit[:1], [0])
        self.assertNotIn(0, credit[1:])


if __name__ == "__main__":
    unittest.main()
