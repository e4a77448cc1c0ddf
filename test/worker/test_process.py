"""What was loaded is out of the collector's way; what requests leave behind is not."""

import gc
import unittest
import weakref

from wsgid_worker.process import freeze_what_is_loaded


class Circle:
    def __init__(self):
        self.itself = self


@unittest.skipUnless(hasattr(gc, "freeze"), "this interpreter's collector knows nothing of freezing")
class FreezeTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(gc.unfreeze)
        # What most versions of Python begin with.
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(700, 10, 10)
        #: As large as an application may be.
        self.loaded = [[] for _ in range(300_000)]
        freeze_what_is_loaded()

    def test_the_collector_does_not_walk_what_was_loaded(self):
        self.assertGreaterEqual(gc.get_freeze_count(), len(self.loaded))

    def test_circles_that_die_old_are_collected_however_much_was_loaded(self):
        circle = Circle()
        death = weakref.ref(circle)
        gc.collect(1)  # it has grown old, as what a request holds while others run
        del circle
        for _ in range(200):
            _ = [[] for _ in range(1000)]
        self.assertIsNone(death())


if __name__ == "__main__":
    unittest.main()
