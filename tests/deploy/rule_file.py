"""The shipped alert rules as text: their parts, and the same rules in time lapse."""

import os
import re
import subprocess
import unittest

from harness import PROGRAM, ROOT, TESTS

FOLDER = os.path.join(ROOT, "deploy", "prometheus")
PATH = os.path.join(FOLDER, "hydra-clients.rules.yml")
RUNBOOKS = os.path.join(ROOT, "docs", "runbooks")
TOOL_SECONDS = 600  # the first call unpacks Debian's package
RULE = re.compile(r"^      - (?:alert|record): (\S+)\n(?:(?!      - |  - |\n).*\n)+", re.M)
OURS = re.compile(r"\bhydra_clients_\w+")
AWAITED = set()  # what the program is to have soon
OF_A_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")


def text():
    with open(PATH, encoding="utf-8") as file:
        return file.read()


def rules():
    """The text of each rule, by its name."""
    return {match[1]: match[0] for match in RULE.finditer(text())}


def alerts():
    return {name: rule for name, rule in rules().items() if "- alert:" in rule}


def tools():
    """The folder of prometheus and promtool; a skip, or in CI a failure, where there is none."""
    got = subprocess.run([os.path.join(TESTS, "prometheus", "get")], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         timeout=TOOL_SECONDS, check=False)
    if got.returncode == 0:
        return got.stdout.strip()
    reason = f"Debian's Prometheus cannot be had: {(got.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    if os.environ.get("CI") == "true":
        raise RuntimeError(reason)
    raise unittest.SkipTest(reason)


def served():
    """The metrics that the program was built with."""
    page = subprocess.run([PROGRAM, "help", "--page", "metrics"], capture_output=True, text=True, timeout=60, check=True).stdout
    return set(re.findall(r"^\| `(\w+)`", page, re.M))


def not_served(expression, there):
    """The metrics of ours that an expression names and the program does not have."""
    names = {OF_A_HISTOGRAM.sub("", name) for name in OURS.findall(re.sub(r"instance:\w+:\w+", "", expression))}
    return sorted(names - there)


# ---- Time lapse: a minute of the rules is two seconds, and what a fault must last is shorter still ----

SECONDS_A_MINUTE = 2
LASTING_SECONDS_A_MINUTE = 0.3
MINUTES = {"m": 1, "h": 60}


def time_lapse():
    """The rules for a test that cannot wait for hours. Only times change, and each that is there does."""
    def lasting(match):
        return f"for: {round(int(match[1]) * MINUTES[match[2]] * LASTING_SECONDS_A_MINUTE * 1000)}ms"

    fast, waits = re.subn(r"for: (\d+)([mh])\b", lasting, text())
    fast, windows = re.subn(r"\[(\d+)m\]", lambda match: f"[{int(match[1]) * SECONDS_A_MINUTE}s]", fast)
    fast, limits = re.subn(r"\b(\d+) \* 60\b", lambda match: f"{match[1]} * {SECONDS_A_MINUTE}", fast)
    assert waits == len(alerts()) and windows and limits, "the rules have other times than this knows"
    return fast
