"""The threads of a worker: leader and followers over one epoll of all routers' connections.

Whoever holds the lead waits for the routers and puts what it read into a shared deque; every free thread takes from the
deque. No dispatcher stands between a request and its thread.

What becomes of the lead while its holder runs an application is a matter of time. Handing it on costs two context
switches and a fight for the GIL, more than a fast application takes; keeping it would let requests wait behind a slow
one. So the holder keeps it while the applications of late were faster than FAST, and gives it up before it calls a slow
one. If one that looked fast is not, the main thread notices at its next tick and passes the lead on (pass_lead_on).

A worker begins with one thread, so that it is ready early, and has another one started whenever none is left free, up to
`threads`: there is always one to lead until all are needed.

A thread that waits for what its client sends gives the lead up, and reads its own router's connection itself if that comes fast
(turn.py).

While all threads are in applications the main thread stands in for the leader (stand_in): at once where one of them waits
for what has to be read, else at its next tick. Requests that come then are for a thread that is about to be free, and
to wake the main thread beside it would only have the two fight for the GIL.

All of this is one class although it is long: lead, deque and epoll are what every method is about, and what holds between them is
easier to see in one place than across several.
"""

import _thread
import os
import select
import socket
import sys
import threading
import traceback
from collections import deque
from time import monotonic

from .connection import RouterConnection
from .mod_wsgi import RequestTimeout
from .waits import Waits

#: epoll's timeout for none: PyPy does not take None.
FOREVER = -1
#: Microseconds that a hand-over of the lead costs, about: applications faster than this run under a kept lead.
FAST = 200
#: After a thread could not be started, the next attempt comes this much later, seconds.
RETRY_THREAD = 1.0
#: Weights of the moving average of application time: quick to see a slow application, slow to trust a fast one again.
RISE, FALL = 0.5, 0.1


class Pool:
    """`threads` threads that serve the requests of all routers, and the sockets they come from."""

    def __init__(self, applications, configuration, deadlock):
        """`deadlock`: the watch that the first request after a quiet time arms."""
        threads = self.threads = configuration["threads"]
        #: Process id of the worker, once it is started.
        self.pid = 0
        self.complain = sys.stderr.write
        self._deadlock = deadlock
        self._applications = applications
        self._listener = None
        #: Where connections have their places.
        self.scoreboard = None
        self._pending = deque()
        self._lead = threading.Lock()
        self._epoll = select.epoll()
        self._connections = {}
        #: What each thread that was started runs, None while it is free. Written by that thread only.
        self.running = []
        #: More threads may be started, by one at a time, not before _next_thread.
        self._grows = True
        self._growth = threading.Lock()
        self._next_thread = 0.0
        #: Threads that wait for a frame.
        self.waits = Waits()
        #: Python's name of each thread, and how many requests it has served.
        self.idents = [0] * threads
        self._counts = [0] * threads
        #: Held while a thread leaves an application, so that nobody interrupts it after that.
        self.guards = [threading.Lock() for _ in range(threads)]
        self._stack_size = configuration["stackSize"]
        self._immediate = configuration["scriptReloading"] == "immediate"
        #: script-reloading: immediate has found a changed script.
        self.outdated = False
        #: Moving average of how long applications take, microseconds.
        self._pace = FAST
        #: Holds the exchange that the leading thread runs without having given up the lead. Whoever pops it, that thread
        #: or the main one, decides about the lead: list.pop is atomic.
        self._kept = []
        self._seen = None
        self._draining = False
        self.quiet = True
        #: Readable when the main thread shall look: a thread waits for a frame, or work began after a quiet time.
        self.nudge, self._nudge_end = os.pipe()
        os.set_blocking(self.nudge, False)
        os.set_blocking(self._nudge_end, False)

    def start(self, listener, scoreboard):
        """Serves the worker's listening socket: starts the first thread. Raises RuntimeError when there cannot be any."""
        self.pid = os.getpid()
        self.scoreboard = scoreboard
        self._listener = listener
        listener.setblocking(False)
        self._epoll.register(listener.fileno(), select.EPOLLIN)
        self._epoll.register(self._nudge_end, select.EPOLLONESHOT)
        self._start_thread()

    def close(self):
        """Of a pool that was never started: closes its descriptors."""
        self._epoll.close()
        os.close(self.nudge)
        os.close(self._nudge_end)

    # -- its threads ------------------------------------------------------------------------------------------------

    def _start_thread(self):
        """Not by threading.Thread, which waits until the new thread runs: it is enough that it exists (0.5 ms when idle, more
        on a busy machine). As under mod_wsgi, the module makes its Thread object when somebody asks for it."""
        index = len(self.running)
        self.running.append(None)
        of_application = threading.stack_size(self._stack_size)
        try:
            _thread.start_new_thread(self._serve_or_end, (index,))
        except BaseException:
            self.running.pop()
            raise
        finally:
            threading.stack_size(of_application)
        self._grows = index + 1 < self.threads

    def _grow(self):
        """Called by a thread that was the last free one."""
        with self._growth:
            now = monotonic()
            if not self._grows or None in self.running or now < self._next_thread:
                return
            try:
                self._start_thread()
            except (RuntimeError, MemoryError) as error:
                # The limit of processes or of memory may be only just reached. Until then those serve that there are.
                self._next_thread = now + RETRY_THREAD
                self.complain("cannot start thread %d of %d: %s\n" % (len(self.running) + 1, self.threads, error))

    # -- one thread -------------------------------------------------------------------------------------------------

    def _serve_or_end(self, index):
        # A thread that ends may hold the lead: the process would live on and serve nobody. The supervisor replaces a dead one.
        try:
            _introduce_thread("wsgid-%d" % (index + 1))
            self._serve(index)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    def _serve(self, index):
        pending, lead, kept, running, applications = (
            self._pending,
            self._lead,
            self._kept,
            self.running,
            self._applications,
        )
        leading = False
        self.idents[index] = threading.get_ident()
        while True:
            if not pending:
                if not leading:
                    lead.acquire()
                    leading = True
                # The deque may have been filled while this thread waited for the lead.
                if not pending:
                    self._read(FOREVER)
            try:
                exchange = pending.popleft()
            except IndexError:
                continue
            if not exchange.connection.begin(exchange):
                continue
            if self._immediate and self._is_outdated(exchange):
                continue
            running[index] = exchange
            if self._grows and None not in running:
                self._grow()
            if self.waits.for_others and None not in running:
                self._wake_main()
            if self.quiet:
                self._deadlock.push_on(monotonic())
                self._wake_main()
            if leading:
                if self._pace < FAST:
                    kept.append(exchange)
                else:
                    lead.release()
                    leading = False
            self._run(index, exchange, applications)
            if leading:
                try:
                    kept.pop()
                except IndexError:
                    leading = False  # it took too long: the main thread has passed the lead on

    def _run(self, index, exchange, applications):
        try:
            self._keep_pace(exchange.run(applications, index + 1))
            with self.guards[index]:
                self.running[index] = None
        except RequestTimeout:
            # It was on its way when the application returned. Whoever sent it held the guard, so none comes after this.
            self.running[index] = None
        self._counts[index] += 1
        if exchange.has_waited:
            self.waits.end(self.idents[index])
            exchange.connection.turn.settle(self.idents[index])

    def _is_outdated(self, exchange):
        """Hands a request back whose script is not the one that was loaded."""
        script = self._applications[exchange.application_number()].script
        if not self.outdated and (script is None or not script.changed()):
            return False
        self.outdated = True
        exchange.connection.hand_back_outdated(exchange)
        self._wake_main()
        return True

    def _keep_pace(self, microseconds):
        # Threads may overwrite each other's update; an average does not mind.
        before = self._pace
        difference = microseconds - before
        pace = self._pace = before + difference * (RISE if difference > 0 else FALL)
        if pace < FAST <= before:
            self._wake_main()  # it looks seldom while nobody keeps the lead

    def _read(self, timeout):
        """Waits for the routers and hands on what they sent. The caller holds the lead."""
        for descriptor, _ in self._epoll.poll(timeout):
            connection = self._connections.get(descriptor)
            if connection is not None:
                connection.receive()
            elif descriptor != self._nudge_end and not self._draining:
                self._accept()

    def _accept(self):
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return  # the router went away between connect and accept
        try:
            connection = RouterConnection(sock, self)
        except OSError:
            sock.close()  # no descriptors are left: the router tries again
            return
        self._connections[sock.fileno()] = connection
        self._epoll.register(sock.fileno(), select.EPOLLIN)

    # -- called by connections --------------------------------------------------------------------------------------

    def accept(self, exchange):
        """A request has arrived."""
        if self._draining:
            exchange.connection.give_back(exchange)
        else:
            self._pending.append(exchange)

    def forget(self, connection):
        """A connection closes."""
        descriptor = connection.fileno()
        self._epoll.unregister(descriptor)
        self.waits.kept.discard(connection)
        del self._connections[descriptor]

    # -- called by threads that wait: see turn.py --------------------------------------------------------------------

    def begin_wait(self, thread, exchange):
        """A thread waits for a frame from now on. If it has kept the lead, the main thread must pass that on."""
        self.waits.begin(thread)
        if self._kept[:1] == [exchange]:
            self._wake_main()

    def needs_others(self, thread):
        """Another one must read for it. If none is free, the main thread must see to it now."""
        self.waits.for_others.add(thread)
        if self.all_busy():
            self._wake_main()

    def share_out(self):
        """A thread that waits has read; True when there is something for others, if one is free."""
        if not self._pending or None not in self.running:
            return False
        # Wakes the leading thread: the end of a pipe that can be written to, reported once.
        self._epoll.modify(self._nudge_end, select.EPOLLOUT | select.EPOLLONESHOT)
        return True

    def unwatch(self, connection):
        """The epoll says nothing about it any more, not even its end (which EPOLLONESHOT says once)."""
        self._epoll.modify(connection.fileno(), select.EPOLLONESHOT)

    def keep(self, connection):
        """It is left unwatched although nobody reads it: the main thread looks after it."""
        if connection not in self.waits.kept:
            self.waits.kept.add(connection)
            self._wake_main()

    def watch(self, connection):
        """The epoll reports it again."""
        self._epoll.modify(connection.fileno(), select.EPOLLIN)

    # -- the main thread's part -------------------------------------------------------------------------------------

    def fileno(self):
        """The epoll of the routers: readable when there is something to read."""
        return self._epoll.fileno()

    def all_busy(self):
        """No thread is free to lead."""
        return None not in self.running

    def needs_reader(self):
        """A thread waits for a frame that no other one can read."""
        return bool(self.waits.for_others) and self.all_busy()

    def may_keep_lead(self):
        """Some thread keeps the lead while it runs an application, or the next one will."""
        return bool(self._kept) or self._pace < FAST

    def keeps_connections(self):
        """Some connection is not watched although nobody reads it."""
        return bool(self.waits.kept)

    def served(self):
        """Requests that are over."""
        return sum(self._counts)

    def interrupt(self, index, exchange, raise_in):
        """Calls `raise_in(thread)` if that thread is in the application of that exchange."""
        with self.guards[index], self.waits.shield:
            if self.running[index] is exchange and self.idents[index] not in self.waits.all:
                raise_in(self.idents[index])

    def any_busy(self):
        return bool(self._pending) or any(exchange is not None for exchange in self.running)

    def pass_lead_on(self):
        """Called at each tick: a thread that has kept the lead since the last one, in the same application, or that waits, loses it."""
        self.waits.look_after_kept()
        try:
            exchange = self._kept[0]
        except IndexError:
            return
        if exchange is not self._seen and not self._waits(exchange):
            self._seen = exchange
            return
        try:
            self._kept.pop()
        except IndexError:
            return
        # The next ones may be as slow: until some were fast again, nobody keeps the lead.
        self._pace = max(self._pace, FAST * 10)
        self._seen = None
        self._lead.release()

    def _waits(self, exchange):
        """Whether the thread that runs it waits for its client."""
        return any(runs is exchange and thread in self.waits.all for runs, thread in zip(self.running, self.idents))

    def stand_in(self):
        """Reads once without waiting, unless a thread leads."""
        if self._lead.acquire(False):
            try:
                self._read(0)
            finally:
                self._lead.release()

    def _wake_main(self):
        self.quiet = False
        try:
            os.write(self._nudge_end, b"!")
        except BlockingIOError:
            pass  # it is full of nudges already

    def clear_nudge(self):
        """Takes what was written to `nudge`."""
        try:
            while len(os.read(self.nudge, 4096)) == 4096:
                pass
        except BlockingIOError:
            pass

    def drain(self):
        """Hands back what was not started; from now on every new request goes back as well."""
        if self._draining:
            return
        self._draining = True
        # A successor may listen on the same socket: its connections are not for this worker.
        self._epoll.unregister(self._listener.fileno())
        self._listener.close()
        while True:
            try:
                exchange = self._pending.popleft()
            except IndexError:
                return
            exchange.connection.give_back(exchange)


def _introduce_thread(name):
    """What threading.Thread does for its threads: a name, and the hooks of debuggers, profilers and coverage (Python 3.10)."""
    threading.current_thread().name = name
    for hook, install in (("gettrace", sys.settrace), ("getprofile", sys.setprofile)):
        function = getattr(threading, hook, lambda: None)()
        if function is not None:
            install(function)
