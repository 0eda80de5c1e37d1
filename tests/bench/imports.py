"""Importing into an empty Hydra: the rate of POSTs against `wrk`, the whole against Hydra's own command."""

import os
import random
import subprocess

from clocks import Watcher
from measuring import HYDRA_V1, HYDRA_VERSION, TESTS, Figures, Inputs, clients_held, harness, measure, median_of, start_hydra
from wrk import Wrk

ONCE_ARRAY = "hydra-clients run --once, one array"
ONCE_FILES = "hydra-clients run --once, a file each"
ONCE_UNIX = "hydra-clients run --once, one array, unix socket"
WRK = "wrk"


class Contender:
    def __init__(self, name, command, over_unix=False):
        self.name, self.command, self.over_unix = name, command, over_unix


def contenders(version, inputs, binary, quick):
    """The first one is Hydra's own command, in its quickest form, which the others are held against. A quick try leaves
    out those that no target is about."""
    program = harness.PROGRAM
    ours = [
        Contender(ONCE_ARRAY, lambda h: [program, "run", "--once", "--endpoint", h, "--manifests", inputs.array_folder]),
        Contender(ONCE_FILES, lambda h: [program, "run", "--once", "--endpoint", h, "--manifests", inputs.folder]),
    ]
    if not quick:
        ours += [
            Contender("hydra-clients import, one array", lambda h: [program, "import", "--endpoint", h, inputs.array]),
            Contender("hydra-clients import, a file each", lambda h: [program, "import", "--endpoint", h, *inputs.files]),
        ]
    if version == HYDRA_V1:
        return [Contender("hydra clients import, a file each", lambda h: [binary, "clients", "import", "--endpoint", h, *inputs.files]), *ours]
    return [
        Contender("hydra import oauth2-client, one array", lambda h: [binary, "import", "oauth2-client", "--endpoint", h, inputs.array]),
        *ours,
        Contender(ONCE_UNIX, lambda h: [program, "run", "--once", "--endpoint", h, "--manifests", inputs.array_folder], over_unix=True),
    ]


class Samples(Figures):
    """Of one contender, the spans of its POSTs too."""

    def __init__(self, name):
        super().__init__(name)
        self.spans, self.rates = [], []

    def add_span(self, span, rate):
        self.spans.append(span)
        self.rates.append(rate)

    def as_json(self):
        return {**super().as_json(), "posts_per_second": self.rates}


def import_once(contender, version, count, folder, settings=(), check=None):
    """Into a fresh Hydra, with these settings of its own; what it then holds is counted, and checked where there is more to check."""
    hydra = start_hydra(folder, version, os.path.join(folder, "admin.sock") if contender.over_unix else None, settings)
    watcher = Watcher(hydra.server_pid)
    try:
        taken = measure(contender.command(hydra.endpoint), folder, watcher.start)
        span = watcher.span()
        held = clients_held(hydra)
        if held != count:
            raise RuntimeError(f"{contender.name}: Hydra holds {held} clients instead of {count}")
        if check:
            check(hydra)
        return taken, span
    finally:
        hydra.end()


def one_round(contenders_, version, wrk, best):
    """Everyone once, in any order: name, what it took, its span, its rate."""
    folder, count = wrk.folder, wrk.sizes.imported
    for contender in random.sample([*contenders_, None], len(contenders_) + 1):
        if contender is None:
            rate, span = wrk.post(version, best["connections"], wrk.seconds_for(best["rate"]))
            yield WRK, None, span, rate
        else:
            taken, span = import_once(contender, version, count, folder)
            yield contender.name, taken, span, span.rate(count)


def shares(figures, name):
    """Its POST rate as a share of wrk's, round by round."""
    return [ours / theirs for ours, theirs in zip(figures[name].rates, figures[WRK].rates)]


def times_as_fast(figures, name, base):
    return [theirs / ours for ours, theirs in zip(figures[name].values, figures[base].values)]


def per_post(figure, side):
    """CPU microseconds of one POST, of its sender ("client_cpu") or of Hydra ("hydra_cpu")."""
    return 1e6 * median_of([getattr(span, side) / (rate * span.seconds) for span, rate in zip(figure.spans, figure.rates)])


def cores(figure, side):
    return median_of([getattr(span, side) / span.seconds for span in figure.spans])


def tell(version, figures, base, sweep, report, count):
    report.table(f"`wrk` on Hydra {version}, POSTs a second by its connections (the best of the tries)", [str(number) for number in sweep],
                 [[f"{rate:,.0f}" for rate in sweep.values()]])
    rows = []
    for figure in figures.values():
        whole = [f"{figure.median:.3f}", figure.spread(), f"{figures[base].median / figure.median:.2f}"] if figure.values else ["", "", ""]
        rows.append([figure.name, *whole, f"{median_of(figure.rates):,.0f}", f"{min(figure.rates):,.0f} – {max(figure.rates):,.0f}",
                     *(f"{cores(figure, side):.2f}" for side in ("client_cpu", "hydra_cpu")),
                     *(f"{per_post(figure, side):,.0f}" for side in ("client_cpu", "hydra_cpu"))])
    report.table(f"{count:,} clients into an empty Hydra {version}",
                 ["", "seconds, start to end", "spread", "times as fast", "POSTs/s, first to last", "spread", "cores used by it", "cores used by Hydra",
                  "its CPU µs a POST", "Hydra's CPU µs a POST"], rows)
    tell_where_the_rest_goes(version, figures, report)


def tell_where_the_rest_goes(version, figures, report):
    wrk, ours = ({side: per_post(figures[name], side) for side in ("client_cpu", "hydra_cpu")} for name in (WRK, ONCE_ARRAY))
    both, both_ours = sum(wrk.values()), sum(ours.values())
    idle = os.cpu_count() - cores(figures[ONCE_ARRAY], "client_cpu") - cores(figures[ONCE_ARRAY], "hydra_cpu")
    report.remark(f"Where the rest goes, Hydra {version}: a POST costs `wrk` {wrk['client_cpu']:,.0f} µs of CPU and Hydra {wrk['hydra_cpu']:,.0f} µs; "
                  f"it costs `run --once` {ours['client_cpu']:,.0f} µs and Hydra, which it asks, {ours['hydra_cpu']:,.0f} µs. Where all cores are full, this "
                  f"alone makes its share of the rate {both / both_ours:.2f}. Of {os.cpu_count()} cores, {max(idle, 0):.2f} did something else or nothing "
                  "meanwhile.")


def of_version(version, inputs, wrk, sizes, report):
    binary = subprocess.run([os.path.join(TESTS, "hydra", "get"), version], capture_output=True, text=True, check=True).stdout.strip()
    sweep, connections = wrk.sweep(version)
    best = {"connections": connections, "rate": sweep[connections]}
    everyone = contenders(version, inputs, binary, sizes.quick)
    figures = {name: Samples(name) for name in [WRK, *(contender.name for contender in everyone)]}
    for counts in sizes.all_rounds(f"import, Hydra {version}"):
        for name, taken, span, rate in one_round(everyone, version, wrk, best):
            if counts:
                figures[name].add_span(span, rate)
                if taken:
                    figures[name].add(taken)
    base = everyone[0].name
    tell(version, figures, base, sweep, report, sizes.imported)
    suffix, same_input = ("-v1", ONCE_FILES) if version == HYDRA_V1 else ("", ONCE_ARRAY)
    report.row("rate" + suffix, shares(figures, ONCE_ARRAY), sizes.imported)
    report.row("whole" + suffix, times_as_fast(figures, same_input, base), sizes.imported)
    if ONCE_UNIX in figures:
        report.row("rate-unix", shares(figures, ONCE_UNIX), sizes.imported)
    report.document[version] = {"sweep": sweep, "figures": [figure.as_json() for figure in figures.values() if figure.values],
                                "wrk": figures[WRK].rates}


def bench_import(_options, sizes, folder, report):
    inputs, wrk = Inputs(folder, sizes.imported), Wrk(folder, sizes)
    for version in (HYDRA_VERSION, HYDRA_V1):
        of_version(version, inputs, wrk, sizes, report)
    report.remark(f"The same watcher that finds our rate found {median_of(wrk.watched):.3f} times what `wrk` says of itself "
                  f"({min(wrk.watched):.3f} – {max(wrk.watched):.3f}): so far its figures may be trusted.")
    report.document["watched_wrk"] = wrk.watched
