"""The application called in a loop with nothing around it: alone.py SCRIPT SECONDS prints microseconds of CPU per call."""
import io
import runpy
import sys
import time

application = runpy.run_path(sys.argv[1])["application"]
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def call():
    statuses = []
    result = application(dict(ENVIRON, **{"wsgi.input": io.BytesIO()}), lambda status, headers, exc_info=None: statuses.append(status))
    body = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    # An error page is made in another time: what does not answer is not measured, and the text is the reason on stderr.
    if statuses != ["200 OK"] or not body:
        raise SystemExit("the application answers %r" % statuses)


call()  # loads what the first request loads
calls = 0
began = time.process_time()
until = time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    for _ in range(20):
        call()
    calls += 20
print((time.process_time() - began) / calls * 1e6)
