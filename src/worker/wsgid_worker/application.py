"""A loaded WSGI application and the constant part of its environ."""

import sys

from . import loader
from .file_wrapper import FileWrapper

SERVER_SOFTWARE = "wsgid"


class Application:
    """`callable` and `template`: every request's environ starts as a copy of the template."""

    __slots__ = ("callable", "template")

    def __init__(self, callable, template):
        self.callable = callable
        self.template = template


def make_applications(configuration):
    """Loads the applications of a worker's configuration, in order. Raises loader.LoadError at the first that fails."""
    loaded = {}
    applications = []
    for plan in configuration["applications"]:
        key = tuple(sorted(plan["entry"].items()))
        if key not in loaded:
            loaded[key] = loader.load(plan["entry"])
        applications.append(Application(loaded[key], _template(plan, configuration)))
    return applications


def _template(plan, configuration):
    """What is the same in every request: PEP 3333, "environ Variables", and mod_wsgi's additions."""
    # PEP 3333, "Unicode Issues": text in environ is bytes decoded as latin-1, so that an application's encode() gives UTF-8.
    template = {name: value.encode("utf-8").decode("latin-1") for name, value in plan["environ"].items()}
    entry = plan["entry"]
    if entry["kind"] == "script":
        template["SCRIPT_FILENAME"] = entry["path"]
    template.update(
        {
            "SERVER_SOFTWARE": SERVER_SOFTWARE,
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": configuration["threads"] != 1,
            "wsgi.multiprocess": configuration["processes"] > 1,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            "wsgi.file_wrapper": FileWrapper,
            "mod_wsgi.process_group": configuration["group"],
            "mod_wsgi.application_group": "",
            "mod_wsgi.callable_object": entry["callable"],
        }
    )
    return template
