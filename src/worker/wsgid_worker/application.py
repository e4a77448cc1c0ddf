"""The applications of a worker: what is called for a request, and the constant part of its environ."""

import os
import threading

from . import loader
from .captured_scripts import CapturedScripts
from .file_wrapper import FileWrapper
from .forbidden import Forbidden
from .logs import error_stream
from .mod_wsgi import VERSION
from .script import Script

SERVER_SOFTWARE = "wsgid"


class Application:
    """`callable` and `template`: every request's environ starts as a copy of the template. `overrides`: what the operator has
    set for names that a request sets too; it has the last word."""

    __slots__ = ("callable", "template", "overrides", "script")

    def __init__(self, callable, template, overrides, script):
        self.callable = callable
        self.template = template
        self.overrides = overrides
        self.script = script


def load_entries(configuration):
    """Loads what the applications name, each entry once: {key: (callable, module, Script or None)}. Raises loader.LoadError.
    Lazy applications are loaded by their first request. Before all others the scripts of preload-script run."""
    for path in configuration["preloadScripts"]:
        loader.run_script(path, configuration["scriptDirectories"])
    entries = {}
    for plan in configuration["applications"]:
        entry = plan["entry"]
        key = _key(entry)
        if key not in entries and not plan["lazy"]:
            # Identified before it is read: a change in between is then seen as one.
            script = Script(entry["path"]) if entry["kind"] == "script" else None
            entries[key] = (*loader.load(entry, configuration["scriptDirectories"]), script)
    return entries


def make_applications(configuration, entries):
    """The applications of a worker in the order of its configuration."""
    applications = []
    for plan in configuration["applications"]:
        entry = plan["entry"]
        module = None
        if entry["kind"] == "captured-script":
            callable_, script = CapturedScripts(entry, configuration), None
        elif _key(entry) in entries:
            callable_, module, script = entries[_key(entry)]
        else:
            script = Script(entry["path"]) if entry["kind"] == "script" else None
            callable_ = Lazy(entry, configuration["scriptDirectories"])
        if plan["requireFile"] is not None:
            callable_ = required_file(callable_)
        variables = _variables(plan)
        template = _template(plan, configuration, getattr(module, "__file__", None))
        template.update(variables)
        applications.append(Application(callable_, template, variables, script))
    return applications


class Lazy:
    """A WSGI callable whose first call loads it. What does not load is tried again by the next one."""

    def __init__(self, entry, directories):
        self._entry = entry
        self._directories = directories
        self._lock = threading.Lock()
        self._callable = None

    def __call__(self, environ, start_response):
        callable_ = self._callable
        if callable_ is None:
            with self._lock:
                if self._callable is None:
                    self._callable, _ = loader.load(self._entry, self._directories)
                callable_ = self._callable
        return callable_(environ, start_response)


def required_file(callable_):
    """The callable behind a look for the file that the router names (require-file)."""

    def look_first(environ, start_response):
        path = environ.pop("wsgid.require_file", None)
        # Without it: the request was accepted when the definition did not ask for a file.
        if path is not None and not os.path.isfile(path.encode("latin-1")):
            raise Forbidden("require-file: there is no file %s" % path)
        return callable_(environ, start_response)

    return look_first


def run_hooks(entries, worker):
    """Calls `post_fork(worker)` of each preloaded module that has it: connections opened before the fork are to be opened anew."""
    for _, module, _ in entries.values():
        hook = getattr(module, "post_fork", None)
        if callable(hook):
            hook(worker)


def _key(entry):
    return tuple(sorted(entry.items()))


def _variables(plan):
    """The application's `environ`. PEP 3333, "Unicode Issues": text in environ is bytes decoded as latin-1, so that an
    application's encode() gives UTF-8."""
    return {name: value.encode("utf-8").decode("latin-1") for name, value in plan["environ"].items()}


def _template(plan, configuration, file):
    """What is the same in every request: PEP 3333, "environ Variables", CGI's constants as Apache has them, and mod_wsgi's own.

    `file`: where the application's module was loaded from, None for one that is in no file.
    """
    entry = plan["entry"]
    script = entry["path"] if entry["kind"] == "script" else file or ""
    # There is no document root. What applications look for under that name is the directory they live in.
    root = configuration["home"] or os.path.dirname(script) or "/"
    return {
        "DOCUMENT_ROOT": root,
        "CONTEXT_DOCUMENT_ROOT": root,
        "CONTEXT_PREFIX": "",
        "SCRIPT_FILENAME": script,
        "SERVER_ADMIN": "[no address given]",
        "SERVER_SOFTWARE": SERVER_SOFTWARE,
        "wsgi.version": (1, 0),
        "wsgi.errors": error_stream(),
        "wsgi.multithread": configuration["threads"] != 1,
        "wsgi.multiprocess": configuration["processes"] > 1,
        "wsgi.run_once": configuration["threads"] == 1 and configuration["maximumRequests"] == 1,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
        "mod_wsgi.version": VERSION,
        "mod_wsgi.process_group": configuration["group"],
        "mod_wsgi.application_group": configuration["applicationGroup"],
        "mod_wsgi.callable_object": entry["callable"],
        "mod_wsgi.request_handler": "wsgi-script",
        "mod_wsgi.handler_script": "",
        "mod_wsgi.script_reloading": "0" if configuration["scriptReloading"] == "off" else "1",
        "mod_wsgi.enable_sendfile": "0",
        "mod_wsgi.ignore_activity": "0",
    }
