"""The threads of a pool that wait for a frame, a part of a body or credit: which of them need somebody to read for them, and
which connections nobody watches because a thread that reads by itself is about to come back to them (turn.py)."""

import threading


class Bell:
    """Wakes one thread that waits; rung before that, it does not let it wait. One lock and nothing around it: exceptions that libraries raise in other
    threads may come at any moment, and leave a threading.Condition locked now and then."""

    def __init__(self):
        self._silent = threading.Lock()
        self._silent.acquire()

    def ring(self):
        """Rung twice is rung once."""
        try:
            self._silent.release()
        except RuntimeError:
            pass  # it was rung and nobody has heard it yet

    def wait(self):
        """Returns when it is rung. Who waits looks himself whether that was for what he waits for."""
        self._silent.acquire()


class Waits:
    """Sets whose add and discard are atomic, of threads by their numbers; a lock for what a thread must not be interrupted in."""

    def __init__(self):
        #: Threads that wait, reading by themselves or not. They are not interrupted: an exception in the middle of a
        #: frame would cost all requests of that router. Whoever rests on its content has the shield.
        self.all = set()
        self.shield = threading.Lock()
        #: Those for which another thread must read.
        self.for_others = set()
        #: Connections that are kept.
        self.kept = set()

    def begin(self, thread):
        """It begins to wait."""
        with self.shield:
            self.all.add(thread)

    def end(self, thread):
        """It goes on; and once more when its request is over, as it may have been interrupted when it was about to wait."""
        self.for_others.discard(thread)
        self.all.discard(thread)

    def look_after_kept(self):
        """Called by the main thread at each tick."""
        for connection in list(self.kept):
            connection.turn.look_after()
