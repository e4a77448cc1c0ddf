"""Control sockets: JSON objects, one a line. Between supervisor and template process, and between template and workers."""

import json

#: Longest line anybody may send: a configuration with many applications, or a traceback.
LONGEST_LINE = 1 << 20


def encode(**message):
    """A message as it goes over the socket."""
    return json.dumps(message).encode() + b"\n"


class Control:
    """One end of a control socket."""

    def __init__(self, sock):
        self._socket = sock
        self._rest = b""

    def fileno(self):
        return self._socket.fileno()

    def first_message(self):
        """Waits for one message; None when the other side went away instead. What came behind it is kept for receive()."""
        while b"\n" not in self._rest:
            data = self._socket.recv(65536)
            if not data:
                return None
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return json.loads(line)

    def receive(self):
        """The messages that have arrived, None at the end of the socket; waits for some if the socket is a blocking one."""
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            return None
        return [json.loads(line) for line in lines]

    def pending(self):
        """Messages that came together with the first one."""
        *lines, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in lines]

    def send(self, **message):
        """Never raises: a peer that is gone is seen by the next receive()."""
        self.send_encoded(encode(**message))

    def send_encoded(self, line):
        """As send(), for what encode() has made."""
        try:
            self._socket.sendall(line)
        except OSError:
            pass

    def close(self):
        self._socket.close()
