"""Secrets that are generated: killed at every step and at random, raced for, an outbox that fails, answers that are lost.

After each case every client is in Hydra with a secret that the real gpg opens out of the outbox, and a real token
request succeeds with it; or it is not in Hydra, where that is expected. Nothing is in the clear anywhere.
"""

import concurrent.futures
import os
import shutil
import subprocess
import tempfile
import threading
import time

import harness
import kept_cases
import kept_kills
import kept_outbox
from doubt import missing_hydras
from doubt_cases import HYDRAS
from kept_trial import GROUPS, Recipients, Row, Trial

ABOUT = "generated secrets: none lost, none in the clear"
SIDE_BY_SIDE = max(3, os.cpu_count() or 1)
COLUMNS = "{:<12} {:<13} {:<72} {:>5} {:>7} {:>4} {:>6} {}"
TRIALS_SHORT, TRIALS_LONG, TRIALS_V1 = 20, 200, 2  # of KILLS_OF_A_TRIAL each
SEED_VARIABLE = "FAULTS_SEED"


class OwnHydras:
    """Real Hydras, one of a version for each thread: a case may stop it, and counts its clients."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="kept-", dir="/tmp")
        self._own = threading.local()
        self._lock = threading.Lock()  # guards the list of all
        self._all = []

    def get(self, version):
        own = self._own.__dict__
        if version not in own or not own[version].alive():
            own[version] = harness.Hydra(self.folder, version)
            with self._lock:
                self._all.append(own[version])
        return own[version]

    def end(self):
        for hydra in self._all:
            hydra.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def all_cases(long, seed, recipients, hydras, missing):
    if os.path.exists(kept_kills.LIBRARY):
        for version in ("v2.3.0", "v1.11.10") if long else ("v2.3.0",):
            if version not in missing:
                yield from kept_kills.step_cases(kept_kills.SCENES, recipients, hydras.get, version)
    yield from kept_kills.random_cases(seed, TRIALS_LONG if long else TRIALS_SHORT)
    yield from kept_kills.random_cases(seed, TRIALS_LONG // 10 if long else TRIALS_V1, "v1.11.10")
    yield from kept_outbox.all_cases()
    yield from kept_cases.all_cases(long, seed)


def run_case(case, recipients, hydras):
    try:
        return Trial(case, recipients, hydras.get).run_case()
    except (OSError, RuntimeError, subprocess.SubprocessError, ValueError, LookupError) as error:
        return Row(faults=[f"the case broke: {type(error).__name__}: {error}"])


def tell(case, row):
    verdict = "FAILED: " + "; ".join(row.faults) if row.faults else "ok"
    print(COLUMNS.format(case.hydra, case.group, case.title, row.kills, row.clients, row.lost, f"{row.seconds:.1f}",
                         verdict + (f" ({row.notes})" if row.notes else "")), flush=True)


def sum_up(rows):
    """By group, and of all: kills, clients, lost."""
    for group in GROUPS:
        of_group = [row for case, row in rows if case.group == group]
        if of_group:
            print(f"{group}: {len(of_group)} cases, {sum(row.kills for row in of_group)} kills, {sum(row.clients for row in of_group)} clients, "
                  f"{sum(row.lost for row in of_group)} lost")
    every = [row for _, row in rows]
    print(f"{sum(row.lost for row in every)} lost of {sum(row.clients for row in every)} tried, {sum(row.kills for row in every)} kills")


def run(options):
    """Runs the cases whose row holds the words; (passed, failed, skipped)."""
    seed = os.environ.get(SEED_VARIABLE) or f"{time.time_ns():x}"
    print(f"seed {seed} (the same again: {SEED_VARIABLE}={seed})")
    counts, rows = {"passed": 0, "failed": 0, "skipped": 0}, []
    recipients, hydras = Recipients(), OwnHydras()
    began = time.monotonic()
    try:
        missing = missing_hydras(HYDRAS)
        wanted = (case for case in all_cases(options.long, seed, recipients, hydras, missing)
                  if all(word in f"{case.hydra} {case.group} {case.title}" for word in options.only))
        print(COLUMNS.format("Hydra", "about", "case", "kills", "clients", "lost", "s", "verdict"), flush=True)
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            running = [(case, pool.submit(run_case, case, recipients, hydras) if case.hydra not in missing else None)
                       for case in wanted]
            for case, future in running:
                if future is None:
                    counts["skipped"] += 1
                    continue
                row = future.result()
                rows.append((case, row))
                counts["failed" if row.faults else "passed"] += 1
                tell(case, row)
    finally:
        hydras.end()
        recipients.end()
    for reason in missing.values():
        print(f"skipped: {reason}")
    sum_up(rows)
    print(f"secrets: {len(rows)} cases in {time.monotonic() - began:.0f} s")
    return counts
