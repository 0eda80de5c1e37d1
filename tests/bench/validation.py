"""`validate` against reading alone, and against general validators of JSON Schema."""

import json
import os
import random
import subprocess

from measuring import ROOT, TESTS, WARM_UP_ROUNDS, Figures, client, harness, measure, median_of, write_json

FILES = 10_000
CLIENTS_OF_THE_BIG_FILE = 100_000
SCHEMA = os.path.join(ROOT, "schemas", "oauth2-client.schema.json")


def validators():
    """Where tests/node/get put the general validators; None, with the reason said, where they cannot be had."""
    got = subprocess.run([os.path.join(TESTS, "node", "get")], capture_output=True, text=True, check=False)
    if got.returncode != 0:
        print("The general validators are left out: " + (got.stderr.strip().splitlines() or ["no reason given"])[-1])
        return None
    return got.stdout.strip()


def write_files(folder):
    os.makedirs(folder)
    for number in range(FILES):
        write_json(os.path.join(folder, f"{number:05d}.json"), client(number))
    return folder


def contenders(folder, node):
    """Name and command; the first is what the others are held against."""
    found = [
        ("hydra-clients validate", [harness.PROGRAM, "validate", folder]),
        ("cat of the same files", ["sh", "-c", "exec cat " + folder + "/*.json > /dev/null"]),
    ]
    if node:
        def installed(command):
            return [os.path.join(node, "bin", "node"), os.path.join(node, "node_modules", ".bin", command)]
        found += [
            ("@sourcemeta/jsonschema validate", [*installed("jsonschema"), "validate", SCHEMA, folder]),
            ("ajv-cli validate", [*installed("ajv"), "validate", "--spec=draft7", "--strict=false", "-s", SCHEMA, "-d", folder + "/*.json"]),
        ]
    return found


def of_many_files(options, folder, report):
    files = write_files(os.path.join(folder, "files"))
    all_of_them = contenders(files, validators())
    figures = {name: Figures(name) for name, _ in all_of_them}
    for round_ in range(WARM_UP_ROUNDS + options.runs):
        for name, command in random.sample(all_of_them, len(all_of_them)):
            taken = measure(command, folder)
            if round_ >= WARM_UP_ROUNDS:
                figures[name].add(taken)
    base = figures[all_of_them[0][0]]
    report.head(f"Validating {FILES:,} files of one client")
    report.say("| | seconds (median) | spread | CPU s | peak memory, MiB | times as long as validate |")
    report.say("|---|---|---|---|---|---|")
    for figure in figures.values():
        report.say(f"| {figure.name} | {figure.median:.3f} | {figure.spread()} | {median_of(figure.cpu):.3f} | {max(figure.memory) >> 20} | "
                   f"{figure.median / base.median:.2f} |")
    report.say()
    cat = figures[all_of_them[1][0]]
    report.say(f"`validate` takes {base.median / cat.median:.2f} times as long as `cat` (target: at most 1.50). Targets: @sourcemeta/jsonschema "
               "at least 3 times as long as `validate`, ajv-cli at least 5 times; at most 64 MiB.")
    report.document["figures"] = [figure.as_json() for figure in figures.values()]
    report.document["ratios"] = {figure.name: figure.median / base.median for figure in figures.values()}


def of_one_big_file(options, folder, report):
    path = os.path.join(folder, "big.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump([client(number) for number in range(CLIENTS_OF_THE_BIG_FILE)], file, separators=(",", ":"))
    figure = Figures("hydra-clients validate")
    for _ in range(options.runs):
        figure.add(measure(["taskset", "--cpu-list", "0", harness.PROGRAM, "validate", path], folder))
    size = os.path.getsize(path)
    report.say()
    report.say(f"A file of {CLIENTS_OF_THE_BIG_FILE:,} clients, {size / 1e6:.0f} MB, on one core: {figure.median:.2f} s ({figure.spread()}; target: at "
               f"most 5), {max(figure.memory) / size:.1f} times the file in memory (target: at most 12).")
    report.document["big"] = figure.as_json()


def bench_validate(options, folder, report):
    of_many_files(options, folder, report)
    of_one_big_file(options, folder, report)
