"""A controller through thousands of cycles, and what it takes meanwhile."""

import os
import random
import shutil
import subprocess
import time

from churn import Commits, Folder
from harness import Case, Controller
from keys import Keyring
from memory import Use, faults_of

INTERVAL = "10ms"
LEAK_CYCLES = 1_000
STEPS = 20  # how often what it takes is looked at
LONGEST_SECONDS = 3_000
CHANGE_SECONDS = 0.15  # between two changes
IN_SYNC_SECONDS = 60  # after the last one; a failed client is tried again within that
VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", "--error-exitcode=99"]


class Soak(Case):
    """Not a test of its own: one part of tests/soak/run."""

    def part(self, kind, cycles, seed):
        leaks = kind == "leaks"
        churn = (Folder if kind == "folder" else Commits)(self, random.Random(seed), secrets=not leaks)
        controller = Controller(["--endpoint", churn.server.endpoint, "--manifests", churn.path, "--interval", INTERVAL, "--log-level", "warning",
                                 *([] if leaks else self._outbox())], self.folder, wrapper=VALGRIND if leaks else ())
        self.addCleanup(controller.end)
        uses = self._change_until(controller, churn, cycles)
        churn.calm()
        # settled() may still delete what an earlier status showed in conflict: looked at until nothing lacks.
        self.eventually(lambda: churn.settled(controller.status()) and not churn.lacking(), "in sync after the last change",
                        within=IN_SYNC_SECONDS)
        lacking = churn.lacking()
        controller.signal(15)
        return uses, lacking, controller.wait(IN_SYNC_SECONDS), controller.stderr()

    def _outbox(self):
        self.write("recipient.asc", Keyring(self).make("soak", "lasting"))
        return ["--outbox", self.path("outbox"), "--pgp-key-file", self.path("recipient.asc")]

    def _change_until(self, controller, churn, cycles):
        self.wait_for_cycles(controller)
        uses, deadline = [], time.monotonic() + LONGEST_SECONDS
        while (count := controller.cycles()) < cycles:
            if not controller.alive() or time.monotonic() > deadline:
                self.fail(f"after {count} cycles:\n{controller.stderr()[-3000:]}")
            churn.change(controller)
            if count >= cycles * (len(uses) + 1) // (STEPS + 1):
                uses.append(Use.of(controller.pid, count))
                print(f"  {uses[-1]}", flush=True)
            time.sleep(CHANGE_SECONDS)
        return uses


def check(what, faults):
    """Tells whether there are none, and of those that there are."""
    print(f"{'FAILED ' if faults else 'ok     '} {what}" + "".join(f"\n        {fault}" for fault in faults), flush=True)
    return not faults


def of_part(kind, options):
    soak = Soak("part")
    soak.setUp()
    leaks = kind == "leaks"
    cycles = min(LEAK_CYCLES, options.cycles) if leaks else options.cycles
    print(f"{kind}: {cycles:,} cycles, seed {options.seed}", flush=True)
    try:
        uses, lacking, code, said = soak.part(kind, cycles, options.seed)
    finally:
        soak.doCleanups()
    results = [check(f"{kind}: in sync at the end, with every client that is declared", lacking)]
    if leaks:
        return [*results, check(f"{kind}: nothing that was allocated is lost", [] if code == 0 else [f"exit code {code}:\n{said[-4000:]}"])]
    return [*results, check(f"{kind}: ends by SIGTERM with 0", [] if code == 0 else [f"exit code {code}"]),
            *(check(f"{kind}: {what}", faults) for what, faults in faults_of(uses))]


def run(options):
    missing = [tool for tool in ("valgrind", "gpg", "git") if shutil.which(tool) is None]
    if missing:
        subprocess.run([os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "deploy", "install-packages"),
                        "soak"], check=True)
    results = [passed for kind in options.parts for passed in of_part(kind, options)]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1
