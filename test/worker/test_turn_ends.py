"""How the turn to read a connection ends in other ways than by what was waited for: nobody waits for ever, nothing is lost unnoticed."""

import os
import select
import threading
import time
import unittest
from unittest import mock

from pool_case import HEAD, PATIENCE, PoolCase
from wsgid_worker import frames, turn
from wsgid_worker.request_body import BodyBrokeOff
from wsgid_worker.waits import Bell
from wsgid_worker.worker import TICK, Life

try:
    from ctypes import c_ulong, py_object, pythonapi
except ImportError:
    pythonapi = None


def open_files():
    """What this process has open, as /proc names it."""
    names = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink("/proc/self/fd/" + descriptor))
        except FileNotFoundError:
            pass  # the directory itself, or closed meanwhile
    return names


class TurnEndsTest(PoolCase):
    def test_the_end_of_the_connection_ends_the_wait_and_all_that_belongs_to_it(self):
        errors = []

        def read(body):
            try:
                return self.next_byte(body)
            except BodyBrokeOff as error:
                errors.append(error)
                raise

        self.reads = lambda body: body.read(1) + read(body)
        pipe = os.readlink("/proc/self/fd/%d" % self.connection.turn._wake)
        self.assertEqual(open_files().count(pipe), 2)
        self.have_it_read_alone(1)
        self.router.close()
        self.until(lambda: errors and not self.pool._connections and not self.pool.any_busy())
        self.assertEqual(open_files().count(pipe), 0)

    def test_a_client_that_goes_away_ends_the_wait(self):
        self.have_it_read_alone(1)
        self.router.sendall(frames.frame(frames.ABORT, 1))
        self.assertEqual(self.frame()[:2], (frames.FAILED, 1))
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))

    def test_the_main_thread_ends_the_wait_of_a_request_that_timed_out_and_does_not_interrupt_it(self):
        self.have_it_read_alone(1)
        (waiting,) = [each for each in self.pool.running if each is not None]
        interrupted = []
        self.pool.interrupt(self.pool.running.index(waiting), waiting, interrupted.append)
        # An exception in the middle of a frame would cost all requests of this router.
        self.assertEqual(interrupted, [])
        waiting.time_out(frames.TIMED_OUT, "too long")
        self.assertEqual(self.frame()[:2], (frames.FAILED, 1))
        self.assertEqual(self.frame()[:2], (frames.FAILED, 1))
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))

    def test_what_breaks_off_its_reading_when_it_has_taken_something_costs_the_connection(self):
        self.have_it_read_alone(1)

        class Interrupted:
            """A socket whose bytes are lost: they were taken, then something else came."""

            def __init__(self, sock):
                self.sock = sock

            def recv_into(self, *args):
                length = self.sock.recv_into(*args)
                if length > 8:
                    raise KeyError("from elsewhere")
                return length

            def __getattr__(self, name):
                return getattr(self.sock, name)

        self.connection._socket = Interrupted(self.connection._socket)
        self.data(1, b"2")
        self.until(lambda: self.connection.closed and not self.pool.any_busy())

    @unittest.skipIf(pythonapi is None, "PyPy has no way to do it")
    def test_exceptions_from_other_threads_never_leave_a_connection_that_nobody_reads(self):
        """As libraries do that bound the time of a block: at any moment of the application, its waits included."""

        class OutOfTime(Exception):
            pass

        waits, raising = set(), threading.Lock()

        def read(body):
            parts, part = [], b"-"
            while part:
                try:
                    try:
                        waits.add(threading.get_ident())
                        part = body.read(1)
                        parts.append(part)
                    finally:
                        with raising:
                            waits.discard(threading.get_ident())
                except OutOfTime:
                    pass
                # One that is on its way comes here.
                try:
                    for _ in range(10):
                        pass
                except OutOfTime:
                    pass
            return b"".join(parts)

        def raise_now_and_then():
            while not over.wait(0.0003):
                with raising:
                    for thread in list(waits):
                        pythonapi.PyThreadState_SetAsyncExc(c_ulong(thread), py_object(OutOfTime))

        # Python hits a thread that was only just made in the place of the one that makes it: no more shall be made.
        self.ask(1000)
        self.answered()
        self.until(lambda: all(self.pool.idents[:2]))
        self.assertEqual(len(self.pool.running), 2)
        self.pool._grows = False
        self.reads = read
        over = threading.Event()
        others = [threading.Thread(target=raise_now_and_then), threading.Thread(target=self.be_main_thread, args=[over])]
        for thread in others:
            thread.start()
        try:
            with mock.patch.object(turn, "BUSY", 0):
                for request in range(1, 120, 2):
                    try:
                        self.router.sendall(frames.frame(frames.REQUEST_STREAM, request, HEAD))
                        for _ in range(10):
                            self.data(request, b"1")
                            time.sleep(0.0005)
                        self.end(request)
                        self.ask(request + 1)
                        self.frame()
                        self.frame()
                    except ConnectionError:
                        self.connect()  # that is the price; to wait for ever would be none
        finally:
            over.set()
            for thread in others:
                thread.join()

    def test_a_wait_that_begins_when_its_request_is_over_leaves_nothing(self):
        """In a thread of the application's: the main thread is awake until the connection is watched."""
        self.reads = lambda body: body.read(1)
        self.begin(1)
        self.data(1, b"1")
        self.answered()
        self.until(lambda: not self.pool.any_busy())
        # It had seen that there was nothing, and was about to wait, when the request ended.
        self.connection.turn.wait(mock.Mock(), lambda: True, Bell(), True)
        self.assertTrue(select.select([self.pool.nudge], [], [], PATIENCE)[0])
        life = Life.__new__(Life)
        life._pool, life._draining, life._served, life._asked_to_retire = self.pool, False, self.pool.served(), False
        life._deadlock, life._limits = mock.Mock(), mock.Mock()
        self.assertEqual(life._patience(), TICK)
        self.pool.pass_lead_on()
        self.pool.pass_lead_on()
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))
        self.until(lambda: not self.pool.any_busy())
        life._served = self.pool.served()
        self.assertIs(life._patience(), life._limits.idle_patience.return_value, "it sleeps")

    def test_what_breaks_off_its_parsing_costs_the_connection_and_no_more(self):
        """As a library would that raises exceptions in other threads."""
        self.have_it_read_alone(1)
        with mock.patch.object(self.connection, "_parse", side_effect=KeyError("from elsewhere")):
            self.data(1, b"2")
            self.until(lambda: self.connection.closed and not self.pool._connections)
        self.until(lambda: not self.pool.any_busy())
        self.assertIn("from elsewhere", self.log.getvalue())

if __name__ == "__main__":
    unittest.main()
