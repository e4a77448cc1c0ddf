"""A WSGI application that tells who runs it, by what and what it was told, as JSON; standard library only."""
import json
import os
import sys

import mod_wsgi

try:
    from database import poolable
except ImportError:
    poolable = None


def application(environ, start_response):
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    body = json.dumps({"uid": os.getuid(), "gid": os.getgid(), "pid": os.getpid(), "poolable": poolable,
                       "environ": told, "environment": dict(os.environ), "printed": printed(environ["QUERY_STRING"]),
                       "implementation": sys.implementation.name, "prefix": sys.prefix, "version": sys.version,
                       "module": [mod_wsgi.process_group, mod_wsgi.application_group]}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def printed(words):
    """Prints the query, if there is one; whether that was allowed."""
    try:
        if words:
            print("surveyor says", words)
    except OSError as error:
        return str(error)
    return bool(words)
