"""sys.stdout, sys.stderr and wsgi.errors of a worker: whole lines, each marked with the request that wrote it.

A line goes out as RS, pid, space, request id (empty outside of requests), US, text, newline; what others write to the
same descriptors has no mark. The supervisor adds time and group. Partial lines wait, one per thread and stream, for their newline, a flush or the request's end.
"""

import io
import os
import threading
from contextlib import contextmanager

#: Longest record; what is longer is cut into several.
LONGEST_LINE = 8192
#: Control characters that have a meaning in the marking, and what they become inside of a text.
_UNMARK = {0x1E: " ", 0x1F: " ", 0x0D: " "}


class _Current(threading.local):
    """Which request the calling thread serves; "" outside of one. Set by Exchange, read by every stream."""

    request_id = ""
    #: mod_wsgi.request_data(), and the request that it belongs to.
    data_of = ""
    data = None


current = _Current()


_streams = []


def flush_streams():
    """Sends what the calling thread has begun to write to any of them."""
    for stream in _streams:
        stream.flush()


def error_stream():
    """The process's own stream of errors, whatever an application has put in the place of sys.stderr (colorama does)."""
    return next(stream for stream in _streams if stream.fileno() == 2)


@contextmanager
def speaking_for(request_id):
    """What the calling thread writes inside belongs to another thread's request."""
    before, current.request_id = current.request_id, request_id
    try:
        yield
        flush_streams()
    finally:
        current.request_id = before


def end_request():
    """What a request leaves unfinished in its thread's streams becomes a line of that request."""
    for stream in _streams:
        if stream.has_partial:
            stream.flush()
    current.request_id = ""


class LogStream(io.TextIOBase):
    """A text stream whose lines end up in the group's log. Safe from many threads; never raises because the log is gone."""

    #: Whether lines say who wrote them; not when the descriptor is an operator's terminal.
    marked = True
    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, descriptor, name):
        self._descriptor = descriptor
        self.name = name
        self._lock = threading.Lock()
        self._partial = {}
        self.buffer = _Bytes(self)
        _streams.append(self)

    @property
    def has_partial(self):
        """Whether any thread has a partial line; asked without the lock after each request."""
        return bool(self._partial)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        who = threading.get_ident()
        with self._lock:
            text_with_rest = self._partial.pop(who, "") + text
            *lines, rest = text_with_rest.split("\n")
            self._emit(lines)
            if len(rest) > LONGEST_LINE:
                self._emit([rest])
            elif rest:
                self._partial[who] = rest
        return len(text)

    def flush(self):
        """Sends the calling thread's partial line as a line."""
        with self._lock:
            rest = self._partial.pop(threading.get_ident(), None)
            if rest is not None:
                self._emit([rest])

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def isatty(self):
        return False

    def close(self):
        """An application that closes its log must not silence its neighbours: flushes only."""
        self.flush()

    def _emit(self, lines):
        mark = "\x1e%d %s\x1f" % (os.getpid(), current.request_id) if self.marked else ""
        for line in lines:
            line = line.translate(_UNMARK)
            for start in range(0, len(line) or 1, LONGEST_LINE):
                record = mark + line[start : start + LONGEST_LINE] + "\n"
                self._send(record.encode("utf-8", "backslashreplace"))

    def _send(self, record):
        view = memoryview(record)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            # The supervisor is gone, and with it the log: the requests that run are still to be finished.
            pass


class _Bytes(io.RawIOBase):
    """`.buffer` of a LogStream, for applications that write bytes."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, data):
        self._stream.write(bytes(data).decode("utf-8", "backslashreplace"))
        return len(data)

    def flush(self):
        self._stream.flush()

    def writable(self):
        return True

    def fileno(self):
        return self._stream.fileno()
