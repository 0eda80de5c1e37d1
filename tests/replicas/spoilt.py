"""That the checks of a round find what is wrong: all of this is done on purpose to a world that is in sync."""

import os
import shutil
import time
import urllib.parse

from replica import secret_is_generated
from round_checks import Checks

AGAIN_SECONDS, STEP_SECONDS = 60, 0.1
MOST_TRIES = 50


def _fetch(trial, client_id, method, body=None):
    """Again where it fails: Hydra finds out by failing that a connection to the database has ended."""
    hydra = trial.world.hydras[0]
    for _ in range(MOST_TRIES):
        answer = hydra.fetch(f"{hydra.clients_path}/{urllib.parse.quote(client_id)}", method, body)
        if answer.status < 300:
            return answer
    raise RuntimeError(f"{method} {client_id}: {answer.status} {answer.text()}")


def _spoil(trial):
    """What the checks must say of each thing that is done."""
    ids = sorted(client_id for client_id, client in trial.world.clients.items() if secret_is_generated(client))
    files = {message.client_id: (replica, message) for replica in trial.replicas for message in replica.outbox.confirmed()}
    public = sorted(trial.world.clients)[0]
    _fetch(trial, public, "DELETE")  # and the replicas import it again
    yield f"DELETE {public}"
    _fetch(trial, ids[0], "PUT", _fetch(trial, ids[0], "GET").json())
    yield f"UPDATE {ids[0]}"
    yield f"not as they were created: {ids[0]}"
    _fetch(trial, ids[1], "PATCH", [{"op": "replace", "path": "/client_secret", "value": "another-secret-than-before"}])
    yield f"{ids[1]} gets no token"
    owner, message = files[ids[2]]
    shutil.copy(message.path, next(replica for replica in trial.replicas if replica is not owner).outbox.path)
    yield f"{ids[2]} is of import"
    os.remove(files[ids[3]][1].path)
    yield f"{ids[3]} is of import"


def not_found(trial):
    """What the checks did not find. The world is spoilt afterwards."""
    words = list(_spoil(trial))
    deadline = time.monotonic() + AGAIN_SECONDS
    while time.monotonic() < deadline and not all(replica.in_sync(len(trial.world.clients)) for replica in trial.replicas):
        time.sleep(STEP_SECONDS)
    found = "; ".join(Checks(trial).faults())
    told = {client_id for replica in trial.replicas for client_id in replica.imported()}
    missed = [] if sorted(trial.world.clients)[0] in told else ["that a client was imported, in the replicas' logs"]
    return missed + [f"{word} (the checks say: {found})" for word in words if word not in found]
