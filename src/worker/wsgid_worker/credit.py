"""How much of a response may be sent: the router's credit, and the wait for more (docs/protocol.md, "Credits")."""

import threading


class Credit:
    """Bytes of one response's body that the router takes. One thread spends, the leading thread grants."""

    def __init__(self, first, begin_wait, end_wait):
        """`first` bytes need not be granted; `begin_wait()` and `end_wait()` surround each wait for the client."""
        # Each has one writer, so neither needs a lock.
        self._granted = first
        self._spent = 0
        self._cancelled = False
        self._waiting = None
        self._begin_wait = begin_wait
        self._end_wait = end_wait

    def take(self, wanted):
        """Spends up to `wanted` bytes and returns how many; waits for at least one. 0 when cancelled."""
        if self._granted <= self._spent and not self._cancelled:
            self._wait()
        taken = 0 if self._cancelled else min(wanted, self._granted - self._spent)
        self._spent += taken
        return taken

    def grant(self, amount):
        self._granted += amount
        self._wake()

    def cancel(self):
        """Nobody wants the response any more."""
        self._cancelled = True
        self._wake()

    def _wait(self):
        waiting = self._waiting = threading.Condition(threading.Lock())
        with waiting:
            self._begin_wait()
            while self._granted <= self._spent and not self._cancelled:
                waiting.wait()
            self._end_wait()
        self._waiting = None

    def _wake(self):
        # Set by the waiting thread before it looks at the credit once more: if it is None here, that look comes later.
        waiting = self._waiting
        if waiting is not None:
            with waiting:
                waiting.notify()
