"""A worker's threads: as many as are needed, up to `threads`, and what happens when there cannot be more."""

import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from unittest import mock

from wsgid_worker import serving
from wsgid_worker.scoreboard import Scoreboard

WORKER = os.path.join(os.path.dirname(__file__), "../../src/worker")


class _Connection:
    turn = mock.Mock()

    @staticmethod
    def begin(_):
        return True


class _Exchange:
    """A request that runs until it is let go."""

    connection = _Connection()
    has_waited = False

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def run(self, *_):
        self.begun.set()
        self.go.wait(10)
        return 1


class PoolTest(unittest.TestCase):
    def setUp(self):
        listener = self.listener = socket.socket(socket.AF_UNIX)
        listener.bind("")  # a name of the kernel's choice
        listener.listen(32)
        configuration = {"threads": 3, "stackSize": 0, "scriptReloading": "off"}
        self.addCleanup(listener.close)
        self.pool = serving.Pool([], configuration, mock.Mock())
        self.complaints = []
        self.pool.complain = self.complaints.append
        self.exchanges = []

    def tearDown(self):
        for exchange in self.exchanges:
            exchange.go.set()

    def request(self):
        """A request arrives and begins to run."""
        exchange = _Exchange()
        self.exchanges.append(exchange)
        self.pool.accept(exchange)
        # Whoever leads waits for routers: it is woken by a connection that nobody needs.
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.pool._listener.getsockname())
            self.assertTrue(exchange.begun.wait(10))

    def test_a_thread_is_started_whenever_none_is_free_up_to_the_configured_number(self):
        self.pool.start(self.listener, Scoreboard(None, 0))
        started = []
        for _ in range(3):
            started.append(len(self.pool.running))
            self.request()
        self.assertEqual(started, [1, 2, 3])
        self.assertEqual([exchange in self.pool.running for exchange in self.exchanges], [True] * 3)
        self.assertTrue(self.pool.all_busy())

    def test_requests_one_after_the_other_need_one_thread_and_one_that_is_free(self):
        self.pool.start(self.listener, Scoreboard(None, 0))
        for _ in range(20):
            self.request()
            self.exchanges[-1].go.set()
            while self.pool.any_busy():
                time.sleep(0.001)
        self.assertEqual(len(self.pool.running), 2)

    def test_a_thread_that_cannot_be_started_is_logged_and_tried_again_later(self):
        self.pool.start(self.listener, Scoreboard(None, 0))
        with mock.patch.object(serving._thread, "start_new_thread", side_effect=RuntimeError("can't start new thread")):
            self.request()
        self.assertEqual(self.complaints, ["cannot start thread 2 of 3: can't start new thread\n"])
        self.assertEqual(len(self.pool.running), 1)
        self.assertTrue(self.pool.all_busy())
        self.pool._next_thread = 0.0
        self.exchanges[0].go.set()
        self.request()
        self.request()
        self.assertEqual(len(self.pool.running), 3)

    def was_nudged(self):
        """Whether the main thread has been woken since the last look."""
        try:
            return bool(os.read(self.pool.nudge, 4096))
        except BlockingIOError:
            return False

    def wait_for_others(self, exchange):
        """Its thread begins to wait; returns that."""
        exchange.has_waited = True
        thread = self.pool.idents[self.pool.running.index(exchange)]
        self.pool.begin_wait(thread, exchange)
        self.pool.needs_others(thread)
        return thread

    def test_the_main_thread_reads_for_a_thread_that_waits_as_soon_as_no_other_one_can(self):
        self.pool.start(self.listener, Scoreboard(None, 0))
        self.request()
        self.request()
        thread = self.wait_for_others(self.exchanges[0])
        self.assertFalse(self.pool.needs_reader(), "the third thread leads")
        self.pool.clear_nudge()
        self.request()
        self.assertTrue(self.was_nudged() and self.pool.needs_reader())
        self.pool.waits.end(thread)
        self.assertFalse(self.pool.needs_reader(), "it can wait until the next tick")
        self.wait_for_others(self.exchanges[1])
        self.assertTrue(self.was_nudged() and self.pool.needs_reader())

    def test_requests_that_nobody_waits_for_do_not_wake_the_main_thread_when_all_threads_are_busy(self):
        self.pool.start(self.listener, Scoreboard(None, 0))
        self.request()
        self.pool.clear_nudge()
        self.request()
        self.request()
        self.assertFalse(self.was_nudged() or self.pool.needs_reader())

    def test_a_wait_that_was_interrupted_is_forgotten_with_its_request(self):
        self.pool._pace = 100 * serving.FAST  # nobody keeps the lead
        self.pool.start(self.listener, Scoreboard(None, 0))
        self.request()
        self.wait_for_others(self.exchanges[0])
        self.exchanges[0].go.set()
        while self.pool.served() < 1:
            time.sleep(0.001)
        for _ in range(3):
            self.request()
        self.assertTrue(self.pool.all_busy())
        self.assertFalse(self.pool.needs_reader())

    def test_the_main_thread_is_woken_when_threads_begin_to_keep_the_lead(self):
        self.assertFalse(self.pool.may_keep_lead())
        self.pool._keep_pace(serving.FAST + 1)
        self.assertFalse(self.was_nudged() or self.pool.may_keep_lead())
        self.pool._keep_pace(1)
        self.assertTrue(self.was_nudged() and self.pool.may_keep_lead())
        self.pool._keep_pace(1)
        self.assertFalse(self.was_nudged())

    def test_the_first_thread_must_be_had(self):
        with mock.patch.object(serving._thread, "start_new_thread", side_effect=RuntimeError("can't start new thread")):
            self.assertRaises(RuntimeError, self.pool.start, self.listener, Scoreboard(None, 0))

    def test_threads_have_a_name_and_the_hooks_of_debuggers(self):
        seen = []
        exchange = _Exchange()
        exchange.run = lambda *_: seen.append((threading.current_thread().name, sys.gettrace())) or exchange.begun.set() or 1
        trace = lambda *_: None  # noqa: E731
        threading.settrace(trace)
        try:
            self.pool.start(self.listener, Scoreboard(None, 0))
            self.pool.accept(exchange)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.pool._listener.getsockname())
                self.assertTrue(exchange.begun.wait(10))
        finally:
            threading.settrace(None)
        self.assertEqual(seen, [("wsgid-1", trace if hasattr(threading, "gettrace") else None)])


class RestrictedStdoutTest(unittest.TestCase):
    def test_a_process_whose_stdout_is_restricted_ends_without_complaint(self):
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); from wsgid_worker.restrictions import restrict_stdout\n"
            "restrict_stdout()\ntry:\n    print('x')\nexcept OSError as error:\n    sys.stderr.write(str(error))"
        )
        done = subprocess.run([sys.executable, "-c", code, WORKER], stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(
            (done.returncode, done.stderr), (0, b"sys.stdout access restricted by wsgid (restrict-stdout: error)")
        )


if __name__ == "__main__":
    unittest.main()
