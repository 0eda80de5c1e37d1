"""What changes around a controller: manifests, Hydra's clients, Hydra itself."""

import contextlib
import json
import os

from harness import fetch, public_client, worker_client
from repositories import Checkout

CLIENTS = 200
MOST_WORKERS = 50  # with generated secrets: a file in the outbox each
SET_BACK = 0.2
DELETED_TOO = 0.9  # the others stay in Hydra, as people leave them there
FAULTS = ({"fault": "status", "status": 503, "method": "GET", "count": 2}, {"fault": "drop", "when": "after", "method": "POST", "count": 1},
          {"fault": "truncate", "method": "GET", "count": 1}, {"fault": "rate-limit", "retry_after": 1, "method": "POST", "count": 1})


class Churn:
    """Manifests that stand in a folder, one client a file; `change` does one thing to them or to Hydra."""

    def __init__(self, case, draw, server, secrets):
        self.case, self.draw, self.server = case, draw, server
        self.most_workers = MOST_WORKERS if secrets else 0
        self.path = case.path("manifests")
        self.declared, self.next, self.workers = {}, 0, 0
        os.makedirs(self.path, exist_ok=True)
        for _ in range(CLIENTS):
            self._add()
        self.publish()

    def publish(self):
        """What was written is in force from here on."""

    def change(self, controller):
        what = self.draw.choice((self._replace, self._replace, self._change_and_set_back, self._delete_by_hand, self._break_and_mend,
                                 self._add_worker, self._look, self._fault))
        with contextlib.suppress(OSError):  # a Hydra or a page that does not answer now
            what(controller)
        self.publish()

    def calm(self):
        """No more faults, and every manifest as it is declared."""
        self._set_back()
        self.publish()

    def settled(self, status):
        """Whether it is in sync. What was imported while its manifest was changed is in conflict with it now: a person
        deletes it."""
        for client in status["clients"]:
            if client["outcome"] == "conflict":
                fetch(self.server.url(f"/admin/clients/{client['client_id']}"), "DELETE")
        return status["result"] == "success" and status["summary"]["in_sync"] == len(self.declared)

    def lacking(self):
        """The declared clients that Hydra has not."""
        return sorted(set(self.declared) - set(self.held()))

    def held(self):
        raise NotImplementedError

    def _set_back(self):
        for name, client in self.declared.items():
            self._write(name, client)

    # ---- one thing each --------------------------------------------------------------------

    def _write(self, client_id, content):
        self.case.write(f"manifests/{client_id}.json", content if isinstance(content, str) else json.dumps(content))

    def _add(self):
        client = public_client(f"app-{self.next:05d}", client_name=f"Application {self.next}")
        self._declare(client)

    def _declare(self, client):
        self.next += 1
        self.declared[client["client_id"]] = client
        self._write(client["client_id"], client)

    def _add_worker(self, _controller):
        if self.workers < self.most_workers:
            self.workers += 1
            self._declare(worker_client(f"worker-{self.next:05d}"))

    def _some(self):
        return self.draw.choice(sorted(name for name in self.declared if name.startswith("app-")))

    def _replace(self, _controller):
        """As many are declared as before, so that what is kept of each is no growth."""
        name = self._some()
        del self.declared[name]
        os.unlink(os.path.join(self.path, name + ".json"))
        self._add()
        if self.draw.random() < DELETED_TOO:
            fetch(self.server.url(f"/admin/clients/{name}"), "DELETE")

    def _change_and_set_back(self, _controller):
        """What was changed before is set back now and then: a handful is in conflict at any time."""
        name = self._some()
        self._write(name, {**self.declared[name], "client_name": "changed"})
        if self.draw.random() < SET_BACK:
            self._set_back()

    def _break_and_mend(self, _controller):
        name = self._some()
        self._write(name, '{"client_id": ')
        self.publish()
        self._write(name, self.declared[name])

    def _delete_by_hand(self, _controller):
        fetch(self.server.url(f"/admin/clients/{self._some()}"), "DELETE")

    def _look(self, controller):
        controller.get("/-/reconcile", "POST")
        for page in ("/status", "/metrics", "/"):
            controller.get(page)

    def _fault(self, _controller):
        pass


class Folder(Churn):
    """A plain folder, and a real Hydra."""

    def __init__(self, case, draw, secrets):
        super().__init__(case, draw, case.hydra("v2.3.0"), secrets)

    def held(self):
        return self.server.ids()


class Commits(Churn):
    """A Git checkout whose every change is committed, and a Hydra that fails as it is told to."""

    def __init__(self, case, draw, secrets):
        self.checkout = Checkout(case.path("manifests"))
        super().__init__(case, draw, case.sandbox(), secrets)

    def publish(self):
        self.checkout.commit()

    def calm(self):
        self.server.faults()
        super().calm()

    def held(self):
        return self.server.clients()

    def _fault(self, _controller):
        if self.draw.random() < 0.1:
            self.server.lose_database()
        else:
            self.server.faults(self.draw.choice(FAULTS))
