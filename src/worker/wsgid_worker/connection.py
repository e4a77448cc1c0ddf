"""One router's connection: bytes in, requests out; frames of responses back, whole even when many threads send.

The leading thread calls receive(); any thread calls the send methods. Knows nothing of WSGI.
"""

import mmap
import socket
import struct
import threading

from . import frames
from .exchange import Exchange
from .turn import LEADER, Turn

#: Bytes of one recv(): many small requests, or all of an upload's credit.
RECEIVE = 262144
#: What arrives at once and is no longer than this is copied whole and cut then, which is quickest for many short frames.
SHORT = 16384
#: Bytes that the kernel shall hold for the router: a thread with a large response goes on instead of being woken for each
#: quarter of the usual 208 KiB. The kernel gives no more than net.core.wmem_max allows.
SEND_BUFFER = 1048576


class RouterConnection:
    """The requests of one router and the socket that carries them."""

    def __init__(self, sock, pool):
        """`pool` takes new exchanges: see serving.Pool. Raises OSError when there are no more descriptors."""
        self._socket = sock
        self._pool = pool
        # One for all: a bytes object of this size would be mapped and unmapped by the kernel for each recv().
        self._buffer = _room(RECEIVE)
        #: So much of it is the beginning of a frame.
        self._filled = 0
        self._greeted = False
        #: Bytes of each response's body that may be sent before the router gives more: it says so in HELLO.
        self.first_credit = 0
        self._sending = threading.Lock()
        #: On the scoreboard, from HELLO on; held while something is put there.
        self._place = None
        self._recording = threading.Lock()
        self._broken = False
        #: Requests without an end, by id; `waiting` holds those whose application was not called yet.
        self.requests = {}
        self.waiting = {}
        #: Nothing can be read any more; closed is what the leading thread has closed.
        self.at_end = self.closed = False
        #: Process id of the router, as text: mod_wsgi.server_pid.
        self.router_pid = str(_peer_pid(sock))
        # Sends block, so that a response frame is whole; only recv() must not (MSG_DONTWAIT).
        sock.setblocking(True)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.turn = Turn(self, pool)

    def fileno(self):
        return self._socket.fileno()

    # -- receiving: whose turn it is ---------------------------------------------------------------------------------

    def receive(self):
        """For the leading thread: read(), unless another thread does. Closes the connection at its end."""
        turn = self.turn
        if turn.holder.setdefault(0, LEADER) == LEADER:
            try:
                if not self.at_end:
                    self.read()
                if self.at_end and not self.closed:
                    self.close()
            finally:
                turn.leave()

    def read(self):
        """Reads what is there and hands its frames on; False when there is nothing. The connection is at its end after the last byte, a protocol
        error, and whatever breaks this off: nobody knows then where the next frame begins."""
        buffer, filled = self._buffer, self._filled
        self.at_end = True
        try:
            length = self._socket.recv_into(buffer[filled:] if filled else buffer, 0, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            self.at_end = False
            return False
        except OSError:
            length = 0
        if not length:
            return True
        filled += length
        try:
            parsed = self._parse(buffer[:filled].tobytes() if filled <= SHORT else buffer, filled)
        except frames.ProtocolError as error:
            self._pool.complain("router connection closed: %s" % error)
            return True
        self._filled = filled - parsed
        if self._filled:
            self._keep(parsed, filled)
        self.at_end = False
        return True

    def _parse(self, data, end):
        """Hands on the frames in `data` up to `end`; returns where the first incomplete one begins."""
        position = 0
        unpack_header = frames.unpack_header
        while end - position >= 8:
            word, request = unpack_header(data, position)
            after = position + 8 + (word & 0xFFFFFF)
            if after > end:
                break
            payload = data[position + 8 : after]
            self._dispatch(word >> 24, request, payload if end <= SHORT else payload.tobytes())
            position = after
        return position

    def _keep(self, start, end):
        """Moves the part of a frame that has come to the front, to where all of it has room."""
        rest = self._buffer[start:end]
        needed = 8 + (frames.unpack_u32(rest)[0] & 0xFFFFFF) if len(rest) >= 4 else 0
        size = max(RECEIVE, needed)
        if size != len(self._buffer):
            self._buffer = _room(size)
        self._buffer[: len(rest)] = rest

    def _dispatch(self, kind, request, payload):
        plain = kind & frames.KIND_MASK
        if frames.REQUEST <= plain <= frames.REQUEST_STREAM:
            if not self._greeted:
                raise frames.ProtocolError("a request came before HELLO")
            exchange = Exchange(self, request, kind, payload)
            self.requests[request] = exchange
            self.waiting[request] = exchange
            self._pool.accept(exchange)
            return
        if plain == frames.HELLO:
            self._greet(payload)
            return
        exchange = self.requests.get(request)
        if plain == frames.DATA:
            if exchange is not None and exchange.body is not None:
                exchange.body.feed(payload)
        elif plain == frames.END:
            if exchange is not None and exchange.body is not None:
                exchange.body.end()
        elif plain == frames.ABORT:
            if exchange is not None and not self.give_back(exchange):
                exchange.abort()
        elif plain == frames.CREDIT:
            if exchange is not None:
                exchange.add_credit(frames.unpack_u32(payload)[0])
        elif plain == frames.RECALL:
            if exchange is not None:
                self.give_back(exchange)
        else:
            raise frames.ProtocolError("frame of kind %d" % plain)

    def _greet(self, payload):
        self.first_credit = frames.first_credit(payload)
        self._greeted = True
        place = self._place = self._pool.scoreboard.take_place()
        self.send(frames.hello(self._pool.threads, self._pool.pid, place.offset, place.serial))

    # -- requests ---------------------------------------------------------------------------------------------------

    def begin(self, exchange):
        """Whether the calling thread may run it: False when it went back to the router meanwhile."""
        if exchange.kind & frames.ONCE:
            return self._begin_once(exchange)
        return self.waiting.pop(exchange.id, None) is not None

    def _begin_once(self, exchange):
        """As begin(), and puts it on record: if this worker dies, the router must know that it was begun."""
        with self._recording:
            if self._broken or self.waiting.pop(exchange.id, None) is None:
                return False
            self._place.note(exchange.id)
        return True

    def give_back(self, exchange):
        """Returns a request that was not started to the router; False when it was. dict.pop decides the race."""
        if self.waiting.pop(exchange.id, None) is None:
            return False
        self.finish(exchange.id, frames.frame(frames.RETURNED, exchange.id))
        return True

    def hand_back_outdated(self, exchange):
        """Returns a request that was begun but whose application is not the newest; its application was not called."""
        self.finish(exchange.id, frames.frame(frames.RETURNED | frames.OUTDATED, exchange.id))

    def finish(self, request, data):
        """Sends the last frame of a request. It is forgotten first: its id may come again as soon as the frame is out."""
        self.requests.pop(request, None)
        self.send(data)

    # -- sending: any thread ----------------------------------------------------------------------------------------

    def send(self, data):
        """Sends a frame whole. A router that is gone is not an error here: its requests are aborted by receive()."""
        with self._sending:
            try:
                self._socket.sendall(data)
            except OSError:
                self.break_off()

    def send_parts(self, header, payload):
        """As send(), for a header and a memoryview behind it, without joining them."""
        with self._sending:
            try:
                sent = self._socket.sendmsg((header, payload)) - len(header)
                if sent < 0:
                    self._socket.sendall(header[sent:])
                    sent = 0
                if sent < len(payload):
                    self._socket.sendall(payload[sent:])
            except OSError:
                self.break_off()

    # -- the end ----------------------------------------------------------------------------------------------------

    def break_off(self):
        """Nothing is sent or read any more; the leading thread closes it."""
        # The router sees the end now: nothing is begun any more.
        with self._recording:
            self._broken = True
        # A frame may have gone out, or come in, by half. Wakes the leading thread, which finds the end and closes.
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # not connected any more: receive() sees that by itself

    def close(self):
        """Aborts what runs, forgets what waits. Called by the leading thread only."""
        self.at_end = self.closed = True
        self._pool.forget(self)
        # The router reads the scoreboard when it sees the end: nothing is begun after that.
        with self._recording:
            self.waiting.clear()
        for exchange in list(self.requests.values()):
            exchange.abort()
        self.requests.clear()
        self.turn.close()
        with self._sending:
            self._socket.close()


def _room(size):
    """A buffer that takes as much memory as was ever written to it; a bytearray is zeroed, which takes all of it at once."""
    return memoryview(mmap.mmap(-1, size))


def _peer_pid(sock):
    """Who is at the other end of a Unix socket (unix(7), SO_PEERCRED: pid, uid, gid; PyPy has no name for the option)."""
    return struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, getattr(socket, "SO_PEERCRED", 17), 12))[0]
