"""What the program must reach: one row for each figure that is promised. The benchmarks fill them, the page shows them."""

AT_LEAST, AT_MOST = "≥", "≤"


class Target:
    """`name` stands by itself; `work` may lean on the row above it."""

    def __init__(self, name, work, against, bound, value, unit=""):
        self.name, self.work, self.against, self.bound, self.value = name, work, against, bound, value
        self.unit = unit

    def reached_by(self, value):
        return value >= self.value if self.bound == AT_LEAST else value <= self.value

    def text(self):
        return f"{self.bound} {self.value:g} {self.unit}" if self.unit else f"{self.bound} {self.value:.2f}"


def show(value, unit=""):
    """A figure for people."""
    if not unit:
        return f"{value:.2f}"
    digits = 0 if value == int(value) or value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


# By benchmark, in the order in which they are shown. {count} is how many clients or samples were really used.
TARGETS = {
    "import": {
        "rate": Target("POST rate over TCP, Hydra v2.3.0",
                       "POST rate from the first to the last POST of `run --once`, {count} clients, TCP, Hydra v2.3.0",
                       "`wrk` posting the same bodies, at its best number of connections", AT_LEAST, 0.80),
        "rate-v1": Target("POST rate over TCP, Hydra v1.11.10",
                       "the same, Hydra v1.11.10", "the same", AT_LEAST, 0.80),
        "rate-unix": Target("POST rate over a unix socket",
                       "the same over a unix socket, Hydra v2.3.0", "the same `wrk`, over TCP", AT_LEAST, 0.90),
        "whole": Target("a whole import, Hydra v2.3.0",
                       "the whole of `run --once`, start to end, {count} clients, Hydra v2.3.0",
                       "`hydra import oauth2-client`: times as fast", AT_LEAST, 2.5),
        "whole-v1": Target("a whole import, Hydra v1.11.10",
                       "the same, Hydra v1.11.10", "`hydra clients import`: times as fast", AT_LEAST, 1.7),
    },
    "sealing": {
        "rate": Target("POST rate with sealing, Hydra v2.3.0",
                       "POST rate from the first to the last POST of `run --once` with secrets that are generated, sealed and kept, {count} clients, "
                       "Hydra v2.3.0 with its default hashing", "the same with secrets that stand in the manifests", AT_LEAST, 0.35),
        "rate-v1": Target("POST rate with sealing, Hydra v1.11.10",
                       "the same, Hydra v1.11.10 with its default hashing", "the same", AT_LEAST, 0.80),
    },
    "insync": {
        "time": Target("time of a cycle in sync",
                       "a cycle in sync of a running `run`, not its first, {count} clients, Hydra v2.3.0",
                       "`curl` fetching the same pages one after another, one connection: times as long", AT_MOST, 1.0),
        "cpu": Target("CPU time of a cycle in sync",
                       "CPU time of the controller in that cycle", "Hydra's own CPU time for it", AT_MOST, 0.15),
        "writes": Target("writes in cycles in sync",
                       "writes in all those cycles, counted", "–", AT_MOST, 0, "writes"),
    },
    "scale": {
        "live": Target("few manifests beside many clients",
                       "a cycle with 10 manifests and {count} live clients",
                       "a cycle with 10 manifests and 10 live clients: times as long", AT_MOST, 3.0),
        "memory-10000": Target("memory with 10,000 clients",
                       "peak memory, 10,000 clients in sync", "–", AT_MOST, 40, "MB"),
        "memory-100000": Target("memory with 100,000 clients",
                       "peak memory, 100,000 clients in sync", "–", AT_MOST, 250, "MB"),
    },
    "latency": {
        "link": Target("from a swapped link to the client",
                       "from `rename(2)` of a new snapshot (a link is swapped) to its new client being in Hydra, `run`, 100 manifests, "
                       "p99 of {count}", "–", AT_MOST, 100, "ms"),
        "file": Target("from a renamed file to the client",
                       "the same, a file renamed into the folder", "–", AT_MOST, 100, "ms"),
        "start": Target("from the start to the first POST",
                       "process start to first POST, 100 manifests", "–", AT_MOST, 50, "ms"),
    },
    "source": {
        "commit": Target("source work after a one-file commit",
                         "source work of a cycle after a commit that changes one file of {count}", "–", AT_MOST, 5, "ms"),
        "added": Target("source work after a commit that adds a file",
                        "the same, of one that adds a file", "–", AT_MOST, 5, "ms"),
        "first": Target("the first reading from a pack",
                        "the first reading of {count} files from one pack, checked and judged", "`git archive HEAD \\| tar x` into memory: times as long",
                        AT_MOST, 1.5),
    },
    "validate": {
        "cat": Target("validate against cat",
                       "`validate`, {count} files", "`cat` of the same files: times as long", AT_MOST, 1.5),
        "jsonschema": Target("validate against @sourcemeta/jsonschema",
                       "the same", "`@sourcemeta/jsonschema`: times as fast", AT_LEAST, 3.0),
        "ajv": Target("validate against ajv-cli",
                       "the same", "`ajv-cli`: times as fast", AT_LEAST, 5.0),
        "memory": Target("memory of validate",
                       "peak memory of it", "–", AT_MOST, 68, "MB"),
        "big": Target("validate of one big file",
                       "`validate`, one file of 100,000 clients, on one core", "–", AT_MOST, 5, "s"),
        "big-memory": Target("memory of validate of one big file",
                       "peak memory of it", "the file's size: times as large", AT_MOST, 12.0),
    },
}
