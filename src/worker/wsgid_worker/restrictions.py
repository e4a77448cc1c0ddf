"""What an application may not take from the server that runs it: its signals, its standard input, and if asked its output."""

import io
import os
import signal
import sys
import traceback
# What signal.signal calls, for wsgid itself. That makes enumeration members of what it takes and gives, a tenth of a millisecond each time
# in a worker that was only just forked; this knows only these two constants.
from _signal import SIG_DFL, SIG_IGN, signal as set_handler

#: The real one, for what an application forks.
_signal_signal = signal.signal
#: Process whose signals are wsgid's.
_owner = 0

def restrict_signals(complain):
    """Makes signal.signal() a logged no-op that returns the handler it was given (mod_wsgi's WSGIRestrictSignal).

    Processes that the application forks may set their own: it holds for the process that has called this last.
    """
    global _owner
    is_first, _owner = _owner == 0, os.getpid()
    if not is_first:
        return

    def ignored(number, handler):
        if os.getpid() != _owner:
            return _signal_signal(number, handler)
        where = "".join(traceback.format_stack(limit=2)[:1])
        complain("signal.signal(%s) has no effect: signals belong to wsgid; called at\n%s" % (number, where))
        return handler

    signal.signal = ignored


class Restricted(io.TextIOBase):
    """A stream every use of which is an error that names it. It says that it is closed: else Python would flush it at exit."""

    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __getattribute__(self, attribute):
        if attribute in ("__class__", "__dict__"):
            return object.__getattribute__(self, attribute)
        if attribute == "closed":
            return True
        name = object.__getattribute__(self, "_name")
        raise OSError("%s access restricted by wsgid (restrict-stdout: error)" % name)


def restrict_stdin():
    """Standard input is /dev/null: reading it finds the end."""
    sys.stdin = open(os.devnull)


def restrict_stdout():
    """restrict-stdout: error. Whatever an application does with sys.stdout raises OSError."""
    sys.stdout = Restricted("sys.stdout")
