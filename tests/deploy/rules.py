"""The alert rules by promtool's tests (deploy/prometheus/*_test.yml), and whether these would notice a change of a rule."""

import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import rule_file
from verdicts import Verdicts

ABOUT = "the alert rules, by promtool's tests of them"
PROMTOOL_SECONDS = 120
TESTS = sorted(glob.glob(os.path.join(rule_file.FOLDER, "*_test.yml")))
MONITORING = os.path.join(rule_file.ROOT, "docs", "monitoring.md")
SECTIONS = ["What it means", "How to see it", "What to do", "What not to do"]


class Promtool:
    def __init__(self):
        self.path = os.path.join(rule_file.tools(), "promtool")

    def run(self, *arguments, folder=rule_file.FOLDER):
        """What it complains of; nothing where all is well."""
        done = subprocess.run([self.path, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PROMTOOL_SECONDS, check=False)
        return [] if done.returncode == 0 else [(done.stdout + done.stderr).strip()]

    def notices(self, changed, rule):
        """Whether the tests fail with these rules in the place of ours."""
        with tempfile.TemporaryDirectory(prefix="deploy-rules-") as folder:
            with open(os.path.join(folder, os.path.basename(rule_file.PATH)), "w", encoding="utf-8") as file:
                file.write(changed)
            for test in TESTS:
                shutil.copy(test, folder)
            # Those that name the rule first: they are the likely ones.
            names = sorted(map(os.path.basename, TESTS), key=lambda name: rule not in open_text(os.path.join(folder, name)))
            return any(self.run("test", "rules", name, folder=folder) for name in names)


def open_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def shifted(rule, pattern, step):
    """The rule with the figures that the pattern finds a little smaller, and with them a little larger."""
    for sign in (-1, 1):
        changed = re.sub(pattern, lambda match: match[0].replace(match[1], f"{float(match[1]) + sign * step:g}", 1), rule)
        if changed != rule:
            yield changed


def changes(rule):
    """The rule with another time or threshold, and none in its place."""
    yield ""
    yield from shifted(rule.replace("for: 1h", "for: 60m"), r"for: (\d+)m", 1)
    yield from shifted(rule, r"\[(\d+)m\]", 1)
    yield from shifted(rule, r"(\d+) \* (?:60|86400)", 1)
    yield from shifted(rule, r"[<>] (\d\.\d+)", 0.2)


def unnoticed(promtool, name, rule):
    whole = rule_file.text()
    return [f"with {other_lines(rule, changed)} the tests still pass"
            for changed in changes(rule) if not promtool.notices(whole.replace(rule, changed), name)]


def other_lines(rule, changed):
    before = {line.strip() for line in rule.splitlines()}
    return " and ".join(line.strip() for line in changed.splitlines() if line.strip() not in before) or "no such rule"


def lasting(rule):
    """(severity, how long the fault must last)."""
    return re.search(r"severity: (\w+)", rule)[1], re.search(r"for: (\d+\w)", rule)[1]


def runbook_problems(name, rule):
    path = f"docs/runbooks/{name}.md"
    if f"runbook_url: {path}\n" not in rule:
        yield f"its runbook_url is not {path}"
    if not os.path.exists(os.path.join(rule_file.ROOT, path)):
        yield f"{path} is not there"
        return
    page = open_text(os.path.join(rule_file.ROOT, path))
    if not page.startswith(f"# {name}\n"):
        yield f"{path} does not begin with its name"
    if re.findall(r"^## (.*)$", page, re.M) != SECTIONS:
        yield f"{path} has other sections than {', '.join(SECTIONS)}"
    if not re.search(r"^## How to see it\n\n    \S", page, re.M):
        yield f"{path} has no command to see it with"
    severity, wait = lasting(rule)
    if f"Severity {severity}, for {wait}" not in page:
        yield f"{path} does not say: Severity {severity}, for {wait}"
    if f"| [{name}](runbooks/{name}.md) | {severity} | {wait} |" not in open_text(MONITORING):
        yield f"docs/monitoring.md has no such line: [{name}](runbooks/{name}.md) | {severity} | {wait}"


def check_pages(verdicts):
    alerts = rule_file.alerts()
    for name, rule in alerts.items():
        if verdicts.wants(name, "has a runbook page"):
            verdicts.say(name, "has a runbook page", problems=runbook_problems(name, rule))
    pages = {os.path.basename(path)[:-3] for path in glob.glob(os.path.join(rule_file.RUNBOOKS, "*.md"))}
    if verdicts.wants("runbooks", "every page has an alert"):
        verdicts.say("runbooks", "every page has an alert", problems=sorted(pages - alerts.keys()))


def check_metrics(verdicts):
    there = rule_file.served()
    for name, rule in rule_file.rules().items():
        if verdicts.wants(name, "asks for metrics that are there"):
            verdicts.say(name, "asks for metrics that are there",
                         problems=[f"the program has no {metric}" for metric in rule_file.not_served(rule, there | rule_file.AWAITED)])


    if verdicts.wants("docs/monitoring.md", "tells what each metric is for"):
        verdicts.say("docs/monitoring.md", "tells what each metric is for",
                     problems=[f"{name} is not in it" for name in sorted(there) if f"`{name}" not in open_text(MONITORING)])


def check_tests(verdicts, promtool):
    for what, arguments in [("check", ("check", "rules", "--lint=all", "--lint-fatal", rule_file.PATH))] + [
            (os.path.basename(test), ("test", "rules", test)) for test in TESTS]:
        if verdicts.wants(what, "promtool"):
            verdicts.say(what, "promtool", problems=promtool.run(*arguments))


def check_changes(verdicts, promtool):
    wanted = {name: rule for name, rule in rule_file.rules().items() if verdicts.wants(name, "a change of it is noticed")}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {name: pool.submit(unnoticed, promtool, name, rule) for name, rule in wanted.items()}
        for name, future in running.items():
            verdicts.say(name, "a change of it is noticed", problems=future.result())


def run(options):
    verdicts = Verdicts(options)
    check_pages(verdicts)
    check_metrics(verdicts)
    try:
        promtool = Promtool()
    except unittest.SkipTest as skip:
        verdicts.skip("promtool", "the tests of the rules", reason=str(skip))
        return verdicts.end()
    check_tests(verdicts, promtool)
    check_changes(verdicts, promtool)
    return verdicts.end()
