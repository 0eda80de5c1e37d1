"""What a benchmark leaves behind: a document as JSON, and the same for people as Markdown."""

import datetime
import os
import platform
import re
import statistics
import subprocess

from measuring import harness, write_json
from targets import TARGETS, show


def machine(nice):
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        found = re.search(r"^model name\s*:\s*(.*)$", cpuinfo.read(), re.M)
    with open("/proc/meminfo", encoding="utf-8") as meminfo:
        memory = int(re.search(r"MemTotal:\s+(\d+)", meminfo.read())[1]) // 1024
    return {"date": datetime.date.today().isoformat(), "processor": f"{found[1] if found else platform.machine()}, {os.cpu_count()} cores",
            "memory": f"{memory} MiB", "kernel": platform.release(), "load at the start": f"{os.getloadavg()[0]:.1f}", "nice": str(nice)}


def first_line(*command):
    """What a program says of its version; some, as wrk, end with 1 all the same."""
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return (said.stdout or said.stderr).splitlines()[0].strip()


def versions():
    return {"program": first_line(harness.PROGRAM, "version"), "curl": " ".join(first_line("curl", "--version").split()[:2]),
            "wrk": first_line("wrk", "--version").split(" Copyright")[0], "Python": platform.python_version()}


class Report:
    def __init__(self, name, options, sizes):
        self.name, self.lines = name, []
        self.document = {"benchmark": name, "quick": options.quick, "machine": machine(options.nice), "versions": versions(),
                         "rounds": sizes.rounds, "rows": {}, "tables": [], "remarks": []}

    def say(self, line=""):
        self.lines.append(line)
        print(line, flush=True)

    def row(self, key, samples, count=None, value=None):
        """A figure that is held against its target: the median of the samples, one a round, unless `value` is given."""
        value = statistics.median(samples) if value is None else value
        target = TARGETS[self.name][key]
        self.document["rows"][key] = {"value": value, "min": min(samples), "max": max(samples), "samples": samples, "count": count,
                                      "reached": target.reached_by(value)}

    def table(self, title, columns, rows):
        self.document["tables"].append({"title": title, "columns": columns, "rows": rows})

    def remark(self, text):
        self.document["remarks"].append(text)

    def keep(self, folder):
        """Prints it and writes NAME.json and NAME.md there."""
        for line in markdown(self.document):
            self.say(line)
        os.makedirs(folder, exist_ok=True)
        write_json(os.path.join(folder, self.name + ".json"), self.document)
        with open(os.path.join(folder, self.name + ".md"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.lines) + "\n")


def target_table(document):
    """The rows of one document, as lines of a Markdown table."""
    lines = ["| work | against | target | measured | spread | |", "|---|---|---|---|---|---|"]
    for key, target in TARGETS[document["benchmark"]].items():
        row = document["rows"].get(key)
        if row is None:
            continue
        work = target.work.format(count=f"{row.get('count') or 0:,}")
        spread = f"{show(row['min'], target.unit)} – {show(row['max'], target.unit)}"
        word = "reached" if row["reached"] else "**falls short**"
        lines.append(f"| {work} | {target.against} | {target.text()} | {show(row['value'], target.unit)} | {spread} | {word} |")
    return lines


def table_lines(table):
    lines = ["| " + " | ".join(table["columns"]) + " |", "|---" * len(table["columns"]) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in table["rows"]]


def body(document):
    """Everything but the heading: the targets, the tables behind them, remarks."""
    lines = target_table(document)
    for table in document["tables"]:
        lines += ["", table["title"] + ":", "", *table_lines(table)]
    for remark in document["remarks"]:
        lines += ["", remark]
    return lines


def facts(document):
    named = {**document["machine"], **document["versions"], "rounds": str(document["rounds"])}
    return "; ".join(f"{name}: {value}" for name, value in named.items())


def markdown(document):
    quick = " (quick: a try, no measurement)" if document["quick"] else ""
    return [f"## {document['benchmark']}{quick}", "", facts(document), "", *body(document)]
