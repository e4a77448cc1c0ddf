"""What a router sends becomes requests and bodies, however the stream is cut and however long the frames are."""

import random
import select
import socket
import threading
import unittest
from unittest import mock

from wsgid_worker import frames
from wsgid_worker.connection import RECEIVE, SHORT, RouterConnection
from wsgid_worker.limits import resident_bytes
from wsgid_worker.scoreboard import Scoreboard

HELLO = frames.frame(frames.HELLO, 0, b"\x04\0\0\0\x01\0\0\0\0\0\x01\0")


class ReceiveTest(unittest.TestCase):
    def setUp(self):
        self.router, worker = socket.socketpair()
        self.addCleanup(self.router.close)
        self.numbers = memoryview(bytearray(1024)).cast("I")
        self.pool = mock.Mock(threads=1, pid=1, scoreboard=Scoreboard(self.numbers, 0))
        self.connection = RouterConnection(worker, self.pool)
        self.addCleanup(worker.close)

    def receive(self, data, longest):
        """The worker gets `data` in pieces of up to `longest` bytes."""
        chance = random.Random(1)
        while data:
            length = chance.randint(1, longest)
            self.router.sendall(data[:length])
            data = data[length:]
            # As often as epoll would say that there is something to read.
            while select.select([self.connection], [], [], 0)[0]:
                self.connection.receive()

    def accepted(self):
        return [call.args[0] for call in self.pool.accept.call_args_list]

    def test_frames_arrive_whole_however_the_stream_is_cut(self):
        lengths = [5, 300, SHORT - 8, SHORT, 70000, 9, RECEIVE - 8, RECEIVE, RECEIVE + 100000, 40, 1000]
        heads = [bytes([65 + index]) * length for index, length in enumerate(lengths)]
        stream = HELLO + b"".join(frames.frame(frames.REQUEST, index + 1, head) for index, head in enumerate(heads))
        for longest in (100, 5000, 100000):
            with self.subTest(longest=longest):
                self.setUp()
                self.receive(stream, longest)
                self.assertEqual([exchange.payload == head for exchange, head in zip(self.accepted(), heads)], [True] * len(heads))
                self.assertEqual([exchange.id for exchange in self.accepted()], list(range(1, len(heads) + 1)))

    def test_a_body_arrives_in_the_order_it_was_sent(self):
        parts = [bytes([index]) * 50000 for index in range(20)]
        stream = HELLO + frames.frame(frames.REQUEST_STREAM, 7, b"0\0r")
        stream += b"".join(frames.frame(frames.DATA, 7, part) for part in parts) + frames.frame(frames.END, 7)
        self.receive(stream, 100000)
        self.assertEqual(self.accepted()[0].body.read(), b"".join(parts))

    def test_room_for_a_long_frame_is_given_back_after_it(self):
        self.receive(HELLO + frames.frame(frames.REQUEST, 1, b"x" * 4 * RECEIVE), 100000)
        self.receive(frames.frame(frames.REQUEST, 2, b"y" * 100) * 2, 50)
        self.assertEqual(len(self.connection._buffer), RECEIVE)

    def test_a_connection_that_received_little_takes_little_memory(self):
        before = resident_bytes()
        connections = [RouterConnection(self.connection._socket, self.pool) for _ in range(100)]
        self.assertLess(resident_bytes() - before, len(connections) * RECEIVE / 4)

    def test_what_must_not_run_twice_is_on_record_when_it_is_begun_and_nothing_else_is(self):
        kinds = {1: frames.REQUEST | frames.ONCE, 2: frames.REQUEST, 3: frames.REQUEST_BODY | frames.ONCE, 4: frames.REQUEST | frames.ONCE}
        self.receive(HELLO + b"".join(frames.frame(kind, number, b"0\0r") for number, kind in kinds.items()), 100)
        first, second, third, fourth = self.accepted()
        last = 3
        for exchange, on_record in ((first, 1), (second, 1), (third, 3)):
            self.assertTrue(self.connection.begin(exchange))
            self.assertEqual(self.numbers[last], on_record)
        # Both decide who has it: the router takes it back, or a thread begins with it.
        self.receive(frames.frame(frames.RECALL, 4), 100)
        self.assertFalse(self.connection.begin(fourth))
        self.assertEqual(self.numbers[last], 3)

    def test_nothing_is_begun_after_the_router_was_told_the_end(self):
        self.receive(HELLO + frames.frame(frames.REQUEST | frames.ONCE, 1, b"0\0r"), 100)
        self.router.recv(100)  # HELLO
        # As if a thread were about to put it on record.
        with self.connection._recording:
            closing = threading.Thread(target=self.connection.close)
            closing.start()
            closing.join(0.1)
            self.assertEqual(select.select([self.router], [], [], 0)[0], [])
        closing.join()
        self.assertEqual(self.router.recv(1), b"")
        self.assertFalse(self.connection.begin(self.accepted()[0]))

    def test_nothing_is_begun_when_a_frame_could_not_be_sent_whole(self):
        self.receive(HELLO + frames.frame(frames.REQUEST | frames.ONCE, 1, b"0\0r"), 100)
        self.router.close()
        self.connection.send(b"x")
        self.assertFalse(self.connection.begin(self.accepted()[0]))


if __name__ == "__main__":
    unittest.main()
