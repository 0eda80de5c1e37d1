"""That the check can fail: a reader that resolves git-sync's link anew for each file, held against the same versions."""

import json
import os

from whole_checks import Check, Cycle
from whole_trial import Trial
from whole_versions import FOLDER


class Control(Trial):
    """Reads half of the files, lets git-sync go on to its next version, and reads the others."""

    TITLE = "control: a reader that resolves the link for each file"
    VERSIONS = 6

    def _play(self):
        self.writer = self.case.writer(self.folder, self.seed, self.case.count, lambda: 1)
        self.addCleanup(self.writer.end)
        self.writer.write(1)
        for number in range(2, self.case.count + 1):
            self.evidence.cycles.append(self._read_across(number))
            self.row.written = number
        check = Check(self.writer, self.evidence)
        torn = check.faults()
        self.row.acted_on, self.row.looks = len(check.acted_on), check.looks
        self.row.notes = f"torn, as it should be: {torn[0]}" if torn else ""
        if len(torn) == 0:
            self.row.faults.append("the check finds nothing torn where it is")

    def _read_across(self, number):
        """What such a reader would act on, as the log of a cycle."""
        folder = os.path.join(self.writer.manifests, FOLDER)
        names = sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)
        revision = os.path.basename(os.readlink(self.writer.manifests))
        ids, files = [], 0
        for at, name in enumerate(names):
            if at == len(names) // 2:
                self.writer.write(number)
            path = os.path.join(folder, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    ids += [one["client_id"] for one in json.load(file)]
                files += 1
        in_force = {"revision": revision, "files": files, "clients": len(ids), "invalid": 0, "duplicates": 0}
        return Cycle(in_force, [{"client_id": one, "revision": revision} for one in ids], finished=True)
