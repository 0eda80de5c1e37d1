"""An outbox that cannot be written: the client waits, nothing is sent, nothing is lost, and a `run` heals by itself."""

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess

from kept_kills import LIBRARY, ONE_AT_A_TIME, shim, steps_of_start
from kept_trial import Case, Outbox

MOUNTED_KIB = 256
BLOCK = 4096
OUTBOX_ERROR = "the outbox cannot be used"
GONE = "it is gone, and was there before"
# Run as "$0" FOLDER PROGRAM…: what is mounted there is seen by that process alone, and goes with it.
OWN_DISK = 'mount -t tmpfs -o size=%dk,mode=700 tmpfs "$0" && exec "$@"' % MOUNTED_KIB
READ_ONLY = ('mount -t tmpfs -o mode=700 tmpfs "$0" && mkdir -m 700 "$0/outbox" && mount --bind "$0/outbox" "$0/outbox" '
             '&& mount -o remount,bind,ro "$0/outbox" && exec "$@"')
WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search")


def may_mount():
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def on_own_disk(trial, script):
    """A wrapper for the program, whose outbox is then on a disk of its own."""
    disk = trial.path("disk")
    os.makedirs(disk, exist_ok=True)
    trial.outboxes = [Outbox(os.path.join(disk, "outbox"))]
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, disk)


def see_through(trial, loop):
    """The test looks into what only that process sees."""
    inside = f"/proc/{loop.pid}/root{trial.path('disk')}"
    trial.outboxes = [Outbox(os.path.join(inside, "outbox"))]
    return inside


def first_client(trial, loop):
    """One is imported before the fault, so that it is seen what becomes of it."""
    trial.declare("before")
    trial.wait_for_outcome(loop, "before", "in_sync")


def posts(loop):
    """How many it has sent, by its own account."""
    return sum(map(float, re.findall(r'^hydra_clients_admin_requests_total\{.*method="POST".*\} (\S+)$', loop.get("/metrics").text(), re.M)))


def waits(trial, loop, reason, client_id="during"):
    """The client waits with the reason, for some cycles, and nothing is sent."""
    trial.wait_for_cycles(loop)
    sent = posts(loop)
    trial.declare(client_id)
    _, said = trial.wait_for_outcome(loop, client_id, "waiting", reason)
    cycles = loop.cycles()
    trial.wait_for_cycles(loop, cycles + 3)
    trial.assertEqual((trial.outcome(loop, client_id)[0], posts(loop), trial.live(client_id)), ("waiting", sent, None), "nothing is sent")
    trial.row.notes = said[:60]


def heals(trial, loop, client_id="during"):
    trial.wait_for_outcome(loop, client_id, "in_sync")
    for other in trial.clients:
        trial.wait_for_outcome(loop, other, "in_sync")


def full_disk(trial):
    wrapper = on_own_disk(trial, OWN_DISK)
    loop = trial.loop(wrapper=wrapper)
    trial.wait_for_cycles(loop)
    inside = see_through(trial, loop)
    first_client(trial, loop)
    with open(os.path.join(inside, "filling"), "wb", buffering=0) as filling, contextlib.suppress(OSError):
        for _ in range(MOUNTED_KIB):
            filling.write(b"x" * BLOCK)
    waits(trial, loop, "the disk is full")
    trial.assertTrue(loop.log("waits for its secret", "the disk is full"), "it is logged")
    os.remove(os.path.join(inside, "filling"))
    heals(trial, loop)


def read_only_at_the_start(trial):
    wrapper = on_own_disk(trial, READ_ONLY)
    loop = trial.loop(wrapper=wrapper)
    waits(trial, loop, "read-only")
    see_through(trial, loop)
    trial.assertTrue(loop.log(OUTBOX_ERROR, "read-only"), "it is logged")
    subprocess.run(["nsenter", "--target", str(loop.pid), "--mount", "mount", "-o", "remount,bind,rw", trial.path("disk/outbox")],
                   check=True, capture_output=True)
    heals(trial, loop)


def errors_from_then_on(error, name):
    """The disk fails when the entry is written, as one does that the kernel has made read-only; the next process can write."""
    def play(trial):
        trial.declare("before")
        steps = steps_of_start(trial)  # of a first start; from now on they are others, and always the same
        trial.declare("rehearsal")
        steps = steps_of_start(trial)
        step = next((step for step in steps if step.name == name and step.what.startswith(".pending/.tmp-")), None)
        trial.assertIsNotNone(step, f"there is no {name} of the entry at all")
        trial.declare("during")
        code, clients = trial.once(*ONE_AT_A_TIME, env=shim(trial, {"KILL_AT": f"{name}:{step.number}+:{error}"}))
        trial.assertEqual((code, clients["during"]["outcome"], clients["before"]["outcome"]), (1, "waiting", "in_sync"), clients)
        trial.assertIsNone(trial.live("during"), "nothing is sent")
        trial.row.notes = clients["during"]["reason"][:60]
        trial.finish()
    return play


def removed(trial):
    """No other is begun in its place, which may be where a volume was mounted; a new process begins one."""
    loop = trial.loop()
    first_client(trial, loop)
    trial.look_in()
    shutil.rmtree(trial.outbox.path)
    waits(trial, loop, GONE)
    trial.assertFalse(os.path.exists(trial.outbox.path))
    loop.end()
    heals(trial, trial.loop())
    trial.thrown_away.add(trial.id_of("before"))
    trial.assertEqual([message.client_id for message in trial.outbox.confirmed()], [trial.id_of("during")])


def renamed_with_another_in_its_place(trial):
    loop = trial.loop()
    first_client(trial, loop)
    away = trial.path("put-aside")
    os.rename(trial.outbox.path, away)
    trial.write("outbox", "a file")
    waits(trial, loop, "the outbox")
    os.remove(trial.outbox.path)
    os.rename(away, trial.outbox.path)
    heals(trial, loop)


def renamed(trial):
    """It is taken up again when it is back, with all that is in it."""
    loop = trial.loop()
    first_client(trial, loop)
    away = trial.path("put-aside")
    os.rename(trial.outbox.path, away)
    waits(trial, loop, GONE)
    os.rename(away, trial.outbox.path)
    heals(trial, loop)


def parent_missing(trial):
    trial.outboxes = [Outbox(trial.path("volume/outbox"))]
    loop = trial.loop()
    waits(trial, loop, "not there")
    os.mkdir(trial.path("volume"))
    heals(trial, loop)


def open_to_everybody(trial):
    os.mkdir(trial.outbox.path)
    os.chmod(trial.outbox.path, 0o777)
    loop = trial.loop()
    waits(trial, loop, "others may write to it")
    os.chmod(trial.outbox.path, 0o700)
    heals(trial, loop)


def not_permitted(trial):
    """While it runs, and without root's privilege to pass over it."""
    loop = trial.loop(wrapper=WITHOUT_PRIVILEGE if os.geteuid() == 0 else ())
    first_client(trial, loop)
    pending = os.path.join(trial.outbox.path, ".pending")
    os.chmod(pending, 0o500)
    waits(trial, loop, "this process may not")
    os.chmod(pending, 0o700)
    heals(trial, loop)


def size_limit(trial):
    """ulimit -f, as it was set for the process while it ran."""
    loop = trial.loop()
    first_client(trial, loop)
    resource.prlimit(loop.pid, resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))
    waits(trial, loop, "a limit on the size of files")
    resource.prlimit(loop.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    heals(trial, loop)


def in_use(trial):
    """Another process on the same folder: it is told who holds it, sends nothing, and takes over when that one is killed."""
    first = trial.loop()
    first_client(trial, first)
    first.signal(signal.SIGSTOP)
    trial.declare("later")
    code, clients = trial.once()
    trial.assertEqual((code, clients["later"]["outcome"]), (1, "waiting"))
    for words in (f"in use by process {first.pid} ", "one process at a time"):
        trial.assertIn(words, clients["later"]["reason"])
    second = trial.loop()
    trial.wait_for_outcome(second, "later", "waiting", f"in use by process {first.pid} ")
    trial.assertEqual(posts(second), 0, "nothing is sent")
    trial.kill(first)
    heals(trial, second, "later")


def confirmation_fails(trial):
    """The POST was carried out and the secret cannot be moved to its place: it stays pending, and the next cycle moves it."""
    loop = trial.loop(wrapper=WITHOUT_PRIVILEGE if os.geteuid() == 0 else ())
    first_client(trial, loop)
    os.chmod(trial.outbox.path, 0o500)
    trial.declare("during")
    trial.eventually(lambda: trial.live("during") is not None, "the import")
    trial.wait_for_cycles(loop, loop.cycles() + 2)
    trial.check_kept()
    trial.assertEqual([message.client_id for message in trial.outbox.pending()], [trial.id_of("during")])
    trial.assertTrue(loop.metric("outbox_pending") == 1, "the metric says so")
    os.chmod(trial.outbox.path, 0o700)
    trial.eventually(lambda: not trial.outbox.pending(), "the confirmation")
    heals(trial, loop)


def all_cases():
    plays = []
    if may_mount():
        plays += [("the disk is full", full_disk), ("read-only at the start", read_only_at_the_start)]
    if os.path.exists(LIBRARY):
        plays += [(f"{error} at each {name}, then a new process", errors_from_then_on(error, name))
                  for error, name in (("EROFS", "open"), ("ENOSPC", "write"), ("EIO", "fsync"), ("EACCES", "rename"))]
    plays += [("a limit on the size of files", size_limit), ("the folder removed", removed), ("the folder renamed", renamed),
              ("the folder renamed, a file in its place", renamed_with_another_in_its_place),
              ("the folder above it missing at the start", parent_missing), ("open to everybody at the start", open_to_everybody),
              (".pending without permission", not_permitted), ("the outbox without permission when it confirms", confirmation_fails),
              ("a second process on it", in_use)]
    for title, play in plays:
        yield Case("outbox", title, "v2.3.0", play)
