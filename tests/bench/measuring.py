"""What the benchmarks share: clients to write, Hydras, commands that are measured, figures and their spread."""

import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
ROOT = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "e2e"))

import harness  # noqa: E402
from repositories import Checkout, git  # noqa: E402,F401  # for the benchmarks

HYDRA_VERSION = "v2.3.0"
HYDRA_V1 = "v1.11.10"


def client(number):
    """As people write them: a confidential web application, about 1 KB in Hydra's answers."""
    name = f"bench-{number:05d}"
    return {
        "client_id": name,
        "client_name": f"Application {number}",
        "client_secret": f"the-secret-of-{name}-0123456789",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid offline profile email",
        "redirect_uris": [f"https://{name}.example.com/callback", f"https://{name}.example.com/silent"],
        "post_logout_redirect_uris": [f"https://{name}.example.com/goodbye"],
        "audience": ["https://api.example.com"],
        "contacts": [f"{name}@example.com"],
        "metadata": {"team": f"team-{number % 20}", "tier": number % 3},
    }


MEGABYTE = 1e6
KINDS = {"a file each": "folder", "one array": "array_folder"}  # of folders of manifests: name, and attribute of Inputs


class Inputs:
    """The same clients as one array, and as a folder of files."""

    def __init__(self, folder, count):
        self.array = os.path.join(folder, "all.json")
        self.array_folder = os.path.join(folder, "array")
        self.folder = os.path.join(folder, "files")
        clients = [client(number) for number in range(count)]
        os.makedirs(self.folder)
        os.makedirs(self.array_folder)
        self.count = count
        for path in (self.array, os.path.join(self.array_folder, "all.json")):
            write_json(path, clients)
        for one in clients:
            write_json(os.path.join(self.folder, one["client_id"] + ".json"), one)
        self.files = sorted(os.path.join(self.folder, name) for name in os.listdir(self.folder))


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)


class Taken:
    """What one command took."""

    def __init__(self, seconds, cpu_seconds, peak_bytes):
        self.seconds, self.cpu_seconds, self.peak_bytes = seconds, cpu_seconds, peak_bytes


def measure(command, folder, started=None):
    """Runs a command, its output into the file "out" of the folder, and nothing on its standard input. `started` is
    told its process id; without one, it runs under /usr/bin/time, which knows its peak memory: what the kernel tells
    of a child of this process would be no less than this process's own."""
    out, err, memory = (os.path.join(folder, name) for name in ("out", "err", "memory"))
    timed = [] if started else ["/usr/bin/time", "--format", "%M", "--output", memory]
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen([*timed, *command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=harness.environment(folder),
                                   cwd=folder)
        if started:
            started(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}:\n{read(err)[-2000:]}\n{read(out)[-2000:]}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, int(read(memory)) << 10 if timed else None)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def output_of(folder):
    """What the last measured command wrote to its standard output."""
    return read(os.path.join(folder, "out"))


class Priority:
    """Gives what is measured the processor first, where --nice asks for it: the process, and the session's scheduling
    group (sched(7), autogroup), in which alone a nice value counts where the kernel groups by session."""

    nice = 0

    @classmethod
    def give(cls, pid):
        if cls.nice == 0:
            return
        os.setpriority(os.PRIO_PROCESS, pid, cls.nice)
        group = f"/proc/{pid}/autogroup"
        if os.path.exists(group):
            with open(group, "w", encoding="ascii") as file:
                file.write(str(cls.nice))


def start_hydra(folder, version=HYDRA_VERSION, socket=None, settings=()):
    """A fresh Hydra, on TCP or on this unix socket, with these KEY=VALUE in its environment; `server_pid` is its process."""
    more = [word for setting in settings for word in ("--env", setting)]
    hydra = harness.Hydra(folder, version, [*(["--unix", socket] if socket else []), *more])
    hydra.server_pid = int(hydra.info["pid"])
    Priority.give(hydra.server_pid)
    return hydra


def clients_held(hydra):
    """How many clients it holds, by its own account."""
    one = "limit=1" if hydra.version.startswith("v1") else "page_size=1"
    return int(hydra.fetch(f"{hydra.clients_path}?{one}").headers["X-Total-Count"])


class Figures:
    """The samples of one contender."""

    def __init__(self, name):
        self.name, self.values, self.cpu, self.memory = name, [], [], []

    def add(self, taken):
        self.values.append(taken.seconds)
        self.cpu.append(taken.cpu_seconds)
        if taken.peak_bytes is not None:
            self.memory.append(taken.peak_bytes)

    @property
    def median(self):
        return statistics.median(self.values)

    def spread(self):
        return f"{min(self.values):.3f} – {max(self.values):.3f}"

    def as_json(self):
        return {"name": self.name, "seconds": self.values, "median": self.median, "min": min(self.values), "max": max(self.values),
                "cpu_seconds": self.cpu, "peak_bytes": self.memory}


def median_of(values):
    return statistics.median(values) if values else 0
