"""Answers each "\\r\\n\\r\\n" that arrives with the same bytes, one recv and one send at a time: echo.py SOCKET."""
import select
import socket
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nHello, World!\n"

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(512)
poll = select.epoll()
poll.register(listener, select.EPOLLIN)
connections = {}
while True:
    for descriptor, _ in poll.poll():
        connection = connections.get(descriptor)
        if connection is None:
            connection, _ = listener.accept()
            connections[connection.fileno()] = connection
            poll.register(connection, select.EPOLLIN)
            continue
        try:
            data = connection.recv(65536)
            requests = data.count(b"\r\n\r\n")
            if requests:
                connection.sendall(ANSWER * requests)
        except OSError:
            data = b""
        if not data:
            del connections[descriptor]
            connection.close()
