"""Servers that mean harm."""

import contextlib
import gzip
import socket
import threading


class Flood:
    """A server that answers every request with a beginning, and then with the same for ever."""

    def __init__(self, begin, again, context=None):
        self.begin, self.again, self.context = begin, again * max(1, 4096 // max(1, len(again))), context
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.sent = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.settimeout(10)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            connection.recv(65536)
            connection.sendall(self.begin)
            while not self.stopped.is_set():
                connection.sendall(self.again)
                self.sent += len(self.again)

    def end(self):
        self.stopped.set()
        self.listener.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(b"[" + b" " * (64 << 20))
FLOODS = {
    "a status line": (b"HTTP/1.1 200 ", b"OK"),
    "a field of the head": (OK + b"X-A: ", b"a"),
    "fields of the head": (OK, b"X-A: a\r\n"),
    "promises of an answer": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a chunk's extension": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;x=", b"x"),
    "a chunk's length": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"),
    "trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: a\r\n"),
    "ten gigabytes": (OK + b"Content-Length: 10737418240\r\n\r\n", b" "),
    "more than can be counted": (OK + b"Content-Length: 99999999999999999999999999\r\n\r\n", b" "),
    "a body without an end": (OK + b"Connection: close\r\n\r\n", b" "),
    "a bomb": (OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BOMB) + BOMB + b"\r\n", b"1\r\n \r\n"),
    "a body of brackets": (OK + b"Connection: close\r\n\r\n", b"["),
    "no HTTP at all": (b"", b"\x00\xff"),
}
