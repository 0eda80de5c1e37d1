"""Whatever words come from outside, an author's, Hydra's or a file's name: they forge no line, no field, no metric and no header,
and no terminal obeys them. (The page: tests/browser/test_escaping.py.)"""

import json
import re
import unittest

from harness import Case, public_client, worker_client

FORGED = "forged"
WORDS = [f'cr\r\nts=2026-01-01T00:00:00Z level=error msg="{FORGED}"', f'lf\n{{"level":"error","msg":"{FORGED}"}}', f'" msg="{FORGED}" x="',
         f'{{"level":"error"}}\\" , "msg":"{FORGED}', "esc\x1b[2J\x1b]0;owned\x07", "c1\u009b31m\u0085next", "line\u2028and\u2029paragraph",
         "bidi\u202egnp.exe\u2066\u2069", f'label",state="{FORGED}"}} 1\n{FORGED}_total{{x="', f"# HELP {FORGED} x\n# TYPE {FORGED} gauge\n{FORGED} 1",
         f"x\r\nSet-Cookie: {FORGED}=1\r\n\r\n<html>", "%n%s%99999d", "${jndi:ldap://127.0.0.1:1/x}", "back\bspace\x7f", "tab\tand\vvertical"]
UNEXPANDED = {"${jndi:ldap://127.0.0.1:1/x}"}
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
METRIC = re.compile(r'# (HELP|TYPE) \w+ .*|(hydra_clients|process)_\w+(\{(\w+="([^"\\]|\\.)*",?)*\})? [0-9eE.+-]+(Inf|NaN)?')


class Words(Case):
    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        hydras = json.dumps({"error": WORDS[0], "error_description": "".join(WORDS)})
        self.server.preload([public_client("conflict-" + word, client_name="live") for word in WORDS[:5]])
        self.server.faults({"fault": "status", "status": 400, "method": "POST", "client_id": "refused", "body": hydras},
                           {"fault": "status", "status": 503, "method": "POST", "client_id": "retrying", "body": hydras})
        for number, word in enumerate(WORDS):
            name = word.replace("/", "")[:60]
            self.write(f"manifests/{number:02}-{name}/{name}.json",
                       [public_client(word, client_name=word, owner=word, redirect_uris=["https://app.example.com/" + word]),
                        public_client(f"uri-{number}", redirect_uris=[word]), public_client("twice-" + word), public_client("twice-" + word),
                        {**public_client(f"field-{number}"), word: 1}, {**public_client(f"type-{number}"), "metadata": word, "scope": [word]},
                        worker_client(f"secret-{number}", client_secret_from={"file": word}), {"client_id": "conflict-" + word, "client_name": word}])
            self.write(f"manifests/{number:02}-{name}/broken{name}.json", '{"client_id":"x",' + word)
        self.manifests([public_client("refused"), public_client("retrying")])

    def told(self, text, what):
        """No line of it is another's, and nothing in it is obeyed."""
        found = OBEYED.search(text)
        self.assertIsNone(found, found and (what, text[max(0, found.start() - 200):found.end() + 20]))

    def looped(self, form):
        controller = self.controller(self.server.endpoint, self.path("manifests"), "--log-format", form, "--log-level", "debug",
                                     "--secrets-root", self.path("manifests"))
        self.wait_for_cycles(controller)
        log = controller.stderr()
        self.told(log, form)
        self.assertIn(FORGED, log, "what there is to say is said")
        return controller, log.splitlines()

    def test_a_line_of_the_log_is_one_in_both_forms(self):
        _, lines = self.looped("logfmt")
        for line in lines:
            self.assertRegex(line, r'^ts=\S+ level=(debug|info|warning|error) msg=("([^"\\]|\\.)*"|\S+)( [a-z_]+=("([^"\\]|\\.)*"|[^\s"=]*))*$')
            self.assertNotRegex(line, rf'^\S+ \S+ msg="?{FORGED}')
        _, lines = self.looped("json")
        for line in lines:
            document = json.loads(line, object_pairs_hook=self.once)
            self.assertNotEqual(document["msg"], FORGED)

    def once(self, pairs):
        self.assertEqual(len(pairs), len(dict(pairs)), "no field stands twice")
        return dict(pairs)

    def test_metrics_status_and_their_headers_are_only_the_programs_own(self):
        controller, _ = self.looped("json")
        metrics = controller.get("/metrics").text()
        for line in metrics.splitlines():
            self.assertTrue(METRIC.fullmatch(line), line)
        self.assertNotIn(FORGED, metrics)
        status = controller.get("/status")
        self.assertNotIn(FORGED, str(status.headers))
        self.told(status.text(), "/status")
        ids = {client.get("client_id") for client in json.loads(status.text(), object_pairs_hook=self.once)["clients"]}
        self.assertLessEqual(set(WORDS) - UNEXPANDED, ids)

    def test_what_commands_print_is_obeyed_by_no_terminal(self):
        manifests = self.path("manifests")
        there = ("--endpoint", self.server.endpoint)
        for arguments in (("validate", manifests), ("plan", *there, "--manifests", manifests), ("run", "--once", *there, "--manifests", manifests),
                          ("plan", *there, "--manifests", manifests, "--output", "markdown"),
                          ("validate", manifests, "--output", "json"), ("export", *there, "--to", self.path("export"))):
            with self.subTest(arguments[0] + arguments[-1]):
                result = self.command(*arguments)
                self.assertTrue(arguments[0] == "export" or FORGED in result.said(), "what there is to say is said")
                self.told(result.out, arguments)
                self.told(result.err, arguments)

    def test_an_import_prints_one_line_for_each_client(self):
        words = [word for word in WORDS if word not in UNEXPANDED]
        file = self.write("all.json", [worker_client(word) for word in words])
        result = self.succeed("import", "--endpoint", self.server.endpoint, file)
        self.told(result.out, "import")
        self.assertEqual(len(result.out.splitlines()), len(words))
        for line in result.out.splitlines():
            self.assertTrue(line.startswith("Imported OAuth 2.0 Client ") and line.endswith(f" from: {file}"), line)


if __name__ == "__main__":
    unittest.main()
