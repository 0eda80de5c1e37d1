"""How much is measured: all of it, or just enough to see that the benchmarks still run."""

import sys


class Sizes:
    def __init__(self, quick, rounds=None, clients=None):
        self.quick = quick
        self.rounds = rounds or (1 if quick else 5)
        self.warm_up_rounds = 0 if quick else 1
        self.imported = clients or (60 if quick else 5_000)
        self.sealed = clients or (20 if quick else 300)
        self.connections = (4,) if quick else (1, 2, 4, 8, 16, 32)
        self.sweep_rounds = 1 if quick else 2
        self.sweep_seconds = 1 if quick else 2
        self.in_sync = clients or (100 if quick else 10_000)
        self.window_seconds = 0.3 if quick else 5
        self.live = 300 if quick else 50_000
        self.growth = (10, 100) if quick else (10, 100, 1_000, 10_000, 100_000)
        self.changes = 5 if quick else 200
        self.starts = 2 if quick else 40
        self.files = 200 if quick else 10_000
        self.commits = 3 if quick else 20
        self.big_file = 1_000 if quick else 100_000

    def all_rounds(self, of_what):
        """Each round, and whether it counts. Who waits is told."""
        everything = self.warm_up_rounds + self.rounds
        for number in range(everything):
            print(f"bench: {of_what}: round {number + 1} of {everything}", file=sys.stderr, flush=True)
            yield number >= self.warm_up_rounds
