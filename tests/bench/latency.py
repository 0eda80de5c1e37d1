"""From a change to its client being in Hydra; from the program's start to its first POST."""

import http.client
import math
import os
import random
import statistics
import subprocess
import time
import urllib.parse

from loops import Loop
from measuring import Checkout, Priority, client, git, harness, start_hydra, write_json

MANIFESTS = 100
QUIET_SECONDS = (0.2, 0.4)  # before each change: earlier ones are done with, and no two are in step
SEEN_WITHIN_SECONDS = 10
POLL_SECONDS = 0.001
START_SECONDS = 30


class Watch:
    """Asks Hydra for one client over a kept connection, until it is there."""

    def __init__(self, hydra):
        parts = urllib.parse.urlsplit(hydra.endpoint)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        self.path = hydra.clients_path

    def ask(self, method, client_id):
        self.connection.request(method, f"{self.path}/{client_id}")
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def milliseconds_until(self, client_id, began):
        while time.perf_counter() - began < SEEN_WITHIN_SECONDS:
            if self.ask("GET", client_id) == 200:
                return (time.perf_counter() - began) * 1e3
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{client_id} is not in Hydra within {SEEN_WITHIN_SECONDS} s")


class FileChanges:
    """A file is renamed into a folder, as an editor or `kubectl cp` does; the oldest was taken away before."""

    def __init__(self, folder):
        self.manifests = os.path.join(folder, "plain")
        os.makedirs(self.manifests)
        for number in range(MANIFESTS):
            self._write(number, f"{number:05d}.json")

    def _write(self, number, name):
        path = os.path.join(self.manifests, name)
        write_json(path, client(number))
        return path

    def prepare(self, number):
        os.unlink(os.path.join(self.manifests, f"{number - MANIFESTS:05d}.json"))
        return self._write(number, f".{number:05d}.tmp")

    def apply(self, number, prepared):
        os.rename(prepared, os.path.join(self.manifests, f"{number:05d}.json"))

    def clean_up(self, number):
        pass


class LinkChanges:
    """git-sync's way: the commit's worktree beside the old one, and a link to it renamed over the link that is read."""

    def __init__(self, folder):
        self.origin = Checkout(os.path.join(folder, "origin"))
        self.root = os.path.join(folder, "git-sync")
        self.manifests = os.path.join(self.root, "current")
        self.trees = []
        for number in range(MANIFESTS):
            self.origin.write(f"{number:05d}.json", client(number))
        self.origin.commit()
        git(folder, "clone", "-q", "--no-checkout", self.origin.path, self.root)
        self.apply(MANIFESTS - 1, self._link_to(self.origin.head()))

    def _link_to(self, commit):
        """A link to a worktree of that commit, which does not stand in its place yet."""
        self.trees.append(os.path.join(".worktrees", commit))
        git(self.root, "worktree", "add", "-q", "--detach", self.trees[-1], commit)
        link = os.path.join(self.root, "tmp-link")
        os.symlink(self.trees[-1], link)
        return link

    def prepare(self, number):
        os.unlink(os.path.join(self.origin.path, f"{number - MANIFESTS:05d}.json"))
        self.origin.write(f"{number:05d}.json", client(number))
        commit = self.origin.commit()
        git(self.root, "fetch", "-q", "origin", "main")
        return self._link_to(commit)

    def apply(self, number, prepared):
        os.rename(prepared, self.manifests)

    def clean_up(self, number):
        git(self.root, "worktree", "remove", "--force", self.trees.pop(0))


def sample(number, changes, loop, watch, trigger):
    """One change, and how long until its client is there. As many manifests and live clients as before are left."""
    prepared = changes.prepare(number)
    time.sleep(random.uniform(*QUIET_SECONDS))
    began = time.perf_counter()
    changes.apply(number, prepared)
    if trigger == "post":
        loop.look_now()
    taken = watch.milliseconds_until(client(number)["client_id"], began)
    changes.clean_up(number)
    watch.ask("DELETE", client(number - MANIFESTS)["client_id"])
    return taken


def of_changes(changes, count, folder, trigger):
    """The milliseconds of so many changes, seen by a `run` that no interval wakes."""
    hydra = start_hydra(folder)
    loop = Loop(hydra, changes.manifests, folder, interval="1h")
    try:
        loop.wait_for(1)
        watch = Watch(hydra)
        return [sample(MANIFESTS + number, changes, loop, watch, trigger) for number in range(count)]
    finally:
        loop.end()
        hydra.end()


def percentile(values, share):
    """The smallest value that so many of them do not exceed."""
    return sorted(values)[math.ceil(len(values) * share - 1e-9) - 1]


def first_post_of(sandbox, manifests, folder):
    """Milliseconds from the program's start to the moment when the sandbox had its first POST. Both are read from the
    sandbox's clock: a POST of ours, just before, gives the moment of the start."""
    sandbox.lose_database()
    sandbox.forget_requests()
    command = [harness.PROGRAM, "run", "--once", "--endpoint", sandbox.endpoint, "--manifests", manifests]
    environment = harness.environment(folder)
    sandbox.fetch("/admin/clients", "POST", {"client_id": "the-start"})
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=folder) as process:
        process.wait(START_SECONDS)
    posts = sandbox.requests()["posts"]
    if process.returncode != 0 or len(posts) != 1 + MANIFESTS:
        raise RuntimeError(f"run --once ended with {process.returncode} after {len(posts) - 1} POSTs")
    return posts[1]["at_ms"] - posts[0]["at_ms"]


def of_starts(count, folder):
    manifests = os.path.join(folder, "starts")
    os.makedirs(manifests)
    for number in range(MANIFESTS):
        write_json(os.path.join(manifests, f"{number:05d}.json"), client(number))
    sandbox = harness.Sandbox(folder)
    Priority.give(sandbox.pid)
    try:
        return [first_post_of(sandbox, manifests, folder) for _ in range(1 + count)][1:]
    finally:
        sandbox.end()


def bench_latency(options, sizes, folder, report):
    rows = []
    for key, name, make in (("link", "a link is swapped (git-sync)", LinkChanges), ("file", "a file is renamed into the folder", FileChanges)):
        taken = of_changes(make(folder), sizes.changes, folder, options.trigger)
        report.row(key, taken, sizes.changes, percentile(taken, 0.99))
        rows.append([name, f"{percentile(taken, 0.5):.1f}", f"{percentile(taken, 0.99):.1f}", f"{min(taken):.1f} – {max(taken):.1f}", str(len(taken))])
    starts = of_starts(sizes.starts, folder)
    report.row("start", starts)
    rows.append(["from the program's start to its first POST (sandbox)", f"{statistics.median(starts):.1f}", f"{percentile(starts, 0.99):.1f}",
                 f"{min(starts):.1f} – {max(starts):.1f}", str(len(starts))])
    report.table(f"{MANIFESTS} manifests; milliseconds", ["", "p50", "p99", "spread", "samples"], rows)
    seen = "watched by `run` itself" if options.trigger == "none" else "**told by POST /-/reconcile**, not watched"
    report.remark(f"The changes were {seen}; no interval passed meanwhile.")
    report.document["trigger"] = options.trigger
