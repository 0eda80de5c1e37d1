"""`wrk` posting the same clients to a Hydra: as fast as that Hydra takes them."""

import json
import math
import os
import re

from clocks import Watcher
from measuring import HERE, clients_held, client, measure, output_of, start_hydra

PREPARED_PER_SECOND = 8_000  # bodies: twice what a Hydra took on the machines where this was tried


class Wrk:
    def __init__(self, folder, sizes):
        self.folder, self.sizes = folder, sizes
        self.watched = []  # what watchers found, as a share of what wrk said
        self.bodies = os.path.join(folder, "bodies")
        with open(self.bodies, "w", encoding="utf-8") as file:
            for number in range(PREPARED_PER_SECOND * max(sizes.sweep_seconds, 3)):
                file.write(json.dumps(client(number), separators=(",", ":")) + "\n")

    def post(self, version, connections, seconds):
        """Into a fresh Hydra. POSTs a second by wrk's own account, and the span as a watcher saw it."""
        hydra = start_hydra(self.folder, version)
        watcher = Watcher(hydra.server_pid)
        try:
            measure(["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
                     "--script", os.path.join(HERE, "post.lua"), hydra.endpoint + hydra.clients_path, "--", self.bodies],
                    self.folder, watcher.start)
            span = watcher.span()
            held = clients_held(hydra)
        finally:
            hydra.end()
        said = output_of(self.folder)
        if "Non-2xx" in said or "Socket errors" in said:
            raise RuntimeError(f"wrk's requests failed:\n{said}")
        rate = float(re.search(r"Requests/sec:\s*(\S+)", said)[1])
        self.watched.append(span.rate(held) / rate)
        return rate, span

    def sweep(self, version):
        """The best rate for each number of connections, and which number is the best."""
        found = {count: max(self.post(version, count, self.sizes.sweep_seconds)[0] for _ in range(self.sizes.sweep_rounds))
                 for count in self.sizes.connections}
        return found, max(found, key=found.get)

    def seconds_for(self, rate):
        """How long to post so that at least as many clients are there at the end as the others import; whole seconds, as
        wrk takes them."""
        return max(1, math.ceil(self.sizes.imported / rate))
