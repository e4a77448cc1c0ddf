"""A loaded WSGI application, the constant part of its environ, and whether its script has changed hands or contents since."""

import os
import stat

from . import loader
from .file_wrapper import FileWrapper
from .logs import error_stream
from .mod_wsgi import VERSION

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


class Script:
    """The file that an application came from, as it was when it was loaded."""

    def __init__(self, path):
        self.path = path
        self._loaded = self._identify()
        #: False once it is not whose script-user or script-group or where script-directories demand: the application is not
        #: called.
        self.trusted = True

    def check(self, user, group, directories):
        """Whose it is and where it stands now, see below; None: anybody's, anywhere."""
        owned = (user is None and group is None) or self._is_owned_by(user, group)
        # script-directories count for the file that the path leads to.
        self.trusted = owned and (directories is None or loader.stands_in(os.path.realpath(self.path), directories))

    def _is_owned_by(self, user, group):
        """script-user and script-group as mod_wsgi has them: the script and its directory belong to the user and nobody else
        may write there; or the script belongs to the group and neither is writable by everybody."""
        try:
            script, directory = os.stat(self.path), os.stat(os.path.dirname(self.path))
        except OSError:
            return False
        if user is None:
            return script.st_gid == group and not (script.st_mode | directory.st_mode) & stat.S_IWOTH
        return all(each.st_uid == user and not each.st_mode & (stat.S_IWGRP | stat.S_IWOTH) for each in (script, directory))

    def changed(self):
        """Whether the file is another one now, or of another time, older or newer (as mod_wsgi compares). A missing one has
        not changed: a deploy may be just about to put the new one there."""
        now = self._identify()
        return now is not None and now != self._loaded

    def _identify(self):
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size


def load_entries(configuration):
    """Loads what the applications name, each entry once: {key: (callable, module, Script or None)}. Raises loader.LoadError."""
    entries = {}
    for plan in configuration["applications"]:
        entry = plan["entry"]
        key = _key(entry)
        if key not in entries:
            # Identified before it is read: a change in between is then seen as one.
            script = Script(entry["path"]) if entry["kind"] == "script" else None
            entries[key] = (*loader.load(entry, configuration["scriptDirectories"]), script)
    return entries


def make_applications(configuration, entries):
    """The applications of a worker in the order of its configuration."""
    applications = []
    for plan in configuration["applications"]:
        callable_, module, script = entries[_key(plan["entry"])]
        variables = _variables(plan)
        template = _template(plan, configuration, getattr(module, "__file__", None))
        template.update(variables)
        applications.append(Application(callable_, template, variables, script))
    return applications


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
        "mod_wsgi.application_group": "",
        "mod_wsgi.callable_object": entry["callable"],
        "mod_wsgi.request_handler": "wsgi-script",
        "mod_wsgi.handler_script": "",
        "mod_wsgi.script_reloading": "0" if configuration["scriptReloading"] == "off" else "1",
        "mod_wsgi.enable_sendfile": "0",
        "mod_wsgi.ignore_activity": "0",
    }
