"""What goes wrong around a controller, made to happen: each with a controller of its own, the alert that is to fire, and what
ends it. The controllers run side by side, so each fault keeps to its own folder and its own clients."""

import os
import time

from harness import Controller, Hydra, fetch, free_port, public_client
from keys import Keyring
from repositories import Checkout, git
from test_signed_commits import SignedCheckout

START_ATTEMPTS, START_PAUSE_SECONDS = 3, 1


class Fault:
    """A controller with one client in sync, before anything is wrong."""

    name = ""  # of the instance
    title = ""
    alert = ""
    along = frozenset()  # alerts that may fire beside it, as a part of the fault or of healing it
    interval = "2s"  # a minute of rule_file.time_lapse()
    needs = "hydra_clients_in_sync"  # a metric without which the program cannot do what this is about

    def __init__(self, bench):
        self.bench, self.port, self.controller = bench, free_port(), None
        self.folder = bench.path(self.name)
        self.manifests = os.path.join(self.folder, "manifests")
        self.client = public_client(f"{self.name}-app", owner="ours")
        self.write("app.json", self.client)
        self.start()

    def write(self, name, client):
        self.bench.write(f"{self.name}/manifests/{name}", client)

    def endpoint(self):
        return self.bench.real_hydra().endpoint

    def source(self):
        return ["--manifests", self.manifests]

    def flags(self):
        return []

    def start(self):
        """Listening when it returns. Where it was before: in between another program may have had the port for a moment."""
        arguments = ["--endpoint", self.endpoint(), *self.source(), "--interval", self.interval, *self.flags()]
        for _ in range(START_ATTEMPTS):
            self.controller = Controller(arguments, self.folder, port=self.port)
            self.bench.addCleanup(self.controller.end)
            self.bench.eventually(lambda: not self.controller.alive() or self.controller.get("/healthz"), "the controller listens")
            if self.controller.alive():
                return
            time.sleep(START_PAUSE_SECONDS)
        raise RuntimeError(f"{self.name}: the controller ended by itself:\n{self.controller.stderr()[-2000:]}")

    def restart(self):
        self.controller.end()
        self.start()

    def happen(self):
        """Nothing, to begin with."""

    def show(self):
        """Once the alert fires: what makes somebody notice, and look into the runbook."""

    def heal(self):
        """Ends the fault, as a person would."""


class Steady(Fault):
    name, title = "steady", "nothing"


# ---- Controllers ---------------------------------------------------------------------------


class Down(Fault):
    name, title, alert = "down", "the controller ends", "HydraClientsDown"

    def happen(self):
        self.controller.end()

    def heal(self):
        self.start()


class Stuck(Fault):
    """A cycle that does not end: Hydra takes a request and says nothing for longer than anybody waits."""

    name, title, alert = "stuck", "Hydra takes a request and does not answer it", "HydraClientsNotReconciling"

    def endpoint(self):
        self.sandbox = self.bench.sandbox()
        return self.sandbox.endpoint

    def flags(self):
        return ["--timeout", "1h"]

    def happen(self):
        self.sandbox.faults({"fault": "delay", "ms": 3600_000, "path": "clients"})

    def heal(self):
        self.sandbox.faults()
        self.sandbox.disconnect()


class Refused(Fault):
    name, title, alert = "failing", "a proxy before Hydra says 403", "HydraClientsReconcileFailing"

    def endpoint(self):
        self.sandbox = self.bench.sandbox()
        return self.sandbox.endpoint

    def happen(self):
        self.sandbox.faults({"fault": "status", "status": 403, "body": "go away", "content_type": "text/plain"})

    def heal(self):
        self.sandbox.faults()


class Unreachable(Fault):
    """A real Hydra of its own, which is stopped, and comes back where it was without its clients."""

    name, title, alert = "unreachable", "Hydra is stopped", "HydraClientsHydraUnreachable"

    def endpoint(self):
        self.bench.require_hydra(self.bench.VERSION)
        self.hydra_port = free_port()
        self._start_hydra()
        return self.hydra.endpoint

    def _start_hydra(self):
        self.hydra = Hydra(self.bench.folder, self.bench.VERSION, ("--port", str(self.hydra_port)))
        self.bench.addCleanup(self.hydra.end)

    def happen(self):
        self.hydra.end()

    def heal(self):
        self._start_hydra()


# ---- Clients -------------------------------------------------------------------------------


class Conflict(Fault):
    name, title, alert = "conflict", "somebody changes the client in Hydra", "HydraClientsConflict"

    def _change(self, owner):
        hydra = self.bench.real_hydra()
        changed = {**hydra.client(self.client["client_id"]), "owner": owner}
        answer = hydra.fetch(f"{hydra.clients_path}/{self.client['client_id']}", "PUT", changed,
                             headers={"Content-Type": "application/json"})
        self.bench.assertEqual(answer.status, 200, answer.text())

    def happen(self):
        self._change("somebody")

    def heal(self):
        self._change("ours")


class Invalid(Fault):
    name, title, alert = "degraded", "a manifest with a mistake", "HydraClientsDegraded"

    def happen(self):
        self.write("new.json", {**public_client("degraded-new"), "scopes": "openid"})

    def heal(self):
        self.write("new.json", public_client("degraded-new"))


# ---- Manifests -----------------------------------------------------------------------------


class SourceGone(Fault):
    name, title, alert = "source", "the manifests' folder is gone", "HydraClientsSourceUnreadable"

    def happen(self):
        os.rename(self.manifests, self.manifests + ".gone")

    def heal(self):
        os.rename(self.manifests + ".gone", self.manifests)


class Repository(Fault):
    """The manifests are a checkout; its remote is where commits are made."""

    def start(self):
        if self.controller is None:
            self.checkout = Checkout(self.manifests)
            self.checkout.commit()
            self.remote = Checkout(os.path.join(self.folder, "remote"))
            self.remote.git("pull", "-q", self.manifests)
        super().start()


class CommitWaiting(Repository):
    name, title, alert = "waiting", "a commit that is announced, and does not come", "HydraClientsCommitWaiting"

    def happen(self):
        commit = self.remote.commit(public_client("waiting-new"))
        answer = fetch(f"http://127.0.0.1:{self.port}/-/reconcile", "POST", headers={"Gitsync-Hash": commit})
        self.bench.assertEqual(answer.status, 200)

    def heal(self):
        git(self.manifests, "pull", "-q", "--ff-only", self.remote.path)


class CommitRefused(Fault):
    name, title, alert = "refused", "a commit that nobody signed", "HydraClientsCommitRefused"
    along = frozenset({"HydraClientsCommitWaiting"})  # for as long as it is refused

    def flags(self):
        return ["--require-signed-commits", self.bench.write(f"{self.name}/people.asc", self.people.armored("alice"))]

    def start(self):
        if self.controller is None:
            self.people = Keyring(self.bench)
            self.people.make("alice", "sign-only")
            self.checkout = SignedCheckout(self.manifests, self.people)
            self.checkout.commit()
        super().start()

    def happen(self):
        self.checkout.commit(public_client("refused-new"), signer="")

    def heal(self):
        self.checkout.commit(signer="alice")  # what counts is the newest commit


class FetchFailing(Repository):
    """The controller fetches from the remote by itself."""

    name, title, alert = "fetch", "the remote of the repository is gone", "HydraClientsFetchFailing"
    needs = "hydra_clients_source_fetches_total"

    def source(self):
        return ["--git-url", f"file://{self.remote.path}", "--git-ref", "main", "--state-dir", os.path.join(self.folder, "state")]

    def happen(self):
        os.rename(self.remote.path, self.remote.path + ".gone")

    def heal(self):
        os.rename(self.remote.path + ".gone", self.remote.path)


# ---- Secrets -------------------------------------------------------------------------------


def worker(client_id):
    """A client that needs a secret, and states none."""
    return {"client_id": client_id, "grant_types": ["client_credentials"], "scope": "jobs"}


class Keys(Fault):
    """A controller that encrypts for the key in key.asc."""

    def give(self, kind):
        ring = Keyring(self.bench)
        self.bench.write(f"{self.name}/key.asc", ring.make(f"{self.name}@example.com", kind))

    def flags(self):
        if self.controller is None:
            self.give("lasting")
        return ["--pgp-key-file", os.path.join(self.folder, "key.asc"), "--outbox", os.path.join(self.folder, "outbox")]


class KeyExpiring(Keys):
    name, title, alert = "key", "a PGP key that ends tomorrow", "HydraClientsKeyExpiring"
    along = frozenset({"HydraClientsDown"})  # it is restarted, which takes a while on a busy machine

    def happen(self):
        self.give("ed25519")
        self.restart()

    def heal(self):
        self.give("lasting")
        self.restart()


class KeyExpired(KeyExpiring):
    """A key that has ended is not taken at a start: it ends while the controller runs."""

    name, title, alert = "expired", "a PGP key that ends", "HydraClientsKeyExpired"
    along = frozenset({"HydraClientsKeyExpiring", "HydraClientsDegraded", "HydraClientsDown"})

    def happen(self):
        self.give("soon")
        self.restart()

    def show(self):
        self.write("new.json", worker("expired-new"))
        self.bench.eventually(lambda: self.controller.status()["summary"]["waiting"] == 1, "the new client waits")


class OutboxPending(Keys):
    name, title, alert = "outbox", "Hydra ends the connection at each POST", "HydraClientsOutboxPending"
    along = frozenset({"HydraClientsDegraded", "HydraClientsDown"})  # its client is retrying; a restart

    def endpoint(self):
        self.sandbox = self.bench.sandbox()
        return self.sandbox.endpoint

    def happen(self):
        self.sandbox.faults({"fault": "drop", "method": "POST"})
        self.write("new.json", worker("outbox-new"))

    def heal(self):
        self.sandbox.faults()
        self.restart()  # or it would be tried when its backoff is over


class OutboxGone(Keys):
    name, title, alert = "unusable", "the outbox is gone, a file is in its place", "HydraClientsOutboxUnusable"
    along = frozenset({"HydraClientsDegraded"})  # the client that needs it waits

    def outbox(self, end=""):
        return os.path.join(self.folder, "outbox" + end)

    def happen(self):
        os.rename(self.outbox(), self.outbox(".gone"))
        self.bench.write(f"{self.name}/outbox", "in the way")
        self.write("new.json", worker("unusable-new"))

    def heal(self):
        os.remove(self.outbox())
        os.rename(self.outbox(".gone"), self.outbox())


ALL = [Steady, Down, Stuck, Refused, Unreachable, Conflict, Invalid, SourceGone, CommitWaiting, CommitRefused, FetchFailing, KeyExpiring,
       KeyExpired, OutboxPending, OutboxGone]
