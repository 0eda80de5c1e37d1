"""Git remotes on loopback, served as people's are: by file://, by a real sshd, by https with a password.

    origin = Origin(folder)                                 # a bare repository that tests commit to
    first = origin.commit({"clients/app.json": "{…}"})
    with HttpsRemote(origin.path, folder) as remote:
        command("fetch", *remote.flags(), "--state-dir", state)
        subprocess.run(["git", "ls-remote", remote.url], env=remote.env())

Each remote keeps what it needs in a folder of its own below the one given, listens on a free port, and ends only what
it started. Whoever imports this has tests/e2e on its path.
"""

import base64
import contextlib
import dataclasses
import getpass
import http.server
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

from harness import READY_SECONDS, STOP_SECONDS, Certificates, environment, free_port

GIT_SECONDS = 120
STARTS = 5  # of an sshd, whose port may be taken by somebody else meanwhile
SSHD = "/usr/sbin/sshd"
SSHD_FOLDER = "/run/sshd"  # where it locks itself in, run by root
CHUNK = 65536
AUTHOR = {"GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.org",
          "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.org"}


def git_environment(home, extra=None):
    """For git's own command: no configuration of the machine or of the user, and never a question."""
    return environment(home, {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
                              **AUTHOR, **(extra or {})})


def git(*arguments, folder, env=None, stdin=None):
    """Runs git in a folder; its standard output, without the last newline."""
    done = subprocess.run(["git", *arguments], cwd=folder, env=env or git_environment(folder), input=stdin, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=GIT_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.removesuffix("\n")


class Origin:
    """A bare repository and a work tree from which it is committed to."""

    def __init__(self, folder, name="origin", branch="main"):
        self.path = os.path.join(folder, f"{name}.git")
        self._tree = os.path.join(folder, f"{name}.tree")
        self._branch = branch
        git("init", "-q", "--bare", "-b", branch, self.path, folder=folder)
        git("init", "-q", "-b", branch, self._tree, folder=folder)

    def commit(self, files, branch=None, push=True, amend=False):
        """Commits files ({path: text}, None to remove one), pushes them, by force where history was rewritten, and
        gives the commit's id."""
        for path, text in files.items():
            file = os.path.join(self._tree, path)
            if text is None:
                os.remove(file)
                continue
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as out:
                out.write(text if isinstance(text, bytes) else text.encode())
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change", *(["--amend"] if amend else []))
        if push:
            self.push(branch)
        return self.git("rev-parse", "HEAD")

    def push(self, branch=None):
        git("push", "-q", "--force", self.path, f"HEAD:refs/heads/{branch or self._branch}", folder=self._tree)

    def git(self, *arguments):
        """git in the work tree."""
        return git(*arguments, folder=self._tree)

    def served(self, *arguments):
        """git in the repository itself."""
        return git(*arguments, folder=self.path)


class _Remote:
    """What the three have in common. A context manager; start() and stop() may be called again and again."""

    url = ""

    def __init__(self, repository, folder=None):
        self.repository = os.path.abspath(repository)
        self.folder = tempfile.mkdtemp(prefix="remote-", dir=folder)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        """Serves, at the same address as before."""

    def stop(self):
        """Serves no more."""

    def end(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def flags(self):
        """What hydra-clients is to be told to fetch from here."""
        return ["--git-url", self.url]

    def env(self):
        """The environment in which git's own command can fetch from here and push to it."""
        return git_environment(self.folder)

    def secrets(self):
        """What may stand in no log and on no command line."""
        return []

    def _write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8", opener=lambda file, flags: os.open(file, flags, mode)) as out:
            out.write(text)
        os.replace(path + ".new", path)
        return path


class FileRemote(_Remote):
    """file://: nothing is started."""

    def __init__(self, repository, folder=None):
        super().__init__(repository, folder)
        self.url = "file://" + urllib.parse.quote(self.repository)


class SshRemote(_Remote):
    """An sshd of the test's own, run by the current user, who is the one that logs in with a key.

    known_hosts is written at the first start, and then left to the test.
    """

    def __init__(self, repository, folder=None, key_type="ed25519", options=()):
        super().__init__(repository, folder)
        self.user = getpass.getuser()
        self.options = list(options)  # further lines of sshd_config
        self.host_keys = [self.make_key("host_ed25519", "ed25519"), self.make_key("host_ecdsa", "ecdsa")]
        self.key = self.make_key("key", key_type)
        self.authorize(self.key)
        self._sshd = None
        self.port = 0

    @property
    def url(self):
        return f"ssh://{self.user}@127.0.0.1:{self.port}{urllib.parse.quote(self.repository)}"

    @property
    def known_hosts(self):
        return os.path.join(self.folder, "known_hosts")

    def make_key(self, name, key_type, passphrase=""):
        """A key pair; the path of its private half. One that is there already is replaced."""
        path = os.path.join(self.folder, name)
        for old in (path, path + ".pub"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(old)
        subprocess.run(["ssh-keygen", "-q", "-t", key_type, "-N", passphrase, "-C", name, "-f", path], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return path

    def authorize(self, key):
        """From now on this key alone opens the door."""
        shutil.copy(key + ".pub", os.path.join(self.folder, "authorized_keys"))

    def know(self, *host_keys):
        """Writes known_hosts with these of the server's keys."""
        self._write("known_hosts", "".join(f"[127.0.0.1]:{self.port} {self.public(key)}\n" for key in host_keys))

    @staticmethod
    def public(key):
        with open(key + ".pub", encoding="utf-8") as file:
            return " ".join(file.read().split()[:2])

    def start(self):
        if self._sshd:
            return
        first = not self.port
        for _ in range(STARTS):
            self.port = free_port() if first else self.port
            log = self._start()
            if self._sshd:
                break
            if "Address already in use" not in log:
                raise RuntimeError(f"sshd did not start:\n{log[-2000:]}")
        if first:
            self.know(*self.host_keys)

    def _start(self):
        """Its log, from which it is seen whether it serves."""
        if os.geteuid() == 0:
            os.makedirs(SSHD_FOLDER, mode=0o755, exist_ok=True)
        config = self._write("sshd_config", "\n".join([
            f"Port {self.port}", "ListenAddress 127.0.0.1", *(f"HostKey {key}" for key in self.host_keys),
            f"AuthorizedKeysFile {self.folder}/authorized_keys", f"PidFile {self.folder}/sshd.pid", "StrictModes no",
            "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin yes",
            "PrintMotd no", "LogLevel VERBOSE", "MaxStartups 100", *self.options, ""]))
        with open(self._log, "wb") as log:
            self._sshd = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          env=git_environment(self.folder), start_new_session=True)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._sshd.poll() is None:
            if f"Server listening on 127.0.0.1 port {self.port}" in self.log():
                return self.log()
            time.sleep(0.02)
        self.stop()
        return self.log()

    @property
    def _log(self):
        return os.path.join(self.folder, "sshd.log")

    def log(self):
        with open(self._log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        if not self._sshd:
            return
        self._sshd.terminate()
        try:
            self._sshd.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._sshd.kill()
            self._sshd.wait()
        self._sshd = None

    def flags(self):
        return ["--git-url", self.url, "--git-ssh-key-file", self.key, "--git-known-hosts", self.known_hosts]

    def env(self):
        command = ["ssh", "-F", "/dev/null", "-i", self.key, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes",
                   "-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "BatchMode=yes"]
        return git_environment(self.folder, {"GIT_SSH_COMMAND": " ".join(command)})


@dataclasses.dataclass
class Request:
    method: str
    path: str
    host: str
    authorization: str


class HttpRemote(_Remote):
    """git http-backend behind an HTTP server of our own that asks for a user and a password."""

    scheme = "http"
    host = "127.0.0.1"

    def __init__(self, repository, folder=None, user="fetcher", password="a-password-of-the-fetcher"):
        super().__init__(repository, folder)
        self.port = 0
        self.user, self.password = user, password  # what the server wants from now on; "" for nobody in particular
        self.store(user, password)
        self.requests = []
        self.answer = None  # (status, headers, body): what every request gets instead
        self.redirects = {}  # {path: URL or path}, for requests of no other path
        self.held = threading.Event()  # while it is set no request gets an answer
        self.trickle = 0.0  # seconds between two bytes of an answer's body
        self._server = None

    @property
    def url(self):
        return f"{self.scheme}://{self.host}:{self.port}/{urllib.parse.quote(os.path.basename(self.repository))}"

    @property
    def credentials(self):
        return os.path.join(self.folder, "credentials")

    def store(self, user, password):
        """Writes the file of credentials, in the form of git's own credential store."""
        self._user, self._password = user, password
        self._write_credentials()

    def _write_credentials(self):
        quoted = [urllib.parse.quote(word, safe="") for word in (self._user, self._password)]
        port = f":{self.port}" if self.port else ""
        self._write("credentials", f"{self.scheme}://{':'.join(quoted)}@{self.host}{port}\n")

    def start(self):
        if self._server:
            return
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.remote = self
        self.port = self._server.server_address[1]
        self._secure(self._server)
        self._write_credentials()
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _secure(self, server):
        pass

    def stop(self):
        if not self._server:
            return
        self.held.clear()
        server, self._server = self._server, None
        server.shutdown()
        server.server_close()
        server.end_connections()

    def flags(self):
        return ["--git-url", self.url, "--git-credentials-file", self.credentials]

    def env(self):
        return git_environment(self.folder, {
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "credential.helper",
            "GIT_CONFIG_VALUE_0": f"store --file={self.credentials}"})

    def secrets(self):
        return [self.password]


class HttpsRemote(HttpRemote):
    """The same with TLS, by a CA of the test's own."""

    scheme = "https"
    host = "localhost"  # mbedTLS 2.28, with which Debian's libgit2 is built, compares no IP addresses

    def __init__(self, repository, folder=None, **options):
        super().__init__(repository, folder, **options)
        self.certificates = Certificates(self.folder)

    @property
    def ca(self):
        return self.certificates.ca

    def _secure(self, server):
        server.context = self.certificates.serving()

    def flags(self):
        return [*super().flags(), "--git-ca-file", self.ca]

    def env(self):
        return {**super().env(), "GIT_SSL_CAINFO": self.ca}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    remote = None
    context = None

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._lock = threading.Lock()  # guards the set below
        self._connections = set()

    def finish_request(self, request, client_address):
        if self.context:  # on the connection's own thread: a caller that says nothing holds up nobody
            request.settimeout(STOP_SECONDS)
            request = self.context.wrap_socket(request, server_side=True)
            request.settimeout(None)
        with self._lock:
            self._connections.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)
            request.close()

    def end_connections(self):
        """As a server's end does."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(2)

    def handle_error(self, request, client_address):
        pass  # a caller may end its connection at any time


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):  # noqa: A002
        pass

    @property
    def remote(self):
        return self.server.remote

    def do_GET(self):
        self._serve(b"")

    def do_POST(self):
        self._serve(self._body())

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _serve(self, body):
        given = self.headers.get("Authorization", "")
        self.remote.requests.append(Request(self.command, self.path, self.headers.get("Host", ""), given))
        while self.remote.held.is_set() and not self._caller_left():
            time.sleep(0.02)
        if self.remote.answer:
            self._answer(*self.remote.answer)
        elif self.path in self.remote.redirects:
            self._answer(302, {"Location": self.remote.redirects[self.path], "Content-Type": "text/plain"}, b"there\n")
        elif self.remote.user and given != self._wanted():
            # libgit2 1.5 reads no body that comes without a type.
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"', "Content-Type": "text/plain"}, b"who are you?\n")
        else:
            self._run_backend(body)

    def _caller_left(self):
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)  # whoever waits for an answer says nothing

    def _wanted(self):
        pair = f"{self.remote.user}:{self.remote.password}".encode()
        return "Basic " + base64.b64encode(pair).decode()

    def _answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _run_backend(self, body):
        target = urllib.parse.urlsplit(self.path)
        variables = {
            "GIT_PROJECT_ROOT": os.path.dirname(self.remote.repository), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": urllib.parse.unquote(target.path), "QUERY_STRING": target.query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "REMOTE_USER": self.remote.user,
            "REMOTE_ADDR": "127.0.0.1", "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
        with subprocess.Popen(["git", "http-backend"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=git_environment(self.remote.folder, variables)) as backend:
            try:
                threading.Thread(target=self._feed, args=(backend.stdin, body), daemon=True).start()
                self._pass_on(backend.stdout)
            finally:
                backend.kill()

    @staticmethod
    def _feed(stdin, body):
        with contextlib.suppress(OSError):
            stdin.write(body)
            stdin.close()

    def _pass_on(self, cgi):
        headers = {}
        while line := cgi.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.strip()] = value.strip()
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while data := cgi.read1(CHUNK):
            self._send_slowly(data)
        self.wfile.write(b"0\r\n\r\n")

    def _send_slowly(self, data):
        step = 1 if self.remote.trickle else len(data)
        for start in range(0, len(data), step):
            piece = data[start:start + step]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(self.remote.trickle)
