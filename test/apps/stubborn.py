"""A WSGI application whose requests do not end when they should. Each path is one function of (environ, start_response, query)."""
import ctypes
import os
import threading
import time
from urllib.parse import parse_qs

TEXT = [("Content-Type", "text/plain")]
taken = 0


def application(environ, start_response):
    query = {key: values[-1] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    return PATHS[environ["PATH_INFO"]](environ, start_response, query)


def answer(start_response, text):
    start_response("200 OK", TEXT)
    return [text.encode()]


def pid(environ, start_response, query):
    return answer(start_response, str(os.getpid()))


def stay(environ, start_response, query):
    """Waits in Python code, a little at a time."""
    while True:
        time.sleep(0.01)  # here it stays


def stay_until_interrupted(environ, start_response, query):
    import mod_wsgi

    try:
        return stay(environ, start_response, query)
    except mod_wsgi.RequestTimeout as error:
        note(query["file"], "interrupted by mod_wsgi.%s in process %d" % (type(error).__name__, os.getpid()))
        raise


def hold_everything(environ, start_response, query):
    """A call of C that never returns and keeps the interpreter's lock."""
    ctypes.PyDLL(None).sleep(1000)  # here it holds everything


def wait_for_itself(environ, start_response, query):
    """A deadlock of the application's own."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()  # here it waits for itself


def spin(environ, start_response, query):
    """An endless loop, which gives up the interpreter's lock only when it must."""
    while True:
        pass  # here it spins


def burn(environ, start_response, query):
    """Uses up so much CPU time of its process."""
    end = time.process_time() + float(query["seconds"])
    while time.process_time() < end:
        pass
    return answer(start_response, str(os.getpid()))


def fall_silent(environ, start_response, query):
    """Answers a little and then nothing more."""
    start_response("200 OK", TEXT)
    yield b"begun"
    yield from stay(environ, start_response, query)


def flood(environ, start_response, query):
    """A response of so many MiB; /taken tells how much of it was taken off the application."""
    start_response("200 OK", TEXT)
    return Flood(int(query["mebibytes"]), query["file"])


class Flood:
    def __init__(self, mebibytes, path):
        self.left, self.path = mebibytes * 16, path

    def __iter__(self):
        return self

    def __next__(self):
        global taken
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        taken += 65536
        return bytes(65536)

    def close(self):
        note(self.path, "closed, %d KiB left" % (self.left * 64))


def tell_taken(environ, start_response, query):
    return answer(start_response, str(taken))


def note(path, word):
    with open(path, "a") as file:
        file.write(word + "\n")


PATHS = {
    "/pid": pid,
    "/stay": stay,
    "/stay-until-interrupted": stay_until_interrupted,
    "/hold-everything": hold_everything,
    "/wait-for-itself": wait_for_itself,
    "/spin": spin,
    "/burn": burn,
    "/fall-silent": fall_silent,
    "/flood": flood,
    "/taken": tell_taken,
}
