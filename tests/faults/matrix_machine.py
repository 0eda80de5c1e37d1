"""Faults of the machine: its clock, and its memory."""

import contextlib
import json
import os
import resource

from harness import public_client
from matrix_hydra import FAILED, LOG
from matrix_needs import CGROUP_MEMORY, faketime_library
from matrix_process import limited
from matrix_rows import Row, Stage, Told

SPACES = 150 << 20  # of a manifest's file, under the limit of its size
ROOM = 8 << 20  # that the controller may still take
HOURS = 5


# ---- the clock -------------------------------------------------------------------------------


def on_a_clock(trial):
    """A wall clock of the controller's own, which can be set; the one that only goes forward is the kernel's."""
    trial.write("clock", "+0\n")
    trial.env |= {"LD_PRELOAD": faketime_library(), "FAKETIME_TIMESTAMP_FILE": trial.path("clock"), "FAKETIME_NO_CACHE": "1", "NO_FAKE_STAT": "1",
                  "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


def clock(shift):
    return lambda trial: trial.write("clock", f"{shift}\n")


def of_clock(name, shift, **more):
    return Row("clock", name, clock(shift), clock("+0"), Told(), Stage(prepare=on_a_clock), goes_on=True, needs=("faketime",), **more)


# ---- memory ----------------------------------------------------------------------------------


def large_file(trial):
    """A file that needs much memory, and is as good as any other."""
    text = json.dumps([public_client(trial.id_of("large"))])
    trial.source.put("large.json", text[:-1] + " " * SPACES + "]")
    trial.declared.append("large")


def size_and_some(trial):
    """No more than it has, and a little."""
    with open(f"/proc/{trial.controller.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize() + ROOM


def without_memory():
    limit, lift = limited(resource.RLIMIT_AS, size_and_some)

    def inject(trial):
        limit(trial)
        large_file(trial)
    return inject, lift


def group_of(trial):
    return os.path.join(CGROUP_MEMORY, f"matrix-{os.getpid()}{trial.suffix}")


def set_limit(trial, text):
    with open(os.path.join(group_of(trial), "memory.limit_in_bytes"), "w", encoding="ascii") as file:
        file.write(text)


def limited_group(trial):
    os.mkdir(group_of(trial))
    trial.addCleanup(leave_group, trial)
    with open(os.path.join(group_of(trial), "cgroup.procs"), "w", encoding="ascii") as file:
        file.write(str(trial.controller.pid))
    set_limit(trial, str(48 << 20))
    large_file(trial)
    trial.expect_end(-9)


def leave_group(trial):
    trial.controller.end()
    with contextlib.suppress(OSError):
        os.rmdir(group_of(trial))


def restarted(trial):
    trial.start()


def rows():
    yield of_clock(f"the clock jumps {HOURS} hours forward, and back again", f"+{HOURS}h", everyday=True)
    yield of_clock(f"the clock jumps {HOURS} hours back, and forward again", f"-{HOURS}h")
    yield Row("memory", "no more address space (RLIMIT_AS)", *without_memory(), Told("failed", "no more memory is to be had: raise the limit on the memory of this process", LOG, FAILED), everyday=True)
    yield Row("memory", "the kernel kills it for its memory (cgroup)", limited_group, restarted, Told(""), dies=True, needs=("cgroup",))
