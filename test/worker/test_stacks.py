"""Where threads are: as the worker itself tells it, and as its signal handler writes it."""

import os
import sys
import threading
import time
import unittest
from unittest import mock

from wsgid_worker import stacks


class _Exchange:
    request_id = "r1"

    def request_line(self):
        return "GET /slow"

    def application_seconds(self):
        return 12.5


class _Thread:
    """A thread that waits in a function of ours, `depth` calls down."""

    def __init__(self, depth=0):
        self.there, self.go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._call, args=(depth,), name="waiting one")
        self.thread.start()
        self.there.wait(30)

    def _call(self, depth):
        if depth:
            return self._call(depth - 1)
        return self._stay()

    def _stay(self):
        self.there.set()
        self.go.wait(30)

    def end(self):
        self.go.set()
        self.thread.join(30)


class DescribeTest(unittest.TestCase):
    def setUp(self):
        self.threads = []

    def thread(self, depth=0):
        thread = _Thread(depth)
        self.threads.append(thread)
        self.addCleanup(thread.end)
        return thread

    def describe(self, pool, exchanges):
        """As if there were no other threads than ours: those of other tests may still live."""
        ours = {each.thread.ident for each in self.threads} | {threading.get_ident()}
        frames = {ident: frame for ident, frame in sys._current_frames().items() if ident in ours}
        with mock.patch.object(sys, "_current_frames", lambda: frames):
            return stacks.describe(mock.Mock(idents=[each.thread.ident for each in pool], running=exchanges))

    def test_a_thread_that_serves_has_its_request_and_its_frames(self):
        answer = self.describe([self.thread()], [_Exchange()])
        (thread,) = answer["threads"]
        self.assertEqual(thread["request"], {"id": "r1", "line": "GET /slow", "seconds": 12.5})
        self.assertIn("_stay", [frame["function"] for frame in thread["frames"]])
        stay = next(frame for frame in thread["frames"] if frame["function"] == "_stay")
        self.assertEqual((stay["file"], stay["code"]), (__file__, "self.go.wait(30)"))

    def test_a_thread_of_the_pool_that_serves_nothing_is_only_counted(self):
        answer = self.describe([self.thread()], [None])
        self.assertEqual((answer["idle"], answer["threads"]), (1, []))

    def test_a_thread_that_the_application_started_is_told_without_request(self):
        self.thread()
        (thread,) = self.describe([], [])["threads"]
        self.assertEqual((thread["name"], thread["request"]), ("waiting one", None))

    def test_of_a_deep_recursion_both_ends_are_told(self):
        (thread,) = self.describe([self.thread(depth=300)], [_Exchange()])["threads"]
        self.assertEqual(len(thread["frames"]), stacks.OUTERMOST + stacks.INNERMOST)
        self.assertGreaterEqual(thread["leftOut"], 200)
        self.assertEqual(thread["frames"][0]["function"], "_call")
        self.assertIn("_stay", [frame["function"] for frame in thread["frames"]])

    def test_threads_beyond_the_room_are_counted(self):
        with mock.patch.object(stacks, "LONGEST_ANSWER", 10):
            answer = self.describe([self.thread()], [_Exchange()])
        self.assertEqual((answer["leftOut"], answer["threads"]), (1, []))


class StackFileTest(unittest.TestCase):
    def setUp(self):
        self.file = stacks.StackFile()
        self.addCleanup(self.file.close)
        self.file.write_on_signal()
        self.addCleanup(stacks.faulthandler.unregister, stacks.SIGNAL)

    def written(self):
        """Waits for the signal handler: nobody says which thread runs it, nor when."""
        end = time.monotonic() + 30
        while "MainThread" not in self.file.read() and __file__ not in self.file.read() and time.monotonic() < end:
            time.sleep(0.01)
        return self.file.read()

    def test_a_signal_has_the_stacks_written(self):
        os.kill(os.getpid(), stacks.SIGNAL)
        self.assertRegex(self.written(), r'File "%s", line [0-9]+ in ' % __file__)

    def test_what_was_written_before_is_gone_after_emptying(self):
        os.kill(os.getpid(), stacks.SIGNAL)
        before = len(self.written())
        self.file.empty()
        self.assertEqual(self.file.read(), "")
        os.kill(os.getpid(), stacks.SIGNAL)
        self.assertLess(abs(len(self.written()) - before), before)

    def test_a_python_without_memfd_create_has_one_too(self):
        with mock.patch.object(os, "memfd_create", side_effect=AttributeError):
            file = stacks.StackFile()
        self.addCleanup(file.close)
        file.write_on_signal()
        self.file = file
        os.kill(os.getpid(), stacks.SIGNAL)
        self.assertRegex(self.written(), r'File "%s", line [0-9]+ in ' % __file__)


if __name__ == "__main__":
    unittest.main()
