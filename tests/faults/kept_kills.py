"""kill -9 at every step of the order in which a secret is made, kept, sent and confirmed, and at random moments."""

import dataclasses
import os
import random
import re
import signal
import time
import urllib.parse

import harness
from kept_trial import SUFFIX, Case, Trial

LIBRARY = os.path.join(harness.BUILD, "kill-at.so")  # tests/faults/kill_at.cpp says what it reads
ONE_AT_A_TIME = ("--parallelism", "1")  # so that the steps are the same in every run
TRIES_OF_A_STEP = 3
CHANCE = ("recv",)  # how often something is read from a socket is not the program's doing
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

KILLS_OF_A_TRIAL = 10
SOONEST_SECONDS = 0.15  # of kills that wait for nothing: about as long as a start and an import take
AFTER_ENTRY_SECONDS = 0.008  # of kills that wait for a pending entry: the POST, its answer and the confirmation are there
STOPPED_SECONDS = 0.1
MOST_ROUNDS = 5  # for each kill


# ---- step by step -----------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Step:
    """A call that the program makes: the `number`-th of that name."""
    name: str
    number: int
    what: str

    def __str__(self):
        return f"{self.name} {self.number}" + (f" {self.what}" if self.what != "socket" else "")

    def environment(self, when):
        return {"KILL_AT": f"{self.name}:{self.number}:{when}"}


@dataclasses.dataclass(frozen=True)
class Scene:
    """What happened before the start that is killed."""
    title: str
    ids: tuple
    before: tuple = ()  # of earlier starts: (find the step in the first start's steps, when), each killed there


def is_confirmation(step):
    return step.name == "rename" and ".pending/" in step.what and not step.what.rpartition(" -> ")[2].startswith((".pending/", ".format"))


def confirmation(steps):
    return next((step for step in steps if is_confirmation(step)), None)


def first_post(steps):
    """What is sent first after an entry was kept."""
    kept = next((at for at, step in enumerate(steps) if step.name == "rename" and step.what.rpartition(" -> ")[2].startswith(".pending/")), len(steps))
    return next((step for step in steps[kept:] if step.name == "send"), None)


SCENES = (
    Scene("first start", ("app", "svc \u00e9")),
    Scene("restart, the client is there", ("app",), ((confirmation, "before"),)),
    Scene("restart, the client is not there", ("app",), ((first_post, "before"),)),
)


def shim(trial, more):
    return {"LD_PRELOAD": LIBRARY, "KILL_AT_PATH": trial.outbox.path,
            "KILL_AT_PORT": str(urllib.parse.urlsplit(trial.endpoint).port), **more}


def steps_of_start(trial):
    """The steps of `run --once` as things are."""
    log = trial.path("steps")
    code, _ = trial.once(*ONE_AT_A_TIME, env=shim(trial, {"KILL_AT_LOG": log}))
    trial.assertEqual(code, 0, "the run that is only watched")
    with open(log, encoding="utf-8") as lines:
        found = [line.rstrip("\n").split(" ", 2) for line in lines]
    os.remove(log)
    return [Step(name, int(number), UUID.sub("*", SUFFIX.sub("", what))) for name, number, what in found]


def killed_start(trial, step, when):
    """Whether the start was killed at that step; where it was not, it did its whole work."""
    process = trial.start_once(*ONE_AT_A_TIME, env=shim(trial, step.environment(when)))
    process.wait()
    struck = process.process.returncode == -signal.SIGKILL
    trial.row.kills += struck
    return struck


def set_scene(trial, scene, first_steps):
    trial.declare(*scene.ids)
    for find, when in scene.before:
        trial.assertIsNotNone(find(first_steps), "a first start does not do what this scene begins with: keep, send, confirm, in this order")
        trial.assertTrue(killed_start(trial, find(first_steps), when), "an earlier start was not killed")


def record(scene, recipients, hydra_of, version):
    """The steps of a first start, where the scene needs them, and of the start that it is about."""
    steps_first, steps = [], []

    def watch(trial):
        trial.declare(*scene.ids)
        steps_first.extend(steps_of_start(trial) if scene.before else [])
        trial.start_again()
        set_scene(trial, scene, steps_first)
        steps.extend(steps_of_start(trial))

    row = Trial(Case("step", f"{scene.title}: watched", version, watch), recipients, hydra_of).run_case()
    return steps_first, steps, row.faults


def could_not_be_watched(faults):
    def play(trial):
        trial.fail("; ".join(faults))
    return play


def killed_at(scene, first_steps, step, when):
    def play(trial):
        for _ in range(TRIES_OF_A_STEP):
            trial.start_again()
            set_scene(trial, scene, first_steps)
            if killed_start(trial, step, when):
                break
        else:
            trial.row.notes = "not reached"
            trial.assertIn(step.name, CHANCE, "the step was not reached")
        trial.check_kept()
        trial.look_in()
        trial.finish()
    return play


def step_cases(scenes, recipients, hydra_of, version="v2.3.0"):
    """Before and after each step of each scene, in the order of the steps."""
    for scene in scenes:
        first_steps, steps, faults = record(scene, recipients, hydra_of, version)
        if faults:
            yield Case("step", f"{scene.title}: watched, without a kill", version, could_not_be_watched(faults))
        for step in steps:
            for when in ("before", "after"):
                yield Case("step", f"{scene.title}: {when} {step}", version, killed_at(scene, first_steps, step, when))


# ---- at random --------------------------------------------------------------------------


class RandomKills:
    """A number of kills on one outbox, each with new clients, and then the truth."""

    def __init__(self, seed, kills):
        self.seed, self.kills = seed, kills

    def __call__(self, trial):
        rng = random.Random(self.seed)
        moments = {"idle": 0, "pending": 0, "stopped": 0}
        missing = {}  # by id: stamps that were pending when Hydra said 404
        rounds = 0
        while trial.row.kills < self.kills:
            rounds += 1
            trial.assertLess(rounds, MOST_ROUNDS * self.kills, "it ends before it can be killed")
            trial.declare(*(f"c{len(trial.clients) + more}" for more in range(rng.randint(1, 4))))
            self._kill(trial, rng, moments, missing)
            trial.check_kept()
            trial.look_in()
        trial.finish()
        late = sum(trial.live_stamp(client_id) in stamps for client_id, stamps in missing.items())
        trial.row.notes = ", ".join(f"{count} {word}" for word, count in moments.items()) + f"; {late} late"

    def _kill(self, trial, rng, moments, missing):
        process = trial.start_once() if rng.random() < 0.5 else trial.loop(interval="20ms")
        entries = trial.outbox.pending_names()
        if rng.random() < 0.2:
            time.sleep(rng.uniform(0, SOONEST_SECONDS))
        else:
            trial.wait_for_file(lambda: not process.alive() or trial.outbox.pending_names() - entries, seconds=1)
            time.sleep(rng.uniform(0, AFTER_ENTRY_SECONDS))
        if rng.random() < 0.35:
            self._while_hydra_is_stopped(trial, rng, process, missing)
            moments["stopped"] += 1
            return
        pending = trial.outbox.pending()
        if trial.kill(process):
            moments["pending" if pending else "idle"] += 1
        if rng.random() < 0.3:  # and its restart
            restart = trial.start_once()
            time.sleep(rng.uniform(0, SOONEST_SECONDS))
            moments["idle"] += trial.kill(restart)

    @staticmethod
    def _while_hydra_is_stopped(trial, rng, process, missing):
        """What was sent is carried out when nobody waits for it any more, or when the next process has looked for it."""
        hydra = int(trial.server.info["pid"])
        os.kill(hydra, signal.SIGSTOP)
        try:
            time.sleep(rng.uniform(0, STOPPED_SECONDS))
            trial.kill(process)
            waiting = {}
            for message in trial.outbox.pending():
                waiting.setdefault(message.client_id, set()).add(message.stamp)
            restart = trial.start_once() if rng.random() < 0.5 else None
            time.sleep(rng.uniform(0, STOPPED_SECONDS) if restart else 0)
        finally:
            os.kill(hydra, signal.SIGCONT)
        for client_id, stamps in waiting.items():
            if trial.live(client_id) is None:
                missing[client_id] = missing.get(client_id, set()) | stamps
        if restart and rng.random() < 0.5:
            time.sleep(rng.uniform(0, AFTER_ENTRY_SECONDS))
            trial.kill(restart)
        elif restart:
            restart.wait()


def random_cases(seed, trials, version="v2.3.0"):
    for number in range(trials):
        own = f"{seed}-{number}"
        yield Case("random", f"{KILLS_OF_A_TRIAL} kills at random moments, seed {own}", version, RandomKills(own, KILLS_OF_A_TRIAL))
