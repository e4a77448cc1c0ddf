"""The worker protocol's frames as bytes, and nothing else: see docs/protocol.md. Knows no socket and no request."""

import struct

VERSION = 4
#: Bytes of a request's body that a router may send before the first CREDIT.
INITIAL_BODY_CREDIT = 262144
#: Largest body inside of RESPONSE.
LARGEST_WHOLE = 262144
MAXIMUM_PAYLOAD = 0xFFFFFF

# From the router.
HELLO, REQUEST, REQUEST_BODY, REQUEST_STREAM, DATA, END, ABORT, CREDIT, RECALL = range(1, 10)
#: Flag of REQUEST*: it must not run twice, and is put on the scoreboard before the application is called.
ONCE = 0x20
#: Flag of REQUEST_STREAM: the client waits to be asked for the body; send CREDIT (of 0) when the application begins to read.
EXPECTS = 0x40
KIND_MASK = 0x1F

# To the router.
(
    WORKER_HELLO,
    RESPONSE,
    RESPONSE_HEAD,
    RESPONSE_DATA,
    RESPONSE_END,
    FAILED,
    BODY_CREDIT,
    RETURNED,
) = range(16, 24)

# Reasons of FAILED.
RAISED_BEFORE_OUTPUT, BROKE_OFF, BROKE_WSGI_RULES, BODY_BROKE_OFF, TIMED_OUT, FORBIDDEN = range(1, 7)
#: Flag of RETURNED: the application's script has changed, this worker is not to serve it any more.
OUTDATED = 0x20

_HEADER = struct.Struct("<II")
_HELLO = struct.Struct("<IIHHIII")
_RESPONSE = struct.Struct("<IIII")
_HEAD = struct.Struct("<III")
_ONE = struct.Struct("<III")
_FAILED = struct.Struct("<IIIH")

unpack_header = _HEADER.unpack_from
unpack_u32 = struct.Struct("<I").unpack_from
unpack_u16 = struct.Struct("<H").unpack_from
_ROUTER_HELLO = struct.Struct("<HHII")


class ProtocolError(Exception):
    """The peer sent what docs/protocol.md does not allow; the connection ends."""


def frame(kind, request, payload=b""):
    """A frame of any kind."""
    return _HEADER.pack(kind << 24 | len(payload), request) + payload


def first_credit(payload):
    """What a router's HELLO gives each response: bytes of its body that may be sent before the first CREDIT."""
    version = unpack_u16(payload)[0]
    # First of all: the rest has another form in another version.
    if version != VERSION:
        raise ProtocolError("the router speaks version %d, this worker %d" % (version, VERSION))
    return _ROUTER_HELLO.unpack(payload)[3]


def hello(threads, pid, offset, serial):
    """HELLO: the answer to a router's HELLO; `offset` and `serial` of the connection's place on the scoreboard."""
    return _HELLO.pack(WORKER_HELLO << 24 | 16, 0, VERSION, threads, pid, offset, serial)


def response(request, microseconds, head, body):
    """RESPONSE: a whole answer in one frame; `head` and `body` are bytes, `body` at most LARGEST_WHOLE."""
    return _RESPONSE.pack(RESPONSE << 24 | 8 + len(head) + len(body), request, microseconds, len(head)) + head + body


def response_head(request, head, body):
    """RESPONSE_HEAD: the answer begins, `body` is its first part."""
    return _HEAD.pack(RESPONSE_HEAD << 24 | 4 + len(head) + len(body), request, len(head)) + head + body


def response_data(request, length):
    """The header of a DATA frame whose payload of `length` bytes the caller sends behind it."""
    return _HEADER.pack(RESPONSE_DATA << 24 | length, request)


def response_end(request, microseconds):
    """END: the answer is complete."""
    return _ONE.pack(RESPONSE_END << 24 | 4, request, microseconds)


def body_credit(request, amount):
    """CREDIT: the router may send `amount` more bytes of the request's body."""
    return _ONE.pack(BODY_CREDIT << 24 | 4, request, amount)


def failed(request, microseconds, reason, text):
    """FAILED: no complete answer; `text` is for the router's log and is cut at 1 KiB."""
    payload = text.encode("utf-8", "replace")[:1024]
    return _FAILED.pack(FAILED << 24 | 6 + len(payload), request, microseconds, reason) + payload
