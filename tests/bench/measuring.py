"""What the benchmarks share: commands that are measured, figures and their spread, reports."""

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
ROOT = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "e2e"))

import harness  # noqa: E402

HYDRA_VERSION = "v2.3.0"
WARM_UP_ROUNDS = 1


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


class Inputs:
    """The same clients as one array, and as a folder of files."""

    def __init__(self, folder, count):
        self.array = os.path.join(folder, "all.json")
        self.array_folder = os.path.join(folder, "array")
        self.folder = os.path.join(folder, "files")
        clients = [client(number) for number in range(count)]
        os.makedirs(self.folder)
        os.makedirs(self.array_folder)
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


def measure(command, folder):
    """Runs a command, its output into a file, and nothing on its standard input."""
    out, err = os.path.join(folder, "out"), os.path.join(folder, "err")
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=harness.environment(folder), cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        with open(err, encoding="utf-8", errors="replace") as said:
            raise RuntimeError(f"{command[:4]} ended with {process.returncode}:\n{said.read()[-2000:]}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10)


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


def start_hydra(folder):
    hydra = harness.Hydra(folder, HYDRA_VERSION)
    Priority.give(int(hydra.info["pid"]))
    return hydra


class Figures:
    """The samples of one contender."""

    def __init__(self, name):
        self.name, self.values, self.cpu, self.memory = name, [], [], []

    def add(self, taken):
        self.values.append(taken.seconds)
        self.cpu.append(taken.cpu_seconds)
        self.memory.append(taken.peak_bytes)

    @property
    def median(self):
        return statistics.median(self.values)

    def spread(self):
        return f"{min(self.values):.3f}–{max(self.values):.3f}"

    def as_json(self):
        return {"name": self.name, "seconds": self.values, "median": self.median, "min": min(self.values), "max": max(self.values),
                "cpu_seconds": self.cpu, "peak_bytes": self.memory}


def median_of(values):
    return statistics.median(values) if values else 0


class Report:
    def __init__(self, name, machine):
        self.name, self.machine = name, machine
        self.lines, self.document = [], {"benchmark": name, "machine": machine}

    def say(self, line=""):
        self.lines.append(line)
        print(line, flush=True)

    def head(self, title):
        self.say(f"## {title}")
        self.say()
        self.say("; ".join(f"{key}: {value}" for key, value in self.machine.items()))
        self.say()

    def keep(self, folder):
        os.makedirs(folder, exist_ok=True)
        write_json(os.path.join(folder, self.name + ".json"), self.document)
        with open(os.path.join(folder, self.name + ".md"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.lines) + "\n")


def machine(options):
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        found = re.search(r"^model name\s*:\s*(.*)$", cpuinfo.read(), re.M)
        model = found[1] if found else platform.machine()
    with open("/proc/meminfo", encoding="utf-8") as meminfo:
        memory = int(re.search(r"MemTotal:\s+(\d+)", meminfo.read())[1]) // 1024
    version = subprocess.run([harness.PROGRAM, "version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return {"date": datetime.date.today().isoformat(), "processor": f"{model}, {os.cpu_count()} cores", "memory": f"{memory} MiB",
            "kernel": platform.release(), "load at the start": f"{os.getloadavg()[0]:.1f}", "nice": str(options.nice), "program": version,
            "Hydra": f"{HYDRA_VERSION}, in memory, pbkdf2 with 1 iteration", "runs": str(options.runs), "clients": str(options.clients)}
