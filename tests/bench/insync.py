"""A cycle over clients that are all in sync, against curl fetching the same pages."""

import http.client
import random
import re
import urllib.parse

from clocks import cpu_seconds
from loops import Loop, Windows
from measuring import KINDS, Figures, Inputs, harness, measure, median_of, output_of, start_hydra


class Recorder:
    """A proxy in front of Hydra that notes what is asked of it: for one cycle, which is not measured."""

    def __init__(self, upstream):
        self.asked = []
        upstream_host = urllib.parse.urlsplit(upstream)

        def answer(method, path, headers):
            self.asked.append((method, path))
            connection = http.client.HTTPConnection(upstream_host.hostname, upstream_host.port, timeout=30)
            connection.request(method, path, headers={"Accept": headers.get("Accept", "*/*")})
            got = connection.getresponse()
            kept = {name: got.headers[name] for name in ("Content-Type", "Link", "X-Total-Count") if name in got.headers}
            return got.status, kept, got.read()

        self.web = harness.Web(answer)

    def pages(self):
        """The pages of the list, each once, in the order in which they were first asked for; without the list of one
        client that only tells which Hydra it is."""
        return list(dict.fromkeys(path for method, path in self.asked
                                  if method == "GET" and "/clients?" in path and not re.search(r"[?&](page_size|limit)=1(&|$)", path)))


def pages_of_a_cycle(hydra, manifests, folder):
    """What a cycle of a running `run` asks for, when it is not its first."""
    recorder = Recorder(hydra.endpoint)
    loop = Loop(hydra, manifests, folder, interval="1h", endpoint=recorder.web.url)
    try:
        ended = loop.wait_for(1).count
        recorder.asked.clear()
        loop.look_now()
        loop.wait_for(ended + 1)
        return recorder.pages(), len(recorder.asked)
    finally:
        loop.end()
        recorder.web.end()


class Curl(Figures):
    """The same pages, one after another over one connection. Its own start is not counted: only the transfers."""

    def __init__(self, endpoint, pages):
        super().__init__(f"curl, {len(pages)} pages, one connection")
        self.hydra_cpu = []
        self.command = ["curl", "--silent", "--fail", "--noproxy", "*", "-H", "Accept: application/json", "-w", "%{time_total}\n"]
        for page in pages:
            self.command += ["-o", "/dev/null", endpoint + page]

    def fetch(self, hydra, folder):
        before = cpu_seconds(hydra.server_pid)
        taken = measure(self.command, folder)
        spent = cpu_seconds(hydra.server_pid) - before
        taken.seconds = sum(map(float, output_of(folder).split()))
        return taken, spent


def one_round(hydra, inputs, curl, sizes, folder):
    """Everyone once, in any order: curl's time and Hydra's for it, windows by kind, writes."""
    found, writes = {}, 0
    for name in random.sample([*KINDS, "curl"], len(KINDS) + 1):
        if name == "curl":
            found[name] = curl.fetch(hydra, folder)
            continue
        loop = Loop(hydra, getattr(inputs, KINDS[name]), folder)
        try:
            loop.settle()
            found[name] = loop.window(sizes.window_seconds)
            writes += loop.posts()
        finally:
            loop.end()
    return found, writes


def tell(curl, windows, report, count):
    rows = [[curl.name, f"{curl.median:.3f}", curl.spread(), f"{median_of(curl.cpu):.3f}", f"{median_of(curl.hydra_cpu):.3f}", ""]]
    for kind in windows.values():
        cycles = sum(window.cycles for window in kind.windows)
        rows.append([f"a cycle of `run`, {kind.name} ({cycles} cycles)", f"{kind.median('seconds'):.3f}", kind.spread("seconds"),
                     f"{kind.median('controller_cpu'):.4f}", f"{kind.median('hydra_cpu'):.3f}", f"{kind.median('seconds') / curl.median:.2f}"])
    report.table(f"A cycle over {count:,} clients that are all in sync",
                 ["", "seconds", "spread", "its CPU s", "Hydra's CPU s", "times as long as curl"], rows)


def bench_insync(_options, sizes, folder, report):
    inputs = Inputs(folder, sizes.in_sync)
    hydra = start_hydra(folder)
    try:
        measure([harness.PROGRAM, "import", "--endpoint", hydra.endpoint, inputs.array], folder)
        pages, asked = pages_of_a_cycle(hydra, inputs.folder, folder)
        curl = Curl(hydra.endpoint, pages)
        windows = {kind: Windows(kind) for kind in KINDS}
        times, cpus, writes = [], [], 0
        for counts in sizes.all_rounds("insync"):
            found, written = one_round(hydra, inputs, curl, sizes, folder)
            writes += written
            if not counts:
                continue
            taken, spent = found.pop("curl")
            curl.add(taken)
            curl.hydra_cpu.append(spent)
            for kind, window in found.items():
                windows[kind].add(window)
            files = found["a file each"]
            times.append(files.seconds / taken.seconds)
            cpus.append(files.controller_cpu / files.hydra_cpu)
    finally:
        hydra.end()
    tell(curl, windows, report, sizes.in_sync)
    report.row("time", times, sizes.in_sync)
    report.row("cpu", cpus, sizes.in_sync)
    report.row("writes", [writes])
    report.remark(f"Such a cycle asks Hydra {asked} times; {len(pages)} of these are pages. The ratios are of a folder with a file for each client.")
    report.document.update({"pages": pages, "curl": curl.as_json(), "windows": [kind.as_json() for kind in windows.values()]})
