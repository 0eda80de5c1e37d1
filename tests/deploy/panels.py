"""The shipped dashboard: its panels, and what Grafana would ask Prometheus for them."""

import json
import os
import re
import subprocess

from harness import ROOT, TESTS

FOLDER = os.path.join(ROOT, "deploy", "grafana")
PATH = os.path.join(FOLDER, "hydra-clients.json")
MODEL = os.path.join(TESTS, "deploy", "grafana-model")
COLUMNS = 24
TOOL_SECONDS = 600
RATE, INTERVAL, RANGE = "10s", "5s", "1m"  # what a Grafana would put in, were it to show the last minute


def dashboard():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def shown():
    """The panels that ask for something."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def variables():
    return [variable for variable in dashboard()["templating"]["list"] if variable["type"] == "query"]


def filled(expression, rate=RATE, span=RANGE):
    """With all instances chosen."""
    for name, value in (("$__rate_interval", rate), ("$__interval", INTERVAL), ("$__range", span), ("$job", ".*"), ("$instance", ".*")):
        expression = expression.replace(name, value)
    assert "$_" not in expression, f"an unknown variable in {expression}"
    return expression


def label_of(query):
    """(the label, the series) of Grafana's label_values(SERIES, LABEL)."""
    return re.fullmatch(r"label_values\((\w+), (\w+)\)", query).group(2, 1)


def stale():
    """What hydra-clients.json and its maker do not agree in."""
    made = subprocess.run([os.path.join(FOLDER, "make-dashboard"), "--print"], capture_output=True, text=True, timeout=60, check=False)
    with open(PATH, encoding="utf-8") as file:
        same = made.returncode == 0 and file.read() == made.stdout
    return [] if same else [f"it is not what deploy/grafana/make-dashboard makes: run that {made.stderr[-500:]}".strip()]


def layout_problems():
    panels = dashboard()["panels"]
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "two panels have one id"
    cells = set()
    for panel in panels:
        place = panel["gridPos"]
        own = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        if own & cells or place["x"] + place["w"] > COLUMNS:
            yield f"{panel['title']} lies over another panel, or beyond the edge"
        cells |= own


def selection_problems():
    """Every series is one of the chosen datasource, job and instances."""
    for panel in shown():
        for target in panel["targets"]:
            names = re.findall(r"\b(?:hydra_clients|process)_\w+", target["expr"])
            if target["expr"].count('job=~"$job",instance=~"$instance"') != len(names) and "ALERTS" not in target["expr"]:
                yield f"{panel['title']} does not choose by job and instance"
            if target["datasource"]["uid"] != "${datasource}" or panel["datasource"]["uid"] != "${datasource}":
                yield f"{panel['title']} does not use the chosen datasource"


def build_model(folder):
    """The program that reads a dashboard by Grafana's own types."""
    found = subprocess.run([os.path.join(TESTS, "hydra", "get"), "--go"], capture_output=True, text=True, check=True, timeout=TOOL_SECONDS)
    binary = os.path.join(folder, "grafana-model")
    subprocess.run([found.stdout.strip(), "build", "-o", binary, "."], cwd=MODEL, check=True, timeout=TOOL_SECONDS, capture_output=True, text=True,
                   env={**os.environ, "GOTOOLCHAIN": "local"})
    return binary


def model_problems(binary, path=PATH):
    done = subprocess.run([binary, path], capture_output=True, text=True, timeout=60, check=False)
    return (done.stdout + done.stderr).splitlines()
