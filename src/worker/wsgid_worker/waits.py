"""The threads of a pool that wait for a frame, a part of a body or credit: which of them need somebody to read for them, and
which connections nobody watches because a thread that reads by itself is about to come back to them (turn.py)."""

import threading


class Waits:
    """Sets whose add and discard are atomic; a lock for what a thread must not be interrupted in."""

    def __init__(self):
        #: Exchanges whose threads wait, reading by themselves or not. They are not interrupted: an exception in the middle of a
        #: frame would cost all requests of that router. Whoever rests on its content has the shield.
        self.all = set()
        self.shield = threading.Lock()
        #: Those for which another thread must read.
        self.for_others = set()
        #: Connections that are kept.
        self.kept = set()

    def begin(self, exchange):
        """Its thread begins to wait."""
        with self.shield:
            self.all.add(exchange)

    def end(self, exchange):
        """Its thread goes on; and once more when its request is over, as it may have been interrupted when it was about to wait."""
        self.for_others.discard(exchange)
        self.all.discard(exchange)

    def look_after_kept(self):
        """Called by the main thread at each tick."""
        for connection in list(self.kept):
            connection.turn.look_after()
