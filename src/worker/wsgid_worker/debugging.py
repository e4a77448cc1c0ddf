"""A worker under pdb, for `wsgid debug`: its descriptors 0, 1 and 2 are a terminal, it serves one request at a time, and was not forked.

It ends debugging by asking for its own replacement (SIGUSR1), as any worker does; a request that runs goes on without the debugger.
"""

import bdb
import json
import os
import pdb
import select
import signal
import sys
import threading
import traceback

from .file_wrapper import FileWrapper
from .logs import LogStream, current

HELP = "no request is at a prompt; q or Ctrl-D ends debugging"


class DebuggedControl:
    """The control socket of a worker that has no template process: what it says carries its number."""

    def __init__(self, control, number):
        self._control = control
        self._number = number
        self.fileno = control.fileno
        self.receive = control.receive

    def send(self, **message):
        self._control.send(**dict(message, worker=self._number))

    def send_encoded(self, line):
        self.send(**json.loads(line))


def take_terminal():
    """Output goes to the terminal as it is, without marks for the log; input comes from it."""
    LogStream.marked = False
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__


def attach(applications, breaks):
    """Puts the applications under a debugger. `breaks`: pairs of file and line. Returns what is wrong with them, "" for nothing."""
    debugger = Debugger(Terminal())
    faults = [debugger.set_break(path, line) for path, line in breaks]
    for application in applications:
        application.callable = debugger.around(application.callable)
    pdb.set_trace = sys.breakpointhook = debugger.stop_at_caller
    return "; ".join(fault for fault in faults if fault)


def end_debugging():
    """Asks the main thread to let this worker be replaced."""
    os.kill(os.getpid(), signal.SIGUSR1)


class Terminal:
    """Who reads the terminal: a prompt, or between prompts a thread that only waits for the operator to end it all."""

    def __init__(self):
        self._reading = threading.Lock()
        self._free = threading.Event()
        self._free.set()
        self._wake, self._wake_end = os.pipe()
        threading.Thread(target=self._watch, name="terminal", daemon=True).start()

    def __enter__(self):
        self._free.clear()
        os.write(self._wake_end, b"!")
        self._reading.acquire()
        os.read(self._wake, 4096)

    def __exit__(self, *_):
        self._reading.release()
        self._free.set()

    def _watch(self):
        while True:
            self._free.wait()
            with self._reading:
                readable, _, _ = select.select([0, self._wake], [], [])
                if self._wake in readable:
                    # A prompt wants to have the terminal; until it has, nothing may be read.
                    self._free.clear()
                    continue
                try:
                    typed = os.read(0, 4096)
                except OSError:
                    typed = b""  # the terminal is gone
            if typed == b"" or typed.strip() in (b"q", b"quit", b"exit"):
                return end_debugging()
            print(HELP, flush=True)


class Debugger(pdb.Pdb):
    """pdb for the one thread that serves. Continues by itself to the first breakpoint, and after the last request waits for the next."""

    def __init__(self, terminal):
        super().__init__(skip=["wsgid_worker", "wsgid_worker.*"], nosigint=True)
        self._terminal = terminal
        self._over = False
        self._told_of = ""

    def around(self, callable_):
        """The WSGI callable under the debugger, with what it yields."""

        def debugged(environ, start_response):
            result = self.run_under(callable_, environ, start_response)
            return result if isinstance(result, (list, tuple, FileWrapper)) else _Iteration(self, result)

        return debugged

    def run_under(self, function, *arguments):
        """Calls a function; stops at breakpoints within, and where it raised an exception."""
        if self._over:
            return function(*arguments)
        self.reset()
        # Everything below this frame is the application's: continue from here to the first breakpoint.
        self.botframe = sys._getframe()
        self.set_continue()
        if self.breaks:
            sys.settrace(self.trace_dispatch)
        try:
            return function(*arguments)
        except (StopIteration, bdb.BdbQuit):
            raise
        except Exception as error:
            sys.settrace(None)
            if not self._over:
                self._look_at(error)
            raise
        finally:
            sys.settrace(None)

    def stop_at_caller(self, *_, **__):
        """breakpoint(), pdb.set_trace()"""
        if not self._over:
            self.set_trace(sys._getframe(1))

    def _look_at(self, error):
        self.message("".join(traceback.format_exception(type(error), error, error.__traceback__.tb_next)).rstrip())
        self.message("post-mortem: c answers the request by the error")
        self.reset()
        self.interaction(None, error.__traceback__.tb_next or error.__traceback__)

    def interaction(self, *what):
        with self._terminal:
            if current.request_id != self._told_of:
                self._told_of = current.request_id
                self.message("request %s" % current.request_id)
            super().interaction(*what)

    def do_quit(self, _):
        """q(uit): ends debugging; the request goes on without it, and the next ones are others' business."""
        self._over = True
        self.clear_all_breaks()
        self.set_continue()
        end_debugging()
        return 1

    do_q = do_exit = do_quit

    def do_EOF(self, argument):
        """EOF: as quit."""
        self.message("")
        return self.do_quit(argument)

    def do_run(self, _):
        """run: not here; send a request again instead."""
        self.message("a worker cannot be run again from here: q, and start wsgid debug anew")

    do_restart = do_run


class _Iteration:
    """What an application yields, each piece made under the debugger."""

    def __init__(self, debugger, result):
        self._debugger = debugger
        self._iterator = iter(result)
        self.close = getattr(result, "close", lambda: None)

    def __iter__(self):
        return self

    def __next__(self):
        return self._debugger.run_under(next, self._iterator)

