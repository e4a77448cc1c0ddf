"""The application of project/wsgi.py, which has answered a page when the workers are forked."""
import sys
from wsgiref.util import setup_testing_defaults

from project.wsgi import application


def ask(path):
    """As a client would, at a host that the application knows (Django's ALLOWED_HOSTS). What it raises keeps the group from starting."""
    environ = {"PATH_INFO": path, "HTTP_HOST": "localhost", "wsgi.errors": sys.stderr}
    setup_testing_defaults(environ)
    answer = application(environ, lambda status, headers, exc_info=None: print("%s: %s" % (path, status)))
    try:
        b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()


ask("/")
