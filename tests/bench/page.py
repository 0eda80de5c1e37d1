"""docs/performance.md and its plot: made from docs/performance.json, so that page and figures cannot disagree."""

import json
import os
import sys

from measuring import ROOT, write_json
from plot import growth_plot
from report import body, facts
from targets import TARGETS, show

DOCS = os.path.join(ROOT, "docs")
FIGURES = os.path.join(DOCS, "performance.json")
PAGE = os.path.join(DOCS, "performance.md")
PLOT = os.path.join(DOCS, "performance-growth.svg")

HEAD = """# What it costs

Made by `tests/bench/run docs` from `docs/performance.json`; do not edit.

Hydra is the slow part; the controller should cost nothing beside it. These are its promises, each held against a
public tool or against Hydra itself, and what the newest runs found, on one machine and in the same minutes: ratios
carry over to another machine, seconds do not. `tests/bench/run` measures all of it again; `tests/bench/run --help`
says how to run a part.

Everything runs on one machine: the program, a real Hydra with the cheapest hashing (bcrypt cost 4, pbkdf2 1
iteration) and its database in memory (v1.11.10: SQLite in a file), and the tool that is compared. So they share its
cores, and a program that computes takes from Hydra what it uses. With Hydra's default hashing a POST costs Hydra far
more, and the program's own share shrinks accordingly; only sealing is measured with it. The contenders take turns in
an order that changes from round to round, after one round that does not count (so `hyperfine`, which runs one command
after the other, is not used). A ratio is of one round; the figure is the median of the rounds, the spread their least
and their most. CPU time is the kernel's, to the nanosecond (the process's CPU clock); MB is 1,000,000 bytes.
"""

TITLES = {"import": "Importing", "sealing": "Sealing", "insync": "A cycle in sync", "scale": "Growth", "latency": "Latency",
          "source": "Reading from Git", "validate": "Validating"}

HOW = {
    "import": """`wrk` walks over the same client JSON with one thread (`tests/bench/post.lua`), each id once, against the same Hydra,
freshly started for every run: first with each number of connections, then with the best of these in every round. Its
rate is what it says itself. Of the program nobody asks when it sent its first and its last POST: it logs no more than
it does for a user, and no proxy stands between. Hydra works while there are POSTs, and idles before and after; so the
span is the time in which Hydra spent all but the first and the last hundredth of its CPU time, and the rate is 98 %
of the clients by that span. The same watcher looks at `wrk`, whose rate is known, which shows how far it can be
trusted; held against a kernel trace of the program's own calls of send(2), it was within 2 %. Start to end is the
whole process: reading and judging the manifests, asking Hydra which it is and what it holds, importing, telling. `run
--once` reads one array for v2.3.0 and a file each for v1.11.10: what Hydra's own command reads.""",
    "sealing": """Here Hydra hashes at its own default cost (bcrypt, cost 10; pbkdf2, 25,000 iterations), so that the ratio is the one
that people will see: gpg and Hydra compute on the same cores. One recipient with an RSA key of 2048 bits; the outbox is
on the machine's disk, with every fsync. The rate is found as above. Afterwards every secret must be confirmed, and one of
them, opened by gpg, must get a token from that Hydra. gpg is a process of its own for each secret: what it uses does not
stand among the cores of the program.""",
    "insync": """A `run` with `--interval 10ms`, whose first two cycles do not count; the time is its own clock's, in
`hydra_clients_reconcile_duration_seconds`, over a window of several seconds. A proxy in front of Hydra notes once
what such a cycle asks for; `curl` then fetches these pages one after another over one connection, without the proxy;
its time is the sum of its transfers, without its start. CPU times of the controller and of Hydra are of the same
window. Writes are counted by the program's own metric, by method.""",
    "scale": """As above, a `run` with `--interval 10ms` on a real Hydra v2.3.0, which the program itself filled. Peak memory is the
kernel's VmHWM of the whole process, from its start on: reading all manifests for the first time is in it.""",
    "latency": """A `run` with `--interval 1h`, so that only the change itself can wake it, on a real Hydra v2.3.0 with 100 clients.
Each change brings one new client and takes the oldest away, after a random pause. Either a whole new tree is written
and the link to it is swapped by rename(2), as git-sync does, or a file is renamed into the folder. The clock runs
from just before rename(2) until a GET of the new client, asked for every millisecond over a kept connection, answers
200. The start is seen in the sandbox's request log: from a POST sent just before the program is started to the
program's first POST; so it holds the making of the process and everything before the first POST, without Hydra's own
time.""",
    "source": """`source-reading` (tests/bench/source_reading.cpp) is the program's own reading of manifests and nothing else, in a
process that goes on as `run` does: the commit that HEAD names is found, its tree is listed and held against the one
before, new blobs are read and judged, the set is made. Each commit is made by `git commit` in a checkout whose
manifests were one pack at the round's begin; the new objects are loose. A first reading is that of a new process, without
its start: it opens the repository, reads every blob, parses and judges every manifest by schema and rules, on as many
cores as there are, and makes the set; of the checkout it also counts what is not committed, as `git status` does. `git
archive HEAD | tar x`, start to end, reads the same blobs from the same pack and writes them, into memory (/dev/shm) and
onto the disk, on two cores.""",
    "validate": """The whole process, start to end, over the same files. The other validators check the JSON Schema alone, without the
rules.""",
}


def short_falls(document):
    """What did not reach its target, in words."""
    for key, target in TARGETS[document["benchmark"]].items():
        row = document["rows"].get(key)
        if row and not row["reached"]:
            yield f"- {TITLES[document['benchmark']]}: {target.name}: {show(row['value'], target.unit)} instead of {target.text()}."


def page(figures):
    lines = [HEAD]
    if figures:
        short = [line for name in TITLES if name in figures for line in short_falls(figures[name])]
        lines += ["## What falls short", "", *(short or ["Nothing: every target is reached."]), ""]
    for name, title in TITLES.items():
        if name not in figures:
            continue  # not measured yet
        lines += [f"## {title}", ""]
        if name == "scale":
            lines += [f"![How a cycle in sync and the memory grow with the number of clients]({os.path.basename(PLOT)})", ""]
        lines += [*body(figures[name]), "", f"How it is measured. {HOW[name]}", "", facts(figures[name]) + ".", ""]
    return "\n".join(lines).rstrip() + "\n"


def plot(figures):
    if "scale" not in figures:
        return None
    targets = [(int(key.removeprefix("memory-")), target.value) for key, target in TARGETS["scale"].items() if key.startswith("memory-")]
    return growth_plot(figures["scale"]["growth"], targets)


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()


def kept_figures():
    return json.loads(read(FIGURES) or "{}")


def wanted_files(figures):
    """What should stand in docs/, by path."""
    files = {PAGE: page(figures)}
    drawn = plot(figures)
    if drawn:
        files[PLOT] = drawn
    return files


def write_docs(folder):
    """From the newest runs in the folder; a benchmark that is not there keeps its older figures."""
    figures = kept_figures()
    for name in TITLES:
        text = read(os.path.join(folder, name + ".json"))
        if text is None:
            continue
        document = json.loads(text)
        if document["quick"]:
            print(f"bench: {name}.json in {folder} is of a --quick run: its figures mean nothing", file=sys.stderr)
            return 1
        figures[name] = document
    write_json(FIGURES, figures)
    for path, text in wanted_files(figures).items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return 0


def check_docs():
    """0 where page and plot are what the figures make."""
    stale = [os.path.relpath(path, ROOT) for path, text in wanted_files(kept_figures()).items() if read(path) != text]
    for path in stale:
        print(f"FAILED  {path} does not say what docs/performance.json says: tests/bench/run docs")
    if not stale:
        print("ok      docs/performance.md says what docs/performance.json says")
    return 1 if stale else 0
