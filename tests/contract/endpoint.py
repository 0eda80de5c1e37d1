"""One HTTP request to an endpoint, http://HOST:PORT or unix:PATH, byte for byte as a case gives it.

http.client as it is, but for unix sockets and for paths and bodies that it would rather correct.
"""

import http.client
import socket
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Answer:
    """status is 0 when the connection ended without an answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    def text(self):
        return self.body.decode("utf-8", "surrogateescape")


class Endpoint:
    def __init__(self, url):
        self.url = url
        self._connection = None

    def _connect(self):
        if self.url.startswith("unix:"):
            path = self.url[len("unix:"):]
            return _UnixConnection(path[2:] if path.startswith("//") else path)
        parts = urlsplit(self.url)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)

    def send(self, method, path, body=None, headers=None):
        """The answer to one request; the connection is kept for the next."""
        fresh = self._connection is None
        try:
            return self._send(method, path, body, headers or {})
        except (http.client.HTTPException, OSError):
            self.close()
            if fresh:
                return Answer(0, [], b"")
        # An idle connection may have ended meanwhile: one more try, on a new one.
        try:
            return self._send(method, path, body, headers or {})
        except (http.client.HTTPException, OSError):
            self.close()
            return Answer(0, [], b"")

    def _send(self, method, path, body, headers):
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection._validate_path = lambda url: None
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            body = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        if response.will_close:
            self.close()
        return answer

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None
