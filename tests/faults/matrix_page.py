"""docs/faults.md, made of the rows."""

from matrix_rows import KINDS

HEAD = """# When something goes wrong

Made by `tests/faults/run matrix --page`; do not edit.

Each line is a fault that is made while a real `hydra-clients run` keeps clients of a real Hydra in sync, and tried by
`tests/faults/run matrix --long`. In all of them nothing is imported twice, nothing is lost, and nothing
is changed or deleted; where the line does not say otherwise the process lives, and `/healthz` and `/metrics` answer. When the
fault has ended, everything is in sync within one `--interval`, without anybody's help: a manifest that was added meanwhile, too.

**Status** is `result` of `/status` and, below it, words of its `error` or of a client's reason. **Log** are words of the line
that tells of it, once. **Metric** is without its prefix `hydra_clients_`; "rises" is a counter. Where nothing is told, there
is nothing to do. What an alert makes of it: [monitoring.md](monitoring.md).
"""

TITLES = {"source": "Manifests", "Git": "Git", "Hydra": "Hydra", "network": "The way to Hydra", "disk": "Disks", "clock": "The clock",
          "memory": "Memory", "process": "The process"}
TABLE = "| fault | status | log | metric | meanwhile |\n|---|---|---|---|---|\n"
GOES_ON, HELD = "what is added is imported", "the last good manifests stay in force; what is added waits"
AWAY = "what is added waits"
ENDS = "the process ends; what is added waits until it is started again, as Kubernetes or systemd does by themselves"


def code(text):
    return f"`{text}`".replace("|", "\\|") if text else ""


def line_of(row):
    told = row.told
    status = code(told.result) + (": " + code(told.error) if told.error else "")
    usual = GOES_ON if row.goes_on else HELD if row.kind in ("source", "Git") else AWAY
    usual = ENDS if row.dies else usual
    meanwhile = (row.meanwhile or usual) + ("" if row.answers else "; `/healthz` and `/metrics` do not answer")
    return f"| {row.name} | {status} | {code(told.log) or 'nothing'} | {code(told.metric)} | {meanwhile} |\n"


def page(rows):
    rows = list(rows)
    sections = [f"\n## {TITLES[kind]}\n\n{TABLE}" + "".join(line_of(row) for row in rows if row.kind == kind) for kind in KINDS]
    return HEAD + "".join(sections)
