"""Scripts whose path depends on the URL (WSGIScriptAliasMatch with $1 in the path): loaded by their first request, and again when they change.

Nobody could look at such a file before: whether it is safe to run is decided here, as the configuration check does for others.
"""

import os
import stat
import sys
import threading

from . import loader
from .forbidden import Forbidden
from .script import Script

#: Scripts that are kept loaded; one more takes the place of the one loaded first.
MOST = 1000


class CapturedScripts:
    """A WSGI callable: calls that of the script which the router names in the request."""

    def __init__(self, entry, configuration):
        self._callable_name = entry["callable"]
        self._reloading = configuration["scriptReloading"] != "off"
        self._directories = configuration["scriptDirectories"]
        self._demands = configuration["scriptUser"], configuration["scriptGroup"], self._directories
        self._lock = threading.Lock()
        self._loaded = {}

    def __call__(self, environ, start_response):
        path = os.fsdecode(environ.pop("wsgid.script").encode("latin-1"))
        if not os.path.isfile(path):
            start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "10")])
            return [b"Not Found\n"]
        environ["SCRIPT_FILENAME"] = path
        return self._callable_of(path)(environ, start_response)

    def _callable_of(self, path):
        known = self._loaded.get(path)
        if known is None or (self._reloading and known[1].changed()):
            with self._lock:
                known = self._loaded.get(path)
                if known is None or known[1].changed():
                    known = self._load(path)
        callable_, script, _ = known
        self._check(script)
        return callable_

    def _check(self, script):
        if self._demands != (None, None, None):
            script.check(*self._demands)
            if not script.trusted:
                raise Forbidden("%s is not what script-user, script-group or script-directories demand" % script.path)

    def _load(self, path):
        check_safe(path)
        script = Script(path)
        self._check(script)
        entry = {"kind": "script", "path": path, "callable": self._callable_name}
        callable_, module = loader.load(entry, self._directories)
        loaded = self._loaded[path] = callable_, script, module
        while len(self._loaded) > MOST:
            self._forget(next(iter(self._loaded)))
        return loaded

    def _forget(self, path):
        """Its module would stay for ever, as all that was imported; requests that run in it keep what they use."""
        _, _, module = self._loaded.pop(path)
        if sys.modules.get(module.__name__) is module:
            del sys.modules[module.__name__]


def check_safe(path):
    """Raises Forbidden when somebody but root, this user and this user's primary group can write the script, or put another in its place."""
    script, directory = os.stat(path), os.stat(os.path.dirname(os.path.realpath(path)))
    foreign = script.st_mode & stat.S_IWGRP and script.st_gid not in (0, os.getgid())
    replaceable = directory.st_mode & stat.S_IWOTH and not directory.st_mode & stat.S_ISVTX
    if script.st_mode & stat.S_IWOTH or foreign or replaceable:
        raise Forbidden("%s can be written or replaced by others: chmod o-w,g-w it and its directory" % path)
    if script.st_uid not in (0, os.getuid()):
        raise Forbidden("%s belongs to uid %d, neither to root nor to this user" % (path, script.st_uid))
