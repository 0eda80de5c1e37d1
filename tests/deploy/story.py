"""Three minutes of two controllers beside one real Hydra, for the picture of the dashboard: what a person on call may meet."""

import time

import faults
from alerts import Bench
from harness import Hydra, free_port, public_client, public_clients
from repositories import Checkout

SECONDS = 180
MANY = 1500
LAST_PAUSE_SECONDS = 12  # for the last conflict's alert to fire


class Replica(faults.Keys):
    """One of two that read the same checkout."""

    interval = "5s"

    def __init__(self, bench, name):
        self.name = name
        super().__init__(bench)

    def write(self, name, client):
        """What is declared is the story's to say."""
        self.manifests = self.bench.checkout.path


class Story(Bench):
    def begin(self):
        self.port = free_port()
        self.start_hydra()
        self.checkout = Checkout(self.path("clients"))
        self.checkout.commit(*public_clients(40))
        self.replicas = [Replica(self, name) for name in ("auth-0:9464", "auth-1:9464")]
        self.watch(self.replicas)
        self.eventually(lambda: len(self.prometheus.query("up == 1")) == len(self.replicas), "both are scraped")

    def real_hydra(self):
        return self.running

    def start_hydra(self):
        self.require_hydra(self.VERSION)
        self.running = Hydra(self.folder, self.VERSION, ("--port", str(self.port)))
        self.addCleanup(self.running.end)

    def change_in_hydra(self, client_id):
        changed = {**self.running.client(client_id), "scope": "openid somebody"}
        self.running.fetch(f"{self.running.clients_path}/{client_id}", "PUT", changed, headers={"Content-Type": "application/json"})

    def events(self):
        """(how many seconds after the one before, what happens)."""
        many, second = public_clients(MANY, "shop-"), self.replicas[1]
        yield 20, lambda: self.checkout.commit(*many[:MANY // 3])
        yield 20, lambda: self.checkout.commit(*many)
        yield 15, lambda: self.checkout.commit({**public_client("reports"), "scopes": "reports.read"})
        yield 20, lambda: self.change_in_hydra(many[0]["client_id"])
        yield 15, second.controller.end
        yield 15, second.start
        yield 20, lambda: self.checkout.commit(public_client("reports"))
        yield 12, self.running.end
        yield 25, self.start_hydra
        yield 18, lambda: self.change_in_hydra(many[0]["client_id"])

    def play(self):
        for pause, event in self.events():
            time.sleep(pause)
            event()
        time.sleep(LAST_PAUSE_SECONDS)
