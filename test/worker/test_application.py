"""What every request of an application carries (PEP 3333, "environ Variables"), and what its `mod_wsgi` module has."""

import io
import sys
import unittest
from unittest import mock

from wsgid_worker import mod_wsgi
from wsgid_worker.application import _template

CONFIGURATION = {
    "group": "site-1",
    "applicationGroup": "",
    "home": None,
    "threads": 15,
    "processes": 1,
    "maximumRequests": 0,
    "scriptReloading": "rolling",
}
PLAN = {"entry": {"kind": "script", "path": "/srv/app.wsgi", "callable": "application"}}

#: All that docs/differences-from-mod-wsgi.md says is there.
NAMES = """version process_group application_group maximum_processes threads_per_process
FileWrapper RequestTimeout request_data subscribe_shutdown""".split()


def environ(**wanted):
    # The log's stream exists in a worker only.
    with mock.patch("wsgid_worker.application.error_stream", io.StringIO):
        return _template(PLAN, dict(CONFIGURATION, **wanted), None)


class Concurrency(unittest.TestCase):
    def test_run_once_is_a_process_that_serves_one_request_in_its_life(self):
        self.assertIs(environ(threads=1, maximumRequests=1)["wsgi.run_once"], True)
        for wanted in ({"threads": 1}, {"maximumRequests": 1}, {"threads": 1, "maximumRequests": 2}):
            self.assertIs(environ(**wanted)["wsgi.run_once"], False, wanted)

    def test_multithread_and_multiprocess_follow_the_group(self):
        for threads, processes in ((1, 1), (2, 1), (1, 2)):
            got = environ(threads=threads, processes=processes)
            self.assertIs(got["wsgi.multithread"], threads > 1)
            self.assertIs(got["wsgi.multiprocess"], processes > 1)


class Module(unittest.TestCase):
    def tearDown(self):
        sys.modules.pop("mod_wsgi", None)

    def test_it_has_what_means_something_here_and_no_name_that_does_nothing(self):
        mod_wsgi.install(CONFIGURATION)
        import mod_wsgi as module

        self.assertEqual(sorted(name for name in vars(module) if not name.startswith("_")), sorted(NAMES))
        with self.assertRaises(ImportError):
            from mod_wsgi import request_metrics  # noqa: F401


if __name__ == "__main__":
    unittest.main()
