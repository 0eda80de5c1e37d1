"""Starts one server for one suite, in a folder of its own, and ends it: the sandbox or a real Hydra, on TCP or a unix socket."""

import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
START_SECONDS = 120
STOP_SECONDS = 20
LONGEST_FOLDER = 60  # a socket's path has 107 bytes


class CannotStart(Exception):
    pass


class Server:
    """`name` is "sandbox:v2.3" or "hydra:v2.3.0"; a context manager whose value is the endpoint's URL."""

    def __init__(self, name, transport, build):
        self.kind, self.version = name.split(":")
        self.transport = transport
        self.build = build

    def __enter__(self):
        parent = tempfile.gettempdir()
        self.folder = tempfile.mkdtemp(prefix="contract-", dir=parent if len(parent) < LONGEST_FOLDER else "/tmp")
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8", errors="replace")
        try:
            self.process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=self.log, text=True, start_new_session=True)
        except OSError as error:
            self._remove()
            raise CannotStart(str(error)) from error
        line = self._first_line()
        if not line.startswith("listening on "):
            self._stop()
            self.log.seek(0)
            said = self.log.read()[-2000:]
            self._remove()
            raise CannotStart(f"not ready within {START_SECONDS} s:\n{said}")
        return line[len("listening on "):].strip()

    def _command(self):
        socket = os.path.join(self.folder, "admin.sock")
        if self.kind == "hydra":
            where = ["--unix", socket] if self.transport == "unix" else ["--tcp"]
            return [os.path.join(TESTS, "hydra", "serve"), self.version, *where]
        where = f"unix:{socket}" if self.transport == "unix" else "127.0.0.1:0"
        return [os.path.join(self.build, "hydra-sandbox"), "--dialect", self.version, "--listen", where]

    def _first_line(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.process.stdout.readline()), daemon=True).start()
        try:
            return lines.get(timeout=START_SECONDS)
        except queue.Empty:
            return ""

    def _stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process.stdout.close()

    def _remove(self):
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __exit__(self, *_):
        self._stop()
        self._remove()
        return False


def build_hydra(version, seconds=2400):
    """"" when the real server is there, built now if need be; else the reason why not."""
    get = [os.path.join(TESTS, "hydra", "get"), version]
    try:
        built = subprocess.run(get, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if built.returncode == 0:
        return ""
    said = [line for line in built.stderr.strip().splitlines() if line]
    return said[-1] if said else f"exit code {built.returncode}"
