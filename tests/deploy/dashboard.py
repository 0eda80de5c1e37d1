"""The dashboard: every panel's query on a real Prometheus, that watches real controllers of a real Hydra, gives data.

One controller reads a repository and seals secrets; what it declares is in sync but for a conflict. Clients are imported while
Prometheus looks, so that what counts imports has something to count. Another controller fetches its repository.
"""

import json
import os
import subprocess
import tempfile
import time
import unittest

import faults
import panels
import picture
import rule_file
import yaml
from alerts import Bench
from harness import public_client
from repositories import Checkout
from rules import Promtool
from verdicts import Verdicts

ABOUT = "the dashboard: every panel's query gives data"
WITHIN_SECONDS = 120


class Busy(faults.Keys):
    """A repository with a client in conflict, a PGP key, an outbox."""

    name = "busy"

    def __init__(self, bench):
        self.checkout = Checkout(os.path.join(bench.path(self.name), "manifests"))
        super().__init__(bench)

    def start(self):
        self.checkout.commit(self.client, public_client("busy-conflict"))
        hydra = self.bench.real_hydra()
        changed = {**public_client("busy-conflict"), "owner": "somebody", "scope": "openid profile"}
        hydra.fetch(hydra.clients_path, "POST", changed, headers={"Content-Type": "application/json"})
        super().start()

    def import_another(self, number):
        self.checkout.commit(public_client(f"busy-{number}"))


def figures(prometheus, panel, there):
    """[(labels, value)] of each of its queries, and the metrics that the program does not have."""
    found, missing = [], []
    for target in panel["targets"]:
        absent = rule_file.not_served(target["expr"], there)
        missing += absent
        found.append([] if absent else prometheus.query(panels.filled(target["expr"])))
    return found, missing


def check_file(verdicts):
    for name, problems in (("is what its maker makes", panels.stale), ("no panel lies over another", panels.layout_problems),
                           ("all series are chosen by datasource, job and instance", panels.selection_problems)):
        if verdicts.wants("hydra-clients.json", name):
            verdicts.say("hydra-clients.json", name, problems=problems())


def check_model(verdicts):
    if not verdicts.wants("hydra-clients.json", "Grafana's own types"):
        return
    with tempfile.TemporaryDirectory(prefix="deploy-model-") as folder:
        try:
            binary = panels.build_model(folder)
        except (OSError, subprocess.SubprocessError) as error:
            reason = f"Grafana's types cannot be had: {(getattr(error, 'stderr', '') or str(error)).strip().splitlines()[-1]}"
            if os.environ.get("CI") == "true":
                verdicts.say("hydra-clients.json", "Grafana's own types take it", problems=[reason])
            else:
                verdicts.skip("hydra-clients.json", "Grafana's own types take it", reason=reason)
            return
        verdicts.say("hydra-clients.json", "Grafana's own types take it", problems=panels.model_problems(binary))
        wrong = panels.dashboard()
        wrong["panels"][0]["options"]["colourMode"] = "background"
        path = os.path.join(folder, "wrong.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(wrong, file)
        verdicts.say("hydra-clients.json", "and would not take a field that there is not",
                     problems=[] if any("colourMode" in line for line in panels.model_problems(binary, path)) else ["they took it"])


def check_settings(verdicts):
    """Grafana's provisioning, and the example of a Prometheus."""
    for path, key in (("grafana/provisioning/datasources/prometheus.yml", "datasources"),
                      ("grafana/provisioning/dashboards/hydra-clients.yml", "providers")):
        if verdicts.wants(path, "can be read"):
            with open(os.path.join(rule_file.ROOT, "deploy", path), encoding="utf-8") as file:
                read = yaml.safe_load(file)
            verdicts.say(os.path.basename(path), f"can be read: {key}",
                         problems=[] if read["apiVersion"] == 1 and read[key] else [f"it has no {key}"])
    if verdicts.wants("prometheus.yml", "promtool takes it"):
        verdicts.say("prometheus.yml", "promtool takes it", problems=Promtool().run("check", "config", "prometheus.yml"))


def check_panels(verdicts, prometheus, imported):
    """Each is asked until it has data: a rate needs two scrapes, an alert its time."""
    there, deadline = rule_file.served(), time.monotonic() + WITHIN_SECONDS
    waiting = [panel for panel in panels.shown() if verdicts.wants(panel["title"], "has data")]
    numbers = iter(range(10_000))
    while waiting:
        imported(next(numbers))
        for panel in list(waiting):
            found, missing = figures(prometheus, panel, there)
            if missing and set(missing) <= rule_file.AWAITED:
                verdicts.skip(panel["title"], "has data", reason=f"the program has no {missing[0]} yet")
            elif missing:
                verdicts.say(panel["title"], "has data", problems=[f"the program has no {name}" for name in missing])
            elif all(any(value == value for _, value in query) for query in found):
                verdicts.say(panel["title"], f"has data: {sum(map(len, found))} series")
            elif time.monotonic() > deadline:
                verdicts.say(panel["title"], "has data", problems=[f"nothing for {panel['targets']}"])
            else:
                continue
            waiting.remove(panel)
        time.sleep(1 if waiting else 0)


def check_variables(verdicts, prometheus):
    for variable in panels.variables():
        if verdicts.wants(variable["name"], "has values to choose from"):
            values = prometheus.values_of(*panels.label_of(variable["query"]["query"]))
            verdicts.say(f"${variable['name']}", f"has values to choose from: {', '.join(values)}", problems=[] if values else ["it has none"])
    for annotation in panels.dashboard()["annotations"]["list"]:
        if verdicts.wants(annotation["name"], "can be asked for"):
            prometheus.query(panels.filled(annotation["expr"]))
            verdicts.say(annotation["name"], "can be asked for")


def check_picture(verdicts, prometheus):
    if verdicts.wants("picture", "can be drawn"):
        drawn = picture.draw(prometheus, time.time(), seconds=30)
        titles = [panel["title"] for panel in panels.shown()]
        verdicts.say("picture", "can be drawn", problems=[f"{title} is not in it" for title in titles if picture.escaped(title) not in drawn])


def run(options):
    verdicts = Verdicts(options, "{:<34} {:<60} {}")
    check_file(verdicts)
    check_model(verdicts)
    bench = Bench()
    bench.setUp()
    try:
        check_settings(verdicts)
        busy = Busy(bench)
        fetching = [faults.FetchFailing(bench)] if faults.FetchFailing.needs in rule_file.served() else []  # as long as all is well
        bench.watch([faults.Steady(bench), busy, *fetching])
        check_panels(verdicts, bench.prometheus, busy.import_another)
        check_variables(verdicts, bench.prometheus)
        check_picture(verdicts, bench.prometheus)
    except unittest.SkipTest as skip:
        verdicts.skip("all panels", "have data", reason=str(skip))
    finally:
        bench.doCleanups()
    return verdicts.end()
