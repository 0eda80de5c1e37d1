"""deploy/systemd: the unit, by systemd-analyze; and whether the program can live with what it forbids."""

import contextlib
import json
import os
import re
import shutil
import signal
import tempfile
import time

import harness
import page
from checks import DEPLOY, Checks, output_of, read
from keys import Keyring
from remotes import HttpsRemote, Origin
from settings import settings_of_command

ABOUT = "the unit, by systemd-analyze, and the program within what it allows"
FOLDER = os.path.join(DEPLOY, "systemd")
UNIT = "hydra-clients.service"
SYSTEM_UNITS = "/usr/lib/systemd/system"
COMMAND_SECONDS = 120
STEP_SECONDS = 0.1
RECIPIENT = "recipient@example.org"
# What is not restricted to what a unit may do: to live, and to have been started.
ALWAYS = {"execve", "exit", "exit_group", "rt_sigreturn", "restart_syscall"}


def lines_of(name):
    """Its settings, in order: (name, value)."""
    text = read("deploy", "systemd", name)
    return [tuple(line.split("=", 1)) for line in text.splitlines() if "=" in line and not line.startswith("#")]


def verify_faults(unit, drop_in=""):
    """systemd-analyze verify, on a system that has the program."""
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as root:
        shutil.copytree(SYSTEM_UNITS, root + SYSTEM_UNITS, symlinks=True)
        for program in ("/usr/bin/hydra-clients", "/bin/kill"):
            os.makedirs(os.path.dirname(root + program), exist_ok=True)
            shutil.copy("/bin/true", root + program)
        os.makedirs(root + "/etc/systemd/system")
        with open(os.path.join(root, "etc/systemd/system", UNIT), "w", encoding="utf-8") as file:
            file.write(unit)
        os.makedirs(os.path.join(root, "etc/systemd/system", UNIT + ".d"))
        with open(os.path.join(root, "etc/systemd/system", UNIT + ".d", "local.conf"), "w", encoding="utf-8") as file:
            file.write(drop_in)
        done = output_of("systemd-analyze", "--man=no", f"--root={root}", "verify", UNIT)
    said = [line for line in done.stderr.splitlines() if UNIT in line or done.returncode != 0]
    return said or ([] if done.returncode == 0 else [f"exit code {done.returncode}"])


def exposure():
    done = output_of("systemd-analyze", "security", "--offline=yes", "--no-pager", os.path.join(FOLDER, UNIT))
    return re.search(r"exposure level for \S+ (\d+\.\d)", done.stdout)[1]


def exposure_faults():
    measured, told = exposure(), re.findall(r"exposure level of (\d+\.\d)", read("docs", "deploying.md"))
    return [] if told == [measured] else [f"systemd-analyze says {measured}, docs/deploying.md {told}"]


def unknown_settings():
    known = settings_of_command("run") | {"XDG_RUNTIME_DIR"}
    given = [value.split("=")[0] for name, value in lines_of(UNIT) if name == "Environment"]
    # Those that are commented out are offered, and must be right as well.
    given += re.findall(r"^#?([A-Z_]+)=", read("deploy", "systemd", "hydra-clients.env"), re.M)
    return [name for name in given if name not in known]


def allowed_calls():
    """The system calls that the unit's filter lets through, by systemd's own lists."""
    groups = {}
    for block in output_of("systemd-analyze", "--no-pager", "syscall-filter").stdout.split("\n@"):
        name, *members = [line.strip() for line in block.splitlines()]
        groups["@" + name.lstrip("@")] = [member for member in members if member and not member.startswith("#")]

    def resolve(word):
        return {call for member in groups[word] for call in resolve(member)} if word.startswith("@") else {word}
    allowed = set(ALWAYS)
    for name, value in lines_of(UNIT):
        if name == "SystemCallFilter":
            calls = set().union(*(resolve(word) for word in value.lstrip("~").split()))
            allowed = allowed - calls if value.startswith("~") else allowed | calls
    return allowed | ALWAYS


class Work:
    """What a controller does in its life: it fetches, makes secrets by GnuPG, imports, serves its state, and ends."""

    def __init__(self, folder):
        self.folder, self._stack = folder, contextlib.ExitStack()

    def addCleanup(self, call, *arguments, **options):  # noqa: N802  as unittest has it, for Keyring
        self._stack.callback(call, *arguments, **options)

    def trace(self):
        """strace's lines."""
        with self._stack:
            keyring = Keyring(self)
            keyring.make(RECIPIENT, "rsa")
            with open(os.path.join(self.folder, "recipient.asc"), "wb") as file:
                file.write(keyring.armored(RECIPIENT))
            remote = self._stack.enter_context(self._remote())
            sandbox, port, log = harness.Sandbox(self.folder), harness.free_port(), os.path.join(self.folder, "trace")
            self.addCleanup(sandbox.end)
            traced = harness.Process(["strace", "--follow-forks", "--quiet=all", "--output", log, harness.PROGRAM, "run", "--endpoint", sandbox.endpoint,
                                      *remote.flags(), "--state-dir", "state", "--outbox", "outbox", "--pgp-key-file", "recipient.asc",
                                      "--listen", f"127.0.0.1:{port}"], self.folder, {"XDG_RUNTIME_DIR": keyring.folder})
            self.addCleanup(traced.end)
            self._wait_for(lambda: os.path.exists(os.path.join(self.folder, "outbox", "made.asc")), traced)
            self._wait_for(lambda: harness.fetch(f"http://127.0.0.1:{port}/metrics").status == 200, traced)
            with open(f"/proc/{traced.pid}/task/{traced.pid}/children", encoding="ascii") as children:
                os.kill(int(children.read().split()[0]), signal.SIGTERM)
            traced.process.wait(COMMAND_SECONDS)
            with open(log, encoding="utf-8", errors="replace") as file:
                return file.read().splitlines()

    @staticmethod
    def _wait_for(holds, process):
        deadline = time.monotonic() + COMMAND_SECONDS
        while time.monotonic() < deadline and process.process.poll() is None:
            with contextlib.suppress(OSError):
                if holds():
                    return
            time.sleep(STEP_SECONDS)
        raise RuntimeError(f"the traced program did not get so far: {process.stderr()[-2000:]}")

    def _remote(self):
        origin = Origin(self.folder)
        origin.commit({"made.json": json.dumps({"client_id": "made", "grant_types": ["client_credentials"], "scope": "jobs"})})
        return HttpsRemote(origin.path, self.folder)


def called(trace):
    return {match[1] for match in (re.match(r"\d+ +([a-z0-9_]+)\(", line) for line in trace) if match}


def writable_and_executable(trace):
    """What MemoryDenyWriteExecute= would refuse: a mapping that is both, and one that becomes executable later."""
    return [line for line in trace if "PROT_EXEC" in line and ((" mmap(" in line and "PROT_WRITE" in line) or " mprotect(" in line)]


def other_families(trace):
    allowed = set(dict(lines_of(UNIT))["RestrictAddressFamilies"].split())
    return sorted({match[1] for match in (re.search(r"\bsocket\((AF_[A-Z0-9]+)", line) for line in trace) if match} - allowed)


def run(options):
    checks = Checks(options.only)
    missing = [program for program in ("systemd-analyze", "strace") if not shutil.which(program)]
    if missing:
        checks.cannot("the unit", f"no {' and no '.join(missing)} (deploy/install-packages deploy)")
        return checks.end()
    checks.check(verify_faults(read("deploy", "systemd", UNIT)), "systemd-analyze verify: nothing to say")
    spoilt = read("deploy", "systemd", UNIT).replace("ProtectSystem=", "ProtectSytem=")
    checks.check([] if verify_faults(spoilt) and verify_faults(read("deploy", "systemd", UNIT), "[Service]\nUsre=x\n") else ["it was taken"],
                 "and it finds a setting that is mistyped, in the unit and in a drop-in")
    checks.check(exposure_faults(), "systemd-analyze security: the figure is the one in docs/deploying.md")
    checks.check(unknown_settings(), "every setting is one of the program's")
    told = page.commands("install")
    checks.check([name for words in told for name in page.missing_files(words)] or ([] if len(told) == 2 else ["none is told"]),
                 "docs/deploying.md: the files that its commands install are there")
    drop_in = page.blocks("ini")[0]
    checks.check(verify_faults(read("deploy", "systemd", UNIT), drop_in), "docs/deploying.md: its drop-in is as right as the unit")
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
        trace = Work(folder).trace()
    calls = called(trace)
    wanted = {"execve", "connect", "listen", "prlimit64", "fsync", "rename"}
    checks.check(sorted(wanted - calls), "its work with a remote, Hydra, GnuPG and an outbox was traced")
    checks.check(sorted(calls - allowed_calls()), "the unit allows every system call of it")
    checks.check(writable_and_executable(trace), "none of its memory is both writable and executable")
    checks.check(other_families(trace), "the unit allows every kind of socket of it")
    return checks.end()
