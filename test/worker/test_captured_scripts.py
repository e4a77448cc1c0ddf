"""Scripts that the URL names: which may run, and which stay loaded."""

import os
import shutil
import stat
import sys
import tempfile
import unittest
from unittest import mock

from wsgid_worker import captured_scripts
from wsgid_worker.captured_scripts import CapturedScripts, check_safe
from wsgid_worker.forbidden import Forbidden

CONFIGURATION = {"scriptReloading": "rolling", "scriptDirectories": None, "scriptUser": None, "scriptGroup": None}


class _Directory(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)

    def write(self, name, answer=b"", mode=0o644):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write("def application(environ, start_response):\n    return [%r]\n" % (answer,))
        os.chmod(path, mode)
        return path


class LoadingTest(_Directory):
    def setUp(self):
        super().setUp()
        self.scripts = CapturedScripts({"callable": "application"}, CONFIGURATION)

    def ask(self, path):
        return self.scripts({"wsgid.script": path}, lambda status, headers: None)

    def modules_of(self, *paths):
        return [any(getattr(each, "__file__", None) == path for each in list(sys.modules.values())) for path in paths]

    def test_the_script_of_the_request_answers(self):
        one, two = self.write("one", b"1"), self.write("two", b"2")
        self.assertEqual([self.ask(one), self.ask(two), self.ask(one)], [[b"1"], [b"2"], [b"1"]])

    def test_what_one_more_takes_the_place_of_is_not_kept_in_memory(self):
        one, two = self.write("one", b"1"), self.write("two", b"2")
        with mock.patch.object(captured_scripts, "MOST", 1):
            self.ask(one)
            self.assertEqual(self.modules_of(one, two), [True, False])
            self.ask(two)
            self.assertEqual(self.modules_of(one, two), [False, True])
            self.assertEqual(self.ask(one), [b"1"])


class CheckSafeTest(_Directory):
    """By modes where these suffice, else by what stat() says."""

    def refused(self, path):
        try:
            check_safe(path)
        except Forbidden as refusal:
            return str(refusal).replace(path, "it")
        return None

    def stat_as(self, **fields):
        """As if the script, and nothing else, had these fields."""
        genuine = os.stat

        def fake(path, *rest, **options):
            found = genuine(path, *rest, **options)
            if stat.S_ISDIR(found.st_mode):
                return found
            known = {"st_mode": found.st_mode, "st_uid": found.st_uid, "st_gid": found.st_gid}
            return mock.Mock(**dict(known, **fields))

        return mock.patch.object(os, "stat", fake)

    def test_own_scripts_and_those_of_root_are_safe(self):
        path = self.write("script")
        self.assertIsNone(self.refused(path))
        with self.stat_as(st_uid=0, st_gid=0, st_mode=0o100664):
            self.assertIsNone(self.refused(path))
        with self.stat_as(st_gid=os.getgid(), st_mode=0o100664):
            self.assertIsNone(self.refused(path))

    def test_who_else_can_write_it(self):
        self.assertIn("can be written or replaced", self.refused(self.write("script", mode=0o646)))
        path = self.write("script")
        with self.stat_as(st_gid=os.getgid() + 1, st_mode=0o100664):
            self.assertIn("can be written or replaced", self.refused(path))

    def test_who_else_can_put_another_in_its_place(self):
        path = self.write("script")
        os.chmod(self.directory, 0o757)
        self.assertIn("can be written or replaced", self.refused(path))
        os.chmod(self.directory, 0o1757)
        self.assertIsNone(self.refused(path))

    def test_where_a_link_leads_counts(self):
        path, elsewhere = self.write("script"), tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, elsewhere)
        link = os.path.join(elsewhere, "link")
        os.symlink(path, link)
        self.assertIsNone(self.refused(link))
        os.chmod(self.directory, 0o757)
        self.assertIn("can be written or replaced", self.refused(link))

    def test_a_script_of_somebody_else(self):
        path = self.write("script")
        with self.stat_as(st_uid=os.getuid() + 1):
            self.assertIn("neither to root nor to this user", self.refused(path))


if __name__ == "__main__":
    unittest.main()
