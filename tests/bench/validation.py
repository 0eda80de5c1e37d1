"""`validate` against reading alone, and against general validators of JSON Schema."""

import json
import os
import random
import subprocess

from measuring import MEGABYTE, ROOT, TESTS, Figures, client, harness, measure, median_of, write_json

SCHEMA = os.path.join(ROOT, "schemas", "oauth2-client.schema.json")


def validators(report):
    """Where tests/node/get put the general validators; None, with the reason said, where they cannot be had."""
    got = subprocess.run([os.path.join(TESTS, "node", "get")], capture_output=True, text=True, check=False)
    if got.returncode != 0:
        report.remark("The general validators are left out: " + (got.stderr.strip().splitlines() or ["no reason given"])[-1])
        return None
    return got.stdout.strip()


def write_files(folder, count):
    os.makedirs(folder)
    for number in range(count):
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


def of_many_files(sizes, folder, report):
    files = write_files(os.path.join(folder, "files"), sizes.files)
    all_of_them = contenders(files, validators(report))
    figures = {name: Figures(name) for name, _ in all_of_them}
    for counts in sizes.all_rounds("validate"):
        for name, command in random.sample(all_of_them, len(all_of_them)):
            taken = measure(command, folder)
            if counts:
                figures[name].add(taken)
    ours, cat, *others = figures.values()
    report.table(f"Validating {sizes.files:,} files of one client",
                 ["", "seconds", "spread", "CPU s", "peak memory, MB", "times as long as validate"],
                 [[figure.name, f"{figure.median:.3f}", figure.spread(), f"{median_of(figure.cpu):.3f}", f"{max(figure.memory) / MEGABYTE:.0f}",
                   f"{figure.median / ours.median:.2f}"] for figure in figures.values()])
    report.row("cat", [our / its for our, its in zip(ours.values, cat.values)], sizes.files)
    for key, other in zip(("jsonschema", "ajv"), others):
        report.row(key, [its / our for our, its in zip(ours.values, other.values)])
    report.row("memory", [peak / MEGABYTE for peak in ours.memory], value=max(ours.memory) / MEGABYTE)
    report.document["figures"] = [figure.as_json() for figure in figures.values()]


def of_one_big_file(sizes, folder, report):
    path = os.path.join(folder, "big.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump([client(number) for number in range(sizes.big_file)], file, separators=(",", ":"))
    figure = Figures("hydra-clients validate")
    for _ in range(sizes.rounds):
        figure.add(measure(["taskset", "--cpu-list", "0", harness.PROGRAM, "validate", path], folder))
    size = os.path.getsize(path)
    report.row("big", figure.values)
    report.row("big-memory", [peak / size for peak in figure.memory], value=max(figure.memory) / size)
    report.document["big"] = {**figure.as_json(), "bytes": size}


def bench_validate(_options, sizes, folder, report):
    of_many_files(sizes, folder, report)
    of_one_big_file(sizes, folder, report)
