"""The template process of a group: already the tenant's user, with Python (and, with preload, the applications) loaded, it
forks the group's workers in a millisecond where a new interpreter takes forty.

Descriptors on entry: 1 and 2 the log, 3 the supervisor's control socket, from 4 on the group's listening sockets, its slots, and behind
them its scoreboard.
One thread, one poll; serves no request. When the supervisor is gone it lets the workers finish, ends them after a bound and goes.
"""

import os
import select
import signal
import socket
import sys
from contextlib import ExitStack
from time import monotonic

from . import loader, mod_wsgi
from .application import load_entries, make_applications
from .control import Control
from .logs import LogStream, flush_streams
from .process import Title, die_with_parent, freeze_what_is_loaded, prepare_process
from .restrictions import SIG_DFL, SIG_IGN, restrict_signals, restrict_stdin, restrict_stdout, set_handler
from .scoreboard import Scoreboard, map_scoreboard
from .stacks import SIGNAL, StackFile, write_to_log_on_signal
from .worker import Birth, Heritage, live

CONTROL_DESCRIPTOR = 3
FIRST_SLOT = 4
#: Without anything to do for so long, milliseconds, there is time for the next worker.
LEISURE = 100


def main():
    """Life of the process, and of the workers it forks: each leaves run() with its Birth. Returns the exit code."""
    sys.stdout = LogStream(1, "<stdout>")
    sys.stderr = LogStream(2, "<stderr>")
    control = Control(socket.socket(fileno=CONTROL_DESCRIPTOR))
    configuration = control.first_message()
    if configuration is None:
        return 0
    for descriptor in range(CONTROL_DESCRIPTOR, FIRST_SLOT + configuration["slots"]):
        os.set_inheritable(descriptor, False)
    # The launch chain has asked for the same, but behind a chroot the kernel forgets it with the change of uid.
    die_with_parent()
    # cpu-time-limit is meant for workers, which heed it; a template that has spent it on loading goes on.
    set_handler(signal.SIGXCPU, SIG_IGN)
    # Meant for a worker, it may reach one that has only just been forked, or us: it must not end either.
    set_handler(signal.SIGUSR1, lambda *_: None)
    write_to_log_on_signal()
    prepare_process(configuration)
    title = Title()
    title.show(configuration["displayName"] + " (template)")
    mod_wsgi.install(configuration)
    restrict_stdin()
    if configuration["restrictStdout"] == "error":
        restrict_stdout()
    heritage = Heritage(configuration, title)
    if configuration["debug"] is not None:
        return _live_debugged(control, heritage)
    heritage.scoreboard = _take_scoreboard(FIRST_SLOT + configuration["slots"])
    if configuration["preload"]:
        restrict_signals(sys.stderr.write)
        try:
            heritage.entries = load_entries(configuration)
            heritage.applications = make_applications(configuration, heritage.entries)
        except loader.LoadError as error:
            sys.stderr.write(error.details)
            control.send(
                type="load-error", worker=None, entry=error.entry, summary=error.summary, traceback=error.details
            )
            return 1
    freeze_what_is_loaded()
    birth = Template(control, heritage).run()
    return 0 if birth is None else live(birth)


def _take_scoreboard(descriptor):
    numbers = map_scoreboard(descriptor)
    os.close(descriptor)
    return numbers


def _live_debugged(control, heritage):
    """Not a template process, but a worker for `wsgid debug`: there is no other that could be forked from it."""
    from .debugging import DebuggedControl, take_terminal

    take_terminal()
    number = heritage.configuration["debug"]["worker"]
    birth = Birth(DebuggedControl(control, number), heritage)
    birth.number, birth.listener = number, socket.socket(fileno=FIRST_SLOT)
    birth.scoreboard = Scoreboard(None, 0)
    return live(birth)


class _Cradle:
    """What a worker needs besides its number and its slot. Raises OSError when something of it cannot be had."""

    def __init__(self, heritage):
        with ExitStack() as opened:
            self.ours, self._theirs = socket.socketpair()
            opened.callback(self.ours.close)
            opened.callback(self._theirs.close)
            self.stacks = StackFile()
            opened.callback(self.stacks.close)
            self.birth = Birth(Control(self._theirs), heritage)
            opened.pop_all()

    def give_away(self):
        """In the template process, after the fork: closes what is the worker's."""
        self._theirs.close()
        self.birth.close()

    def close(self):
        """Of one that was not used: closes everything."""
        self.give_away()
        self.ours.close()
        self.stacks.close()


class _Child:
    """A worker as the template knows it: its number, our end of its control socket (None after its end), and its StackFile."""

    def __init__(self, number, relay, stacks):
        self.number = number
        self.relay = relay
        self.stacks = stacks


class Template:
    """Forks, relays control messages both ways, passes signals on, reaps."""

    def __init__(self, control, heritage):
        self._control = control
        self._heritage = heritage
        self._configuration = heritage.configuration
        self._children = {}
        #: For the next worker; made when there is nothing else to do, if the worker is to be quick.
        self._cradle = None
        self._retired = False
        #: When the supervisor is gone: the time after which remaining workers are killed.
        self._deadline = None
        self._wakeup, self._wakeup_end = socket.socketpair()
        self._wakeup.setblocking(False)
        self._wakeup_end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup_end.fileno(), warn_on_full_buffer=False)
        set_handler(signal.SIGCHLD, lambda *_: None)
        # Sent by the kernel when the supervisor has died. It ends a template that hangs in preload; this one sees it at its socket.
        set_handler(signal.SIGHUP, SIG_IGN)

    def run(self):
        """Returns None at the end of the template's life, in a new worker its Birth."""
        messages = self._control.pending()
        while True:
            for message in messages:
                birth = self._obey(message)
                if birth is not None:
                    return birth
            if not self._children and (self._retired or self._deadline is not None):
                return None
            messages = self._wait()

    def _wait(self):
        """Waits for something to happen, does what needs no decision, returns the supervisor's messages."""
        poll = select.poll()
        relays = {child.relay.fileno(): child for child in self._children.values() if child.relay is not None}
        for source in (self._wakeup, *relays):
            poll.register(source, select.POLLIN)
        if self._deadline is None:
            poll.register(self._control, select.POLLIN)
        messages = []
        events = poll.poll(self._patience())
        if not events and self._wants_cradle():
            self._make_cradle()
        for descriptor, _ in events:
            if descriptor in relays:
                self._relay(relays[descriptor])
            elif descriptor == self._control.fileno():
                messages = self._control.receive()
        self._clear_wakeup()
        self._reap()
        if messages is None:
            self._let_go()
        return messages or []

    def _obey(self, message):
        kind = message["type"]
        if kind == "fork":
            return self._fork(message["worker"], message["slot"])
        if kind == "retire-template":
            self._retired = True
        else:
            for pid, child in list(self._children.items()):
                if child.number == message["worker"]:
                    self._pass_on(pid, child, message)
        return None

    def _pass_on(self, pid, child, message):
        kind = message["type"]
        # Not reaped yet, so the pid cannot belong to anybody else.
        if kind == "signal":
            os.kill(pid, signal.SIGKILL if message["signal"] == "KILL" else signal.SIGTERM)
        elif kind == "write-stacks":
            child.stacks.empty()
            os.kill(pid, SIGNAL)
        elif kind == "read-stacks":
            self._control.send(type="written-stacks", worker=child.number, text=child.stacks.read())
        elif child.relay is not None:
            child.relay.send(**message)

    def _wants_cradle(self):
        return self._cradle is None and self._heritage.applications is not None and self._deadline is None

    def _make_cradle(self):
        try:
            self._cradle = _Cradle(self._heritage)
        except OSError:
            pass  # whoever needs it will say so

    def _fork(self, number, slot):
        # Nothing that waits in a buffer may be written twice.
        flush_streams()
        cradle, self._cradle = self._cradle, None
        listener = pid = None
        try:
            cradle = cradle or _Cradle(self._heritage)
            listener = socket.socket(fileno=os.dup(FIRST_SLOT + slot))
            cradle.birth.number, cradle.birth.listener = number, listener
            cradle.birth.scoreboard = Scoreboard(self._heritage.scoreboard, slot)
            # The worker inherits it. Nobody asks for the stack of a template process meanwhile.
            cradle.stacks.write_on_signal()
            pid = os.fork()
        except OSError as error:
            # A lack of descriptors too is the end of this worker only: the template has others to look after.
            self._control.send(type="exited", worker=number, code=1, signal=None)
            sys.stderr.write("cannot fork worker %d: %s\n" % (number, error))
        if pid == 0:
            return self._become_worker(cradle)
        write_to_log_on_signal()
        if listener is not None:
            listener.close()
        if pid is None:
            if cradle is not None:
                cradle.close()
            return None
        cradle.give_away()
        # A worker that hangs, or its own children that keep the socket, must not make the template wait.
        cradle.ours.setblocking(False)
        self._children[pid] = _Child(number, Control(cradle.ours), cradle.stacks)
        self._control.send(type="forked", worker=number, pid=pid)
        return None

    def _become_worker(self, cradle):
        """In the child: from now on signals are its own. The descriptors of the template and of other workers it closes later."""
        signal.set_wakeup_fd(-1)
        for inherited in (signal.SIGCHLD, signal.SIGHUP, signal.SIGXCPU):
            set_handler(inherited, SIG_DFL)
        die_with_parent()

        def leave_template():
            for each in (cradle.ours, self._wakeup, self._wakeup_end):
                each.close()
            for child in self._children.values():
                child.stacks.close()
                if child.relay is not None:
                    child.relay.close()
            self._control.close()
            for descriptor in range(FIRST_SLOT, FIRST_SLOT + self._configuration["slots"]):
                os.close(descriptor)

        cradle.birth.leave_template = leave_template
        return cradle.birth

    def _relay(self, child):
        """Passes on what a worker has said; False when there is nothing more for now."""
        messages = child.relay.receive()
        if messages is None:
            child.relay.close()
            child.relay = None
            return False
        for message in messages:
            self._control.send(**dict(message, worker=child.number))
        return bool(messages)

    def _reap(self):
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is None:
                continue  # a process that preloaded code has started
            child.stacks.close()
            # What a worker said before it ended comes before the news of its end.
            while child.relay is not None and self._relay(child):
                pass
            signalled = os.WIFSIGNALED(status)
            self._control.send(
                type="exited",
                worker=child.number,
                code=None if signalled else os.WEXITSTATUS(status),
                signal=signal.Signals(os.WTERMSIG(status)).name if signalled else None,
            )

    def _let_go(self):
        """The supervisor is gone: each worker sees its control socket end, and finishes by itself."""
        limits = self._configuration
        self._deadline = monotonic() + limits["gracefulTimeoutSeconds"] + limits["shutdownTimeoutSeconds"]
        for child in self._children.values():
            if child.relay is not None:
                child.relay.close()
                child.relay = None

    def _patience(self):
        """Milliseconds until the remaining workers are killed, or until there is leisure for a cradle; None: for ever."""
        if self._deadline is None:
            return LEISURE if self._wants_cradle() else None
        left = self._deadline - monotonic()
        if left <= 0:
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)
            return 1000
        return left * 1000

    def _clear_wakeup(self):
        try:
            while self._wakeup.recv(4096):
                pass
        except BlockingIOError:
            pass
