"""wsgi.input of a request whose body arrives in parts: blocks until the parts are there, gives credit back as they are read.

Bodies that arrived whole are an io.BytesIO; this file is only about streams.
"""

import sys
import threading
from collections import deque

from .frames import INITIAL_BODY_CREDIT
from .waits import Bell

#: Once the application reads, so many bytes may be on their way to it: the client is not stopped while it works on some.
WINDOW = 1048576
#: Credit goes back in steps of this many bytes, not for every read.
CREDIT_STEP = INITIAL_BODY_CREDIT


class BodyBrokeOff(OSError):
    """The client went away, or its body ended too early: wsgi.input cannot deliver what was announced."""


class RequestBody:
    """File-like over DATA frames: read, readline, readlines and iteration (PEP 3333, "Input and Error Streams").

    read(n) blocks until n bytes or the end, as under mod_wsgi. The thread that leads feeds it, the request's own thread reads.
    """

    __slots__ = (
        "_bell",
        "_taking",
        "_parts",
        "_fed",
        "_taken",
        "_wanted",
        "_part",
        "_position",
        "_ended",
        "_broken",
        "_finished",
        "_owed",
        "_exchange",
        "_uninvited",
    )

    def __init__(self, exchange, uninvited=False):
        """`exchange` sends a CREDIT and waits for the client: see Exchange.give_credit() and wait().

        `uninvited`: the client sends nothing before somebody reads (Expect: 100-continue); the first read gives a credit of 0.
        """
        self._bell = Bell()
        #: Held by who takes a part.
        self._taking = threading.Lock()
        #: What has arrived and was not taken; bytes that have arrived, that were taken. With _wanted between them a reader that waits is woken.
        self._parts = deque()
        self._fed = self._taken = 0
        self._wanted = 1
        #: What is read now, and how far.
        self._part = b""
        self._position = 0
        self._ended = False
        self._broken = False
        self._finished = False
        self._owed = WINDOW - INITIAL_BODY_CREDIT
        self._exchange = exchange
        self._uninvited = uninvited

    # -- the side of the connection ------------------------------------------------------------------------------

    def feed(self, data):
        self._parts.append(data)
        self._fed += len(data)
        if self._fed - self._taken >= self._wanted:
            self._bell.ring()

    def end(self):
        self._ended = True
        self._bell.ring()

    def break_off(self):
        """No more will come: readers get BodyBrokeOff."""
        self._broken = True
        self._bell.ring()
        self._exchange.wake()

    def finish(self):
        """The request is over: who reads from now on, in a thread of the application's own, gets RuntimeError (as under mod_wsgi)."""
        self._finished = True
        self._bell.ring()
        self._exchange.wake()

    @property
    def broken(self):
        return self._broken

    # -- the side of the application -----------------------------------------------------------------------------

    def read(self, size=-1):
        missing = sys.maxsize if size is None or size < 0 else size
        pieces = []
        while missing > 0 and (self._has_more() or self._receive(missing)):
            piece = self._take(self._position + missing)
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def readline(self, size=-1):
        missing = sys.maxsize if size is None or size < 0 else size
        pieces = []
        while missing > 0 and (self._has_more() or self._receive(1)):
            limit = self._position + missing
            end = self._part.find(b"\n", self._position, limit) + 1
            piece = self._take(end or limit)
            pieces.append(piece)
            if end:
                break
            missing -= len(piece)
        return b"".join(pieces)

    def readlines(self, hint=-1):
        lines, total = [], 0
        for line in self:
            lines.append(line)
            total += len(line)
            if hint is not None and 0 < hint <= total:
                break
        return lines

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def close(self):
        """A no-op, as under mod_wsgi: the body belongs to the server."""

    # -- inside ----------------------------------------------------------------------------------------------------

    def _has_more(self):
        return self._position < len(self._part)

    def _take(self, end):
        """What is left of the part, at most up to `end`: a whole part without a copy."""
        start, self._position = self._position, min(end, len(self._part))
        return self._part[start : self._position]

    def _receive(self, wanted):
        """Makes the next part the one that is read, waits for up to `wanted` bytes when there is none; False at the end of the body."""
        if self._uninvited:
            self._uninvited = False
            self._exchange.give_credit(0)
        if not self._parts and not self._has_enough():
            # A reader that wants much is not woken for each frame; but it must be while the router still has credit.
            self._wanted = min(wanted, CREDIT_STEP)
            self._exchange.wait(self._has_enough, self._bell)
        with self._taking:
            if self._finished:
                self._bell.ring()  # others may wait too
                raise RuntimeError("wsgi.input was read after its request was over")
            if not self._parts:
                if self._broken:
                    raise BodyBrokeOff("the client went away before it had sent the whole request body")
                return False
            self._part = self._parts.popleft()
            self._position = 0
            self._taken += len(self._part)
        self._repay(len(self._part))
        return True

    def _has_enough(self):
        return self._fed - self._taken >= self._wanted or self._ended or self._broken or self._finished

    def _repay(self, amount):
        self._owed += amount
        if self._owed >= CREDIT_STEP:
            owed, self._owed = self._owed, 0
            self._exchange.give_credit(owed)
