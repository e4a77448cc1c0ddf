"""Loads a WSGI application: a script by its path under a private module name (as mod_wsgi), or a module by import."""

import importlib
import os
import re
import sys
import traceback
import types


class LoadError(Exception):
    """An application does not load. `summary` is one line, `details` the traceback as the operator shall read it."""

    def __init__(self, entry, summary, details):
        super().__init__(summary)
        self.entry = entry
        self.summary = summary
        self.details = details


def load(entry, directories=None):
    """(WSGI callable, module it came from) of an entry of the configuration.

    `entry`: {"kind": "script", "path", "callable"} or {"kind": "module", "module", "callable"}.
    `directories`: where a script must stand, links followed; None: anywhere.
    Raises LoadError for whatever the tenant's code does, SystemExit at import included.
    """
    if entry["kind"] == "script":
        name = entry["path"]
        module = run_script(name, directories)
    else:
        name = entry["module"]
        module = _loaded(name, lambda: importlib.import_module(name))
    return _callable_of(module, name, entry["callable"]), module


def run_script(path, directories=None):
    """The module of a script; see load() for `directories` and what is raised."""
    return _loaded(path, lambda: _run_script(path, directories))


def _loaded(name, load_module):
    try:
        return load_module()
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: importing is all the code was asked to do
        summary = "%s: %s" % (type(error).__name__, error)
        raise LoadError(name, summary, _own_frames(error)) from error


def stands_in(path, directories):
    """Whether a real path is inside of one of the directories."""
    return any(path.startswith(directory.rstrip("/") + "/") for directory in directories)


def _run_script(path, directories):
    """Executes a file, whatever its name, as mod_wsgi does: compiled from source, `__name__` private and stable."""
    with open(path, "rb") as file:
        if directories is not None:
            _check_place(file, path, directories)
        code = compile(file.read(), path, "exec", dont_inherit=True)
    module = types.ModuleType(_module_name(path))
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module


def _module_name(path):
    """A name of its own for each path, which says the path: it is what loggers are called. (A digest would have OpenSSL loaded, 4 MiB.)"""
    return "_wsgid" + re.sub(rb"[^A-Za-z0-9]", lambda found: b"_%02x" % ord(found[0]), os.fsencode(path)).decode("ascii")


def _check_place(file, path, directories):
    """Of the file that is open: what the path leads to can be changed between a look and the next."""
    real = os.path.realpath(path)
    if not stands_in(real, directories) or not os.path.samestat(os.stat(real), os.fstat(file.fileno())):
        raise PermissionError("%s stands in none of the script-directories: %s" % (path, real))


def _callable_of(module, name, attribute):
    application = module
    for part in attribute.split("."):
        application = getattr(application, part, None)
    if application is None:
        offers = ", ".join(sorted(key for key, value in vars(module).items() if callable(value) and key[0] != "_")[:8])
        summary = 'no "%s" in %s (callables there: %s)' % (attribute, name, offers or "none")
        raise LoadError(name, summary, summary + "\n")
    if not callable(application):
        summary = '"%s" in %s is not callable but %s' % (attribute, name, type(application).__name__)
        raise LoadError(name, summary, summary + "\n")
    return application


def _own_frames(error):
    """The traceback without the frames of this file, which tell the operator nothing."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))
