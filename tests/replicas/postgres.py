"""A PostgreSQL of the test's own: Debian's programs, a private folder, a unix socket in it, and a password for everybody."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

import harness

CLIENT = "/usr/lib/postgresql/15/bin/psql"
NOBODY = 65534  # PostgreSQL refuses to be root
READY_SECONDS, STEP_SECONDS = 60, 0.05
QUERY_SECONDS = 60
MOST_STARTS = 5  # what a killed one leaves may be in use for a moment
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # https://www.postgresql.org/docs/15/server-shutdown.html
DATABASE = OWNER = "hydra"
SETTINGS = {
    "listen_addresses": "", "jit": "off", "max_connections": "100", "shared_buffers": "64MB",
    "log_line_prefix": "%m [%p] %e ",  # with the SQLSTATE, which is counted
}
STATE = re.compile(r"\[\d+\] (\w{5}) (?:ERROR|FATAL): ")


class Postgres:
    def __init__(self):
        self.programs = subprocess.run([os.path.join(harness.TESTS, "postgres", "get")], check=True, stdout=subprocess.PIPE, text=True,
                                       stdin=subprocess.DEVNULL, timeout=600).stdout.strip()
        self.folder = tempfile.mkdtemp(prefix="replicas-pg-", dir="/tmp")
        self.password = secrets.token_hex(16)
        self._said, self._process, self._as_nobody = [], None, []
        try:
            self._own()
            self._make()
            self.start()
            self.query(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{self.password}'", database="postgres")
            self.query(f"CREATE DATABASE {DATABASE} OWNER {OWNER}", database="postgres")
        except BaseException:
            self.end()
            raise

    @property
    def socket(self):
        return os.path.join(self.folder, ".s.PGSQL.5432")

    def dsn(self, port):
        return f"postgres://{OWNER}:{self.password}@127.0.0.1:{port}/{DATABASE}?sslmode=disable&max_conns=20"

    def _own(self):
        """As root, all of it is made nobody's, and the programs come along where nobody could not reach them."""
        if os.geteuid() != 0:
            return
        unpacked = self.programs.removesuffix("/usr/lib/postgresql/15/bin")
        if unpacked:
            shutil.copytree(os.path.join(unpacked, "usr"), os.path.join(self.folder, "usr"), symlinks=True)
            self.programs = os.path.join(self.folder, "usr/lib/postgresql/15/bin")
        os.chown(self.folder, NOBODY, NOBODY)
        self._as_nobody = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]

    def _make(self):
        given = os.path.join(self.folder, "password")
        with open(given, "w", encoding="utf-8") as file:
            file.write(self.password + "\n")
        if self._as_nobody:
            os.chown(given, NOBODY, NOBODY)
        os.chmod(given, 0o600)
        command = ["setpriv", *self._as_nobody, os.path.join(self.programs, "initdb"), "--pgdata", os.path.join(self.folder, "data"),
                   "--username", "postgres", "--auth", "scram-sha-256", "--pwfile", given, "--encoding", "UTF8", "--locale", "C.UTF-8"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
                              cwd=self.folder, env=harness.environment(self.folder))
        if done.returncode != 0:
            raise RuntimeError(f"initdb: {done.stderr[-2000:]}")

    def start(self):
        """Only from a thread that stays: its end would be PostgreSQL's."""
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": self.folder}.items()]
        for _ in range(MOST_STARTS):
            self._process = harness.Process(["setpriv", *self._as_nobody, "--pdeathsig", "INT", os.path.join(self.programs, "postgres"),
                                             "-D", os.path.join(self.folder, "data"), *settings], self.folder)
            deadline = time.monotonic() + READY_SECONDS
            while self._process.alive() and time.monotonic() < deadline:
                if self.number("SELECT 1", database="postgres") == 1:
                    return
                time.sleep(STEP_SECONDS)
            said = self._process.stderr()
            self._ended()
            time.sleep(STEP_SECONDS)
        raise RuntimeError(f"PostgreSQL did not start:\n{said[-2000:]}")

    def stop(self, how=FAST):
        self._process.signal(how)
        self._process.wait(READY_SECONDS)
        self._ended()

    def _ended(self):
        self._process.end()
        self._said += self._process.err

    def end(self):
        if self._process and self._process.alive():
            self.stop(IMMEDIATE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _client(self, database):
        return [CLIENT, "-h", self.folder, "-U", "postgres", "-d", database, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1"]

    def _login(self):
        return {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10"}

    def watch(self, sql):
        """A process that asks again and again, a line for each answer; it ends when the connection does."""
        script = os.path.join(self.folder, "watch.sql")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"{sql} \\watch {STEP_SECONDS}\n")
        return harness.Process([*self._client(DATABASE), "-f", script], self.folder, self._login())

    def query(self, sql, database=DATABASE):
        """The rows, as tuples of text. RuntimeError where it cannot be asked."""
        done = subprocess.run([*self._client(database), "-f", "-"], input=sql, capture_output=True, text=True, timeout=QUERY_SECONDS,
                              check=False, env=harness.environment(self.folder, self._login()))
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()[-1000:]}")
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def number(self, sql, database=DATABASE):
        """The one number that is asked for; None while nobody answers."""
        try:
            return int(self.query(sql, database)[0][0])
        except (RuntimeError, LookupError):
            return None

    def told(self, state):
        """How often it told anybody of this SQLSTATE, since it was made."""
        lines = self._said + (self._process.err if self._process.alive() else [])
        return sum((found := STATE.search(line)) is not None and found[1] == state for line in lines)
