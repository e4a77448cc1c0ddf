"""systemd's side of sd_notify(3) and sd_listen_fds(3), for one child.

Arguments: path of the notification socket, name of a listening socket to pass ("" for none), the program and its arguments.
Prints one JSON object a line: the child's pid and the port first, then each message with its sender's pid, at last the exit code.
"""
import json
import os
import socket
import struct
import sys
import threading
from typing import Any


def say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


def execute(arguments: "list[str]", path: str, name: str, listening: "socket.socket | None") -> None:
    os.environ.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="400000", WATCHDOG_PID=str(os.getpid()))
    if listening is not None:
        os.dup2(listening.fileno(), 3)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=name)
    os.execv(arguments[0], arguments)


def hear(notify: socket.socket) -> None:
    while True:
        data, ancillary, _, _ = notify.recvmsg(4096, socket.CMSG_SPACE(12))
        pid = struct.unpack("3i", ancillary[0][2])[0]
        say(pid=pid, message=data.decode())


def main() -> None:
    path, name, *arguments = sys.argv[1:]
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    notify.bind(path)
    listening = None
    if name:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
    child = os.fork()
    if child == 0:
        execute(arguments, path, name, listening)
    say(child=child, port=listening.getsockname()[1] if listening else None)
    threading.Thread(target=hear, args=(notify,), daemon=True).start()
    _, status = os.waitpid(child, 0)
    # Everything that it has sent is in the socket by now.
    threading.Event().wait(0.2)
    say(exit=status >> 8 if os.WIFEXITED(status) else -os.WTERMSIG(status))


main()
