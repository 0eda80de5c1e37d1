"""A controller beside a Hydra: one of several of the same manifests, with an outbox and a state folder of its own."""

import collections
import contextlib
import http.client
import os
import re
import signal

import harness
from kept_trial import Outbox

INTERVAL, TIMEOUT = "500ms", "3s"
SECRET_VARIABLE, VARIABLE_SECRET = "HYDRA_CLIENTS_SECRET_REPLICAS", "the-secret-of-a-variable"
STATED_SECRET = "the-secret-of-a-manifest"
FAULTS = (OSError, http.client.HTTPException, ValueError, LookupError)  # of a status page whose process ends just now
IMPORTED = re.compile(r' msg="client imported[^"]*"[^\n]* client_id=(\S+)')
BLAMED = re.compile(r" outcome=(refused|conflict|invalid|duplicate|waiting)\b")
POSTS = re.compile(r'^hydra_clients_admin_requests_total\{(?=[^}]*method="POST")[^}]*code="(\w+)"[^}]*\} (\S+)$', re.M)


def clients_of(count):
    """Every fourth: public, with a secret in the manifest, with one in a variable, with one that nobody chose."""
    made = []
    for number in range(count):
        client_id = f"app-{number:05d}"
        client = harness.public_client(client_id) if number % 4 == 0 else harness.worker_client(client_id)
        if number % 4 == 1:
            client["client_secret"] = STATED_SECRET
        elif number % 4 == 2:
            client["client_secret_from"] = {"env": SECRET_VARIABLE}
        made.append(client)
    return made


def secret_is_generated(client):
    return client["token_endpoint_auth_method"] != "none" and "client_secret" not in client and "client_secret_from" not in client


class Replica:
    def __init__(self, number, folder, endpoint, manifests, key_file):
        self.number, self.folder = number, os.path.join(folder, f"replica-{number}")
        os.makedirs(os.path.join(self.folder, "run"), mode=0o700)
        self.outbox = Outbox(os.path.join(self.folder, "outbox"))
        self._arguments = ["--endpoint", endpoint, "--manifests", manifests, "--interval", INTERVAL, "--timeout", TIMEOUT,
                           "--pgp-key-file", key_file, "--outbox", self.outbox.path, "--state-dir", os.path.join(self.folder, "state")]
        self._port = harness.free_port()
        self.controllers = []
        self._before = collections.Counter()  # POSTs of processes that were killed

    @property
    def controller(self):
        return self.controllers[-1]

    def start(self):
        env = {"XDG_RUNTIME_DIR": os.path.join(self.folder, "run"), SECRET_VARIABLE: VARIABLE_SECRET}
        self.controllers.append(harness.Controller(self._arguments, self.folder, env, port=self._port))

    def kill(self):
        """kill -9; whether it was that which ended it. What it was answered is asked for just before."""
        with contextlib.suppress(*FAULTS):
            self._before += self._posts()
        self.controller.kill()
        return self.controller.process.returncode == -signal.SIGKILL

    def end(self):
        for controller in self.controllers:
            controller.end()

    # ---- what it says --------------------------------------------------------------------

    def status(self):
        """What /status shows, without the clients that are as they should be; nothing while it does not answer."""
        with contextlib.suppress(*FAULTS):
            return self.controller.get("/status?clients=problems").json()
        return {}

    def in_sync(self, count):
        status = self.status()
        return status.get("result") == "success" and (status.get("summary") or {}).get("in_sync") == count

    def _posts(self):
        return collections.Counter({code: int(float(count)) for code, count in POSTS.findall(self.controller.get("/metrics").text())})

    def posts(self):
        """How many POSTs were answered, by code; all but the last few of the processes that were killed."""
        return self._before + self._posts()

    def imported(self):
        """The clients that its processes say they imported, at the end of a cycle: one that is killed before says nothing."""
        return [found[1] for controller in self.controllers for line in controller.err if (found := IMPORTED.search(line))]

    def blamed(self):
        """The lines of all its logs that hold a client itself to be at fault."""
        return [line.strip() for controller in self.controllers for line in controller.err if BLAMED.search(line)]

    def last_words(self):
        return "".join(self.controller.err)[-2000:]
