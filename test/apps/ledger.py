"""A WSGI application that writes down the id of every request it runs (a line in the file that `ledger.file` of its environ names) and
answers `id sha256-of-the-body pid version`. Tests deploy it again and again with another VERSION.

`seconds` in the query string is how long it takes. Standard library only; nothing in it knows wsgid.
"""
import hashlib
import os
import time
from urllib.parse import parse_qs

VERSION = "1"


def application(environ, start_response):
    query = {key: values[-1] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    request = query.get("id", "")
    if "ledger.file" in environ:
        write_down(environ["ledger.file"], request)
    digest = hashlib.sha256()
    for part in iter(lambda: environ["wsgi.input"].read(65536), b""):
        digest.update(part)
    time.sleep(float(query.get("seconds", "0")))
    body = ("%s %s %d %s" % (request, digest.hexdigest(), os.getpid(), VERSION)).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def write_down(path, line):
    """O_APPEND and one write: lines of several processes do not mix."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode() + b"\n")
    finally:
        os.close(file)
