"""`import` and `run --once` against Hydra's own command."""

import os
import random
import subprocess

from measuring import TESTS, WARM_UP_ROUNDS, HYDRA_VERSION, Figures, Inputs, harness, measure, median_of, start_hydra


def import_contenders(inputs, binary):
    """Name and command; the first one is what the others are held against."""
    program = harness.PROGRAM
    return [
        ("hydra import oauth2-client, one array", lambda h: [binary, "import", "oauth2-client", "--endpoint", h, inputs.array]),
        ("hydra-clients import, one array", lambda h: [program, "import", "--endpoint", h, inputs.array]),
        ("hydra-clients import, a file each", lambda h: [program, "import", "--endpoint", h, *inputs.files]),
        ("hydra-clients run --once, one array", lambda h: [program, "run", "--once", "--endpoint", h, "--manifests", inputs.array_folder]),
        ("hydra-clients run --once, a file each", lambda h: [program, "run", "--once", "--endpoint", h, "--manifests", inputs.folder]),
    ]


def one_import(command, count, folder):
    """Into an empty Hydra; what it then holds is counted."""
    hydra = start_hydra(folder)
    try:
        taken = measure(command(hydra.endpoint), folder)
        held = int(hydra.fetch("/admin/clients?page_size=1").headers["X-Total-Count"])
        if held != count:
            raise RuntimeError(f"Hydra holds {held} clients instead of {count}")
        return taken
    finally:
        hydra.end()


def bench_import(options, folder, report):
    binary = subprocess.run([os.path.join(TESTS, "hydra", "get"), HYDRA_VERSION], capture_output=True, text=True,
                            check=True).stdout.strip()
    contenders = import_contenders(Inputs(folder, options.clients), binary)
    figures = {name: Figures(name) for name, _ in contenders}
    for round_ in range(WARM_UP_ROUNDS + options.runs):
        for name, command in random.sample(contenders, len(contenders)):
            taken = one_import(command, options.clients, folder)
            if round_ >= WARM_UP_ROUNDS:
                figures[name].add(taken)
    base = figures[contenders[0][0]]
    report.head(f"Importing {options.clients:,} clients into an empty Hydra")
    report.say("| | seconds (median) | spread | clients/s | CPU s | times as fast |")
    report.say("|---|---|---|---|---|---|")
    for figure in figures.values():
        report.say(f"| {figure.name} | {figure.median:.3f} | {figure.spread()} | {options.clients / figure.median:,.0f} | "
                   f"{median_of(figure.cpu):.2f} | {base.median / figure.median:.2f} |")
    report.say()
    report.say("Target: at least 2.00 times as fast as `hydra import oauth2-client`.")
    report.document["figures"] = [figure.as_json() for figure in figures.values()]
    report.document["ratios"] = {figure.name: base.median / figure.median for figure in figures.values()}
