"""Whose turn it is to read a router's connection: the leading thread's, or that of a thread that waits for what it brings.

When an upload comes fast, its thread waits every few hundred microseconds. If the leading thread read all of it, each part would
wake that one first and then, by it, the thread that waits, and both would fight for the GIL: more than the reading takes. So a thread
that waits again soon after its last wait takes the connection out of the routers' epoll and reads by itself. When it finds
a request for another thread it leaves the reading to the leading one for some time: more of them may come.

Between two such waits the connection stays out of the epoll. If the thread does not come back soon, the main thread has it
watched again (look_after).
"""

import os
import select
import threading
from time import monotonic

#: For so long, seconds, after a request for another thread nobody but the leading one reads.
BUSY = 0.05


class Turn:
    """The right to read one connection, and what a thread needs that sleeps until there is something."""

    def __init__(self, connection, pool):
        """Raises OSError when there are no more descriptors."""
        self._connection = connection
        self._pool = pool
        #: Whose turn it is has it; he must leave().
        self.lock = threading.Lock()
        #: Whether the epoll reports it. Changed by whose turn it is.
        self._watched = True
        #: How many waits of threads that read by themselves have begun; what it was at the main thread's last look.
        self._waits = self._seen = 0
        #: monotonic() until which nobody reads by itself.
        self._busy_until = 0.0
        #: A thread sleeps in poll(2), or is about to. A byte wakes it.
        self._alone = False
        self._wake, self._wake_end = os.pipe()
        os.set_blocking(self._wake_end, False)
        self._waking = threading.Lock()
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)

    def leave(self):
        """Called by whose turn it is: the connection is watched from now on."""
        if not self._watched and not self._connection.closed:
            self._watched = True
            self._pool.watch(self._connection)
        self.lock.release()

    # -- a thread that waits ----------------------------------------------------------------------------------------

    def wait(self, exchange, satisfied, changed, soon):
        """Returns when satisfied(), which was false.

        What satisfies it comes by the connection, or is told by `changed` (a condition) and wake(). `soon`: it waits again soon after its last wait.
        """
        pool = self._pool
        pool.begin_wait(exchange)
        try:
            if not (soon and monotonic() >= self._busy_until and self.lock.acquire(False) and self._read_alone(satisfied)):
                pool.needs_others(exchange)
                self.watch()
                with changed:
                    while not satisfied():
                        changed.wait()
        finally:
            pool.waits.end(exchange)

    def _read_alone(self, satisfied):
        """False when it is better to leave the reading to others. It is the caller's turn; not any more when this returns."""
        connection, pool = self._connection, self._pool
        self._waits += 1
        done = False
        try:
            if self._watched and not connection.closed:
                self._watched = False
                pool.unwatch(connection)
            self._alone = True
            while not satisfied():
                if not connection.read():
                    self._sleep()
                elif pool.share_out():
                    self._busy_until = monotonic() + BUSY
                    break
            done = satisfied()
        finally:
            self._alone = False
            if done:
                self.lock.release()
            else:
                self.leave()
        if not done:
            return False
        # Not before: if the main thread has just found it busy, it looks no more unless it is told so.
        pool.keep(connection)
        if pool.waits.for_others:
            self.watch()
        return True

    def _sleep(self):
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
        """Has the connection watched, unless somebody reads it."""
        if not self._watched and self.lock.acquire(False):
            self.leave()

    def look_after(self):
        """Called at each tick for a connection that is kept: ends that if no wait has begun since the last look."""
        if self._waits == self._seen:
            self._pool.waits.kept.discard(self._connection)
            self.watch()
        self._seen = self._waits

    def close(self):
        """The connection is closed, by whose turn it is."""
        with self._waking:
            os.close(self._wake)
            os.close(self._wake_end)
            self._poll = None
