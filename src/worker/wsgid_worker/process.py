"""What a template process and its workers take on: umask, paths and switch interval before tenant code runs, a title, and afterwards
a collector that leaves alone what was loaded."""

import gc
import os
import signal
import site
import sys

try:
    import ctypes

    # Looked up here: a worker that has just been forked shall find it ready.
    _prctl = ctypes.CDLL(None).prctl
except (ImportError, OSError, AttributeError):
    _prctl = None

#: prctl(2)
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


def prepare_process(configuration):
    """Applies the settings of a group that are Python's to apply; workers inherit them over the fork."""
    if configuration["umask"] is not None:
        os.umask(configuration["umask"])
    if configuration["switchIntervalSeconds"] is not None:
        sys.setswitchinterval(configuration["switchIntervalSeconds"])
    _add_paths(configuration["pythonPath"])
    if configuration["home"] is not None:
        sys.path.insert(0, configuration["home"])


def _add_paths(directories):
    """python-path as mod_wsgi has it: .pth files are obeyed, and what is new comes first, in the given order."""
    known = list(sys.path)
    for directory in directories:
        if directory not in sys.path:
            sys.path.append(directory)
        site.addsitedir(directory)
    new = [entry for entry in sys.path if entry not in known]
    sys.path[:] = new + known


def freeze_what_is_loaded():
    """It lives as long as the process: the collector need not walk it again, and untouched it stays shared over a fork (copy on write)."""
    gc.collect()
    if not hasattr(gc, "freeze"):
        return  # PyPy
    gc.freeze()
    # A full collection waits until a quarter of what the last one has left is new. That counted all that was loaded: without this
    # one, which finds nothing, the dead cycles of thousands of requests would pile up first.
    gc.collect()


def die_with_parent():
    """Asks the kernel for SIGHUP when the parent process dies: who hangs in an import would not notice."""
    # Without ctypes startup-timeout ends it, as long as there is a supervisor.
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGHUP)


class Title:
    """What `ps` shows of a process: display-name. Cut to the room that the command line of the process takes.

    Python cannot set it, so the kernel's copy of argv is written over (/proc/self/stat tells where it is; a fork has it in
    the same place), and comm is set. A convenience: without ctypes or /proc there is none.
    """

    def __init__(self):
        self._start = self._room = 0
        if _prctl is None:
            return
        try:
            with open("/proc/self/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            self._start, end = int(fields[45]), int(fields[46])
            self._room = end - self._start
        except (OSError, ValueError, IndexError):
            pass

    def show(self, title):
        """From now on the process is called so."""
        if self._room <= 0:
            return
        text = os.fsencode(title)
        ctypes.memmove(self._start, text[: self._room - 1].ljust(self._room, b"\0"), self._room)
        _prctl(PR_SET_NAME, text[:15])
