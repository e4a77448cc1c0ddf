"""A WSGI application that tells who runs it and what it was told, as JSON; standard library only."""
import json
import os

import mod_wsgi

try:
    from database import poolable
except ImportError:
    poolable = None


def application(environ, start_response):
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    body = json.dumps({"uid": os.getuid(), "pid": os.getpid(), "poolable": poolable, "environ": told,
                       "module": [mod_wsgi.process_group, mod_wsgi.application_group]}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
