"""Git as the source: what reading manifests costs a cycle, by tests/bench/source_reading.cpp, which reads as `run` does."""

import json
import os
import random
import shutil
import statistics
import subprocess
import tempfile

from measuring import Checkout, Figures, Priority, client, git, harness, measure, output_of, write_json

READER = os.path.join(harness.BUILD, "source-reading")
MEMORY = "/dev/shm"
MILLISECONDS = 1e3
KINDS = ("a file changed", "a file added", "a file removed")
CALM = "no new commit"
FOLDER = "a plain folder, a file changed"
ARCHIVE = "`git archive HEAD \\| tar x`"  # as a table of Markdown wants it


class Reader:
    """A process that reads a source when it is told to; each reading is a dict of what it cost."""

    def __init__(self, path, folder):
        self.process = subprocess.Popen([READER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=harness.environment(folder))
        Priority.give(self.process.pid)

    def read(self, word="again"):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("source-reading ended")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait(harness.STOP_SECONDS)
        self.process.stdout.close()


class Sources:
    """The same manifests, a file each: a checkout that is one pack, its bare clone, and a plain folder."""

    def __init__(self, folder, count):
        self.count, self.changes = count, 0
        self.checkout = Checkout(os.path.join(folder, "checkout"))
        self.checkout.git("config", "gc.auto", "0")  # only when nothing is measured
        for number in range(count):
            self._write(self.checkout.path, number)
        self.checkout.commit()
        self.checkout.git("gc", "-q", "--prune=now")
        self.bare, self.plain = (os.path.join(folder, name) for name in ("bare.git", "plain"))
        git(folder, "clone", "-q", "--bare", self.checkout.path, self.bare)
        shutil.copytree(self.checkout.path, self.plain, ignore=shutil.ignore_patterns(".git"))

    def _write(self, folder, number, **more):
        write_json(self._path(folder, number), {**client(number), **more})

    @staticmethod
    def _path(folder, number):
        return os.path.join(folder, client(number)["client_id"] + ".json")

    def commit(self, kind):
        """Commits one file; the number of manifests then."""
        self.changes += 1
        some = random.randrange(self.count)
        if kind == "a file changed":
            self._write(self.checkout.path, some, client_name=f"Application {some}, change {self.changes}")
        elif kind == "a file added":  # anywhere among the others
            added = {**client(some), "client_id": f"{client(some)['client_id']}-{self.changes}"}
            write_json(os.path.join(self.checkout.path, added["client_id"] + ".json"), added)
        else:
            names = sorted(name for name in os.listdir(self.checkout.path) if name.endswith(".json"))
            os.remove(os.path.join(self.checkout.path, random.choice(names)))
        self.checkout.commit()

    def change_plain(self):
        self.changes += 1
        some = random.randrange(self.count)
        self._write(self.plain, some, client_name=f"Application {some}, change {self.changes}")


class Parts:
    """What readings of one kind cost, in milliseconds, round by round."""

    def __init__(self, name):
        self.name, self.rounds, self.readings = name, [], []

    def add(self, readings):
        self.rounds.append(statistics.median(reading["seconds"] for reading in readings) * MILLISECONDS)
        self.readings += readings

    def row(self):
        def median(what):
            return f"{statistics.median(what(reading) for reading in self.readings) * MILLISECONDS:.2f}"
        return [self.name, str(len(self.readings)), median(lambda one: one["seconds"]), f"{min(self.rounds):.2f} – {max(self.rounds):.2f}",
                median(lambda one: one["opening"]), median(lambda one: one["contents"]),
                median(lambda one: one["seconds"] - one["opening"] - one["contents"]), str(round(statistics.median(one["read"] for one in self.readings)))]


def readings_of(sources, kind, count, folder):
    """So many readings of one kind, each after a change, by one process that has read before."""
    reader = Reader(sources.plain if kind == FOLDER else sources.checkout.path, folder)
    try:
        reader.read()
        reader.read()  # the first that counts what is not committed has no part in it
        readings = []
        for _ in range(count):
            if kind == FOLDER:
                sources.change_plain()
            elif kind != CALM:
                sources.commit(kind)
            readings.append(reader.read())
        return readings
    finally:
        reader.end()


class FirstReads:
    """Everything for the first time, by the reader's own clock, against what writes the same files, start to end."""

    def __init__(self, sources, folder):
        self.folder = folder
        self.into = tempfile.mkdtemp(prefix="bench-", dir=MEMORY if os.access(MEMORY, os.W_OK) else folder)
        archive = f"git -C {sources.checkout.path} archive HEAD | tar x -C "
        self.targets = (os.path.join(self.into, "tree"), os.path.join(folder, "tree"))
        self.commands = {
            "the checkout": f"echo anew | {READER} {sources.checkout.path}",
            "its bare clone": f"echo anew | {READER} {sources.bare}",
            "a plain folder": f"echo anew | {READER} {sources.plain}",
            f"{ARCHIVE} into memory": archive + self.targets[0],
            f"{ARCHIVE} onto the disk": archive + self.targets[1]}
        self.figures = {name: Figures(name) for name in self.commands}

    def one_round(self, counts):
        for name in random.sample(list(self.commands), len(self.commands)):
            for target in self.targets:
                shutil.rmtree(target, ignore_errors=True)
                os.makedirs(target)
            taken = measure(["sh", "-c", self.commands[name]], self.folder)
            if READER in self.commands[name]:
                taken.seconds = json.loads(output_of(self.folder))["seconds"]
            if counts:
                self.figures[name].add(taken)

    def ratios(self):
        ours, theirs = self.figures["the checkout"], self.figures[f"{ARCHIVE} into memory"]
        return [our / its for our, its in zip(ours.values, theirs.values)]

    def end(self):
        shutil.rmtree(self.into, ignore_errors=True)


def tell(parts, first, report, count):
    report.table(f"What reading {count:,} manifests costs a cycle, milliseconds",
                 ["", "readings", "all of it", "spread of the rounds", "opening: the commit, its tree", "contents", "judging them, the set", "contents read"],
                 [part.row() for part in parts.values()])
    report.table(f"The first reading of {count:,} manifests", ["", "seconds", "spread", "CPU s of the process"],
                 [[figure.name, f"{figure.median:.3f}", figure.spread(), f"{statistics.median(figure.cpu):.3f}"] for figure in first.figures.values()])


def bench_source(_options, sizes, folder, report):
    sources = Sources(folder, sizes.files)
    parts = {kind: Parts(kind) for kind in (*KINDS, CALM, FOLDER)}
    first = FirstReads(sources, folder)
    try:
        for counts in sizes.all_rounds("source"):
            first.one_round(counts)
            for kind in random.sample(list(parts), len(parts)):
                readings = readings_of(sources, kind, sizes.commits, folder)
                if counts:
                    parts[kind].add(readings)
            sources.checkout.git("gc", "-q", "--prune=now")
    finally:
        first.end()
    tell(parts, first, report, sizes.files)
    report.row("commit", parts["a file changed"].rounds, sizes.files)
    report.row("added", parts["a file added"].rounds, sizes.files)
    report.row("first", first.ratios(), sizes.files)
    report.document["parts"] = {part.name: part.rounds for part in parts.values()}
    report.document["first"] = [figure.as_json() for figure in first.figures.values()]
