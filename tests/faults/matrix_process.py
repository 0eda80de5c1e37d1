"""Faults of the process: what it may have, what it is told, and who calls it."""

import contextlib
import fcntl
import os
import resource
import shutil
import signal
import socket
import subprocess
import time

import harness
from matrix_disk import with_outbox
from matrix_gate import only, slow
from matrix_hydra import FAILED, LOG
from matrix_rows import Row, Stage, Told, nothing

IDLE = 1000  # callers that say nothing
NOBODY = 61_000  # and up: users that have no other process
PIPE_BYTES = 4096
HANGUPS = 200
COUNTED = 25  # looks at what is open


# ---- what it may have ------------------------------------------------------------------------


def limited(kind, most):
    """(inject, end) of a limit that is `most(trial)` while the fault lasts."""
    def inject(trial):
        trial.allowed = resource.prlimit(trial.controller.pid, kind)
        resource.prlimit(trial.controller.pid, kind, (most(trial), trial.allowed[1]))

    def end(trial):
        resource.prlimit(trial.controller.pid, kind, trial.allowed)
    return inject, end


def open_files(trial):
    """How many it has open all the time, and not for a caller, by its own account: /proc shows it to nobody but root."""
    counts = []
    for _ in range(COUNTED):
        counts += [float(line.split()[1]) for line in trial.ask("/metrics").text().splitlines() if line.startswith("process_open_fds ")]
        time.sleep(0.02)
    return int(min(counts)) - 1  # that which asked


def somebody(trial):
    user = str(NOBODY + int(trial.suffix[1:]))
    return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]


def as_somebody(trial):
    """A user of the row's own, since a user's processes are counted together. The program is where that user may run it."""
    subprocess.run(["cp", harness.PROGRAM, trial.path("program")], check=True, timeout=60)  # another's child could hold a file that is written here
    os.chmod(trial.folder, 0o755)
    trial.wrapper = [*somebody(trial), "sh", "-c", 'shift; exec "$0" "$@"', trial.path("program")]


def most_threads(trial, most):
    """As that user, since root may not be allowed to in a container."""
    subprocess.run([*somebody(trial), "prlimit", f"--pid={trial.controller.pid}", f"--nproc={most}:"], check=True, capture_output=True, timeout=60)


def no_threads(trial):
    with open(f"/proc/{trial.controller.pid}/limits", encoding="ascii") as file:
        trial.allowed = next(line.split()[2] for line in file if line.startswith("Max processes"))
    most_threads(trial, 1)


def threads(trial):
    most_threads(trial, trial.allowed)


# ---- what it is told -------------------------------------------------------------------------


def signalled(number, times=1):
    def act(trial):
        for _ in range(times):
            trial.controller.signal(number)
    return act


def killed(trial):
    trial.controller.kill()


def told_to_end(trial):
    """While a POST is under way."""
    trial.gate.trouble = only(b"/clients", slow(1.5), b"POST")
    trial.add("under-way")
    trial.eventually(lambda: trial.gate.methods["POST"] > len(trial.declared) - 1, "the POST is under way")
    trial.controller.signal(signal.SIGTERM)
    trial.expect_end(0)


def started_again(trial):
    trial.gate.trouble = None
    trial.start()


# ---- gpg -------------------------------------------------------------------------------------

# The file `how` says what becomes of gpg, where it is there.
GPG = """#!/bin/sh
if [ "$(cat {folder}/how 2>/dev/null)" = killed ]; then kill -9 $$; fi
while [ "$(cat {folder}/how 2>/dev/null)" = hung ] && [ -d {folder} ]; do sleep 0.2; done
exec {folder}/gpg.real "$@"
"""


def with_gpg(trial):
    folder = trial.path("mounts")
    os.makedirs(folder)
    shutil.copy("/usr/bin/gpg", os.path.join(folder, "gpg.real"))
    with open(os.path.join(folder, "gpg"), "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
        file.write(GPG.format(folder=folder))
    with_outbox(trial)
    trial.on_own_mounts('mount --bind "$0/gpg" /usr/bin/gpg')


def gpg_is(how):
    return lambda trial: trial.write("mounts/how", how)


def gpg_works(trial):
    os.remove(trial.path("mounts/how"))


# ---- its standard error ----------------------------------------------------------------------


def into_a_pipe(trial):
    """Its log goes into a pipe that the row holds."""
    os.mkfifo(trial.path("log"))
    trial.pipe = os.open(trial.path("log"), os.O_RDONLY | os.O_NONBLOCK)
    trial.addCleanup(close_pipe, trial)
    trial.wrapper = ["sh", "-c", 'log=$0; exec "$@" 2>"$log"', trial.path("log")]


def close_pipe(trial):
    pipe, trial.pipe = trial.pipe, None
    if pipe is not None:
        os.close(pipe)


def fill_pipe(trial):
    with contextlib.suppress(OSError):
        fcntl.fcntl(trial.pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    filling = os.open(trial.path("log"), os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(filling, b"x" * PIPE_BYTES)
    os.close(filling)


def drain_pipe(trial):
    with contextlib.suppress(BlockingIOError):
        while os.read(trial.pipe, 1 << 16):
            pass


# ---- its callers -----------------------------------------------------------------------------


def thousand_callers(trial):
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed[0], min(allowed[1], 4 * IDLE)), allowed[1]))
    trial.callers = []
    for _ in range(IDLE):
        caller = socket.create_connection(("127.0.0.1", trial.controller.port), timeout=20)
        trial.addCleanup(caller.close)
        trial.callers.append(caller)


def callers_gone(trial):
    for caller in trial.callers:
        caller.close()


def of_process(name, inject, end, told=Told(), **more):
    return Row("process", name, inject, end, told, **{"goes_on": True, **more})


def rows():
    silent = {"goes_on": False, "answers": False}
    waiting = 'clients{state="waiting"} 1'
    gpg = Stage(prepare=with_gpg)
    piped = Stage(prepare=into_a_pipe)
    yield of_process("no file descriptor is free", *limited(resource.RLIMIT_NOFILE, open_files), Told("degraded", "cannot be read: Too many open files", "cycle hindered", "source_read_errors_total rises"),
                     goes_on=False, everyday=True)
    yield of_process("no thread can be made", no_threads, threads, Told("failed", "no thread can be made: raise the limit on the processes", LOG, FAILED),
                     goes_on=False, stage=Stage(prepare=as_somebody), needs=("root",))
    yield of_process("it is stopped (SIGSTOP)", signalled(signal.SIGSTOP), signalled(signal.SIGCONT), Told(""), **silent, everyday=True)
    yield of_process("it is killed (SIGKILL), and started again", killed, started_again, Told(""), goes_on=False, dies=True, everyday=True)
    yield of_process("it is told to end (SIGTERM) while a POST is under way, and started again", told_to_end, started_again, Told(""), goes_on=False, dies=True,
                     everyday=True)
    yield of_process(f"SIGHUP, {HANGUPS} times", signalled(signal.SIGHUP, HANGUPS), nothing)
    yield of_process("gpg is killed whenever it runs", gpg_is("killed"), gpg_works, Told("degraded", "gpg gave no whole message", "client waits for its secret", waiting),
                     stage=gpg, goes_on=False, needs=("mounts",))
    yield of_process("gpg hangs whenever it runs", gpg_is("hung"), gpg_works, Told("degraded", "gpg did not finish in time and was given up", "client waits for its secret", waiting),
                     stage=gpg, goes_on=False, needs=("mounts",), told_within=45)
    yield of_process("nobody holds the other end of its log any more", close_pipe, nothing, stage=piped)
    yield of_process("its log is a full pipe that nobody reads", fill_pipe, drain_pipe, stage=piped, everyday=True)
    yield of_process(f"{IDLE:,} callers that say nothing", thousand_callers, callers_gone, everyday=True)
