"""Loading: any file name, a private module name, and errors an operator can use."""

import os
import shutil
import sys
import tempfile
import unittest

from wsgid_worker import loader


class LoaderTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()

    def tearDown(self):
        shutil.rmtree(self.directory)

    def script(self, text, name="my site.wsgi"):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return {"kind": "script", "path": path, "callable": "application"}

    def failure(self, entry):
        with self.assertRaises(loader.LoadError) as caught:
            loader.load(entry)
        return caught.exception

    def test_a_script_of_any_name_is_loaded_under_a_private_module_name(self):
        application = loader.load(self.script("def application(e, s): return __name__, __file__"))[0]
        name, path = application(None, None)
        self.assertRegex(name, r"^_wsgid_2f\w+_2fmy_20site_2ewsgi$")
        self.assertIn(name, sys.modules)
        self.assertTrue(path.endswith("my site.wsgi"))

    def test_two_scripts_of_one_name_in_two_directories_are_two_modules(self):
        first = loader.load(self.script("def application(e, s): return 1"))[0]
        os.mkdir(os.path.join(self.directory, "b"))
        second = loader.load(self.script("def application(e, s): return 2", name="b/my site.wsgi"))[0]
        self.assertEqual((first(None, None), second(None, None)), (1, 2))

    def test_a_module_is_imported_and_its_callable_may_be_an_attribute(self):
        entry = {"kind": "module", "module": "wsgiref.simple_server", "callable": "WSGIServer.get_app"}
        self.assertTrue(callable(loader.load(entry)[0]))

    def test_errors_name_the_line_and_nothing_of_the_loader(self):
        error = self.failure(self.script("x = 1\nraise KeyError('boom')\n"))
        self.assertEqual(error.summary, "KeyError: 'boom'")
        self.assertIn("line 2", error.details)
        self.assertNotIn("loader.py", error.details)
        self.assertIn("line 1", self.failure(self.script("def broken(:\n")).details)

    def test_a_missing_callable_is_told_with_what_is_there(self):
        error = self.failure(self.script("def app(e, s): pass\n"))
        self.assertIn('no "application"', error.summary)
        self.assertIn("app", error.summary)
        self.assertIn("not callable", self.failure(self.script("application = 3\n")).summary)

    def test_a_script_that_exits_is_a_load_error_and_leaves_no_half_module(self):
        before = set(sys.modules)
        self.assertIn("SystemExit", self.failure(self.script("import sys\nsys.exit(3)\n")).summary)
        self.assertEqual(set(sys.modules), before)

    def test_a_script_is_loaded_only_from_a_permitted_directory_links_followed(self):
        for name in ("permitted", "permitted-not"):
            os.mkdir(os.path.join(self.directory, name))
        entry = self.script("def application(e, s): return 1", name="permitted/a.wsgi")
        permitted = os.path.dirname(os.path.realpath(entry["path"]))
        self.assertTrue(callable(loader.load(entry, [permitted])[0]))
        foreign = self.script("raise SystemExit('its code ran')", name="permitted-not/a.wsgi")
        os.unlink(entry["path"])
        os.symlink(foreign["path"], entry["path"])
        with self.assertRaises(loader.LoadError) as caught:
            loader.load(entry, [permitted])
        self.assertIn("stands in none of the script-directories", caught.exception.summary)


if __name__ == "__main__":
    unittest.main()
