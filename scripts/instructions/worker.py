"""A worker's request path in one process, to be run under callgrind: worker.py LIBRARY KIND REQUESTS.

A real pool of threads with its connection; the main thread plays the router and sends the next batch when the last one is answered. KIND: get (one at a
time), post (one at a time, 1 KiB), batch (16 at once). Its own part is a few system calls a batch.
"""
import socket
import struct
import sys
import tempfile

BATCH = 16
KINDS = {"get": (1, b""), "post": (1, b"x" * 1024), "batch": (BATCH, b"")}

sys.path.insert(0, sys.argv[1])
threads, body = KINDS[sys.argv[2]]
requests = int(sys.argv[3])

from wsgid_worker import frames  # noqa: E402
from wsgid_worker.application import make_applications  # noqa: E402
from wsgid_worker.logs import LogStream  # noqa: E402
from wsgid_worker.scoreboard import SLOT_NUMBERS, Scoreboard, map_scoreboard  # noqa: E402
from wsgid_worker.serving import Pool  # noqa: E402
from wsgid_worker.stuck import DeadlockWatch  # noqa: E402

HEAD = "\0".join(
    "0 k3f9 REQUEST_METHOD GET REQUEST_URI / QUERY_STRING  SERVER_PROTOCOL HTTP/1.1 SCRIPT_NAME  PATH_INFO / HTTP_HOST 127.0.0.1:8080 "
    "HTTP_USER_AGENT curl/8 HTTP_ACCEPT */* HTTP_ACCEPT_ENCODING gzip HTTP_COOKIE session=0123456789abcdef REMOTE_ADDR 127.0.0.1 "
    "REMOTE_PORT 40000 SERVER_ADDR 127.0.0.1 SERVER_NAME 127.0.0.1 SERVER_PORT 8080 REQUEST_SCHEME http wsgi.url_scheme http "
    "mod_wsgi.request_start 1700000000.000001 mod_wsgi.queue_start 1700000000.000002".split(" ")
).encode("latin-1")

ENTRY = {"kind": "script", "path": __file__, "callable": "application"}
APPLICATION = {"entry": ENTRY, "lazy": False, "requireFile": None, "environ": {}}
CONFIGURATION = {
    "applications": [APPLICATION],
    "threads": 5,
    "processes": 2,
    "stackSize": 0,
    "scriptReloading": "rolling",
    "maximumRequests": 0,
    "home": None,
    "group": "measured",
    "applicationGroup": "",
}


def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "14")])
    return [b"Hello, World!\n"]


def frame(number):
    payload = struct.pack("<I", len(HEAD)) + HEAD + body if body else HEAD
    return frames.frame(frames.REQUEST_BODY | frames.ONCE if body else frames.REQUEST, number, payload)


def receive(router, kind, count):
    """Reads so many frames of a kind and nothing else."""
    data = b""
    while count > 0:
        received = router.recv(65536)
        # Once the connection has ended there is nothing to read, again and again: the loop would not end.
        if not received:
            raise SystemExit("the worker has ended the connection")
        data += received
        while len(data) >= 8:
            word, _ = frames.unpack_header(data, 0)
            end = 8 + (word & 0xFFFFFF)
            if len(data) < end:
                break
            # Something else than the answers would be counted: the reason goes to stderr, and there is no count.
            if word >> 24 != kind:
                raise SystemExit("a frame of kind %d: %r" % (word >> 24, data[8:end]))
            data = data[end:]
            count -= 1


def main():
    sys.stdout, sys.stderr = LogStream(1, "stdout"), LogStream(2, "stderr")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("")  # a name of the kernel's choice
    listener.listen(1)
    loaded = {tuple(sorted(ENTRY.items())): (application, None, None)}
    pool = Pool(make_applications(CONFIGURATION, loaded), CONFIGURATION, DeadlockWatch(0))
    with tempfile.TemporaryFile() as file:
        file.truncate(4 * SLOT_NUMBERS)
        pool.start(listener, Scoreboard(map_scoreboard(file.fileno()), 0))
    with socket.socket(socket.AF_UNIX) as router:
        router.connect(listener.getsockname())
        router.sendall(frames.frame(frames.HELLO, 0, struct.pack("<HHII", frames.VERSION, 0, 1, 1 << 16)))
        receive(router, frames.WORKER_HELLO, 1)
        pool.quiet = False  # there is no main thread to be woken
        for first in range(1, requests, threads):
            router.sendall(b"".join(frame(first + offset) for offset in range(threads)))
            receive(router, frames.RESPONSE, threads)


main()
