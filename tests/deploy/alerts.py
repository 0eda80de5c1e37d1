"""Every alert, fired and ended by what it is about: a real Prometheus watches a real controller for each fault, all at once.

The rules are the shipped ones in time lapse (rule_file.time_lapse). First nothing is wrong, and nothing may fire; then each fault
happens, and its alert fires; then each is healed, and its alert ends. At the end of all, of each instance those alerts fired
that belong to its fault, and no other. What is asserted is what comes, not when.
"""

import os
import re
import subprocess
import time
import unittest

import faults
import rule_file
from harness import Case, environment
from prometheus import Prometheus
from verdicts import Verdicts

ABOUT = "each alert, fired and ended by what it is about"
VERSION = "v2.3.0"
WITHIN_SECONDS = 150  # of each alert, on a busy machine; unhurried it is 10 to 45
SETTLE_SECONDS = 30
QUIET_SECONDS = 12  # longer than any alert of the time lapse waits
CYCLES_BEFORE = 2
STEP_SECONDS = 0.25
FORM = "{:<30} {:<12} {:<54} {:>7} {:>7}  {}"


class Bench(Case):
    """What the faults stand on: a folder, a real Hydra that those share which leave it alone, and Prometheus."""

    VERSION = VERSION

    def runTest(self):
        """unittest wants one; run() below drives it."""

    def setUp(self):
        super().setUp()
        self._hydra = None

    def real_hydra(self):
        if self._hydra is None:
            self._hydra = self.hydra(VERSION)
        return self._hydra

    def watch(self, watched):
        self.prometheus = Prometheus(self, {fault.name: fault.port for fault in watched}, rule_file.time_lapse())


class Watching:
    """The course of it, with the times that the table tells."""

    def __init__(self, bench, watched):
        self.bench, self.watched = bench, watched
        self.texts = {}  # of alerts that fired, by (alert, instance)
        self.fired, self.ended = {}, {}  # seconds, by the fault's name
        self.typed = {}  # what was wrong with what the runbook tells to type, by the fault's name
        self.quiet_since = None

    def settle(self):
        """All are scraped, in sync, and no alert so much as waits; then nothing fires for a while."""
        bench, prometheus = self.bench, self.bench.prometheus
        for fault in self.watched:
            bench.wait_for_cycles(fault.controller, CYCLES_BEFORE)
        bench.eventually(lambda: len(prometheus.query("hydra_clients_in_sync == 1 and on (instance) up == 1")) == len(self.watched),
                         "every controller is scraped, and in sync", within=WITHIN_SECONDS)
        deadline = time.monotonic() + SETTLE_SECONDS  # before the first scrape there was no controller
        while prometheus.alerts() and time.monotonic() < deadline:
            time.sleep(STEP_SECONDS)
        self.quiet_since = time.time()
        time.sleep(QUIET_SECONDS)
        return sorted(prometheus.fired(time.time() - self.quiet_since))

    def _wait(self, done, times):
        """Until done(fault) was true of each; notes when."""
        began = time.monotonic()
        while len(times) < len(self.watched) and time.monotonic() - began < WITHIN_SECONDS:
            firing = self._firing()
            for fault in self.watched:
                if fault.name not in times and done(fault, firing):
                    times[fault.name] = time.monotonic() - began
            time.sleep(STEP_SECONDS)

    def _firing(self):
        alerts = [alert for alert in self.bench.prometheus.alerts() if alert["state"] == "firing"]
        for alert in alerts:
            labels = alert["labels"]
            self.texts[(labels["alertname"], labels.get("instance", ""))] = alert["annotations"]
        return {(alert["labels"]["alertname"], alert["labels"].get("instance", "")) for alert in alerts}

    def happen(self):
        for fault in self.watched:
            fault.happen()
        self._wait(lambda fault, firing: not fault.alert or (fault.alert, fault.name) in firing, self.fired)
        for fault in self.watched:
            if fault.name in self.fired and fault.alert:
                fault.show()
                self.typed[fault.name] = list(runbook_problems(self.bench, fault.alert, fault.port))

    def heal(self):
        for fault in self.watched:
            fault.heal()
        self._wait(lambda fault, firing: not any(instance == fault.name for _, instance in firing), self.ended)

    def everybody_gone(self):
        """(what is wrong, seconds until it fires, until it ends) of the alert that no controller is there."""
        began, name = time.monotonic(), "HydraClientsAbsent"
        history = self.bench.prometheus.fired(time.time() - self.quiet_since)
        for fault in self.watched:
            fault.controller.end()
        self.bench.eventually(lambda: (name, "") in self._firing(), f"{name} fires", within=WITHIN_SECONDS)
        fired = time.monotonic() - began
        problems = [f"{name} fired before"] if (name, "") in history else []
        problems += runbook_problems(self.bench, name, 0)
        self.watched[0].start()
        began = time.monotonic()
        self.bench.eventually(lambda: (name, "") not in self._firing(), f"{name} ends", within=WITHIN_SECONDS)
        return problems, fired, time.monotonic() - began


COMMAND = re.compile(r'^    (curl -s "(?:http://\$INSTANCE|\$PROMETHEUS)/.*?)(?: {2,}#.*)?$', re.M)  # of a runbook, for any shell
COMMAND_SECONDS = 30


def runbook_problems(bench, alert, port):
    """What its page tells to type gives an answer while the fault lasts."""
    with open(os.path.join(rule_file.RUNBOOKS, alert + ".md"), encoding="utf-8") as file:
        commands = COMMAND.findall(file.read().split("## What to do")[0])
    env = environment(bench.folder, {"INSTANCE": f"127.0.0.1:{port}", "PROMETHEUS": bench.prometheus.address})
    for command in commands:
        done = subprocess.run(["sh", "-c", command.replace("STATE", "invalid")], env=env, capture_output=True, text=True,
                              timeout=COMMAND_SECONDS, check=False)
        answer = done.stdout.strip()
        if done.returncode != 0 or not answer.replace("null", "").strip():
            yield f"its runbook's {command!r} gives {answer + done.stderr!r}"


def text_problems(texts, alert, instance):
    """Of what people get to read."""
    for name, text in texts.get((alert, instance), {}).items():
        if any(fault in text for fault in ("<no value>", "<error", "{{", "%!")):
            yield f"its {name} reads: {text}"
    if instance and instance not in texts.get((alert, instance), {}).get("description", instance):
        yield "its description does not name the instance"


def problems_of(fault, watching, history):
    others = {alert for alert, instance in history if instance == fault.name} - {fault.alert} - fault.along
    yield from (f"{alert} fired as well" for alert in sorted(others))
    if fault.alert and fault.name not in watching.fired:
        yield f"it did not fire within {WITHIN_SECONDS} s"
    if fault.name not in watching.ended:
        yield f"it did not end within {WITHIN_SECONDS} s"
    yield from watching.typed.get(fault.name, [])
    yield from text_problems(watching.texts, fault.alert, fault.name)


def watch(bench, verdicts, chosen):
    watched = [kind(bench) for kind in chosen]
    bench.watch(watched)
    watching = Watching(bench, watched)
    verdicts.say("none", "all", "nothing is wrong: no alert fires", "", "",
                 problems=[f"{alert} fired for {instance}" for alert, instance in watching.settle()])
    watching.happen()
    watching.heal()
    history = bench.prometheus.fired(time.time() - watching.quiet_since)
    for fault in watched:
        fired, ended = (f"{times[fault.name]:.0f} s" if fault.alert and fault.name in times else ""
                        for times in (watching.fired, watching.ended))
        problems = list(problems_of(fault, watching, history))
        if problems:
            problems.append("log: " + fault.controller.stderr()[-1500:])
        verdicts.say(fault.alert or "none", fault.name, fault.title, fired, ended, problems=problems)
    problems, fired, ended = watching.everybody_gone()
    problems += text_problems(watching.texts, "HydraClientsAbsent", "")
    verdicts.say("HydraClientsAbsent", "all", "every controller ends", f"{fired:.0f} s", f"{ended:.0f} s", problems=problems)


def possible(kinds, verdicts):
    """Without those whose metric the program does not have yet."""
    there = rule_file.served()
    for kind in kinds:
        if kind.needs not in there and kind.needs in rule_file.AWAITED:
            verdicts.skip(kind.alert, kind.name, kind.title, "", "", reason=f"the program has no {kind.needs} yet")
    return [kind for kind in kinds if kind.needs in there or kind.needs not in rule_file.AWAITED]


def run(options):
    verdicts = Verdicts(options, FORM)
    print(FORM.format("alert", "instance", "what happens", "fires", "ends", "verdict"), flush=True)
    chosen = possible([kind for kind in faults.ALL if verdicts.wants(kind.alert, kind.name, kind.title)], verdicts)
    if not options.only:
        for alert in sorted(rule_file.alerts().keys() - {kind.alert for kind in faults.ALL} - {"HydraClientsAbsent"}):
            verdicts.say(alert, "", "", "", "", problems=["nothing here makes it fire: a fault of faults.py is missing"])
    if not chosen:
        return verdicts.end()
    bench, began = Bench(), time.monotonic()
    bench.setUp()
    try:
        watch(bench, verdicts, chosen)
    except unittest.SkipTest as skip:
        verdicts.skip("all", "", "", "", "", reason=str(skip))
    except (OSError, RuntimeError, AssertionError, ValueError, LookupError) as error:
        verdicts.say("all", "", "", "", "", problems=[f"it broke: {type(error).__name__}: {error}"])
    finally:
        bench.doCleanups()
    print(f"alerts: {time.monotonic() - began:.0f} s, {os.getloadavg()[0]:.0f} processes at work on this machine")
    return verdicts.end()
