"""What every end-to-end test stands on: the real program, servers for it, and a folder of its own.

A test may start sandboxes, real Hydras, small servers and controllers; each ends with the test, and nothing
that the test did not start is ever touched. Every wait has a bound.
"""

import contextlib
import fcntl
import http.client
import http.server
import json
import os
import queue
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
import urllib.parse

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)
BUILD = os.environ.get("E2E_BUILD", os.path.join(ROOT, "build", "release"))
PROGRAM = os.path.join(BUILD, "hydra-clients")
SANDBOX = os.path.join(BUILD, "hydra-sandbox")

READY_SECONDS = 120  # of a server on a busy machine
CATCH_UP_SECONDS = 2
CATCH_UP_STEP_SECONDS = 0.02
STOP_SECONDS = 20
COMMAND_SECONDS = 120  # of a command that should end by itself
EVENTUALLY_SECONDS = 30
LONGEST_FOLDER = 60  # a socket's path has 107 bytes
SCRUBBED = ("HYDRA_", "ORY_", "OAUTH2_", "GNUPG", "GPG_")  # of the caller's environment


def is_shipped():
    """A build for debuggers lets them in (controller/cli/program.cpp), and one of a sanitizer keeps what was freed."""
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as cache:
        return "CMAKE_BUILD_TYPE:STRING=Release\n" in cache.read()


of_what_is_shipped = unittest.skipUnless(is_shipped(), "of the program as it is shipped: this build is for debuggers and sanitizers")


def environment(home, extra=None):
    """A small environment: nothing of the caller's that the program or a tool of the tests would read."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(SCRUBBED) and not name.lower().endswith("_proxy")}
    return {**kept, "HOME": home, "TMPDIR": home, "LC_ALL": "C.UTF-8", **(extra or {})}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def fetch(url, method="GET", body=None, headers=None, timeout=20, context=None):
    """One HTTP request, without proxies and redirects. `url` may be unix:PATH followed by "!" and a target."""
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    if url.startswith("unix:"):
        path, target = url[len("unix:"):].split("!")
        connection = _UnixConnection(path, timeout)
    else:
        parts = urllib.parse.urlsplit(url)
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request(method, target, body=data, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


class Process:
    """A program in the background. Its standard output and error are read as they come, so that it never waits for us."""

    def __init__(self, command, folder, env=None):
        self.lines = queue.Queue()
        self.out, self.err = [], []
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment(folder, env), cwd=folder, start_new_session=True)
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, kept):
        for line in stream:
            text = line.decode("utf-8", "replace")
            kept.append(text)
            if kept is self.out:
                self.lines.put(text)
        if kept is self.out:
            self.lines.put("")

    @property
    def pid(self):
        return self.process.pid

    def stdout(self):
        return "".join(self._caught_up(self.process.stdout, self.out))

    def stderr(self):
        return "".join(self._caught_up(self.process.stderr, self.err))

    def _caught_up(self, stream, kept):
        """What was written so far: on a busy machine the reader may be behind by what still lies in the pipe."""
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            before = len(kept)
            waiting = int.from_bytes(fcntl.ioctl(stream, termios.FIONREAD, b"\0" * 4), sys.byteorder)
            time.sleep(CATCH_UP_STEP_SECONDS)
            if waiting == 0 and len(kept) == before:
                break
        return list(kept)

    def first_line(self, seconds=READY_SECONDS):
        try:
            return self.lines.get(timeout=seconds)
        except queue.Empty:
            return ""

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=STOP_SECONDS):
        """The exit code. A process that does not end in time fails the test."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(STOP_SECONDS)
        return code

    def kill(self):
        """At once, as a crash would."""
        if self.alive():
            self.process.kill()
        self.process.wait()

    def end(self):
        """By SIGTERM, else by SIGKILL: its process group, which is ours alone."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        for reader in self._readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()


class Server(Process):
    """A process that says `listening on …` when it is ready."""

    def __init__(self, command, folder, env=None):
        super().__init__(command, folder, env)
        line = self.first_line()
        if not line.startswith("listening on "):
            self.end()
            raise RuntimeError(f"{os.path.basename(command[0])} did not start:\n{self.stderr()[-2000:]}")
        self.address = line[len("listening on "):].strip()

    @property
    def endpoint(self):
        """As hydra-clients takes it."""
        return self.address.replace("unix:", "unix://", 1) if self.address.startswith("unix:") else self.address

    def url(self, target):
        return self.address + "!" + target if self.address.startswith("unix:") else self.address + target

    def fetch(self, target, method="GET", body=None, **options):
        return fetch(self.url(target), method, body, **options)


class Sandbox(Server):
    """The in-memory Hydra admin API of tests/sandbox, with its own paths for control."""

    def __init__(self, folder, dialect="v2.3", listen="127.0.0.1:0", arguments=(), context=None):
        self.dialect = dialect
        self.context = context
        super().__init__([SANDBOX, "--dialect", dialect, "--listen", listen, *arguments], folder)

    def control(self, target, method="GET", body=None):
        answer = self.fetch("/sandbox" + target, method, body, context=self.context)
        if answer.status >= 300:
            raise RuntimeError(f"/sandbox{target}: {answer.status} {answer.text()}")
        return answer.json() if answer.body.strip() else None

    def clients(self):
        """By id, with their secrets in the clear."""
        return {client["client_id"]: client for client in self.control("/clients")}

    def preload(self, clients):
        self.control("/clients", "PUT", clients)

    def lose_database(self):
        self.control("/clients", "DELETE")

    def requests(self):
        return self.control("/requests")

    def writes(self):
        return self.requests()["writes"]

    def forget_requests(self):
        self.control("/requests", "DELETE")

    def disconnect(self):
        """Ends every open connection, the one that asks for it too."""
        with contextlib.suppress(http.client.HTTPException, OSError):
            self.control("/disconnect", "POST")

    def faults(self, *rules):
        self.control("/faults", "PUT", list(rules))


class Hydra(Server):
    """A real ORY Hydra (tests/hydra/serve), with a database that is gone with it."""

    def __init__(self, folder, version, arguments=()):
        self.version = version
        info = os.path.join(folder, f"hydra-{free_port()}.info")
        real_home = {"HOME": os.environ.get("HOME", "/root")}  # where the built Hydras are kept
        super().__init__([os.path.join(TESTS, "hydra", "serve"), version, "--info", info, *arguments], folder, real_home)
        with open(info, encoding="utf-8") as lines:
            self.info = dict(line.rstrip("\n").split("=", 1) for line in lines)

    @property
    def clients_path(self):
        return "/clients" if self.version.startswith("v1") else "/admin/clients"

    def client(self, client_id):
        answer = self.fetch(self.clients_path + "/" + urllib.parse.quote(client_id, safe=""))
        return answer.json() if answer.status == 200 else None

    def ids(self):
        size = "limit=500" if self.version.startswith("v1") else "page_size=1000"
        return sorted(client["client_id"] for client in self.fetch(f"{self.clients_path}?{size}").json())

    def token(self, client_id, secret):
        """What an application does: a client_credentials request, with HTTP Basic."""
        import base64  # pylint: disable=import-outside-toplevel
        pair = f"{urllib.parse.quote_plus(client_id)}:{urllib.parse.quote_plus(secret)}"
        return fetch(self.info["public"].rstrip("/") + "/oauth2/token", "POST", b"grant_type=client_credentials",
                     {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
                      "Content-Type": "application/x-www-form-urlencoded"})


class Web:
    """A small HTTP server of the test's own: it answers by a function of the handler, and keeps what was asked."""

    def __init__(self, answer, context=None):
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(handler):  # pylint: disable=no-self-argument
                length = int(handler.headers.get("Content-Length") or 0)
                body = handler.rfile.read(length)
                self.seen.append((handler.command, handler.path, dict(handler.headers), body))
                status, headers, text = answer(handler.command, handler.path, handler.headers)
                data = text if isinstance(text, bytes) else text.encode()
                handler.send_response(status)
                for name, value in headers.items():
                    handler.send_header(name, value)
                handler.send_header("Content-Length", str(len(data)))
                handler.end_headers()
                handler.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """A caller that hangs up is what some tests are about."""

        self.server = Listener(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Result:
    """What a command that ended left behind."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def json(self):
        return json.loads(self.out)

    def said(self):
        return self.out + self.err

    def __str__(self):
        return f"exit code {self.code}\n--- standard output\n{self.out[-4000:]}\n--- standard error\n{self.err[-4000:]}"


class Controller(Process):
    """`hydra-clients run` in the background."""

    def __init__(self, arguments, folder, env=None, wrapper=(), port=None):
        self.port = port or free_port()
        super().__init__([*wrapper, PROGRAM, "run", "--listen", f"127.0.0.1:{self.port}", *arguments], folder, env)

    def get(self, path, method="GET"):
        return fetch(f"http://127.0.0.1:{self.port}{path}", method)

    def status(self):
        return self.get("/status").json()

    def metric(self, name, **labels):
        """The value of hydra_clients_NAME{labels}; None where there is no such series."""
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        for line in self.get("/metrics").text().splitlines():
            match = re.fullmatch(r"hydra_clients_(\w+)(?:\{(.*)\})? (\S+)", line)
            if match and match[1] == name and wanted == set((match[2] or "").split(",")) - {""}:
                return float(match[3])
        return None

    def cycles(self):
        try:
            return sum(self.metric("reconcile_total", result=result) or 0 for result in ("success", "degraded", "failed"))
        except OSError:
            return 0  # not listening yet

    def log(self, *words):
        """The lines of the log that hold all the words."""
        return [line for line in self.stderr().splitlines() if all(word in line for word in words)]


_shared = {}  # real Hydras of this module, by version


class Case(unittest.TestCase):
    """One end-to-end test, with a folder of its own."""

    maxDiff = None

    def setUp(self):
        parent = tempfile.gettempdir()
        self.folder = tempfile.mkdtemp(prefix="e2e-", dir=parent if len(parent) < LONGEST_FOLDER else "/tmp")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    # ---- files ---------------------------------------------------------------------------

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        """Writes text, bytes, or anything else as JSON; gives the path. Renamed into place, as an editor does."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not isinstance(content, (str, bytes)):
            content = json.dumps(content)
        data = content if isinstance(content, bytes) else content.encode()
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.replace(path + ".new", path)
        return path

    def manifests(self, clients, folder="manifests"):
        """One file for each client; gives the folder."""
        for client in clients:
            self.write(f"{folder}/{client['client_id']}.json", client)
        return self.path(folder)

    # ---- servers -------------------------------------------------------------------------

    def sandbox(self, dialect="v2.3", listen="127.0.0.1:0", arguments=(), context=None):
        server = Sandbox(self.folder, dialect, listen, arguments, context)
        self.addCleanup(server.end)
        return server

    def require_hydra(self, version):
        """A real Hydra that cannot be had is a skip with the reason; with CI=true a failure."""
        get = [os.path.join(TESTS, "hydra", "get"), version]
        built = subprocess.run(get, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2400, check=False)
        if built.returncode != 0:
            reason = f"Hydra {version} cannot be had: {(built.stderr.strip().splitlines() or ['no reason given'])[-1]}"
            if os.environ.get("CI") == "true":
                self.fail(reason)
            self.skipTest(reason)

    def hydra(self, version, arguments=()):
        """A real Hydra of the test's own."""
        self.require_hydra(version)
        server = Hydra(self.folder, version, arguments)
        self.addCleanup(server.end)
        return server

    def shared_hydra(self, version):
        """A real Hydra that the tests of a module share, since v1 takes seconds to start: a test uses ids of its own."""
        if version not in _shared:
            self.require_hydra(version)
            folder = tempfile.mkdtemp(prefix="e2e-hydra-", dir="/tmp")
            unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
            _shared[version] = Hydra(folder, version)
            unittest.addModuleCleanup(_shared[version].end)
            unittest.addModuleCleanup(_shared.pop, version)
        return _shared[version]

    def web(self, answer, context=None):
        server = Web(answer, context)
        self.addCleanup(server.end)
        return server

    def controller(self, endpoint, manifests, *arguments, env=None):
        controller = Controller(["--endpoint", endpoint, "--manifests", manifests, *arguments], self.folder, env)
        self.addCleanup(controller.end)
        return controller

    # ---- commands ------------------------------------------------------------------------

    def command(self, *arguments, stdin=None, env=None, wrapper=(), timeout=COMMAND_SECONDS):
        """Runs hydra-clients to its end."""
        began = time.monotonic()
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run([*wrapper, PROGRAM, *arguments], capture_output=True, timeout=timeout, check=False,
                              env=environment(self.folder, env), cwd=self.folder, **given)
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"),
                      time.monotonic() - began)

    def background(self, *arguments, env=None):
        """Starts hydra-clients and leaves it running."""
        program = Process([PROGRAM, *arguments], self.folder, env)
        self.addCleanup(program.end)
        return program

    def succeed(self, *arguments, **options):
        result = self.command(*arguments, **options)
        self.assertEqual(result.code, 0, result)
        return result

    def fail_with(self, code, *arguments, says=(), **options):
        """The command ends with that code and says all these words on standard error."""
        result = self.command(*arguments, **options)
        self.assertEqual(result.code, code, result)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, result.err, result)
        return result

    # ---- waiting -------------------------------------------------------------------------

    # What a question may end with as long as its answer is not there.
    NOT_YET = (OSError, http.client.HTTPException, ValueError)

    def eventually(self, holds, what, within=EVENTUALLY_SECONDS):
        """Asks until the answer is truthy, and gives it. A server that does not answer yet is no failure."""
        deadline = time.monotonic() + within
        while True:
            try:
                answer = holds()
            except self.NOT_YET as error:
                answer, last = None, error
            else:
                last = answer
            if answer:
                return answer
            if time.monotonic() > deadline:
                self.fail(f"not within {within} s: {what} (last seen: {last!r})")
            time.sleep(0.03)

    def wait_for_cycles(self, controller, count=1):
        self.eventually(lambda: controller.cycles() >= count, f"{count} cycles; log:\n{controller.stderr()[-3000:]}")


def public_client(client_id, **fields):
    """A client that needs no secret."""
    return {"client_id": client_id, "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"],
            "response_types": ["code"], "redirect_uris": ["https://app.example.com/callback"], "scope": "openid", **fields}


def worker_client(client_id, **fields):
    """A client that needs a secret, and gets tokens with it."""
    return {"client_id": client_id, "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_basic", "scope": "orders.read", **fields}


def public_clients(count, prefix="app-"):
    return [public_client(f"{prefix}{number:04d}") for number in range(count)]


class Certificates:
    """A CA, a server's certificate for 127.0.0.1 and localhost, and a caller's, made by openssl in a folder."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.ca, self.ca_key = self._path(f"{name}.pem"), self._path(f"{name}.key")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                      "-subj", f"/CN=Test {name}", "-keyout", self.ca_key, "-out", self.ca)
        self.cert, self.key = self.issue(f"{name}-server", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.client_cert, self.client_key = self.issue(f"{name}-client", "extendedKeyUsage=clientAuth")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)

    def issue(self, name, extension, days=2):
        """Without days it ends at once."""
        key, request, cert, config = (self._path(f"{name}.{end}") for end in ("key", "csr", "pem", "ext"))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", key, "-out", request)
        with open(config, "w", encoding="utf-8") as file:
            file.write(extension + "\n")
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key, "-CAcreateserial", "-days", str(days),
                      "-extfile", config, "-out", cert)
        return cert, key

    def trusting(self, with_client_certificate=False):
        context = ssl.create_default_context(cafile=self.ca)
        if with_client_certificate:
            context.load_cert_chain(self.client_cert, self.client_key)
        return context

    def serving(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context
