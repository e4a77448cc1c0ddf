"""Whose turn it is to read a router's connection: the leading thread's, or that of a thread that waits for what it brings.

If the leading thread read all of an upload, each part would wake it first and then, by it, the thread that waits, and both would
fight for the GIL: more than the reading takes. So a thread that waits takes its connection out of the routers' epoll and reads it
by itself; requests that it finds there it leaves to the others. Between two waits that follow each other closely the connection
stays out of the epoll; if the thread does not come back soon, the main thread puts it in again (look_after).

While another thread reads it (two uploads over one connection), a thread waits until that one has what it needs.
"""

import os
import select
import threading


class Turn:
    """The right to read one connection, and what a thread needs that sleeps until there is something."""

    def __init__(self, connection, pool):
        self._connection = connection
        self._pool = pool
        self._lock = threading.Lock()
        #: Whether the epoll reports it. Changed by whose turn it is.
        self._watched = True
        #: How many waits have begun; what it was at the main thread's last look.
        self._waits = self._seen = 0
        #: A thread sleeps in poll(2), or is about to: it is woken by a byte.
        self._alone = False
        self._poll = self._wake = self._wake_end = None
        self._waking = threading.Lock()

    # -- the leading thread -----------------------------------------------------------------------------------------

    def take(self):
        """Whether it is the caller's turn now: then it must leave()."""
        return self._lock.acquire(False)

    def leave(self):
        """The connection is watched again."""
        if not self._watched and not self._connection.closed:
            self._watched = True
            self._pool.watch(self._connection)
        self._lock.release()

    # -- a thread that waits ----------------------------------------------------------------------------------------

    def wait(self, exchange, satisfied, changed, brief):
        """Returns when satisfied(), which the caller has seen to be false. What satisfies it comes by the connection, or from another thread that
        notifies the condition `changed` and calls wake(). `brief`: the thread will wait again soon."""
        pool = self._pool
        pool.begin_wait(exchange)
        try:
            if self.take():
                pool.reads_itself(exchange)
                self._read(satisfied, brief)
                if not self._watched and pool.others_wait():
                    self.watch()
            else:
                pool.needs_others()
                with changed:
                    while not satisfied():
                        changed.wait()
        finally:
            pool.end_wait(exchange)

    def _read(self, satisfied, brief):
        connection = self._connection
        self._waits += 1
        try:
            if self._watched:
                self._pool.unwatch(connection)
                self._watched = False
            self._alone = True
            while not satisfied():
                if connection.read():
                    self._pool.share_out()
                else:
                    self._sleep()
        finally:
            self._alone = False
            if brief and not connection.closed:
                self._pool.keep(connection)
                self._lock.release()
            else:
                self.leave()

    def _sleep(self):
        if self._poll is None:
            self._wake, self._wake_end = os.pipe()
            os.set_blocking(self._wake_end, False)
            self._poll = select.poll()
            self._poll.register(self._wake, select.POLLIN)
            self._poll.register(self._connection, select.POLLIN)
            return  # who wanted to wake it until now could not: it has to look again
        for descriptor, _ in self._poll.poll():
            if descriptor == self._wake:
                os.read(self._wake, 4096)

    # -- others -----------------------------------------------------------------------------------------------------

    def wake(self):
        """Has a thread that reads by itself look whether it is satisfied."""
        if self._alone:
            with self._waking:
                if self._poll is not None:
                    try:
                        os.write(self._wake_end, b"!")
                    except BlockingIOError:
                        pass  # it is awake

    def watch(self):
        """Puts the connection into the epoll again, unless somebody reads it."""
        if not self._watched and self.take():
            self.leave()

    def look_after(self):
        """Called at each tick: watches it again if no wait has begun since the last look."""
        if self._waits == self._seen:
            self.watch()
        self._seen = self._waits

    def close(self):
        """The connection is closed, by whose turn it is."""
        with self._waking:
            if self._poll is not None:
                os.close(self._wake)
                os.close(self._wake_end)
                self._poll = None
