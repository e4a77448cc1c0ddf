"""wsgi.input over DATA frames behaves as a file of the same content would, however the frames are cut."""

import io
import random
import threading
import unittest

from wsgid_worker.request_body import CREDIT_STEP, WINDOW, BodyBrokeOff, RequestBody


def body_of(parts, end=True):
    credit, asked = [], []
    body = RequestBody(credit.append, lambda: asked.append(True), lambda: None)
    for part in parts:
        body.feed(part)
    if end:
        body.end()
    return body, credit, asked


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
        body, _, asked = body_of([b"ab"], end=False)
        result = []
        reader = threading.Thread(target=lambda: result.append(body.read(4)))
        reader.start()
        body.feed(b"c")
        body.feed(b"de")
        reader.join(10)
        self.assertEqual(result, [b"abcd"])
        body.end()
        self.assertEqual(body.read(), b"e")

    def test_a_reader_that_must_wait_asks_somebody_to_lead(self):
        body, _, asked = body_of([], end=False)
        reader = threading.Thread(target=body.read)
        reader.start()
        while not asked:
            pass
        body.end()
        reader.join(10)
        self.assertFalse(reader.is_alive())

    def test_credit_comes_back_as_the_application_reads_and_not_before(self):
        body, credit, _ = body_of([b"x" * CREDIT_STEP] * 3)
        self.assertEqual(credit, [])
        body.read(1)
        # More than was read, once: it reads, so the router may send ahead.
        self.assertEqual(credit, [WINDOW])
        body.read()
        self.assertEqual(credit, [WINDOW, CREDIT_STEP, CREDIT_STEP])

    def test_a_reader_that_wants_much_is_woken_when_there_is_a_credit_step_of_it(self):
        body, _, asked = body_of([], end=False)
        pieces = []
        reader = threading.Thread(target=lambda: pieces.append(body.read(2 * CREDIT_STEP)))
        reader.start()
        while not asked:
            pass
        for _ in range(2):
            for _ in range(4):
                body.feed(b"x" * (CREDIT_STEP // 4))
        reader.join(10)
        self.assertEqual([len(piece) for piece in pieces], [2 * CREDIT_STEP])

    def test_what_had_arrived_can_be_read_then_a_broken_body_raises(self):
        body, _, _ = body_of([b"abc"], end=False)
        body.break_off()
        self.assertEqual(body.read(3), b"abc")
        with self.assertRaises(BodyBrokeOff):
            body.read(1)


    def test_a_client_that_waits_to_be_asked_is_asked_once_by_the_first_read(self):
        credit = []
        body = RequestBody(credit.append, lambda: None, lambda: None, uninvited=True)
        body.feed(b"ab")
        body.end()
        self.assertEqual(credit, [])
        self.assertEqual([body.read(1), body.read()], [b"a", b"b"])
        self.assertEqual(credit[:1], [0])
        self.assertNotIn(0, credit[1:])


if __name__ == "__main__":
    unittest.main()
