"""A cycle over clients that are all in sync, against curl fetching the same pages."""

import http.client
import random
import re
import time
import urllib.parse

from measuring import WARM_UP_ROUNDS, Figures, Inputs, Priority, harness, measure, median_of, start_hydra

CYCLES_OF_A_LOOP = 15
LONGEST_LOOP_SECONDS = 120


class Recorder:
    """A proxy in front of Hydra that notes what is asked of it, for one cycle: which pages, and no write."""

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
        """The pages of the list, without the questions that tell which Hydra it is."""
        return [path for method, path in self.asked if method == "GET" and "/clients?" in path and "page_size=1&" not in path + "&"]

    def writes(self):
        return sum(method not in ("GET", "HEAD") for method, _ in self.asked)


def record(hydra, manifests, folder):
    recorder = Recorder(hydra.endpoint)
    try:
        measure([harness.PROGRAM, "run", "--once", "--endpoint", recorder.web.url, "--manifests", manifests], folder)
        return recorder.pages(), recorder.writes()
    finally:
        recorder.web.end()


def cycle_times(metrics):
    """How many cycles a controller has made, and their seconds in all."""
    found = dict(re.findall(r"^hydra_clients_reconcile_duration_seconds_(count|sum) (\S+)$", metrics, re.M))
    return int(float(found["count"])), float(found["sum"])


def cycles_of_a_loop(hydra, manifests, folder):
    """How long the cycles of a running `run` take that are not its first, by its own clock; and the POSTs that it sent."""
    controller = harness.Controller(["--endpoint", hydra.endpoint, "--manifests", manifests, "--interval", "50ms"], folder)
    Priority.give(controller.pid)
    try:
        times, before = [], None
        deadline = time.monotonic() + LONGEST_LOOP_SECONDS
        while len(times) < CYCLES_OF_A_LOOP and time.monotonic() < deadline:
            time.sleep(0.01)
            try:
                metrics = controller.get("/metrics").text()
            except OSError:
                continue  # not listening yet
            count, total = cycle_times(metrics)
            if before and count > before[0]:
                times += [(total - before[1]) / (count - before[0])] * (count - before[0])
            before = (count, total) if count else None
        posts = re.findall(r'^hydra_clients_admin_requests_total\{.*method="POST".*\} (\S+)$', metrics, re.M)
        return times, int(sum(map(float, posts)))
    finally:
        controller.end()


def insync_contenders(hydra, inputs, pages):
    """The commands that end by themselves; the first one is what the others are held against."""
    program, endpoint = harness.PROGRAM, hydra.endpoint
    curl = ["curl", "--silent", "--fail", "--noproxy", "*", "-H", "Accept: application/json"]
    for page in pages:
        curl += ["-o", "/dev/null", endpoint + page]
    common = ["--endpoint", endpoint, "--manifests"]
    return [
        (f"curl, the same {len(pages)} pages, one connection", curl),
        ("hydra-clients plan, one array (whole process)", [program, "plan", *common, inputs.array_folder]),
        ("hydra-clients plan, a file each (whole process)", [program, "plan", *common, inputs.folder]),
        ("hydra-clients run --once, one array (whole process)", [program, "run", "--once", *common, inputs.array_folder]),
        ("hydra-clients run --once, a file each (whole process)", [program, "run", "--once", *common, inputs.folder]),
    ]


def bench_insync(options, folder, report):
    inputs = Inputs(folder, options.clients)
    hydra = start_hydra(folder)
    try:
        measure([harness.PROGRAM, "import", "--endpoint", hydra.endpoint, inputs.array], folder)
        pages, writes = record(hydra, inputs.folder, folder)
        contenders = insync_contenders(hydra, inputs, pages)
        figures = {name: Figures(name) for name, _ in contenders}
        loops = {kind: Figures(f"a cycle of `run`, {kind}") for kind in ("one array", "a file each")}
        for round_ in range(WARM_UP_ROUNDS + options.runs):
            for name, command in random.sample(contenders, len(contenders)):
                taken = measure(command, folder)
                if round_ >= WARM_UP_ROUNDS:
                    figures[name].add(taken)
            for kind, manifests in (("one array", inputs.array_folder), ("a file each", inputs.folder)):
                seconds, written = cycles_of_a_loop(hydra, manifests, folder)
                writes += written
                if round_ >= WARM_UP_ROUNDS:
                    loops[kind].values += seconds
    finally:
        hydra.end()
    figures.update({figure.name: figure for figure in loops.values()})
    base = figures[contenders[0][0]]
    report.head(f"A cycle over {options.clients:,} clients that are all in sync")
    report.say("| | seconds (median) | spread | CPU s | times as long as curl |")
    report.say("|---|---|---|---|---|")
    for figure in figures.values():
        cpu = f"{median_of(figure.cpu):.3f}" if figure.cpu else ""
        report.say(f"| {figure.name} | {figure.median:.3f} | {figure.spread()} | {cpu} | {figure.median / base.median:.2f} |")
    report.say()
    report.say(f"Pages: {', '.join(pages)}. Writes, counted: {writes}. Target: at most 2.00 times as long as curl; no write.")
    report.document["figures"] = [figure.as_json() for figure in figures.values()]
    report.document["ratios"] = {figure.name: figure.median / base.median for figure in figures.values()}
    report.document["pages"], report.document["writes"] = pages, writes
