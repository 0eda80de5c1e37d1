"""Files that are made of others: the rules of deploy/prometheus, as the Prometheus operator and the chart want them."""

import os
import textwrap

from checks import ROOT, read

RULES = ("deploy", "prometheus", "hydra-clients.rules.yml")
MADE_BY = "# Made by `tests/deploy/run --write` of deploy/prometheus/hydra-clients.rules.yml; do not edit.\n"


def operator_rule():
    groups = read(*RULES)
    groups = groups[groups.index("groups:\n"):]
    return MADE_BY + textwrap.dedent("""\
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata:
          name: hydra-clients
        spec:
        """) + textwrap.indent(groups, "  ")


def chart_rules():
    return MADE_BY + read(*RULES)


MADE = {
    ("deploy", "kubernetes", "components", "monitoring", "prometheusrule.yaml"): operator_rule,
    ("deploy", "helm", "hydra-clients", "files", "hydra-clients.rules.yml"): chart_rules,
}


def write():
    for path, content in MADE.items():
        os.makedirs(os.path.join(ROOT, *path[:-1]), exist_ok=True)
        with open(os.path.join(ROOT, *path), "w", encoding="utf-8") as file:
            file.write(content())


def faults(part):
    """Which of those below deploy/`part` are not as they would be made now."""
    return [f"{'/'.join(path)}: run tests/deploy/run --write" for path, content in MADE.items() if path[1] == part and read(*path) != content()]
