"""The life of a worker: configured over the control socket, loads, serves, drains, exits. Runs in the main thread.

Descriptors on entry: 1 and 2 the log, 3 the control socket (JSON lines, docs/protocol.md), 4 the listening socket.
"""

import gc
import json
import os
import platform
import select
import signal
import socket
import sys
import threading
from time import monotonic

from . import loader
from .application import make_applications
from .logs import LogStream
from .serving import Pool

CONTROL_DESCRIPTOR = 3
LISTENING_DESCRIPTOR = 4
#: Connections of routers that may wait to be accepted; there are few routers.
ROUTER_BACKLOG = 128
#: While requests run, the main thread looks this often (milliseconds) whether it must pass the lead on or stand in.
TICK = 3


def main():
    """Returns the exit code: 0 after a drain, 1 when an application did not load."""
    sys.stdout = LogStream(1, "<stdout>")
    sys.stderr = LogStream(2, "<stderr>")
    control = Control(socket.socket(fileno=CONTROL_DESCRIPTOR))
    listener = socket.socket(fileno=LISTENING_DESCRIPTOR)
    for descriptor in (CONTROL_DESCRIPTOR, LISTENING_DESCRIPTOR):
        os.set_inheritable(descriptor, False)
    configuration = control.first_message()
    if configuration is None:
        return 0
    started = monotonic()
    if configuration["home"] is not None:
        sys.path.insert(0, configuration["home"])
    try:
        applications = make_applications(configuration)
    except loader.LoadError as error:
        sys.stderr.write(error.details)
        control.send(type="load-error", entry=error.entry, summary=error.summary, traceback=error.details)
        return 1
    # What is loaded now lives as long as the process: the collector need not walk it again.
    gc.collect()
    getattr(gc, "freeze", int)()
    listener.listen(ROUTER_BACKLOG)
    pool = Pool(listener, applications, configuration["threads"], sys.stderr.write)
    life = Life(control, pool, configuration)
    pool.start()
    control.send(type="loaded", milliseconds=int((monotonic() - started) * 1000), python=platform.python_version())
    life.run()
    return 0


class Control:
    """The control socket: JSON lines to and from the supervisor."""

    def __init__(self, sock):
        self._socket = sock
        self._rest = b""

    def fileno(self):
        return self._socket.fileno()

    def first_message(self):
        """Waits for the configuration; None when the supervisor went away instead."""
        while True:
            messages = self.receive()
            if messages is None or messages:
                return messages[0] if messages else None

    def receive(self):
        """The messages that have arrived, None at the end of the socket. Blocks until there is something."""
        try:
            data = self._socket.recv(65536)
        except OSError:
            return None
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def send(self, **message):
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            pass  # the supervisor is gone; the main loop reads the end of the socket next


class Life:
    """The main thread after loading: waits for the supervisor and for signals, and stands in for a leader when needed."""

    def __init__(self, control, pool, configuration):
        self._control = control
        self._pool = pool
        self._configuration = configuration
        self._draining = False
        self._signals, wakeup = socket.socketpair()
        self._signals.setblocking(False)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        # The kernel sends SIGHUP when the supervisor has died. It ends a worker that is still loading; one that serves sees the end of
        # its control socket and finishes what runs.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP):
            signal.signal(number, lambda *_: None)

    def run(self):
        """Returns when the worker has drained."""
        control, pool = self._control, self._pool
        # poll(), not epoll(): the set changes at every turn and has four members.
        while not (self._draining and not pool.any_busy()):
            waiting = select.poll()
            for source in (self._signals, control) if control is not None else (self._signals,):
                waiting.register(source, select.POLLIN)
            waiting.register(pool.nudge, select.POLLIN)
            if pool.all_busy():
                waiting.register(pool, select.POLLIN)
            ready = {descriptor for descriptor, _ in waiting.poll(self._patience())}
            pool.pass_lead_on()
            if pool.nudge in ready:
                pool.clear_nudge()
            if self._signals.fileno() in ready:
                self._obey_signals()
            if control is not None and control.fileno() in ready and not self._obey_supervisor():
                control = None
            if pool.fileno() in ready:
                pool.stand_in()

    def _patience(self):
        """Milliseconds to wait at most; None (for ever) when nothing runs, so that an idle worker never wakes."""
        pool = self._pool
        if pool.any_busy() or self._draining:
            return TICK
        # Set before the second look: a thread that starts a request after it sees `quiet` and nudges.
        pool.quiet = True
        if pool.any_busy():
            pool.quiet = False
            return TICK
        return None

    def _obey_supervisor(self):
        """False at the end of the control socket: the supervisor is gone, so finish what runs and go."""
        messages = self._control.receive()
        if messages is None:
            limits = self._configuration
            self._die_after(limits["gracefulTimeoutSeconds"] + limits["shutdownTimeoutSeconds"])
            self._drain()
            return False
        for message in messages:
            if message["type"] == "drain":
                self._drain()
        return True

    def _obey_signals(self):
        for number in self._signals.recv(64):
            if number == signal.SIGUSR1:
                self._control.send(type="retire", reason="signal")
            elif number in (signal.SIGTERM, signal.SIGINT):
                self._die_after(self._configuration["shutdownTimeoutSeconds"])
                self._drain()

    def _drain(self):
        self._draining = True
        self._pool.drain()

    @staticmethod
    def _die_after(seconds):
        """The kernel ends the process then, whatever Python does: SIGALRM with its default action."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
