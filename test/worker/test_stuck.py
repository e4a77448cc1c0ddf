"""What is said about requests that run too long, and how often."""

import io
import threading
import unittest
from unittest import mock

from wsgid_worker import stuck


class _Exchange:
    request_id = "r1"

    def __init__(self):
        self.seconds = 0.0
        self.ended_by = []

    def application_seconds(self):
        return self.seconds

    def time_out(self, reason, text):
        self.ended_by.append(text)


class SlowRequestsTest(unittest.TestCase):
    def setUp(self):
        self.log = io.StringIO()
        patch = mock.patch.object(stuck, "error_stream", lambda: self.log)
        patch.start()
        self.addCleanup(patch.stop)
        self.exchange = _Exchange()
        self.pool = mock.Mock(running=[None, self.exchange], idents=[0, threading.get_ident()])

    def watch(self, slow, timeout):
        configuration = {"slowRequestsSeconds": slow, "requestTimeoutSeconds": timeout, "interruptTimeoutSeconds": 0}
        return stuck.RequestWatch(self.pool, configuration)

    def look(self, watch, seconds):
        """A look at a request that has run for so long; what was logged."""
        self.exchange.seconds = seconds
        before = self.log.tell()
        watch.look(seconds)
        return self.log.getvalue()[before:]

    def test_the_stack_of_a_slow_request_is_logged_once(self):
        watch = self.watch(slow=2, timeout=0)
        self.assertEqual(self.look(watch, 1.9), "")
        said = self.look(watch, 2.0)
        self.assertIn("slow-requests: running longer than 2 s; stack of its thread:\n", said)
        self.assertIn("in look", said)
        self.assertEqual(self.look(watch, 9.0), "")

    def test_the_next_request_of_the_thread_has_its_own(self):
        watch = self.watch(slow=2, timeout=0)
        self.look(watch, 2.0)
        self.exchange = self.pool.running[1] = _Exchange()
        self.assertEqual(self.look(watch, 1.0), "")
        self.assertIn("slow-requests", self.look(watch, 3.0))

    def test_request_timeout_still_ends_a_request_that_was_slow(self):
        watch = self.watch(slow=2, timeout=5)
        self.look(watch, 2.0)
        self.assertIn("request-timeout", self.look(watch, 5.0))
        self.assertEqual(self.exchange.ended_by, ["request-timeout of 5 s"])

    def test_without_either_no_request_is_looked_at(self):
        self.exchange.application_seconds = mock.Mock()
        self.assertEqual(self.look(self.watch(slow=0, timeout=0), 100.0), "")
        self.exchange.application_seconds.assert_not_called()


class DeadlockWatchTest(unittest.TestCase):
    """Which of the two clocks is set: that of the stacks, that of death."""

    def armed(self, **wanted):
        with mock.patch.object(stuck.faulthandler, "dump_traceback_later") as dump, mock.patch.object(
            stuck.signal, "setitimer"
        ) as alarm:
            stuck.DeadlockWatch(**wanted).push_on(1.0)
        return [call.args[0] for call in dump.mock_calls], [call.args[1] for call in alarm.mock_calls]

    def test_stacks_are_written_shortly_before_death(self):
        self.assertEqual(self.armed(timeout=60), ([59.5], [60]))

    def test_slow_requests_has_them_written_earlier(self):
        self.assertEqual(self.armed(timeout=60, slow=5), ([5], [60]))

    def test_slow_requests_alone_kills_nobody(self):
        self.assertEqual(self.armed(timeout=0, slow=5), ([5], [0]))

    def test_without_either_nothing_is_set(self):
        self.assertEqual(self.armed(timeout=0), ([], []))


if __name__ == "__main__":
    unittest.main()
