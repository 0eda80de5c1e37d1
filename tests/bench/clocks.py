"""The CPU time of other processes, to the nanosecond, and what can be read from how it grows."""

import threading
import time

CPUCLOCK_SCHED = 2  # clock_getcpuclockid(3): what the scheduler counted, all threads together
SAMPLE_SECONDS = 0.002
EDGE = 0.01  # of Hydra's CPU time, at each end


def cpu_seconds(pid):
    """User and system time of a running process."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def peak_memory(pid):
    """The most that a running process had in memory (VmHWM), in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) << 10


class Span:
    """From the first to the last POST."""

    def __init__(self, seconds, share, client_cpu, hydra_cpu):
        self.seconds, self.share, self.client_cpu, self.hydra_cpu = seconds, share, client_cpu, hydra_cpu

    def rate(self, posts):
        """POSTs a second."""
        return posts * self.share / self.seconds


class Watcher:
    """Samples the CPU clocks of a Hydra and of the process that posts to it, and finds from when to when Hydra worked.

    Nobody is asked, slowed or changed for it: neither program logs more than it does for a user, and no proxy stands
    between them. Hydra works while there are POSTs and idles before and after. So the span from the first to the last
    POST is taken as the time in which Hydra spent all of its CPU time but the first and the last hundredth; that is as
    good as all POSTs but the first and the last hundredth, and the few requests before them weigh nothing."""

    def __init__(self, hydra_pid):
        self.hydra_pid, self.client_pid = hydra_pid, None
        self.samples = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def start(self, client_pid):
        self.client_pid = client_pid
        self._sample()
        self.thread.start()

    def _sample(self):
        self.samples.append((time.perf_counter(), cpu_seconds(self.hydra_pid), cpu_seconds(self.client_pid)))

    def _watch(self):
        try:
            while not self.done.is_set():
                self._sample()
                time.sleep(SAMPLE_SECONDS)
        except OSError:
            pass  # the client has ended

    def span(self):
        """To be asked at once when the client has ended."""
        now, hydra = time.perf_counter(), cpu_seconds(self.hydra_pid)
        self.done.set()
        self.thread.join()
        self.samples.append((now, hydra, self.samples[-1][2]))
        first, last = self.samples[0][1], self.samples[-1][1]
        began = self._when_hydra_had_spent(first + EDGE * (last - first))
        ended = self._when_hydra_had_spent(last - EDGE * (last - first))
        return Span(ended[0] - began[0], 1 - 2 * EDGE, ended[2] - began[2], ended[1] - began[1])

    def _when_hydra_had_spent(self, cpu):
        """The sample there, between two samples by their straight line."""
        at = next(index for index, sample in enumerate(self.samples) if sample[1] >= cpu)
        if at == 0:
            return self.samples[0]
        before, after = self.samples[at - 1], self.samples[at]
        part = (cpu - before[1]) / (after[1] - before[1])
        return tuple(low + part * (high - low) for low, high in zip(before, after))
