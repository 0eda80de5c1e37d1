"""What rows need of the machine, and why it cannot be had where it cannot."""

import os
import shutil
import subprocess


CGROUP_MEMORY = "/sys/fs/cgroup/memory"  # version 1, as far as it is there


def _root():
    return "" if os.geteuid() == 0 else "it needs root"


def _mounts():
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "it needs mounts of its own (root, or CAP_SYS_ADMIN)"


def _faketime():
    return "" if faketime_library() else "it needs libfaketime: deploy/install-packages test"


def faketime_library():
    """The library that shifts a process's clock; None where it is not installed."""
    shown = subprocess.run(["dpkg", "-L", "libfaketime"], capture_output=True, text=True, check=False).stdout if shutil.which("dpkg") else ""
    return next((line for line in shown.splitlines() if line.endswith("/libfaketime.so.1")), None)


def _cgroup():
    return "" if os.access(os.path.join(CGROUP_MEMORY, "cgroup.procs"), os.W_OK) else f"it needs a cgroup that may be written below {CGROUP_MEMORY}"


NEEDS = {"cgroup": _cgroup, "root": _root, "mounts": _mounts, "faketime": _faketime}


def missing(needs):
    """Why a row cannot be run here; "" where it can."""
    return next((why for why in (NEEDS[need]() for need in needs) if why), "")
