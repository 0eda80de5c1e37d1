"""One row of the matrix: a real `run` in sync, the fault, what must hold during it, its end, and how soon all is well."""

import contextlib
import dataclasses
import itertools
import os
import re
import signal
import threading
import time
import urllib.parse

import harness
from harness import public_client
from matrix_gate import Gate

INTERVAL_SECONDS = 2.0
TIMEOUT_SECONDS = 3  # of a request
JITTER = 0.1  # of the interval: reconcile/loop.h
GRACE_SECONDS = 3.0  # for a busy machine, and for the cycle itself
LOOK_SECONDS = 0.2  # between two looks at /healthz and /metrics
ANSWER_SECONDS = 3
BEFORE = ("one", "two", "three")


def strings_of(document):
    """All that stands in a part of /status."""
    if isinstance(document, str):
        yield document
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for one in inner:
        yield from strings_of(one)


@dataclasses.dataclass
class Result:
    told: str = ""
    looks: int = 0
    healed: float | None = None
    lost: int = 0
    doubled: int = 0
    faults: list = dataclasses.field(default_factory=list)


class Looks(threading.Thread):
    """Asks /healthz and /metrics again and again."""

    def __init__(self, trial):
        super().__init__(daemon=True)
        self.trial, self.count, self.failed = trial, 0, []
        self._ended = threading.Event()

    def run(self):
        while not self._ended.wait(LOOK_SECONDS):
            for path in ("/healthz", "/metrics"):
                self._look(path)

    def _look(self, path):
        controller = self.trial.controller
        try:
            status = self.trial.ask(path).status
        except (OSError, harness.http.client.HTTPException) as error:
            status = type(error).__name__
        if controller is self.trial.controller:  # and not one that was replaced meanwhile
            self.count += 1
            if status != 200:
                self.failed.append(f"{path}: {status}")

    def end(self):
        self._ended.set()
        self.join()


class Trial(harness.Case):
    """Runs one Row. `hydra_of` gives the shared real Hydra."""

    _numbers = itertools.count(1)

    def __init__(self, row, hydra_of):
        super().__init__()
        self.row, self._hydra_of = row, hydra_of
        self.suffix = f"~{next(self._numbers)}"
        self.flags, self.env, self.wrapper = [], {}, []
        self.result, self.declared, self.gate, self.controller, self.server = Result(), [], None, None, None
        self.make_client = public_client
        self.earlier_logs = ""

    def runTest(self):
        """unittest wants one; a row is played by play()."""

    def play(self):
        self.setUp()
        try:
            self._play()
        except AssertionError as fault:
            self.result.faults.append(str(fault))
        finally:
            self._end()
        return self.result

    def _play(self):
        self._prepare()
        self.start()
        self._wait_for_sync()
        self.before = {name: self.live(name) for name in BEFORE}
        looks = Looks(self)
        looks.start()
        try:
            self._during()
        finally:
            looks.end()
        self.result.looks = looks.count
        if self.row.answers and not self.row.dies and looks.failed:
            self.result.faults.append(f"{len(looks.failed)} of {looks.count} looks had no answer: {looks.failed[0]}")
        self._judge()

    # ---- the stage -------------------------------------------------------------------------

    def _prepare(self):
        stage = self.row.stage
        self.start_hydra()
        if not stage.direct:
            self.gate = Gate(self.address, **stage.gate(self))
            self.addCleanup(self.gate.end)
            self.endpoint = self.gate.endpoint
        self.source = stage.source(self)
        stage.prepare(self)
        self.add(*BEFORE)

    def start_hydra(self, port=None):
        """The row's Hydra; again where it was, with nothing in it."""
        wanted = self.row.stage.hydra
        if wanted == "shared":
            self.server = self._hydra_of("v2.3.0")
        elif wanted.startswith("sandbox"):
            dialect, *arguments = wanted.split()[1:]
            self.server = self.sandbox(dialect, arguments=arguments)
        else:
            self.server = self.hydra("v2.3.0" if wanted == "own" else wanted, ["--port", str(port)] if port else [])
        parts = urllib.parse.urlsplit(self.server.endpoint)
        self.address, self.endpoint = (parts.hostname, parts.port), self.server.endpoint

    def start(self):
        """The controller; again as the one before."""
        arguments = ["--endpoint", self.endpoint, *self.source.flags(), "--interval", f"{INTERVAL_SECONDS:g}s", "--timeout", f"{TIMEOUT_SECONDS}s", *self.flags]
        if self.controller:
            self.earlier_logs += self.controller.stderr()
        self.controller = harness.Controller(arguments, self.folder, self.env, self.wrapper, self.controller and self.controller.port)
        self.addCleanup(self.controller.end)

    def _wait_for_sync(self):
        self.eventually(lambda: self.controller.metric("in_sync") == 1 and self.live(BEFORE[-1]) and self.controller.status()["result"] == "success",
                        lambda: f"in sync before the fault; log:\n{self.controller.stderr()[-2000:]}")

    def eventually(self, holds, what, within=harness.EVENTUALLY_SECONDS):
        """As the harness's, with a reason that is made when it is needed."""
        try:
            return super().eventually(holds, "", within)
        except AssertionError as late:
            self.fail(f"{what() if callable(what) else what} ({late})")

    def _end(self):
        if self.controller and self.controller.alive():
            self.controller.signal(signal.SIGCONT)
        with contextlib.suppress(OSError):
            for name in self.declared if self.row.stage.hydra == "shared" else ():
                self.server.fetch(self.url_of(name), "DELETE")
        self.doCleanups()

    # ---- clients ---------------------------------------------------------------------------

    def id_of(self, name):
        return name + self.suffix

    def add(self, *names):
        """Declares clients, wherever the manifests are now."""
        self.declared += names
        self.source.add(*(self.make_client(self.id_of(name)) for name in names))

    def url_of(self, name):
        return f"{self.clients_path()}/{urllib.parse.quote(self.id_of(name), safe='')}"

    def clients_path(self):
        return "/clients" if getattr(self.server, "version", "").startswith("v1") else "/admin/clients"

    def live(self, name):
        """The client as Hydra itself says, past all that is between; None where it is not there, or Hydra does not say."""
        try:
            answer = harness.fetch(self.server.url(self.url_of(name)), timeout=ANSWER_SECONDS)
        except (OSError, harness.http.client.HTTPException):
            return None
        return answer.json() if answer.status == 200 else None

    # ---- during ----------------------------------------------------------------------------

    def ask(self, path):
        return harness.fetch(f"http://127.0.0.1:{self.controller.port}{path}", timeout=ANSWER_SECONDS)

    def log(self):
        return self.earlier_logs + self.controller.stderr()

    def _during(self):
        told, begun = self.row.told, len(self.log())
        before = self.sum_of(told.metric)
        self.row.inject(self)
        if not self.row.late:
            self.add("during")
        if not self.row.dies:
            self._wait_until_told(told, begun, before)
        if self.row.late:
            self.add("during")
        time.sleep(self.row.lasts)
        if not self.row.dies and not self.controller.alive():
            self.fail(f"the controller has ended ({self.controller.process.returncode}): {self.controller.stderr()[-1000:]}")
        self._expect_kept()
        self._expect_silence(told, begun)
        pending = "during"
        if self.row.goes_on:
            pending = "after"
            self.add(pending)
        self.row.end(self)
        self._heal(pending)

    def _wait_until_told(self, told, begun, before):
        def missing():
            return [*self._untold(told), *([f"no line of the log holds {told.log!r}"] if told.log and not self._logged(told.log, begun) else []),
                    *([f"{told.metric} is {self.sum_of(told.metric)}, and was {before}"] if told.metric and not self._measured(told.metric, before) else [])]
        deadline = time.monotonic() + self.row.told_within
        while (faults := missing()) and time.monotonic() < deadline:
            time.sleep(0.1)
        if faults:
            self.result.faults += [*faults, f"log:\n{self.log()[begun:][-3000:]}"]

    def _expect_silence(self, told, begun):
        """Where nothing is told, nothing is."""
        said = [line for line in self.log()[begun:].splitlines() if "level=warning" in line or "level=error" in line]
        if told.result == "success" and not told.log and said:
            self.result.faults.append(f"something is told: {said}")

    def _untold(self, told):
        if not self.row.answers:
            return
        try:
            status = self.ask("/status").json()
        except self.NOT_YET as error:
            yield f"/status: {error}"
            return
        said = "\n".join(strings_of([status.get("error"), status.get("clients")]))
        if told.result and status.get("result") != told.result:
            yield f"/status says {status.get('result')} and not {told.result}: {said}"
        if told.error not in said:
            yield f"/status does not say {told.error!r}: {said}"

    def _logged(self, words, begun):
        return any(words in line for line in self.log()[begun:].splitlines())

    def sum_of(self, metric):
        """The value of a Told's metric; None where it cannot be had."""
        if not metric:
            return None
        name = metric.rsplit(" ", 1)[0]
        try:
            lines = self.ask("/metrics").text().splitlines()
        except self.NOT_YET:
            return None
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(rf"hydra_clients_{re.escape(name)}[ {{]", line)
                   or line.startswith(f"hydra_clients_{name} "))

    def _measured(self, metric, before):
        wanted, now = metric.rsplit(" ", 1)[1], self.sum_of(metric)
        if now is None:
            return False
        return now > (before or 0) if wanted == "rises" else str(now) == str(float(wanted))

    def _expect_kept(self):
        """What was there is there, as it was; what was added waits, or does not."""
        if self.row.again:
            return
        held = self.live("during") is None
        if self.row.goes_on:
            self.eventually(lambda: self.live("during"), lambda: f"what is added meanwhile is imported; log:\n{self.log()[-2000:]}")
        elif not held:
            self.result.faults.append("what was added was imported while the fault lasted")

    # ---- after -----------------------------------------------------------------------------

    def _heal(self, pending):
        ended = time.monotonic()
        limit = INTERVAL_SECONDS * (1 + JITTER) + GRACE_SECONDS + self.row.extra

        def well():
            status = self.controller.status()
            return status["result"] == "success" and self.controller.metric("in_sync") == 1 and self.live(pending) is not None
        self.eventually(well, lambda: f"in sync again; log:\n{self.log()[-3000:]}")
        self.result.healed = time.monotonic() - ended
        if self.result.healed > limit:
            self.result.faults.append(f"it took {self.result.healed:.1f} s, and not {limit:.1f} s at most; log:\n{self.log()[-3000:]}")

    def _judge(self):
        now = {name: self.live(name) for name in BEFORE}
        self.result.lost = sum(self.live(name) is None for name in self.declared)
        if self.result.lost:
            self.result.faults.append("clients are missing from Hydra")
        if not self.row.again and now != self.before:
            self.result.faults.append(f"clients are not as they were: {now} instead of {self.before}")
        if self.gate:
            self._judge_requests()

    def _judge_requests(self):
        created = self.gate.created_ids()
        allowed = 1 + bool(self.row.again)
        self.result.doubled = sum(max(0, created.count(one) - allowed) for one in set(created))
        if self.result.doubled:
            self.result.faults.append(f"created more than once: {created}")
        if not set(created) <= {self.id_of(name) for name in self.declared}:
            self.result.faults.append(f"created, and never declared: {created}")
        others = set(self.gate.methods) - {"GET", "HEAD", "POST"}
        if others:
            self.result.faults.append(f"requests that change or delete: {others}")

    # ---- for rows --------------------------------------------------------------------------

    def expect_end(self, code):
        """The controller ends, in this way."""
        self.assertEqual(self.controller.wait(), code, self.controller.stderr()[-1000:])

    def peak_memory(self):
        """VmHWM of the controller, in bytes."""
        with open(f"/proc/{self.controller.pid}/status", encoding="ascii") as lines:
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))

    def on_own_mounts(self, script):
        """The controller sees mounts of its own: `script` is run by sh before it, with "$0" a folder for them."""
        folder = self.path("mounts")
        os.makedirs(folder, exist_ok=True)
        self.wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script + ' && exec "$@"', folder, *self.wrapper]
        return folder

    def inside(self, path):
        """A path as the controller sees it."""
        return f"/proc/{self.controller.pid}/root{path}"
