"""Requests that run too long, and a process in which nothing runs: slow-requests, request-timeout, interrupt-timeout, deadlock-timeout."""

import faulthandler
import signal
import sys
import threading
import traceback
from math import inf

from . import frames
from .logs import error_stream, speaking_for
from .mod_wsgi import RequestTimeout
from .stacks import application_frames

try:
    from ctypes import c_ulong, py_object, pythonapi

    def _raise_in(thread, exception):
        """Raises an exception in another thread, at its next byte code (CPython only)."""
        pythonapi.PyThreadState_SetAsyncExc(c_ulong(thread), py_object(exception))

except ImportError:  # PyPy: has no way to do it
    _raise_in = None

#: While a thread that was interrupted goes on, it is interrupted again this often, seconds.
INTERRUPT_EVERY = 1.0
#: A deadlock's deadline is pushed on this often, seconds.
PUSH_EVERY = 1.0


class RequestWatch:
    """Logs where requests are that run longer than slow-requests; ends the waiting of clients whose request runs longer than
    request-timeout, and what can be ended of the request."""

    def __init__(self, pool, configuration):
        self._pool = pool
        self._slow = configuration["slowRequestsSeconds"] or inf
        self._timeout = configuration["requestTimeoutSeconds"] or inf
        self._first = min(self._slow, self._timeout)
        self._interrupt = configuration["interruptTimeoutSeconds"] if _raise_in is not None else 0
        #: Exchanges over time: when they are next interrupted, and when that was given up.
        self._late = {}
        #: Those whose stack was logged as that of a slow one.
        self._told = set()

    def look(self, now):
        """True when the worker must be replaced because a thread cannot be had back."""
        if self._first == inf:
            return False
        hopeless = False
        running = self._pool.running
        for index, exchange in enumerate(running):
            if exchange is None:
                continue
            if exchange not in self._late:
                seconds = exchange.application_seconds()
                if seconds < self._first:
                    continue
                if seconds < self._timeout:
                    self._tell_slow(index, exchange)
                    continue
                self._late[exchange] = [now, now + self._interrupt]
                self._give_up(index, exchange)
            hopeless |= self._interrupt_or_despair(index, exchange, now)
        for exchange in [each for each in self._late if each not in running]:
            del self._late[exchange]
        if self._told:
            self._told.intersection_update(running)
        return hopeless

    def _tell_slow(self, index, exchange):
        """Once for each request."""
        if exchange not in self._told:
            self._told.add(exchange)
            self._log_stack(index, exchange, "slow-requests: running longer than %g s" % self._slow)

    def _log_stack(self, index, exchange, why):
        with speaking_for(exchange.request_id):
            error_stream().write("%s; stack of its thread:\n%s" % (why, self._stack(index)))

    def _give_up(self, index, exchange):
        """The client gets 504 now, and the log the stack of this very thread."""
        self._log_stack(index, exchange, "request-timeout: running longer than %g s" % self._timeout)
        exchange.time_out(frames.TIMED_OUT, "request-timeout of %g s" % self._timeout)

    def _interrupt_or_despair(self, index, exchange, now):
        times = self._late[exchange]
        if not self._interrupt or now >= times[1]:
            return True
        if now >= times[0]:
            times[0] = now + INTERRUPT_EVERY
            self._pool.interrupt(index, exchange, lambda thread: _raise_in(thread, RequestTimeout))
        return False

    def _stack(self, index):
        frame = sys._current_frames().get(self._pool.idents[index])
        if frame is None:
            return "  it has just ended\n"
        return "".join(traceback.format_list(application_frames(frame)))


class DeadlockWatch:
    """Kills the process when this thread cannot run for deadlock-timeout: the GIL is held by something that never returns.

    Armed by the first request after a quiet time, in its own thread: the main thread might never come to it. Pushed on each
    second while requests run, disarmed when none does. What fires needs no GIL: faulthandler's own thread writes all stacks
    shortly before, then the kernel's SIGALRM ends the process, which tells the supervisor the reason. With slow-requests the
    stacks are written as soon as nothing could run for that long.
    """

    def __init__(self, timeout, slow=0):
        self._timeout = timeout
        before_death = max(timeout * 0.95, timeout - 0.5)
        #: When all stacks are written.
        self._patience = min(slow or inf, before_death or inf)
        self._every = min(PUSH_EVERY, self._patience / 4)
        self._armed = False
        self._next_push = 0.0
        self._lock = threading.Lock()

    def push_on(self, now):
        """The process runs: not yet."""
        if self._patience != inf and now >= self._next_push:
            with self._lock:
                if self._patience == inf:
                    return
                self._next_push = now + self._every
                self._armed = True
                faulthandler.dump_traceback_later(self._patience, file=sys.__stderr__)
                # 0: there is no deadlock-timeout, and no alarm is set.
                signal.setitimer(signal.ITIMER_REAL, self._timeout)

    def end(self, unless):
        """Nothing runs that could deadlock. `unless()` is asked under the lock: a request that has begun meanwhile has
        armed it, or will."""
        if self._armed:
            with self._lock:
                if unless():
                    return
                self._armed = False
                self._next_push = 0.0
                faulthandler.cancel_dump_traceback_later()
                signal.setitimer(signal.ITIMER_REAL, 0)

    def die_after(self, seconds):
        """The process is told to end: from now on the one alarm that it has is for that, and nothing puts it off."""
        with self._lock:
            self._patience = inf
            self._armed = False
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
