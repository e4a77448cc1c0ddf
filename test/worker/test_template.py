"""A template process that cannot fork a worker goes on for the others."""

import io
import os
import signal
import socket
import sys
import unittest
from unittest import mock

from wsgid_worker import template


class ForkTest(unittest.TestCase):
    def setUp(self):
        handled = {number: signal.getsignal(number) for number in (signal.SIGCHLD, signal.SIGHUP)}
        self.control = mock.Mock()
        self.slot, self.slot_of_template = socket.socketpair()
        self.addCleanup(self.slot.close)
        self.addCleanup(self.slot_of_template.close)
        first_slot = mock.patch.object(template, "FIRST_SLOT", self.slot_of_template.fileno())
        first_slot.start()
        self.addCleanup(first_slot.stop)
        self.template = template.Template(self.control, mock.Mock(applications=None))
        self.addCleanup(lambda: [signal.signal(number, handler) for number, handler in handled.items()])
        self.addCleanup(signal.set_wakeup_fd, -1)
        for each in (self.template._wakeup, self.template._wakeup_end):
            self.addCleanup(each.close)

    def fork(self):
        """What the log says of a fork that fails."""
        with mock.patch.object(sys, "stderr", io.StringIO()) as log:
            self.assertIsNone(self.template._fork(7, 0))
        return log.getvalue()

    def test_without_descriptors_the_worker_has_exited(self):
        for place in ((template.socket, "socketpair"), (template, "StackFile"), (os, "fork")):
            with self.subTest(place[1]), mock.patch.object(*place, side_effect=OSError(24, "Too many open files")):
                self.assertIn("cannot fork worker 7: [Errno 24] Too many open files", self.fork())
                self.control.send.assert_called_once_with(type="exited", worker=7, code=1, signal=None)
                self.control.reset_mock()

    def test_what_was_opened_for_it_is_closed(self):
        pair = socket.socketpair()
        with mock.patch.object(template.socket, "socketpair", return_value=pair):
            with mock.patch.object(template, "StackFile") as made, mock.patch.object(os, "fork", side_effect=OSError):
                self.fork()
        self.assertEqual([each.fileno() for each in pair], [-1, -1])
        made.return_value.close.assert_called_once_with()

    def test_what_was_made_for_it_before_is_used_and_what_is_the_workers_closed(self):
        self.template._make_cradle()
        made = self.template._cradle
        with mock.patch.object(os, "fork", return_value=4711):
            self.assertIsNone(self.template._fork(7, 0))
        child = self.template._children[4711]
        self.addCleanup(made.ours.close)
        self.addCleanup(child.stacks.close)
        self.assertEqual((child.relay.fileno(), child.stacks), (made.ours.fileno(), made.stacks))
        signals = made.birth.signals
        given = (made.birth.control, made.birth.listener, signals, signals._end)
        self.assertEqual([each.fileno() for each in given], [-1] * 4)
        self.assertIsNone(self.template._cradle)
        self.control.send.assert_called_once_with(type="forked", worker=7, pid=4711)


if __name__ == "__main__":
    unittest.main()
