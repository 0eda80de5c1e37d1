"""The way to a Hydra that a row of the matrix disturbs: a proxy through which every request goes, and is counted.

While `trouble` is None it passes everything. A trouble is called for each request with (gate, caller, hydra, head), and
says whether the connection is kept; those that every row may use are below.
"""

import collections
import contextlib
import json
import random
import socket
import time

from tcp_proxy import CHUNK, Fault, Shape, TcpProxy, cut, header_of, read_answer

DRIPS = 600  # bytes of an answer that comes one byte a second
SILENT_SECONDS = 60  # the longest that a request is left without an answer


class Gate(TcpProxy):
    """Counts methods, and what was created by which POST."""

    def __init__(self, target, **more):
        self.methods = collections.Counter()
        self.trouble = None
        self._callers = set()
        super().__init__(target, **more)

    def _exchange(self, caller, hydra):
        with self._lock:
            self._callers.add(caller)
        try:
            return super()._exchange(caller, hydra)
        finally:
            with self._lock:
                self._callers.discard(caller)

    def _request(self, caller, hydra, head):
        with self._lock:
            self.methods[head.split(b" ", 1)[0].decode()] += 1
        trouble = self.trouble
        return trouble(self, caller, hydra, head) if trouble else self.passes(caller, hydra, head)

    def passes(self, caller, hydra, head, fault=None):
        """As without trouble; `fault` strikes a POST, and any other request in the same way."""
        if fault is None:
            return super()._request(caller, hydra, head)
        if head.startswith(b"POST "):
            return self._post(caller, hydra, head, fault)
        hydra.send(head)
        answer, answer_head = read_answer(hydra)
        caller.send(answer[:fault.answer(Shape(answer_head, len(answer)))])
        cut(caller, fault.reset)
        return False

    def cut(self):
        """Ends every connection."""
        with self._lock:
            callers = list(self._callers)
        for caller in callers:
            with contextlib.suppress(OSError):
                caller.sock.shutdown(socket.SHUT_RDWR)

    def shut(self):
        """Nobody listens there any more."""
        self.close()
        self.cut()

    def lead_to(self, target):
        self.target = target
        self.cut()

    def secure(self, context):
        """Shows another certificate from now on."""
        self._context = context
        self.cut()

    def created_ids(self):
        """The client_id of each POST that Hydra answered with 201, in their order."""
        with self._lock:
            bodies = [post.body for post in self.posts if post.status == 201]
        return [json.loads(body)["client_id"] for body in bodies]


# ---- troubles ------------------------------------------------------------------------------


def http(status, body="", content_type="application/json", **headers):
    """An answer, whole, after which the connection ends."""
    lines = [f"HTTP/1.1 {status} Trouble", f"Content-Type: {content_type}", f"Content-Length: {len(body.encode())}", "Connection: close",
             *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def answering(data):
    def trouble(_gate, caller, _hydra, head):
        caller.exactly(int(header_of(head, b"Content-Length") or 0))
        caller.send(data)
        cut(caller, reset=False)
        return False
    return trouble


def only(words, trouble, method=b"GET"):
    """Of requests whose first line holds the words."""
    def some(gate, caller, hydra, head):
        line = head.split(b"\r\n", 1)[0]
        hit = line.startswith(method) and words in line
        return trouble(gate, caller, hydra, head) if hit else gate.passes(caller, hydra, head)
    return some


def half_of_the_time(trouble):
    """By lot, always the same one."""
    lot = random.Random(7)

    def some(gate, caller, hydra, head):
        return trouble(gate, caller, hydra, head) if lot.random() < 0.5 else gate.passes(caller, hydra, head)
    return some


def cutting(gate, caller, hydra, head):
    """Half of each answer comes through; a POST has arrived."""
    return gate.passes(caller, hydra, head, Fault(answer=lambda shape: shape.total // 2, reset=True))


def silent(gate, caller, _hydra, _head):
    """The request is taken, and nothing said, until the trouble has ended or the caller goes."""
    deadline = time.monotonic() + SILENT_SECONDS
    while gate.trouble and time.monotonic() < deadline:
        time.sleep(0.05)
    cut(caller, reset=True)
    return False


def slow(seconds):
    """A link on which each request takes so long to arrive."""
    def trouble(gate, caller, hydra, head):
        time.sleep(seconds)
        return gate.passes(caller, hydra, head)
    return trouble


def dripping(gate, caller, _hydra, _head):
    """An answer that comes one byte a second."""
    caller.send(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {DRIPS}\r\n\r\n".encode())
    for _ in range(DRIPS):
        if not gate.trouble:
            return False
        caller.send(b" ")
        time.sleep(1)
    return False


def pouring(head, piece, count):
    """An answer of so many pieces, as fast as the caller takes them."""
    def trouble(gate, caller, _hydra, _head):
        caller.send(head)
        for _ in range(count):
            if not gate.trouble:
                return False
            caller.send(piece)
        return False
    return trouble


def endless_body(size):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n[".encode()
    return pouring(head, b" " * CHUNK, size // CHUNK)


def endless_headers(size):
    line = b"X-Filler: " + b"y" * 1000 + b"\r\n"
    return pouring(b"HTTP/1.1 200 OK\r\n", line, size // len(line))
