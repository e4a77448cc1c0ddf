"""How much of a response may be sent: the router's credit, and the wait for more (docs/protocol.md, "Credits")."""

from .waits import Bell


class Credit:
    """Bytes of one response's body that the router takes. One thread spends, the leading thread grants."""

    def __init__(self, exchange, first):
        """`first` bytes need not be granted; `exchange` waits for the client, see Exchange.wait()."""
        self._exchange = exchange
        # Each has one writer, so neither needs a lock.
        self._granted = first
        self._spent = 0
        self._cancelled = False
        self._waiting = None

    def take(self, wanted):
        """Spends up to `wanted` bytes and returns how many; waits for at least one. 0 when cancelled."""
        if not self._may_go_on():
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
        self._exchange.wake()

    def _may_go_on(self):
        return self._granted > self._spent or self._cancelled

    def _wait(self):
        self._waiting = Bell()
        self._exchange.wait(self._may_go_on, self._waiting)
        self._waiting = None

    def _wake(self):
        # Set by the waiting thread before it looks at the credit once more: if it is None here, that look comes later.
        waiting = self._waiting
        if waiting is not None:
            waiting.ring()
