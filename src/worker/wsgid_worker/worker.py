"""The life of a worker after its birth: loads, serves, watches its limits, drains, exits. Runs in the main thread.

The main thread serves no request: it is always there for the supervisor, for signals and for the clock.
"""

import os
import select
import signal
import socket
import sys
from time import monotonic

from . import loader
from .application import load_entries, make_applications, run_hooks
from .control import encode
from .limits import Limits
from .mod_wsgi import run_shutdown_callbacks
from .process import freeze_what_is_loaded
from .restrictions import restrict_signals, set_handler
from .serving import Pool
from .stacks import describe
from .stuck import DeadlockWatch, RequestWatch

#: What a worker says when it is ready: json would cost it as much as all that it does itself after its fork.
LOADED = encode(type="loaded", python=sys.version.split()[0])
#: Connections of routers that may wait to be accepted; there are few routers.
ROUTER_BACKLOG = 128
#: While a thread may keep the lead or a connection, the main thread looks this often (milliseconds) whether it must pass it on.
TICK = 3
#: Otherwise, while requests run, whether it must stand in: to wake more often costs a slow application's threads the GIL.
SLOW_TICK = 20
#: Limits and timeouts are looked at this often (seconds) while requests run.
LOOK = 0.02


class Heritage:
    """What all workers of a template process get from it: the configuration, the title of a process, and if they were
    preloaded the loaded entries and the applications made of them (else None)."""

    def __init__(self, configuration, title):
        self.configuration = configuration
        self.title = title
        self.entries = None
        self.applications = None
        #: As map_scoreboard() gives it; None: there is none.
        self.scoreboard = None


class Birth:
    """What one worker gets: its number, control socket, listening socket, part of the scoreboard, and the heritage of all.

    With all that needs its applications and no thread, it is made before the fork, where it costs a fraction: a process that was
    only just forked has each page copied that it writes to, some microseconds each, and reading an object is writing to its count.
    """

    def __init__(self, control, heritage):
        self.control = control
        self.heritage = heritage
        #: Given to it when it is to be born.
        self.number = self.listener = self.scoreboard = None
        self.signals = Signals()
        self.life = None if heritage.applications is None else Life(self, heritage.applications)
        #: Closes what is the template process's, if the worker was forked from one.
        self.leave_template = lambda: None

    def close(self):
        """In the template process, after the fork: closes what was made here."""
        self.signals.close()
        if self.life is not None:
            self.life.close()


def live(birth):
    """Returns the exit code: 0 after a drain, 1 when an application did not load."""
    heritage, control = birth.heritage, birth.control
    if birth.life is None:
        _leave_template(birth)
    birth.signals.begin()
    restrict_signals(sys.stderr.write)
    started = monotonic()
    try:
        if birth.life is None:
            birth.life = Life(birth, _load(heritage.configuration))
        else:
            run_hooks(heritage.entries, birth.number)
    except loader.LoadError as error:
        sys.stderr.write(error.details)
        control.send(type="load-error", entry=error.entry, summary=error.summary, traceback=error.details)
        return 1
    birth.listener.listen(ROUTER_BACKLOG)
    birth.life.begin(birth, monotonic() - started)
    control.send_encoded(LOADED)
    if heritage.applications is not None:
        _leave_template(birth)
    birth.life.run()
    run_shutdown_callbacks(birth.life.reason)
    return 0


def _leave_template(birth):
    """What makes a worker a process of its own. A preloaded one does it only when it is in use. With a session of its own the kernel also
    makes a new scheduling group, which on a busy machine waits some milliseconds for its turn (sched(7), autogroup)."""
    birth.leave_template()
    configuration = birth.heritage.configuration
    birth.heritage.title.show(configuration["displayName"])
    if configuration["debug"] is not None:
        return  # it stays in the session of its terminal
    try:
        os.setsid()
    except PermissionError:
        pass  # a post_fork hook has made it the leader of a process group


def _load(configuration):
    applications = make_applications(configuration, load_entries(configuration))
    freeze_what_is_loaded()
    if configuration["debug"] is not None:
        from .debugging import attach

        fault = attach(applications, configuration["debug"]["breaks"])
        if fault:
            raise loader.LoadError("--break", fault, fault + "\n")
    return applications


class Signals:
    """Signals as numbers to read from a socket: they interrupt nothing.

    While the worker loads, TERM, INT and HUP (its template process has died) end it at once: nothing runs that could be
    finished. HUP later has no effect, the end of the control socket says the same.
    """

    def __init__(self):
        self._ours, self._end = socket.socketpair()
        self._ours.setblocking(False)
        self._end.setblocking(False)

    def begin(self):
        """The worker loads now."""
        signal.set_wakeup_fd(self._end.fileno(), warn_on_full_buffer=False)
        self._heed(signal.SIGUSR1, signal.SIGXCPU)

    def take_over(self):
        """The worker serves now."""
        self._heed(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    @staticmethod
    def _heed(*numbers):
        for number in numbers:
            set_handler(number, lambda *_: None)

    def close(self):
        self._ours.close()
        self._end.close()

    def fileno(self):
        return self._ours.fileno()

    def take(self):
        """Those that have come since the last call."""
        try:
            return set(self._ours.recv(4096))
        except BlockingIOError:
            return set()


class Life:
    """The main thread's loop: the supervisor, signals, limits, and standing in for a leader when needed."""

    def __init__(self, birth, applications):
        configuration = self._configuration = birth.heritage.configuration
        self._control = birth.control
        self._signals = birth.signals
        self._limits = Limits(configuration, applications)
        self._deadlock = DeadlockWatch(configuration["deadlockTimeoutSeconds"], configuration["slowRequestsSeconds"])
        self._pool = Pool(applications, configuration, self._deadlock)
        self._requests = RequestWatch(self._pool, configuration)
        self._poll = select.poll()
        for source in (self._signals, self._pool.nudge, self._control):
            self._poll.register(source, select.POLLIN)
        #: The routers' epoll is among what it waits for.
        self._watches = False
        self._draining = False
        self._served = 0
        self._next_look = 0.0
        self._asked_to_retire = False
        #: Why the worker ends, for shutdown callbacks.
        self.reason = ""

    def close(self):
        """Of a life that was never begun."""
        self._pool.close()

    def begin(self, birth, load_seconds):
        """The worker serves, after it has loaded for so long. Raises RuntimeError when it cannot have a thread."""
        self._limits.begin(load_seconds)
        self._signals.take_over()
        self._pool.start(birth.listener, birth.scoreboard)

    def run(self):
        """Returns when the worker has drained."""
        while not (self._draining and not self._pool.any_busy()):
            self._wait()
            self._pool.pass_lead_on()
            if self._pool.all_busy():
                self._pool.stand_in()
            self._look()
        self._deadlock.end(unless=lambda: False)

    def _wait(self):
        """Waits for something to happen, a tick at most while requests run, and does it."""
        pool = self._pool
        if pool.needs_reader() != self._watches:
            self._watches = not self._watches
            if self._watches:
                self._poll.register(pool, select.POLLIN)
            else:
                self._poll.unregister(pool)
        for descriptor, _ in self._poll.poll(self._patience()):
            if descriptor == pool.nudge:
                pool.clear_nudge()
            elif descriptor == self._signals.fileno():
                self._obey_signals()
            elif descriptor == self._control.fileno():
                self._obey_supervisor()

    def _patience(self):
        """Milliseconds to wait at most; None (for ever) when nothing runs, so that an idle worker never wakes."""
        pool = self._pool
        served = pool.served()
        if self._draining or pool.any_busy() or served != self._served:
            self._served = served
            return self._tick()
        # Set before the second look: a thread that starts a request after it sees `quiet` and nudges.
        pool.quiet = True
        if pool.any_busy() or pool.keeps_connections():
            pool.quiet = False
            return self._tick()
        self._deadlock.end(unless=pool.any_busy)
        return None if self._asked_to_retire else self._limits.idle_patience()

    def _tick(self):
        pool = self._pool
        return TICK if self._draining or pool.may_keep_lead() or pool.keeps_connections() else SLOW_TICK

    def _look(self):
        """Limits and timeouts, when it is time for them."""
        now = monotonic()
        if self._limits.requests_spent(now, self._pool):
            self._retire("maximum-requests")
        if now < self._next_look and not self._pool.quiet:
            return
        self._next_look = now + LOOK
        if not self._pool.quiet:
            self._deadlock.push_on(now)
        if self._requests.look(now):
            self._retire("request-timeout")
        reason = self._limits.look(now, self._pool)
        if reason is not None:
            self._retire(reason)
        for script in self._limits.changed_scripts(now, self._pool.outdated):
            self._control.send(type="script-changed", script=script)

    def _retire(self, reason):
        """Asks for a successor, once; this worker serves until it is there."""
        if not self._asked_to_retire:
            self._asked_to_retire = True
            self.reason = reason
            self._control.send(type="retire", reason=reason)

    def _obey_supervisor(self):
        messages = self._control.receive()
        if messages is None:
            # The supervisor or the template process is gone: finish what runs and go.
            self._poll.unregister(self._control)
            limits = self._configuration
            self._deadlock.die_after(limits["gracefulTimeoutSeconds"] + limits["shutdownTimeoutSeconds"])
            self._drain("stop")
        else:
            for message in messages:
                if message["type"] == "drain":
                    self._drain(message["reason"])
                elif message["type"] == "tell-stacks":
                    self._control.send(type="stacks", **describe(self._pool))

    def _obey_signals(self):
        for number in self._signals.take():
            if number == signal.SIGUSR1 or (number == signal.SIGINT and self._configuration["debug"] is not None):
                self._retire("signal")
            elif number == signal.SIGXCPU:
                self._retire("cpu-time-limit")
            elif number in (signal.SIGTERM, signal.SIGINT):
                # The supervisor may not know yet: it was somebody else's signal.
                self._retire("signal")
                self._deadlock.die_after(self._configuration["shutdownTimeoutSeconds"])
                self._drain("signal")

    def _drain(self, reason):
        self._draining = True
        self.reason = self.reason or reason
        self._pool.drain()
