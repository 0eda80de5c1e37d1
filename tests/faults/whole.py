"""Every snapshot that is acted on is whole: one commit, or one version of a ConfigMap, while tools write as they do.

A writer makes version after version the one in force, as fast as it can: git-sync (over file://, ssh:// and https://),
people in a checkout, pushes, the kubelet, rsync, editors. A controller reads meanwhile, or fetches by itself, and is killed
now and then, or the process that fetches is. No client is in two versions, so what was read of two at once has clients of
both, or too few of one: by the log, by /status, and by what Hydra was sent. Of a plain folder every file that was acted on
must have been whole. (What is overwritten in place without being truncated is beyond any reader, and not tried: between two
writes such a file lies still, half old and half new.)
"""

import concurrent.futures
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "git"))

from remotes import HttpsRemote, SshRemote  # noqa: E402
from whole_control import Control  # noqa: E402
from whole_trial import Case, Row, Trial  # noqa: E402
from whole_writers import (ConfigMap, Fetched, Folder, Pushed, Rsynced, Synced, WorkTree, set_aside_and_write,  # noqa: E402
                           truncate_and_write, write_and_rename)

ABOUT = "every snapshot that is acted on is whole"
SIDE_BY_SIDE = max(2, os.cpu_count() or 1)
COLUMNS = "{:<52} {:>7} {:>8} {:>5} {:>5} {:>8} {:>6} {}"
VERSIONS_SHORT, VERSIONS_LONG = 200, 2000
FETCH_SHORT, FETCH_LONG = 20, 200
SSH_SHORT, HTTPS_SHORT = 20, 40  # a login for each version takes its time
QUICK_LONG = 20_000  # of those that run no program for a version: as many in the everyday form as of the others in the long one
SEED_VARIABLE = "FAULTS_SEED"


def synced(remote=None, **layout):
    options = {**layout, **({"remote": remote} if remote else {})}
    return lambda folder, seed, count, port: Synced(folder, seed, count, port, **options)


def of(writer, **options):
    return lambda folder, seed, count, _: writer(folder, seed, count, **options)


def all_cases(long):
    many, quick = (VERSIONS_LONG, QUICK_LONG) if long else (VERSIONS_SHORT, VERSIONS_LONG)
    yield Case("git-sync over ssh://", synced(SshRemote), VERSIONS_LONG if long else SSH_SHORT)  # the longest come first
    yield Case("git-sync over https:// with a password", synced(HttpsRemote), VERSIONS_LONG if long else HTTPS_SHORT)
    fetches = FETCH_LONG if long else FETCH_SHORT
    yield Case("fetched over https:// with a password", of(Fetched, remote=HttpsRemote), fetches, kills=fetches // 2)
    yield Case("git-sync over file://", synced(), many)
    yield Case("git-sync, its root a bare repository", synced(bare=True), many)
    yield Case("git-sync, its worktree seen alone", synced(alone=True), many)
    yield Case("a checkout in which people work", of(WorkTree), many)
    yield Case("a bare repository that is pushed to", of(Pushed), many)
    yield Case("a ConfigMap's mount", of(ConfigMap), quick)
    yield Case("a folder written by rsync", of(Rsynced), many)
    yield Case("a folder, files renamed into it", of(Folder, put=write_and_rename), quick)
    yield Case("a folder, files set aside and written anew", of(Folder, put=set_aside_and_write), quick)
    yield Case("a folder, files truncated and written", of(Folder, put=truncate_and_write), quick)


def run_case(case, seed):
    try:
        return (Control if case.title == Control.TITLE else Trial)(case, seed).run_case()
    except (OSError, RuntimeError, subprocess.SubprocessError, ValueError, LookupError) as error:
        return Row(faults=[f"the case broke: {type(error).__name__}: {error}"])


def tell(case, row):
    verdict = "FAILED: " + "; ".join(row.faults) if row.faults else "ok"
    print(COLUMNS.format(case.title, row.written, row.acted_on, row.looks, row.kills, row.hindered, f"{row.seconds:.1f}",
                         verdict + (f" ({row.notes})" if row.notes else "")), flush=True)


def run(options):
    """Runs the cases whose title holds the words; (passed, failed, skipped)."""
    seed = os.environ.get(SEED_VARIABLE) or f"{time.time_ns():x}"
    print(f"seed {seed} (the same again: {SEED_VARIABLE}={seed})")
    print(COLUMNS.format("who writes", "written", "acted on", "looks", "kills", "hindered", "s", "verdict"), flush=True)
    cases = [*all_cases(options.long), Case(Control.TITLE, synced(), Control.VERSIONS)]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    began, rows = time.monotonic(), []
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = {pool.submit(run_case, case, seed): case for case in cases if all(word in case.title for word in options.only)}
        for future in concurrent.futures.as_completed(running):
            row = future.result()
            rows.append(row)
            counts["failed" if row.faults else "passed"] += 1
            tell(running[future], row)
    print(f"source: {sum(row.written for row in rows)} versions written, {sum(row.acted_on for row in rows)} acted on, "
          f"{sum(row.kills for row in rows)} kills, in {time.monotonic() - began:.0f} s")
    return counts
