"""What must be true when all replicas are in sync, whatever happened."""

import collections
import concurrent.futures
import time

from replica import STATED_SECRET, VARIABLE_SECRET, secret_is_generated

LOOK_SECONDS, STEP_SECONDS = 60, 0.1
SIDE_BY_SIDE = 4
SHOWN = 4  # of many alike


def shown(things):
    things = sorted(things)
    return ", ".join(map(str, things[:SHOWN])) + (f" and {len(things) - SHOWN} more" if len(things) > SHOWN else "")


class Checks:
    def __init__(self, trial):
        self.trial, self.world, self.row = trial, trial.world, trial.row

    def faults(self):
        """In words; none where all is well. Counts in the round's row. The replicas run on meanwhile."""
        before, sent = self.world.rows(), [replica.posts() for replica in self.trial.replicas]
        self.row.answers = dict(sum(sent, collections.Counter()))
        self._look_twice()
        return [*self._each_once(before), *self._untouched(before), *self._told_once(), *self._quiet(sent), *self._secrets()]

    def _look_twice(self):
        """Until each replica has ended two more cycles, the second of which began after this call."""
        before = {replica: replica.controller.cycles() for replica in self.trial.replicas}
        deadline = time.monotonic() + LOOK_SECONDS
        while waited := [replica.number for replica, cycles in before.items() if replica.controller.cycles() < cycles + 2]:
            if time.monotonic() > deadline:
                raise AssertionError(f"replicas {waited} make no more cycles")
            time.sleep(STEP_SECONDS)

    def _each_once(self, rows):
        count = collections.Counter(row[0] for row in rows)
        lost, strange = self.world.clients.keys() - count.keys(), count.keys() - self.world.clients.keys()
        doubled = {client_id for client_id, times in count.items() if times > 1}
        self.row.lost, self.row.doubled = len(lost), len(doubled)
        if lost:
            yield f"lost: {shown(lost)}"
        if doubled:
            yield f"there more than once: {shown(doubled)}"
        if strange:
            yield f"nobody declared {shown(strange)}"

    def _untouched(self, before):
        """Nobody wrote any of them a second time, neither on the way there nor since."""
        audit, rows = self.world.audit(), self.world.rows()
        again = [entry for entry in audit if entry[0] != "INSERT"]
        created = {(client_id, content) for operation, client_id, content in audit if operation == "INSERT"}
        changed = {row[0] for row in rows if (row[0], row[3]) not in created}
        moved = {row[0] for row in set(before) ^ set(rows)}
        self.row.updated = len({entry[1] for entry in again} | changed | moved)
        if again:
            yield f"written again: {shown(f'{operation} {client_id}' for operation, client_id, _ in again)}"
        if changed:
            yield f"not as they were created: {shown(changed)}"
        if moved:
            yield f"not as they were two cycles before: {shown(moved)}"

    def _told_once(self):
        count = collections.Counter(client_id for replica in self.trial.replicas for client_id in replica.imported())
        twice = {client_id for client_id, times in count.items() if times > 1}
        if twice:
            yield f"told as imported twice: {shown(twice)}"

    def _quiet(self, sent):
        """A replica in sync sends nothing, and has nothing to complain of, nor had on the way."""
        for replica, before in zip(self.trial.replicas, sent):
            status = replica.status()
            if replica.blamed():
                yield f"replica {replica.number} held {len(replica.blamed())} clients to be at fault, which none is: {replica.blamed()[0]}"
            if replica.posts() != before:
                yield f"replica {replica.number} sent something while in sync: {before} → {replica.posts()}"
            if not replica.in_sync(len(self.world.clients)) or status.get("clients") or status.get("outbox_pending") or status.get("outbox_error"):
                yield f"replica {replica.number} is not content: {status}"

    # ---- secrets -------------------------------------------------------------------------

    def _secrets(self):
        files = {}  # by client: (the replica's number, the file)
        for replica in self.trial.replicas:
            for message in replica.outbox.confirmed():
                files.setdefault(message.client_id, []).append((replica.number, message))
            left = replica.outbox.pending_names()
            if left:
                yield f"replica {replica.number} left {len(left)} entries pending"
        stamps = self.world.stamps()
        generated = {client_id for client_id, client in self.world.clients.items() if secret_is_generated(client)}
        yield from self._claimed(files, stamps, generated)
        yield from self._in_force(self._known_secrets(files, stamps))

    @staticmethod
    def _claimed(files, stamps, generated):
        """One replica's outbox holds the secret that was sent with the import that made the client; no other claims one."""
        if stamps.keys() != generated:
            yield f"stamped, or not, against what was declared: {shown(stamps.keys() ^ generated)}"
        for client_id in sorted(generated | files.keys()):
            claims = [(number, message.stamp) for number, message in files.get(client_id, [])]
            if [stamp for _, stamp in claims] != [stamps.get(client_id)]:
                yield f"{client_id} is of import {stamps.get(client_id)}, and the outboxes claim {claims}"

    def _known_secrets(self, files, stamps):
        """(client, where its secret is from, how to get it) of all that have one."""
        for client_id, client in self.world.clients.items():
            if "client_secret" in client:
                yield client_id, "its manifest", lambda: STATED_SECRET
            elif "client_secret_from" in client:
                yield client_id, "the variable", lambda: VARIABLE_SECRET
            for _, message in files.get(client_id, []):
                if message.stamp == stamps.get(client_id):
                    yield client_id, message.name, lambda message=message: self.trial.recipients.open(message.armored)

    def _in_force(self, secrets):
        """With each, an application gets a token: from either Hydra."""
        def ask(number, client_id, where, secret):
            status = self.world.hydras[number % len(self.world.hydras)].token(client_id, secret()).status
            return None if status == 200 else f"{client_id} gets no token with the secret of {where}: {status}"
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            answers = list(pool.map(lambda given: ask(given[0], *given[1]), enumerate(secrets)))
        self.row.tokens = answers.count(None)
        wrong = [answer for answer in answers if answer]
        if wrong:
            yield shown(wrong)
