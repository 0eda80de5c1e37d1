"""A real Prometheus of the test's own, which scrapes controllers and evaluates rules once a second."""

import json
import os
import time
import urllib.parse

import rule_file
from harness import READY_SECONDS, Process, fetch, free_port

ATTEMPTS = 3  # a free port can be taken by another before Prometheus binds it
LIVES = "1h"
CONFIGURATION = """
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: hydra-clients
    static_configs: %s
"""


class Prometheus:
    """`targets`: ports of controllers by the instance's name. It goes when the bench's test does."""

    def __init__(self, bench, targets, rules):
        self.binary = os.path.join(rule_file.tools(), "prometheus")
        self.folder = bench.path("prometheus")
        static = [{"targets": [f"127.0.0.1:{port}"], "labels": {"instance": name}} for name, port in targets.items()]
        bench.write("prometheus/rules.yml", rules)
        bench.write("prometheus/prometheus.yml", CONFIGURATION % json.dumps(static))
        for _ in range(ATTEMPTS):
            if self._start(bench):
                return
        raise RuntimeError(f"Prometheus did not start:\n{self.process.stderr()[-3000:]}")

    def _start(self, bench):
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.process = Process([self.binary, "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--storage.tsdb.retention.time={LIVES}",
                                f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"], self.folder)
        bench.addCleanup(self.process.end)
        deadline = time.monotonic() + READY_SECONDS
        while self.process.alive() and time.monotonic() < deadline:
            try:
                if fetch(self.address + "/-/ready").status == 200:
                    return True
            except OSError:
                pass  # not listening yet
            time.sleep(0.1)
        return False

    def _get(self, path, **parameters):
        answer = fetch(f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        document = answer.json()
        if answer.status != 200 or document["status"] != "success":
            raise ValueError(f"{path} {parameters}: {document.get('error', answer.status)}")
        return document["data"]

    def query(self, expression):
        """[(labels, value)] of now."""
        return [(sample["metric"], float(sample["value"][1])) for sample in self._get("query", query=expression)["result"]]

    def query_range(self, expression, start, end, step):
        """[(labels, [(time, value)])]."""
        found = self._get("query_range", query=expression, start=start, end=end, step=step)["result"]
        return [(series["metric"], [(when, float(value)) for when, value in series["values"]]) for series in found]

    def values_of(self, label, match):
        return self._get(f"label/{label}/values", **{"match[]": match})

    def alerts(self):
        """Those that wait or fire, with the texts that people get."""
        return self._get("alerts")["alerts"]

    def fired(self, seconds):
        """{(alert, instance)} that fired at any time of the last so many seconds."""
        found = self.query(f'max by (alertname, instance) (max_over_time(ALERTS{{alertstate="firing"}}[{max(1, int(seconds))}s]))')
        return {(labels["alertname"], labels.get("instance", "")) for labels, _ in found}
