"""The `mod_wsgi` module that applications may look for: what a worker can say about itself, data of the running request, and
shutdown callbacks. Installed under that name into sys.modules; names and arguments are those of mod_wsgi 6.
"""

import sys
import traceback
import types

from .file_wrapper import FileWrapper
from .logs import current, error_stream


#: The mod_wsgi whose environ and module are followed.
VERSION = (6, 0, 5)


class RequestTimeout(BaseException):
    """Raised in a request's thread by interrupt-timeout; uncaught it unwinds the application, and the thread is free again."""


_callbacks = []


def subscribe_shutdown(callback):
    """Registers `callback(name, **event)` to run when the process ends; event: shutdown_reason. Returns the callback."""
    _callbacks.append(callback)
    return callback


def request_data():
    """A dictionary for the request that the calling thread serves, empty at its start. Raises RuntimeError outside of one."""
    if not current.request_id:
        raise RuntimeError("mod_wsgi.request_data: this thread serves no request")
    # Made when it is asked for, and recognized by the request's id: a request that does not ask pays nothing.
    if current.data_of != current.request_id:
        current.data_of, current.data = current.request_id, {}
    return current.data


def install(configuration):
    """Makes `import mod_wsgi` work in the applications of this worker."""
    module = types.ModuleType("mod_wsgi", "What mod_wsgi offers to applications, by wsgid.")
    module.version = VERSION
    module.process_group = configuration["group"]
    module.application_group = configuration["applicationGroup"]
    module.maximum_processes = configuration["processes"]
    module.threads_per_process = configuration["threads"]
    module.FileWrapper = FileWrapper
    module.RequestTimeout = RequestTimeout
    module.request_data = request_data
    module.subscribe_shutdown = subscribe_shutdown
    sys.modules["mod_wsgi"] = module


def run_shutdown_callbacks(reason):
    """Each runs, whatever the others do; what they raise is logged."""
    for callback in _callbacks:
        try:
            callback("process_stopping", shutdown_reason=reason)
        except Exception:
            error_stream().write(traceback.format_exc())
