"""One request and its response: calls the application by the rules of PEP 3333 and turns what it gives into frames.

Knows the protocol's frames and one connection to send them on; knows nothing of threads, loading or configuration.
"""

import os
import traceback
from io import BytesIO
from time import perf_counter, time

from . import frames
from .credit import Credit
from .file_wrapper import FileWrapper
from .forbidden import Forbidden
from .logs import current, end_request, error_stream
from .mod_wsgi import RequestTimeout
from .request_body import BodyBrokeOff, RequestBody
from .wsgi_rules import declared_length, encode_head

#: Blocks in which a regular file is read and sent.
FILE_BLOCK = 262144
#: Longest DATA frame: large enough to amortize its cost, small enough that a connection's other responses get their turn.
LARGEST_DATA = 262144
#: If a thread begins to wait for the client this often (seconds) or more, it reads its connection by itself.
SOON = 0.002


class ClientGone(OSError):
    """write() after the client has gone; iteration just stops."""


class Exchange:
    """The server's side of one call of a WSGI application."""

    # Defaults of the class: an instance is made for every request, and most of these are never set (saves 0.5 us).
    body = None
    aborted = False
    request_id = ""
    microseconds = 0
    # perf_counter() at the call of the application, and how much of the time since it waited for the client.
    _started = 0.0
    _waited = 0.0
    _waits_since = None
    _waited_from = 0.0
    #: Whether a thread has waited for its client.
    has_waited = False
    _head = None
    _head_sent = False
    _credit = None
    _breach = None

    def __init__(self, connection, request, kind, payload):
        self.connection = connection
        self.id = request
        self.kind = kind
        self.payload = payload
        if kind & frames.KIND_MASK == frames.REQUEST_STREAM:
            expects = bool(kind & frames.EXPECTS)
            self.body = RequestBody(self, expects)

    # -- the request path: read this function to know what a request costs -------------------------------------------

    def run(self, applications, thread):
        """Serves the request from its head to the last frame of its response, in thread number `thread`. Raises nothing; returns microseconds taken."""
        started = self._started = perf_counter()
        try:
            application, environ = self._environ(applications, thread)
            result = application.callable(environ, self.start_response)
            try:
                # Nearly every framework returns one chunk in a list: head and body then leave in one frame, one send.
                if type(result) is list and len(result) == 1 and not self._head_sent:
                    ended = self._whole(result[0], started)
                elif type(result) is FileWrapper and not self._head_sent and self._file(result):
                    ended = False
                else:
                    ended = self._iterate(result, started)
            finally:
                if hasattr(result, "close"):
                    self._close(result)
            if not ended:
                self._end(started)
        except BaseException as error:  # SystemExit included: an application must not end the worker
            self._fail(error, started)
        finally:
            end_request()
            if self.body is not None:
                self.body.finish()
        return self.microseconds

    def _environ(self, applications, thread):
        payload = self.payload
        kind = self.kind & frames.KIND_MASK
        if kind == frames.REQUEST:
            body = BytesIO()
        elif kind == frames.REQUEST_BODY:
            end = 4 + frames.unpack_u32(payload)[0]
            body = BytesIO(payload[end:])
            payload = payload[4:end]
        else:
            body = self.body
        fields = payload.decode("latin-1").split("\0")
        self.request_id = current.request_id = fields[1]
        application = applications[int(fields[0])]
        if application.script is not None and not application.script.trusted:
            raise Forbidden("%s does not belong to whom script-user or script-group demand" % application.script.path)
        environ = application.template.copy()
        # Pairs at C speed: 0.9 µs for 20 variables, a loop takes 3.
        pairs = iter(fields)
        next(pairs)
        environ["mod_wsgi.request_id"] = next(pairs)
        environ.update(zip(pairs, pairs))
        environ["wsgi.input"] = body
        environ["mod_wsgi.script_name"] = environ["SCRIPT_NAME"]
        environ["mod_wsgi.path_info"] = environ["PATH_INFO"]
        environ["mod_wsgi.thread_id"] = thread
        environ["mod_wsgi.server_pid"] = self.connection.router_pid
        environ["mod_wsgi.request_start"] = start = float(environ["mod_wsgi.request_start"])
        environ["mod_wsgi.queue_start"] = start if kind == frames.REQUEST else float(environ["mod_wsgi.queue_start"])
        environ["mod_wsgi.daemon_start"] = environ["mod_wsgi.application_start"] = time()
        if application.overrides:
            environ.update(application.overrides)
        return application, environ

    def application_number(self):
        """Which application the request is for, before it is run."""
        start = 4 if self.kind & frames.KIND_MASK == frames.REQUEST_BODY else 0
        return int(self.payload[start : self.payload.index(b"\0", start)])

    def request_line(self):
        """Method and target, for people."""
        start, end = 0, len(self.payload)
        if self.kind & frames.KIND_MASK == frames.REQUEST_BODY:
            start, end = 4, 4 + frames.unpack_u32(self.payload)[0]
        fields = self.payload[start:end].decode("latin-1").split("\0")
        variables = dict(zip(fields[2::2], fields[3::2]))
        return "%s %s" % (variables.get("REQUEST_METHOD", ""), variables.get("REQUEST_URI", ""))

    # -- what the application calls ------------------------------------------------------------------------------------

    def start_response(self, status, headers, exc_info=None):
        """PEP 3333, "The start_response() Callable". Returns write()."""
        if exc_info is not None:
            if not isinstance(exc_info, tuple) or len(exc_info) != 3:
                self._break_rules(TypeError("start_response: exc_info must be what sys.exc_info() returns, not %r" % (exc_info,)))
            try:
                if self._head_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # breaks the circle traceback -> frame -> exc_info
        elif self._head is not None:
            self._break_rules(AssertionError("start_response was called a second time without exc_info"))
        try:
            self._head = encode_head(status, headers)
        except (TypeError, ValueError) as error:
            self._break_rules(error)
        return self.write

    def write(self, data):
        """The write() callable of PEP 3333: sends now. Raises ClientGone when nobody listens any more."""
        self._check_chunk(data)
        if data:
            self._output(data)
        if self.aborted:
            raise ClientGone("the client closed the connection")

    # -- output ----------------------------------------------------------------------------------------------------------

    def _whole(self, data, started):
        """The response is one chunk; True when its frame ended the request."""
        self._check_chunk(data)
        if len(data) > frames.LARGEST_WHOLE:
            self._output(data)
            return False
        # close() of a list does not exist, so the application is over here.
        self.microseconds = int((perf_counter() - started) * 1e6)
        self.connection.finish(self.id, frames.response(self.id, self.microseconds, self._ready_head(), data))
        return True

    def _iterate(self, result, started):
        """Each chunk leaves before the next is asked for (PEP 3333, "Buffering and Streaming")."""
        if type(result) in (list, tuple) and not self._head_sent:
            for data in result:
                self._check_chunk(data)
            return self._whole(b"".join(result), started)
        for data in result:
            self._check_chunk(data)
            if data:
                self._output(data)
            if self.aborted:
                break
        return False

    def _file(self, wrapper):
        """Sends a regular file from its offset, no more of it than Content-Length says; False when the object is something else."""
        file = wrapper.regular_file()
        if file is None:
            return False
        descriptor, offset, left = file
        declared = declared_length(self._ready_head())
        if declared is None:
            self._head += b"\0Content-Length\0%d" % left
        else:
            left = min(left, declared)
        while left > 0 and not self.aborted:
            data = os.pread(descriptor, min(left, FILE_BLOCK), offset)
            if not data:
                break  # the file shrank; the router sees the missing bytes by Content-Length
            self._output(data)
            offset += len(data)
            left -= len(data)
        return True

    def _output(self, data):
        credit = self._credit
        if credit is None:
            credit = self._credit = Credit(self, self.connection.first_credit)
        view = memoryview(data)
        # The head goes out with the first part, in a frame of its own: joined to it, that part would have to be copied.
        head = b"" if self._head_sent else frames.response_head(self.id, self._ready_head(), b"")
        while view and not self.aborted:
            part = view[: credit.take(min(len(view), LARGEST_DATA))]
            self._head_sent = True
            self.connection.send_parts(head + frames.response_data(self.id, len(part)), part)
            head = b""
            view = view[len(part) :]

    def _end(self, started):
        self.microseconds = int((perf_counter() - started) * 1e6)
        if self._head_sent:
            self.connection.finish(self.id, frames.response_end(self.id, self.microseconds))
        else:
            self.connection.finish(self.id, frames.response(self.id, self.microseconds, self._ready_head(), b""))

    def _ready_head(self):
        if self._head is None:
            self._break_rules(AssertionError("the application produced output without calling start_response"))
        return self._head

    def _check_chunk(self, data):
        if not isinstance(data, bytes):
            self._break_rules(TypeError("the application must give bytes, not %s" % type(data).__name__))

    def _break_rules(self, error):
        self._breach = error
        raise error

    # -- flow control, the body and the end: called by the thread that leads ----------------------------------------------

    def add_credit(self, amount):
        if self._credit is not None:
            self._credit.grant(amount)

    def abort(self):
        """Nothing that is sent for this request is wanted any more."""
        self.aborted = True
        if self.body is not None:
            self.body.break_off()
        if self._credit is not None:
            self._credit.cancel()

    # -- called by body and credit, in the application's thread ------------------------------------------------------------

    def wait(self, satisfied, bell):
        """Waits for the client until satisfied(), see Turn.wait(): the time is not the application's."""
        since = self._waits_since = perf_counter()
        soon = since - self._waited_from < SOON
        self._waited_from = since
        self.has_waited = True
        try:
            self.connection.turn.wait(self, satisfied, bell, soon)
        finally:
            # In this order: the main thread may look in between, and must not take the wait for the application's time.
            self._waited += perf_counter() - since
            self._waits_since = None

    def wake(self):
        """Ends a wait that is satisfied by something that has not come from the router."""
        self.connection.turn.wake()

    def give_credit(self, amount):
        self.connection.send(frames.body_credit(self.id, amount))

    # -- request-timeout: called by the main thread ------------------------------------------------------------------------

    def application_seconds(self):
        """How long the application has run, without its waits for a slow client: those are not its fault."""
        since = self._waits_since
        now = perf_counter() if since is None else since
        return now - self._started - self._waited if self._started else 0.0

    def time_out(self, reason, text):
        """Answers the client now. The thread still runs: the frame that ends the request comes when it is free."""
        self.connection.send(frames.failed(self.id, int(self.application_seconds() * 1e6), reason, text))
        self.abort()

    # -- failure -------------------------------------------------------------------------------------------------------------

    def _close(self, result):
        """close() of the iterable, always called; what it raises is logged and changes no answer (as under mod_wsgi)."""
        try:
            result.close()
        except BaseException as error:  # SystemExit too: the response is complete, or its failure known
            error_stream().write(_traceback(error))

    def _fail(self, error, started):
        self.microseconds = int((perf_counter() - started) * 1e6)
        if not (self.aborted and isinstance(error, (ClientGone, BodyBrokeOff, GeneratorExit, RequestTimeout))):
            error_stream().write("%s\n" % error if isinstance(error, Forbidden) else _traceback(error))
        if isinstance(error, BodyBrokeOff):
            reason = frames.BODY_BROKE_OFF
        elif isinstance(error, Forbidden):
            reason = frames.FORBIDDEN
        elif self._head_sent:
            reason = frames.BROKE_OFF
        elif error is self._breach:
            reason = frames.BROKE_WSGI_RULES
        else:
            reason = frames.RAISED_BEFORE_OUTPUT
        text = "%s: %s" % (type(error).__name__, error)
        self.connection.finish(self.id, frames.failed(self.id, self.microseconds, reason, text))


def _traceback(error):
    """The traceback without the frames of this file; of an application that did not load, that of its own code."""
    details = getattr(error, "details", None)
    if isinstance(details, str):
        return details
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None and frame.tb_frame.f_code.co_filename == __file__:
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame))
