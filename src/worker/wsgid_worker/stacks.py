"""Where the threads of a worker are, for `wsgid stacks` and the log: told by the worker itself, or written without its help.

A worker whose main thread runs tells it with request ids (describe). One that cannot run Python code, because a call of C keeps the
interpreter's lock or it still loads, gets SIGNAL: faulthandler's handler needs no lock and writes into the worker's StackFile.
"""

import faulthandler
import fcntl
import json
import os
import signal
import sys
import threading
import traceback

#: Ignored by whoever has no handler for it: sent to a process too early, it does no harm.
SIGNAL = signal.SIGURG
#: Of a deep recursion the innermost frames are told, and where it began.
INNERMOST, OUTERMOST = 80, 20
LONGEST_TEXT = 300
#: What one answer may take, characters of JSON; threads beyond it are counted.
LONGEST_ANSWER = 150_000
#: What is read of a StackFile, bytes.
LONGEST_DUMP = 100_000
#: The server's own frames, which brought a thread to its application.
OWN = ("/threading.py", "/wsgid_worker/serving.py", "/wsgid_worker/exchange.py")


class StackFile:
    """Where the stacks of one worker are written by its signal handler and read by its template process: in memory if that can be, its own."""

    def __init__(self):
        """Raises OSError when there can be none."""
        self._descriptor = _open_nameless()
        # Whoever writes writes at the end, wherever that is after emptying it.
        fcntl.fcntl(self._descriptor, fcntl.F_SETFL, os.O_RDWR | os.O_APPEND)

    def write_on_signal(self):
        """From now on SIGNAL has the stacks of this process written into it; held over a fork."""
        faulthandler.register(SIGNAL, file=self._descriptor, all_threads=True, chain=False)

    def empty(self):
        os.ftruncate(self._descriptor, 0)

    def read(self):
        return os.pread(self._descriptor, LONGEST_DUMP, 0).decode("ascii", "replace")

    def close(self):
        os.close(self._descriptor)


def _open_nameless():
    """A descriptor that no other program inherits."""
    try:
        return os.memfd_create("stacks")
    except (AttributeError, OSError):
        # A Python built for an old libc lacks it, and a sandbox may forbid it. Imported here: hardly any worker needs it.
        import tempfile

        with tempfile.TemporaryFile() as file:
            return os.dup(file.fileno())


def write_to_log_on_signal():
    """As long as a process has no StackFile: a template process that hangs in what it preloads."""
    faulthandler.register(SIGNAL, file=sys.__stderr__, all_threads=True, chain=False)


def application_frames(frame):
    """The stack of a thread as traceback.FrameSummary, outermost first, without the server's frames that led to the application."""
    frames = traceback.extract_stack(frame)
    while frames and frames[0].filename.endswith(OWN):
        del frames[0]
    return frames


def describe(pool):
    """The other threads of this process: `idle` ones are counted, of those that serve a request it is told which and how long."""
    stacks = sys._current_frames()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    serving = dict(zip(pool.idents, list(pool.running)))
    answer = {"idle": 0, "leftOut": 0, "threads": []}
    room = LONGEST_ANSWER
    for ident, frame in stacks.items():
        exchange = serving.get(ident)
        if ident == threading.get_ident():
            continue
        if ident in serving and exchange is None:
            answer["idle"] += 1
            continue
        thread = _describe_thread(names.get(ident, ""), exchange, application_frames(frame))
        room -= len(json.dumps(thread))
        if room < 0:
            answer["leftOut"] += 1
        else:
            answer["threads"].append(thread)
    return answer


def _describe_thread(name, exchange, frames):
    left_out = max(0, len(frames) - INNERMOST - OUTERMOST)
    if left_out:
        frames = frames[:OUTERMOST] + frames[-INNERMOST:]
    request = None
    if exchange is not None:
        request = {"id": exchange.request_id, "line": exchange.request_line()[:LONGEST_TEXT]}
        request["seconds"] = round(exchange.application_seconds(), 3)
    return {
        "name": name[:LONGEST_TEXT],
        "request": request,
        "leftOut": left_out,
        "frames": [
            {
                "file": each.filename[:LONGEST_TEXT],
                "line": each.lineno or 0,
                "function": each.name[:LONGEST_TEXT],
                "code": (each.line or "")[:LONGEST_TEXT],
            }
            for each in frames
        ],
    }
