"""A trial of generated secrets: the real program with a PGP recipient and an outbox, a Hydra, and what became of each
secret. kept.py lists the cases; kept_checks.py holds what must be true after each."""

import dataclasses
import itertools
import json
import os
import re
import shutil
import signal
import threading
import time
import typing
import unittest
import urllib.parse

import harness
from harness import Case as Bench
from harness import Process, worker_client
from keys import Keyring
from kept_checks import Checks

RECIPIENT = "operations"
MOST_RESTARTS = 4  # until a killed process's work is done
RUN_SECONDS = 60  # of one `run --once`
STEP_SECONDS = 0.0005
LOOP_INTERVAL = "100ms"
SUFFIX = re.compile(r"~\d+")  # of a trial's client ids: a POST of another trial, however late, cannot be about them
GROUPS = ("step", "random", "race", "outbox", "answer", "lost database")


@dataclasses.dataclass
class Case:
    """`play` drives the trial; what is wrong at its end it finds itself, by an AssertionError, or Checks finds it."""
    group: str  # of GROUPS
    title: str
    hydra: str  # "v2.3.0", "v1.11.10": a real one; "sandbox v2.3": the sandbox in that dialect
    play: typing.Callable


@dataclasses.dataclass
class Row:
    """What came of a case."""
    kills: int = 0
    clients: int = 0  # in Hydra with a secret of ours, all told
    lost: int = 0  # of them: no file of the outbox gives a secret with which Hydra gives a token
    seconds: float = 0.0
    notes: str = ""
    faults: list = dataclasses.field(default_factory=list)


class Message:
    """A file of an outbox: a sealed secret."""

    def __init__(self, path, pending):
        self.path, self.pending = path, pending
        with open(path, "rb") as file:
            self.armored = file.read()
        head = dict(re.findall(r"^Comment: (\w+) (.*)$", self.armored.decode(), re.M))
        self.client_id, self.stamp = json.loads(head.get("client_id", "null")), head.get("import")

    @property
    def name(self):
        return os.path.basename(self.path)


class Outbox:
    """The folder as people see it."""

    def __init__(self, path):
        self.path = path

    def _messages(self, folder, pending):
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith(".asc") and not name.startswith("."):
                try:
                    yield Message(os.path.join(folder, name), pending)
                except FileNotFoundError:
                    continue  # confirmed just now

    def confirmed(self):
        return list(self._messages(self.path, False))

    def pending_names(self):
        try:
            return {name for name in os.listdir(os.path.join(self.path, ".pending")) if not name.startswith(".")}
        except FileNotFoundError:
            return set()

    def pending(self):
        return list(self._messages(os.path.join(self.path, ".pending"), True))


class Recipients:
    """The people's keyring, which all trials share: they only open with it."""

    def __init__(self):
        self._owner = unittest.TestCase()
        self.keyring = Keyring(self._owner)
        self.armored = self.keyring.make(RECIPIENT, "ed25519")
        self._opened = {}
        self._lock = threading.Lock()  # guards what was opened already, by the message

    def open(self, armored):
        with self._lock:
            known = self._opened.get(armored)
        secret = known if known is not None else self.keyring.open(armored)
        with self._lock:
            self._opened[armored] = secret
        return secret

    def end(self):
        self._owner.doCleanups()


class Trial(Bench):
    """Runs one Case. `hydra_of` gives this thread's real Hydra of a version, which nobody else uses meanwhile. A case calls
    its clients by short names; what they are called in Hydra is the trial's own."""

    _numbers = itertools.count(1)

    def __init__(self, case, recipients, hydra_of):
        super().__init__()
        self.case, self.recipients, self._hydra_of = case, recipients, hydra_of
        self.suffix = f"~{next(self._numbers)}"
        self.clients = {}  # by id: the manifests
        self.anothers, self.thrown_away = set(), set()  # ids in Hydra that are not ours; whose secret its owner removed
        self.older = set()  # paths of secrets of a Hydra that is gone
        self.secrets = set()  # every generated one that was seen
        self.processes = []
        self.row = Row()
        self.server = None

    def runTest(self):
        """unittest wants one; a case is played by run_case()."""

    def run_case(self):
        began = time.monotonic()
        self.setUp()
        try:
            self.prepare()
            self.case.play(self)
            self.row.faults += Checks(self).faults()
        except AssertionError as fault:
            self.row.faults.append(str(fault))
        finally:
            self.end()
        self.row.seconds = time.monotonic() - began
        return self.row

    def prepare(self):
        if self.case.hydra.startswith("sandbox "):
            self.server = self.sandbox(self.case.hydra.split()[1])
        else:
            self.server = self._hydra_of(self.case.hydra)
        self.endpoint = self.server.endpoint
        self.key_file = self.write("recipient.asc", self.recipients.armored)
        self.outboxes = [Outbox(self.path("outbox"))]
        os.makedirs(self.path("run"), mode=0o700)  # for GnuPG's private folders: nobody else's are in it
        os.makedirs(self.path("manifests"))

    def end(self):
        for process in self.processes:
            process.end()
        if self.real and self.server.alive():
            os.kill(int(self.server.info["pid"]), signal.SIGCONT)
            self._forget()
        self.doCleanups()

    def _forget(self):
        for client_id in self.clients:
            self.server.fetch(self.server.clients_path + "/" + urllib.parse.quote(client_id, safe=""), "DELETE")

    # ---- Hydra ---------------------------------------------------------------------------

    @property
    def real(self):
        return isinstance(self.server, harness.Hydra)

    @property
    def clients_path(self):
        return self.server.clients_path if self.real else "/clients" if self.server.dialect.startswith("v1") else "/admin/clients"

    def id_of(self, name):
        return name if name.endswith(self.suffix) else name + self.suffix

    def live(self, name):
        """The client as Hydra has it, or None."""
        client_id = self.id_of(name)
        return self.server.client(client_id) if self.real else self.server.clients().get(client_id)

    def live_stamp(self, name):
        live = self.live(name)
        return ((live or {}).get("metadata") or {}).get("hydra_clients", {}).get("import")

    def secret_is_right(self, name, secret):
        """Whether an application gets a token with it."""
        client_id = self.id_of(name)
        if self.real:
            return self.server.token(client_id, secret).status == 200
        return self.live(client_id)["client_secret"] == secret

    # ---- manifests -----------------------------------------------------------------------

    def declare(self, *names):
        """A manifest for each; gives their ids."""
        ids = [self.id_of(name) for name in names]
        for client_id in ids:
            # v1.11 wants each scope of a token to be the client's; the tokens here have none.
            self.clients[client_id] = worker_client(client_id)
            self.write(f"manifests/{urllib.parse.quote(client_id, safe='')}.json", self.clients[client_id])
        return ids

    def undeclare(self, name):
        os.remove(self.path(f"manifests/{urllib.parse.quote(self.id_of(name), safe='')}.json"))

    # ---- the program ---------------------------------------------------------------------

    @property
    def outbox(self):
        return self.outboxes[0]

    def flags(self, outbox=None, endpoint=None):
        return ["--endpoint", endpoint or self.endpoint, "--manifests", self.path("manifests"), "--pgp-key-file", self.key_file,
                "--outbox", (outbox or self.outbox).path]

    def environment(self, extra=None):
        return {"XDG_RUNTIME_DIR": self.path("run"), **(extra or {})}

    def start_once(self, *more, outbox=None, endpoint=None, env=None, wrapper=()):
        """`run --once` in the background."""
        command = [*wrapper, harness.PROGRAM, "run", "--once", "--output", "json", *self.flags(outbox, endpoint), *more]
        process = Process(command, self.folder, self.environment(env))
        self.processes.append(process)
        return process

    def once(self, *more, **options):
        """`run --once` to its end: its exit code, and what it reports of each client, by name."""
        process = self.start_once(*more, **options)
        code = process.wait(RUN_SECONDS)
        text = process.stdout()
        return code, {client["client_id"].removesuffix(self.suffix): client for client in json.loads(text)["clients"]} if code in (0, 1) and text else {}

    def loop(self, *more, outbox=None, endpoint=None, env=None, wrapper=(), interval=LOOP_INTERVAL):
        """`run` in the background."""
        controller = harness.Controller([*self.flags(outbox, endpoint), "--interval", interval, *more], self.folder, self.environment(env),
                                        wrapper)
        self.processes.append(controller)
        return controller

    def kill(self, process):
        """kill -9, unless it has ended by itself; whether it was killed."""
        struck = process.alive()
        process.kill()
        struck = struck and process.process.returncode == -signal.SIGKILL
        self.row.kills += struck
        return struck

    def finish(self):
        """Fresh processes until everything is done, as an operator or Kubernetes would start them."""
        codes = []
        while len(codes) < MOST_RESTARTS:
            codes.append(self.once()[0])
            if codes[-1] == 0:
                return
        self.fail(f"not done after {MOST_RESTARTS} starts: exit codes {codes}: {self.processes[-1].stdout()[-1500:]}")

    def start_again(self):
        """An empty outbox, and none of the clients in Hydra."""
        shutil.rmtree(self.outbox.path, ignore_errors=True)
        self._forget()

    def check_kept(self):
        """The invariant of every moment: a client with a stamp of ours is in Hydra only while its secret is in an outbox."""
        stamps = [(message.client_id, message.stamp) for outbox in self.outboxes for message in outbox.pending() + outbox.confirmed()]
        for client_id in self.clients:
            stamp = self.live_stamp(client_id)
            if stamp and (client_id, stamp) not in stamps:
                self.fail(f"{client_id} is in Hydra, and its secret (stamp {stamp}) is nowhere")

    def look_in(self):
        """Opens all that lies in the outboxes now, so that these secrets can be looked for in the wrong places."""
        for outbox in self.outboxes:
            for message in outbox.pending() + outbox.confirmed():
                self.secrets.add(self.recipients.open(message.armored))

    def outcome(self, controller, name):
        """(outcome, reason) in a loop's /status."""
        client_id = self.id_of(name)
        client = next((client for client in controller.status().get("clients", []) if client["client_id"] == client_id), {})
        return client.get("outcome"), client.get("reason", "")

    def wait_for_outcome(self, controller, name, outcome, reason=""):
        def there():
            found = self.outcome(controller, name)
            return found if found[0] == outcome and reason in found[1] else None
        try:
            return self.eventually(there, f"{name} to be {outcome}, saying {reason!r}")
        except AssertionError as late:
            self.fail(f"{late}; it is {self.outcome(controller, name)}; log:\n{controller.stderr()[-1500:]}")

    def wait_for_file(self, found, seconds=harness.EVENTUALLY_SECONDS):
        """Until `found` says so; asked so often that a moment can be hit. False where the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found():
                return True
            time.sleep(STEP_SECONDS)
        return False
