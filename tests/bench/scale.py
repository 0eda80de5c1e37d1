"""How a cycle in sync, its CPU time and the memory grow with the clients that are there."""

import os
import random
import shutil

from loops import Loop, Windows
from measuring import KINDS, MEGABYTE, Inputs, client, harness, measure, start_hydra, write_json

FEW = 10


def filled(hydra, count, folder):
    """A Hydra that holds so many clients; those that it lacks are imported by the program."""
    manifests = os.path.join(folder, "fill")
    os.makedirs(manifests, exist_ok=True)
    write_json(os.path.join(manifests, "all.json"), [client(number) for number in range(count)])
    measure([harness.PROGRAM, "run", "--once", "--endpoint", hydra.endpoint, "--manifests", manifests], folder)
    return hydra


def window_of(hydra, manifests, folder, seconds):
    """A window of a fresh `run`, and its peak memory, the first cycle's too."""
    loop = Loop(hydra, manifests, folder)
    try:
        loop.settle()
        window = loop.window(seconds)
        return window, loop.peak_memory()
    finally:
        loop.end()


def few_of_many(sizes, folder, report):
    """The same 10 manifests, where Hydra holds them alone, and where it holds many others."""
    inputs = Inputs(os.path.join(folder, "few"), FEW)
    counts = (FEW, sizes.live)
    windows = {count: Windows(f"{count:,} live clients") for count in counts}
    hydras = []
    try:
        for _ in counts:
            hydras.append(start_hydra(folder))
        by_count = {count: filled(hydra, count, folder) for count, hydra in zip(counts, hydras)}
        for measured in sizes.all_rounds("scale, few manifests"):
            for count in random.sample(counts, len(counts)):
                window, _ = window_of(by_count[count], inputs.folder, folder, sizes.window_seconds)
                if measured:
                    windows[count].add(window)
    finally:
        for hydra in hydras:
            hydra.end()
    report.table("A cycle with 10 manifests, all in sync, Hydra v2.3.0", ["", "seconds", "spread", "CPU s of the controller", "CPU s of Hydra"],
                 [[kind.name, f"{kind.median('seconds'):.4f}", kind.spread("seconds"), f"{kind.median('controller_cpu'):.4f}",
                   f"{kind.median('hydra_cpu'):.4f}"] for kind in windows.values()])
    ratios = [many.seconds / few.seconds for few, many in zip(windows[FEW].windows, windows[sizes.live].windows)]
    report.row("live", ratios, sizes.live)
    report.document["few_of_many"] = [kind.as_json() for kind in windows.values()]


class Step:
    """All that was measured with so many clients, by kind of folder."""

    def __init__(self, count):
        self.count = count
        self.windows = {kind: Windows(kind) for kind in KINDS}
        self.memory = {kind: [] for kind in KINDS}

    def measure(self, hydra, folder, sizes):
        here = os.path.join(folder, str(self.count))
        inputs = Inputs(here, self.count)
        for measured in sizes.all_rounds(f"scale, {self.count:,} clients"):
            for kind in random.sample(list(KINDS), len(KINDS)):
                window, memory = window_of(hydra, getattr(inputs, KINDS[kind]), folder, sizes.window_seconds)
                if measured:
                    self.windows[kind].add(window)
                    self.memory[kind].append(memory / MEGABYTE)
        shutil.rmtree(here)

    def peaks(self):
        """The larger of the two kinds, round by round."""
        return [max(pair) for pair in zip(*self.memory.values())]

    def rows(self):
        for kind, windows in self.windows.items():
            yield [f"{self.count:,}", kind, f"{windows.median('seconds'):.4f}", windows.spread("seconds"), f"{windows.median('controller_cpu'):.4f}",
                   f"{windows.median('hydra_cpu'):.4f}", f"{max(self.memory[kind]):.0f}"]

    def point(self):
        """For the plot: of a file each."""
        windows = self.windows["a file each"]
        return {"clients": self.count, "seconds": windows.median("seconds"), "controller_cpu": windows.median("controller_cpu"),
                "hydra_cpu": windows.median("hydra_cpu"), "memory": max(self.memory["a file each"])}


def growth(sizes, folder, report):
    hydra = start_hydra(folder)
    try:
        steps = [Step(count) for count in sizes.growth]
        for step in steps:
            filled(hydra, step.count, folder)
            step.measure(hydra, folder, sizes)
    finally:
        hydra.end()
    report.table("A cycle in sync with as many manifests as live clients, Hydra v2.3.0",
                 ["clients", "manifests", "seconds", "spread", "CPU s of the controller", "CPU s of Hydra", "peak memory, MB"],
                 [row for step in steps for row in step.rows()])
    for step in steps:
        if step.count >= 10_000:
            report.row(f"memory-{step.count}", step.peaks(), value=max(step.peaks()))
    report.document["growth"] = [step.point() for step in steps]
    report.document["steps"] = [{"clients": step.count, "memory": step.memory, "windows": [kind.as_json() for kind in step.windows.values()]}
                                for step in steps]


def bench_scale(_options, sizes, folder, report):
    few_of_many(sizes, folder, report)
    growth(sizes, folder, report)
    report.remark("Peak memory is VmHWM of a `run` from its start on, the first cycle included; a row's figure is the largest of all rounds and of both "
                  "kinds of folder. All is against a real Hydra v2.3.0, which the program itself filled; the sandbox was not needed.")
