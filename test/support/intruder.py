"""Tries, as whoever it runs as, to reach another tenant's things, and prints what became of each attempt as JSON.

Standard input: {"sockets": [paths], "directories": [paths], "files": [paths], "pids": [numbers]}.
Standard output: {"what it tried": "done" or the name of the errno}. It changes nothing where an attempt succeeds,
but for PTRACE_ATTACH, which it takes back.
"""
import ctypes
import errno
import json
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_DETACH = 16, 17


def main():
    given = json.load(sys.stdin)
    outcome = {}
    for path in given["sockets"]:
        outcome["connect " + path] = attempt(connect, path)
    for path in given["directories"]:
        outcome["list " + path] = attempt(os.listdir, path)
        outcome["create in " + path] = attempt(create, os.path.join(path, "intruder"))
    for path in given["files"]:
        outcome["read " + path] = attempt(read, path)
        outcome["append " + path] = attempt(append, path)
    for pid in given["pids"]:
        outcome["signal %d" % pid] = attempt(os.kill, pid, 0)
        outcome["trace %d" % pid] = attempt(trace, pid)
        for file in ("environ", "mem", "maps"):
            outcome["%s of %d" % (file, pid)] = attempt(read, "/proc/%d/%s" % (pid, file))
        outcome["descriptors of %d" % pid] = attempt(os.listdir, "/proc/%d/fd" % pid)
    json.dump(outcome, sys.stdout)


def attempt(what, *arguments):
    try:
        what(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def create(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    os.unlink(path)


def read(path):
    # The first page of /proc/PID/mem is never mapped: to open it is what is forbidden.
    os.close(os.open(path, os.O_RDONLY))


def append(path):
    os.close(os.open(path, os.O_WRONLY | os.O_APPEND))


def trace(pid):
    if libc.ptrace(PTRACE_ATTACH, pid, None, None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    os.waitpid(pid, 0)
    libc.ptrace(PTRACE_DETACH, pid, None, None)


main()
