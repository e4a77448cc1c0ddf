"""What the debugger of `wsgid debug` stops at, and that an application goes on without it."""

import os
import pdb
import sys
import tempfile
import unittest
from unittest import mock

from wsgid_worker import debugging

CODE = """def application(environ, start_response):
    value = 1
    if environ.get("raise"):
        raise ValueError("on purpose")
    if environ.get("breakpoint"):
        breakpoint()
    return [value]

def pieces(environ, start_response):
    yield 1
    yield 2
"""


class DebuggerTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(os.path.realpath(directory.name), "shop.py")
        with open(self.path, "w") as file:
            file.write(CODE)
        self.module = {"__name__": "shop"}
        exec(compile(CODE, self.path, "exec"), self.module)
        #: Where it has stopped, and what to do there.
        self.stops = []
        self.act = lambda debugger: debugger.set_continue()
        for target, name, value in (
            (pdb.Pdb, "interaction", self.interact),
            (pdb.Pdb, "message", mock.Mock()),
            (debugging, "end_debugging", mock.Mock()),
        ):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.debugger = debugging.Debugger(mock.MagicMock())
        self.addCleanup(self.debugger.clear_all_breaks)
        self.addCleanup(setattr, sys, "breakpointhook", sys.breakpointhook)
        sys.breakpointhook = self.debugger.stop_at_caller

    @property
    def interact(self):
        # A plain function, so that it becomes a method.
        def interaction(debugger, frame, *_):
            self.stops.append("post-mortem" if frame is None else frame.f_lineno)
            self.act(debugger)

        return interaction

    def call(self, name="application", **environ):
        return self.debugger.around(self.module[name])(environ, None)

    def test_nothing_stops_without_a_breakpoint(self):
        self.assertEqual(self.call(), [1])
        self.assertEqual(self.stops, [])

    def test_it_stops_at_a_breakpoint_in_each_request(self):
        self.assertIsNone(self.debugger.set_break(self.path, 3))
        self.assertEqual((self.call(), self.call()), ([1], [1]))
        self.assertEqual(self.stops, [3, 3])

    def test_a_place_that_is_not_there_is_told(self):
        self.assertIn("does not exist", self.debugger.set_break(self.path, 300))

    def test_it_stops_at_breakpoint_of_the_application(self):
        self.call(breakpoint=True)
        self.assertEqual(len(self.stops), 1)
        self.assertIn(self.stops[0], (6, 7))

    def test_it_stops_where_the_application_raised_and_the_error_goes_on(self):
        with self.assertRaises(ValueError):
            self.call(**{"raise": True})
        self.assertEqual(self.stops, ["post-mortem"])

    def test_it_stops_within_what_the_application_yields(self):
        self.debugger.set_break(self.path, 11)
        self.assertEqual(list(self.call("pieces")), [1, 2])
        self.assertEqual(self.stops, [11])

    def test_after_quit_the_request_goes_on_and_nothing_stops_any_more(self):
        self.debugger.set_break(self.path, 3)
        self.act = lambda debugger: debugger.do_quit("")
        self.assertEqual(self.call(breakpoint=True), [1])
        self.assertEqual(self.call(), [1])
        self.assertEqual(self.stops, [3])
        debugging.end_debugging.assert_called_once_with()

    def test_no_thread_is_traced_outside_of_applications(self):
        self.debugger.set_break(self.path, 3)
        before = sys.gettrace()
        self.call()
        self.assertIs(sys.gettrace(), before)


if __name__ == "__main__":
    unittest.main()
