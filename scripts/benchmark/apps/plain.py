"""What the benchmark asks for, but for the Django page: each path is as little application as its row allows."""
import time

HELLO = b"Hello, World!\n"
MEBIBYTE = b"x" * 1048576


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "14")])
    return [HELLO]


def count(environ, start_response):
    """Reads the whole body in blocks, as frameworks do, and answers its length."""
    total = 0
    while True:
        data = environ["wsgi.input"].read(65536)
        if not data:
            break
        total += len(data)
    body = b"%d\n" % total
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def large(environ, start_response):
    """As many MiB as the query says: one chunk, or one for each MiB."""
    chunks = int(environ["QUERY_STRING"])
    length = str(chunks * len(MEBIBYTE))
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", length)])
    return [MEBIBYTE] if chunks == 1 else (MEBIBYTE for _ in range(chunks))


def sleep(environ, start_response):
    time.sleep(0.010)
    return hello(environ, start_response)


PATHS = {"/": hello, "/count": count, "/large": large, "/sleep": sleep}


def application(environ, start_response):
    return PATHS[environ["PATH_INFO"] or "/"](environ, start_response)
