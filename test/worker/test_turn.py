"""A thread that waits for its body reads the router's connection by itself, and nobody else waits for that."""

import io
import os
import random
import select
import socket
import struct
import threading
import time
import types
import unittest
from unittest import mock

from wsgid_worker import exchange as exchange_module
from wsgid_worker import frames, serving, turn
from wsgid_worker.request_body import BodyBrokeOff
from wsgid_worker.scoreboard import Scoreboard
from wsgid_worker.waits import Bell
from wsgid_worker.worker import Life

try:
    from ctypes import c_ulong, py_object, pythonapi
except ImportError:
    pythonapi = None

HELLO = frames.frame(frames.HELLO, 0, struct.pack("<HHII", 4, 0, 1, 1 << 16))
HEAD = b"\0".join([b"0", b"r", b"SCRIPT_NAME", b"", b"PATH_INFO", b"/", b"mod_wsgi.request_start", b"1", b"mod_wsgi.queue_start", b"1"])
PATIENCE = 10
#: What the application waits for: it must not come about by time.
LONGER = 60


def open_files():
    """What this process has open, as /proc names it."""
    names = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink("/proc/self/fd/" + descriptor))
        except FileNotFoundError:
            pass  # the directory itself, or closed meanwhile
    return names


class TurnTest(unittest.TestCase):
    """A pool of real threads and a router's end of a connection to it; the test plays the worker's main thread."""

    def setUp(self):
        self.log = io.StringIO()
        # Every wait but the first of a request is one that follows soon.
        for patch in (mock.patch.object(exchange_module, "SOON", 60), mock.patch.object(exchange_module, "error_stream", lambda: self.log)):
            patch.start()
            self.addCleanup(patch.stop)
        self.begun = threading.Semaphore(0)
        application = types.SimpleNamespace(callable=self.answer, script=None, template={}, overrides={})
        configuration = {"threads": 3, "stackSize": 0, "scriptReloading": "off"}
        self.pool = serving.Pool([application], configuration, mock.Mock())
        self.complaints = []
        self.pool.complain = self.complaints.append
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind("")
        self.listener.listen(1)
        self.address = self.listener.getsockname()
        self.pool.start(self.listener, Scoreboard(None, 0))
        self.reads = lambda body: body.read()
        self.connect()
        (self.connection,) = self.pool._connections.values()
        self.by_leader = []
        receive = self.connection.receive
        self.connection.receive = lambda: (self.by_leader.append(1), receive())

    # -- the application ----------------------------------------------------------------------------------------------

    def answer(self, environ, start_response):
        start_response("200 OK", [])
        self.begun.release()
        body = environ["wsgi.input"]
        return [b"hello"] if not hasattr(body, "feed") else [self.reads(body)]

    def connect(self):
        self.router = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.router.close)
        self.router.connect(self.address)
        self.router.settimeout(PATIENCE)
        self.received = b""
        self.router.sendall(HELLO)
        self.assertEqual(self.frame()[0], frames.WORKER_HELLO)

    # -- the router ---------------------------------------------------------------------------------------------------

    def frame(self):
        """The next frame that is no CREDIT: kind, id, payload."""
        while True:
            while len(self.received) < 8 or len(self.received) < 8 + (frames.unpack_u32(self.received)[0] & 0xFFFFFF):
                data = self.router.recv(65536)
                if not data:
                    raise ConnectionError("the worker has closed the connection")
                self.received += data
            word, request = frames.unpack_header(self.received, 0)
            end = 8 + (word & 0xFFFFFF)
            payload, self.received = self.received[8:end], self.received[end:]
            if word >> 24 != frames.BODY_CREDIT:
                return word >> 24, request, payload

    def answered(self):
        """Id and body of the next response."""
        kind, request, payload = self.frame()
        self.assertEqual(kind, frames.RESPONSE, payload)
        return request, payload[8 + frames.unpack_u32(payload[4:8])[0] :]

    def begin(self, request):
        self.router.sendall(frames.frame(frames.REQUEST_STREAM, request, HEAD))
        self.assertTrue(self.begun.acquire(timeout=PATIENCE))

    def data(self, request, data):
        self.router.sendall(frames.frame(frames.DATA, request, data))

    def end(self, request):
        self.router.sendall(frames.frame(frames.END, request))

    def ask(self, request):
        self.router.sendall(frames.frame(frames.REQUEST, request, HEAD))

    def until(self, happened):
        deadline = time.monotonic() + PATIENCE
        while not happened():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.001)

    def be_main_thread(self, over):
        """Ticks until it is over."""
        while not over.wait(0.002):
            self.pool.pass_lead_on()
            if self.pool.all_busy():
                self.pool.stand_in()

    def have_it_read_alone(self, request):
        """An upload that has got one part, waits for the second and reads for it by itself."""
        self.begin(request)
        self.data(request, b"1")
        self.until(lambda: self.connection.turn._alone)

    # -- what is to be seen --------------------------------------------------------------------------------------------

    def test_the_thread_that_waits_reads_all_but_the_first_part(self):
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
        self.have_it_read_alone(1)
        self.by_leader.clear()
        for part in (b"2", b"3", b"4"):
            self.data(1, part)
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1234"))
        self.assertEqual(self.by_leader, [])

    def test_a_request_that_it_finds_is_run_by_another_thread_at_once(self):
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
        self.have_it_read_alone(1)
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))
        # Then it leaves the connection to the leading thread, which reads the next one.
        self.ask(3)
        self.assertEqual(self.answered(), (3, b"hello"))
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1"))

    def test_after_it_has_found_a_request_for_another_thread_the_leading_one_reads_for_some_time(self):
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
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
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
        self.have_it_read_alone(1)
        self.end(1)
        self.assertEqual(self.answered(), (1, b"1"))
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))

    def test_while_its_application_works_the_main_thread_has_the_connection_watched_again(self):
        works, done = threading.Event(), threading.Event()
        self.addCleanup(done.set)

        def read(body):
            first = body.read(1) + body.read(1)
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
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
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
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
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
                if not body.read(1):
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
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
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

    def test_the_end_of_the_connection_ends_the_wait_and_all_that_belongs_to_it(self):
        errors = []

        def read(body):
            try:
                return body.read()
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
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
        self.have_it_read_alone(1)
        self.router.sendall(frames.frame(frames.ABORT, 1))
        self.assertEqual(self.frame()[:2], (frames.FAILED, 1))
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))

    def test_the_main_thread_ends_the_wait_of_a_request_that_timed_out_and_does_not_interrupt_it(self):
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
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
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
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
        self.assertIsNotNone(life._patience())
        self.pool.pass_lead_on()
        self.pool.pass_lead_on()
        self.ask(2)
        self.assertEqual(self.answered(), (2, b"hello"))
        self.until(lambda: not self.pool.any_busy())
        life._served = self.pool.served()
        self.assertIs(life._patience(), life._limits.idle_patience.return_value, "it sleeps")

    def test_what_breaks_off_its_parsing_costs_the_connection_and_no_more(self):
        """As a library would that raises exceptions in other threads."""
        self.reads = lambda body: b"".join(iter(lambda: body.read(1), b""))
        self.have_it_read_alone(1)
        with mock.patch.object(self.connection, "_parse", side_effect=KeyError("from elsewhere")):
            self.data(1, b"2")
            self.until(lambda: self.connection.closed and not self.pool._connections)
        self.until(lambda: not self.pool.any_busy())
        self.assertIn("from elsewhere", self.log.getvalue())


if __name__ == "__main__":
    unittest.main()
