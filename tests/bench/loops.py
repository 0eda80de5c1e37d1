"""A running `run`: how long its cycles take that are not its first, what they cost it and Hydra, and its memory."""

import re
import statistics
import time

from clocks import cpu_seconds, peak_memory
from measuring import Priority, harness

INTERVAL = "10ms"  # the shortest: cycles follow each other, and a window holds many
CYCLES_BEFORE = 2  # the first imports and reads all; the second is the first that could be quick
CYCLES_OF_A_WINDOW = 3
LONGEST_SECONDS = 900
STEP_SECONDS = 0.05


class Cycles:
    """What the metrics say: how many cycles ended, their seconds in all, when the last one ended."""

    def __init__(self, text):
        def value(name):
            return float(re.search(rf"^hydra_clients_{name} (\S+)$", text, re.M)[1])
        self.count = int(value("reconcile_duration_seconds_count"))
        self.seconds = value("reconcile_duration_seconds_sum")
        self.ended = value("last_reconcile_timestamp_seconds")


class Window:
    """The mean over some cycles: seconds by the program's own clock, CPU seconds of the program and of Hydra."""

    def __init__(self, cycles, seconds, controller_cpu, hydra_cpu):
        self.cycles, self.seconds, self.controller_cpu, self.hydra_cpu = cycles, seconds, controller_cpu, hydra_cpu


class Loop:
    def __init__(self, hydra, manifests, folder, interval=INTERVAL, endpoint=None):
        self.hydra = hydra
        self.controller = harness.Controller(["--endpoint", endpoint or hydra.endpoint, "--manifests", manifests, "--interval", interval], folder)
        Priority.give(self.controller.pid)

    def cycles(self):
        return Cycles(self.controller.get("/metrics").text())

    def wait_for(self, count, step=STEP_SECONDS):
        """Until so many cycles have ended."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            if not self.controller.alive():
                raise RuntimeError(f"run ended:\n{self.controller.stderr()[-2000:]}")
            try:
                now = self.cycles()
                if now.count >= count:
                    return now
            except OSError:
                pass  # not listening yet
            time.sleep(step)
        raise RuntimeError(f"run did not make {count} cycles within {LONGEST_SECONDS} s:\n{self.controller.stderr()[-2000:]}")

    def settle(self):
        return self.wait_for(CYCLES_BEFORE)

    def window(self, seconds):
        """The cycles of so many seconds, or of as long as a few of them need. The metrics are asked for at its two ends
        and seldom between, so that the asking costs nothing."""
        began, before = self._clocks(), self.cycles()
        time.sleep(seconds)
        after = self.wait_for(before.count + CYCLES_OF_A_WINDOW, step=max(STEP_SECONDS, seconds / 5))
        ended = self._clocks()
        count = after.count - before.count
        # The window's ends lie within cycles. So its CPU time is shared out by the time from one cycle's end to another's.
        part = (after.ended - before.ended) / count / (ended[0] - began[0])
        return Window(count, (after.seconds - before.seconds) / count, (ended[1] - began[1]) * part, (ended[2] - began[2]) * part)

    def _clocks(self):
        return time.time(), cpu_seconds(self.controller.pid), cpu_seconds(self.hydra.server_pid)

    def peak_memory(self):
        return peak_memory(self.controller.pid)

    def posts(self):
        """How many it sent since it started."""
        found = re.findall(r'^hydra_clients_admin_requests_total\{.*method="POST".*\} (\S+)$', self.controller.get("/metrics").text(), re.M)
        return int(sum(map(float, found)))

    def look_now(self):
        self.controller.get("/-/reconcile", "POST")

    def end(self):
        self.controller.end()


class Windows:
    """Those of several rounds."""

    def __init__(self, name):
        self.name, self.windows = name, []

    def add(self, window):
        self.windows.append(window)

    def median(self, what):
        return statistics.median(getattr(window, what) for window in self.windows)

    def spread(self, what):
        values = [getattr(window, what) for window in self.windows]
        return f"{min(values):.4f} – {max(values):.4f}"

    def as_json(self):
        return {"name": self.name, "windows": [vars(window) for window in self.windows]}
