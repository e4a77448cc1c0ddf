"""The threads of a worker: leader and followers over one epoll of all routers' connections.

Whoever holds the lead waits for the routers, puts what it read into a shared deque and gives up the lead; every free
thread takes from the deque. No dispatcher stands between a request and its thread. While all threads are in
applications, the main thread stands in for the leader (stand_in), so that bodies, credits, aborts and recalls still arrive.
"""

import os
import select
import socket
import threading
from collections import deque

from .connection import RouterConnection


class Pool:
    """`threads` threads that serve the requests of all routers, and the sockets they come from."""

    def __init__(self, listener, applications, threads, complain):
        """`listener`: the worker's listening socket; `complain(text)` logs."""
        self.threads = threads
        self.pid = os.getpid()
        self.complain = complain
        self._applications = applications
        self._listener = listener
        self._pending = deque()
        self._lead = threading.Lock()
        self._epoll = select.epoll()
        self._connections = {}
        #: What each thread runs, None while it is free. Written by that thread only.
        self.running = [None] * threads
        self._draining = False
        #: Readable when the main thread shall look: a thread waits for a frame, or work began after a quiet time.
        self.nudge, self._nudge_end = os.pipe()
        os.set_blocking(self.nudge, False)
        os.set_blocking(self._nudge_end, False)
        self.quiet = True
        listener.setblocking(False)
        self._epoll.register(listener.fileno(), select.EPOLLIN)

    def start(self, stack_size=0):
        """Starts the threads. `stack_size` in bytes, 0 = the system's."""
        threading.stack_size(stack_size)
        for index in range(self.threads):
            threading.Thread(target=self._serve, args=(index,), name="wsgid-%d" % (index + 1), daemon=True).start()

    # -- one thread -------------------------------------------------------------------------------------------------

    def _serve(self, index):
        pending, lead, running, applications = self._pending, self._lead, self.running, self._applications
        while True:
            try:
                exchange = pending.popleft()
            except IndexError:
                with lead:
                    # The deque may have been filled while this thread waited for the lead.
                    if not pending:
                        self._read(None)
                continue
            if exchange.connection.begin(exchange):
                running[index] = exchange
                if self.quiet:
                    self._wake_main()
                exchange.run(applications)
                running[index] = None

    def _read(self, timeout):
        """Waits for the routers and hands on what they sent. The caller holds the lead."""
        for descriptor, _ in self._epoll.poll(timeout):
            connection = self._connections.get(descriptor)
            if connection is not None:
                connection.receive()
            elif not self._draining:
                self._accept()

    def _accept(self):
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return  # the router went away between connect and accept
        connection = RouterConnection(sock, self)
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
        del self._connections[descriptor]

    def ask_for_lead(self):
        """A thread waits for a frame; if no other thread can read it, the main thread must."""
        self._wake_main()

    # -- the main thread's part -------------------------------------------------------------------------------------

    def fileno(self):
        """The epoll of the routers: readable when there is something to read."""
        return self._epoll.fileno()

    def all_busy(self):
        """No thread is free to lead."""
        return None not in self.running

    def any_busy(self):
        return bool(self._pending) or any(exchange is not None for exchange in self.running)

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
        self._draining = True
        while True:
            try:
                exchange = self._pending.popleft()
            except IndexError:
                return
            exchange.connection.give_back(exchange)
