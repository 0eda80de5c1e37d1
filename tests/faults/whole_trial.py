"""One writer that writes as fast as it can, and a controller that reads it and is killed now and then."""

import dataclasses
import random
import sys
import threading
import time
import typing

import harness
from whole_checks import Check, Evidence

INTERVAL = "50ms"
STATUS_SECONDS = 0.02  # between two looks at /status
KILLS = 6  # of a case
SETTLED_EACH = 4  # versions: then one is waited for, where it is fetched
PARTS_TOLD = 4  # progress of a case


@dataclasses.dataclass
class Case:
    """`writer(folder, seed, count, port)` makes one."""
    title: str
    writer: typing.Callable
    count: int
    kills: int = KILLS


@dataclasses.dataclass
class Row:
    faults: list = dataclasses.field(default_factory=list)
    written: int = 0
    acted_on: int = 0
    looks: int = 0
    kills: int = 0
    hindered: int = 0
    seconds: float = 0
    notes: str = ""


class Trial(harness.Case):
    """Runs one Case."""

    def __init__(self, case, seed):
        super().__init__()
        self.case, self.seed, self.row = case, f"{seed} {case.title}", Row()
        self.kills_after = random.Random(self.seed).sample(range(2, case.count), min(case.kills, case.count // 2 - 1))
        self.evidence = Evidence()
        self.running = None

    def runTest(self):
        """unittest wants one; a case is run by run_case()."""

    def run_case(self):
        self.setUp()
        began = time.monotonic()
        try:
            self._play()
        except AssertionError as failure:
            self.row.faults.append(str(failure))
        finally:
            self.row.seconds = time.monotonic() - began
            self.doCleanups()
        return self.row

    def _play(self):
        self.server = self.sandbox()
        self.writer = self.case.writer(self.folder, self.seed, self.case.count, lambda: self.running.port if self.running else 1)
        self.addCleanup(self.writer.end)
        watched = threading.Event()
        looking = threading.Thread(target=self._look, args=(watched,), daemon=True)
        self.addCleanup(looking.join)
        self.addCleanup(watched.set)
        looking.start()
        for number in range(1, self.case.count + 1):
            self.writer.write(number)
            self.row.written = number
            self._disturb(number)
            if number % max(1, self.case.count // PARTS_TOLD) == 0:
                print(f"faults: source: {self.case.title}: {number} of {self.case.count}", file=sys.stderr, flush=True)
        self._expect_the_last()
        watched.set()
        looking.join()
        self._end(self.running)
        self._judge()

    def _disturb(self, number):
        """The first start; after some versions, chosen by lot, a kill and a start again."""
        if self.running is None:
            self._start()
        elif number in self.kills_after and self.writer.kill_part_of(self.running):
            self.row.kills += 1
        elif number in self.kills_after:
            killed, self.running = self.running, None
            killed.kill()
            self.row.kills += 1
            self._end(killed)
            self._start()
        if number % SETTLED_EACH == 1:
            self._settle()

    def _settle(self):
        """What takes its time until it is here, and may be killed on the way each time, comes to be in force now."""
        if self.writer.fetched:
            self.eventually(lambda: self.running.status().get("revision") == self.writer.revision(), "the version is fetched")

    def _start(self):
        self.running = harness.Controller(["--endpoint", self.server.endpoint, *self.writer.source(), *self.writer.flags,
                                           "--interval", INTERVAL, "--log-format", "json"], self.folder)
        self.addCleanup(self.running.end)

    def _end(self, controller):
        controller.end()
        self.evidence.add_log(controller.stderr())

    def _look(self, ended):
        while not ended.wait(STATUS_SECONDS):
            running = self.running
            try:
                if running:
                    self.evidence.add_status(running.status())
            except (OSError, ValueError, harness.http.client.HTTPException):
                pass  # it does not listen yet, or was killed

    def _expect_the_last(self):
        """The first cycle that begins after the last version was written is in sync with it; and the webhook was heard."""
        self._settle()
        before = self.running.cycles()
        self.wait_for_cycles(self.running, before + 2)  # the first of these may have begun before
        status = self.running.status()
        if self.writer.revisions is not None and status["revision"] != self.writer.revision():
            self.row.faults.append(f"a cycle after the last swap is at {status['revision']} instead of {self.writer.revision()}")
        outcomes = {one["client_id"]: one["outcome"] for one in status["clients"]}
        if outcomes.keys() != self.writer.ids() or set(outcomes.values()) - {"in_sync", "import"}:
            self.row.faults.append(f"a cycle after the last swap has {outcomes} ({status['error']}) instead of {sorted(self.writer.ids())}")
        if self.writer.hook:
            self.eventually(lambda: self.writer.hook.told(self.writer.revision()), "the webhook of the last version is answered")

    def _judge(self):
        self.evidence.held = self.server.clients()
        check = Check(self.writer, self.evidence)
        self.row.faults += [*check.faults(), *self.writer.faults()]
        self.row.acted_on, self.row.looks, self.row.hindered = len(check.acted_on), check.looks, len(self.evidence.hindered)
        self.row.notes = self.evidence.hindered[0] if self.evidence.hindered else ""
