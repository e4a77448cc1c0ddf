"""What a template process and its workers take on before tenant code runs: umask, paths, switch interval, title."""

import os
import signal
import site
import sys

#: prctl(2)
PR_SET_PDEATHSIG = 1


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


def die_with_parent():
    """Asks the kernel for SIGHUP when the parent process dies: who hangs in an import would not notice."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGHUP)
    except (ImportError, OSError, AttributeError):
        pass  # startup-timeout ends it, as long as there is a supervisor


def name_process(title):
    """Makes `ps` show the title: display-name. Cut to the room that the command line of the process takes.

    Python cannot do it, so the kernel's copy of argv is written over (/proc/self/stat tells where it is), and comm is set.
    """
    try:
        import ctypes

        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        text = os.fsencode(title)[: end - start - 1]
        ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)
        with open("/proc/self/comm", "wb") as file:
            file.write(os.fsencode(title)[:15])
    except (ImportError, OSError, ValueError):
        pass  # a title is a convenience: without ctypes or /proc there is none
