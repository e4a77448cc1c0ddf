"""What wsgid loads for itself is in the memory of each group, and before each first answer."""

import subprocess
import sys
import unittest

import wsgid_worker

#: Each brings others, a library or a hook for every fork: OpenSSL came with hashlib, 4 MiB of 16.
LARGE = {"bz2", "hashlib", "inspect", "logging", "lzma", "random", "shutil", "subprocess", "tempfile", "typing"}

NEWLY_LOADED = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import wsgid_worker.template
print(*set(sys.modules) - before)
"""


class FootprintTest(unittest.TestCase):
    def test_no_large_module_is_loaded_that_an_application_may_not_need(self):
        package = wsgid_worker.__path__[0].rpartition("/")[0]
        command = [sys.executable, "-I", "-B", "-c", NEWLY_LOADED, package]
        loaded = set(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split())
        self.assertIn("wsgid_worker.serving", loaded)
        self.assertEqual(loaded & LARGE, set())


if __name__ == "__main__":
    unittest.main()
