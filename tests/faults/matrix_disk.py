"""Faults of the disks that are written to: the outbox of generated secrets, and what was fetched."""

import contextlib
import os

from harness import worker_client
from keys import Keyring
from kept_outbox import WITHOUT_PRIVILEGE
from matrix_rows import Row, Stage, Told
from matrix_sources import Fetched

MOST_FILES = 10_000  # that are made until a disk has no room for another
BLOCK = 4096
DISK_KIB, INODES = 256, 40
STATE_KIB = 4096
TMPFS = 'mount -t tmpfs -o size={size}k,nr_inodes={inodes},mode=700 tmpfs "$0"'
WAITS = "client waits for its secret, not sent"


def with_outbox(trial, folder=None):
    """Clients of the row need a secret that is generated."""
    trial.make_client = worker_client
    key = trial.write("operations.asc", Keyring(trial).make("operations", "ed25519"))
    trial.outbox = os.path.join(folder or trial.folder, "outbox")
    trial.flags += ["--pgp-key-file", key, "--outbox", trial.outbox]


def outbox_on_a_disk(trial):
    with_outbox(trial, trial.on_own_mounts(TMPFS.format(size=DISK_KIB, inodes=INODES)))


def disk_of(trial):
    return trial.inside(trial.path("mounts"))


def full(trial):
    with open(os.path.join(disk_of(trial), "filling"), "wb", buffering=0) as filling, contextlib.suppress(OSError):
        for _ in range(STATE_KIB):
            filling.write(b"x" * BLOCK)


def emptied(trial):
    os.remove(os.path.join(disk_of(trial), "filling"))


def no_inodes(trial):
    os.mkdir(os.path.join(disk_of(trial), "many"))
    with contextlib.suppress(OSError):
        for number in range(MOST_FILES):
            with open(os.path.join(disk_of(trial), "many", str(number)), "xb"):
                pass


def inodes(trial):
    many = os.path.join(disk_of(trial), "many")
    for name in os.listdir(many):
        os.remove(os.path.join(many, name))


def unprivileged(trial):
    """root writes everywhere; a process without that privilege does not."""
    with_outbox(trial)
    if os.geteuid() == 0:
        trial.wrapper = list(WITHOUT_PRIVILEGE)


def may_be_written(mode):
    return lambda trial: os.chmod(os.path.join(trial.outbox, ".pending"), mode)


def outbox_away(trial):
    os.rename(trial.outbox, trial.outbox + ".away")


def file_in_its_place(trial):
    outbox_away(trial)
    trial.write("outbox", "in the way")


def outbox_back(trial):
    if os.path.isfile(trial.outbox):
        os.remove(trial.outbox)
    os.rename(trial.outbox + ".away", trial.outbox)


def fetched_onto_a_disk(trial):
    """The source's state folder is on a disk of its own, which the controller sees."""
    source = Fetched(trial)
    source.state = os.path.join(trial.on_own_mounts(TMPFS.format(size=STATE_KIB, inodes=0)), "state")
    return source


def of_outbox(name, inject, end, error, log=WAITS, metric='clients{state="waiting"} 1', prepare=outbox_on_a_disk, needs=("mounts",), **more):
    return Row("disk", name, inject, end, Told("degraded", error, log, metric), Stage(prepare=prepare), needs=needs, **more)


def rows():
    yield of_outbox("the outbox's disk is full", full, emptied, "the disk is full (No space left on device): make room on it", everyday=True)
    yield of_outbox("the outbox's disk has no inode left", no_inodes, inodes, "the disk is full (No space left on device): make room on it")
    yield of_outbox("the outbox may not be written to", may_be_written(0o500), may_be_written(0o700), "this process may not", prepare=unprivileged, needs=())
    yield Row("disk", "the outbox is gone", outbox_away, outbox_back, Told("success", "", "the outbox cannot be used", "outbox_pending nan"),
              Stage(prepare=with_outbox), late=True, everyday=True, meanwhile="what is added and needs a generated secret waits, with the reason, and the status is `degraded`; no folder is made in its place")
    yield of_outbox("the outbox is gone, a file is in its place", file_in_its_place, outbox_back, "is a file: name a folder", prepare=with_outbox, needs=())
    yield Row("disk", "the disk of `--state-dir` is full", full, emptied,
              Told("degraded", "No space left on device (fetches fail since", "cycle hindered", 'source_fetches_total{result="failed"} rises'), Stage(fetched_onto_a_disk), needs=("mounts",),
              extra=2, everyday=True)
