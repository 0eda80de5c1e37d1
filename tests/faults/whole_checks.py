"""What was acted on, by the log, by /status and by what Hydra holds, against the versions that were written."""

import collections
import dataclasses
import json

from whole_versions import client, file_of, file_version, number_of, version

MOST_TOLD = 3  # faults of a case


@dataclasses.dataclass
class Cycle:
    """One cycle of which the log says something."""
    in_force: dict | None = None  # the line "manifests in force", where the set or its revision is new
    imported: list = dataclasses.field(default_factory=list)  # lines
    finished: bool = False


@dataclasses.dataclass
class Evidence:
    """What a case left behind."""
    cycles: list = dataclasses.field(default_factory=list)
    statuses: list = dataclasses.field(default_factory=list)  # (revision, ids) of reports that were asked for
    held: dict = dataclasses.field(default_factory=dict)  # by id: what Hydra holds at the end
    hindered: list = dataclasses.field(default_factory=list)  # why a cycle could not read

    def add_log(self, text):
        """The log of one process."""
        self.cycles.append(Cycle())
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # cut off by a kill
            self._add(entry, self.cycles[-1])

    def _add(self, entry, cycle):
        match entry["msg"]:
            case "manifests in force":
                cycle.in_force = entry
            case message if message.startswith("client imported"):
                cycle.imported.append(entry)
            case "cycle finished":
                cycle.finished = True
                self.cycles.append(Cycle())
            case "cycle hindered" | "cycle failed, tried again every second":
                self.hindered.append(entry["error"])

    def add_status(self, status):
        nothing = status.get("result") == "failed" and not status["clients"]
        if status.get("result") is not None and not nothing:
            self.statuses.append((status["revision"], frozenset(one["client_id"] for one in status["clients"])))


class Check:
    """Of versions that a writer wrote; `faults()` are torn sets that were acted on."""

    def __init__(self, writer, evidence):
        self.writer, self.evidence = writer, evidence
        self.acted_on = set()  # numbers of versions
        self.looks = 0

    def faults(self):
        found = [fault for cycle in self.evidence.cycles for fault in self._of_cycle(cycle)]
        found += [fault for seen in set(self.evidence.statuses) for fault in self._of_status(*seen)]
        found += list(self._of_held())
        return found if len(found) <= MOST_TOLD else [*found[:MOST_TOLD], f"and {len(found) - MOST_TOLD} more"]

    # ---- a set of one version ------------------------------------------------------------

    def _of_cycle(self, cycle):
        ids = [line["client_id"] for line in cycle.imported]
        if cycle.in_force or ids:
            self.looks += 1
        if self.writer.per_file:
            yield from self._of_files(cycle, ids)
            return
        said = {line.get("revision") for line in (cycle.in_force, *cycle.imported) if line}
        numbers = {number_of(one) for one in ids} | {self._number_of_commit(revision) for revision in said if self.writer.revisions is not None}
        if len(numbers) > 1 or None in numbers:
            yield f"one cycle acted on versions {sorted(map(str, numbers))}"
            return
        for number in numbers:
            yield from self._is_whole(number, cycle, ids)

    def _number_of_commit(self, revision):
        return self.writer.revisions.get(revision)

    def _is_whole(self, number, cycle, ids):
        one = version(number)
        self.acted_on.add(number)
        if not one.ids.issuperset(ids):
            yield f"version {number} was acted on with {sorted(set(ids) - one.ids)}"
        if cycle.in_force:
            counts = {name: cycle.in_force[name] for name in ("files", "clients", "invalid", "duplicates")}
            wanted = {"files": len(one.files), "clients": len(one.ids), "invalid": 0, "duplicates": 0}
            if counts != wanted:
                yield f"version {number} was in force with {counts} instead of {wanted}"
        if cycle.finished and ids and not self.evidence.held.keys() >= one.ids:
            yield f"of version {number} a finished cycle left {sorted(one.ids - self.evidence.held.keys())} out"

    def _of_status(self, revision, ids):
        if self.writer.per_file:
            return
        self.looks += 1
        numbers = {number_of(one) for one in ids}
        if self.writer.revisions is not None:
            numbers.add(self._number_of_commit(revision))
        if len(numbers) != 1 or None in numbers:
            yield f"/status shows versions {sorted(map(str, numbers))} at once"
            return
        number, = numbers
        self.acted_on.add(number)
        if ids != version(number).ids:
            yield f"/status shows {len(ids)} clients of version {number}, which has {len(version(number).ids)}"

    # ---- files with versions of their own ------------------------------------------------

    def _of_files(self, cycle, ids):
        for (file, number), some in grouped(ids).items():
            self.acted_on.add((file, number))
            missing = file_version(number, file)[1] - some - self.evidence.held.keys()
            if cycle.finished and missing:
                yield f"of version {number} of file {file} a finished cycle left {sorted(missing)} out"

    def _of_held(self):
        """Each client is as its version says, whole."""
        for client_id, held in self.evidence.held.items():
            number = number_of(client_id)
            if number is None:
                yield f"a client {client_id} was made up"
                continue
            wanted = self._as_written(client_id, number)
            if any(held.get(name) != wanted[name] for name in ("client_name", "redirect_uris", "metadata")):
                yield f"{client_id} is of two versions: {held.get('redirect_uris')}, {held.get('metadata')}"

    def _as_written(self, client_id, number):
        if self.writer.per_file:
            texts = [file_version(number, file_of(client_id))[0]]
        else:
            texts = version(number).files.values()
        return next((one for text in texts for one in json.loads(text) if one["client_id"] == client_id), client(0, 0, 0, 0))


def grouped(ids):
    """By file and version."""
    groups = collections.defaultdict(set)
    for client_id in ids:
        groups[file_of(client_id), number_of(client_id)].add(client_id)
    return groups
