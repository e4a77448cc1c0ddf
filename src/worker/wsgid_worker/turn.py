"""Whose turn it is to read a router's connection: the leading thread's, or that of a thread that waits for what it brings.

When an upload comes fast, its thread waits every few hundred microseconds. If the leading thread read all of it, each part would
wake that one first and then, by it, the thread that waits, and both would fight for the GIL: more than the reading takes. So a thread
that waits again soon after its last wait takes the connection out of the routers' epoll and reads by itself. When it finds
a request for another thread it leaves the reading to the leading one for some time: more of them may come.

Between two such waits the connection stays out of the epoll. If the thread does not come back soon, the main thread has it
watched again (look_after).

A thread that waits is in the application, where libraries may raise exceptions at any moment (PyThreadState_SetAsyncExc). So the turn is
taken by one operation that cannot be interrupted, dict.setdefault, which also says which thread has it: whatever happens then, it is given
back, when the exception passes, at the thread's next wait or when its request is over.
"""

import os
import select
import threading
from time import monotonic

#: For so long, seconds, after a request for another thread nobody but the leading one reads.
BUSY = 0.05
#: In the place of a thread's number: the leading thread, or the main one that stands in for it.
LEADER = 0


class Turn:
    """The right to read one connection, and what a thread needs that sleeps until there is something."""

    def __init__(self, connection, pool):
        """Raises OSError when there are no more descriptors."""
        self._connection = connection
        self._pool = pool
        #: Empty, or {0: whose turn it is}: LEADER or a thread's number. Who has it must leave().
        self.holder = {}
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
        self.holder.pop(0, None)

    # -- a thread that waits ----------------------------------------------------------------------------------------

    def wait(self, exchange, satisfied, bell, soon):
        """Returns when satisfied(), which was false.

        What satisfies it comes by the connection, or is told by `bell` and wake(). `soon`: it waits again soon after its last wait.
        """
        pool, thread = self._pool, threading.get_ident()
        try:
            pool.begin_wait(thread, exchange)
            if not (soon and self._may_be_taken() and self._read_alone(thread, satisfied)):
                pool.needs_others(thread)
                self._watch(thread)
                while not satisfied():
                    bell.wait()
        except BaseException:
            self.settle(thread)
            raise
        finally:
            pool.waits.end(thread)

    def _may_be_taken(self):
        # A child of the application's must not take what is its parent's.
        return monotonic() >= self._busy_until and os.getpid() == self._pool.pid

    def _read_alone(self, thread, satisfied):
        """False when others have to read. It is not the caller's turn any more when this returns."""
        connection, pool = self._connection, self._pool
        if self.holder.setdefault(0, thread) != thread:
            return False
        self._waits += 1
        if self._watched and not connection.at_end:
            self._watched = False
            pool.unwatch(connection)
        self._alone = True
        while not satisfied() and not connection.at_end:
            if not connection.read():
                self._sleep()
            elif pool.share_out():
                self._busy_until = monotonic() + BUSY
                break
        self._alone = False
        if connection.at_end or not satisfied():
            self._give_back()
            return False
        self.holder.pop(0, None)
        # Not before: if the main thread has just found it busy, it looks no more unless it is told so.
        pool.keep(connection)
        if pool.waits.for_others:
            self._watch(thread)
        return True

    def _give_back(self):
        """The leading thread closes the connection if it is at its end."""
        self._alone = False
        if self._connection.at_end:
            self._connection.break_off()
        self.leave()

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

    def settle(self, thread):
        """The calling thread, which has waited, does not come back soon: ends what an exception may have left of its wait."""
        if self.holder.get(0) == thread:
            self._give_back()
        self._watch(thread)

    def _watch(self, thread):
        """Has the connection watched, unless somebody reads it."""
        if not self._watched and self.holder.setdefault(0, thread) == thread:
            self.leave()

    def look_after(self):
        """Called at each tick for a connection that is kept: ends that if no wait has begun since the last look."""
        if self._waits == self._seen:
            self._pool.waits.kept.discard(self._connection)
            self._watch(threading.get_ident())
        self._seen = self._waits

    def close(self):
        """The connection is closed, by the leading thread."""
        with self._waking:
            os.close(self._wake)
            os.close(self._wake_end)
            self._poll = None
