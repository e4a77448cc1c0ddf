"""A worker's pool of real threads, and a router's end of a connection to it; the test plays the worker's main thread."""

import io
import socket
import struct
import threading
import time
import types
import unittest
from unittest import mock

from wsgid_worker import exchange as exchange_module
from wsgid_worker import frames, serving
from wsgid_worker.scoreboard import Scoreboard
from wsgid_worker.turn import LEADER

HELLO = frames.frame(frames.HELLO, 0, struct.pack("<HHII", 4, 0, 1, 1 << 16))
HEAD = b"\0".join([b"0", b"r", b"SCRIPT_NAME", b"", b"PATH_INFO", b"/", b"mod_wsgi.request_start", b"1", b"mod_wsgi.queue_start", b"1"])
PATIENCE = 10
#: What an application waits for: it must not come about by time.
LONGER = 60


class PoolCase(unittest.TestCase):
    """Its application answers "hello", or the body that it has read byte by byte (`reads`)."""

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
        self.reads = lambda body: b"".join(iter(lambda: self.next_byte(body), b""))
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

    def next_byte(self, body):
        """Read when the leading thread, which has brought the one before, has left the connection: the turn is free then."""
        self.until(lambda: self.connection.turn.holder.get(0) != LEADER)
        return body.read(1)

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
