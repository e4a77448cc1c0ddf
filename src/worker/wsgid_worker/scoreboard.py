"""What a worker has begun, on record where routers can still read it when the worker is dead: a file of the group's that its template
processes map and the workers inherit (docs/protocol.md, "The scoreboard").

A frame would say the same at the price of a write and a wake-up of the router for each request.
"""

import mmap

#: u32 numbers that each slot has in the file: how many places were given out, one that is not used, and the places, two numbers each.
SLOT_NUMBERS = 256
PLACES = SLOT_NUMBERS // 2 - 1
NUMBER = 4
#: A request whose number is behind the last one's by less than this was begun late; by more, as many others came since then, or numbers
#: have begun anew.
LATE = 1 << 24


def map_scoreboard(descriptor):
    """The file as u32 numbers in memory. Raises OSError or ValueError when it cannot be mapped."""
    return memoryview(mmap.mmap(descriptor, 0)).cast("I")


class Scoreboard:
    """The part of one slot. Used by one worker at a time: the one that accepts connections."""

    def __init__(self, numbers, slot):
        """`numbers`: of map_scoreboard(); None: there is no file, and routers take everything for begun."""
        self._numbers = numbers
        self._first = slot * SLOT_NUMBERS

    def take_place(self):
        """A Place for a new connection: one that was not used for the longest time, so that routers can still read those of dead workers."""
        if self._numbers is None:
            return Place([0, 0], 0, 0)
        given = self._numbers[self._first]
        self._numbers[self._first] = serial = given + 1 & 0xFFFFFFFF
        return Place(self._numbers, self._first + 2 + given % PLACES * 2, serial)


class Place:
    """The record of one connection: its serial number, by which routers know it, and the last request that was begun."""

    def __init__(self, numbers, index, serial):
        self.serial = serial
        #: In the file, bytes; 0: it is in none.
        self.offset = index * NUMBER
        self._numbers = numbers
        self._last = index + 1
        numbers[index + 1] = 0
        numbers[index] = serial

    def note(self, request):
        """Request number `request` is begun. Numbers ascend as requests are sent; a lower one that comes late changes nothing."""
        last = self._numbers[self._last]
        if not last or (last - request) & 0xFFFFFFFF >= LATE:
            self._numbers[self._last] = request
