"""A WSGI application that does, path by path, everything PEP 3333 allows and much that it forbids.

Each path is one function of (environ, start_response, query). Standard library only, so that it runs on any
interpreter; nothing in it knows wsgid. Long, but one file: it is served as a script, whose directory is not on sys.path,
and tests copy it alone.
"""
import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qs

TEXT = [("Content-Type", "text/plain")]
CHUNK = 65536
calls = running = 0
counting = threading.Lock()


def application(environ, start_response):
    query = {key: values[-1] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    handler = PATHS.get(environ["PATH_INFO"])
    if handler is None:
        return respond(start_response, "no such path: " + environ["PATH_INFO"], status="404 Not Found")
    return handler(environ, start_response, query)


def respond(start_response, text, status="200 OK", content_type="text/plain"):
    body = text.encode()
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def respond_json(start_response, value):
    return respond(start_response, json.dumps(value), content_type="application/json")


# --- what the application is given


def echo(environ, start_response, query):
    """All of environ: strings as they are, anything else by the name of its type."""
    plain = (str, bool, int, float)
    seen = {k: v if isinstance(v, plain) else type(v).__name__ for k, v in environ.items()}
    seen["wsgi.version"] = list(environ["wsgi.version"])
    seen["types"] = sorted({type(v).__name__ for k, v in environ.items() if k.isupper()})
    return respond_json(start_response, seen)


def report(environ, start_response, query):
    return respond_json(start_response, {
        "pid": os.getpid(),
        "thread": threading.get_ident(),
        "threads": threading.active_count(),
        "multithread": environ["wsgi.multithread"],
        "multiprocess": environ["wsgi.multiprocess"],
        "run_once": environ["wsgi.run_once"],
        "version": sys.version,
        "implementation": sys.implementation.name,
        "prefix": sys.prefix,
        "executable": sys.executable,
        "path": sys.path,
        "name": __name__,
        "file": __file__,
        "cwd": os.getcwd(),
    })


def server_module(environ, start_response, query):
    """What the module mod_wsgi says; `word` is left in the request's data and found there again, and nothing of an earlier one."""
    import mod_wsgi

    before = dict(mod_wsgi.request_data())
    mod_wsgi.request_data()["word"] = query["word"]
    outside = []

    def ask():
        try:
            mod_wsgi.request_data()
        except RuntimeError as error:
            outside.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return respond_json(start_response, {
        "version": mod_wsgi.version,
        "process_group": mod_wsgi.process_group,
        "application_group": mod_wsgi.application_group,
        "maximum_processes": mod_wsgi.maximum_processes,
        "threads_per_process": mod_wsgi.threads_per_process,
        "file_wrapper": mod_wsgi.FileWrapper is environ["wsgi.file_wrapper"],
        "before": before,
        "after": mod_wsgi.request_data(),
        "outside": outside,
    })


def process_environment(environ, start_response, query):
    return respond_json(start_response, dict(os.environ))


# --- request bodies


def sha256(environ, start_response, query):
    digest, length = hashlib.sha256(), 0
    while True:
        data = environ["wsgi.input"].read(CHUNK)
        if not data:
            break
        digest.update(data)
        length += len(data)
    return respond_json(start_response, {"sha256": digest.hexdigest(), "length": length})


def count(environ, start_response, query):
    """Like sha256, but as fast as the server can deliver."""
    length = 0
    while True:
        data = environ["wsgi.input"].read(1 << 20)
        if not data:
            break
        length += len(data)
    return respond_json(start_response, {"length": length})


def reading(environ, start_response, query):
    """The body by each way of reading that a file object has; the parts come back as a list."""
    stream = environ["wsgi.input"]
    size = int(query.get("size", "3"))
    ways = {
        "read": lambda: [stream.read()],
        "read-minus-one": lambda: [stream.read(-1)],
        "read-none": lambda: [stream.read(None)],
        "read-size": lambda: list(iter(lambda: stream.read(size), b"")),
        "readline": lambda: list(iter(stream.readline, b"")),
        "readline-size": lambda: list(iter(lambda: stream.readline(size), b"")),
        "readlines": lambda: stream.readlines(),
        "readlines-hint": lambda: stream.readlines(size),
        "iterate": lambda: list(stream),
        "read-zero-then-all": lambda: [stream.read(0), stream.read(), stream.read()],
    }
    return respond_json(start_response, [part.decode("latin-1") for part in ways[query["how"]]()])


def ignore_body(environ, start_response, query):
    return respond(start_response, "not read")


def duplex(environ, start_response, query):
    """Answers while it reads: each line of the request's body comes back before the next one is waited for."""
    start_response("200 OK", TEXT)
    return iter(environ["wsgi.input"].readline, b"")


# --- response bodies


def stream(environ, start_response, query):
    total, size = int(query["bytes"]), int(query.get("chunk", str(CHUNK)))
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    block = bytes(size)
    for _ in range(total // size):
        yield block
    if total % size:
        yield block[: total % size]


def numbered(environ, start_response, query):
    """Blocks of 128 KiB: of each, all 32-bit words are `first` plus its number."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    for number in range(int(query["blocks"])):
        yield (int(query["first"]) + number).to_bytes(4, "big") * 32768


def file_wrapper(environ, start_response, query):
    """A sparse file of the wanted size; with `skip`, sent from there on."""
    source = tempfile.TemporaryFile()
    source.truncate(int(query["bytes"]))
    source.seek(int(query.get("skip", "0")))
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return environ["wsgi.file_wrapper"](source, CHUNK)


def file_wrapper_of_a_pipe(environ, start_response, query):
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as end:
        end.write(b"through a pipe")
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](os.fdopen(reader, "rb"))


def write_callable(environ, start_response, query):
    write = start_response("200 OK", TEXT)
    write(b"one ")
    write(b"")
    write(b"two ")
    return [b"three"]


def chunks(environ, start_response, query):
    """Each chunk waits for a file of its number, so that a test sees that the former one was not held back."""
    start_response("200 OK", TEXT)
    for number in range(int(query["count"])):
        wait_for_file(os.path.join(query["gates"], str(number)))
        yield b"chunk %d\n" % number


def empty(environ, start_response, query):
    start_response("204 No Content", [])
    return []


def empty_chunks(environ, start_response, query):
    start_response("200 OK", TEXT)
    return iter([b"", b"", b"after two empty ones", b""])


def set_cookies(environ, start_response, query):
    start_response("200 OK", [*TEXT, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"), ("X-Umlaut", "\xfc")])
    return [b"two cookies"]


def any_status(environ, start_response, query):
    start_response(query["line"], TEXT)
    return [b"as asked"]


class Closing:
    """An iterable whose close() appends a line to a file."""

    def __init__(self, chunks, path, word):
        self.chunks, self.path, self.word = iter(chunks), path, word

    def __iter__(self):
        return self.chunks

    def close(self):
        note(self.path, self.word)


def closing(environ, start_response, query):
    start_response("200 OK", TEXT)
    return Closing([b"closed ", b"afterwards"], query["file"], "closed")


def closing_endless(environ, start_response, query):
    """Never ends by itself: only a client that goes away ends it."""
    start_response("200 OK", TEXT)
    note(query["file"], "started")

    def forever():
        while True:
            yield bytes(1024)
            time.sleep(0.005)

    return Closing(forever(), query["file"], "closed")


def closing_raises(environ, start_response, query):
    start_response("200 OK", TEXT)

    class Raising(Closing):
        def close(self):
            note(self.path, "closed")
            raise RuntimeError("torture: close raised")

    return Raising([b"complete"], query["file"], "closed")


# --- start_response and its errors


def error_information():
    try:
        raise ValueError("torture: caught by the application")
    except ValueError:
        return sys.exc_info()


def exc_info_before(environ, start_response, query):
    start_response("200 OK", [*TEXT, ("X-First", "1")])
    start_response("500 Replaced", [*TEXT, ("X-Second", "2")], error_information())
    return [b"replaced in time"]


def exc_info_after(environ, start_response, query):
    start_response("200 OK", TEXT)
    yield b"begun"
    start_response("500 Too Late", TEXT, error_information())
    yield b"never sent"


def start_twice(environ, start_response, query):
    start_response("200 OK", TEXT)
    start_response("201 Created", TEXT)
    return [b"twice"]


def raise_in_call(environ, start_response, query):
    raise RuntimeError("torture: secret of the application")


def raise_after_start(environ, start_response, query):
    start_response("200 OK", TEXT)
    raise RuntimeError("torture: after start_response")


def raise_at_first(environ, start_response, query):
    start_response("200 OK", TEXT)
    raise RuntimeError("torture: before the first chunk")
    yield b"never"


def raise_after_output(environ, start_response, query):
    start_response("200 OK", TEXT)
    yield b"some output"
    raise RuntimeError("torture: after output")


def system_exit(environ, start_response, query):
    sys.exit("torture: SystemExit")


def no_start_response(environ, start_response, query):
    return [b"never announced"]


def wrong_types(environ, start_response, query):
    wrong = {
        "body-str": lambda: (start_response("200 OK", TEXT), ["text"])[1],
        "body-int": lambda: (start_response("200 OK", TEXT), [1])[1],
        "body-none": lambda: (start_response("200 OK", TEXT), None)[1],
        "status-int": lambda: (start_response(200, TEXT), [b""])[1],
        "status-bytes": lambda: (start_response(b"200 OK", TEXT), [b""])[1],
        "status-short": lambda: (start_response("20", TEXT), [b""])[1],
        "headers-tuple": lambda: (start_response("200 OK", tuple(TEXT)), [b""])[1],
        "header-bytes": lambda: (start_response("200 OK", [("X-A", b"1")]), [b""])[1],
        "header-newline": lambda: (start_response("200 OK", [("X-A", "1\r\nX-B: 2")]), [b""])[1],
        "header-name": lambda: (start_response("200 OK", [("X A", "1")]), [b""])[1],
        "header-hop": lambda: (start_response("200 OK", [("Transfer-Encoding", "chunked")]), [b""])[1],
        "length-text": lambda: (start_response("200 OK", [("Content-Length", "many")]), [b""])[1],
    }
    return wrong[query["what"]]()


def length_mismatch(environ, start_response, query):
    """Announces one length and makes another."""
    start_response("200 OK", [*TEXT, ("Content-Length", query["announced"])])
    return [b"x" * int(query["made"])]


# --- output, time and ends


def printing(environ, start_response, query):
    print("torture: to stdout", query["word"])
    print("torture: to stderr", query["word"], file=sys.stderr)
    environ["wsgi.errors"].write("torture: to wsgi.errors %s\n" % query["word"])
    environ["wsgi.errors"].flush()
    return respond(start_response, "printed")


def sleep(environ, start_response, query):
    time.sleep(float(query["seconds"]))
    return respond(start_response, "slept")


def block(environ, start_response, query):
    """Says that it began (a file per call) and waits until the test makes the file `gate`; tells how many ran then."""
    global calls, running
    with counting:
        calls += 1
        running += 1
        number, running_now = calls, running
    try:
        note(os.path.join(query["directory"], "%d-%d" % (os.getpid(), number)), "begun")
        wait_for_file(query["gate"])
    finally:
        with counting:
            running -= 1
    return respond_json(start_response, {"pid": os.getpid(), "running": running_now})


def count_call(environ, start_response, query):
    """Leaves a line per call, so that a test can tell how often a request really ran."""
    note(query["file"], environ["REQUEST_METHOD"])
    return respond(start_response, "counted")


def die(environ, start_response, query):
    note(query["file"], environ["REQUEST_METHOD"])
    os.kill(os.getpid(), 9)


def note(path, word):
    with open(path, "a") as file:
        file.write(word + "\n")


def wait_for_file(path):
    give_up = time.monotonic() + 60
    while not os.path.exists(path):
        if time.monotonic() > give_up:
            raise TimeoutError("torture: nobody made " + path)
        time.sleep(0.005)


PATHS = {
    "": report,
    "/": report,
    "/report": report,
    "/echo": echo,
    "/environment": process_environment,
    "/mod-wsgi": server_module,
    "/sha256": sha256,
    "/count": count,
    "/reading": reading,
    "/ignore-body": ignore_body,
    "/duplex": duplex,
    "/stream": stream,
    "/numbered": numbered,
    "/file": file_wrapper,
    "/file-of-a-pipe": file_wrapper_of_a_pipe,
    "/write": write_callable,
    "/chunks": chunks,
    "/empty": empty,
    "/empty-chunks": empty_chunks,
    "/cookies": set_cookies,
    "/status": any_status,
    "/closing": closing,
    "/closing-endless": closing_endless,
    "/closing-raises": closing_raises,
    "/exc-info-before": exc_info_before,
    "/exc-info-after": exc_info_after,
    "/start-twice": start_twice,
    "/raise-in-call": raise_in_call,
    "/raise-after-start": raise_after_start,
    "/raise-at-first": raise_at_first,
    "/raise-after-output": raise_after_output,
    "/system-exit": system_exit,
    "/no-start-response": no_start_response,
    "/wrong-types": wrong_types,
    "/length": length_mismatch,
    "/printing": printing,
    "/sleep": sleep,
    "/block": block,
    "/count-call": count_call,
    "/die": die,
}
