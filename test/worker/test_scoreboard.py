"""What a worker has begun stands in the file, where the router looks for it, until long after the worker's death."""

import json
import os
import tempfile
import unittest

from wsgid_worker.scoreboard import PLACES, Scoreboard, map_scoreboard

VECTOR = os.path.join(os.path.dirname(__file__), "..", "vectors", "scoreboard.json")


class ScoreboardTest(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.TemporaryFile()
        self.addCleanup(self.file.close)
        self.file.write(bytes(2048))
        self.file.flush()
        self.numbers = map_scoreboard(self.file.fileno())

    def stored(self, place):
        return os.pread(self.file.fileno(), 8, place.offset)

    def test_a_place_lies_where_the_protocol_says(self):
        with open(VECTOR) as file:
            vector = json.load(file)
        board = Scoreboard(self.numbers, vector["slot"])
        for _ in range(vector["connections"]):
            place = board.take_place()
        place.note(vector["begun"])
        self.assertEqual((place.offset, place.serial), (vector["offset"], vector["serial"]))
        self.assertEqual(self.stored(place).hex(), vector["place"])

    def test_a_successor_on_the_same_slot_leaves_the_places_of_the_dead_alone(self):
        dead = Scoreboard(self.numbers, 0).take_place()
        dead.note(5)
        left = self.stored(dead)
        successor = Scoreboard(map_scoreboard(self.file.fileno()), 0)
        for _ in range(PLACES - 1):
            successor.take_place().note(9)
            self.assertEqual(self.stored(dead), left)
        reused = successor.take_place()
        self.assertEqual(reused.offset, dead.offset)
        self.assertNotEqual(reused.serial, dead.serial)

    def test_a_thread_that_comes_late_takes_nothing_back_also_when_numbers_begin_anew(self):
        place = Scoreboard(self.numbers, 0).take_place()
        for noted, last in ((7, 7), (5, 7), (0xFFFFFFFF, 7), (0x80000001, 0x80000001), (0xFFFFFFFF, 0xFFFFFFFF), (2, 2), (0xFFFFFFFE, 2)):
            place.note(noted)
            self.assertEqual(int.from_bytes(self.stored(place)[4:], "little"), last, noted)

    def test_a_request_is_recorded_however_many_came_since_the_last_one_on_record(self):
        first = Scoreboard(self.numbers, 0).take_place()
        first.note(0x80000001)
        self.assertEqual(int.from_bytes(self.stored(first)[4:], "little"), 0x80000001)
        rare = Scoreboard(self.numbers, 0).take_place()
        for noted in (5, 0x80000010, 0x40000000):
            rare.note(noted)
            self.assertEqual(int.from_bytes(self.stored(rare)[4:], "little"), noted)

    def test_without_a_file_there_is_a_place_that_nobody_reads(self):
        place = Scoreboard(None, 0).take_place()
        place.note(1)
        self.assertEqual(place.offset, 0)


if __name__ == "__main__":
    unittest.main()
