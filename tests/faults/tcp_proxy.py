"""A TCP proxy in front of a Hydra that cuts connections at chosen bytes of a POST or of its answer.

It knows just enough of HTTP/1.1 to see where a message begins and ends. Everything but POSTs to the clients' path
goes through whole; each such POST takes the next Fault of its list, and goes through whole when the list has ended.
What came and what Hydra answered is kept. It listens on loopback or on a unix socket, with TLS where it is told to.
"""

import contextlib
import dataclasses
import os
import re
import select
import socket
import struct
import threading
import time
import typing

LONGEST_HEAD = 64 << 10
CHUNK = 64 << 10
IDLE_SECONDS = 60  # of a kept connection, and of a Hydra that does not answer
DRAIN_SECONDS = 1  # for the other side's end after ours
HOLD_SECONDS = 15  # the longest that a POST is held back for an event
QUIET_SECONDS = 20  # for POSTs that are still on their way when the caller has ended
SMALL_BUFFER = 4096  # so that a large body does not vanish into the kernel before the connection is cut


@dataclasses.dataclass(frozen=True)
class Shape:
    """How long a message is: its head with the blank line, and all of it."""
    head: int
    total: int


Place = typing.Callable[[Shape], int]


def whole(shape):
    return shape.total


def nothing(_shape):
    return 0


@dataclasses.dataclass
class Fault:
    """What happens to one POST. Without arguments: nothing."""
    request: Place = whole  # how many of its bytes are read and passed on before the connection is cut
    answer: Place = whole  # how many bytes of Hydra's answer are passed back before it is cut
    reset: bool = False  # cut with RST instead of FIN
    deaf: bool = False  # cut Hydra's side too, without waiting for its answer
    hold: float = 0  # seconds from its arrival until any of it is passed on
    until: threading.Event | None = None  # it is passed on only then
    at_once: bytes = b""  # given to the caller at once as if it were Hydra's last answer; then the POST goes its way
    instead: bytes = b""  # given to the caller instead of Hydra's answer, when that is there
    withheld: bool = False  # it never reaches Hydra, as if it were lost on the way
    twice: bool = False  # Hydra gets it twice, and the caller the second answer: a gateway that sends again
    arrived: typing.Callable[[], None] | None = None  # called when it is there, before any of it is passed on
    under_way: typing.Callable[[], None] | None = None  # called when all but its last byte is passed on
    passed: typing.Callable[[], None] | None = None  # called when all of it is
    answered: typing.Callable[[], None] | None = None  # called when Hydra's answer is there, before any of it goes back


@dataclasses.dataclass
class Post:
    """A POST as the proxy saw it."""
    body: bytes = b""  # as far as it was read
    length: int = 0  # of the body, as the head says
    passed: bool = False  # all of it went to Hydra
    status: int | None = None  # Hydra's; None where it was not waited for or did not come


class _Ended(Exception):
    """The other side has ended the connection."""


class _Stream:
    """Exact reads from a socket."""

    def __init__(self, sock):
        self.sock = sock
        self.left = b""

    def _more(self):
        try:
            data = self.sock.recv(CHUNK)
        except OSError as error:
            raise _Ended from error
        if not data:
            raise _Ended
        self.left += data

    def exactly(self, count):
        while len(self.left) < count:
            self._more()
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def until(self, mark):
        while mark not in self.left:
            if len(self.left) > LONGEST_HEAD:
                raise _Ended
            self._more()
        return self.exactly(self.left.index(mark) + len(mark))

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise _Ended from error


def header_of(head, name):
    found = re.search(rb"(?im)^" + name + rb":[ \t]*([^\r]*)\r$", head)
    return found[1] if found else b""


def read_answer(stream):
    """The bytes of one answer, and how long its head is."""
    head = stream.until(b"\r\n\r\n")
    if b"chunked" not in header_of(head, b"Transfer-Encoding").lower():
        return head + stream.exactly(int(header_of(head, b"Content-Length") or 0)), len(head)
    body = b""
    while True:
        line = stream.until(b"\r\n")
        chunk = stream.exactly(int(line.split(b";")[0], 16) + 2)
        body += line + chunk
        if chunk == b"\r\n":
            return head + body, len(head)


def _status(answer):
    return int(answer.split(b" ", 2)[1])


def cut(stream, reset):
    """Ends a connection, by RST or by FIN. Before FIN the rest is read, since unread bytes would make it a RST."""
    sock = stream.sock
    with contextlib.suppress(OSError):
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(DRAIN_SECONDS)
            while sock.recv(CHUNK):
                pass
    sock.close()


class TcpProxy:
    """Between a caller and the Hydra at `target` (HOST, PORT). `faults`: an iterable, one for each POST to come."""

    def __init__(self, target, faults=(), unix="", context=None):
        self.target = target
        self.posts = []
        self.reads = []  # of single clients: (status, how many POSTs Hydra had answered with 201 before)
        self.cut_reads = False  # no GET of a single client gets an answer
        self.on_missing = None  # called once, before the first 404 for a single client is passed back
        self._faults = iter(faults)
        self._context = context
        self._lock = threading.Lock()  # guards what the connections' threads share: the lists above
        self._under_way = 0  # POSTs
        self._ended = threading.Event()
        self._unix = unix
        self._port = 0  # the first open() chooses one
        self._listener = None
        self.open()
        scheme = "https" if context else "http"
        self.endpoint = "unix://" + unix if unix else f"{scheme}://127.0.0.1:{self._port}"

    def open(self):
        """Listens; after close() at the same address again."""
        self._listener = socket.socket(socket.AF_UNIX if self._unix else socket.AF_INET)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # of connections that were there before
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self._listener.bind(self._unix or ("127.0.0.1", self._port))
        self._listener.listen(64)
        self._port = self._port or (0 if self._unix else self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self):
        """Listens no more; connections that are open stay so."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._unix:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._unix)

    def end(self):
        self._ended.set()
        self.close()

    def created(self):
        """How many POSTs Hydra is known to have carried out."""
        with self._lock:
            return sum(post.status == 201 for post in self.posts)

    def wait_until_quiet(self):
        """Until every POST that came has gone its way; False where that takes too long."""
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            with self._lock:
                if self._under_way == 0:
                    return True
            time.sleep(0.02)
        return False

    def _accept(self, listener):
        while not self._ended.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        hydra = None
        try:
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            sock.settimeout(IDLE_SECONDS)
            caller = _Stream(sock)
            hydra = _Stream(socket.create_connection(self.target, timeout=IDLE_SECONDS))
            while self._exchange(caller, hydra):
                pass
        except (_Ended, OSError, ValueError):
            pass  # either side may end whenever it likes
        finally:
            for end in (sock, hydra.sock if hydra else None):
                if end is not None:
                    end.close()

    def _exchange(self, caller, hydra):
        """One request and its answer; False where the connection is not kept."""
        if not caller.left:
            # A TLS socket may hold bytes that select does not see; between two requests it holds none.
            readable, _, _ = select.select([caller.sock, hydra.sock], [], [], IDLE_SECONDS)
            if caller.sock not in readable:
                return False  # Hydra has ended an idle connection, or nobody wants anything
        return self._request(caller, hydra, caller.until(b"\r\n\r\n"))

    def _request(self, caller, hydra, head):
        method, path = head.split(b" ", 2)[:2]
        path = path.split(b"?")[0]
        if method == b"POST" and path.endswith(b"/clients"):
            return self._post(caller, hydra, head)
        hydra.send(head + caller.exactly(int(header_of(head, b"Content-Length") or 0)))
        answer, _ = read_answer(hydra)
        if b"/clients/" in path and not self._passes_read(_status(answer)):
            return False
        caller.send(answer)
        return True

    def _passes_read(self, status):
        with self._lock:
            self.reads.append((status, sum(post.status == 201 for post in self.posts)))
            call = self.on_missing if status == 404 else None
            if call:
                self.on_missing = None
        if call:
            call()
        return not self.cut_reads

    def _post(self, caller, hydra, head, fault=None):
        with self._lock:
            fault = fault or next(self._faults, None) or Fault()
            post = Post(length=int(header_of(head, b"Content-Length") or 0))
            self.posts.append(post)
            self._under_way += 1
        try:
            return self._strike(caller, hydra, head, post, fault)
        finally:
            with self._lock:
                self._under_way -= 1

    def _strike(self, caller, hydra, head, post, fault):
        shape = Shape(len(head), len(head) + post.length)
        count = fault.request(shape)
        post.body = caller.exactly(max(0, min(count, shape.total) - len(head)))
        if fault.arrived:
            fault.arrived()
        if count < shape.total:
            hydra.send((head + post.body)[:count])
            cut(hydra, fault.reset)
            cut(caller, fault.reset)
            return False
        if fault.at_once:
            caller.send(fault.at_once)
            cut(caller, reset=False)
        if fault.until:
            fault.until.wait(HOLD_SECONDS)
        time.sleep(fault.hold)
        if fault.withheld:
            cut(caller, fault.reset)
            return False
        request = head + post.body
        self._pass(hydra, request, post, fault)
        return self._answer(caller, hydra, request, post, fault)

    @staticmethod
    def _pass(hydra, request, post, fault):
        hydra.send(request[:-1])
        if fault.under_way:
            fault.under_way()
        hydra.send(request[-1:])
        post.passed = True
        if fault.passed:
            fault.passed()

    @staticmethod
    def _answer(caller, hydra, request, post, fault):
        if fault.deaf:
            cut(caller, fault.reset)
            cut(hydra, fault.reset)
            return False
        if fault.answer is nothing:
            cut(caller, fault.reset)  # at once: what Hydra does, it does meanwhile
        answer, head = read_answer(hydra)
        post.status = _status(answer)
        if fault.answered:
            fault.answered()
        if fault.twice:
            hydra.send(request)
            answer, head = read_answer(hydra)
        if fault.at_once:
            return False
        answer, head = (fault.instead, len(fault.instead)) if fault.instead else (answer, head)
        count = fault.answer(Shape(head, len(answer)))
        if fault.answer is not nothing:
            caller.send(answer[:count])
        if count == len(answer):
            return True
        cut(caller, fault.reset)
        return False
