"""What a process takes, and whether it takes more and more."""

import os
import re

MEGABYTE = 1 << 20
# Between the second quarter and the last. What the allocator keeps differs by that from one moment to the next; a leak of
# 200 bytes a cycle is more.
MORE_MEGABYTES = 1.0
MORE_DESCRIPTORS = 4  # connections that are under way
MORE_THREADS = 4


class Use:
    def __init__(self, cycles, memory, descriptors, threads):
        self.cycles, self.memory, self.descriptors, self.threads = cycles, memory, descriptors, threads

    @staticmethod
    def of(pid, cycles):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = file.read()
        return Use(cycles, int(re.search(r"RssAnon:\s+(\d+)", status)[1]) * 1024 / MEGABYTE, len(os.listdir(f"/proc/{pid}/fd")),
                   int(re.search(r"Threads:\s+(\d+)", status)[1]))

    def __str__(self):
        return f"{self.cycles:>7,} cycles: {self.memory:.1f} MB of its own, {self.descriptors} descriptors, {self.threads} threads"


def faults_of(uses):
    """(what, faults): the largest of the last quarter against the largest of the second, by when all that is kept is there."""
    quarter = len(uses) // 4
    for what, most in (("memory", MORE_MEGABYTES), ("descriptors", MORE_DESCRIPTORS), ("threads", MORE_THREADS)):
        before, after = (max(getattr(use, what) for use in some) for some in (uses[quarter:2 * quarter], uses[-quarter:]))
        yield f"{what}: {before:.1f} at first, {after:.1f} at the end", [f"more than {most} more"] if after > before + most else []
