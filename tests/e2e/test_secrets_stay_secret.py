"""A marked secret goes through every command, at the most verbose level, with a Hydra that fails in every way. It may
stand in what Hydra gets, and nowhere else."""

import json
import re
import os
import unittest

from harness import Case, public_client, worker_client
from keys import Keyring, argument
from leaking import leaked

IN_MANIFEST = 'Marked+Manifest/Secret"0123%456789'
IN_ENVIRONMENT = "Marked-Environment-Secret-0123456789"
IN_FILE = "Marked-File-Secret-0123456789"
TOKEN = "Marked-Access-Token-0123456789"
HEADER = "Marked-Header-Value-0123456789"
SEALED = "Marked-Sealed-Secret-0123456789"
PASSPHRASE = "Marked-Passphrase-0123456789"
MARKED = (IN_MANIFEST, IN_ENVIRONMENT, IN_FILE, TOKEN, HEADER, SEALED, PASSPHRASE)

FAILURES = {
    "none": [],
    "echoing 400": [{"fault": "status", "status": 400, "method": "POST",
                     "body": '{"error":"invalid_client_metadata","error_description":"no"}'}],
    "500": [{"fault": "status", "status": 500, "method": "POST"}],
    "401": [{"fault": "status", "status": 401}],
    "a page": [{"fault": "html", "status": 200}],
    "dropped": [{"fault": "drop", "when": "after", "method": "POST"}],
    "cut off": [{"fault": "truncate", "cut_json": True}],
    "slow": [{"fault": "delay", "ms": 5000}],
}
ECHOES = ("description", "title", "location", "cut off")


def echo(web, method, how):
    """A proxy that is too helpful: its answer to a POST repeats the request, in one of the places whose words are shown."""
    json_type = {"Content-Type": "application/json"}
    if method == "GET":
        return 200, {**json_type, "X-Total-Count": "0"}, "[]"
    body = web.seen[-1][3].decode()
    secret = json.loads(body)["client_secret"]
    if how == "title":
        return 500, {"Content-Type": "text/html"}, f"<html><title>no {secret}</title></html>"
    if how == "location":
        return 302, {"Location": "/error?why=" + secret}, ""
    padding = "x" * 492 if how == "cut off" else ""  # of what is shown, the first 500 bytes are
    return 400, json_type, json.dumps({"error": "invalid", "error_description": padding + (secret if padding else body)})


class Leaks(Case):
    def setUp(self):
        super().setUp()
        self.server = self.sandbox()
        self.write("secrets/file", IN_FILE)
        self.clients = [worker_client("stated", client_secret=IN_MANIFEST), public_client("plain"),
                        worker_client("by-env", client_secret_from={"env": "HYDRA_CLIENTS_SECRET_MARKED"}),
                        worker_client("by-file", client_secret_from={"file": "file"}), *self.sealed_clients()]
        self.env = {"HYDRA_CLIENTS_SECRET_MARKED": IN_ENVIRONMENT, "HYDRA_CLIENTS_ACCESS_TOKEN": TOKEN}
        self.flags = ("--header", "X-Secret: " + HEADER, "--secrets-root", self.path("secrets"), "--timeout", "500ms",
                      "--pgp-private-key-file", self.path("private.asc"), "--pgp-passphrase-file", self.path("passphrase"))

    def sealed_clients(self):
        """One message that can be opened, one of another client, one that holds a bare secret."""
        keyring = Keyring(self)
        keyring.gpg("--quick-generate-key", "me@example.org", "rsa2048", "encr", "never", passphrase=PASSPHRASE)
        self.write("private.asc", keyring.private("me@example.org", PASSPHRASE))
        self.write("passphrase", PASSPHRASE + "\n")
        bound = keyring.encrypt("me@example.org", json.dumps({"client_id": "by-pgp", "client_secret": SEALED}))
        bare = keyring.encrypt("me@example.org", SEALED)
        return [worker_client(name, client_secret_from={"pgp": message}) for name, message in
                (("by-pgp", bound), ("by-copied-pgp", bound), ("by-bare-pgp", bare))]

    def clean(self, text, what):
        self.assertIsNone(leaked(text, MARKED), what)

    def run_all(self, server, what):
        """Every command that ends by itself, in both formats."""
        endpoint = ("--endpoint", server.endpoint, *self.flags)
        files = [self.path(f"manifests/{client['client_id']}.json") for client in self.clients]
        for output in ("text", "json"):
            for command in (("import", "--fail-after", "300ms", *endpoint, *files), ("plan", "--manifests", self.path("manifests"), *endpoint),
                            ("run", "--once", "--manifests", self.path("manifests"), *endpoint),
                            ("validate", self.path("manifests"))):
                result = self.command(*command, "--output", output, env=self.env)
                self.assertIn(result.code, (0, 1, 2), result)
                self.clean(result.said(), f"{command[0]} with {what}")

    def test_no_command_prints_one_whatever_hydra_does(self):
        self.manifests(self.clients)
        for what, faults in FAILURES.items():
            with self.subTest(what):
                self.server.control("/reset", "POST")
                self.server.faults(*faults)
                self.run_all(self.server, what)
                if what == "none":
                    self.assertEqual(self.server.clients()["by-pgp"]["client_secret"], SEALED)

    def test_no_command_prints_one_that_stands_in_a_faulty_manifest(self):
        self.manifests(self.clients)
        for name, text in (("number", {"client_id": "x", "client_secret": 5, "client_secret_expires_at": IN_MANIFEST}),
                           ("list", {"client_id": "y", "client_secret": [IN_MANIFEST]}),
                           ("both", {"client_id": "z", "client_secret": IN_MANIFEST, "client_secret_from": {"env": IN_ENVIRONMENT}}),
                           ("torn", '{"client_id":"t","client_secret":"' + IN_FILE + '" oops'),
                           ("misspelt", {"client_id": "m", "client_secrett": IN_FILE}),
                           ("twice", '{"client_id":"d","client_secret":"' + IN_FILE + '","client_secret":"' + IN_FILE + '"}')):
            self.write(f"manifests/{name}.json", text)
        self.run_all(self.server, "faulty manifests")

    def test_the_loop_at_debug_level_logs_and_serves_none(self):
        self.manifests(self.clients)
        for what, faults in FAILURES.items():
            with self.subTest(what):
                self.server.control("/reset", "POST")
                self.server.faults(*faults)
                controller = self.controller(self.server.endpoint, self.path("manifests"), *self.flags, "--log-level", "debug",
                                             "--interval", "100ms", env=self.env)
                self.wait_for_cycles(controller, 2)
                self.write("manifests/stated.json", worker_client("stated", client_secret=IN_MANIFEST + "2"))
                self.wait_for_cycles(controller, controller.cycles() + 2)
                for path in ("/metrics", "/status", "/", "/healthz", "/readyz"):
                    self.clean(controller.get(path).text(), f"{path} with {what}")
                controller.end()
                self.clean(controller.stdout() + controller.stderr(), f"the log with {what}")
                self.write("manifests/stated.json", self.clients[0])

    def test_an_answer_that_repeats_the_request_is_not_shown(self):
        for how in ECHOES:
            with self.subTest(how):
                web = self.web(lambda method, path, headers: echo(web, method, how))  # pylint: disable=cell-var-from-loop
                self.manifests([worker_client("app", client_secret=IN_MANIFEST)])
                file = self.write("generated.json", worker_client("generated"))
                said = [self.command("import", "--endpoint", web.url, "--fail-after", "0s", file, self.path("manifests/app.json")),
                        self.command("run", "--once", "--endpoint", web.url, "--manifests", self.path("manifests"), "--output", "json")]
                self.assertEqual([result.code for result in said], [1, 1])
                # What may be in force and nobody knows is printed, once, for its owner: see `import`.
                text = "".join(re.sub("^Unconfirmed .*\n", "", result.out, flags=re.M) + result.err for result in said)
                self.clean(text, how)
                sent = [json.loads(body)["client_secret"] for method, _, _, body in web.seen if method == "POST"]
                self.assertGreaterEqual(len(sent), 2, "by both commands")
                for secret in sent:
                    self.assertNotIn(secret[:8], text)

    def test_a_generated_secret_stands_only_in_its_line(self):
        file = self.write("app.json", worker_client("app"))
        result = self.succeed("import", "--endpoint", self.server.endpoint, file)
        secret = self.server.clients()["app"]["client_secret"]
        self.assertEqual((result.out.count(secret), result.err.count(secret)), (1, 0))

    def test_the_registration_access_token_that_hydra_gives_is_never_shown(self):
        self.manifests([public_client("app")])
        self.run_all(self.server, "no failure")
        file = self.write("other.json", public_client("other"))
        said = self.succeed("import", "--endpoint", self.server.endpoint, "--output", "json", file).said()
        said += self.succeed("plan", "--endpoint", self.server.endpoint, "--manifests", self.path("manifests"), "--output", "json").said()
        self.assertNotIn("registration_access_token", said)

    def test_nothing_is_left_in_the_temporary_folder(self):
        key = argument(Keyring(self).make("someone@example.org", "rsa"))
        file = self.write("app.json", worker_client("app"))
        before = set(os.listdir(self.folder))
        self.succeed("import", "--endpoint", self.server.endpoint, "--pgp-key", key, file)
        self.fail_with(1, "import", "--endpoint", self.server.endpoint, "--pgp-key", key, file)
        self.assertEqual(set(os.listdir(self.folder)), before, "not even GnuPG's own folder")


if __name__ == "__main__":
    unittest.main()
