"""What a subject says of its cases: one line each, and their number."""


class Verdicts:
    def __init__(self, options, form="{:<34} {:<52} {}"):
        self.words, self.form = options.only, form
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self._reasons = []

    def wants(self, *cells):
        """Whether the caller asked for this case."""
        return all(word in " ".join(map(str, cells)) for word in self.words)

    def say(self, *cells, problems=()):
        """The last column is the verdict: ok, or what is wrong."""
        problems = list(problems)
        self.counts["failed" if problems else "passed"] += 1
        self._print(*cells, "FAILED: " + "; ".join(problems) if problems else "ok")

    def skip(self, *cells, reason):
        self.counts["skipped"] += 1
        self._print(*cells, *[""] * (self.form.count("{") - 1 - len(cells)), "skipped")
        self._reasons.append(reason)

    def end(self):
        """Says why what was skipped was skipped; gives the counts."""
        for reason in dict.fromkeys(self._reasons):
            print(f"skipped: {reason}")
        return self.counts

    def _print(self, *cells):
        print(self.form.format(*cells).rstrip(), flush=True)
