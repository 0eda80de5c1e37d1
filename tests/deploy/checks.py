"""What every subject counts with, and how it calls a tool."""

import argparse
import os
import subprocess

from verdicts import Verdicts

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DEPLOY = os.path.join(ROOT, "deploy")
TOOL_SECONDS = 1200  # of one that is built first
COMMAND_SECONDS = 120


class Checks(Verdicts):
    """Verdicts whose cases are sentences. `words`: only of those that hold them."""

    def __init__(self, words=()):
        super().__init__(argparse.Namespace(only=list(words)), form="{:<112} {}")

    def check(self, faults, sentence):
        """`faults`: a list of what is wrong; empty where all is well."""
        faults = list(faults)
        if self.wants(sentence):
            self.say(sentence, problems=faults)
        return not faults

    def cannot(self, sentence, reason):
        """A check for which a program is missing: a skip, and with CI=true, where all can be installed, a failure."""
        if os.environ.get("CI") == "true":
            self.check([reason], sentence)
        elif self.wants(sentence):
            self.skip(sentence, reason=reason)

    def add(self, counts):
        """Of checks that another process made, and printed."""
        self.counts = {word: self.counts[word] + counts[word] for word in self.counts}


def namespaces_lack():
    """Why this kernel, or the container that this is, lets nobody close processes in; nothing where it does."""
    if os.getuid() != 0:
        return "that takes root"
    tried = output_of("unshare", "--mount", "--net", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt")
    return f"here root may not make them: {tried.stderr.strip()}" if tried.returncode != 0 else ""


def tool(name):
    return subprocess.run([os.path.join(HERE, "get"), name], stdout=subprocess.PIPE, text=True, timeout=TOOL_SECONDS, check=True).stdout.strip()


def output_of(*command, **options):
    """What a command prints; its exit code, standard output and standard error."""
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS, check=False, **options)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()
