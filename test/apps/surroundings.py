"""A WSGI application that tells what it finds around itself: what the options of its group made of its process.

Standard library only; nothing in it knows wsgid.
"""
import ctypes
import importlib
import json
import locale
import mmap
import os
import sys
import tempfile
from urllib.parse import parse_qs

kept = []


def application(environ, start_response):
    query = {key: values[-1] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    body = json.dumps(PATHS[environ["PATH_INFO"]](query)).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def state(query):
    return {
        "pid": os.getpid(),
        "cwd": os.getcwd(),
        "root": sorted(os.listdir("/")),
        "path": sys.path,
        "prefix": sys.prefix,
        "environment": dict(os.environ),
        "locale": locale.setlocale(locale.LC_ALL, ""),
        "groups": sorted(os.getgroups()),
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "switch_interval": sys.getswitchinterval(),
        "stack_size": stack_size(),
    }


def stack_size():
    """Of the calling thread, as the C library gave it."""
    library = ctypes.CDLL(None)
    library.pthread_self.restype = ctypes.c_void_p
    attributes, size = ctypes.create_string_buffer(256), ctypes.c_size_t()
    library.pthread_getattr_np(ctypes.c_void_p(library.pthread_self()), attributes)
    library.pthread_attr_getstacksize(attributes, ctypes.byref(size))
    library.pthread_attr_destroy(attributes)
    return size.value


def new_file(query):
    """The mode that a new file gets when its maker asks for rw-rw-rw-."""
    path = os.path.join(tempfile.gettempdir(), "surroundings-%d" % os.getpid())
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        return {"mode": oct(os.fstat(descriptor).st_mode & 0o777)}
    finally:
        os.close(descriptor)
        os.unlink(path)


def import_module(query):
    return {"file": importlib.import_module(query["name"]).__file__}


def allocate(query):
    """Memory of its own: data."""
    return outcome(lambda: bytearray(int(query["bytes"])))


def reserve(query):
    """Addresses without memory behind them, not counted as data."""
    return outcome(lambda: mmap.mmap(-1, int(query["bytes"]), flags=mmap.MAP_SHARED, prot=mmap.PROT_READ).close())


def keep(query):
    kept.append(b"x" * int(query["bytes"]))
    return {"pid": os.getpid()}


def outcome(action):
    try:
        action()
    except (MemoryError, OSError) as error:
        return {"outcome": type(error).__name__}
    return {"outcome": "done"}


def print_word(query):
    try:
        print("surroundings: printed", query["word"])
    except OSError as error:
        return {"outcome": str(error)}
    return {"outcome": "printed"}


PATHS = {
    "/state": state,
    "/new-file": new_file,
    "/import": import_module,
    "/allocate": allocate,
    "/reserve": reserve,
    "/keep": keep,
    "/print": print_word,
}
