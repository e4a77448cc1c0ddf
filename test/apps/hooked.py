"""A WSGI application that hooks into the life of its process, and leaves a line in the file NOTES for each thing that happens."""
import atexit
import os
import signal

import mod_wsgi


def note(what):
    with open(os.environ["NOTES"], "a") as file:
        file.write("%s in %d\n" % (what, os.getpid()))


def post_fork(worker):
    note("post_fork")


def on_term(number, frame):
    note("own signal handler")


note("loaded")
atexit.register(note, "atexit")
mod_wsgi.subscribe_shutdown(lambda name, **event: note("%s: %s" % (name, event["shutdown_reason"])))
returned = signal.signal(signal.SIGTERM, on_term)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("%d %s" % (os.getpid(), returned is on_term)).encode()]
