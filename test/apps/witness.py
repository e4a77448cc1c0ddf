"""A WSGI application that tells what it was asked, and remembers it: for tests of what a server takes for a request.

The answer is one line: method, path, query, then the body in brackets. Paths that begin with /smuggled are only ever inside of bodies
and headers that the tests send; /seen tells how many calls there were, and how many of those.
"""
import threading

calls = smuggled = 0
names = []
counting = threading.Lock()


def application(environ, start_response):
    global calls, smuggled
    path = environ["PATH_INFO"]
    with counting:
        calls += 1
        if path.startswith("/smuggled"):
            smuggled += 1
            names.append(path)
    handler = PATHS.get(path)
    if handler is not None:
        return handler(environ, start_response)
    return answer(start_response, describe(environ, environ["wsgi.input"].read(-1)))


def describe(environ, body):
    query = "?" + environ["QUERY_STRING"] if environ["QUERY_STRING"] else ""
    return environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"] + query + " [" + body.decode("latin-1") + "]"


def answer(start_response, text, status="200 OK"):
    body = text.encode("latin-1")
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def seen(environ, start_response):
    return answer(start_response, "%d calls, %d smuggled" % (calls, smuggled))


def names_seen(environ, start_response):
    """The paths of those calls, once."""
    with counting:
        text = " ".join(names)
        names.clear()
    return answer(start_response, text)


def unread(environ, start_response):
    """Answers without a look at the body."""
    return answer(start_response, "unread")


def denied(environ, start_response):
    return answer(start_response, "denied", "401 Unauthorized")


def streamed(environ, start_response):
    """An answer of unknown length."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return iter([b"one ", b"two ", b"three"])


def no_content(environ, start_response):
    start_response("204 No Content", [])
    return []


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"x"')])
    return []


def content_in_204(environ, start_response):
    """What must not be sent, made all the same."""
    start_response("204 No Content", [("Content-Length", "5")])
    return [b"wrong"]


def header_of(environ, start_response):
    """One variable of environ, named by the query."""
    return answer(start_response, environ.get(environ["QUERY_STRING"], "none"))


PATHS = {
    "/seen": seen,
    "/names-seen": names_seen,
    "/unread": unread,
    "/denied": denied,
    "/streamed": streamed,
    "/204": no_content,
    "/304": not_modified,
    "/204-with-content": content_in_204,
    "/variable": header_of,
}
