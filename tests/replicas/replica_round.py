"""One round: the replicas start at once on an empty Hydra, something befalls them, and what is there when all are in sync."""

import dataclasses
import os
import shutil
import subprocess
import threading
import time

import faults
from replica import Replica
from round_checks import Checks

# Which Hydra of the world each replica stands beside: one over a unix socket, two over TCP.
BESIDE = (0, 1, 1)
KILLS = 6
RESTART_SECONDS = 0.3  # the longest that a killed one is away
IN_SYNC_SECONDS = 300
STEP_SECONDS = 0.05
SERIALIZATION_FAILURE = "40001"  # https://www.postgresql.org/docs/15/errcodes-appendix.html


@dataclasses.dataclass
class Row:
    """What came of a round."""
    started: int = 0
    kills: int = 0
    imported: list = dataclasses.field(default_factory=list)  # by each replica, of the clients with a generated secret
    seconds: float = 0.0  # until all were in sync
    lost: int = 0
    doubled: int = 0
    updated: int = 0  # or deleted
    refused: int = 0  # by PostgreSQL with 40001
    answers: dict = dataclasses.field(default_factory=dict)  # to the replicas' POSTs, by code; without those of killed processes
    tokens: int = 0  # that Hydra gave for a secret
    notes: list = dataclasses.field(default_factory=list)
    faults: list = dataclasses.field(default_factory=list)


class Round:
    def __init__(self, world, fault, rng, recipients, key_file):
        self.world, self.fault, self.rng, self.recipients, self._key_file = world, fault, rng, recipients, key_file
        self.folder = os.path.join(world.folder, "round")
        self.row = Row()
        self.proxy = None
        self.replicas = []
        self._over = threading.Event()
        self._kill_at = sorted(rng.random() for _ in range(KILLS))  # how much of all is there then
        self._chances = [(rng.randrange(len(BESIDE)), rng.uniform(0, RESTART_SECONDS)) for _ in range(KILLS)]

    @property
    def notes(self):
        return self.row.notes

    def run(self):
        """The Row. The replicas run on until end()."""
        self.world.clear()
        os.makedirs(self.folder)
        refused = self.world.postgres.told(SERIALIZATION_FAILURE)
        self.fault.before(self)
        killer = threading.Thread(target=self._kill, daemon=True)
        began = time.monotonic()
        try:
            self._start()
            killer.start()
            self._strike()
            killer.join(IN_SYNC_SECONDS)
            self._wait_until_in_sync(began)
            self.row.refused = self.world.postgres.told(SERIALIZATION_FAILURE) - refused
            self.row.seconds = time.monotonic() - began
            self.row.faults += Checks(self).faults()
        except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError, ValueError, LookupError) as fault:
            self.row.seconds = time.monotonic() - began
            self.row.faults.append(str(fault) if isinstance(fault, AssertionError) else f"the round broke: {type(fault).__name__}: {fault}")
        finally:
            self._over.set()
            if killer.ident:
                killer.join(IN_SYNC_SECONDS)
            self.fault.after(self)
        self._sum_up()
        return self.row

    def end(self):
        for replica in self.replicas:
            replica.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _endpoint(self, hydra):
        if self.proxy and hydra == 1:
            return self.proxy.endpoint
        return self.world.wires[hydra].endpoint if self.fault.wired else self.world.hydras[hydra].endpoint

    def _start(self):
        self.replicas = [Replica(number, self.folder, self._endpoint(hydra), self.world.manifests, self._key_file)
                         for number, hydra in enumerate(BESIDE)]
        for replica in self.replicas:
            replica.start()

    def _until(self, share, seconds=IN_SYNC_SECONDS):
        """Until so many of all clients are there; False where that is not to be."""
        deadline, wanted = time.monotonic() + seconds, share * len(self.world.clients)
        while time.monotonic() < deadline and not self._over.is_set():
            count = self.world.count()
            if count is not None and count >= wanted:
                return True
            time.sleep(STEP_SECONDS)
        return False

    def _strike(self):
        if not self.fault.strike:
            return
        self._until(self.rng.uniform(*faults.BETWEEN))
        there = self.world.count()
        self.fault.strike(self)
        self.row.notes.append(f"struck at {there}")
        if there is None or there >= len(self.world.clients):
            self.row.faults.append("all was done before the fault struck")

    def _kill(self):
        """In a thread of its own, while something else befalls them."""
        for share, (number, away) in zip(self._kill_at, self._chances):
            if not self._until(share):
                return
            self.row.kills += self.replicas[number].kill()
            self._over.wait(away)
            self.replicas[number].start()

    def _wait_until_in_sync(self, began):
        waited = list(self.replicas)
        while waited:
            waited = [replica for replica in waited if not replica.in_sync(len(self.world.clients))]
            for replica in waited:
                if not replica.controller.alive():
                    raise AssertionError(f"replica {replica.number} ended by itself ({replica.controller.process.returncode}): {replica.last_words()}")
            if waited and time.monotonic() > began + IN_SYNC_SECONDS:
                late = waited[0]
                status = late.status()
                raise AssertionError(f"replica {late.number} is not in sync after {IN_SYNC_SECONDS} s: {status.get('summary')}, "
                                     f"{status.get('error')}, {status.get('clients', [])[:2]}; {late.last_words()}")
            time.sleep(STEP_SECONDS)

    def _sum_up(self):
        self.row.started = sum(len(replica.controllers) for replica in self.replicas)
        self.row.imported = [len(replica.outbox.confirmed()) for replica in self.replicas]
        if self.row.kills < KILLS:
            self.row.faults.append(f"only {self.row.kills} of {KILLS} kills struck")
        if self.fault.conflicts and self.row.refused == 0:
            self.row.faults.append(f"PostgreSQL refused nothing with {SERIALIZATION_FAILURE}")
