"""A thread that waits for its body reads the router's connection by itself, and nobody else waits for that."""

import random
import select
import threading
import time
import unittest
from unittest import mock

from pool_case import HEAD, LONGER, PATIENCE, PoolCase
from wsgid_worker import exchange as exchange_module
from wsgid_worker import frames, turn


class TurnTest(PoolCase):
    def test_the_thread_that_waits_reads_all_but_the_first_part(self):
        self.have_it_read_alone(1)
        self.by_leader.clear()
        for part in (b"2", b"3", b"4"):
            self.data(1, part)
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1234"))
        self.assertEqual(self.by_leader, [])

    def test_a_request_that_it_finds_is_run_by_another_thread_at_once(self):
        self.have_it_read_alone(1)
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))
        # Then it leaves the connection to the leading thread, which reads the next one.
        self.ask(3)
        self.assertEqual(self.answered(), (3, b"hello"))
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1"))

    def test_after_it_has_found_a_request_for_another_thread_the_leading_one_reads_for_some_time(self):
        self.have_it_read_alone(1)
        with mock.patch.object(turn, "BUSY", 60):
            self.ask(2)
            self.assertEqual(self.answered(), (2, b"hello"))
        for part in (b"2", b"3", b"4"):
            self.by_leader.clear()
            self.data(1, part)
            self.until(lambda: self.by_leader)
        self.assertEqual(self.connection.turn._waits, 1)
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1234"))

    def test_requests_are_read_at_once_when_the_upload_is_over(self):
        self.have_it_read_alone(1)
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1"))
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))

    def test_while_its_application_works_the_main_thread_has_the_connection_watched_again(self):
        works, done = threading.Event(), threading.Event()
        self.addCleanup(done.set)

        def read(body):
            first = body.read(1) + self.next_byte(body)
            works.set()
            done.wait(LONGER)
            return first + body.read()

        self.reads = read
        self.have_it_read_alone(1)
        self.data(1, b"2")
        self.assertTrue(works.wait(PATIENCE))
        self.until(lambda: self.pool.waits.kept)
        # It looks every few milliseconds as long as there is one.
        self.assertTrue(self.pool.keeps_connections())
        self.by_leader.clear()
        self.ask(2)
        time.sleep(0.02)
        self.assertEqual(self.by_leader, [], "nobody is woken for it")
        self.pool.pass_lead_on()
        self.pool.pass_lead_on()
        self.assertEqual(self.answered(), (2, b"hello"))
        self.assertFalse(self.pool.waits.kept)
        done.set()
        self.end(1)
        self.assertEqual(self.answered(), (1, b"12"))

    def test_a_slow_client_does_not_keep_the_main_thread_awake(self):
        self.have_it_read_alone(1)
        self.data(1, b"2")
        self.until(lambda: self.connection.turn._waits == 2 and self.connection.turn._alone)
        self.pool.pass_lead_on()
        self.pool.pass_lead_on()
        self.assertFalse(self.pool.waits.kept)
        # It is kept again when the next part comes, and the main thread hears of it.
        self.pool.clear_nudge()
        self.data(1, b"3")
        self.until(lambda: self.connection.turn._waits == 3)
        self.assertTrue(select.select([self.pool.nudge], [], [], PATIENCE)[0])
        self.end(1)
        self.assertEqual(self.answered(), (1, b"123"))

    def test_uploads_over_one_connection_do_not_wait_for_each_other(self):
        self.have_it_read_alone(1)
        self.begin(2)
        for _ in range(20):
            self.data(2, b"b")
        self.end(2)
        self.assertEqual(self.answered(), (2, b"b" * 20))
        self.data(1, b"2")
        self.end(1)
        self.assertEqual(self.answered(), (1, b"12"))

    def two_uploads(self):
        """Two that wait for nothing yet, and what lets each go on: it reads a byte, works, reads a byte."""
        may_go_on = {b"a": threading.Semaphore(0), b"b": threading.Semaphore(0)}
        works = {b"a": threading.Semaphore(0), b"b": threading.Semaphore(0)}

        def read(body):
            name = body.read(1)
            while True:
                works[name].release()
                may_go_on[name].acquire(timeout=LONGER)
                if not self.next_byte(body):
                    return name

        self.reads = read
        for request, name in ((1, b"a"), (2, b"b")):
            self.begin(request)
            self.data(request, name)
            self.assertTrue(works[name].acquire(timeout=PATIENCE))
        return may_go_on, works

    def test_a_thread_that_begins_to_wait_has_a_kept_connection_read(self):
        may_go_on, works = self.two_uploads()
        may_go_on[b"a"].release()
        self.until(lambda: self.connection.turn._alone)
        self.data(1, b"x")
        self.assertTrue(works[b"a"].acquire(timeout=PATIENCE))
        self.assertFalse(self.connection.turn._watched)
        # As if its last wait were long ago.
        with mock.patch.object(exchange_module, "SOON", 0):
            may_go_on[b"b"].release()
            self.until(lambda: self.pool.waits.for_others)
        self.end(2)
        self.assertEqual(self.answered(), (2, b"b"))
        may_go_on[b"a"].release()
        self.end(1)
        self.assertEqual(self.answered(), (1, b"a"))

    def test_a_thread_that_has_what_it_needs_leaves_the_connection_to_those_that_wait(self):
        may_go_on, works = self.two_uploads()
        may_go_on[b"a"].release()
        self.until(lambda: self.connection.turn._alone)
        may_go_on[b"b"].release()
        self.until(lambda: self.pool.waits.for_others)
        self.data(1, b"x")
        self.assertTrue(works[b"a"].acquire(timeout=PATIENCE))
        self.end(2)
        self.assertEqual(self.answered(), (2, b"b"))
        may_go_on[b"a"].release()
        self.end(1)
        self.assertEqual(self.answered(), (1, b"a"))

    def test_a_thread_that_has_kept_the_lead_loses_it_when_it_waits(self):
        self.pool._pace = 1
        self.pool.quiet = False
        self.begin(1)
        self.ask(2)
        # The main thread is woken, and need not look twice.
        self.assertTrue(select.select([self.pool.nudge], [], [], PATIENCE)[0])
        self.pool.pass_lead_on()
        self.assertEqual(self.answered(), (2, b"hello"))
        self.end(1)
        self.assertEqual(self.answered(), (1, b""))

    def test_it_sleeps_again_when_it_was_woken_for_nothing(self):
        self.have_it_read_alone(1)
        self.connection.turn.wake()
        self.until(lambda: not select.select([self.connection.turn._wake], [], [], 0)[0])
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1"))

    def test_whatever_comes_in_whatever_order_is_read(self):
        chance = random.Random(3)
        self.reads = lambda body: b"".join(iter(lambda: body.read(chance.choice((1, 3, 10))), b""))
        ticks = threading.Event()
        ticking = threading.Thread(target=self.be_main_thread, args=[ticks])
        ticking.start()
        try:
            request = 0
            for _ in range(200):
                uploads, expected = {}, {}
                for _ in range(chance.randint(1, 2)):
                    request += 1
                    uploads[request] = expected[request] = bytes(chance.choices(b"abc", k=chance.randint(1, 40)))
                    self.router.sendall(frames.frame(frames.REQUEST_STREAM, request, HEAD))
                while uploads:
                    which = chance.choice(list(uploads))
                    size = chance.randint(1, 8)
                    self.data(which, uploads[which][:size])
                    uploads[which] = uploads[which][size:]
                    if not uploads[which]:
                        del uploads[which]
                        self.end(which)
                    if chance.random() < 0.1:
                        request += 1
                        expected[request] = b"hello"
                        self.ask(request)
                    if chance.random() < 0.05:
                        time.sleep(0.001)
                while expected:
                    which, body = self.answered()
                    self.assertEqual(body, expected.pop(which))
        finally:
            ticks.set()
            ticking.join()

if __name__ == "__main__":
    unittest.main()
