"""wsgi.input of a request whose body arrives in parts: blocks until the parts are there, gives credit back as they are read.

Bodies that arrived whole are an io.BytesIO; this file is only about streams.
"""

import threading

#: Credit goes back in steps of this many bytes, not for every read.
CREDIT_STEP = 65536


class BodyBrokeOff(OSError):
    """The client went away, or its body ended too early: wsgi.input cannot deliver what was announced."""


class RequestBody:
    """File-like over DATA frames: read, readline, readlines and iteration (PEP 3333, "Input and Error Streams").

    read(n) blocks until n bytes or the end, as under mod_wsgi. The thread that leads feeds it, the request's own thread reads.
    """

    __slots__ = (
        "_changed",
        "_parts",
        "_buffer",
        "_ended",
        "_broken",
        "_finished",
        "_owed",
        "_give_credit",
        "_begin_wait",
        "_end_wait",
        "_uninvited",
    )

    def __init__(self, give_credit, begin_wait, end_wait, uninvited=False):
        """`give_credit(bytes)` sends a CREDIT; `begin_wait()` and `end_wait()` surround each wait for the client.

        `uninvited`: the client sends nothing before somebody reads (Expect: 100-continue); the first read gives a credit of 0.
        """
        self._changed = threading.Condition(threading.Lock())
        self._parts = []
        self._buffer = b""
        self._ended = False
        self._broken = False
        self._finished = False
        self._owed = 0
        self._give_credit = give_credit
        self._begin_wait = begin_wait
        self._end_wait = end_wait
        self._uninvited = uninvited

    # -- the side of the connection ------------------------------------------------------------------------------

    def feed(self, data):
        with self._changed:
            self._parts.append(data)
            self._changed.notify()

    def end(self):
        with self._changed:
            self._ended = True
            self._changed.notify()

    def break_off(self):
        """No more will come: readers get BodyBrokeOff."""
        with self._changed:
            self._broken = True
            self._changed.notify()

    def finish(self):
        """The request is over: who reads from now on, in a thread of the application's own, gets RuntimeError (as under mod_wsgi)."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    @property
    def broken(self):
        return self._broken

    # -- the side of the application -----------------------------------------------------------------------------

    def read(self, size=-1):
        if size is None or size < 0:
            return self._take_all()
        while len(self._buffer) < size and self._receive():
            pass
        return self._take(size)

    def readline(self, size=-1):
        limit = size if size is not None and size >= 0 else None
        searched = 0
        while True:
            found = self._buffer.find(b"\n", searched)
            if found >= 0:
                end = found + 1
                break
            searched = len(self._buffer)
            if limit is not None and searched >= limit:
                end = limit
                break
            if not self._receive():
                end = len(self._buffer)
                break
        return self._take(end if limit is None else min(end, limit))

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

    def _take(self, size):
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _take_all(self):
        # Joined once at the end: appending to one buffer would copy it for every part.
        parts = [self._buffer]
        self._buffer = b""
        while self._receive():
            parts.append(self._buffer)
            self._buffer = b""
        return b"".join(parts)

    def _receive(self):
        """Waits for more and moves it into the buffer; False at the end of the body."""
        if self._uninvited:
            self._uninvited = False
            self._give_credit(0)
        with self._changed:
            if self._must_wait():
                self._begin_wait()
                while self._must_wait():
                    self._changed.wait()
                self._end_wait()
            if self._finished:
                raise RuntimeError("wsgi.input was read after its request was over")
            if not self._parts:
                if self._broken:
                    raise BodyBrokeOff("the client went away before it had sent the whole request body")
                return False
            parts, self._parts = self._parts, []
        data = b"".join(parts) if len(parts) > 1 else parts[0]
        self._buffer = self._buffer + data if self._buffer else data
        self._repay(len(data))
        return True

    def _must_wait(self):
        return not (self._parts or self._ended or self._broken or self._finished)

    def _repay(self, amount):
        self._owed += amount
        if self._owed >= CREDIT_STEP:
            owed, self._owed = self._owed, 0
            self._give_credit(owed)
