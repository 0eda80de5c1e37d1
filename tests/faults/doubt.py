"""Every ambiguous answer to a POST: was the client created, or was it not, or will it be yet?

The sandbox gives them by its fault switches; real Hydras by a proxy that cuts connections at chosen bytes, by being
stopped for a moment, and by being killed. Each ends in one of: imported once, and known to be ours or another's; or
not there yet, and tried again with the same body; or unknown, and said to be. Never a second client, never a lost
generated secret. The table says for each case what was sent, what Hydra holds and what was reported.
"""

import concurrent.futures
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import harness
from doubt_cases import HYDRAS, all_cases
from trial import Trial

ABOUT = "every ambiguous answer to a POST"
SIDE_BY_SIDE = max(3, os.cpu_count() or 1)  # most of a case is waiting
COLUMNS = "{:<13} {:<36} {:<70} {:<30} {:<10} {:<22} {:>5} {}"


class RealHydras:
    """The real Hydras that cases share, started when the first wants one."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="doubt-", dir="/tmp")
        self._lock = threading.Lock()
        self._running = {}

    def get(self, version):
        with self._lock:
            if version not in self._running:
                self._running[version] = harness.Hydra(self.folder, version)
            return self._running[version]

    def end(self):
        for hydra in self._running.values():
            hydra.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def missing_hydras(versions):
    """Why a real Hydra cannot be had, by its version."""
    reasons = {}
    for version in sorted(versions):
        try:
            harness.Case().require_hydra(version)
        except unittest.SkipTest as skip:
            reasons[version] = str(skip)
    return reasons


def run_case(case, number, hydras):
    trial = Trial(case, number, hydras.get)
    try:
        return trial.row()
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError, ValueError, LookupError) as error:
        return "?", "?", "?", 0.0, [f"the case broke: {type(error).__name__}: {error}"]


def run(options):
    """Runs the cases whose row holds the words; (passed, failed, skipped)."""
    cases = [case for case in all_cases(options.long)
             if all(word in f"{case.hydra} {case.way} {case.title}" for word in options.only)]
    missing = missing_hydras({case.hydra for case in cases} & set(HYDRAS))
    print(COLUMNS.format("Hydra", "way", "case", "POSTs sent: their answers", "Hydra has", "reported", "s", "verdict"), flush=True)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    hydras = RealHydras()
    began = time.monotonic()
    try:
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            running = [(case, pool.submit(run_case, case, number, hydras) if case.hydra not in missing else None)
                       for number, case in enumerate(cases)]
            for case, future in running:
                if future is None:
                    counts["skipped"] += 1
                    continue
                sent, held, reported, seconds, faults = future.result()
                counts["failed" if faults else "passed"] += 1
                print(COLUMNS.format(case.hydra, str(case.way), case.title, sent, held, reported, f"{seconds:.1f}",
                                     "FAILED: " + "; ".join(faults) if faults else "ok"), flush=True)
    finally:
        hydras.end()
    for reason in missing.values():
        print(f"skipped: {reason}")
    print(f"doubt: {len(cases)} cases in {time.monotonic() - began:.0f} s")
    return counts
