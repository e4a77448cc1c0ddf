"""A response stops at its credit, goes on when more comes, and ends its wait when nobody wants it any more."""

import threading
import unittest

from wsgid_worker.credit import Credit

FIRST = 1000


class CreditTest(unittest.TestCase):
    def setUp(self):
        self.waits = threading.Semaphore(0)
        self.credit = Credit(self, FIRST)

    def wait(self, satisfied, bell):
        """In the place of an exchange."""
        self.waits.release()
        while not satisfied():
            bell.wait()

    def wake(self):
        """Nobody reads by itself."""

    def take_in_thread(self, wanted, results):
        thread = threading.Thread(target=lambda: results.append(self.credit.take(wanted)))
        thread.start()
        return thread

    def test_what_is_left_is_given_and_no_more(self):
        self.assertEqual(self.credit.take(FIRST - 10), FIRST - 10)
        self.assertEqual(self.credit.take(100), 10)

    def test_without_credit_a_thread_waits_until_some_comes(self):
        self.credit.take(FIRST)
        results = []
        thread = self.take_in_thread(100, results)
        self.waits.acquire()
        self.credit.grant(30)
        thread.join(10)
        self.assertEqual(results, [30])

    def test_credit_that_comes_before_it_is_needed_is_kept(self):
        self.credit.grant(5)
        self.assertEqual(self.credit.take(FIRST + 10), FIRST + 5)

    def test_an_abort_ends_the_wait_and_gives_nothing(self):
        self.credit.take(FIRST)
        results = []
        thread = self.take_in_thread(100, results)
        self.waits.acquire()
        self.credit.cancel()
        thread.join(10)
        self.assertEqual(results, [0])


if __name__ == "__main__":
    unittest.main()
