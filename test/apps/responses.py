"""A WSGI application that answers as its path says: everything that PEP 3333 says of responses, kept and broken.

Standard library only; nothing in it knows wsgid.
"""
import gzip
import os
import sys
import tempfile
import threading

TEXT = [("Content-Type", "text/plain")]
SENTENCE = b"The response of the application.\n"


def application(environ, start_response):
    return ANSWERS[environ["PATH_INFO"]](environ, start_response)


def answer(status="200 OK", headers=TEXT, body=(b"done",)):
    def respond(environ, start_response):
        start_response(status, list(headers))
        return list(body)

    return respond


def generator(*parts):
    """Yields the bytes among the parts, raises the exceptions."""

    def respond(environ, start_response):
        start_response("200 OK", list(TEXT))
        for part in parts:
            if isinstance(part, BaseException):
                raise part
            yield part

    return respond


def lazy_start(environ, start_response):
    """start_response is called when the first chunk is asked for."""
    start_response("200 OK", list(TEXT))
    yield b"late"


def in_call(error):
    def respond(environ, start_response):
        raise error

    return respond


def after_start(error):
    def respond(environ, start_response):
        start_response("200 OK", list(TEXT))
        raise error

    return respond


class Closing:
    """An iterable whose close() raises or says how often it was called."""

    def __init__(self, chunks, error=None):
        self.chunks, self.error, self.calls = chunks, error, 0

    def __iter__(self):
        for chunk in self.chunks:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    def close(self):
        self.calls += 1
        print("responses: close() call", self.calls)
        if self.error is not None:
            raise self.error


def closing(chunks, error=None):
    def respond(environ, start_response):
        start_response("200 OK", list(TEXT))
        return Closing(chunks, error)

    return respond


def writing(environ, start_response):
    write = start_response("200 OK", list(TEXT))
    write(b"written ")
    write(b"")
    return [b"and ", b"returned"]


def write_text(environ, start_response):
    start_response("200 OK", list(TEXT))("text")
    return []


def write_too_much(environ, start_response):
    write = start_response("200 OK", TEXT + [("Content-Length", "5")])
    write(b"12345678")
    return [b"9"]


def start_never(environ, start_response):
    yield b"never announced"


def start_twice(environ, start_response):
    start_response("200 OK", list(TEXT))
    start_response("201 Created", list(TEXT))
    return [b"twice"]


def raised():
    try:
        raise ValueError("responses: caught by the application")
    except ValueError:
        return sys.exc_info()


def replaced(environ, start_response):
    start_response("200 OK", TEXT + [("X-First", "1")])
    start_response("503 Replaced", TEXT + [("X-Second", "2")], raised())
    return [b"replaced"]


def first_with_exc_info(environ, start_response):
    start_response("503 At Once", list(TEXT), raised())
    return [b"at once"]


def replaced_too_late(environ, start_response):
    start_response("200 OK", list(TEXT))
    yield SENTENCE
    start_response("503 Too Late", list(TEXT), raised())


def odd_exc_info(environ, start_response):
    start_response("200 OK", list(TEXT), True)
    return [b"never"]


def changed_after(environ, start_response):
    """The list of headers is the application's again: what becomes of it later is nobody's business."""
    headers = list(TEXT)
    start_response("200 OK", headers)
    headers.append(("X-Late", "1"))
    return [b"done"]


def file_of(make, headers=()):
    def respond(environ, start_response):
        start_response("200 OK", [*TEXT, *headers])
        return environ["wsgi.file_wrapper"](make(), 8)

    return respond


def plain_file():
    file = tempfile.TemporaryFile()
    file.write(SENTENCE)
    file.seek(4)
    return file


def named_file():
    file = tempfile.NamedTemporaryFile()
    file.write(SENTENCE)
    file.seek(4)
    return file


def text_file():
    path = os.path.join(tempfile.mkdtemp(), "text")
    with open(path, "wb") as file:
        file.write(SENTENCE)
    return open(path)


def gzip_file():
    """Has the fileno() of the compressed file, and reads what was compressed."""
    compressed = tempfile.TemporaryFile()
    with gzip.GzipFile(fileobj=compressed, mode="wb") as file:
        file.write(SENTENCE)
    compressed.seek(0)
    return gzip.GzipFile(fileobj=compressed)


def read_later(environ, start_response):
    """A thread of the application's own reads the body after the request is over."""
    stream, over = environ["wsgi.input"], threading.Event()

    def read():
        over.wait(30)
        try:
            stream.read()
        except RuntimeError as error:
            print("responses: reading later:", error)

    threading.Thread(target=read).start()
    start_response("200 OK", list(TEXT))
    result = Closing([b"begun"])
    result.close = over.set
    return result


ANSWERS = {
    "/no-reason": answer("200"),
    "/empty-reason": answer("200 "),
    "/long-reason": answer("418 I am a teapot, short and stout"),
    "/latin-1-reason": answer("200 Gr\xfc\xdfe"),
    "/status-999": answer("999 Unheard Of"),
    "/status-100": answer("100 Continue"),
    "/status-101": answer("101 Switching Protocols", [("X-A", "1")]),
    "/status-103": answer("103 Early Hints"),
    "/status-099": answer("099 Low"),
    "/status-text": answer("OK"),
    "/status-tab": answer("200\tOK"),
    "/status-newline": answer("200 OK\r\nX-Injected: 1"),
    "/status-nul": answer("200 OK\0"),
    "/status-beyond-latin-1": answer("200 \u20ac"),
    "/status-bytes": answer(b"200 OK"),
    "/header-newline": answer(headers=[("X-A", "1\r\nX-Injected: 1")]),
    "/header-bare-newline": answer(headers=[("X-A", "1\nX-Injected: 1")]),
    "/header-bare-return": answer(headers=[("X-A", "1\rX-Injected: 1")]),
    "/header-nul": answer(headers=[("X-A", "1\0X-Injected\0001")]),
    "/header-name-newline": answer(headers=[("X-A: 1\r\nX-Injected", "1")]),
    "/header-name-colon": answer(headers=[("X-A:", "1")]),
    "/header-name-space": answer(headers=[("X A", "1")]),
    "/header-name-empty": answer(headers=[("", "1")]),
    "/header-beyond-latin-1": answer(headers=[("X-A", "\u20ac")]),
    "/header-bytes": answer(headers=[("X-A", b"1")]),
    "/header-triple": answer(headers=[("X-A", "1", "2")]),
    "/header-list": answer(headers=[["X-A", "1"]]),
    "/header-none": answer(headers=[("X-A", None)]),
    "/headers-odd-but-good": answer(headers=[*TEXT, ("X-Empty", ""), ("x-lower", "a\tb"), ("X-Umlaut", "\xfc")]),
    "/headers-of-the-application": answer(headers=[*TEXT, ("Server", "own/1"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")]),
    "/headers-twice": answer(headers=[*TEXT, ("Server", "a"), ("Server", "b"), ("Date", "1"), ("Date", "2")]),
    "/cookies": answer(headers=[*TEXT, ("Set-Cookie", "a=1"), ("X-A", "1"), ("Set-Cookie", "b=2"), ("X-A", "2")]),
    "/location-and-status": answer(headers=[*TEXT, ("Location", "/elsewhere"), ("Status", "404 No")]),
    "/hop-connection": answer(headers=[("Connection", "close")]),
    "/hop-keep-alive": answer(headers=[("keep-alive", "timeout=5")]),
    "/hop-transfer-encoding": answer(headers=[("Transfer-Encoding", "chunked")]),
    "/hop-upgrade": answer(headers=[("Upgrade", "websocket")]),
    "/hop-te": answer(headers=[("TE", "trailers")]),
    "/hop-trailer": answer(headers=[("Trailer", "X-A")]),
    "/length-none": answer(body=[b"12345"]),
    "/length-right": answer(headers=[*TEXT, ("Content-Length", "5")], body=[b"12345"]),
    "/length-twice-alike": answer(headers=[*TEXT, ("Content-Length", "5"), ("content-length", "5")], body=[b"12345"]),
    "/length-twice": answer(headers=[*TEXT, ("Content-Length", "5"), ("Content-Length", "6")], body=[b"12345"]),
    "/length-too-much": answer(headers=[*TEXT, ("Content-Length", "5")], body=[b"12345678"]),
    "/length-too-much-in-parts": answer(headers=[*TEXT, ("Content-Length", "5")], body=[b"123", b"456", b"78"]),
    "/length-too-little": answer(headers=[*TEXT, ("Content-Length", "9")], body=[b"12345"]),
    "/length-too-little-in-parts": lambda e, s: iter(answer(headers=[*TEXT, ("Content-Length", "9")], body=[b"1", b"2"])(e, s)),
    "/length-negative": answer(headers=[("Content-Length", "-1")]),
    "/length-spaces": answer(headers=[("Content-Length", " 5")]),
    "/length-of-nothing": answer("204 No Content", [("Content-Length", "5")], []),
    "/body-with-204": answer("204 No Content", [], [b"not to be sent"]),
    "/body-with-304": answer("304 Not Modified", [("ETag", '"a"')], [b"not to be sent"]),
    "/empty-list": answer(body=[]),
    "/empty-tuple": lambda e, s: (s("200 OK", list(TEXT)), ())[1],
    "/empty-chunk": answer(body=[b""]),
    "/empty-generator": generator(),
    "/empty-first": generator(b"", b"", b"after"),
    "/strings-of-bytes": lambda e, s: (s("200 OK", list(TEXT)), b"not a list")[1],
    "/generator": generator(b"one ", b"two ", b"three"),
    "/lazy-start": lazy_start,
    "/chunk-text": generator("text"),
    "/chunk-text-late": generator(SENTENCE, "text"),
    "/chunk-number": generator(1),
    "/chunk-bytearray": generator(bytearray(b"x")),
    "/chunk-none": answer(body=[None]),
    "/not-iterable": lambda e, s: (s("200 OK", list(TEXT)), 1)[1],
    "/writing": writing,
    "/write-text": write_text,
    "/write-too-much": write_too_much,
    "/start-never": start_never,
    "/start-never-list": lambda e, s: [b"never announced"],
    "/start-never-empty": lambda e, s: [],
    "/start-twice": start_twice,
    "/replaced": replaced,
    "/first-with-exc-info": first_with_exc_info,
    "/replaced-too-late": replaced_too_late,
    "/odd-exc-info": odd_exc_info,
    "/changed-after": changed_after,
    "/raise-in-call": in_call(RuntimeError("responses: in call")),
    "/raise-after-start": after_start(RuntimeError("responses: after start")),
    "/raise-first": generator(RuntimeError("responses: first")),
    "/raise-after-empty": generator(b"", RuntimeError("responses: after empty")),
    "/raise-late": generator(SENTENCE, RuntimeError("responses: late")),
    "/exit-in-call": in_call(SystemExit("responses: exit in call")),
    "/exit-late": generator(SENTENCE, SystemExit("responses: exit late")),
    "/interrupt-in-call": in_call(KeyboardInterrupt("responses: interrupt in call")),
    "/interrupt-late": generator(SENTENCE, KeyboardInterrupt("responses: interrupt late")),
    "/generator-exit-in-call": in_call(GeneratorExit("responses: generator exit in call")),
    "/generator-exit-late": generator(SENTENCE, GeneratorExit("responses: generator exit late")),
    "/stop-iteration-in-call": in_call(StopIteration("responses: stop in call")),
    "/close": closing([b"closed"]),
    "/close-raises": closing([b"complete"], RuntimeError("responses: close raised")),
    "/close-exits": closing([b"complete"], SystemExit("responses: close exits")),
    "/close-after-raise": closing([b"some", RuntimeError("responses: raised, then closed")]),
    "/file": file_of(plain_file),
    "/file-named": file_of(named_file),
    "/file-part": file_of(plain_file, [("Content-Length", "8")]),
    "/file-too-short": file_of(plain_file, [("Content-Length", "1000")]),
    "/file-text": file_of(text_file),
    "/file-gzip": file_of(gzip_file),
    "/read-later": read_later,
}
